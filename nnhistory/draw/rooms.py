"""From unit coordinates to a panel's own box: which room each mark gets. Shared by the cell and the pixel drawers.

Marks with the same `rect` share one room, so that points lie where the picture under them says. Axes take their labels'
room from what lies free around their rect, and from the rect itself only where that is not enough. A picture with
square cells, and a panel with equal units on both axes, give up what they cannot use, on both sides alike.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nnhistory.core.scene import Axes, HeatMap, Lamps, Panel, Rect
from nnhistory.draw.boxes import Box

__all__ = ["Fit", "Margins", "placed", "rooms"]

Margins = Callable[[Axes, Box], tuple[float, float, float, float]]
"""Room that an axes' ticks and labels need: left, top, right, bottom."""

Fit = Callable[[Box, int, int], Box]
"""The largest box for rows x columns square cells inside a box."""


def placed(rect: Rect, box: Box) -> Box:
    """A unit rectangle (y upwards) inside a box (y downwards)."""
    x0, y0, x1, y1 = rect
    return Box(
        box.x + x0 * box.width, box.y + (1 - y1) * box.height, (x1 - x0) * box.width, (y1 - y0) * box.height
    )  # fmt: skip


def rooms(panel: Panel, box: Box, margins: Margins, fit: Fit, *, equal: bool, snap: bool) -> dict[Rect, Box]:
    """Each rect's room.

    equal : honour `panel.square` (equal units on both axes) by `fit(room, 1, 1)`.
    snap : whole coordinates (terminal cells).
    """
    has_axes = any(isinstance(mark, Axes) for mark in panel.marks)
    whole = fit(box, 1, 1) if panel.square and equal and not has_axes and not _pictured(panel) else box
    result: dict[Rect, Box] = {}
    rects = [mark.rect for mark in panel.marks]
    for rect in dict.fromkeys(rects):
        room = _snapped(placed(rect, whole)) if snap else placed(rect, whole)
        axes = next((mark for mark in panel.marks if mark.rect == rect and isinstance(mark, Axes)), None)
        if axes is not None:
            room = _inside(axes, rect, rects, room, whole, margins)
            room = _snapped(room) if snap else room
            if panel.square and equal:
                room = fit(room, 1, 1)
        shape = _cells(panel, rect)
        if shape is not None:
            room = fit(room, *shape)
        result[rect] = room
    return result


def _pictured(panel: Panel) -> bool:
    """A picture with square cells decides its own shape."""
    return any(isinstance(mark, HeatMap) and mark.square for mark in panel.marks)


def _cells(panel: Panel, rect: Rect) -> tuple[int, int] | None:
    """Rows and columns of the square picture in this rect, if there is one."""
    for mark in panel.marks:
        if mark.rect != rect:
            continue
        if isinstance(mark, HeatMap) and mark.square:
            shape = np.shape(mark.values)
        elif isinstance(mark, Lamps) and np.ndim(mark.states) == 2:
            shape = np.shape(mark.states)
        else:
            continue
        if len(shape) == 2 and min(shape) > 0:
            return int(shape[0]), int(shape[1])
    return None


def _inside(axes: Axes, rect: Rect, rects: list[Rect], room: Box, whole: Box, margins: Margins) -> Box:
    """The plot's own room: moved in only as far as the labels do not fit into the free room around it."""
    left, top, right, bottom = margins(axes, room)
    free = _free(rect, rects)
    spare = Box(*placed(free, whole))
    x0 = max(room.x, spare.x + left)
    y0 = max(room.y, spare.y + top)
    x1 = min(room.right, spare.right - right)
    y1 = min(room.bottom, spare.bottom - bottom)
    return Box(x0, y0, max(1.0, x1 - x0), max(1.0, y1 - y0))


def _free(rect: Rect, rects: list[Rect]) -> Rect:
    """How far labels may reach before they meet another mark's rect."""
    x0, y0, x1, y1 = 0.0, 0.0, 1.0, 1.0
    for other in rects:
        if other == rect or _overlap(rect, other):
            continue
        beside = other[1] < rect[3] and other[3] > rect[1]
        above = other[0] < rect[2] and other[2] > rect[0]
        if beside and other[2] <= rect[0]:
            x0 = max(x0, other[2])
        if beside and other[0] >= rect[2]:
            x1 = min(x1, other[0])
        if above and other[3] <= rect[1]:
            y0 = max(y0, other[3])
        if above and other[1] >= rect[3]:
            y1 = min(y1, other[1])
    return x0, y0, x1, y1


def _overlap(a: Rect, b: Rect) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _snapped(box: Box) -> Box:
    x0, y0 = round(box.x), round(box.y)
    return Box(x0, y0, max(1, round(box.right) - x0), max(1, round(box.bottom) - y0))
