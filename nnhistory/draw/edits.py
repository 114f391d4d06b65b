"""Drawing by hand: new values for `points` and `picture` knobs. Shared by both front ends, so they draw alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnhistory.core.scene import Dial, Edit, HeatMap, Mark, Panel, Points

__all__ = [
    "Editable", "add_point", "drop_point", "editable", "move_point", "paint", "place_of", "turnable", "turned",
    "turned_to",
]  # fmt: skip

Point = list[float]
Picture = list[list[float]]


class Editable:
    """What can be drawn on in a panel, with its present value in the knob's own units."""

    def __init__(self, mark: Mark, edit: Edit) -> None:
        self.mark, self.edit = mark, edit

    @property
    def points(self) -> list[Point]:
        """The points as they stand: [x, y, label]."""
        assert isinstance(self.mark, Points)
        labels = np.asarray(self.mark.labels).reshape(-1)
        unit = np.asarray(self.mark.xy, dtype=float).reshape(-1, 2)
        places = [place_of(self.edit, float(x), float(y)) for x, y in unit]
        return [[x, y, 1 if label > 0 else -1] for (x, y), label in zip(places, labels, strict=True)]

    @property
    def picture(self) -> Picture:
        """The picture as it stands, rows from the top."""
        assert isinstance(self.mark, HeatMap)
        values = np.clip(np.asarray(self.mark.values, dtype=float), 0.0, 1.0)
        return [[float(cell) for cell in row] for row in values]


def editable(panels: Sequence[Panel]) -> Editable | None:
    """The first thing in these panels that can be drawn on."""
    for panel in panels:
        for mark in panel.marks:
            if mark.edit is not None and mark.edit.how in ("points", "draw"):
                return Editable(mark, mark.edit)
    return None


def place_of(edit: Edit, x: float, y: float) -> tuple[float, float]:
    """Unit coordinates in the data's own units, rounded as finely as one can point."""
    (left, right), (low, high) = edit.xlim, edit.ylim
    digits = 3
    return round(left + x * (right - left), digits), round(low + y * (high - low), digits)


def add_point(points: list[Point], edit: Edit, x: float, y: float, label: int) -> list[Point]:
    """One more point at unit coordinates (x, y)."""
    return [*points, [*place_of(edit, x, y), label]]


def move_point(points: list[Point], edit: Edit, index: int, x: float, y: float) -> list[Point]:
    """Point `index` at unit coordinates (x, y)."""
    moved = [*place_of(edit, min(1.0, max(0.0, x)), min(1.0, max(0.0, y))), points[index][2]]
    return [*points[:index], moved, *points[index + 1 :]]


def drop_point(points: list[Point], index: int) -> list[Point]:
    """The points without one; the last one stays, because there is nothing to learn from none."""
    return points if len(points) <= 1 else [*points[:index], *points[index + 1 :]]


def paint(picture: Picture, cells: Sequence[tuple[int, int]], value: float, *, brush: int = 0) -> Picture:
    """The picture with these cells (row, column), and `brush` cells around them, set to `value`."""
    painted: list[list[Any]] = [list(row) for row in picture]
    for row, column in cells:
        for y in range(row - brush, row + brush + 1):
            for x in range(column - brush, column + brush + 1):
                if 0 <= y < len(painted) and 0 <= x < len(painted[y]):
                    painted[y][x] = value
    return painted


NOTCHES = 40
"""Notches from one end of a dial to the other: one turn of the mouse wheel, one press of an arrow."""


def turnable(panels: Sequence[Panel]) -> list[Dial]:
    """The dials in these panels that can be turned by hand, in the order in which they are drawn."""
    marks = [mark for panel in panels for mark in panel.marks]
    return [mark for mark in marks if isinstance(mark, Dial) and mark.edit is not None and mark.edit.how == "turn"]


def turned(dial: Dial, notches: float) -> float:
    """The dial's value after some notches, not beyond its ends. Lands on whole notches."""
    notch = (dial.hi - dial.lo) / NOTCHES
    place = round((dial.value - dial.lo) / notch + notches)
    return _even(dial.lo + min(NOTCHES, max(0, place)) * notch)


def turned_to(dial: Dial, share: float) -> float:
    """The value at `share` (0..1) of the scale."""
    return _even(dial.lo + min(1.0, max(0.0, share)) * (dial.hi - dial.lo))


def _even(value: float) -> float:
    """Without the digits that only come from dividing by notches."""
    return float(f"{value:.4g}")
