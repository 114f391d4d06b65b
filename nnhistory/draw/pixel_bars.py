"""Lowering of lengths: bars, histograms, dials."""

from __future__ import annotations

import math

import numpy as np

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Bars, Dial, Histogram, Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT, Canvas, Floats
from nnhistory.draw.pixel_plot import cross
from nnhistory.draw.spots import AreaSpot

__all__ = ["bars", "dial", "histogram"]

_START, _SWEEP = math.radians(215), math.radians(250)
"""A dial's scale begins at the lower left and runs clockwise over the top."""

_LEAST_ROWS = 5.0
"""Upright bars have their values written at them from this height on, in rows of text."""


def bars(canvas: Canvas, mark: Bars, room: Box) -> None:
    """Bars from zero (on a log axis: from its low end), with what theory says as a tick beside each."""
    values = np.asarray(mark.values, dtype=np.float64).reshape(-1)
    count = len(values)
    if not count:
        return
    texts = tuple(mark.texts) if mark.texts else tuple(plain(float(value)) for value in values)
    ticks = None if mark.ticks is None else np.asarray(mark.ticks, dtype=np.float64).reshape(-1)
    known = [text for text in mark.labels if text]
    if mark.horizontal:
        size = min(canvas.body, max(canvas.small * 0.8, room.height / count * 0.7))
        readable = room.height / count >= size * 0.9
        left = min(room.width * 0.42, max((canvas.width(t, size) for t in known), default=0.0) + 8 * canvas.scale)
        right = max((canvas.width(t, size) for t in texts if t), default=0.0) + 8 * canvas.scale
        left, right = (left if known and readable else 0.0), (min(right, room.width * 0.3) if readable else 0.0)
        plot = room.inset(left, 0.0, right, 0.0)
    else:
        size = canvas.small
        line = size * 1.35
        if room.height < _LEAST_ROWS * line:
            texts = ("",) * count  # the bars themselves come first
        below = line if known else 0.0
        above = line if any(texts) else 0.0
        signed = mark.lo < 0 and not mark.log and any(texts)
        plot = room.inset(0.0, above, 0.0, below + (line if signed else 0.0))
    _draw_bars(canvas, mark, room, plot, values, texts, ticks, size)


def _draw_bars(
    canvas: Canvas, mark: Bars, room: Box, plot: Box, values: Floats, texts: tuple[str, ...],
    ticks: Floats | None, size: float,
) -> None:  # fmt: skip
    s, count, across = canvas.scale, len(values), mark.horizontal
    pitch = (plot.height if across else plot.width) / count
    thick = min(pitch * 0.72, 46 * s) if pitch > 3 else pitch
    zero = _along(mark, 0.0) if not mark.log else 0.0
    length = plot.width if across else plot.height
    every = _every(canvas, mark, pitch, size)
    for index in range(count):
        value = float(values[index])
        middle = (plot.y if across else plot.x) + (index + 0.5) * pitch
        end = _along(mark, value)
        low, high = min(zero, end) * length, max(zero, end) * length
        role = _role(mark, index, value)
        if math.isfinite(value):
            if across:
                body = Box(plot.x + low, middle - thick / 2, max(high - low, s), thick)
            else:
                body = Box(middle - thick / 2, plot.bottom - high, thick, max(high - low, s))
            canvas.rect(body, canvas.palette.colour(role), min(3 * s, thick / 4))
        if ticks is not None and index < len(ticks) and math.isfinite(ticks[index]):
            _theory(canvas, across, plot, middle, thick, _along(mark, float(ticks[index])) * length)
            high = max(high, _along(mark, float(ticks[index])) * length + 2 * s)
        if not math.isfinite(value) and pitch > 8 * s:
            at = zero * length
            x, y = (plot.x + at + 8 * s, middle) if across else (middle, plot.bottom - at - 8 * s)
            cross(canvas, x, y, 4 * s)
        _bar_texts(canvas, mark, room, plot, index, middle, pitch, (low, high), value, texts, size, every)
        if across:
            area = Box(room.x, middle - pitch / 2, room.width, pitch)
        else:
            area = Box(middle - pitch / 2, room.y, pitch, room.height)
        name = mark.labels[index] if index < len(mark.labels) else ""
        name = " ".join(part for part in (mark.name, name) if part)
        canvas.drawing.spots.append(AreaSpot(area, mark, plain(value), index, name))
    at = (plot.x if across else plot.bottom) + (zero if across else -zero) * length
    ends = [(at, plot.y), (at, plot.bottom)] if across else [(plot.x, at), (plot.right, at)]
    canvas.stroke(ends, canvas.palette.colour("muted"), max(1.0, 1.2 * s))


def _along(mark: Bars, value: float) -> float:
    """How far along the axis a value lies, 0..1."""
    if not math.isfinite(value):
        return 1.0 if value == math.inf else 0.0
    if mark.log:
        low, high = max(mark.lo, 1e-300), max(mark.hi, 1e-299)
        if value <= 0:
            return 0.0
        span = math.log(high) - math.log(low)
        return min(1.0, max(0.0, (math.log(value) - math.log(low)) / span)) if span > 0 else 1.0
    span = mark.hi - mark.lo
    return min(1.0, max(0.0, (value - mark.lo) / span)) if span > 0 else 0.0


def _role(mark: Bars, index: int, value: float) -> Role:
    if index < len(mark.roles):
        return mark.roles[index]
    return "negative" if value < 0 else "positive"


def _theory(canvas: Canvas, across: bool, plot: Box, middle: float, thick: float, along: float) -> None:
    """A stroke across the bar, rimmed, so that it is seen on the bar and beside it."""
    s, half = canvas.scale, thick * 0.66
    if across:
        ends = [(plot.x + along, middle - half), (plot.x + along, middle + half)]
    else:
        ends = [(middle - half, plot.bottom - along), (middle + half, plot.bottom - along)]
    canvas.stroke(ends, canvas.paper, 5.0 * s)
    canvas.stroke(ends, canvas.palette.colour("ink"), 2.2 * s)


def _every(canvas: Canvas, mark: Bars, pitch: float, size: float) -> int:
    """Label every k-th bar: as many as stand side by side."""
    if mark.horizontal or not mark.labels or pitch >= 30 * canvas.scale:
        return 1
    widest = max(canvas.width(text, size) for text in mark.labels) + 4 * canvas.scale
    return max(1, math.ceil(min(widest, 90 * canvas.scale) / max(pitch, 1e-9)))


def _bar_texts(
    canvas: Canvas, mark: Bars, room: Box, plot: Box, index: int, middle: float, pitch: float,
    ends: tuple[float, float], value: float, texts: tuple[str, ...], size: float, every: int,
) -> None:  # fmt: skip
    s = canvas.scale
    label = mark.labels[index] if index < len(mark.labels) else ""
    text = texts[index] if index < len(texts) else ""
    if mark.horizontal:
        base = middle + size * 0.36
        if pitch < size * 0.9:
            return
        if label and plot.x > room.x:
            canvas.text(plot.x - 6 * s, base, label, size, "ink", anchor="r", room=plot.x - room.x - 6 * s)
        if text:
            x = plot.x + ends[1] + (6 if math.isfinite(value) else 18) * s
            canvas.text(x, base, text, size, "ink", room=room.right - x)
        return
    if label and index % every == 0:
        room_for = pitch * every - 2 * s
        canvas.text(middle, room.bottom - size * DESCENT, label, size, "muted", anchor="m", room=room_for)
    if text and math.isfinite(value) and canvas.width(text, size) <= pitch - 2 * s:
        down = value < 0 and not mark.log
        y = plot.bottom - ends[0] + size * (ASCENT + 0.2) if down else plot.bottom - ends[1] - size * 0.3
        canvas.text(middle, y, text, size, "ink", anchor="m")


def histogram(canvas: Canvas, mark: Histogram, room: Box) -> None:
    """Counts over their bins, the first and last edge written below."""
    counts = np.nan_to_num(np.asarray(mark.counts, dtype=np.float64).reshape(-1), nan=0.0, posinf=0.0, neginf=0.0)
    edges = np.asarray(mark.edges, dtype=np.float64).reshape(-1)
    if not len(counts) or len(edges) != len(counts) + 1 or not np.isfinite(edges).all():
        return
    s, size = canvas.scale, canvas.small
    plot = room.inset(0.0, 2 * s, 0.0, size * 1.35)
    most, span = float(counts.max()) or 1.0, float(edges[-1] - edges[0]) or 1.0
    x = plot.x + (edges - edges[0]) / span * plot.width
    colour = canvas.palette.colour(mark.role)
    gap = s if plot.width / len(counts) > 5 * s else 0.0
    for index, count in enumerate(counts):
        left, high = float(x[index]), float(count) / most * plot.height
        width = float(x[index + 1]) - left
        canvas.rect(Box(left, plot.bottom - high, max(0.5, width - gap), high), colour)
        value = f"{plain(float(edges[index]))} to {plain(float(edges[index + 1]))}: {plain(float(count))}"
        canvas.drawing.spots.append(AreaSpot(Box(left, room.y, width, room.height), mark, value, index))
    canvas.stroke([(plot.x, plot.bottom), (plot.right, plot.bottom)], canvas.palette.colour("muted"), max(1.0, s))
    base = plot.bottom + size * (ASCENT + 0.25)
    first, last = plain(float(edges[0])), plain(float(edges[-1]))
    canvas.text(plot.x, base, first, size, "muted", room=plot.width / 2)
    left_over = plot.width - canvas.width(first, size) - 8 * s
    if canvas.width(last, size) <= left_over:
        canvas.text(plot.right, base, last, size, "muted", anchor="r")
    if edges[0] < 0 < edges[-1]:
        zero = plot.x + -edges[0] / span * plot.width
        clear = canvas.width("0", size) * 2
        if plot.x + canvas.width(first, size) + clear < zero < plot.right - canvas.width(last, size) - clear:
            canvas.text(zero, base, "0", size, "muted", anchor="m")


def dial(canvas: Canvas, mark: Dial, room: Box) -> None:
    """A round scale with a needle; in a low room a knob with its value beside it; in a flat one a straight scale."""
    span = mark.hi - mark.lo
    place = min(1.0, max(0.0, (mark.value - mark.lo) / span)) if span > 0 and math.isfinite(mark.value) else 0.0
    limit = None
    if mark.limit is not None and span > 0 and math.isfinite(mark.limit):
        limit = min(1.0, max(0.0, (mark.limit - mark.lo) / span))
    text = plain(mark.value) + (f" {mark.unit}" if mark.unit else "")
    zero = -mark.lo / span if mark.lo < 0 < mark.hi and math.isfinite(span) else 0.0
    if room.height > 100 * canvas.scale and 60 * canvas.scale < room.width < 2.6 * room.height:
        _round(canvas, mark, room, place, limit, text, zero)
    elif mark.limit is None and room.height > 24 * canvas.scale and 1.4 * room.height < room.width < 5 * room.height:
        _knob(canvas, mark, room, place, zero, text)
    else:
        _straight(canvas, mark, room, place, limit, text)
    canvas.drawing.spots.append(AreaSpot(room, mark, text, None, mark.name or mark.label))


def _straight(canvas: Canvas, mark: Dial, room: Box, place: float, limit: float | None, text: str) -> None:
    s = canvas.scale
    flat = room.height < 56 * s
    size = min(canvas.body, room.height * (0.5 if flat else 0.4))
    rows = 1.35 if flat else 2.6
    high = min(16 * s, max(3 * s, room.height * 0.85 - rows * size))
    top = room.y + max(0.0, (room.height - high - rows * size) / 2)
    wide = canvas.text(room.right, top + size * ASCENT, text, size, anchor="r", bold=True, room=room.width)
    canvas.text(room.x, top + size * ASCENT, mark.label, size, "muted", room=room.width - wide - 10 * s)
    bar = Box(room.x, top + size * 1.3, room.width, high)
    canvas.rect(bar, canvas.palette.colour("neutral"), high / 2)
    colour = canvas.palette.colour(mark.role)
    if mark.lo < 0 < mark.hi:
        zero = -mark.lo / (mark.hi - mark.lo)
        left, right = bar.x + min(zero, place) * bar.width, bar.x + max(zero, place) * bar.width
        canvas.rect(Box(left, bar.y, right - left, high), colour)
        x = bar.x + zero * bar.width
        canvas.stroke([(x, bar.y - 2 * s), (x, bar.bottom + 2 * s)], canvas.palette.colour("muted"), 1.5 * s)
    elif place > 0:
        canvas.rect(Box(bar.x, bar.y, max(high, bar.width * place), high), colour, high / 2)
    base = bar.bottom + size * (ASCENT + 0.3)
    low, top_text = plain(mark.lo), plain(mark.hi)
    if limit is not None:
        x = bar.x + limit * bar.width
        canvas.stroke([(x, bar.y - 4 * s), (x, bar.bottom + 4 * s)], canvas.palette.colour("error"), 3 * s)
        if mark.limit == mark.hi:
            top_text = f"at most {top_text}"
    if flat:
        return
    small = size * 0.87
    canvas.text(bar.x, base, low, small, "muted", room=bar.width / 2)
    canvas.text(bar.right, base, top_text, small, "muted", anchor="r", room=bar.width / 2)


def _arc(x: float, y: float, far: float, start: float, end: float, count: int) -> Floats:
    """So many places (count, 2) on a dial's scale round (x, y), from one share of it to another."""
    turn = _START - np.linspace(start, end, count) * _SWEEP
    return np.column_stack([x + far * np.cos(turn), y - far * np.sin(turn)])


def _knob(canvas: Canvas, mark: Dial, room: Box, place: float, zero: float, text: str) -> None:
    """A potentiometer: a knob with a pointer, turned away from its zero; name and value to its right."""
    s = canvas.scale
    # The value beside it needs room for a sign and four digits.
    radius = min(room.height / 2 - s, room.width * 0.28, max(16 * s, (room.width - 62 * s) / 2))
    x, y = room.x + radius + s, room.y + room.height / 2

    def at(share: float, far: float) -> tuple[float, float]:
        turn = _START - share * _SWEEP
        return x + far * math.cos(turn), y - far * math.sin(turn)

    def arc(start: float, end: float) -> Floats:
        return _arc(x, y, radius * 0.9, start, end, 2 + round(24 * abs(end - start)))

    canvas.stroke(arc(0.0, 1.0), canvas.palette.colour("neutral"), max(2.0, radius * 0.17))
    if place != zero:
        canvas.stroke(arc(zero, place), canvas.palette.colour(mark.role), max(2.0, radius * 0.17))
    canvas.stroke([at(zero, radius * 0.8), at(zero, radius)], canvas.palette.colour("muted"), max(1.0, 1.5 * s))
    body, rim = canvas.palette.colour("neutral"), canvas.palette.colour("muted")
    canvas.circle(x, y, radius * 0.68, body, rim, max(1.0, 1.2 * s))
    canvas.stroke([at(place, radius * 0.1), at(place, radius * 0.64)], canvas.palette.colour("ink"), max(1.6, 2.4 * s))
    left = x + radius + 7 * s
    size = min(canvas.body, room.height * 0.42)
    for digits in (2, 1):
        if 1.08 * canvas.width(text, size) > room.right - left:  # bold is a little wider
            text = plain(mark.value, digits) + (f" {mark.unit}" if mark.unit else "")
    canvas.text(left, y - 0.2 * size, mark.label, size * 0.87, "muted", room=room.right - left)
    canvas.text(left, y + 0.95 * size, text, size, mark.role, bold=True, room=room.right - left)


def _round(
    canvas: Canvas, mark: Dial, room: Box, place: float, limit: float | None, text: str, zero: float
) -> None:  # fmt: skip
    s, size = canvas.scale, canvas.body
    foot = size * 1.4 * (2 if mark.label else 1)
    radius = min(room.width / 2 - 4 * s, (room.height - foot) / 1.62)
    x, y = room.x + room.width / 2, room.y + max(0.0, room.height - foot - 1.62 * radius) / 2 + radius
    thick = max(4 * s, radius * 0.16)

    def arc(start: float, end: float, far: float) -> Floats:
        return _arc(x, y, far, start, end, 2 + int(40 * abs(end - start)))

    middle = radius - thick / 2
    canvas.stroke(arc(0.0, 1.0, middle), canvas.palette.colour("neutral"), thick)
    if place != zero:
        canvas.stroke(arc(min(zero, place), max(zero, place), middle), canvas.palette.colour(mark.role), thick)
    for tick in np.linspace(0.0, 1.0, 11):
        ends = np.concatenate([arc(tick, tick, radius - thick * 1.35)[:1], arc(tick, tick, radius - thick * 1.1)[:1]])
        canvas.stroke(ends, canvas.palette.colour("muted"), max(1.0, s))
    if limit is not None:
        ends = np.concatenate([arc(limit, limit, radius - thick * 1.3)[:1], arc(limit, limit, radius)[:1]])
        canvas.stroke(ends, canvas.palette.colour("error"), 3 * s)
    tip = arc(place, place, radius - thick * 1.5)[0]
    side = (
        np.array([tip[1] - y, x - tip[0]]) / max(1e-9, math.hypot(tip[0] - x, tip[1] - y)) * max(2 * s, radius * 0.05)
    )
    centre = np.array([x, y])
    canvas.polygon([tip, centre + side, centre - side], canvas.palette.colour("ink"))
    canvas.circle(x, y, max(3 * s, radius * 0.09), canvas.palette.colour("ink"), canvas.paper, s)
    base = y + radius * 0.62 + size * ASCENT
    canvas.text(x, base, text, size, anchor="m", bold=True, room=room.width)
    if mark.label:
        canvas.text(x, base + size * 1.3, mark.label, size, "muted", anchor="m", room=room.width)
    low, high = arc(0.0, 0.0, middle)[0], arc(1.0, 1.0, middle)[0]
    small = canvas.small * 0.9
    free = 2 * (x - low[0] - canvas.width(text, size, True) / 2 - 4 * s)
    ends_of = (plain(mark.lo), plain(mark.hi))
    if max(canvas.width(end, small) for end in ends_of) <= free:
        for at, end in zip((low, high), ends_of, strict=True):
            canvas.text(at[0], at[1] + thick / 2 + small, end, small, "muted", anchor="m")
