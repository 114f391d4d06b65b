"""What is measured and shown: errors on all patterns, and for every layer its signal, its slope and its change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.beside import Beside
from nnhistory.eras.backprop_1986.copying import Copying
from nnhistory.eras.backprop_1986.known import known
from nnhistory.eras.backprop_1986.net import Net, Pass, backward, forward
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

    def __init__(self, config: Mapping[str, Any], task: Task, net: Net) -> None:
        self.config, self.task, self.net = config, task, net
        self.rows = max(1, _SHOWN // max(W.shape[1] for W in net.W))
        self.mean = config["reduce"] == "mean"
        self.beside = Beside(config, task, net) if config["theory"] else None
        self.copying = Copying(task, net) if config["wanted"] == "inputs" and len(task.test_x) else None

    def show(self, live: dict[str, Array], **arrays: Array) -> None:
        for name, array in arrays.items():
            live[name] = array[: self.rows]

    def show_layers(self, live: dict[str, Array], p: Pass, kinds: tuple[str, ...]) -> None:
        for kind in kinds:
            for layer, array in enumerate(getattr(p, kind)):
                live[f"{kind}/{layer}"] = array[: self.rows]

    def show_weights(self, live: dict[str, Array], p: Pass, moved: list[Array] | None) -> None:
        for layer in range(self.net.depth):
            live[f"weights/{layer}"], live[f"bias/{layer}"] = self.net.W[layer], self.net.b[layer]
            live[f"grad/{layer}"] = p.grad[layer]
            live[f"state/{layer}"] = moved[layer] if moved is not None else np.zeros_like(p.grad[layer])

    def everything(self, live: dict[str, Array], moved: list[Array] | None) -> dict[str, float]:
        """All patterns forward, the first ones also back; `live` shows these. Nothing is learned from it."""
        task, net = self.task, self.net
        probe, wanted = task.x[:_PROBE], task.t[:_PROBE]
        p = forward(net, probe)
        each, dE_dy = task.error(net, p.act[-1], wanted)
        backward(net, p, dE_dy, self.mean)
        self.show(live, input=probe, target=wanted, answer=p.act[-1][:_ANSWERS])
        self.show_layers(live, p, ("pre", "act", "delta"))
        self.show_weights(live, p, moved)

        right = task.right(p.act[-1], wanted)
        if len(task.x) > _PROBE:
            y = forward(net, task.x[_PROBE:]).act[-1]
            each = np.concatenate([each, task.error(net, y, task.t[_PROBE:])[0]])
            right = np.concatenate([right, task.right(y, task.t[_PROBE:])])
        scalars = {
            "train_loss": float(each.mean()),
            "train_error": float(1.0 - right.mean()),
            "solved": float(right.all()),
            "largest_error": float(np.abs(p.act[-1] - wanted).max()),
        }
        if len(task.test_x):
            tested = forward(net, task.test_x)
            y = tested.act[-1]
            scalars["test_loss"] = float(task.error(net, y, task.test_t)[0].mean())
            scalars["test_accuracy"] = float(task.right(y, task.test_t).mean())
            if self.copying is not None:
                scalars |= self.copying.measure(live, tested)
        for layer in range(net.depth):
            scalars |= self._layer(p, layer, moved)
        scalars |= known(task.data.name, net, p)
        if self.beside is not None:
            scalars |= self.beside.measure(net, p)
        return scalars

    def _layer(self, p: Pass, layer: int, moved: list[Array] | None) -> dict[str, float]:
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
        if moved is not None:
            size = _rms(self.net.W[layer])
            found[f"update_ratio/{layer}"] = _rms(moved[layer]) / size if size else 0.0
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
