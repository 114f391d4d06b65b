"""The seven primitive shapes on a pygame surface."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import msgspec
import numpy as np
import pygame

from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB
from nnhistory.draw.pixel_lines import dashes
from nnhistory.draw.png import font_file
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape
from nnhistory.visual.parts import Part

__all__ = ["Painter", "forget_fonts", "measure"]

_TEXTS = 1500
"""Rendered texts that are kept: a scene has about a hundred, and most stay the same from frame to frame."""


_SPRITES = 6000
"""Shapes that are remembered with their places: more than a few pictures have."""

_SMALL = 12.0
"""Circles up to this radius are kept as little pictures."""


_Sprite = tuple[pygame.Surface, tuple[int, int]]
"""A little picture, and where its top left corner goes."""


@lru_cache(maxsize=128)
def _font(size: int, bold: bool, mono: bool) -> pygame.font.Font:
    return pygame.font.Font(str(font_file(bold, mono)), size)


def measure(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
    """Width in pixels of `text`, as it will be painted."""
    return float(_font(max(6, round(size)), bold, mono).size(text)[0])


def forget_fonts() -> None:
    """Fonts do not outlive pygame's font module: to be called when it is started anew."""
    _font.cache_clear()


class Painter:
    """Paints drawings; remembers rendered text, small circles, and which parts stand on the surface already."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, int, bool, bool, RGB, bool], pygame.Surface] = OrderedDict()
        self._dots: dict[tuple[float, RGB | None, RGB | None, float, int, int], pygame.Surface] = {}
        self._sprites: dict[Shape, _Sprite] = {}
        """Texts and small circles, each with its place: most of them stand where they stood a frame ago."""
        self._stands: tuple[tuple[int, int], RGB, list[Part]] | None = None
        self.spent: dict[Box, float] = {}
        """Seconds that each part painted last took, by its region."""

    def paint(self, surface: pygame.Surface, drawing: Drawing, ground: RGB | None = None) -> None:
        """All shapes in order; texts and small circles that follow one another in one go.

        ground : the colour that the surface has everywhere. What is drawn on it in that colour is not seen.
        """
        known, waiting = self._sprites, list[_Sprite]()
        if len(known) > _SPRITES:
            known.clear()
        for shape in drawing.shapes:
            kind = type(shape)
            if kind is TextShape or (kind is Circle and shape.radius <= _SMALL):  # type: ignore[union-attr]
                sprite = known.get(shape)
                if sprite is None:
                    sprite = self._text(shape) if isinstance(shape, TextShape) else self._dot(shape)  # type: ignore[arg-type]
                    known[shape] = sprite
                waiting.append(sprite)
                continue
            if ground is not None:
                if isinstance(shape, FillRect) and shape.fill == ground and not waiting:
                    continue
                ground = None
            if waiting:
                surface.fblits(waiting)
                waiting = []
            self._shape(surface, shape)
        surface.fblits(waiting)

    def _dot(self, circle: Circle) -> _Sprite:
        """A small circle as a little picture, and where it goes: a retina has four hundred of them."""
        x4, y4 = round(circle.x * 4), round(circle.y * 4)
        x, y = x4 >> 2, y4 >> 2
        key = (circle.radius, circle.fill, circle.line, circle.width, x4 & 3, y4 & 3)
        dot = self._dots.get(key)
        if dot is None:
            if len(self._dots) > _TEXTS:
                self._dots.clear()
            dot = self._dots[key] = _dot(circle, (x4 & 3) / 4, (y4 & 3) / 4)
        half = dot.get_width() >> 1
        return dot, (x - half, y - half)

    def paint_parts(self, surface: pygame.Surface, parts: Sequence[Part], ground: RGB) -> None:
        """The parts, next to one another on the ground. Only those that have changed since the last time."""
        stands = self._stands
        whole = stands is None or stands[0] != surface.get_size() or stands[1] != ground
        old = [] if whole or stands is None else stands[2]
        gone = [part for part in old if not any(part.box == new.box for new in parts)]
        if whole or gone or len(old) != len(parts):
            surface.fill(ground)
            fresh = list(parts)
        else:
            standing = {part.box: part.drawing for part in old}
            fresh = [part for part in parts if standing.get(part.box) is not part.drawing]
        self.spent = {}
        for box, drawing in fresh:
            began = time.perf_counter()
            surface.set_clip(_rect(box))
            surface.fill(ground)
            self.paint(surface, drawing, ground)
            self.spent[box] = time.perf_counter() - began
        surface.set_clip(None)
        self._stands = (surface.get_size(), ground, list(parts))

    def forget(self) -> None:
        """Something else was painted over the parts: the next time all of them are painted."""
        self._stands = None

    def _shape(self, surface: pygame.Surface, shape: Shape) -> None:
        match shape:
            case FillRect(box, fill, radius):
                pygame.draw.rect(surface, fill, _rect(box), border_radius=round(radius))
            case RectLine(box, colour, width, radius):
                pygame.draw.rect(surface, colour, _rect(box), max(1, round(width)), border_radius=round(radius))
            case Stroke(xy, colour, width, dash):
                for piece in dashes(xy, dash) if dash else [xy]:
                    _line(surface, piece, colour, width)
            case Polygon(xy, fill):
                pygame.draw.polygon(surface, fill, xy.tolist())
            case Circle():
                _circle(surface, shape)
            case TextShape():
                surface.blit(*self._text(shape))
            case ImageShape(box, rgb):
                _image(surface, _rect(box), rgb)

    def _text(self, shape: TextShape) -> _Sprite:
        size = max(6, round(shape.size))
        key = (shape.text, size, shape.bold, shape.mono, shape.colour, shape.turned)
        rendered = self._texts.get(key)
        font = _font(size, shape.bold, shape.mono)
        if rendered is None:
            rendered = font.render(shape.text, True, shape.colour)
            if shape.turned:
                rendered = pygame.transform.rotate(rendered, 90)
            self._texts[key] = rendered
            if len(self._texts) > _TEXTS:
                self._texts.popitem(last=False)
        else:
            self._texts.move_to_end(key)
        share = {"l": 0.0, "m": 0.5, "r": 1.0}[shape.anchor]
        ascent = font.get_ascent()
        if shape.turned:
            return rendered, (int(shape.x - ascent), int(shape.y - (1 - share) * rendered.get_height()))
        return rendered, (round(shape.x - share * rendered.get_width()), round(shape.y - ascent))


def _rect(box: tuple[float, float, float, float]) -> pygame.Rect:
    x, y, width, height = box
    left, top = round(x), round(y)
    return pygame.Rect(left, top, max(1, round(x + width) - left), max(1, round(y + height) - top))


def _line(surface: pygame.Surface, xy: np.ndarray, colour: RGB, width: float) -> None:
    points = xy.tolist()
    if width <= 1.5 and len(points) == 2:
        pygame.draw.aaline(surface, colour, *points)
        return
    if width <= 1.5:
        pygame.draw.aalines(surface, colour, False, points)
        return
    thick = max(2, round(width))
    for start, end in pairwise(points):
        pygame.draw.aaline(surface, colour, start, end, thick)
    if width > 2.5 and len(points) < 2000:
        for x, y in points[1:-1]:
            pygame.draw.aacircle(surface, colour, (x, y), thick / 2)


def _dot(circle: Circle, right: float, down: float) -> pygame.Surface:
    """A circle on nothing; its centre lies `right` and `down` of the middle pixel's corner."""
    half = math.ceil(circle.radius) + 2
    dot = pygame.Surface((2 * half, 2 * half), pygame.SRCALPHA)
    # The rim's antialiasing blends with what lies under a pixel: no other colour may lie there.
    dot.fill((*(circle.line or circle.fill or (0, 0, 0)), 0))
    _circle(dot, msgspec.structs.replace(circle, x=half + right, y=half + down))
    return dot


def _circle(surface: pygame.Surface, circle: Circle) -> None:
    centre, radius = (circle.x, circle.y), max(0.5, circle.radius)
    if circle.fill is not None:
        pygame.draw.aacircle(surface, circle.fill, centre, radius)
    if circle.line is not None:
        pygame.draw.aacircle(surface, circle.line, centre, radius, max(1, round(circle.width)))


def _image(surface: pygame.Surface, rect: pygame.Rect, rgb: np.ndarray) -> None:
    if not rgb.size:
        return
    rows, columns = rgb.shape[:2]
    picture = pygame.image.frombuffer(np.ascontiguousarray(rgb).tobytes(), (columns, rows), "RGB")
    surface.blit(pygame.transform.scale(picture, rect.size), rect)
