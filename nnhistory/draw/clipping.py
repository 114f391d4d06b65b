"""Segments cut off at the unit square: for dots in cells and for lines in pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Clipped", "clip"]

Floats = NDArray[np.float64]


class Clipped(NamedTuple):
    """Segments in the square. a, b (m, 2): their ends there; start, end (m,): shares of the way; keep (m,): seen."""

    a: Floats
    b: Floats
    start: Floats
    end: Floats
    keep: NDArray[np.bool_]


def clip(a: ArrayLike, b: ArrayLike) -> Clipped:
    """Segments a, b (m, 2) cut off at the unit square (Liang and Barsky 1984). What is not finite is not seen."""
    a, b = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    # All of it is seen: nearly always. NumPy's minimum, not min(): where one of the two is no number, so is the result.
    if len(a) and np.minimum(a.min(), b.min()) >= 0.0 and np.maximum(a.max(), b.max()) <= 1.0:
        return Clipped(a, b, np.zeros(len(a)), np.ones(len(a)), np.ones(len(a), dtype=bool))
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        d = b - a
        start, end = np.zeros(len(a)), np.ones(len(a))
        keep = np.isfinite(a).all(axis=1) & np.isfinite(b).all(axis=1)
        for axis in (0, 1):
            for sign, room in ((-1.0, a[:, axis]), (1.0, 1.0 - a[:, axis])):
                p = sign * d[:, axis]
                still = p == 0
                t = np.divide(room, p, out=np.zeros(len(a)), where=~still)
                keep &= ~still | (room >= 0)
                start = np.where(p < 0, np.maximum(start, t), start)
                end = np.where(p > 0, np.minimum(end, t), end)
        keep &= start <= end
        return Clipped(a + start[:, None] * d, a + end[:, None] * d, start, end, keep)
