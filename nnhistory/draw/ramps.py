"""Ramps for whole arrays: the same tables as `Palette.shade`, looked up at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnhistory.draw.palette import CENTRE, LUT_SIZE, Palette, Scale

__all__ = ["levels", "packed", "packed_true", "pooled", "shade", "true_bytes"]


@cache
def _table(palette: Palette, scale: Scale) -> NDArray[np.uint8]:
    table = np.array(palette.ramp(scale), dtype=np.uint8)
    table.flags.writeable = False
    return table


@cache
def _packed_table(palette: Palette, scale: Scale) -> NDArray[np.int32]:
    table = _table(palette, scale).astype(np.int32)
    return np.asarray((table[:, 0] << 16) | (table[:, 1] << 8) | table[:, 2], dtype=np.int32)


def levels(values: ArrayLike, lo: float, hi: float, scale: Scale) -> NDArray[np.int16]:
    """Table index 0..256 of each value (128 the middle), 257 where it is not finite. Same shape as `values`."""
    v = np.asarray(values, dtype=np.float64)
    finite = np.isfinite(v)
    if scale == "sides":
        place = np.sign(np.where(finite, v, 0.0))
    elif scale == "diverging":
        place = np.where(finite, v, 0.0) / (max(abs(lo), abs(hi)) or 1.0)
    else:
        span = hi - lo
        known = np.where(finite, v, lo)
        place = 2 * (known - lo) / span - 1 if span else np.where(known > lo, 1.0, -1.0)
    index = np.rint((np.clip(place, -1.0, 1.0) + 1.0) * CENTRE)
    return np.where(finite, index, LUT_SIZE - 1).astype(np.int16)


def shade(values: ArrayLike, lo: float, hi: float, scale: Scale, palette: Palette) -> NDArray[np.uint8]:
    """The colour of each value, (..., 3) bytes."""
    return _table(palette, scale)[levels(values, lo, hi, scale)]


def packed(values: ArrayLike, lo: float, hi: float, scale: Scale, palette: Palette) -> NDArray[np.int32]:
    """The colour of each value as 0xRRGGBB."""
    return _packed_table(palette, scale)[levels(values, lo, hi, scale)]


def true_bytes(colours: ArrayLike) -> NDArray[np.uint8]:
    """Red, green, blue from 0 to 1 as bytes, (..., 3). What is no number is black."""
    known = np.nan_to_num(np.asarray(colours, dtype=np.float64))
    return np.rint(255.0 * np.clip(known, 0.0, 1.0)).astype(np.uint8)


def packed_true(colours: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.int32]:
    """A picture (h, w, 3) in its own colours at another size, as 0xRRGGBB."""
    size = np.stack([pooled(colours[..., channel], rows, columns) for channel in range(3)], axis=-1)
    red, green, blue = np.moveaxis(true_bytes(size).astype(np.int32), -1, 0)
    return np.asarray((red << 16) | (green << 8) | blue, dtype=np.int32)


def pooled(values: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """A picture at another size: nearest when it grows, the mean of what falls in a cell when it shrinks."""
    return _pool_axis(_pool_axis(values, rows, 0), columns, 1)


def _pool_axis(values: NDArray[np.float64], size: int, axis: int) -> NDArray[np.float64]:
    have = values.shape[axis]
    if size == have:
        return values
    if size > have:
        return np.asarray(np.take(values, (np.arange(size) * have) // size, axis=axis), dtype=np.float64)
    starts = (np.arange(size) * have) // size
    with np.errstate(invalid="ignore"):  # infinities of both signs in one cell are no number
        sums = np.add.reduceat(values, starts, axis=axis)
    counts = np.diff(np.append(starts, have)).astype(np.float64)
    return np.asarray(sums / (counts[:, None] if axis == 0 else counts[None, :]), dtype=np.float64)
