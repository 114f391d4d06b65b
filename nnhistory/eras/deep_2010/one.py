"""The chain of chain.py for one net alone on the processor, made for speed: no room is taken anew in each step.

A small net spends its time between the operations. Here every tensor of a batch, and every view of it, is made once for
each size of batch and written into again. Forward by torch, which has the faster exponentials; back by NumPy in the
memory of the same tensors, which needs less time between two operations. The formulas are those of chain.py, to
rounding; tests hold both to autograd.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.activations import activate
from nnhistory.eras.deep_2010.nets import Net, Pass, error_of
from nnhistory.eras.deep_2010.norm import EPS, SHARE

__all__ = ["One"]

_leaky_relu_backward = torch.ops.aten.leaky_relu_backward.grad_input
_elu_backward = torch.ops.aten.elu_backward.grad_input


class _Room:
    """All that a batch of B patterns needs, with the net's axis for whoever looks (`p`, `delta`) and without."""

    def __init__(self, net: Net, count: int) -> None:
        def rows() -> list[Tensor]:
            return [W.new_empty((1, count, W.shape[2]), requires_grad=False) for W in net.W]

        pre, act, self.delta = rows(), rows(), rows()
        self.p = Pass(pre, act, pre[-1])
        self.s, self.y, self.dz = ([one[0] for one in some] for some in (pre, act, self.delta))
        self.given = list(self.s)
        """What each function is given: the sums, or what a norm or a residual link made of them."""
        self.x = self.s[-1]
        self.batches: list[tuple[Tensor, Tensor]] = [(self.x, self.x)] * len(net.norm)
        self.sums, self.outs, self.back = ([one.numpy() for one in some] for some in (self.s, self.y, self.dz))
        """The memory of s, y and dz."""
        self.turned = [y.T for y in self.outs]
        self.between, self.normed = ([np.empty_like(y) for y in self.outs] for _ in range(2))
        self.ones = np.ones(count, dtype=self.outs[0].dtype)


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
        self.turned = [W.numpy().T for W in self.W]
        self.dW, self.db = [g[0].numpy() for g in self.slots[:L]], [g.view(-1).numpy() for g in self.slots[L : 2 * L]]
        self.norms = [[row.view(-1) for row in (n.gamma, n.beta, n.mean, n.var)] for n in net.norm]
        self.gammas = [norm[0].numpy() for norm in self.norms]
        self.dnorms = [g.view(-1).numpy() for g in self.slots[2 * L :]]
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
        return float(-np.vdot(d.numpy(), room.s[-1].log_softmax(-1).numpy())) / len(d)

    def back(self, d: Tensor) -> list[Tensor]:
        """dE/dz of every layer, then dE of every parameter, of the batch of this size that went forward last."""
        room, last = self._room(len(d)), len(self.W) - 1
        skipped: dict[int, Array] = {}
        with np.errstate(over="ignore", invalid="ignore"):  # what runs out of range is for the detectors to say
            self._at_the_end(room, d.numpy())
            for layer in range(last, -1, -1):
                dz = room.back[layer]
                if layer < last:
                    np.dot(room.back[layer + 1], self.turned[layer + 1], dz)
                    if layer in skipped:
                        dz += skipped[layer]
                    _through(self.unit, room, layer, self.leak)
                    if self.residual and layer >= 2 and layer % 2 == 0:
                        skipped[layer - 2] = dz.copy() if self.norms else dz
                    if self.norms:
                        self._normalise_back(layer, dz, room)
                np.dot(room.turned[layer - 1] if layer else room.x.numpy().T, dz, self.dW[layer])
                np.dot(room.ones, dz, self.db[layer])
        return [*room.delta, *self.slots]

    def _at_the_end(self, room: _Room, d: Array) -> None:
        """dE/dz of the output layer."""
        dz, y = room.back[-1], room.outs[-1]
        if self.softmax:
            np.multiply(y, np.add.reduce(d, axis=1, keepdims=True), out=dz)
            dz -= d
        else:
            np.subtract(y, d, out=dz)
            if not self.crossed:
                _through(self.output, room, -1, 0.0)
        if self.mean:
            dz /= len(d)

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

    def _normalise_back(self, layer: int, ds: Array, room: _Room) -> None:
        """dE/dz = gamma / spread (dE/ds - mean dE/ds - z^ mean (dE/ds z^)), in place."""
        normed, between, count = room.normed[layer], room.between[layer], len(ds)
        at, over_spread = (one.numpy() for one in room.batches[layer])
        np.subtract(room.sums[layer], at, out=normed)
        normed *= over_spread
        np.multiply(ds, normed, out=between)
        dgamma = np.dot(room.ones, between, self.dnorms[2 * layer])
        dbeta = np.dot(room.ones, ds, self.dnorms[2 * layer + 1])
        normed *= dgamma / count
        ds -= normed
        ds -= dbeta / count
        ds *= self.gammas[layer] * over_spread


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


def _through(unit: str, room: _Room, layer: int, leak: float) -> None:
    """dE/dz = dE/dy f'(z), y = f(z): dz is dE/dy before, and dE/dz after."""
    dz, y, slope = room.back[layer], room.outs[layer], room.between[layer]
    match unit:
        case "relu":
            np.sign(y, out=slope)
            dz *= slope
        case "sigmoid":
            np.subtract(1.0, y, out=slope)
            slope *= y
            dz *= slope
        case "tanh":
            np.multiply(y, y, out=slope)
            np.subtract(1.0, slope, out=slope)
            dz *= slope
        case "leaky_relu":
            _leaky_relu_backward(room.dz[layer], room.given[layer], leak, False, grad_input=room.dz[layer])
        case "elu":
            _elu_backward(room.dz[layer], 1.0, 1.0, 1.0, False, room.given[layer], grad_input=room.dz[layer])
