"""Lines as dots: two by four of them in a terminal cell."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnhistory.draw.clipping import clip

__all__ = ["BLANK", "FULL", "codes", "dots_of"]

BLANK, FULL = 0x2800, 0x28FF

_BITS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], dtype=np.uint32)

Bits = NDArray[np.bool_]
Floats = NDArray[np.float64]


def dots_of(
    a: ArrayLike, b: ArrayLike, columns: int, rows: int, *, dash: tuple[int, int] | None = None, thick: bool = False
) -> Bits:
    """Dots (4 rows, 2 columns) that segments a, b (m, 2) in unit coordinates (y upwards) touch.

    dash : lengths drawn and left out, in dots along the way; the pattern runs on from segment to segment.
    """
    wide, high = 2 * columns, 4 * rows
    mask = np.zeros((high, wide), dtype=bool)
    seen = clip(a, b)
    if not seen.keep.any():
        return mask
    scale = np.array([wide - 1.0, high - 1.0])
    p, q = seen.a[seen.keep] * scale, seen.b[seen.keep] * scale
    counts = np.maximum(np.ceil(np.abs(q - p).max(axis=1)).astype(int), 1) + 1
    which = np.repeat(np.arange(len(p)), counts)
    within = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
    t = within / (counts[which] - 1)
    x = p[which, 0] + t * (q[which, 0] - p[which, 0])
    y = p[which, 1] + t * (q[which, 1] - p[which, 1])
    if dash is not None:
        lengths = np.hypot(*(q - p).T)
        along = (np.cumsum(lengths) - lengths)[which] + t * lengths[which]
        shown = along % sum(dash) < dash[0]
        x, y, which = x[shown], y[shown], which[shown]
    column = np.rint(x).astype(int)
    row = high - 1 - np.rint(y).astype(int)
    mask[row, column] = True
    if thick:
        steep = np.abs(q - p)[:, 1] > np.abs(q - p)[:, 0]
        across = steep[which]
        below = np.where(across, row, np.minimum(row + 1, high - 1))
        beside = np.where(across, np.minimum(column + 1, wide - 1), column)
        mask[below, beside] = True
    return mask


def codes(mask: Bits) -> NDArray[np.uint32]:
    """Braille code points (rows, columns) of dots (4 rows, 2 columns); 0 where there is no dot."""
    high, wide = mask.shape
    cells = mask.reshape(high // 4, 4, wide // 2, 2)
    bits = np.einsum("rdck,dk->rc", cells.astype(np.uint32), _BITS).astype(np.uint32)
    return np.where(bits > 0, bits + BLANK, 0).astype(np.uint32)
