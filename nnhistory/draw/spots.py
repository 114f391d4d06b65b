"""What lies under the pointer: the same hit test for the window (pixels) and the terminal (cells).

A spot remembers where a mark was drawn; what is found there is worked out only when somebody points at it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Edit, HeatMap, Mark
from nnhistory.draw.boxes import Box

__all__ = ["AreaSpot", "Found", "GridSpot", "LinksSpot", "PathsSpot", "PlacesSpot", "Spot", "hit"]


@dataclass(frozen=True)
class Found:
    """What was pointed at.

    Attributes
    ----------
    name, hint : of the mark (or of one point of it).
    value : the value there, as text ("" if there is none).
    edit : the mark's edit target, if it has one.
    index : which item of the mark (a point, a bar, a node, a link), or (row, column) of a picture; None: the mark.
    unit : where in the mark's own room, as unit coordinates ((0, 0) bottom left), so that `edit` can place a point.
    part : `node` or `link` of a graph, else "".
    """

    mark: Mark
    name: str
    hint: str
    value: str = ""
    edit: Edit | None = None
    index: int | tuple[int, int] | None = None
    unit: tuple[float, float] = (0.0, 0.0)
    part: str = ""


def _unit(box: Box, x: float, y: float) -> tuple[float, float]:
    return (x - box.x) / (box.width or 1.0), 1.0 - (y - box.y) / (box.height or 1.0)


@dataclass(frozen=True, eq=False)
class AreaSpot:
    """A whole mark, or item `index` of it."""

    box: Box
    mark: Mark
    value: str = ""
    index: int | None = None
    name: str = ""

    def find(self, x: float, y: float) -> Found | None:
        if not self.box.holds(x, y):
            return None
        mark = self.mark
        return Found(
            mark, self.name or mark.name, mark.hint, self.value, mark.edit, self.index, _unit(self.box, x, y)
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class GridSpot:
    """A picture: values (rows, columns), row 0 at the top, spread evenly over `box`."""

    box: Box
    mark: Mark
    values: NDArray[Any]
    index: int | None = None
    """Which picture of a wall of pictures."""
    name: str = ""

    def find(self, x: float, y: float) -> Found | None:
        if not self.box.holds(x, y):
            return None
        rows, columns = self.values.shape
        if not rows or not columns:
            return None
        row = min(rows - 1, int((y - self.box.y) / (self.box.height or 1.0) * rows))
        column = min(columns - 1, int((x - self.box.x) / (self.box.width or 1.0) * columns))
        number = float(self.values[row, column])
        if math.isnan(number) and isinstance(self.mark, HeatMap) and self.mark.told is not None:
            return None
        where = f"row {row + 1}, column {column + 1}: " if self.values.size > 1 else ""
        value = where + plain(number)
        return Found(
            self.mark, self.name or self.mark.name, self.mark.hint, value, self.mark.edit,
            (row, column) if self.index is None else self.index, _unit(self.box, x, y),
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class PlacesSpot:
    """Small things at xy (n, 2): points, nodes, lamps. Nearest within the reach (rx, ry) wins."""

    box: Box
    mark: Mark
    xy: NDArray[np.float64]
    reach: tuple[float, float]
    names: Sequence[str] = ()
    values: Sequence[str] | NDArray[Any] = ()
    part: str = ""
    hint: str = ""
    """Of an item, where it is not the mark's own."""
    covers: bool = False
    """Found as a whole mark where no item is near (an area on which points can be added)."""

    def find(self, x: float, y: float) -> Found | None:
        if len(self.xy):
            d = ((self.xy[:, 0] - x) / self.reach[0]) ** 2 + ((self.xy[:, 1] - y) / self.reach[1]) ** 2
            nearest = int(np.argmin(np.where(np.isfinite(d), d, np.inf)))
            if d[nearest] <= 1.0:
                return self._item(nearest, x, y)
        if self.covers and self.box.holds(x, y):
            mark = self.mark
            return Found(mark, mark.name, mark.hint, "", mark.edit, None, _unit(self.box, x, y))
        return None

    def _item(self, index: int, x: float, y: float) -> Found:
        mark = self.mark
        name = self.names[index] if index < len(self.names) and self.names[index] else mark.name
        value: Any = self.values[index] if index < len(self.values) else ""
        text = value if isinstance(value, str) else plain(float(value))
        hint = self.hint or mark.hint
        return Found(mark, name, hint, text, mark.edit, index, _unit(self.box, x, y), self.part)


@dataclass(frozen=True, eq=False)
class LinksSpot:
    """Straight links a (m, 2) to b (m, 2): the nearest within `reach` wins. `stretch`: a cell's height in widths."""

    box: Box
    mark: Mark
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    values: NDArray[np.float64]
    reach: float
    names: Sequence[str] = ()
    stretch: float = 1.0

    def find(self, x: float, y: float) -> Found | None:
        if not len(self.a) or not self.box.holds(x, y, self.reach):
            return None
        scale = np.array([1.0, self.stretch])
        nearest, far = _nearest(self.a * scale, self.b * scale, np.array([x, y]) * scale)
        if far > self.reach:
            return None
        mark = self.mark
        name = self.names[nearest] if nearest < len(self.names) else mark.name
        return Found(
            mark, name, mark.hint, plain(float(self.values[nearest])), mark.edit, nearest, _unit(self.box, x, y), "link"
        )


@dataclass(frozen=True, eq=False)
class PathsSpot:
    """Lines in `box`, each through (m, 2) points, m >= 2: found where one points within `reach` of any of them."""

    box: Box
    mark: Mark
    paths: Sequence[NDArray[np.float64]]
    reach: float

    def find(self, x: float, y: float) -> Found | None:
        if not self.paths or not self.box.holds(x, y, self.reach):
            return None
        a = np.concatenate([path[:-1] for path in self.paths])
        b = np.concatenate([path[1:] for path in self.paths])
        if _nearest(a, b, np.array([x, y]))[1] > self.reach:
            return None
        return Found(self.mark, self.mark.name, self.mark.hint, "", self.mark.edit, None, _unit(self.box, x, y))


def _nearest(a: NDArray[np.float64], b: NDArray[np.float64], p: NDArray[np.float64]) -> tuple[int, float]:
    """Which of the segments a (m, 2) to b (m, 2) lies nearest to p (2,), and how far off."""
    along = b - a
    length2 = np.maximum((along**2).sum(axis=1), 1e-12)
    t = np.clip(((p - a) * along).sum(axis=1) / length2, 0.0, 1.0)
    distance2 = ((a + t[:, None] * along - p) ** 2).sum(axis=1)
    nearest = int(np.argmin(distance2))
    return nearest, float(distance2[nearest]) ** 0.5


Spot = AreaSpot | GridSpot | PlacesSpot | LinksSpot | PathsSpot


def hit(spots: Sequence[Spot], x: float, y: float) -> Found | None:
    """What lies at (x, y); the spot drawn last lies on top."""
    for spot in reversed(spots):
        found = spot.find(x, y)
        if found is not None:
            return found
    return None
