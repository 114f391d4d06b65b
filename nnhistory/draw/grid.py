"""A grid of terminal cells: character, foreground, background and style of each, as NumPy arrays.

Colours are int32: `NO_COLOUR` (the terminal's own), 0xRRGGBB, or `ANSI + index` (one of the terminal's sixteen).
A wide character (East Asian) fills its cell and leaves 0 in the next one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nnhistory.draw.palette import ANSI_RGB, RGB
from nnhistory.draw.spots import Spot
from nnhistory.draw.words import cell_width

__all__ = ["ANSI", "BOLD", "NO_COLOUR", "REVERSE", "Grid", "Run", "ansi_index", "pack", "rgb_of"]

NO_COLOUR = -1
ANSI = 1 << 24
BOLD = 1
REVERSE = 2


class Run(NamedTuple):
    """Neighbouring cells of one look. fg and bg as in the grid; style is BOLD and REVERSE or-ed."""

    text: str
    fg: int
    bg: int
    style: int


def pack(colour: RGB) -> int:
    """0xRRGGBB."""
    return (colour[0] << 16) | (colour[1] << 8) | colour[2]


def ansi_index(colour: int) -> int | None:
    """Which of the sixteen colours, or None if it is another kind."""
    return colour - ANSI if colour >= ANSI else None


def rgb_of(colour: int) -> RGB | None:
    """A grid's colour as red, green, blue (the sixteen as VGA had them); None for the terminal's own."""
    if colour < 0:
        return None
    if colour >= ANSI:
        return ANSI_RGB[colour - ANSI]
    return colour >> 16, (colour >> 8) & 255, colour & 255


@dataclass(slots=True, eq=False)
class Grid:
    """chars (rows, columns) code points; fg, bg (rows, columns) colours; style (rows, columns) flags.

    `spots` say what lies where, in cells (column, row) with fractions; pass them to `draw.spots.hit`. `cut` is True if
    something found no room and ends with an ellipsis: a front end then offers a larger view.
    """

    chars: NDArray[np.uint32]
    fg: NDArray[np.int32]
    bg: NDArray[np.int32]
    style: NDArray[np.uint8]
    spots: list[Spot] = field(default_factory=list)
    cut: bool = False

    @classmethod
    def blank(cls, columns: int, rows: int, fg: int = NO_COLOUR, bg: int = NO_COLOUR) -> Grid:
        """Spaces on `bg`."""
        shape = (max(0, rows), max(0, columns))
        return cls(
            np.full(shape, 32, np.uint32), np.full(shape, fg, np.int32), np.full(shape, bg, np.int32),
            np.zeros(shape, np.uint8),
        )  # fmt: skip

    @property
    def columns(self) -> int:
        return int(self.chars.shape[1])

    @property
    def rows(self) -> int:
        return int(self.chars.shape[0])

    def view(self, column: int, row: int, columns: int, rows: int) -> Grid:
        """A window on these very cells: what is drawn there appears here. Its spots are its own list."""
        part = (slice(row, row + rows), slice(column, column + columns))
        return Grid(self.chars[part], self.fg[part], self.bg[part], self.style[part])

    def put(
        self,
        column: int,
        row: int,
        text: str,
        fg: int = NO_COLOUR,
        *,
        bg: int | None = None,
        style: int = 0,
    ) -> int:
        """Write text, cut at the grid's edges. bg None leaves the ground as it is. Returns the column after it."""
        rows, columns = self.chars.shape
        if not 0 <= row < rows:
            return column
        even = _one_cell_each(text) if len(text) > 1 else None
        if even is not None:
            end = int(max(column, min(column + len(text), columns)))
            place = slice(max(0, column), max(0, end))
            self.chars[row, place] = even[max(0, -column) : end - column]
            self.fg[row, place] = fg
            self.style[row, place] = style
            if bg is not None:
                self.bg[row, place] = bg
            return end
        for char in text:
            width = cell_width(char)
            if width == 0:
                continue
            if column + width > columns:
                break
            if column >= 0:
                self.chars[row, column] = ord(char)
                self.fg[row, column] = fg
                self.style[row, column] = style
                if bg is not None:
                    self.bg[row, column] = bg
                if width == 2:
                    self.chars[row, column + 1] = 0
                    self.fg[row, column + 1] = fg
                    self.style[row, column + 1] = style
                    if bg is not None:
                        self.bg[row, column + 1] = bg
            column += width
        return column

    def put_down(self, column: int, row: int, char: str, high: int, fg: int) -> None:
        """The same narrow character in this row and those below it, `high` in all. All of them lie on the grid."""
        place = slice(row, row + high), column
        self.chars[place], self.fg[place], self.style[place] = ord(char), fg, 0

    def text(self, row: int) -> str:
        """The characters of one row."""
        return _decoded(self.chars[row]).replace("\0", "")

    def lines(self) -> list[str]:
        """The characters of all rows, spaces at the end left out."""
        return [self.text(row).rstrip() for row in range(self.rows)]

    def runs(self, row: int) -> list[Run]:
        """One row as runs of equal look, from left to right."""
        if not self.columns:
            return []
        fg, bg, style = self.fg[row], self.bg[row], self.style[row]
        change = (fg[1:] != fg[:-1]) | (bg[1:] != bg[:-1]) | (style[1:] != style[:-1])
        starts = [0, *(np.flatnonzero(change) + 1).tolist(), self.columns]
        text = _decoded(self.chars[row])
        at = np.array(starts[:-1])
        looks = zip(starts, starts[1:], fg[at].tolist(), bg[at].tolist(), style[at].tolist(), strict=False)
        return [Run(text[a:b].replace("\0", ""), f, g, s) for a, b, f, g, s in looks]

    def ansi(self) -> str:
        """The whole grid with escape sequences, for a plain terminal."""
        return "\n".join("".join(_escaped(run) for run in self.runs(row)) for row in range(self.rows)) + "\n"


@lru_cache(maxsize=2048)
def _one_cell_each(text: str) -> NDArray[np.uint32] | None:
    """The code points of a text whose characters fill one cell each; None of any other text."""
    if any(cell_width(char) != 1 for char in text):
        return None
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4").astype(np.uint32)


def _decoded(codes: NDArray[np.uint32]) -> str:
    return bytes(codes.astype("<u4").tobytes()).decode("utf-32-le")


def _escaped(run: Run) -> str:
    codes = ["1"] if run.style & BOLD else []
    codes += ["7"] if run.style & REVERSE else []
    for colour, plain, bright, full in ((run.fg, 30, 90, "38"), (run.bg, 40, 100, "48")):
        index = ansi_index(colour)
        if index is not None:
            codes.append(str((plain if index < 8 else bright - 8) + index))
        elif colour >= 0:
            codes.append(f"{full};2;{colour >> 16};{colour >> 8 & 255};{colour & 255}")
    return f"\x1b[{';'.join(codes)}m{run.text}\x1b[0m" if codes else run.text
