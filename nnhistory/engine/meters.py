"""What a drive reads in every moment: detectors at work, and metrics on the way to their tallies."""

from __future__ import annotations

from typing import Any

from nnhistory.engine.detectors import Detector
from nnhistory.engine.outcome import Tally
from nnhistory.engine.recording import SERIES

__all__ = ["Meter", "Span", "Watch"]


Span = tuple[float, float, float, float]
"""A metric over a stretch: its first and its last value, the least and the greatest."""


class Watch:
    """A detector at work: its state so far."""

    __slots__ = ("detector", "fold", "needs", "odd", "state")

    def __init__(self, detector: Detector) -> None:
        self.detector, self.fold, self.odd = detector, detector.fold, detector.odd
        self.needs = detector.needs
        self.state: Any = None


class Meter:
    """A metric on the way: its tally over every moment, and which of its points are worth sending.

    All of them at first, then every second, fourth, ...: in step with the recording's `SeriesBuffer`. The tally itself
    is written at the end of each stretch.
    """

    __slots__ = ("count", "due", "final", "first", "marks", "max", "min", "stride", "tally")

    def __init__(self, tally: Tally, marks: frozenset[int], tick: int) -> None:
        self.tally, self.marks = tally, marks
        self.final, self.min, self.max = tally.final, tally.min, tally.max
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
