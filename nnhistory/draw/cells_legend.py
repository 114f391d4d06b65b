"""What the lines and signs of a panel mean, written on its lower frame: this costs no row of the picture."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from nnhistory.core.scene import Axes, Panel, Points, Polyline, Role
from nnhistory.draw.cells_canvas import Canvas, Style
from nnhistory.draw.grid import BOLD, REVERSE
from nnhistory.draw.words import ELLIPSIS, text_width

__all__ = ["Entry", "draw_legend", "legend"]

_SAMPLES = {"solid": "━", "dashed": "╌", "dotted": "┈"}
_GAP = 2


class Entry(NamedTuple):
    """A sample, its colour and style (a grid's flags), and what it means."""

    sample: str
    role: Role
    style: int
    name: str


def legend(panel: Panel, styles: Mapping[int, Style]) -> list[Entry]:
    """Named lines of a plot with axes, each name once (a line with its own label needs no entry); signs at points."""
    plots = {mark.rect for mark in panel.marks if isinstance(mark, Axes)}
    found: dict[str, Entry] = {}
    for mark in panel.marks:
        if isinstance(mark, Polyline) and mark.rect in plots and mark.name and not any(mark.labels):
            name = mark.name.partition(":")[0]
            style = BOLD if mark.width > 1 else 0
            found.setdefault(name, Entry(_SAMPLES[styles.get(id(mark), mark.style)], mark.role, style, name))
        elif isinstance(mark, Points):
            if mark.ring:
                found["presented"] = Entry("[ ]", "ink", BOLD, "presented")
            if mark.wrong:
                found["wrong"] = Entry("+o", "ink", BOLD | REVERSE, "wrong")
    return list(found.values())


def draw_legend(canvas: Canvas, panel: Panel) -> None:
    """As many entries as the lower frame has room for; the last ones are left out first, and are counted: "…+2"."""
    row, room = canvas.grid.rows - 1, canvas.grid.columns - 4
    every = legend(panel, canvas.styles)
    entries = list(every)
    while entries and _width(entries) + _counted(every, entries) > room:
        entries.pop()
    if not every or row < 3 or _counted(every, entries) > room:
        canvas.grid.cut |= bool(every)
        return
    column = canvas.put(1, row, " " if entries else "")
    for number, (sample, role, style, name) in enumerate(entries):
        column = canvas.put(column, row, " " * _GAP if number else "")
        column = canvas.put(column, row, sample, role, style=style)
        column = canvas.put(column, row, f" {name}", "muted")
    if len(entries) < len(every):
        canvas.grid.cut = True
        canvas.put(column, row, f" {ELLIPSIS}+{len(every) - len(entries)}", "muted")
    else:
        canvas.put(column, row, " ")


def _counted(every: list[Entry], entries: list[Entry]) -> int:
    """Columns of the number of those that are left out; it stands close, in the place of the blank at the end.

    The ellipsis keeps it apart from the labels of patterns, +1 and −1.
    """
    left_out = len(every) - len(entries)
    return len(f"{ELLIPSIS}+{left_out}") if left_out else 0


def _width(entries: list[Entry]) -> int:
    return sum(text_width(entry.sample) + 1 + text_width(entry.name) + _GAP for entry in entries) - _GAP
