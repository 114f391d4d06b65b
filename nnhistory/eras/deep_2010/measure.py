"""What is measured and shown: errors on all patterns, and for every layer its signal, its slope and its change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnhistory.core.moment import Array, Offer
from nnhistory.eras.deep_2010.nets import Net, Pass, error_of, forward
from nnhistory.eras.deep_2010.optim import Optimiser
from nnhistory.eras.deep_2010.task import Task
from nnhistory.eras.deep_2010.theory import constants, spread

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["Measure", "Shown"]

_PROBE = 256
"""Patterns on which the layers are measured: the first ones, always the same."""
_SHOWN = 4096
"""Numbers of a batch that are shown for one layer."""
_LARGE = 8_000
"""Weights from which on a net is large: frames of a thousand kilobytes would fill the memory."""
_ANSWERS = 64
"""Patterns whose outputs are shown."""
_GROUPS = 32
"""Batches of the test set that are answered by their own statistics."""
_EDGE = 0.01
"""A unit within this share of an end of its range is saturated."""


def numpy(tensor: Tensor) -> Array:
    """The first net's part, in main memory: shared where it lies there already."""
    array: Array = tensor.detach()[0].cpu().numpy()
    return array


class Shown:
    """Everything a moment may offer of the first net. Copied only by whoever wants it: a step costs nothing more."""

    def __init__(self, net: Net, optimiser: Optimiser, rows: int) -> None:
        self.net, self.optimiser, self.rows = net, optimiser, rows
        self.x: Array = np.empty((0, 0))
        self.t = self.x
        self.p: Pass | None = None
        self.slopes: list[Tensor] = []
        """dE/dz of every layer, then dE of every parameter."""
        self.answer: Array = np.empty((0, 0))
        self.on: list[Array] = []
        L = net.depth
        self.arrays: dict[str, Offer] = {
            "input": lambda: self.x[: self.rows], "target": lambda: self.t[: self.rows],
            "answer": lambda: self.answer,
        }  # fmt: skip
        for layer in range(L):
            self.arrays[f"weights/{layer}"] = partial(numpy, net.W[layer])
            self.arrays[f"bias/{layer}"] = partial(self._flat, net.b[layer])
            self.arrays[f"pre/{layer}"] = partial(self._of_pass, "pre", layer)
            self.arrays[f"act/{layer}"] = partial(self._of_pass, "act", layer)
            self.arrays[f"delta/{layer}"] = partial(self._slope, layer, self.rows)
            self.arrays[f"grad/{layer}"] = partial(self._slope, L + layer, None)
            self.arrays[f"state/{layer}"] = partial(numpy, optimiser.moved[layer])
            if layer < L - 1:
                self.arrays[f"hidden/{layer}"] = partial(self._on, layer)
        large = sum(W.shape[1] * W.shape[2] for W in net.W) > _LARGE
        inner = {f"{kind}/{k}" for kind in ("weights", "grad", "state") for k in range(1, L - 1)} if large else set()
        for layer, norm in enumerate(net.norm):
            for name in ("gamma", "beta", "mean", "var"):
                self.arrays[f"state/{name}_{layer}"] = partial(self._flat, getattr(norm, name))
        for layer, slope in enumerate(net.slope):
            self.arrays[f"state/slope_{layer}"] = partial(self._flat, slope)

        self.every_step = {name: offer for name, offer in self.arrays.items() if name not in inner}
        """What all moments offer. Of large nets the inner matrices come at the start and the end alone."""

    def _flat(self, tensor: Tensor) -> Array:
        row: Array = numpy(tensor)[0]
        return row

    def _of_pass(self, kind: str, layer: int) -> Array:
        return np.empty((0, 0)) if self.p is None else numpy(getattr(self.p, kind)[layer])[: self.rows]

    def _slope(self, place: int, rows: int | None) -> Array:
        return numpy(self.slopes[place])[:rows]

    def _on(self, layer: int) -> Array:
        return self.on[layer]


class Measure:
    """Looks at a net without changing it."""

    def __init__(
        self,
        config: Mapping[str, Any],
        task: Task,
        net: Net,
        shown: Shown,
        tensor: Callable[[Array], Tensor],
        slopes: Callable[[Net, Pass, Tensor], list[Tensor]],
    ) -> None:
        """tensor : to the device; slopes : dE/dz of every layer, then dE of every parameter."""
        self.config, self.task, self.net, self.shown, self.slopes = config, task, net, shown, slopes
        self.x, self.t = tensor(task.x), tensor(task.t)
        self.test_x = tensor(task.test_x)
        self.fixed = {"chance_loss": self._chance(tensor), "round_steps": float(task.sweep_steps)}
        self.fixed |= constants(config)
        self.fixed |= spread(config, task.x, net.depth, [W.shape[2] for W in net.W])

    def _chance(self, tensor: Callable[[Array], Tensor]) -> float:
        """The error of the best answer that never looks: the mean of what is wanted."""
        mean = np.clip(self.task.t.mean(axis=0), 1e-12, 1.0)
        if self.config["loss"] == "squared":
            return float((0.5 * (self.task.t - mean) ** 2).sum(axis=1).mean())
        each = -self.task.t * np.log(mean)
        if self.config["output"] == "sigmoid":
            each = each - (1.0 - self.task.t) * np.log(np.maximum(1.0 - mean, 1e-12))
        return float(each.sum(axis=1).mean())

    def everything(self) -> dict[str, float]:
        """As `_everything`. Numbers may have run out of range: that is for the detectors to say, not for NumPy."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self._everything()

    def _everything(self) -> dict[str, float]:
        """All patterns forward (test mode), the first ones also back (train mode). Nothing is learned from it."""
        net, task, shown = self.net, self.task, self.shown
        p = forward(net, self.x[:_PROBE], train=True)
        shown.slopes = self.slopes(net, p, self.t[:_PROBE])
        shown.p, shown.x, shown.t = p, task.x[:_PROBE], task.t[:_PROBE]

        whole = forward(net, self.x, train=False)
        y = whole.act[-1].detach().cpu().numpy()
        error = error_of(net, whole, self.t).detach()[0].cpu().numpy()
        shown.answer = y[0, :_ANSWERS]
        right = task.right(y, task.t)
        scalars = {
            "train_loss": float(error.mean()),
            "train_error": float(1.0 - right[0].mean()),
            "solved": float(right[0].all()),
        }
        if len(task.test_x):
            y = forward(net, self.test_x, train=False).act[-1].detach().cpu().numpy()
            correct = task.right(y, task.test_t)
            scalars["test_accuracy"] = float(correct[0].mean())
            if len(y) > 1:
                scalars["test_accuracy_mean"] = float(correct.mean())
                scalars["test_accuracy_least"] = float(correct.mean(axis=1).min())
            if net.norm:
                scalars["test_accuracy_batch"] = self._by_batches()
        shown.on = []
        for layer in range(net.depth):
            scalars |= self._layer(p, layer)
            if layer < net.depth - 1:
                scalars |= self._units(whole.act[layer].detach(), layer)
        hidden = net.depth - 2
        low, high = scalars["delta_rms/0"], scalars[f"delta_rms/{max(0, hidden)}"]
        if hidden >= 1 and low > 0.0 and high > 0.0:
            scalars["backward_factor"] = (low / high) ** (1.0 / hidden)
            scalars["backward_ratio"] = low / high
        return scalars | self.fixed

    def _by_batches(self) -> float:
        """Share of test patterns right if each batch is normalised by itself (train mode at the test)."""
        size = max(2, self.task.batch)
        found = []
        for begin in range(0, min(len(self.test_x) - 1, _GROUPS * size), size):
            x = self.test_x[begin : begin + size]
            y = forward(self.net, x, train=True).act[-1].detach()[0].cpu().numpy()
            found.append(self.task.right(y, self.task.test_t[begin : begin + size]))
        return float(np.concatenate(found).mean())

    def _layer(self, p: Pass, layer: int) -> dict[str, float]:
        y, L = p.act[layer].detach()[0], self.net.depth
        delta, grad = self.shown.slopes[layer][0], self.shown.slopes[L + layer][0]
        found = {
            f"grad_rms/{layer}": _rms(grad),
            f"delta_rms/{layer}": _rms(delta),
            f"act_mean/{layer}": float(y.mean()),
            f"act_sd/{layer}": float(y.std(correction=0)),
            f"saturated/{layer}": _saturated(self.net.function(layer), y),
        }
        if layer:
            found[f"one_sign/{layer}"] = _one_sign(p.act[layer - 1].detach()[0], delta)
        if self.shown.optimiser.t:
            size = _rms(self.net.W[layer].detach()[0])
            moved = _rms(self.shown.optimiser.moved[layer][0])
            found[f"update_ratio/{layer}"] = moved / size if size else 0.0
        return found

    def _units(self, y: Tensor, layer: int) -> dict[str, float]:
        """How often each unit is above 0; of ReLUs, how many never are, on all training patterns. y (N, n, units)."""
        above = (y > 0).to(y.dtype).mean(dim=-2)
        self.shown.on.append(above[0].cpu().numpy())
        if self.config["unit"] != "relu":
            return {}
        dead = (above == 0).to(y.dtype).mean(dim=-1)
        found = {f"dead/{layer}": float(dead[0])}
        if len(dead) > 1:
            found[f"dead_mean/{layer}"] = float(dead.mean())
        return found


def _rms(tensor: Tensor) -> float:
    """Root of the mean square."""
    return float(tensor.square().mean().sqrt())


def _one_sign(seen: Tensor, delta: Tensor) -> float:
    """Share of patterns for which every weight into the first unit of a layer would move the same way.

    seen (B, n_in) : what the layer sees; delta (B, n_out). dE/dw_ij = delta_j seen_i, pattern by pattern.
    """
    each = seen * delta[:, :1]
    same = (each > 0).all(dim=1) | (each < 0).all(dim=1)
    return float(same.to(delta.dtype).mean())


def _saturated(function: str, y: Tensor) -> float:
    """Share of outputs that lie at an end of the range, where the slope is next to nothing. A ReLU has no such ends."""
    if function not in ("sigmoid", "tanh", "softmax"):
        return 0.0
    if function == "tanh":
        y = 0.5 + 0.5 * y
    return float(((y < _EDGE) | (y > 1.0 - _EDGE)).to(y.dtype).mean())
