"""What the cell drawers of all marks share: a grid, a look, and the ground that lies under lines and glyphs."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.scene import Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.braille import BLANK, FULL, codes
from nnhistory.draw.grid import ANSI, BOLD, NO_COLOUR, Grid, pack
from nnhistory.draw.palette import Look
from nnhistory.draw.spots import Spot
from nnhistory.draw.words import text_width

__all__ = ["Canvas", "Style", "lay_ground"]

_DARK_YELLOW = 3
Style = Literal["solid", "dashed", "dotted"]


def lay_ground(grid: Grid, look: Look) -> None:
    """Where there are colours the ground has one, too: nobody knows whether the terminal's own is dark or light."""
    if look.mode == "mono":
        return
    colours, few = look.palette, look.mode == "ansi16"
    paper = ANSI + colours.ansi["paper"] if few else pack(colours.colour("paper"))
    ink = ANSI + colours.ansi["ink"] if few else pack(colours.colour("ink"))
    grid.bg[grid.bg == NO_COLOUR] = paper
    grid.fg[grid.fg == NO_COLOUR] = ink


class Canvas:
    """A grid to paint on.

    Attributes
    ----------
    grid, look : the cells, and how many colours they may have.
    ground : (rows, columns) the colour a glyph stands on: that of the picture painted there, else `NO_COLOUR`.
    spots : what lies where, in the grid's own coordinates.
    """

    def __init__(self, grid: Grid, look: Look) -> None:
        self.grid = grid
        self.look = look
        self.palette = look.palette
        self.mode = look.mode
        self.ground: NDArray[np.int32] = np.full(grid.chars.shape, NO_COLOUR, np.int32)
        self.spots: list[Spot] = []
        self.styles: dict[int, Style] = {}
        """How the lines of the panel are drawn, by the ids of their marks."""
        self._later: list[tuple[int, float, Box, str, Role]] = []

    def ink(self, role: Role, strength: float = 1.0) -> int:
        """A role's colour for lines and areas. strength below 1 thins it with paper."""
        if self.mode == "mono":
            return NO_COLOUR
        if self.mode == "ansi16":
            return ANSI + (self.palette.ansi[role] if strength > 0.4 else self.palette.ansi["neutral"])
        colour = self.palette.colour(role)
        return pack(colour if strength >= 1 else self.palette.tint(role, strength))

    def text(self, role: Role) -> int:
        """A role's colour for text: one that can be read on paper."""
        if self.mode == "truecolor":
            return pack(self.palette.text(role))
        if self.mode == "ansi16" and role == "attention" and not self.palette.dark:
            return ANSI + _DARK_YELLOW  # bright yellow cannot be read on white
        return self.ink("ink" if role in ("paper", "neutral") else role)

    def put(
        self, column: int, row: int, text: str, role: Role = "ink", *, style: int = 0, bg: int | None = None
    ) -> int:
        """Write text. Returns the column behind it."""
        return self.grid.put(column, row, text, self.text(role), style=style, bg=bg)

    def over(self, column: int, row: int, text: str, fg: int, *, style: int = 0) -> None:
        """Write on what is painted already, keeping its ground."""
        if not 0 <= row < self.grid.rows:
            return
        for offset, char in enumerate(text):
            at = column + offset
            if 0 <= at < self.grid.columns:
                self.grid.put(at, row, char, fg, bg=int(self.ground[row, at]), style=style)

    def label_later(self, column: int, height: float, room: Box, text: str, role: Role) -> None:
        """A bold label that begins in this column, as high (rows from the top) as what it names. See `settle`."""
        self._later.append((column, height, room, text, role))

    def settle(self) -> None:
        """Put the waiting labels down, the upper ones first, each in the nearest row where it covers no other one.

        One stands above another only if what it names does, as long as there is room below.
        """
        taken: list[tuple[int, int, int]] = []
        for column, height, room, text, role in sorted(self._later, key=lambda label: label[1]):
            end = column + text_width(text)
            near = [row for row, a, b in taken if column < b and a < end]
            rows = range(int(room.y), int(room.bottom))
            free = [row for row in rows if row > max(near, default=-1)] or [row for row in rows if row not in near]
            own = min(int(height), int(room.bottom) - 1)
            here = min(free, key=lambda row: abs(row - own), default=own)
            self.over(column, here, text, self.glyph_ink(role, column, here), style=BOLD)
            taken.append((here, column, end))
        self._later.clear()

    def glyph_ink(self, role: Role, column: int, row: int) -> int:
        """A role's colour that can be seen on the ground of this cell."""
        if self.mode == "mono" or not (0 <= row < self.grid.rows and 0 <= column < self.grid.columns):
            return self.text(role)
        ground = int(self.ground[row, column])
        if ground == NO_COLOUR:
            return self.text(role)
        if self.mode == "ansi16":
            return ANSI + self.palette.ansi["ink"]
        rgb = (ground >> 16, (ground >> 8) & 255, ground & 255)
        return pack(self.palette.text(role, rgb))

    def line_ink(self, role: Role, room: Box) -> int:
        """A role's colour for a line: on a picture one that can be seen there, else as it is."""
        column, row = int(room.x + room.width / 2), int(room.y + room.height / 2)
        inside = 0 <= row < self.grid.rows and 0 <= column < self.grid.columns
        if self.mode != "mono" and inside and int(self.ground[row, column]) != NO_COLOUR:
            return self.glyph_ink(role, column, row)
        return self.text(role)

    def stamp(self, box: Box, mask: NDArray[np.bool_], colour: int, *, style: int = 0) -> None:
        """Put dots (4 rows, 2 columns) over the cells of a box. Dots of lines that cross in a cell add up."""
        new = codes(mask)
        place = (slice(int(box.y), int(box.y) + new.shape[0]), slice(int(box.x), int(box.x) + new.shape[1]))
        chars = self.grid.chars[place]
        new = new[: chars.shape[0], : chars.shape[1]]
        hit = new > 0
        dotted = (chars >= BLANK) & (chars <= FULL)
        chars[hit] = np.where(dotted, chars | new, new)[hit]
        self.grid.fg[place][hit] = colour
        self.grid.bg[place][hit] = self.ground[place][hit]
        self.grid.style[place][hit] = style
