"""What is measured of nets in a stack: for each net what measure.py counts of one, along the nets' axis at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnhistory.eras.deep_2010.measure import (
    ANSWERS,
    PROBE,
    Now,
    by_batches,
    count_in_blocks,
    dead_of,
    known_before,
    one_sign,
    saturated,
    way_back,
)  # fmt: skip
from nnhistory.eras.deep_2010.nets import Net, Pass
from nnhistory.eras.deep_2010.patterns import Patterns

if TYPE_CHECKING:
    from torch import Tensor

    from nnhistory.eras.deep_2010.chain import Learner
    from nnhistory.eras.deep_2010.optim import Descent, Optimiser

__all__ = ["StackMeasure"]

_BLOCK = 1024
"""Patterns of all nets together that go forward at once."""
_LEAST = 16
"""Patterns of one net that do."""


class StackMeasure:
    """Looks at N nets without changing them. The names and meanings are those of `Measure`."""

    def __init__(
        self, configs: Sequence[Mapping[str, Any]], patterns: Patterns, net: Net, now: Now, learner: Learner,
        optimiser: Optimiser | Descent,
    ) -> None:  # fmt: skip
        self.configs, self.patterns, self.net, self.now = configs, patterns, net, now
        self.learner, self.optimiser, self.still = learner, optimiser, net.still()
        self.fixed = [known_before(one, task, net) for one, task in zip(configs, patterns.tasks, strict=True)]

    def everything(self, l2: Sequence[float]) -> list[dict[str, float]]:
        """One count of every net. l2 : the weight of each net's penalty."""
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._everything()
            if any(l2):
                squares = zip(*(W.detach().square().sum(dim=(1, 2)).tolist() for W in self.net.W), strict=True)
                for one, weight, of_layers in zip(found, l2, squares, strict=True):
                    if weight:
                        one["cost"] = one["train_loss"] + 0.5 * weight * sum(of_layers)
            return found

    def _everything(self) -> list[dict[str, float]]:
        net, now, tasks, patterns = self.net, self.now, self.patterns.tasks, self.patterns
        first = np.arange(min(PROBE, patterns.count))
        x, wanted = patterns.pick([first] * len(tasks))
        p = self.learner.forward(x, learns=False)
        now.slopes = self.learner.slopes(p, wanted)
        now.p, now.patterns = p, [first] * len(tasks)

        y, error, now.on = count_in_blocks(self.still, patterns.blocks(self._block()), patterns.count)
        now.answer = y[:, :ANSWERS]
        tested = None
        if patterns.tests:
            tested = count_in_blocks(self.still, patterns.test_blocks(self._block()), patterns.tests)[0]
        columns: dict[str, list[float]] = {}
        for layer in range(net.depth):
            columns |= self._layer(p, layer)
        layers = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
        found = []
        for k, (config, task) in enumerate(zip(self.configs, tasks, strict=True)):
            right = task.right(y[k], task.t)
            scalars = {
                "train_loss": float(error[k].mean()),
                "train_error": float(1.0 - right.mean()),
                "solved": float(right.all()),
            }
            if tested is not None:
                scalars["test_accuracy"] = float(task.right(tested[k], task.test_t).mean())
                scalars["test_error"] = 1.0 - scalars["test_accuracy"]
                if net.norm:
                    scalars["test_accuracy_batch"] = by_batches(task, self.still, patterns.test_of(k), k)
            scalars |= layers[k]
            if config["unit"] == "relu":
                scalars |= dead_of([shares[k : k + 1] for shares in now.on])
            found.append(scalars | way_back(scalars, net.depth) | self.fixed[k])
        return found

    def _block(self) -> int:
        """Patterns of each net that go forward at once: so few that what lies between two layers stays near at hand."""
        return max(_LEAST, _BLOCK // len(self.patterns.tasks))

    def _layer(self, p: Pass, layer: int) -> dict[str, list[float]]:
        """Each measure of a layer, for every net."""
        y, L = p.act[layer].detach(), self.net.depth
        delta, grad = self.now.slopes[layer], self.now.slopes[L + layer]
        mean = y.flatten(1).mean(dim=1)
        sd = _rms(y.flatten(1) - mean[:, None])
        found = {
            f"grad_rms/{layer}": _rms(grad),
            f"delta_rms/{layer}": _rms(delta),
            f"act_mean/{layer}": mean.where(mean.abs() > 1e-12 * sd, 0.0),
            f"act_sd/{layer}": sd,
            f"saturated/{layer}": saturated(self.net.function(layer), y),
        }
        if layer:
            found[f"one_sign/{layer}"] = one_sign(p.act[layer - 1].detach(), delta)
        if self.optimiser.t:
            size, moved = _rms(self.net.W[layer].detach()), _rms(self.optimiser.dw(layer))
            found[f"update_ratio/{layer}"] = (moved / size).where(size != 0, 0.0)
        return {name: values.tolist() for name, values in found.items()}


def _rms(tensor: Tensor) -> Tensor:
    """Root of the mean square of each net's part, (N,)."""
    return tensor.flatten(1).square().mean(dim=1).sqrt()
