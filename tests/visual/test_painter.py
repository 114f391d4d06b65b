"""Shapes become pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pygame
import pytest

from nnhistory.draw.boxes import Box
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape
from nnhistory.visual.painter import Painter, measure
from nnhistory.visual.parts import Part
from tests.visual.helpers import Hand, reach

RED, GROUND = (200, 30, 10), (20, 24, 30)
SHAPES: dict[str, Shape] = {
    "rectangle": FillRect(Box(10, 12, 40, 30), RED),
    "round corners": FillRect(Box(10, 12, 40, 30), RED, 8.0),
    "outline": RectLine(Box(10, 12, 40, 30), RED, 2.0, 5.0),
    "line": Stroke(np.array([[10.0, 10.0], [60.0, 40.0]]), RED),
    "thick line": Stroke(np.array([[10.0, 10.0], [40.0, 40.0], [80.0, 20.0]]), RED, 5.0),
    "dashes": Stroke(np.array([[10.0, 20.0], [90.0, 20.0]]), RED, 2.0, (5.0, 3.0)),
    "polygon": Polygon(np.array([[10.0, 10.0], [50.0, 10.0], [30.0, 40.0]]), RED),
    "dot": Circle(30.3, 30.6, 4.0, RED),
    "ring": Circle(30.0, 30.0, 8.0, None, RED, 2.0),
    "disc": Circle(40.0, 40.0, 25.0, RED, (255, 255, 255), 2.0),
    "text": TextShape(10.0, 40.0, "sum −2", 16.0, RED),
    "bold mono, right": TextShape(90.0, 40.0, "w·x", 16.0, RED, "r", True, True),
    "turned": TextShape(40.0, 50.0, "error", 14.0, RED, "m", turned=True),
    "picture": ImageShape(Box(10, 10, 60, 40), np.full((2, 3, 3), RED, dtype=np.uint8)),
}


@pytest.fixture
def surface(opened: Callable[..., Hand]) -> pygame.Surface:
    opened("perceptron/or", (800, 600))
    made = pygame.Surface((100, 80))
    made.fill(GROUND)
    return made


@pytest.mark.parametrize("name", SHAPES)
def test_every_shape_leaves_its_mark_where_it_says(surface: pygame.Surface, name: str) -> None:
    shape = SHAPES[name]
    Painter().paint(surface, Drawing([shape]))
    pixels = pygame.surfarray.array3d(surface)
    changed = np.argwhere((pixels != GROUND).any(axis=2))
    assert len(changed) > 10
    box = reach(shape, measure)
    slack = 2.0 + getattr(shape, "width", 0.0)
    assert changed[:, 0].min() >= box.x - slack
    assert changed[:, 0].max() <= box.right + slack
    assert changed[:, 1].min() >= box.y - slack
    assert changed[:, 1].max() <= box.bottom + slack
    nearest = np.abs(pixels.astype(int) - RED).sum(axis=2).min()
    assert nearest < 60, "its colour is there"


def test_a_dot_is_the_same_picture_as_a_circle(surface: pygame.Surface) -> None:
    # Small circles are kept as little pictures: on a ground they must look as if drawn there, rim and all.
    kept, drawn = surface.copy(), surface.copy()
    shape = Circle(30.25, 40.5, 6.0, RED, (240, 240, 240), 1.0)
    Painter().paint(kept, Drawing([shape]))
    pygame.draw.aacircle(drawn, RED, (30.25, 40.5), 6.0)
    pygame.draw.aacircle(drawn, (240, 240, 240), (30.25, 40.5), 6.0, 1)
    one, other = (pygame.surfarray.array3d(s).astype(int) for s in (kept, drawn))
    assert np.abs(one - other).max() <= 70
    assert np.abs(one - other).mean() < 1.0


def test_measured_as_painted(surface: pygame.Surface) -> None:
    shape = TextShape(2.0, 40.0, "presentations", 13.0, RED)
    Painter().paint(surface, Drawing([shape]))
    columns = np.flatnonzero((pygame.surfarray.array3d(surface) != GROUND).any(axis=(1, 2)))
    assert measure("presentations", 13.0) == pytest.approx(columns.max() - columns.min(), abs=4)


def test_parts(surface: pygame.Surface) -> None:
    def part(x: int, colour: tuple[int, int, int]) -> Part:
        box = Box(x, 0, 40, 80)
        return Part(box, Drawing([FillRect(box, colour)]))

    def colour(x: int) -> tuple[int, ...]:
        return tuple(surface.get_at((x, 40))[:3])

    painter, left, right = Painter(), part(0, RED), part(50, (9, 9, 9))
    painter.paint_parts(surface, [left, right], GROUND)
    assert (colour(20), colour(45), colour(70)) == (RED, GROUND, (9, 9, 9))
    surface.fill((1, 2, 3), (0, 0, 40, 80))
    painter.paint_parts(surface, [left, part(50, (7, 7, 7))], GROUND)
    assert (colour(20), colour(70)) == ((1, 2, 3), (7, 7, 7)), "what has not changed is left alone"
    painter.paint_parts(surface, [left], GROUND)
    assert (colour(20), colour(70)) == (RED, GROUND), "a part that is gone leaves nothing behind"
    surface.fill((1, 2, 3))
    painter.forget()
    painter.paint_parts(surface, [left], GROUND)
    assert (colour(20), colour(70)) == (RED, GROUND)
