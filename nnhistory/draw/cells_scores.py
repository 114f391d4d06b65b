"""A board of scores in terminal cells: one line for each row, two where there is room."""

from __future__ import annotations

import numpy as np

from nnhistory.core.scene import HeatMap, Polyline, Role, Score, Scores
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.cells_lines import polyline
from nnhistory.draw.cells_pictures import heat_map
from nnhistory.draw.grid import BOLD
from nnhistory.draw.spots import AreaSpot
from nnhistory.draw.words import shorten, text_width

__all__ = ["scores"]

_ACROSS = " ▏▎▍▌▋▊▉█"
_CURVE = 8
"""Cells that the small curve takes."""
_PICTURE = 16
"""Cells that the small picture takes, where a row has two lines."""
_LEAST_BAR = 10


def scores(canvas: Canvas, mark: Scores, room: Box) -> None:
    """Head, name, small picture and curve, a bar with the line across, the value, the word."""
    left, top, wide, high = (int(part) for part in room)
    count = len(mark.rows)
    if not count or wide < 8 or high < 1:
        return
    lines = 2 if high >= 2 * count else 1
    shown = min(count, high // lines)
    first = max(0, min(max(mark.ring, default=0) - shown // 2, count - shown))
    canvas.grid.cut |= shown < count
    widths = _widths(mark, wide, lines)
    for offset, row in enumerate(mark.rows[first : first + shown]):
        _row(canvas, mark, row, Box(left, top + offset * lines, wide, lines), widths, first + offset)


def _widths(mark: Scores, wide: int, lines: int) -> dict[str, int]:
    """Cells for each part; where it gets tight the curve goes first, then the word, then the name."""
    widths = {
        "head": max(text_width(row.head) for row in mark.rows),
        "name": max(text_width(row.name) for row in mark.rows),
        "picture": _PICTURE if lines == 2 and wide >= 100 and any(row.picture is not None for row in mark.rows) else 0,
        "curve": _CURVE,
        "value": max(4, *(text_width(row.text) for row in mark.rows)),
        "word": max(12, *(text_width(row.word) for row in mark.rows)),
    }

    def rest() -> int:
        return wide - 2 - sum(width + 1 for width in widths.values() if width)

    for part, least in (("curve", 0), ("word", 8), ("name", 6), ("word", 0)):
        if rest() < _LEAST_BAR:
            widths[part] = max(least, widths[part] - (_LEAST_BAR - rest())) if least else 0
    widths["bar"] = max(1, rest())
    return widths


def _row(canvas: Canvas, mark: Scores, row: Score, room: Box, widths: dict[str, int], index: int) -> None:
    x, y, right = int(room.x), int(room.y), int(room.right)
    ringed = index in mark.ring
    style = BOLD if ringed else 0

    def write(text: str, part: str, role: Role) -> int:
        """A part's text, inside the row. Where the next part begins."""
        canvas.put(x, y, shorten(text, max(0, min(widths[part], right - x))), role, style=style)
        return after(part)

    def after(part: str) -> int:
        return min(right, x + widths[part] + 1) if widths[part] else x

    def room_of(part: str) -> Box:
        return Box(x, y, min(widths[part], right - x), room.height)

    if ringed:
        canvas.put(x, y, "▸", "attention", style=BOLD)
    x += 2
    x = write(row.head, "head", "muted" if row.muted else "attention")
    x = write(row.name, "name", "muted" if row.muted else "ink")
    if row.picture is not None and room_of("picture").width >= 1:
        heat_map(canvas, HeatMap(values=row.picture), room_of("picture"))
    x = after("picture")
    if row.curve is not None and room_of("curve").width >= 1:
        polyline(canvas, Polyline(xy=row.curve, role=row.role), room_of("curve"))
    x = after("curve")
    _bar(canvas, mark, row, room_of("bar"))
    x = after("bar")
    x = write(row.text or ("" if row.value is None else f"{row.value:4.2f}"), "value", "ink")
    write(row.word, "word", row.role)
    canvas.spots.append(AreaSpot(room, mark, row.word, index, f"{row.head} {row.name}"))


def _bar(canvas: Canvas, mark: Scores, row: Score, room: Box) -> None:
    """Full cells and an eighth of one; the line across, also where the bar has not come yet."""
    x, y, wide = int(room.x), int(room.y), int(room.width)
    if wide < 1:
        return
    share = 0.0 if row.value is None else (row.value - mark.lo) / ((mark.hi - mark.lo) or 1.0)
    share = min(1.0, max(0.0, share)) if np.isfinite(share) else 0.0
    full, part = divmod(round(share * wide * 8), 8)
    role: Role = "ink" if row.role == "muted" else row.role
    for line in range(int(room.height)):
        block = "█" if line == 0 else "▀"
        canvas.put(x, y + line, block * full, role)
        if part and line == 0:
            canvas.put(x + full, y, _ACROSS[part], role)
        if mark.line is not None:
            at = x + min(wide - 1, int((mark.line - mark.lo) / ((mark.hi - mark.lo) or 1.0) * wide))
            ground = canvas.ink(role) if line == 0 and at < x + full else None
            canvas.put(at, y + line, "│", "paper" if ground is not None and canvas.mode != "mono" else "ink", bg=ground)
