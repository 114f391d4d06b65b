"""The patient's chart: what the doctor reads of a recording. Curves, events, settings; never the model.

Everything here is a number that lies in the recording, or follows from such numbers by arithmetic that is written out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cached_property
from statistics import median
from typing import Any

import numpy as np

from nnhistory.core.events import Event
from nnhistory.core.manifest import Manifest
from nnhistory.core.recording import Recording

__all__ = ["Chart", "Curve"]

GOOD_ERROR = 0.05
"""Share of training patterns not right up to which a net is said to have learned."""
GOOD_LOSS = 0.1
"""The same by the error, as a share of the error of guessing."""


class Curve:
    """One metric over the run. `steps` and `values`, both (n,), the same length."""

    def __init__(self, steps: Sequence[int], values: Sequence[float]) -> None:
        self.steps, self.values = list(steps), list(values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def first(self) -> float:
        return self.values[0]

    @property
    def last(self) -> float:
        return self.values[-1]

    @property
    def step(self) -> int:
        """The step of the newest value."""
        return int(self.steps[-1])

    @property
    def middle(self) -> float:
        """The median of the values that are finite (0 if none is)."""
        finite = [value for value in self.values if math.isfinite(value)]
        return median(finite) if finite else 0.0

    def least(self) -> tuple[int, float]:
        """(step, value) of the smallest value; (0, inf) if no value is finite."""
        finite = [(value, step) for step, value in zip(self.steps, self.values, strict=True) if math.isfinite(value)]
        value, step = min(finite, default=(math.inf, 0))
        return int(step), value

    def half(self, share: float = 0.5) -> Curve:
        """What came after this share of the steps."""
        begin = self.steps[0] + share * (self.steps[-1] - self.steps[0])
        kept = [(step, value) for step, value in zip(self.steps, self.values, strict=True) if step >= begin]
        return Curve([step for step, _ in kept], [value for _, value in kept])

    @property
    def fell(self) -> float:
        """Share of the first value that is gone at the end; below 0 if it has grown."""
        return 1.0 - self.last / self.first if self.first else 0.0

    @property
    def swing(self) -> float:
        """From the lowest to the highest value, as a share of the mean."""
        mean = sum(self.values) / len(self.values)
        return (max(self.values) - min(self.values)) / mean if mean else 0.0

    @property
    def back_and_forth(self) -> float:
        """How much of the way was climbed: 0 for a curve that only falls, about 1/2 for one that gets nowhere."""
        moves = [b - a for a, b in zip(self.values, self.values[1:], strict=False)]
        way = sum(abs(move) for move in moves)
        return sum(move for move in moves if move > 0) / way if way else 0.0


class Chart:
    """A recording as the rules read it."""

    def __init__(self, recording: Recording, manifest: Manifest) -> None:
        self.recording, self.manifest = recording, manifest
        self.config: Mapping[str, Any] = recording.header.config
        self.dataset: Mapping[str, Any] = recording.header.dataset
        self._read: dict[str, None] = {}

    @property
    def looked_at(self) -> tuple[str, ...]:
        """Names of the curves that were read and had something to say, in that order."""
        return tuple(self._read)

    def curve(self, name: str) -> Curve | None:
        """A metric over the run, None if the era does not report it."""
        series = self.recording.series(name)
        if not len(series.values):
            return None
        self._read.setdefault(name.split("/")[0])
        return Curve(series.steps.tolist(), series.values.tolist())

    def last(self, name: str) -> float | None:
        """A metric's newest value."""
        curve = self.curve(name)
        return None if curve is None else curve.last

    def layers(self, name: str) -> list[Curve]:
        """The curves `name/0`, `name/1`, ... as far as they go."""
        curves: list[Curve] = []
        while (curve := self.curve(f"{name}/{len(curves)}")) is not None:
            curves.append(curve)
        return curves

    def event(self, *kinds: str) -> Event | None:
        """The first event of one of these kinds."""
        return next((event for event in self.recording.events if event.kind in kinds), None)

    @cached_property
    def loss(self) -> Curve | None:
        """The error that is made small."""
        return self.curve("train_loss")

    @cached_property
    def step(self) -> int:
        """The newest step."""
        return self.recording.frames[-1].step if self.recording.frames else 0

    @cached_property
    def wanted(self) -> Any:
        """Wanted outputs (n, k) of the first training patterns, or None."""
        return self.recording.array("data/t", 0)

    @cached_property
    def chance(self) -> float | None:
        """The error of the best answer that never looks at the pattern: reported, or computed from `data/t`."""
        reported = self.last("chance_loss")
        if reported is not None:
            return reported
        t = self.wanted
        if t is None or not len(t):
            return None
        t = np.asarray(t, dtype=np.float64)
        mean = np.clip(t.mean(axis=0), 1e-12, 1.0)
        if self.config.get("loss", "squared") == "squared":
            return float((0.5 * (t - mean) ** 2).sum(axis=1).mean())
        entropy = -(mean * np.log(mean)).sum()
        if self.config.get("output") == "sigmoid":
            rest = np.maximum(1.0 - mean, 1e-12)
            entropy -= (rest * np.log(rest)).sum()
        return float(entropy)

    @cached_property
    def base_rate(self) -> float | None:
        """The share of the commonest class: what naming it every time gets right."""
        t = self.wanted
        if t is None or not len(t):
            return None
        t = np.asarray(t)
        if t.shape[1] == 1:
            share = float((t > t.mean()).mean())
            return max(share, 1.0 - share)
        return float(np.bincount(t.argmax(axis=1)).max() / len(t))

    @cached_property
    def good(self) -> bool:
        """It has learned what it was given: few training patterns wrong, or the error far below guessing."""
        error = self.last("train_error")
        if error is not None and error <= GOOD_ERROR:
            return True
        return self.share is not None and self.share < GOOD_LOSS

    @cached_property
    def share(self) -> float | None:
        """The newest error as a share of that of guessing. Not finite where the error is not."""
        if self.loss is None or not self.chance:
            return None
        return self.loss.last / self.chance

    @cached_property
    def stuck(self) -> bool:
        """No better than guessing."""
        return self.share is not None and not self.share < 0.9

    @cached_property
    def under_way(self) -> bool:
        """It has left guessing and is still getting better: not stuck, just not done."""
        if self.loss is None or self.share is None or not self.share < 0.8:
            return False
        late = self.loss.half(0.7)
        return len(late) > 1 and late.fell > 0.08

    @cached_property
    def broke(self) -> bool:
        """A number has run out of range, or the error is far above where it began."""
        if self.event("non_finite", "divergence") is not None:
            return True
        loss = self.loss
        return loss is not None and not loss.last < 3.0 * max(loss.first, self.chance or 0.0)

    @cached_property
    def moves(self) -> float | None:
        """How far a step moves the weights, as a share of them: the median over counts, of the busiest layer."""
        curves = self.layers("update_ratio")
        return max(curve.middle for curve in curves) if curves else None

    @cached_property
    def saturated_first(self) -> tuple[int, float] | None:
        """(hidden layer from 1, share) of the layer with most outputs at an end of the range before the first step."""
        hidden = self.layers("saturated")[:-1]
        return max(((n + 1, c.first) for n, c in enumerate(hidden)), key=lambda one: one[1], default=None)

    @cached_property
    def inputs(self) -> tuple[float, float, float] | None:
        """Root mean square over all inputs, and the smallest and largest spread of one input (constants left out)."""
        x = self.recording.array("data/x", 0)
        if x is None or not x.size:
            return None
        x = np.asarray(x, dtype=np.float64)
        spreads = x.std(axis=0)
        spreads = spreads[spreads > 0]
        if not len(spreads):
            return None
        return float(np.sqrt((x * x).mean())), float(spreads.min()), float(spreads.max())

    def widths(self) -> list[int]:
        """Units of each hidden layer."""
        hidden = self.config.get("hidden")
        if isinstance(hidden, list) and hidden:
            return list(hidden)
        if isinstance(hidden, int):
            return [hidden]
        return [int(self.config.get("units", 0))] * int(self.config.get("layers", 0))
