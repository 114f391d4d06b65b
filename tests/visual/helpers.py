"""A hand at the keys and the mouse of a window with a clock of its own; where shapes reach."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pygame

from nnhistory.draw.boxes import Box
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT
from nnhistory.draw.shapes import Circle, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape
from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage
from nnhistory.visual.picture import Painted
from nnhistory.visual.window import Window
from tests.engine.stagehand import LIMIT

TICK = 0.05


class Hand:
    """Presses keys, moves the mouse, and lets time pass."""

    def __init__(self, surface: pygame.Surface, stage: Stage, progress: Progress, looks: dict[str, Any]) -> None:
        self.window = Window(surface, stage, progress=progress, **looks)
        self.now = 0.0
        self.until(lambda: self.stage.board is not None or self.stage.lane.started)

    @property
    def stage(self) -> Stage:
        return self.window.stage

    @property
    def painted(self) -> Painted:
        assert self.window.painted is not None
        return self.window.painted

    def tick(self, times: int = 1) -> None:
        for _ in range(times):
            self.now += TICK
            self.window.tick(self.now)

    def until(self, so: Callable[[], object], limit: float = LIMIT) -> None:
        """Let time pass until `so`; AssertionError after `limit` seconds of real time."""
        end = time.monotonic() + limit
        self.tick()
        while not so():
            assert time.monotonic() < end, f"waited {limit} s: {self.stage.status}"
            self.tick()

    def key(self, key: int, text: str = "", mod: int = 0) -> None:
        self.window.handle(pygame.event.Event(pygame.KEYDOWN, key=key, mod=mod, unicode=text))
        self.tick()

    def keys(self, *names: str) -> None:
        for name in names:
            self.window.press_key(name, name if len(name) == 1 else "")
            self.tick()

    def type(self, text: str) -> None:
        for letter in text:
            self.window.press_key("space" if letter == " " else letter, letter)

    def move(self, x: float, y: float) -> None:
        self.window.handle(pygame.event.Event(pygame.MOUSEMOTION, pos=(round(x), round(y)), rel=(0, 0), buttons=()))
        self.tick()

    def down(self, x: float, y: float, button: int = 1) -> None:
        self.move(x, y)
        self.window.handle(pygame.event.Event(pygame.MOUSEBUTTONDOWN, pos=(round(x), round(y)), button=button))
        self.tick()

    def up(self) -> None:
        self.window.handle(pygame.event.Event(pygame.MOUSEBUTTONUP, pos=(0, 0), button=1))

    def click(self, x: float, y: float, button: int = 1) -> None:
        self.down(x, y, button)
        self.up()

    def end(self) -> None:
        """To the end of the run."""
        self.keys("end")
        self.until(lambda: self.stage.status.state in ("done", "failed"))

    def spot(self, name: str) -> Box:
        """The room of the mark of this name."""
        return next(spot.box for spot in self.painted.drawing.spots if spot.mark.name == name)

    def panels(self) -> list[str]:
        return [panel.id for panel, _ in self.painted.slots]

    def pixels(self) -> np.ndarray:
        return pygame.surfarray.array3d(self.window.surface).copy()

    @property
    def message(self) -> str:
        return self.stage.message


Measure = Callable[..., float]


def reach(shape: Shape, measure: Measure) -> Box:
    """The box around a shape."""
    match shape:
        case FillRect(box) | RectLine(box) | ImageShape(box):
            return box
        case Circle():
            r = shape.radius
            return Box(shape.x - r, shape.y - r, 2 * r, 2 * r)
        case TextShape():
            wide = measure(shape.text, shape.size, shape.bold, shape.mono)
            above, below = shape.size * ASCENT, shape.size * DESCENT
            share = {"l": 0.0, "m": 0.5, "r": 1.0}[shape.anchor]
            if shape.turned:
                return Box(shape.x - above, shape.y - (1 - share) * wide, above + below, wide)
            return Box(shape.x - share * wide, shape.y - above, wide, above + below)
        case Stroke(xy) | Polygon(xy):
            low, high = xy.min(axis=0), xy.max(axis=0)
            return Box(float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1]))


def outside(inner: Box, outer: Box) -> float:
    """By how many pixels the inner box reaches out of the outer one."""
    return max(
        outer.x - inner.x, outer.y - inner.y, inner.right - outer.right, inner.bottom - outer.bottom, 0.0
    )  # fmt: skip
