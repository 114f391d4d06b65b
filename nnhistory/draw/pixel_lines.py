"""Lines in pixels: clipping to the unit square, breaking at NaN, dashes. For every drawer that has no dashes itself."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnhistory.draw.clipping import clip

__all__ = ["clipped_paths", "dashes"]

Floats = NDArray[np.float64]


def clipped_paths(xy: ArrayLike) -> list[Floats]:
    """The parts of a line through xy (n, 2) that lie in the unit square, each (m, 2) with m >= 2. NaN breaks it.

    Cut segment by segment.
    """
    line = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
    if len(line) < 2:
        return []
    if bool(((line >= 0.0) & (line <= 1.0)).all()):
        return [line]
    first, last, start, end, keep = clip(line[:-1], line[1:])
    paths: list[Floats] = []
    current: list[Floats] = []
    for index in np.flatnonzero(keep):
        if current and not (keep[index - 1] and end[index - 1] == 1.0 and start[index] == 0.0):
            paths.append(np.clip(np.array(current), 0.0, 1.0))
            current = []
        if not current:
            current.append(first[index])
        current.append(last[index])
    if current:
        paths.append(np.clip(np.array(current), 0.0, 1.0))
    return paths


def dashes(xy: Floats, pattern: tuple[float, ...]) -> list[Floats]:
    """A line cut into the pieces that a dash pattern (lengths drawn and left out in turn) leaves visible."""
    total = sum(pattern)
    if not pattern or total <= 0:
        return [xy]
    steps = np.hypot(*np.diff(xy, axis=0).T)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    length = float(along[-1])
    pieces: list[Floats] = []
    place, index = 0.0, 0
    while place < length:
        stop = min(length, place + pattern[index % len(pattern)])
        if index % 2 == 0 and stop > place:
            inner = xy[(along > place) & (along < stop)]
            ends = [[np.interp(at, along, xy[:, axis]) for axis in (0, 1)] for at in (place, stop)]
            pieces.append(np.vstack([ends[0], inner, ends[1]]))
        place, index = stop, index + 1
    return pieces
