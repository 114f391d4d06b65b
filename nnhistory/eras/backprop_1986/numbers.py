"""Means of one net's patterns, and of every net's where nets are beside each other: over the last axes."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["Number", "if_so", "mean", "rms"]

Number = Any
"""A number, or None where there is none; of nets beside each other one for each of them."""


def mean(array: Array, axis: int | tuple[int, int] = -1) -> Array:
    """As `array.mean`, with less around it: a count is made of many small ones."""
    over = (axis,) if isinstance(axis, int) else axis
    size = 1
    for one in over:
        size *= array.shape[one]
    found: Array = np.add.reduce(array, axis=axis, dtype=np.float64) / size
    return found


def rms(array: Array) -> Array:
    """Root of the mean square of each matrix."""
    found: Array = np.sqrt(mean(array * array, (-2, -1)))
    return found


def if_so(there: Array, value: Array) -> Number:
    """The value, None where it is not so."""
    if there.ndim == 0:
        return value if there else None
    return [one if so else None for so, one in zip(there.tolist(), value.tolist(), strict=True)]
