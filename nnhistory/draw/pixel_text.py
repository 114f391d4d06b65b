"""Lowering of text: blocks of lines, and tables."""

from __future__ import annotations

import re

from nnhistory.core.scene import Line, Table, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB, mix
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT, Canvas
from nnhistory.draw.spots import AreaSpot

__all__ = ["rows_needed", "table", "text_block"]

_LEAD = 1.42
"""From one line to the next, in text sizes."""

_STEM = re.compile(r"\d+ +\S+ +|\S+:? {2,}| {2,}")
"""A numbered phase (`2 sum     `) or a column: what wraps goes on under the text behind it."""

_LARGEST, _SMALLEST = 1.2, 0.84
"""Text sizes, as shares of the usual one."""


def text_block(canvas: Canvas, mark: TextBlock, room: Box) -> None:
    """Lines, wrapped; those that happen now stand on a tinted ground."""
    if not mark.lines or room.width <= 0:
        return
    pad = (2 if mark.cuts else 8) * canvas.scale
    factor = 0.94 if mark.cuts else _factor(canvas, mark, room.width - 2 * pad)
    while True:
        size = round(canvas.body * factor, 1)
        wrapped = [_wrapped(canvas, line, room.width - 2 * pad, size, mark.monospace) for line in mark.lines]
        needed = len(mark.lines) if mark.cuts else sum(map(len, wrapped))
        if factor <= _SMALLEST or needed * size * _LEAD <= room.height:
            break
        factor = max(_SMALLEST, factor - 0.09)
    lead = size * _LEAD
    left = max(1, int(room.height / lead + 1e-6))
    y = room.y
    placed: list[tuple[Line, tuple[str, ...], Box]] = []
    for number, (line, rows) in enumerate(zip(mark.lines, wrapped, strict=True)):
        last = number == len(mark.lines) - 1
        if len(rows) > left or (len(rows) == left and not last):
            rows = _cut(canvas, rows, left, room.width - 2 * pad, size, line.bold, mark.monospace)
        placed.append((line, rows, Box(room.x, y, room.width, lead * len(rows))))
        y += lead * len(rows)
        left -= len(rows)
        if left <= 0:
            break
    grounds = _lights(canvas, placed)
    for (line, rows, box), ground in zip(placed, grounds, strict=True):
        _draw_line(canvas, mark, line, rows, box, size, pad, ground)
    canvas.drawing.spots.append(AreaSpot(room, mark))


def rows_needed(canvas: Canvas, mark: TextBlock, width: float, size: float) -> int:
    """How many rows the lines take in a room of this width, at this text size."""
    room = width - 16 * canvas.scale
    return sum(len(_wrapped(canvas, line, room, size, mark.monospace)) for line in mark.lines)


def _factor(canvas: Canvas, mark: TextBlock, room: float) -> float:
    """A size at which as many characters stand in a line as the panel asked for: it stays while the text changes."""
    if not mark.monospace or not canvas.columns:
        return 1.1
    cell = canvas.width("m", canvas.body, mono=True)
    return min(_LARGEST, max(_SMALLEST, room / ((canvas.columns + 2) * cell)))


def _lights(canvas: Canvas, placed: list[tuple[Line, tuple[str, ...], Box]]) -> list[RGB | None]:
    """One tinted ground under each run of lit lines of the same role."""
    s = canvas.scale
    grounds: list[RGB | None] = []
    for number, (line, _, box) in enumerate(placed):
        if not line.lit:
            grounds.append(None)
            continue
        accent = canvas.palette.colour("attention" if line.role == "ink" else line.role)
        grounds.append(mix(canvas.paper, accent, 0.2))
        before = placed[number - 1][0] if number else None
        if before is not None and before.lit and before.role == line.role:
            continue
        bottom = box.bottom
        for later, _, under in placed[number + 1 :]:
            if not later.lit or later.role != line.role:
                break
            bottom = under.bottom
        canvas.rect(Box(box.x, box.y, box.width, bottom - box.y), mix(canvas.paper, accent, 0.2), 4 * s)
        canvas.rect(Box(box.x, box.y, 3.5 * s, bottom - box.y), accent, 1.7 * s)
    return grounds


def _draw_line(
    canvas: Canvas, mark: TextBlock, line: Line, rows: tuple[str, ...], box: Box, size: float, pad: float,
    ground: RGB | None,
) -> None:  # fmt: skip
    for row, text in enumerate(rows):
        stem = len(text) - len(text.lstrip(" "))
        x = box.x + pad + canvas.width(" " * stem, size, line.bold, mark.monospace) if stem else box.x + pad
        base = box.y + size * _LEAD * row + size * (_LEAD - 1) / 2 + size * ASCENT + size * 0.03
        wide = canvas.text(x, base, text[stem:], size, line.role, bold=line.bold, mono=mark.monospace, on=ground)
        if wide:  # labels that look for a place leave this one alone
            canvas.taken.append(Box(x, base - size * ASCENT, wide, size * (ASCENT + DESCENT)))


def _wrapped(canvas: Canvas, line: Line, room: float, size: float, mono: bool) -> tuple[str, ...]:
    if not line.text.strip():
        return ("",)
    text = " " * line.indent + line.text
    found = _STEM.match(line.text) if mono else None  # prose may begin with a number, too
    hang = line.indent + (found.end() if found and found.end() <= 16 else 0)
    # A stem that takes half of the room would leave a thin column: hang less.
    if canvas.width(" " * hang, size, line.bold, mono) > room * 0.45:
        hang = line.indent + 2
    return canvas.ruler.wrap(text, room, size, line.bold, mono, hang) or ("",)


def _cut(
    canvas: Canvas, rows: tuple[str, ...], left: int, room: float, size: float, bold: bool, mono: bool
) -> tuple[str, ...]:
    """No room for all: the last row that is shown ends with an ellipsis."""
    kept = rows[:left]
    last = kept[-1] + " …"
    return (*kept[:-1], last if canvas.width(last, size, bold, mono) <= room else
            canvas.ruler.shorten(kept[-1] + "……", room, size, bold, mono))  # fmt: skip


def table(canvas: Canvas, mark: Table, room: Box) -> None:
    """Headings, a rule, rows. Rows that do not fit are counted in a last line; ringed rows are always shown.

    Where it gets tight headings give way, then text, then the last columns: half a number says nothing.
    """
    if not mark.columns or room.width <= 0:
        return
    s = canvas.scale
    size = _table_size(canvas, mark, room)
    gap, lead = size * 1.1, size * 1.5
    widths = _widths(canvas, mark, size, gap, room)
    count = len(widths)
    shown = _shown_rows(mark, max(0, int((room.height - lead) / lead + 1e-6)))
    cells_right = [place < len(mark.align) and mark.align[place] == "r" for place in range(count)]

    def row_at(y: float, cells: tuple[str, ...], bold: bool) -> None:
        x = room.x + 4 * s
        for place, text in enumerate(cells[:count]):
            right = cells_right[place]
            canvas.text(x + widths[place] if right else x, y, text, size, "muted" if bold else "ink",
                        anchor="r" if right else "l", bold=bold, room=widths[place])  # fmt: skip
            x += widths[place] + gap

    row_at(room.y + size * 1.05, mark.columns, True)
    if count < len(mark.columns):
        canvas.text(room.right, room.y + size * 1.05, "…", size, "muted", anchor="r", bold=True)
    rule = room.y + lead
    canvas.stroke([(room.x, rule), (room.right, rule)], canvas.hairline(), max(1.0, s))
    left_out = len(mark.rows) - len(shown)
    for line, index in enumerate(shown):
        box = Box(room.x, rule + 2 * s + line * lead, room.width, lead)
        if index in mark.ring:
            canvas.rect(box, mix(canvas.paper, canvas.palette.colour("attention"), 0.2), 4 * s)
            canvas.rect(Box(box.x, box.y, 3 * s, box.height), canvas.palette.colour("attention"), 1.5 * s)
        row_at(box.y + size * 1.1, mark.rows[index], False)
        name = mark.rows[index][0] if mark.rows[index] else ""
        canvas.drawing.spots.append(AreaSpot(box, mark, ", ".join(mark.rows[index][1:]), index, name))
    if left_out > 0:
        base = rule + 2 * s + len(shown) * lead + size * 1.1
        if base < room.bottom:
            canvas.text(room.x + 4 * s, base, f"and {left_out} more rows", size, "muted", room=room.width)


def _table_size(canvas: Canvas, mark: Table, room: Box) -> float:
    for factor in (1.0, 0.93, 0.86, 0.8):
        size = round(canvas.body * factor, 1)
        total = sum(_natural(canvas, mark, size)) + size * 1.1 * (len(mark.columns) - 1) + 8 * canvas.scale
        if total <= room.width and (len(mark.rows) + 1) * size * 1.5 <= room.height:
            break
    return size


def _needed(canvas: Canvas, mark: Table, size: float) -> list[float]:
    """What the rows of each column need."""
    return [
        max((canvas.width(row[place], size) for row in mark.rows if place < len(row)), default=0.0)
        for place in range(len(mark.columns))
    ]


def _natural(canvas: Canvas, mark: Table, size: float) -> list[float]:
    headings = (canvas.width(text, size, True) for text in mark.columns)
    return [max(pair) for pair in zip(headings, _needed(canvas, mark, size), strict=True)]


def _widths(canvas: Canvas, mark: Table, size: float, gap: float, room: Box) -> list[float]:
    """Every column that is shown what it needs; what is left goes to the headings, from the left.

    A heading that lacks a sign or two takes them from a long text, which is the same with them or without.
    """
    natural, widths = _natural(canvas, mark, size), _needed(canvas, mark, size)
    free = room.width - 8 * canvas.scale

    def over() -> float:
        return sum(widths) + gap * (len(widths) - 1) - free

    text = [place for place in range(len(widths)) if mark.align[place : place + 1] != "r"]
    for place in sorted(text, key=lambda place: -widths[place]):
        widths[place] -= min(max(0.0, over()), max(0.0, widths[place] - 4 * size))
    while over() > 1e-6 and len(widths) > 1:
        widths.pop()
        free = room.width - 8 * canvas.scale - 1.2 * size  # the sign that there are more
    lacking = [natural[place] - widths[place] for place in range(len(widths))]
    little = sum(lack for lack in lacking if 0.0 < lack <= 1.5 * size)
    longest = max((place for place in text if place < len(widths)), key=lambda place: widths[place], default=None)
    if longest is not None and widths[longest] > 16 * size + little:
        widths[longest] -= max(0.0, little + over())
        widths = [w + lack if 0.0 < lack <= 1.5 * size else w for w, lack in zip(widths, lacking, strict=True)]
    for place in range(len(widths)):
        widths[place] += min(max(0.0, -over()), max(0.0, natural[place] - widths[place]))
    return widths if over() <= 1e-6 else [max(0.0, free)]


def _shown_rows(mark: Table, fit: int) -> list[int]:
    total = len(mark.rows)
    if total <= fit:
        return list(range(total))
    fit = max(0, fit - 1)
    first = 0
    if mark.ring:
        last_ring = max(index for index in mark.ring)
        first = max(0, min(total - fit, last_ring - fit + 1))
    return list(range(first, min(total, first + fit)))
