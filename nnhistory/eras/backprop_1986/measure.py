"""What is measured and shown: errors on all patterns, and for every layer its signal, its slope and its change.

The same for one net and for nets beside each other, whose arrays have an axis of nets before all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Offer
from nnhistory.eras.backprop_1986.beside import Beside
from nnhistory.eras.backprop_1986.copying import Copying
from nnhistory.eras.backprop_1986.known import known
from nnhistory.eras.backprop_1986.net import Net, Pass, answers, backward, forward
from nnhistory.eras.backprop_1986.numbers import Number, mean, rms
from nnhistory.eras.backprop_1986.task import Task

__all__ = ["Measure"]

_PROBE = 256
"""Patterns on which the layers are measured: the first ones, always the same."""
_SHOWN = 4096
"""Numbers of a batch that are shown for one layer."""
_ANSWERS = 64
"""Patterns whose outputs are shown."""
_EDGE = 0.01
"""A unit within this share of an end of its range is saturated."""


class Measure:
    """Looks at a net without changing it."""

    def __init__(
        self, config: Mapping[str, Any], task: Task, net: Net, learned: list[Array], slopes: list[Array],
        moved: list[Array], beside: Beside | None,
    ) -> None:  # fmt: skip
        """learned, slopes, moved : W of all layers, then b; where dE/dw, then dE/db, are put; the last changes."""
        self.config, self.task = config, task
        self.rows = max(1, _SHOWN // max(W.shape[-1] for W in net.W))
        self.mean = config["reduce"] == "mean"
        self.beside = beside
        self.copying = Copying(task, net) if config["wanted"] == "inputs" and len(task.test_x) else None
        self.input = self.target = self.answer = np.empty((0, 0))
        self.forth = self.back = Pass([], [], [])
        """The batch that went forward last, and the one that went back last."""
        self.look_at(net, learned, slopes, moved)

    def look_at(self, net: Net, learned: list[Array], slopes: list[Array], moved: list[Array]) -> None:
        """These weights, slopes and changes, from here on."""
        self.net, self.slopes, self.moved = net, slopes, moved
        self.live: dict[str, Offer] = {
            "input": lambda: self.input[..., : self.rows, :],
            "target": lambda: self.target[..., : self.rows, :],
            "answer": lambda: self.answer,
        }
        """What a moment offers. Looked for only by whoever wants it: a step costs nothing more."""
        for layer in range(net.depth):
            self.live[f"pre/{layer}"] = partial(self._of, "forth", "pre", layer)
            self.live[f"act/{layer}"] = partial(self._of, "forth", "act", layer)
            self.live[f"delta/{layer}"] = partial(self._of, "back", "delta", layer)
            self.live[f"weights/{layer}"], self.live[f"bias/{layer}"] = learned[layer], learned[net.depth + layer]
            self.live[f"grad/{layer}"], self.live[f"state/{layer}"] = slopes[layer], moved[layer]

    def keep(
        self, net: Net, learned: list[Array], slopes: list[Array], moved: list[Array], which: Array
    ) -> None:  # fmt: skip
        """Only these of several nets, from here on."""
        self.look_at(net, learned, slopes, moved)
        self.input, self.target, self.answer = self.input[which], self.target[which], self.answer[which]
        self.forth, self.back = self.forth.of(which), self.back.of(which)

    def _of(self, which: str, kind: str, layer: int) -> Array:
        array: Array = getattr(getattr(self, which), kind)[layer]
        return array[..., : self.rows, :]

    def everything(self, moving: bool = True) -> dict[str, Number]:
        """All patterns forward, the first ones also back; `live` shows these. Nothing is learned from it.

        moving : a step has been made. Of nets beside each other every number is one for each net, (N,).
        """
        task, net = self.task, self.net
        probe, wanted = task.x[..., :_PROBE, :], task.t[..., :_PROBE, :]
        p = forward(net, probe)
        each, dE_dy = task.error(net, p.act[-1], wanted)
        backward(net, p, dE_dy, self.mean, self.slopes)
        self.input, self.target, self.answer = probe, wanted, p.act[-1][..., :_ANSWERS, :]
        self.forth = self.back = p

        right = task.right(p.act[-1], wanted)
        if task.x.shape[-2] > _PROBE:
            y, others = answers(net, task.x[..., _PROBE:, :]), task.t[..., _PROBE:, :]
            each = np.concatenate([each, task.error(net, y, others)[0]], axis=-1)
            right = np.concatenate([right, task.right(y, others)], axis=-1)
        scalars: dict[str, Number] = {
            "train_loss": mean(each),
            "train_error": 1.0 - mean(right),
            "solved": right.all(axis=-1),
            "largest_error": np.abs(p.act[-1] - wanted).max(axis=(-2, -1)),
        }
        if task.test_x.shape[-2]:
            y = answers(net, task.test_x)
            scalars["test_loss"] = mean(task.error(net, y, task.test_t)[0])
            scalars["test_accuracy"] = mean(task.right(y, task.test_t))
            if self.copying is not None:
                scalars |= self.copying.measure(self.live, forward(net, task.test_x))
        for layer in range(net.depth):
            scalars |= self._layer(p, layer, moving)
        scalars |= known(task.data.name, net, p)
        if self.beside is not None:
            scalars |= self.beside.measure(net, p)
        return scalars

    def _layer(self, p: Pass, layer: int, moving: bool) -> dict[str, Number]:
        y, grad = p.act[layer], p.grad[layer]
        mask = self.net.mask[layer]
        links = mask.sum() if mask is not None else grad.shape[-2] * grad.shape[-1]
        middle = mean(y, (-2, -1))
        off = y - middle[..., None, None]
        found = {
            f"grad_rms/{layer}": np.sqrt(np.add.reduce(grad * grad, axis=(-2, -1)) / links),
            f"delta_rms/{layer}": rms(p.delta[layer]),
            f"act_mean/{layer}": middle,
            f"act_sd/{layer}": rms(off),
            f"saturated/{layer}": _saturated(self.net.function(layer), y),
        }
        if moving:
            size = rms(self.net.W[layer])
            found[f"update_ratio/{layer}"] = (size != 0.0) * rms(self.moved[layer]) / (size + (size == 0.0))
        return found


def _saturated(function: str, y: Array) -> Array:
    """Share of outputs that lie at an end of the range, where the slope is next to nothing."""
    if function == "tanh":
        y = 0.5 + 0.5 * y
    elif function == "linear":
        return np.zeros(y.shape[:-2])
    return mean((y < _EDGE) | (y > 1.0 - _EDGE), (-2, -1))
