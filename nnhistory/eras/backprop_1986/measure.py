"""What is measured and shown: errors on all patterns, and for every layer its signal, its slope and its change."""

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
        self, config: Mapping[str, Any], task: Task, net: Net, slopes: list[Array], moved: list[Array]
    ) -> None:
        """slopes : where dE/dw of all layers, then dE/db, are put. moved : the last change of W, then of b."""
        self.config, self.task, self.net, self.slopes, self.moved = config, task, net, slopes, moved
        self.rows = max(1, _SHOWN // max(W.shape[1] for W in net.W))
        self.mean = config["reduce"] == "mean"
        self.beside = Beside(config, task, net) if config["theory"] else None
        self.copying = Copying(task, net) if config["wanted"] == "inputs" and len(task.test_x) else None
        self.input = self.target = self.answer = np.empty((0, 0))
        self.forth = self.back = Pass([], [], [])
        """The batch that went forward last, and the one that went back last."""
        self.live: dict[str, Offer] = {
            "input": lambda: self.input[: self.rows],
            "target": lambda: self.target[: self.rows],
            "answer": lambda: self.answer,
        }
        """What a moment offers. Looked for only by whoever wants it: a step costs nothing more."""
        for layer in range(net.depth):
            self.live[f"pre/{layer}"] = partial(self._of, "forth", "pre", layer)
            self.live[f"act/{layer}"] = partial(self._of, "forth", "act", layer)
            self.live[f"delta/{layer}"] = partial(self._of, "back", "delta", layer)
            self.live[f"weights/{layer}"], self.live[f"bias/{layer}"] = net.W[layer], net.b[layer]
            self.live[f"grad/{layer}"], self.live[f"state/{layer}"] = slopes[layer], moved[layer]

    def _of(self, which: str, kind: str, layer: int) -> Array:
        array: Array = getattr(getattr(self, which), kind)[layer]
        return array[: self.rows]

    def everything(self, moving: bool = True) -> dict[str, float]:
        """All patterns forward, the first ones also back; `live` shows these. Nothing is learned from it.

        moving : a step has been made.
        """
        task, net = self.task, self.net
        probe, wanted = task.x[:_PROBE], task.t[:_PROBE]
        p = forward(net, probe)
        each, dE_dy = task.error(net, p.act[-1], wanted)
        backward(net, p, dE_dy, self.mean, self.slopes)
        self.input, self.target, self.answer, self.forth, self.back = probe, wanted, p.act[-1][:_ANSWERS], p, p

        right = task.right(p.act[-1], wanted)
        if len(task.x) > _PROBE:
            y = answers(net, task.x[_PROBE:])
            each = np.concatenate([each, task.error(net, y, task.t[_PROBE:])[0]])
            right = np.concatenate([right, task.right(y, task.t[_PROBE:])])
        scalars = {
            "train_loss": float(each.mean()),
            "train_error": float(1.0 - right.mean()),
            "solved": float(right.all()),
            "largest_error": float(np.abs(p.act[-1] - wanted).max()),
        }
        if len(task.test_x):
            y = answers(net, task.test_x)
            scalars["test_loss"] = float(task.error(net, y, task.test_t)[0].mean())
            scalars["test_accuracy"] = float(task.right(y, task.test_t).mean())
            if self.copying is not None:
                scalars |= self.copying.measure(self.live, forward(net, task.test_x))
        for layer in range(net.depth):
            scalars |= self._layer(p, layer, moving)
        scalars |= known(task.data.name, net, p)
        if self.beside is not None:
            scalars |= self.beside.measure(net, p)
        return scalars

    def _layer(self, p: Pass, layer: int, moving: bool) -> dict[str, float]:
        y = p.act[layer]
        function = self.net.function(layer)
        mask = self.net.mask[layer]
        links = float(mask.sum()) if mask is not None else float(p.grad[layer].size)
        found = {
            f"grad_rms/{layer}": float(np.sqrt((p.grad[layer] ** 2).sum() / links)),
            f"delta_rms/{layer}": _rms(p.delta[layer]),
            f"act_mean/{layer}": float(y.mean()),
            f"act_sd/{layer}": float(y.std()),
            f"saturated/{layer}": _saturated(function, y),
        }
        if moving:
            size = _rms(self.net.W[layer])
            found[f"update_ratio/{layer}"] = _rms(self.moved[layer]) / size if size else 0.0
        return found


def _rms(array: Array) -> float:
    """Root of the mean square."""
    return float(np.sqrt((array * array).mean()))


def _saturated(function: str, y: Array) -> float:
    """Share of outputs that lie at an end of the range, where the slope is next to nothing."""
    if function == "tanh":
        y = 0.5 + 0.5 * y
    elif function == "linear":
        return 0.0
    return float(((y < _EDGE) | (y > 1.0 - _EDGE)).mean())
