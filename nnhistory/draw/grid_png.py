"""A grid of cells as a picture, as a terminal would show it: for the README, and to look at what was built.

Blocks and braille dots are drawn as rectangles, so that they meet without gaps whatever the font does.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from nnhistory.core.resources import assets
from nnhistory.draw.grid import BOLD, REVERSE, Grid, rgb_of
from nnhistory.draw.palette import RGB, Palette

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

__all__ = ["grid_image"]

_BLOCKS = {ord(char): (index + 1) / 8 for index, char in enumerate("▁▂▃▄▅▆▇█")}
_ACROSS = {ord(char): (index + 1) / 8 for index, char in enumerate("▏▎▍▌▋▊▉")}
_SHADES = {ord("░"): 0.3, ord("▒"): 0.55, ord("▓"): 0.8}
_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))


@cache
def _font(bold: bool, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    name = "DejaVuSansMono-Bold.ttf" if bold else "DejaVuSansMono.ttf"
    return ImageFont.truetype(str(assets() / "fonts" / name), size)


def grid_image(grid: Grid, palette: Palette, *, cell: tuple[int, int] = (9, 18)) -> Image:
    """The grid in pixels. cell : width and height of a cell in pixels."""
    from PIL import Image, ImageDraw

    wide, high = cell
    ink, paper = palette.colour("ink"), palette.colour("paper")
    picture = Image.new("RGB", (grid.columns * wide, grid.rows * high), paper)
    draw = ImageDraw.Draw(picture)
    for row in range(grid.rows):
        for column in range(grid.columns):
            code, style = int(grid.chars[row, column]), int(grid.style[row, column])
            fg = rgb_of(int(grid.fg[row, column])) or ink
            bg = rgb_of(int(grid.bg[row, column])) or paper
            if style & REVERSE:
                fg, bg = bg, fg
            box = (column * wide, row * high, (column + 1) * wide - 1, (row + 1) * high - 1)
            if bg != paper:
                draw.rectangle(box, bg)
            if code > 32:
                _glyph(draw, code, box, fg, bg, bool(style & BOLD))
    return picture


def _glyph(draw: ImageDraw, code: int, box: tuple[int, int, int, int], fg: RGB, bg: RGB, bold: bool) -> None:
    left, top, right, bottom = box
    wide, high = right - left + 1, bottom - top + 1
    if code == ord("▀"):
        draw.rectangle((left, top, right, top + high // 2 - 1), fg)
    elif code in _BLOCKS:
        draw.rectangle((left, bottom + 1 - round(high * _BLOCKS[code]), right, bottom), fg)
    elif code in _ACROSS:
        draw.rectangle((left, top, left + max(0, round(wide * _ACROSS[code]) - 1), bottom), fg)
    elif code in _SHADES:
        share = _SHADES[code]
        mixed = tuple(round(b + (f - b) * share) for f, b in zip(fg, bg, strict=True))
        draw.rectangle(box, mixed)
    elif 0x2800 < code <= 0x28FF:
        size = 2 if wide < 12 else 3
        for bit, (across, down) in enumerate(_DOTS):
            if (code - 0x2800) >> bit & 1:
                x, y = (
                    left + round((across + 0.5) * wide / 2 - size / 2),
                    top + round((down + 0.5) * high / 4 - size / 2),
                )
                draw.rectangle((x, y, x + size - 1, y + size - 1), fg)
    else:
        draw.text((left, top + high * 0.8), chr(code), fg, font=_font(bold, round(high * 0.82)), anchor="ls")
