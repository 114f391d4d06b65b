"""The home screen as a grid of cells: a time line with two winters, and what each era believed and where it broke."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nnhistory.core.manifest import Statement
from nnhistory.core.scene import Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas, lay_ground
from nnhistory.draw.grid import BOLD, REVERSE, Grid
from nnhistory.draw.palette import Look
from nnhistory.draw.words import shorten, text_width, wrap
from nnhistory.engine.progress import Progress
from nnhistory.scenario.library import Head, Stop
from nnhistory.scenario.schema import say
from nnhistory.terminal.theatre_picture import LEAST, too_small

__all__ = ["HomeView", "paint_home", "stop_sign"]

_WIDE = 110
"""Columns from which on every lesson's summary stands beside its title."""


@dataclass
class HomeView:
    """What is selected."""

    look: Look
    stop: int = 0
    lesson: int = 0
    note: str = ""
    lang: str = "en"


def stop_sign(stop: Stop, progress: Progress) -> tuple[str, Role]:
    """○ open, ● seen, ◆ break understood; ░ winter."""
    if stop.kind == "winter":
        return "░", "muted"
    if any(name in progress.understood for name in stop.scenarios):
        return "◆", "error"
    seen = any(name in progress.seen for name in stop.scenarios)
    return ("●", "positive") if seen else ("○", "ink")


def lesson_sign(name: str, progress: Progress) -> tuple[str, Role]:
    """The same for one lesson."""
    if name in progress.understood:
        return "◆", "error"
    return ("●", "positive") if name in progress.seen else ("○", "muted")


def paint_home(
    stops: list[Stop], lessons: dict[str, Head], told: Mapping[str, Sequence[Statement]], progress: Progress,
    columns: int, rows: int, view: HomeView,
) -> tuple[Grid, list[tuple[Box, str, int]]]:  # fmt: skip
    """The grid, and what can be clicked: (box, `stop` or `lesson`, index). told: era id -> its history."""
    if columns < LEAST[0] or rows < LEAST[1]:
        return too_small(columns, rows), []
    grid = Grid.blank(columns, rows)
    canvas = Canvas(grid, view.look)
    places: list[tuple[Box, str, int]] = []
    playable = [name for stop in stops for name in stop.scenarios if name in lessons]
    canvas.put(1, 0, "nnhistory", "attention", style=BOLD)
    canvas.put(12, 0, "how neural networks learn, 1957 to 2015", "ink", style=BOLD)
    done = f"{sum(name in progress.seen for name in playable)} of {len(playable)} lessons seen"
    canvas.put(columns - text_width(done) - 1, 0, done, "muted")
    _time_line(canvas, stops, progress, view, places)
    row = _era(canvas, stops[view.stop], view, 8)
    row = _lessons(canvas, stops[view.stop], lessons, progress, view, row + 1, places)
    _often_told(canvas, told.get(stops[view.stop].era, ()), row + 1)
    _foot(canvas, stops[view.stop], lessons, progress, view, rows - 3)
    _legend(canvas, rows - 1)
    lay_ground(grid, view.look)
    return grid, places


def _time_line(
    canvas: Canvas, stops: list[Stop], progress: Progress, view: HomeView, places: list[tuple[Box, str, int]]
) -> None:
    """Years over a line; winters as gaps of snow."""
    columns = canvas.grid.columns
    pitch = (columns - 4) / len(stops)
    # Names of neighbours stand on three levels, so that they do not run into each other.
    ends = [0, 0, 0]
    for index, stop in enumerate(stops):
        left = 2 + round(index * pitch)
        right = 2 + round((index + 1) * pitch)
        middle = (left + right) // 2
        winter = stop.kind == "winter"
        for column in range(left, right):
            canvas.put(column, 3, "░" if winter else "─", "muted")
        sign, role = stop_sign(stop, progress)
        chosen = index == view.stop
        year = f"{stop.year}–{stop.until % 100:02d}" if winter else str(stop.year)
        canvas.put(
            middle - text_width(year) // 2, 2, year, "attention" if chosen else "muted", style=BOLD if chosen else 0
        )
        if not winter:
            canvas.put(middle, 3, sign, role, style=BOLD | (REVERSE if chosen else 0))
        level = index % len(ends)
        name = shorten(say(stop.title, view.lang), max(6, round(len(ends) * pitch)))
        at = max(ends[level] + 1, min(middle - text_width(name) // 2, columns - text_width(name) - 1))
        name = shorten(name, columns - 1 - at)
        ends[level] = at + text_width(name)
        canvas.put(at, 4 + level, name, "attention" if chosen else "muted" if stop.kind != "era" else "ink")
        places.append((Box(left, 2, right - left, 2), "stop", index))
        places.append((Box(at, 4 + level, text_width(name), 1), "stop", index))


def _era(canvas: Canvas, stop: Stop, view: HomeView, row: int) -> int:
    room = canvas.grid.columns - 4
    title = f"{stop.year}{f' to {stop.until}' if stop.until else ''}  {say(stop.title, view.lang)}"
    canvas.put(2, row, shorten(title, room), "attention", style=BOLD)
    row += 1
    for line in wrap(say(stop.line, view.lang), room):
        canvas.put(2, row, line)
        row += 1
    if stop.broke:
        for number, line in enumerate(wrap(f"Where it broke: {say(stop.broke, view.lang)}", room - 2)):
            canvas.put(2, row, "◆ " if number == 0 else "  ", "error")
            canvas.put(4, row, line, "error")
            row += 1
    return row


def _lessons(
    canvas: Canvas, stop: Stop, lessons: dict[str, Head], progress: Progress, view: HomeView, row: int,
    places: list[tuple[Box, str, int]],
) -> int:  # fmt: skip
    """As many lessons as there is room for, those around the chosen one; the others are counted."""
    columns, room = canvas.grid.columns, canvas.grid.rows - 3 - row
    names = [name for name in stop.scenarios if name in lessons]
    first = 0 if len(names) <= room else max(0, min(view.lesson - room // 2, len(names) - room))
    for index, name in list(enumerate(names))[first : first + room]:
        head, chosen = lessons[name], index == view.lesson
        sign, role = lesson_sign(name, progress)
        canvas.put(2, row, "▸" if chosen else " ", "attention", style=BOLD)
        canvas.put(4, row, sign, role, style=BOLD)
        column = canvas.put(6, row, shorten(head.title, columns - 8), "ink", style=BOLD if chosen else 0)
        hidden = first if index == first else len(names) - first - room if index == first + room - 1 else 0
        if hidden > 0:
            canvas.put(columns - 12, row, f"{'↑' if index == first else '↓'} {hidden} more", "muted")
        elif columns >= _WIDE:
            canvas.put(max(column + 2, 40), row, shorten(head.summary, columns - max(column + 2, 40) - 2), "muted")
        places.append((Box(2, row, columns - 4, 1), "lesson", index))
        row += 1
    return row


def _foot(canvas: Canvas, stop: Stop, lessons: dict[str, Head], progress: Progress, view: HomeView, row: int) -> None:
    """Two rows: what has to be said, else what the chosen lesson is about."""
    names = [name for name in stop.scenarios if name in lessons]
    note = view.note or progress.note
    text = note or (lessons[names[view.lesson]].summary if view.lesson < len(names) else "")
    lines = wrap(text, canvas.grid.columns - 4)
    for number, line in enumerate(lines[:2]):
        line = shorten(f"{line}…", canvas.grid.columns - 4) if number == 1 and len(lines) > 2 else line
        canvas.put(2, row + number, line, "attention" if note else "muted")


def _often_told(canvas: Canvas, history: Sequence[Statement], row: int) -> None:
    """Where there is room: what is often told, and what the sources say."""
    room, last = canvas.grid.columns - 6, canvas.grid.rows - 4
    for number, statement in enumerate(one for one in history if one.popular):
        lines = wrap(statement.text, room)
        if row + len(lines) + (2 if number == 0 else 1) > last:
            return
        if number == 0:
            canvas.put(2, row, "Often told, and what the sources say", "ink", style=BOLD)
            row += 1
        canvas.put(2, row, "✗", "error", style=BOLD)
        canvas.put(4, row, shorten(statement.popular, room), "muted")
        row += 1
        for place, line in enumerate(lines):
            canvas.put(2, row, "✓" if place == 0 else " ", "good", style=BOLD)
            canvas.put(4, row, line)
            row += 1


def _legend(canvas: Canvas, row: int) -> None:
    column = 1
    keys = (
        ("⏎", "open"),
        ("←→", "time"),
        ("↑↓", "lesson"),
        ("/", "search"),
        ("m", "notes"),
        ("?", "help"),
        ("q", "quit"),
    )
    for key, label in keys:
        column = canvas.put(column, row, key, "attention", style=BOLD)
        column = canvas.put(column + 1, row, label, "muted") + 2
    legend = "○ open  ● seen  ◆ understood"
    if column + text_width(legend) < canvas.grid.columns:
        canvas.put(canvas.grid.columns - text_width(legend) - 1, row, legend, "muted")
