"""A study under way on a terminal: a line for each setting, a sign for each of its runs, and what came out so far."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

import click

from nnhistory.cli.common import Reporter, can_repaint
from nnhistory.core.numbers import as_text, key_in_words, plain
from nnhistory.draw.words import shorten
from nnhistory.engine.study import Point, PointResult, collect
from nnhistory.engine.study_numbers import summarise

__all__ = ["StudyReporter", "board_lines"]

_EVERY = 0.2
"""Seconds between two paintings."""
_NAME = 34
"""Columns for the name of a setting."""
_BEFORE_A_GUESS = 2.0
"""Seconds of work before the time that is left is guessed."""


def board_lines(
    points: Sequence[Point], results: Sequence[PointResult], metric: str, stat: str, columns: int, rows: int,
    left: str = "",
) -> list[str]:  # fmt: skip
    """The board as it stands, at most `rows` lines of at most `columns` signs.

    A run that is done is #, one that failed x, one that waits a dot; in a narrow place each sign stands for several.
    Where there are more settings than room, those from the first unfinished one on are shown.
    """
    done = {(result.point.row, result.point.number): "x" if result.failure else "#" for result in results}
    numbers: dict[int, list[Point]] = {}
    for point in points:
        numbers.setdefault(point.row, []).append(point)
    good = [result for result in results if not result.failure]
    reported = dict(zip(sorted({result.point.row for result in good}), collect(points, good), strict=True))
    table = {row: summarise(found, metric, stat)[0] for row, found in reported.items()}
    full = round(24 * len(results) / max(1, len(points)))
    head = f"[{'#' * full}{'.' * (24 - full)}] {len(results)} of {len(points)} runs{left}"
    lines = [head]
    room = rows - 2
    if room >= 2 and (len(numbers) > 1 or len(points) > 1):
        names = {row: _name(found[0].settings) for row, found in numbers.items()}
        wide = min(_NAME, max(len(name) for name in names.values()))
        unfinished = [row for row, found in numbers.items() if any((row, point.number) not in done for point in found)]
        order = list(numbers)
        first = order.index(unfinished[0]) if unfinished else 0
        first = max(0, min(first - 1, len(order) - room))
        shown = order[first : first + room]
        for row in shown:
            signs = "".join(done.get((row, point.number), ".") for point in numbers[row])
            value = plain(table[row]) if row in table else ""
            space = max(4, columns - wide - 17)
            lines.append(f"  {shorten(names[row], wide):<{wide}}  {_squeezed(signs, space)}  {value}")
        which = "" if len(shown) == len(order) else f"settings {first + 1} to {first + len(shown)} of {len(order)}; "
        what = f"right: {stat} {metric.replace('_', ' ')} so far; " if metric else ""
        lines.append(f"  {which}{what}Ctrl-C stops, finished runs are kept")
    return [shorten(line, columns - 1) for line in lines]


def _name(settings: Mapping[str, Any]) -> str:
    said = [f"{key_in_words(key)} {as_text(value)}" for key, value in settings.items()]
    return ", ".join(said) or "as written"


def _squeezed(signs: str, room: int) -> str:
    """As they are, or, if there are too many, so many of each sort in proportion."""
    if len(signs) <= room:
        return signs
    failed = -(-room * signs.count("x") // len(signs))
    done = min(room - failed, room * signs.count("#") // len(signs))
    return "#" * done + "x" * failed + "." * (room - done - failed)


class StudyReporter:
    """A board on standard error that is painted over and taken away at the end; a line now and then when piped."""

    def __init__(self, points: Sequence[Point], metric: str, stat: str, found: int = 0) -> None:
        self._points, self._metric, self._stat, self._found = points, metric, stat, found
        self._plain = None if can_repaint(sys.stderr) else Reporter()
        self._began = self._last = time.monotonic()
        self._lines = 0

    def __call__(self, results: Sequence[PointResult]) -> None:
        """All results there are."""
        if self._plain is not None:
            self._plain("study", len(results), len(self._points))
            return
        now = time.monotonic()
        if now - self._last < _EVERY:
            return
        self._last = now
        columns, rows = _size()
        metric = self._metric or _first_metric(results)
        lines = board_lines(self._points, results, metric, self._stat, columns, rows, self._left(len(results), now))
        self._take_away()
        click.echo("\n".join(lines), err=True)
        self._lines = len(lines)

    def _left(self, count: int, now: float) -> str:
        ours, took = count - self._found, now - self._began
        if ours < 1 or took < _BEFORE_A_GUESS:
            return ""
        seconds = took / ours * (len(self._points) - count)
        return f", about {seconds / 60:.0f} min left" if seconds >= 90 else f", about {seconds:.0f} s left"

    def _take_away(self) -> None:
        if self._lines:
            click.echo(f"\x1b[{self._lines}F\x1b[J", nl=False, err=True)
            self._lines = 0

    def done(self) -> None:
        """Take the board away."""
        self._take_away()


def _first_metric(results: Sequence[PointResult]) -> str:
    return next((name for one in results for run in one.outcomes.values() for name in run.metrics), "")


def _size() -> tuple[int, int]:
    try:
        size = os.get_terminal_size(sys.stderr.fileno())
    except (OSError, ValueError):
        return 80, 24
    return (size.columns or 80), (size.lines or 24)
