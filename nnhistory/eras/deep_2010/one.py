"""The chain of chain.py for one net alone, made for speed: two axes, and no room taken anew in each step.

A small net spends its time between the operations. Here every tensor of a batch, and every view of it, is made once for
each size of batch and written into again; an operation less counts more than a product. The formulas are those of
chain.py, and tests hold both to autograd.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from nnhistory.eras.deep_2010.activations import activate
from nnhistory.eras.deep_2010.nets import Net, Pass, error_of
from nnhistory.eras.deep_2010.norm import EPS, SHARE

__all__ = ["One"]

_aten = torch.ops.aten
_norm_backward = _aten.native_batch_norm_backward.default
_sigmoid_backward = _aten.sigmoid_backward.grad_input
_tanh_backward = _aten.tanh_backward.grad_input
_threshold_backward = _aten.threshold_backward.grad_input
_leaky_relu_backward = _aten.leaky_relu_backward.grad_input
_elu_backward = _aten.elu_backward.grad_input
_ALL = [True, True, True]
_NARROW = 16
"""Units from which on products of several layers are taken at once: of narrower ones the sums come in another order."""


class _Room:
    """All that a batch of B patterns needs, with the net's axis for whoever looks (`p`, `delta`) and without."""

    def __init__(self, net: Net, count: int) -> None:
        alike = _alike(net)

        def rows() -> list[Tensor]:
            some = [W.new_empty((1, count, W.shape[2]), requires_grad=False) for W in net.W]
            if alike:
                behind = net.W[0].new_empty((alike, count, net.W[0].shape[2]), requires_grad=False)
                some[:alike] = [behind[layer : layer + 1] for layer in range(alike)]
                self.all.append(behind)
            return some

        self.all: list[Tensor] = []
        """Hidden layers alike lie one behind another: their sums, outputs and slopes, each (layers, B, n)."""
        pre, act, self.delta = rows(), rows(), rows()
        self.seen = self.all[1][:-1].mT if alike else act[0]
        self.p = Pass(pre, act, pre[-1])
        self.s, self.y, self.dz = ([one[0] for one in some] for some in (pre, act, self.delta))
        self.given = list(self.s)
        """What each function is given: the sums, or what a norm or a residual link made of them."""
        self.seen_turned = [y.t() for y in self.y]
        self.x = self.s[-1]
        self.batches: list[tuple[Tensor, Tensor]] = [(self.x, self.x)] * len(net.norm)
        self.dnorms = [self.x] * (2 * len(net.norm))


class One:
    """There and back for one net. See `chain.Learner`, which it is a part of.

    slots : where the slopes of the parameters are put, in the order of `Net.parameters`.
    """

    def __init__(self, net: Net, mean: bool, slots: Sequence[Tensor]) -> None:
        config, L = net.config, net.depth
        self.net, self.mean, self.slots = net, mean, list(slots)
        self.unit, self.output, self.leak = config["unit"], config["output"], config["leak"]
        self.crossed = config["loss"] == "cross_entropy"
        self.softmax = self.crossed and self.output == "softmax"
        self.residual = config["residual"]
        self.W, self.b = [W[0] for W in net.W], [b.view(-1) for b in net.b]
        self.turned = [W.t() for W in self.W]
        self.dW, self.db = [g[0] for g in self.slots[:L]], [g.view(-1) for g in self.slots[L : 2 * L]]
        self.norms = [[row.view(-1) for row in (n.gamma, n.beta, n.mean, n.var)] for n in net.norm]
        self.dnorms = [g.view(-1) for g in self.slots[2 * L :]]
        # Slopes of layers alike, where they lie one behind another, are found at once: (layers, n, n) and (layers, n).
        alike = _alike(net)
        self.together = _behind(self.slots[1:alike]), _behind(self.slots[L : L + alike])
        self._rooms: dict[int, _Room] = {}

    def _room(self, count: int) -> _Room:
        if count not in self._rooms:
            self._rooms[count] = _Room(self.net, count)
        return self._rooms[count]

    def forward(self, x: Tensor, learns: bool) -> Pass:
        """x (B, d). What is handed back holds until the next batch of this size."""
        room, last = self._room(len(x)), len(self.W) - 1
        room.x = y = x
        for layer in range(last):
            s = torch.addmm(self.b[layer], y, self.W[layer], out=room.s[layer])
            if self.norms:
                s = self._normalise(layer, s, room, learns)
            if self.residual and layer >= 2 and layer % 2 == 0:
                s = s + room.y[layer - 2]
            room.given[layer] = s
            y = room.y[layer]
            _activate(self.unit, s, self.leak, y)
        s = torch.addmm(self.b[last], y, self.W[last], out=room.s[last])
        _activate(self.output, s, self.leak, room.y[last])
        return room.p

    def loss(self, d: Tensor) -> float:
        """The mean of E over the batch of this size that went forward last."""
        room = self._room(len(d))
        if not self.softmax:
            return error_of(self.net, room.p, d)[0].mean().item()
        return float(room.s[-1].log_softmax(-1).mul_(d).sum().item() / -len(d))

    def back(self, d: Tensor) -> list[Tensor]:
        """dE/dz of every layer, then dE of every parameter, of the batch of this size that went forward last."""
        room, last = self._room(len(d)), len(self.W) - 1
        skipped: dict[int, Tensor] = {}
        dW, db = self.together
        self._at_the_end(room, d)
        for layer in range(last, -1, -1):
            dz = room.dz[layer]
            if layer < last:
                torch.mm(room.dz[layer + 1], self.turned[layer + 1], out=dz)
                if layer in skipped:
                    dz.add_(skipped[layer])
                _through(self.unit, dz, room.given[layer], room.y[layer], self.leak)
                if self.residual and layer >= 2 and layer % 2 == 0:
                    skipped[layer - 2] = dz.clone() if self.norms else dz
                if self.norms:
                    self._normalise_back(layer, dz, room)
            if dW is None or layer in (0, last):
                torch.mm(room.seen_turned[layer - 1] if layer else room.x.t(), dz, out=self.dW[layer])
            if db is None or layer == last:
                torch.sum(dz, 0, out=self.db[layer])
        if dW is not None:
            torch.bmm(room.seen, room.all[2][1:], out=dW)
        if db is not None:
            torch.sum(room.all[2], 1, keepdim=True, out=db)
        if self.dnorms:
            torch._foreach_copy_(self.dnorms, room.dnorms)
        return [*room.delta, *self.slots]

    def _at_the_end(self, room: _Room, d: Tensor) -> None:
        """dE/dz of the output layer."""
        dz, y = room.dz[-1], room.y[-1]
        if self.softmax:
            torch.mul(y, d.sum(dim=-1, keepdim=True), out=dz).sub_(d)
        else:
            torch.sub(y, d, out=dz)
            if not self.crossed:
                _through(self.output, dz, room.s[-1], y, 0.0)
        if self.mean:
            dz.div_(len(d))

    def _normalise(self, layer: int, z: Tensor, room: _Room, learns: bool) -> Tensor:
        gamma, beta, mean, var = self.norms[layer]
        if learns and len(z) > 1:
            s, at, spread = torch.native_batch_norm(z, gamma, beta, mean, var, True, SHARE, EPS)
        else:
            s, at, spread = torch.native_batch_norm(z, gamma, beta, None, None, True, SHARE, EPS)
            if learns:  # one pattern: its variance is 0, and there is no unbiased one
                mean.mul_(1.0 - SHARE).add_(z[0], alpha=SHARE)
                var.mul_(1.0 - SHARE)
        room.batches[layer] = at, spread
        return s

    def _normalise_back(self, layer: int, ds: Tensor, room: _Room) -> None:
        at, spread = room.batches[layer]
        dz, dgamma, dbeta = _norm_backward(
            ds, room.s[layer], self.norms[layer][0], None, None, at, spread, True, EPS, _ALL
        )  # fmt: skip
        ds.copy_(dz)
        room.dnorms[2 * layer : 2 * layer + 2] = dgamma, dbeta


def _alike(net: Net) -> int:
    """How many hidden layers there are, if they are all of one size and not narrow; else 0."""
    widths = {W.shape[2] for W in net.W[:-1]}
    return net.depth - 1 if net.depth > 2 and len(widths) == 1 and min(widths) >= _NARROW else 0


def _behind(some: Sequence[Tensor]) -> Tensor | None:
    """Tensors (1, ...) that lie one behind another in memory as one (many, ...). None if they do not, or are none."""
    size = some[0].numel() * some[0].element_size() if some else 0
    if not some or any(one.data_ptr() != some[0].data_ptr() + k * size for k, one in enumerate(some)):
        return None
    return some[0].as_strided((len(some), *some[0].shape[1:]), some[0].stride())


def _activate(unit: str, s: Tensor, leak: float, y: Tensor) -> None:
    """y = f(s), into y."""
    match unit:
        case "relu":
            torch.clamp_min(s, 0.0, out=y)
        case "sigmoid":
            torch.sigmoid(s, out=y)
        case "tanh":
            torch.tanh(s, out=y)
        case "softmax":
            torch.softmax(s, -1, out=y)
        case _:
            y.copy_(activate(unit, s, leak))


def _through(unit: str, dz: Tensor, z: Tensor, y: Tensor, leak: float) -> None:
    """dE/dz = dE/dy f'(z), y = f(z): dz is dE/dy before, and dE/dz after."""
    match unit:
        case "relu":
            _threshold_backward(dz, y, 0.0, grad_input=dz)
        case "sigmoid":
            _sigmoid_backward(dz, y, grad_input=dz)
        case "tanh":
            _tanh_backward(dz, y, grad_input=dz)
        case "leaky_relu":
            _leaky_relu_backward(dz, z, leak, False, grad_input=dz)
        case "elu":
            _elu_backward(dz, 1.0, 1.0, 1.0, False, z, grad_input=dz)
