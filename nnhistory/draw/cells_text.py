"""Text and tables in terminal cells."""

from __future__ import annotations

from nnhistory.core.scene import Table, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.grid import BOLD, pack
from nnhistory.draw.spots import AreaSpot
from nnhistory.draw.words import hang_of, shorten, text_width, wrap

__all__ = ["needed_rows", "table", "text_block"]


def _mark_room(block: TextBlock) -> int:
    """Two cells for the mark of the line that is happening now, if there is ever one."""
    return 2 if any(line.lit for line in block.lines) else 0


def needed_rows(block: TextBlock, columns: int) -> int:
    """Rows that a text takes at this width."""
    room = columns - _mark_room(block)
    return sum(
        max(1, len(wrap(line.text, room - line.indent, hang=hang_of(line.text, block.monospace))))
        for line in block.lines
    )


def text_block(canvas: Canvas, mark: TextBlock, room: Box) -> None:
    """Lines, wrapped; the lit one with ▸ and a tinted ground. What does not fit ends with an ellipsis."""
    left, top, wide, high = (int(part) for part in room)
    margin = _mark_room(mark)
    row, last = top, top + high
    for line in mark.lines:
        pieces = wrap(line.text, wide - margin - line.indent, hang=hang_of(line.text, mark.monospace)) or [""]
        if mark.cuts and row + len(pieces) > last:
            kept = max(0, last - row - 1)
            pieces = [*pieces[:kept], shorten(" ".join(pieces[kept:]), wide - margin - line.indent)][: last - row]
        for number, piece in enumerate(pieces):
            if row >= last:
                canvas.put(left + wide - 1, last - 1, "…", "muted")
                canvas.grid.cut = True
                canvas.spots.append(AreaSpot(room, mark))
                return
            bg = None
            if line.lit and canvas.mode == "truecolor":
                bg = pack(canvas.palette.tint("attention", 0.16))
                canvas.grid.put(left, row, " " * wide, bg=bg)
            if line.lit and number == 0:
                canvas.put(left, row, "▸", "attention", style=BOLD, bg=bg)
            style = BOLD if line.bold or line.lit else 0
            canvas.put(left + margin + line.indent, row, piece, line.role, style=style, bg=bg)
            row += 1
    if mark.name or mark.edit:
        canvas.spots.append(AreaSpot(room, mark))


def table(canvas: Canvas, mark: Table, room: Box) -> None:
    """Headings, rows, ▸ before those that are marked.

    Where it gets tight headings give way, then text, then the last columns: half a number says nothing.
    """
    left, top, wide, high = (int(part) for part in room)
    margin = 2 if mark.ring else 0
    align = mark.align.ljust(len(mark.columns), "l")
    widths, gap = _columns(mark, align, wide - margin - (len(mark.rows) >= high))
    count = len(widths)

    def write(row: int, cells: tuple[str, ...], bold: bool, muted: bool) -> None:
        x = left + margin
        for k in range(min(count, len(cells))):
            text = shorten(cells[k], min(widths[k], max(0, left + wide - x)))
            at = x + widths[k] - text_width(text) if align[k] == "r" else x
            canvas.put(at, row, text, "muted" if muted else "ink", style=BOLD if bold else 0)
            x += widths[k] + gap

    first = top
    if any(mark.columns):
        write(top, mark.columns, False, True)
        first += 1
    # Keep the marked rows in sight.
    room_rows = high - (first - top)
    start = 0
    if mark.ring and len(mark.rows) > room_rows:
        start = max(0, min(max(mark.ring) - room_rows // 2, len(mark.rows) - room_rows))
    for offset, cells in enumerate(mark.rows[start : start + room_rows]):
        index, row = start + offset, first + offset
        ringed = index in mark.ring
        if ringed:
            canvas.put(left, row, "▸", "attention", style=BOLD)
        write(row, cells, ringed, False)
        canvas.spots.append(AreaSpot(Box(left, row, wide, 1), mark, "  ".join(cells), index))
    if count < len(mark.columns) and margin + sum(widths) + gap * (count - 1) < wide:
        canvas.put(left + wide - 1, top, "…", "muted")
    hidden = len(mark.rows) - room_rows - start
    if hidden > 0 and room_rows > 0:
        canvas.put(left + wide - 1, top + high - 1, "…", "muted")
    canvas.grid.cut |= len(mark.rows) > room_rows or count < len(mark.columns)


def _columns(mark: Table, align: str, room: int) -> tuple[list[int], int]:
    """Cells for each column that is shown, and between two of them."""
    count = len(mark.columns)
    needed = [max((text_width(row[k]) for row in mark.rows if k < len(row)), default=0) for k in range(count)]
    widths = [max(text_width(heading), width) for heading, width in zip(mark.columns, needed, strict=True)]
    if sum(widths) + 2 * (count - 1) <= room:
        return widths, 2
    while sum(widths) + count - 1 > room:
        wordy = [k for k in range(len(widths)) if widths[k] > max(needed[k], 3)]
        wordy = wordy or [k for k in range(len(widths)) if align[k] == "l" and widths[k] > 3]
        if wordy:
            widths[max(wordy, key=lambda k: widths[k])] -= 1
        elif len(widths) > 1:
            widths.pop()
            count -= 1
            widths = [max(text_width(mark.columns[k]), needed[k]) for k in range(count)]
        else:
            return [max(0, room)], 1
    return widths, 1
