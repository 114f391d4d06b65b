"""A widget that shows a grid of cells. Only rows that changed are painted again."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from nnhistory.draw.grid import BOLD, NO_COLOUR, REVERSE, Grid, ansi_index

__all__ = ["GridView", "strip_of"]


@lru_cache(maxsize=4096)
def _style(fg: int, bg: int, flags: int) -> Style:
    return Style(
        color=_colour(fg), bgcolor=_colour(bg), bold=bool(flags & BOLD) or None, reverse=bool(flags & REVERSE) or None
    )


def _colour(value: int) -> Color | None:
    if value == NO_COLOUR:
        return None
    index = ansi_index(value)
    if index is not None:
        return Color.from_ansi(index)
    return Color.from_rgb(value >> 16, (value >> 8) & 255, value & 255)


def strip_of(grid: Grid, row: int) -> Strip:
    """One row as Textual wants it."""
    return Strip([Segment(run.text, _style(run.fg, run.bg, run.style)) for run in grid.runs(row)], grid.columns)


class GridView(Widget):
    """Shows what `show` was last given, its top left corner in its own."""

    DEFAULT_CSS = "GridView { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._grid = Grid.blank(0, 0)

    @property
    def grid(self) -> Grid:
        """What is shown."""
        return self._grid

    def show(self, grid: Grid) -> None:
        """Show another grid."""
        old, self._grid = self._grid, grid
        if old.chars.shape != grid.chars.shape:
            self.refresh()
            return
        changed = (old.chars != grid.chars) | (old.fg != grid.fg) | (old.bg != grid.bg) | (old.style != grid.style)
        rows = np.flatnonzero(changed.any(axis=1))
        if len(rows):
            # Each region costs a pass of the compositor, so neighbouring rows go together.
            breaks = np.flatnonzero(np.diff(rows) > 1) + 1
            regions = [
                Region(0, int(part[0]), grid.columns, int(part[-1] - part[0]) + 1) for part in np.split(rows, breaks)
            ]
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One row."""
        if y < self._grid.rows:
            return strip_of(self._grid, y).extend_cell_length(self.size.width, self.rich_style)
        return Strip.blank(self.size.width, self.rich_style)
