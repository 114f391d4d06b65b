"""The net: many layers, and as many nets of one shape beside each other as one likes (one net: N = 1).

    z_l = y_(l-1) W_l + b_l;   z_l normalised (BatchNorm);   + y_(l-2) (residual, every second layer);   y_l = f(z_l)

    squared        E = 1/2 sum (y - d)^2
    cross-entropy  E = -sum d ln y  of a softmax;  sum ln(1 + e^z) - d z  of sigmoids

There is no backward here: derivatives are found by the machine (reverse accumulation, Linnainmaa 1970; Theano 2010).
Residual: He et al. 2016 (CVPR), eq. 1, two layers in a block, added before the last f.
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
from nnhistory.eras.deep_2010.inits import first_weights, sizes_of
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

    @property
    def depth(self) -> int:
        return len(self.W)

    def parameters(self) -> list[Tensor]:
        """Everything that is learned: all W, all b, then gamma and beta, then the slopes."""
        norms = [tensor for norm in self.norm for tensor in (norm.gamma, norm.beta)]
        return [*self.W, *self.b, *norms, *self.slope]

    def function(self, layer: int) -> str:
        return str(self.config["output"] if layer == self.depth - 1 else self.config["unit"])


@dataclass
class Pass:
    """One batch on its way. Shapes: pre[l] (N, B, n_out), the sums as they are before any norm; act[l] (N, B, n)."""

    pre: list[Tensor]
    act: list[Tensor]
    last: Tensor
    """What the last function is given, (N, B, k)."""


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
    shape: tuple[int, int],
    rng: np.random.Generator,
    start: Layers | None,
    tensor: Callable[[Array], Tensor],
) -> Net:
    """N nets with the first weights. The first of them is the net that a run with nets = 1 has."""
    sizes = sizes_of(config, *shape)
    if config["residual"] and len(set(sizes[1:-1])) > 1:
        raise BadInput(
            "residual links add layers up, so all hidden layers need one size", key="residual",
            remedy="Leave hidden empty, and use layers and units",
        )  # fmt: skip
    if config["residual"] and config["unit"] == "maxout":
        raise BadInput("residual links and maxout do not go together here", key="unit", remedy='Write unit = "relu"')
    drawn = [first_weights(config, sizes, rng, start) for _ in range(config["nets"])]
    W = [tensor(np.stack([net[0][layer] for net in drawn])) for layer in range(len(sizes) - 1)]
    b = [tensor(np.stack([net[1][layer] for net in drawn])[:, None]) for layer in range(len(sizes) - 1)]
    net = Net(config, W, b)
    if config["batchnorm"]:
        for bias in b[:-1]:
            ones, zeros = bias.new_ones(bias.shape), bias.new_zeros(bias.shape)
            net.norm.append(Norm(ones, zeros, zeros.clone(), ones.clone()))
    if config["unit"] == "prelu":
        net.slope += [bias.new_full(bias.shape, 0.25) for bias in b[:-1]]
    return net


def forward(net: Net, x: Tensor, *, train: bool, noise: Noise | None = None) -> Pass:
    """All layers. x (B, d). train : BatchNorm by this batch, else by its running averages.

    noise : given only in a step that learns; the running averages follow such steps alone.
    """
    pre: list[Tensor] = []
    act: list[Tensor] = []
    y = z = x.expand(len(net.W[0]), *x.shape)
    for layer in range(net.depth):
        z = net.b[layer] + y @ net.W[layer]
        pre.append(z)
        if layer == net.depth - 1:
            act.append(activate(net.function(layer), z))
            break
        if net.norm:
            z = normalise(net.norm[layer], z, of_batch=train, remember=noise is not None)
        if noise is not None:
            z = noise.disturb(z)
        if net.config["residual"] and layer >= 2 and layer % 2 == 0:
            z = z + act[layer - 2]
        a = net.slope[layer] if net.slope else net.config["leak"]
        y = activate(net.config["unit"], z, a, net.config["pieces"])
        act.append(y)
        if noise is not None:
            y = noise.drop(y)
    return Pass(pre, act, z)


def error_of(net: Net, p: Pass, d: Tensor) -> Tensor:
    """E of every pattern, (N, B). d (B, k)."""
    if net.config["loss"] == "squared":
        return 0.5 * (p.act[-1] - d).square().sum(dim=-1)
    if net.config["output"] == "softmax":
        return -(d * p.last.log_softmax(dim=-1)).sum(dim=-1)
    return (p.last.logaddexp(p.last.new_zeros(())) - d * p.last).sum(dim=-1)
