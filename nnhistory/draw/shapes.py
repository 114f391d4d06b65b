"""Primitive shapes in pixel coordinates: all that SVG, Pillow and pygame have to draw.

(0, 0) is the top left corner, y grows downwards; lengths are in pixels, fractions allowed. Colours are final and
opaque. Shapes are drawn in the order of the list. A drawer that knows these seven knows every scene.

A picture has hundreds of them, sixty times a second: structs, because they are made five times as fast as frozen
dataclasses, and hashed as fast, so that a painter can remember what it made of a shape.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB
from nnhistory.draw.spots import Spot

__all__ = [
    "Box", "Circle", "Drawing", "FillRect", "ImageShape", "Measure", "Polygon", "RectLine", "Shape", "Stroke",
    "TextShape",
]  # fmt: skip


class Measure(Protocol):
    """Width in pixels of `text` at `size` pixels. Injected: Pillow's font or pygame's."""

    def __call__(self, text: str, size: float, bold: bool = False, mono: bool = False) -> float: ...


class FillRect(msgspec.Struct, frozen=True, gc=False):
    """A filled rectangle, its corners rounded by `radius`."""

    box: Box
    fill: RGB
    radius: float = 0.0


class RectLine(msgspec.Struct, frozen=True, gc=False):
    """A rectangle's outline, drawn inside `box`."""

    box: Box
    colour: RGB
    width: float = 1.0
    radius: float = 0.0


class Stroke(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A line through xy (n, 2), n >= 2. `dash`: lengths drawn and left out in turn, empty for a solid line."""

    xy: NDArray[np.float64]
    colour: RGB
    width: float = 1.0
    dash: tuple[float, ...] = ()


class Polygon(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A filled polygon through xy (n, 2), n >= 3."""

    xy: NDArray[np.float64]
    fill: RGB


class Circle(msgspec.Struct, frozen=True, gc=False):
    """A circle around (x, y): filled, outlined (`line`, `width`), or both."""

    x: float
    y: float
    radius: float
    fill: RGB | None = None
    line: RGB | None = None
    width: float = 1.0


class TextShape(msgspec.Struct, frozen=True, gc=False):
    """One line of text. (x, y) lies on its baseline, at its left end, middle or right end (`anchor` l, m, r).

    size : the font's size in pixels. turned : reads upwards (an axis label), rotated by 90 degrees about (x, y).
    """

    x: float
    y: float
    text: str
    size: float
    colour: RGB
    anchor: Literal["l", "m", "r"] = "l"
    bold: bool = False
    mono: bool = False
    turned: bool = False


class ImageShape(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A picture, rgb (rows, columns, 3) bytes, scaled to `box` by nearest neighbour: numbers stay crisp squares."""

    box: Box
    rgb: NDArray[np.uint8]


Shape = FillRect | RectLine | Stroke | Polygon | Circle | TextShape | ImageShape


@dataclass(slots=True)
class Drawing:
    """What a panel becomes: shapes to draw in order, and spots to point at (the last one lies on top)."""

    shapes: list[Shape] = field(default_factory=list)
    spots: list[Spot] = field(default_factory=list)
