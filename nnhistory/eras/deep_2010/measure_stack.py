"""What is measured of nets in a stack: for each net what measure.py counts of one, along the nets' axis at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.measure import ANSWERS, EDGE, PROBE, Now, by_batches, dead_of, known_before
from nnhistory.eras.deep_2010.nets import Net, Pass, error_of, forward
from nnhistory.eras.deep_2010.patterns import Patterns

if TYPE_CHECKING:
    from torch import Tensor

    from nnhistory.eras.deep_2010.chain import Learner
    from nnhistory.eras.deep_2010.optim import Optimiser

__all__ = ["StackMeasure"]

_BLOCK = 1024
"""Patterns of all nets together that go forward at once."""
_LEAST = 16
"""Patterns of one net that do."""


class StackMeasure:
    """Looks at N nets without changing them. The names and meanings are those of `Measure`."""

    def __init__(
        self, configs: Sequence[Mapping[str, Any]], patterns: Patterns, net: Net, now: Now, learner: Learner,
        optimiser: Optimiser,
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

        y, error, now.on = self._count(patterns.blocks(self._block()))
        now.answer = y[:, :ANSWERS]
        tested = self._count(patterns.test_blocks(self._block()))[0] if patterns.tests else None
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
            hidden = net.depth - 2
            low, high = scalars["delta_rms/0"], scalars[f"delta_rms/{max(0, hidden)}"]
            if hidden >= 1 and low > 0.0 and high > 0.0:
                scalars["backward_factor"] = (low / high) ** (1.0 / hidden)
                scalars["backward_ratio"] = low / high
            found.append(scalars | self.fixed[k])
        return found

    def _block(self) -> int:
        """Patterns of each net that go forward at once: so few that what lies between two layers stays near at hand."""
        return max(_LEAST, _BLOCK // len(self.patterns.tasks))

    def _count(self, blocks: Iterable[tuple[Tensor, Tensor | None]]) -> tuple[Array, Array, list[Array]]:
        """As `Measure._count`: outputs (N, n, k), errors (N, n), shares above 0 of every hidden layer (N, units)."""
        outputs, errors, above = [], [], []
        for x, t in blocks:
            p = forward(self.still, x, train=False)
            outputs.append(p.act[-1].cpu().numpy())
            if t is not None:
                errors.append(error_of(self.still, p, t).cpu().numpy())
                weight = x.shape[-2] / self.patterns.count
                above.append([weight * (y > 0).to(y.dtype).mean(dim=-2).cpu().numpy() for y in p.act[:-1]])
        shares = [np.sum(layer, axis=0) for layer in zip(*above, strict=True)]
        known = np.concatenate(errors, axis=1) if errors else np.empty((len(self.still.W[0]), 0))
        return np.concatenate(outputs, axis=1), known, shares

    def _layer(self, p: Pass, layer: int) -> dict[str, list[float]]:
        """Each measure of a layer, for every net."""
        y, L = p.act[layer].detach(), self.net.depth
        delta, grad = self.now.slopes[layer], self.now.slopes[L + layer]
        var, mean = y.flatten(1).var(dim=1, correction=0), y.flatten(1).mean(dim=1)
        sd = var.sqrt()
        found = {
            f"grad_rms/{layer}": _rms(grad),
            f"delta_rms/{layer}": _rms(delta),
            f"act_mean/{layer}": mean.where(mean.abs() > 1e-12 * sd, 0.0),
            f"act_sd/{layer}": sd,
            f"saturated/{layer}": _saturated(self.net.function(layer), y),
        }
        if layer:
            each = p.act[layer - 1].detach() * delta[..., :1]
            same = (each > 0).all(dim=2) | (each < 0).all(dim=2)
            found[f"one_sign/{layer}"] = same.to(delta.dtype).mean(dim=1)
        if self.optimiser.t:
            size, moved = _rms(self.net.W[layer].detach()), _rms(self.optimiser.moved[layer])
            found[f"update_ratio/{layer}"] = (moved / size).where(size != 0, 0.0)
        return {name: values.tolist() for name, values in found.items()}


def _rms(tensor: Tensor) -> Tensor:
    """Root of the mean square of each net's part, (N,)."""
    return tensor.flatten(1).square().mean(dim=1).sqrt()


def _saturated(function: str, y: Tensor) -> Tensor:
    """As in measure.py, (N,)."""
    if function not in ("sigmoid", "tanh", "softmax"):
        return y.new_zeros(len(y))
    if function == "tanh":
        y = 0.5 + 0.5 * y
    return ((y < EDGE) | (y > 1.0 - EDGE)).to(y.dtype).flatten(1).mean(dim=1)
