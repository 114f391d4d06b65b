"""Bars, histograms and dials in terminal cells, an eighth of a cell exact."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Bars, Dial, Histogram, Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.grid import BOLD, NO_COLOUR, REVERSE, pack
from nnhistory.draw.spots import AreaSpot
from nnhistory.draw.words import shorten, text_width

__all__ = ["bars", "dial", "histogram"]

_UP = " ▁▂▃▄▅▆▇█"
_ACROSS = " ▏▎▍▌▋▊▉█"


def bars(canvas: Canvas, mark: Bars, room: Box) -> None:
    """Upright bars on a zero line, or one row for each."""
    values = np.asarray(mark.values, dtype=np.float64).reshape(-1)
    if not len(values):
        return
    if mark.horizontal:
        _horizontal(canvas, mark, values, room)
    else:
        _upright(canvas, mark, values, room)


def _place(mark: Bars, value: float) -> float:
    """Where a value lies in the range, 0..1; NaN stays NaN."""
    lo, hi = mark.lo, mark.hi
    if mark.log:
        if value <= 0:
            return 0.0
        lo, hi, value = math.log10(max(lo, 1e-300)), math.log10(max(hi, 1e-300)), math.log10(value)
    return min(1.0, max(0.0, (value - lo) / ((hi - lo) or 1.0))) if math.isfinite(value) else math.nan


def _role(mark: Bars, index: int, value: float) -> Role:
    if index < len(mark.roles):
        return mark.roles[index]
    return "error" if not math.isfinite(value) else "negative" if value < 0 else "positive"


def _text(mark: Bars, index: int, value: float) -> str:
    return mark.texts[index] if index < len(mark.texts) else plain(value)


def _upright(canvas: Canvas, mark: Bars, values: NDArray[np.float64], room: Box) -> None:
    left, top, wide, high = (int(part) for part in room)
    count = len(values)
    labels = mark.labels if len(mark.labels) == count else ()
    pitch = max(1, min(9, wide // count))
    below = 1 if labels and pitch >= 2 and high >= 3 else 0
    texts = [_text(mark, index, float(value)) for index, value in enumerate(values)]
    above = 1 if high - below >= 4 and any(texts) and max(map(text_width, texts)) < pitch else 0
    body = Box(left, top + above, wide, high - below - above)
    shown = min(count, wide // pitch)
    left += max(0, (wide - shown * pitch) // 2)
    thick = pitch if pitch < 3 else pitch - 1
    zero = 0.0 if mark.log else _place(mark, 0.0)
    for index in range(shown):
        value = float(values[index])
        x = left + index * pitch
        role = _role(mark, index, value)
        _column(canvas, x, thick, body, zero, _place(mark, value), role)
        tick = math.nan if mark.ticks is None else float(np.asarray(mark.ticks).reshape(-1)[index])
        if math.isfinite(tick):
            row = int(body.y) + min(int(body.height) - 1, int((1 - _place(mark, tick)) * body.height))
            canvas.put(x, row, "━" * thick, "ink", style=BOLD)
        if above:
            canvas.put(x, top, shorten(texts[index], pitch), "ink")
        if below:
            label = shorten(labels[index], max(1, pitch - 1))
            canvas.put(x + max(0, (thick - text_width(label)) // 2), top + high - 1, label, "muted")
        name = labels[index] if labels else f"{mark.name} {index + 1}".strip()
        canvas.spots.append(AreaSpot(Box(x, top, pitch, high), mark, plain(value), index, name))
    if 0 < zero < 1 and not any(np.isfinite(values) & (values != 0)):
        row = int(body.y) + min(int(body.height) - 1, int((1 - zero) * body.height))
        canvas.put(left, row, "┈" * (shown * pitch), "muted")


def _column(canvas: Canvas, x: int, thick: int, body: Box, zero: float, place: float, role: Role) -> None:
    """Fill from the zero line to the value, upwards or downwards."""
    if not math.isfinite(place):
        canvas.put(x, int(body.bottom) - 1, "!" * thick, "error", style=BOLD)
        return
    colour = canvas.ink(role)
    high = int(body.height)
    base = high - round(zero * high)  # the row boundary at which bars start, counted from the top
    end = (1 - place) * high
    if end <= base:
        for row in range(high):
            part = min(1.0, max(0.0, row + 1 - end)) if row < base else 0.0
            _cell(canvas, x, int(body.y) + row, thick, round(part * 8), colour, from_top=False)
    else:
        for row in range(base, high):
            _cell(canvas, x, int(body.y) + row, thick, round(min(1.0, max(0.0, end - row)) * 8), colour, from_top=True)


def _cell(canvas: Canvas, x: int, row: int, thick: int, eighths: int, colour: int, *, from_top: bool) -> None:
    if not eighths:
        return
    if not from_top or eighths == 8:
        canvas.grid.put(x, row, _UP[eighths] * thick, colour)
    elif canvas.mode == "truecolor":
        # There are no blocks that hang from the top: draw the rest of the cell in paper on the bar's colour.
        paper = pack(canvas.palette.colour("paper"))
        canvas.grid.put(x, row, _UP[8 - eighths] * thick, paper, bg=colour)
    else:
        canvas.grid.put(x, row, _UP[8 - eighths] * thick, colour, style=REVERSE)


def _horizontal(canvas: Canvas, mark: Bars, values: NDArray[np.float64], room: Box) -> None:
    left, top, wide, high = (int(part) for part in room)
    labels = [mark.labels[index] if index < len(mark.labels) else "" for index in range(len(values))]
    texts = [_text(mark, index, float(value)) for index, value in enumerate(values)]
    for_labels = min(max(map(text_width, labels)) + 1, wide // 2) if any(labels) else 0
    for_texts = max(map(text_width, texts)) + 1 if any(texts) else 0
    length = max(1, wide - for_labels - for_texts)
    zero = 0.0 if mark.log else _place(mark, 0.0)
    for index, value in enumerate(values[:high]):
        row = top + index
        canvas.put(left, row, shorten(labels[index], for_labels - 1), "ink")
        place = _place(mark, float(value))
        x = left + for_labels
        role = _role(mark, index, float(value))
        if math.isfinite(place):
            low, up = sorted((zero, place))
            start = round(low * length)
            eighths = round((up * length - start) * 8)
            bar = "█" * (eighths // 8) + (_ACROSS[eighths % 8] if eighths % 8 else "")
            canvas.grid.put(x + start, row, bar[: length - start], canvas.ink(role))
        else:
            canvas.put(x, row, "!", "error", style=BOLD)
        if mark.ticks is not None:
            tick = float(np.asarray(mark.ticks).reshape(-1)[index])
            if math.isfinite(tick):
                canvas.put(x + min(length - 1, int(_place(mark, tick) * length)), row, "│", "ink", style=BOLD)
        canvas.put(left + wide - text_width(texts[index]), row, texts[index], "ink")
        canvas.spots.append(AreaSpot(Box(left, row, wide, 1), mark, plain(float(value)), index, labels[index]))


def histogram(canvas: Canvas, mark: Histogram, room: Box) -> None:
    """Counts side by side; first and last edge written below."""
    counts = np.nan_to_num(np.asarray(mark.counts, dtype=np.float64).reshape(-1), nan=0.0, posinf=0.0, neginf=0.0)
    edges = np.asarray(mark.edges, dtype=np.float64).reshape(-1)
    if not len(counts) or len(edges) != len(counts) + 1:
        return
    left, top, wide, high = (int(part) for part in room)
    below = 1 if high >= 3 else 0
    tallest = float(counts.max()) or 1.0
    body = Box(left, top, wide, high - below)
    heights = counts[(np.arange(wide) * len(counts)) // max(1, wide)]
    if wide < len(counts):  # a column is as high as the highest of its bins: none is left out
        heights = np.zeros(wide)
        np.maximum.at(heights, (np.arange(len(counts)) * wide) // len(counts), counts)
    for column in range(wide):
        _column(canvas, left + column, 1, body, 0.0, float(heights[column]) / tallest, mark.role)
    if below:
        low, up = plain(float(edges[0])), plain(float(edges[-1]))
        canvas.put(left, top + high - 1, low, "muted")
        if text_width(low) + text_width(up) < wide:
            canvas.put(left + wide - text_width(up), top + high - 1, up, "muted")
    canvas.spots.append(AreaSpot(room, mark, f"{plain(float(counts.sum()))} values, at most {plain(tallest)} in a bin"))


def dial(canvas: Canvas, mark: Dial, room: Box) -> None:
    """A gauge: label and value over a bar, the limit as a mark on it."""
    left, top, wide, high = (int(part) for part in room)
    unit = f" {mark.unit}" if mark.unit else ""
    value = f"{plain(mark.value)}{unit}"
    row = top
    if high >= 2:
        beside = wide - text_width(value)
        # A gap that would cut the label is given up: "11▼−0.19" can be read, "1… −0.19" cannot.
        canvas.put(left, row, shorten(mark.label, beside - (text_width(mark.label) != beside)), "ink")
        canvas.put(left + wide - text_width(value), row, value, "ink", style=BOLD)
        row += 1
    span = (mark.hi - mark.lo) or 1.0
    trough = NO_COLOUR
    if canvas.mode == "truecolor":
        trough = canvas.ink("muted", 0.3)
        canvas.grid.put(left, row, " " * wide, bg=trough)
    else:
        canvas.grid.put(left, row, "░" * wide, canvas.ink("muted", 0.5))
    if math.isfinite(mark.value):
        # A scale with both signs fills from its zero, to the one side or to the other.
        zero = min(1.0, max(0.0, -mark.lo / span))
        left_end, right_end = sorted((zero, min(1.0, max(0.0, (mark.value - mark.lo) / span))))
        start = round(left_end * wide)
        eighths = round(max(0.0, right_end * wide - start) * 8)
        bar = "█" * (eighths // 8) + (_ACROSS[eighths % 8] if eighths % 8 else "")
        canvas.grid.put(left + start, row, bar[: wide - start], canvas.ink(mark.role), bg=trough)
        if 0 < zero < 1 and not eighths:
            canvas.put(left + min(wide - 1, round(zero * wide)), row, "│", "muted", bg=trough)
    else:
        canvas.put(left, row, shorten("not finite", wide), "error", style=BOLD)
    if mark.limit is not None and math.isfinite(mark.limit):
        column = left + min(wide - 1, max(0, int((mark.limit - mark.lo) / span * wide)))
        canvas.put(column, row, "┃", "error", style=BOLD)
    if row + 1 < top + high:
        low, up = plain(mark.lo), plain(mark.hi)
        canvas.put(left, row + 1, low, "muted")
        canvas.put(left + wide - text_width(up), row + 1, up, "muted")
    canvas.spots.append(AreaSpot(room, mark, value, None, mark.label or mark.name))
