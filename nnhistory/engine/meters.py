"""What a drive reads in every moment: detectors at work, and metrics on the way to their tallies."""

from __future__ import annotations

import math
from typing import Any

from nnhistory.core.moment import PHASES
from nnhistory.engine.detectors import Detector
from nnhistory.engine.outcome import Tally
from nnhistory.engine.recording import SERIES

__all__ = ["Meter", "Span", "Watch", "Watches"]


Span = tuple[float, float, float, float]
"""A metric over a stretch: its first and its last value, the least and the greatest."""


class Watch:
    """A detector at work: its state so far."""

    __slots__ = ("detector", "fold", "needs", "odd", "state")

    def __init__(self, detector: Detector) -> None:
        self.detector, self.fold, self.odd = detector, detector.fold, detector.odd
        self.needs = detector.needs
        self.state: Any = None


class Watches:
    """All detectors of a run at work, by the phase that they look at.

    every : all of them, for moments with a number that is not finite. alert : without those that look for just that,
    for moments in which a number is less or more than ever before. calm : for all other moments.
    """

    def __init__(self, detectors: list[Detector]) -> None:
        self.every: dict[str, list[Watch]] = {phase: [] for phase in PHASES}
        self.alert: dict[str, list[Watch]] = {phase: [] for phase in PHASES}
        self.calm: dict[str, list[Watch]] = {phase: [] for phase in PHASES}
        self._detectors = detectors
        self._begin(detectors)

    def turned(self) -> None:
        """A knob has been turned: what claims something only while none is begins anew."""
        self._begin([one for one in self._detectors if one.steady])

    def reported(self, watch: Watch) -> None:
        """It has: one that does so at most once is not asked again."""
        if watch.detector.once:
            for phase, some in self.every.items():
                self._set(phase, [one for one in some if one is not watch])

    def _begin(self, detectors: list[Detector]) -> None:
        fresh = [Watch(detector) for detector in detectors]
        for phase, some in self.every.items():
            stay = [one for one in some if one.detector not in detectors]
            self._set(phase, stay + [one for one in fresh if phase in one.detector.phases])

    def _set(self, phase: str, watches: list[Watch]) -> None:
        self.every[phase] = watches
        self.alert[phase] = [one for one in watches if not one.odd]
        self.calm[phase] = [one for one in self.alert[phase] if not one.detector.beyond]


class Meter:
    """A metric on the way: its tally over every moment, and which of its points are worth sending.

    All of them at first, then every second, fourth, ...: in step with the recording's `SeriesBuffer`. The tally itself
    is written at the end of each stretch.
    """

    __slots__ = ("count", "due", "final", "first", "marks", "max", "min", "stride", "tally")

    def __init__(self, tally: Tally, marks: frozenset[int], tick: int) -> None:
        self.tally, self.marks = tally, marks
        self.final, self.min, self.max = tally.final, math.inf, -math.inf
        self.due = self.first = tick
        self.stride, self.count = 1, 0

    def beyond(self, value: float) -> None:
        """The least or the greatest so far. What is no number (NaN) is both from then on, instead of vanishing."""
        if value < self.min or value != value:
            self.min = value
        if value > self.max or value != value:
            self.max = value

    def write(self) -> None:
        """Bring the tally up to date."""
        self.tally.final, self.tally.min, self.tally.max = self.final, self.min, self.max

    def sent(self, tick: int) -> None:
        self.count += 1
        if self.count >= SERIES:
            self.count = (self.count + 1) // 2
            self.stride = max(1, (tick - self.first) // self.count)
        self.due = tick + self.stride
