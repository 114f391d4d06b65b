"""Lowering of a board of scores: one band for each row."""

from __future__ import annotations

import numpy as np

from nnhistory.core.scene import Role, Score, Scores
from nnhistory.draw import ramps
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB, mix
from nnhistory.draw.pixel_canvas import ASCENT, Canvas
from nnhistory.draw.spots import AreaSpot

__all__ = ["scores"]

_ROW = 46.0
"""The most that a row takes of the height, in pixels at scale 1."""


def scores(canvas: Canvas, mark: Scores, room: Box) -> None:
    """Head, name, small picture and curve, a bar with the line across, the value, the word."""
    count = len(mark.rows)
    if not count or room.width < 60 or room.height < 4:
        return
    s = canvas.scale
    high = min(_ROW * s, room.height / count)
    size = min(canvas.body, high * 0.62)
    widths = _widths(canvas, mark, room, size, high)
    for index, row in enumerate(mark.rows):
        _row(canvas, mark, row, Box(room.x, room.y + index * high, room.width, high), widths, size, index)
    if mark.line is not None:
        x = room.x + widths["before"] + widths["bar"] * _place(mark, mark.line)
        ends = [(x, room.y + 2 * s), (x, room.y + count * high - 2 * s)]
        canvas.stroke(ends, canvas.palette.colour("ink"), 2 * s, (4 * s, 3 * s))


def _place(mark: Scores, value: float) -> float:
    share = (value - mark.lo) / ((mark.hi - mark.lo) or 1.0)
    return min(1.0, max(0.0, share)) if np.isfinite(share) else 0.0


def _widths(canvas: Canvas, mark: Scores, room: Box, size: float, high: float) -> dict[str, float]:
    """Room for each part, with the gap behind it. Where it gets tight the curve goes first, then names are cut."""
    gap, s = 0.7 * size, canvas.scale  # a pixel more than the text: its room is this less the gap, rounded
    shape = next((np.shape(row.picture) for row in mark.rows if row.picture is not None), (1, 2))
    widths = {
        "edge": gap,
        "head": max(canvas.width(row.head, size, True) for row in mark.rows) + gap + s,
        "name": max(canvas.width(row.name, size, True) for row in mark.rows) + gap + s,
        "picture": 0.8 * high * shape[1] / max(1, shape[0]) + gap,
        "curve": 2.2 * high + gap,
        "value": max(canvas.width(row.text or "0.00", size, True) for row in mark.rows) + gap,
        "word": max(canvas.width(row.word, size, True) for row in mark.rows) + gap + s,
    }
    widths["word"] = max(widths["word"], canvas.width("learning 99.9 %", size, True) + gap)
    widths["space"] = gap  # between bar and value
    least = 0.17 * room.width

    def rest() -> float:
        return room.width - sum(widths.values())

    for part in ("curve", "picture"):
        if rest() < least:
            widths[part] = 0.0
    for part in ("word", "name"):
        if rest() < least:
            widths[part] = max(4 * size, widths[part] - (least - rest()))
    widths["bar"] = max(4.0, rest())
    widths["before"] = sum(widths[part] for part in ("edge", "head", "name", "picture", "curve"))
    return widths


def _row(canvas: Canvas, mark: Scores, row: Score, box: Box, widths: dict[str, float], size: float, index: int) -> None:
    s, palette = canvas.scale, canvas.palette
    ringed = index in mark.ring
    ground = mix(canvas.paper, palette.colour("attention"), 0.16) if ringed else None
    if ground is not None:
        canvas.rect(box.inset(0, 1, 0, 1), ground, 4 * s)
        canvas.rect(Box(box.x, box.y + 1, 3.5 * s, box.height - 2), palette.colour("attention"), 1.7 * s)
    base = box.y + box.height / 2 + size * ASCENT / 2
    x = box.x + widths["edge"]
    gap = 0.7 * size
    for part, text, role in (("head", row.head, "attention"), ("name", row.name, "ink")):
        shade: Role = "muted" if row.muted else role  # type: ignore[assignment]
        canvas.text(x, base, text, size, shade, bold=part == "head" or ringed, room=widths[part] - gap, on=ground)
        x += widths[part]
    if row.picture is not None and widths["picture"]:
        rgb = ramps.shade(np.asarray(row.picture, dtype=np.float64), -1.0, 1.0, "diverging", palette)
        canvas.image(Box(x, box.y + 0.1 * box.height, widths["picture"] - gap, 0.8 * box.height), rgb)
    x += widths["picture"]
    if row.curve is not None and widths["curve"]:
        small = Box(x, box.y + 0.12 * box.height, widths["curve"] - gap, 0.76 * box.height)
        colour = palette.colour("ink" if row.role == "muted" else row.role)
        canvas.stroke(canvas.place(small, row.curve), colour, 1.8 * s)
    bar = Box(box.x + widths["before"], box.y + 0.2 * box.height, widths["bar"], 0.6 * box.height)
    canvas.rect(bar, mix(canvas.paper, palette.colour("muted"), 0.16), 3 * s)
    x = bar.right + gap
    if row.value is not None:
        role_of_bar: Role = "ink" if row.role == "muted" else row.role
        length = bar.width * _place(mark, row.value)
        canvas.rect(Box(bar.x, bar.y, length, bar.height), palette.colour(role_of_bar), 3 * s)
        _last(canvas, x, base, row.text or f"{row.value:.2f}", size, "ink", ringed, ground, box)
    _last(canvas, x + widths["value"], base, row.word, size, row.role, ringed, ground, box)
    canvas.drawing.spots.append(AreaSpot(box, mark, row.word, index, f"{row.head} {row.name}"))


def _last(
    canvas: Canvas, x: float, base: float, text: str, size: float, role: Role, bold: bool, ground: RGB | None, box: Box
) -> None:  # fmt: skip
    """A text with as much of the row as is left to its right."""
    room = box.right - x
    if room >= size:
        canvas.text(x, base, text, size, role, bold=bold, room=room, on=ground)
