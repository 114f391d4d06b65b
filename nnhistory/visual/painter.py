"""The seven primitive shapes on a pygame surface."""

from __future__ import annotations

from collections import OrderedDict
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pygame

from nnhistory.draw.palette import RGB
from nnhistory.draw.pixel_lines import dashes
from nnhistory.draw.png import font_file
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape

__all__ = ["Painter", "measure"]

_TEXTS = 1500
"""Rendered texts that are kept: a scene has about a hundred, and most stay the same from frame to frame."""


@lru_cache(maxsize=128)
def _font(size: int, bold: bool, mono: bool) -> pygame.font.Font:
    return pygame.font.Font(str(font_file(bold, mono)), size)


def measure(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
    """Width in pixels of `text`, as it will be painted."""
    return float(_font(max(6, round(size)), bold, mono).size(text)[0])


class Painter:
    """Paints drawings; remembers rendered text and scaled pictures."""

    def __init__(self) -> None:
        self._texts: OrderedDict[tuple[str, int, bool, bool, RGB, bool], pygame.Surface] = OrderedDict()

    def paint(self, surface: pygame.Surface, drawing: Drawing) -> None:
        """All shapes in order."""
        for shape in drawing.shapes:
            self._shape(surface, shape)

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
                self._text(surface, shape)
            case ImageShape(box, rgb):
                _image(surface, _rect(box), rgb)

    def _text(self, surface: pygame.Surface, shape: TextShape) -> None:
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
            surface.blit(rendered, (shape.x - ascent, shape.y - (1 - share) * rendered.get_height()))
        else:
            surface.blit(rendered, (round(shape.x - share * rendered.get_width()), round(shape.y - ascent)))


def _rect(box: tuple[float, float, float, float]) -> pygame.Rect:
    x, y, width, height = box
    left, top = round(x), round(y)
    return pygame.Rect(left, top, max(1, round(x + width) - left), max(1, round(y + height) - top))


def _line(surface: pygame.Surface, xy: np.ndarray, colour: RGB, width: float) -> None:
    points = xy.tolist()
    if width <= 1.5:
        pygame.draw.aalines(surface, colour, False, points)
        return
    thick = max(2, round(width))
    for start, end in pairwise(points):
        pygame.draw.aaline(surface, colour, start, end, thick)
    if width > 2.5 and len(points) < 2000:
        for x, y in points[1:-1]:
            pygame.draw.aacircle(surface, colour, (x, y), thick / 2)


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
