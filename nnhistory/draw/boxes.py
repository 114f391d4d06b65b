"""Rectangles, in pixels or in terminal cells: (0, 0) top left, y downwards."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Box"]


class Box(NamedTuple):
    """A rectangle: left, top, width, height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    def inset(self, left: float, top: float, right: float, bottom: float) -> Box:
        """This box without margins; never of negative size."""
        width = max(0.0, self.width - left - right)
        height = max(0.0, self.height - top - bottom)
        return Box(self.x + min(left, self.width), self.y + min(top, self.height), width, height)

    def holds(self, x: float, y: float, slack: float = 0.0) -> bool:
        """Is the point inside (or within `slack` of it)?"""
        return self.x - slack <= x <= self.right + slack and self.y - slack <= y <= self.bottom + slack
