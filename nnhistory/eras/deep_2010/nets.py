"""The net: many layers, and as many nets of one shape beside each other as one likes (one net: N = 1).

    z_l = y_(l-1) W_l + b_l;   z_l normalised (BatchNorm);   + y_(l-2) (residual, every second layer);   y_l = f(z_l)

A convolution is the same line once for each place of the picture: y_(l-1) is then what one kernel sees there, and the
places stand among the patterns, (N, B places, n). After f the largest of each pool x pool places goes on.

    squared        E = 1/2 sum (y - d)^2
    cross-entropy  E = -sum d ln y  of a softmax;  sum ln(1 + e^z) - d z  of sigmoids

There is no backward here: derivatives are found by the machine (reverse accumulation, Linnainmaa 1970; Theano 2010);
for nets that are a chain of layers they are written out in chain.py.
Residual: He et al. 2016 (CVPR), eq. 1, two layers in a block, added before the last f. Convolution: LeCun et al. 1989.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.activations import activate
from nnhistory.eras.deep_2010.conv import convolve, pooled
from nnhistory.eras.deep_2010.inits import first_weights, shapes_of
from nnhistory.eras.deep_2010.norm import Norm, normalise

if TYPE_CHECKING:
    from torch import Generator, Tensor

__all__ = ["Net", "Noise", "Pass", "build", "error_of", "forward"]


@dataclass
class Net:
    """N nets of L layers of weights. Shapes: W[l] (N, n_in, n_out), b[l] (N, 1, n_out), counted from the input side.

    norm[l], slope[l] (N, 1, n) : of hidden layers, empty without BatchNorm or PReLU. For maxout n_out counts sums.
    """

    config: Mapping[str, Any]
    W: list[Tensor]
    b: list[Tensor]
    norm: list[Norm] = field(default_factory=list)
    slope: list[Tensor] = field(default_factory=list)
    picture: tuple[int, int] = (0, 0)
    """Rows and columns of an input, where the first layers are convolutions."""

    @property
    def depth(self) -> int:
        return len(self.W)

    def parameters(self) -> list[Tensor]:
        """Everything that is learned: all W, all b, then gamma and beta, then the slopes."""
        norms = [tensor for norm in self.norm for tensor in (norm.gamma, norm.beta)]
        return [*self.W, *self.b, *norms, *self.slope]

    def frozen(self) -> list[bool]:
        """Which of the parameters stay as they are: all those of the first layers."""
        still, L = [layer < self.config["frozen"] for layer in range(self.depth)], self.depth
        return [*still, *still, *(s for s in still[: L - 1] for _ in "gb" if self.norm), *still[: len(self.slope)]]

    def function(self, layer: int) -> str:
        return str(self.config["output"] if layer == self.depth - 1 else self.config["unit"])

    def still(self) -> Net:
        """The same tensors, for looking only: no trace of what is computed is kept for derivatives."""
        norms = [Norm(n.gamma.detach(), n.beta.detach(), n.mean, n.var) for n in self.norm]
        W, b, slopes = ([one.detach() for one in some] for some in (self.W, self.b, self.slope))
        return Net(self.config, W, b, norms, slopes, self.picture)

    def copies(self, times: int, which: int = 0) -> Net:
        """One of the nets, so many times: the same tensors, N = times."""

        def one(some: list[Tensor]) -> list[Tensor]:
            return [each[which : which + 1].expand(times, *each.shape[1:]) for each in some]

        norms = [Norm(*one([n.gamma, n.beta, n.mean, n.var])) for n in self.norm]
        return Net(self.config, one(self.W), one(self.b), norms, one(self.slope), self.picture)


@dataclass
class Pass:
    """One batch on its way. Shapes: pre[l] (N, B, n_out), the sums as they are before any norm; act[l] (N, B, n).

    Of a convolution B counts the places of every pattern, act[l] is what they are before pooling.
    """

    pre: list[Tensor]
    act: list[Tensor]
    last: Tensor
    """What the last function is given, (N, B, k)."""
    seen: list[Tensor] = field(default_factory=list)
    """Of a chain whose way back is written out (chain.py): seen[l] (N, B, n_in), what layer l is given."""
    given: list[Tensor] = field(default_factory=list)
    """Likewise: given[l] (N, B, n_out), what its function is given."""
    batches: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    """Likewise, of hidden layers with a norm: mean and 1/spread of this batch, each (N n_out,)."""


@dataclass
class Noise:
    """What is random in training: units dropped, sums shifted and stretched."""

    generator: Generator
    dropout: float
    shift: float

    def disturb(self, z: Tensor) -> Tensor:
        """Every unit's sums by a factor and a distance of its own, new in each step (Santurkar et al. 2018)."""
        if not self.shift:
            return z
        stretch, move = (
            z.new_empty((*z.shape[:-2], 1, z.shape[-1])).normal_(0.0, self.shift, generator=self.generator)
            for _ in range(2)
        )
        return z * (1.0 + stretch) + move

    def drop(self, y: Tensor) -> Tensor:
        """Each output is 0 with this probability, the others are made larger (Srivastava et al. 2014)."""
        if not self.dropout:
            return y
        kept = y.new_empty(y.shape).bernoulli_(1.0 - self.dropout, generator=self.generator)
        return y * kept / (1.0 - self.dropout)


def build(
    config: Mapping[str, Any],
    shape: tuple[int, int, tuple[int, int] | None],
    rng: np.random.Generator,
    start: Layers | None,
    tensor: Callable[[Array], Tensor],
) -> Net:
    """N nets with the first weights. The first of them is the net that a run with nets = 1 has.

    shape : inputs, outputs, and the rows and columns of an input if it is a picture.
    """
    shapes = shapes_of(config, *shape)
    _check_conv(config, shape[2])
    if config["residual"] and (len({n_out for _, n_out in shapes[:-1]}) > 1 or config["conv"]):
        raise BadInput(
            "residual links add layers up, so all hidden layers need one size", key="residual",
            remedy="Leave hidden and conv empty, and use layers and units",
        )  # fmt: skip
    if config["residual"] and config["unit"] == "maxout":
        raise BadInput("residual links and maxout do not go together here", key="unit", remedy='Write unit = "relu"')
    drawn = [first_weights(config, shapes, rng, start) for _ in range(1 if config["race"] else config["nets"])]
    drawn *= config["nets"] // len(drawn)  # in a race all nets begin alike
    W = [tensor(np.stack([net[0][layer] for net in drawn])) for layer in range(len(shapes))]
    b = [tensor(np.stack([net[1][layer] for net in drawn])[:, None]) for layer in range(len(shapes))]
    net = Net(config, W, b, picture=shape[2] or (0, 0))
    if config["batchnorm"]:
        for bias in b[:-1]:
            ones, zeros = bias.new_ones(bias.shape), bias.new_zeros(bias.shape)
            net.norm.append(Norm(ones, zeros, zeros.clone(), ones.clone()))
    if config["unit"] == "prelu":
        net.slope += [bias.new_full(bias.shape, 0.25) for bias in b[:-1]]
    return net


def _check_conv(config: Mapping[str, Any], picture: tuple[int, int] | None) -> None:
    if not config["conv"]:
        return
    if picture is None:
        raise BadInput(
            "a convolution needs a picture, and these inputs are none", key="conv",
            remedy="Leave conv empty, or take a data set of pictures",
        )  # fmt: skip
    if config["kernel"] % 2 == 0:
        raise BadInput(f"a kernel needs a middle, {config['kernel']} has none", key="kernel", remedy="Write kernel = 3")
    if min(picture) < config["pool"] ** len(config["conv"]):
        raise BadInput(
            f"{len(config['conv'])} poolings leave nothing of {picture[0]} x {picture[1]} pixels", key="conv",
            remedy="Name fewer layers in conv, or write pool = 1",
        )  # fmt: skip


def forward(net: Net, x: Tensor, *, train: bool, noise: Noise | None = None) -> Pass:
    """All layers. x (B, d), or (N, B, d) with other patterns for each net.

    train : BatchNorm by this batch, else by its running averages.
    noise : given only in a step that learns; the running averages follow such steps alone.
    """
    config = net.config
    pre: list[Tensor] = []
    act: list[Tensor] = []
    count, convolved, (rows, columns) = x.shape[-2], len(net.config["conv"]), net.picture
    y = z = x.expand(len(net.W[0]), *x.shape[-2:])
    for layer in range(net.depth):
        if layer < convolved:
            seen = y.reshape(len(y), count, rows, columns, -1)
            z = convolve(seen, net.W[layer], net.b[layer], config["kernel"])
        else:
            z = net.b[layer].baddbmm(y, net.W[layer])
        pre.append(z)
        if layer == net.depth - 1:
            act.append(activate(net.function(layer), z))
            break
        if net.norm:
            z = normalise(net.norm[layer], z, of_batch=train, remember=noise is not None)
        if noise is not None:
            z = noise.disturb(z)
        if config["residual"] and layer >= 2 and layer % 2 == 0:
            z = z + act[layer - 2]
        a = net.slope[layer] if net.slope else config["leak"]
        y = activate(config["unit"], z, a, config["pieces"])
        act.append(y)
        if noise is not None:
            y = noise.drop(y)
        if layer < convolved:
            y = pooled(y.reshape(len(y), count, rows, columns, -1), config["pool"])
            rows, columns = y.shape[2], y.shape[3]
            y = y.flatten(2)
    return Pass(pre, act, z)


def error_of(net: Net, p: Pass, d: Tensor) -> Tensor:
    """E of every pattern, (N, B). d (B, k), or (N, B, k)."""
    if net.config["loss"] == "squared":
        return 0.5 * (p.act[-1] - d).square().sum(dim=-1)
    if net.config["output"] == "softmax":
        return -(d * p.last.log_softmax(dim=-1)).sum(dim=-1)
    return (p.last.logaddexp(p.last.new_zeros(())) - d * p.last).sum(dim=-1)
