"""The upright axis of a study's chart: how far it reaches, and whether it counts powers of ten."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.core.numbers import plain

__all__ = ["Axis"]

_FEW_TENTHS = 4
"""So many tenths of a share or fewer are drawn without the rest, which would be empty."""


@dataclass(frozen=True)
class Axis:
    """From low to high, both as powers of ten where it is steep."""

    low: float
    high: float
    steep: bool

    @classmethod
    def of(cls, values: Array, *, even: bool = False) -> Axis:
        """For what is drawn. Powers of ten where an even axis would hide what is small, unless it must be `even`."""
        known = values[np.isfinite(values)]
        steep = not even and known.size > 0 and known.min() > 0 and known.max() / known.min() >= 100
        low, high = _limits(np.log10(known) if steep else known)
        return cls(low, high, bool(steep))

    def unit(self, value: Array) -> Array:
        """Where values stand, 0 to 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            shown = np.log10(value) if self.steep else np.asarray(value)
        place: Array = (shown - self.low) / (self.high - self.low)
        return place

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Places and what is said there: the value, or ten to its power."""
        found = []
        for place in (0.0, 0.5, 1.0):
            value = self.low + place * (self.high - self.low)
            found.append((place, plain(10.0**value if self.steep else value)))
        return tuple(found)


def _limits(values: Array) -> tuple[float, float]:
    """The range of an axis: of shares 0 to 1, or the tenths they lie in if these are few; else what the values need."""
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    if low >= 0.0 and high <= 1.0:
        tenths = math.floor(low * 10.0 + 1e-9), math.ceil(high * 10.0 - 1e-9)
        return (tenths[0] / 10.0, tenths[1] / 10.0) if 1 < tenths[1] - tenths[0] <= _FEW_TENTHS else (0.0, 1.0)
    return (low, high) if high - low > 1e-12 else (low - 0.5, high + 0.5)
