"""Forward and backward beside each other, for nets that are a chain of layers: what autograd does, written out.

    forward                                   backward, from the output layer down
    z_l = y_(l-1) W_l + b_l                   dE/dW_l = y_(l-1)' dE/dz_l     dE/db_l = sum over the batch dE/dz_l
    s_l = z_l, or BatchNorm of it             dE/dz_l = dE/ds_l, or through BatchNorm
    s_l + y_(l-2)  (residual)                 dE/ds_l also goes to y_(l-2)
    y_l = f(s_l)                              dE/ds_l = dE/dy_l f'(s_l)      dE/dy_(l-1) = dE/dz_l W_l'

Small nets spend their time on keeping books, not on products: autograd's graph is four fifths of a step there. So the
chain is gone back by hand, operation by operation the same; tests hold it to autograd. What is no chain (convolution,
maxout, PReLU, dropout, injected shift) goes back by autograd, see nets.py.

Source: Ioffe and Szegedy 2015 give BatchNorm's backward pass (section 3); the rest is Rumelhart et al. 1986.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from nnhistory.eras.deep_2010.activations import activate
from nnhistory.eras.deep_2010.nets import Net, Noise, Pass, error_of, forward
from nnhistory.eras.deep_2010.norm import EPS, SHARE, Norm
from nnhistory.eras.deep_2010.one import One

__all__ = ["Learner", "is_chain"]

# Named once: looking an operation up costs as much as it does on a small net.
_aten = torch.ops.aten
_THROUGH = {
    "sigmoid": _aten.sigmoid_backward.default,
    "tanh": _aten.tanh_backward.default,
    "relu": _aten.threshold_backward.default,
    "leaky_relu": _aten.leaky_relu_backward.default,
    "elu": _aten.elu_backward.default,
}
_norm_backward = _aten.native_batch_norm_backward.default
_ALL = [True, True, True]


def is_chain(config: Mapping[str, Any]) -> bool:
    """Whether the way back is written out here."""
    return not (config["conv"] or config["unit"] in ("maxout", "prelu", "step") or config["dropout"] or config["shift"])


class Learner:
    """There and back for one batch. Both ways give the same Pass and the same slopes.

    mean : E is divided by the patterns of the batch, instead of adding up over them.
    noise : what is random in training. slots : where the slopes of the parameters are put, in a chain; of large
    stacks, making room for them anew in each step takes as long as a product.
    """

    def __init__(self, net: Net, noise: Noise, mean: bool, slots: list[Tensor] | None = None) -> None:
        self.net, self.noise, self.mean = net, noise, mean
        self._slots: Sequence[Tensor | None] = slots or [None] * (2 * net.depth)
        self.written_out = is_chain(net.config)
        self._learned = net.parameters()
        self._single = len(net.W[0]) == 1
        self._turned = [W.mT for W in net.W]
        self._flat_norms = [_as_rows(n) for n in net.norm] if self._single else []
        if not self.written_out:
            for one in self._learned:
                one.requires_grad_()
        alone = self.written_out and slots is not None and len(net.W[0]) == 1
        self.one = One(net, mean, slots) if alone and slots is not None else None

    def forward(self, x: Tensor, learns: bool = True) -> Pass:
        """All layers, in train mode. x (B, d), or (N, B, d).

        learns : the step changes running averages, and noise is added.
        """
        if not self.written_out:
            return forward(self.net, x, train=True, noise=self.noise if learns else None)
        return self._chain(x, learns) if self.one is None else self.one.forward(x, learns)

    def error(self, p: Pass, d: Tensor) -> Tensor:
        """E of every pattern, (N, B). d (B, k), or (N, B, k)."""
        return error_of(self.net, p, d)

    def loss(self, p: Pass, d: Tensor) -> float:
        """The mean of E over this batch, of the first net."""
        if self.one is not None:
            return self.one.loss(d)
        return self.error(p, d)[0].mean().item()

    def slopes(self, p: Pass, d: Tensor) -> list[Tensor]:
        """dE/dz of every layer, then dE of every parameter, in the order of `Net.parameters`."""
        if self.one is not None:
            return self.one.back(d)
        if self.written_out:
            return self._back(p, d)
        error = self.error(p, d)
        total = error.sum()
        total = total / error.shape[1] if self.mean else total
        return list(torch.autograd.grad(total, [*p.pre, *self._learned]))

    def _chain(self, x: Tensor, learns: bool) -> Pass:
        net, config = self.net, self.net.config
        unit, leak, residual, last = config["unit"], config["leak"], config["residual"], net.depth - 1
        pre: list[Tensor] = []
        act: list[Tensor] = []
        seen: list[Tensor] = []
        given: list[Tensor] = []
        batches: list[tuple[Tensor, Tensor]] = []
        y = x.expand(len(net.W[0]), *x.shape[-2:])
        for layer in range(net.depth):
            seen.append(y)
            s = torch.baddbmm(net.b[layer], y, net.W[layer])
            pre.append(s)
            if layer == last:
                y = activate(net.function(layer), s)
            else:
                if net.norm:
                    s, of_batch = self._normalise(layer, s, learns)
                    batches.append(of_batch)
                if residual and layer >= 2 and layer % 2 == 0:
                    s = s + act[layer - 2]
                y = activate(unit, s, leak)
            given.append(s)
            act.append(y)
        return Pass(pre, act, given[-1], seen, given, batches)

    def _back(self, p: Pass, d: Tensor) -> list[Tensor]:
        net, config, count = self.net, self.net.config, self.net.depth
        unit, residual, slots = config["unit"], config["residual"], self._slots
        delta, dW, db, norms = [p.last] * count, [p.last] * count, [p.last] * count, [p.last] * (2 * len(net.norm))
        skipped: dict[int, Tensor] = {}
        dz = self._at_the_end(p, d)
        if self.mean:
            dz = dz / d.shape[-2]
        for layer in range(count - 1, -1, -1):
            if layer < count - 1:
                dy = torch.bmm(dz, self._turned[layer + 1])
                if layer in skipped:
                    dy = dy + skipped[layer]
                dz = _through(unit, dy, p.given[layer], p.act[layer], config["leak"])
                if residual and layer >= 2 and layer % 2 == 0:
                    skipped[layer - 2] = dz
                if net.norm:
                    dz, norms[2 * layer], norms[2 * layer + 1] = self._normalise_back(layer, dz, p)
            delta[layer] = dz
            dW[layer] = torch.bmm(p.seen[layer].mT, dz, out=slots[layer])
            db[layer] = torch.sum(dz, dim=1, keepdim=True, out=slots[count + layer])
        return [*delta, *dW, *db, *norms]

    def _at_the_end(self, p: Pass, d: Tensor) -> Tensor:
        """dE/dz of the output layer, pattern by pattern."""
        output, z, y = self.net.config["output"], p.last, p.act[-1]
        if self.net.config["loss"] == "squared":
            return _through(output, y - d, z, y, 0.0)
        if output == "softmax":
            return y * d.sum(dim=-1, keepdim=True) - d
        return y - d

    def _normalise(self, layer: int, z: Tensor, learns: bool) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Each unit of each net by this batch; (N, B, n) lies as (B, N n) for it. And the batch: mean, 1/spread."""
        gamma, beta, mean, var = self._flat_norms[layer] if self._single else _as_rows(self.net.norm[layer])
        if learns and z.shape[1] > 1:
            s, *batch = torch.native_batch_norm(self._flat(z), gamma, beta, mean, var, True, SHARE, EPS)
        else:
            s, *batch = torch.native_batch_norm(self._flat(z), gamma, beta, None, None, True, SHARE, EPS)
            if learns:  # one pattern: its variance is 0, and there is no unbiased one
                norm = self.net.norm[layer]
                norm.mean.mul_(1.0 - SHARE).add_(z.mean(dim=1, keepdim=True), alpha=SHARE)
                norm.var.mul_(1.0 - SHARE)
        return self._nets(s, z), (batch[0], batch[1])

    def _normalise_back(self, layer: int, ds: Tensor, p: Pass) -> tuple[Tensor, Tensor, Tensor]:
        z, (at, spread) = p.pre[layer], p.batches[layer]
        gamma = self._flat_norms[layer][0] if self._single else self.net.norm[layer].gamma.reshape(-1)
        dz, dgamma, dbeta = _norm_backward(
            self._flat(ds), self._flat(z), gamma, None, None, at, spread, True, EPS, _ALL
        )  # fmt: skip
        like = self.net.norm[layer].gamma
        return self._nets(dz, z), dgamma.view_as(like), dbeta.view_as(like)

    def _flat(self, z: Tensor) -> Tensor:
        """(N, B, n) as (B, N n)."""
        return z.squeeze(0) if self._single else z.transpose(0, 1).reshape(z.shape[1], -1)

    def _nets(self, s: Tensor, like: Tensor) -> Tensor:
        """(B, N n) as (N, B, n)."""
        return s.unsqueeze(0) if self._single else s.view(like.shape[1], like.shape[0], -1).transpose(0, 1)


def _as_rows(norm: Norm) -> list[Tensor]:
    """gamma, beta, mean, variance, each (N n,). The latter two are the norm's own: they are changed in place."""
    return [row.reshape(-1) for row in (norm.gamma, norm.beta, norm.mean, norm.var)]


def _through(unit: str, dy: Tensor, z: Tensor, y: Tensor, leak: float) -> Tensor:
    """dE/dz = dE/dy f'(z), y = f(z)."""
    dz = dy
    match unit:
        case "sigmoid" | "tanh":
            dz = _THROUGH[unit](dy, y)
        case "relu":
            dz = _THROUGH[unit](dy, y, 0.0)
        case "leaky_relu":
            dz = _THROUGH[unit](dy, z, leak, False)
        case "elu":
            dz = _THROUGH[unit](dy, 1.0, 1.0, 1.0, False, z)
    return dz
