"""Paints per second of the terminal theatre while a lesson plays. A table, never pass or fail on time.

pytest -m bench -n 0 -s tests/bench/test_terminal_bench.py

A paint is what one turn of the walkthrough's clock takes when something moved: news from the run, scene, grid, and the
strips that Textual writes. `first` is the first paint, before anything is cached. What the terminal program then does
with the bytes is not in the numbers.
"""

from __future__ import annotations

import statistics
import time

import pytest

from nnhistory.draw.palette import MODES, Look, palette
from nnhistory.engine.stage import Stage
from nnhistory.terminal.grid_view import strip_of
from nnhistory.terminal.theatre_picture import View, paint_theatre

pytestmark = pytest.mark.bench

BOUND = 30.0
"""Paints a second."""
SECONDS = 4.0
SIZES = ((80, 24), (120, 40), (200, 60))
LESSONS = ("perceptron/xor", "perceptron/mark-i-digits")


def measure(name: str, columns: int, rows: int, view: View) -> tuple[float, list[float], int]:
    """Seconds of the first paint, of every other one, and how many of them showed another moment."""
    stage = Stage.open(name, inline=True)
    times: list[float] = []
    moved, tick, now = 0, -1, 0.0
    try:
        while not stage.lane.started:
            now += 1 / BOUND
            stage.update(now)
        while stage.status.speed < BOUND:
            stage.act("faster")
        until = time.perf_counter() + SECONDS
        while time.perf_counter() < until:
            if stage.status.state == "paused":
                stage.choose(0)
            if stage.status.state in ("paused", "done"):
                stage.act("play_pause")
            now += 1 / BOUND
            stage.update(now)
            began = time.perf_counter()
            grid = paint_theatre(stage, columns, rows, view).grid
            for row in range(rows):
                strip_of(grid, row)
            times.append(time.perf_counter() - began)
            moved += stage.lane.playhead.tick != tick
            tick = stage.lane.playhead.tick
    finally:
        stage.close()
    return times[0], times[1:], moved


def test_paints_a_second() -> None:
    heads = ("first ms", "ms", "p99 ms", "a second", "x bound")
    print(f"\n{'lesson':26}{'size':>8} {'colours':10}" + "".join(f"{head:>10}" for head in heads))
    for name in LESSONS:
        for columns, rows in SIZES:
            for mode in MODES if (columns, rows) == (120, 40) else MODES[:1]:
                first, times, moved = measure(name, columns, rows, View(Look(palette(), mode)))
                assert moved > len(times) / 4, "hardly anything moved: this would measure a still picture"
                rate = 1 / statistics.mean(times)
                p99 = sorted(times)[int(0.99 * len(times))]
                figures = (first * 1e3, statistics.median(times) * 1e3, p99 * 1e3, rate, rate / BOUND)
                print(f"{name:26}{f'{columns}x{rows}':>8} {mode:10}" + "".join(f"{value:10.1f}" for value in figures))
