"""Pictures that take turns where a frame has no time for all of them."""

from __future__ import annotations

import math

import pytest

from nnhistory.core.scene import Panel
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.shapes import Drawing
from nnhistory.visual import parts
from nnhistory.visual.parts import Kept

COLOURS = palette()
BOXES = {name: Box(100.0 * place, 0.0, 100.0, 100.0) for place, name in enumerate("abc")}


class Easel:
    """Three pictures that cost time as they say, on a clock that goes only while they are drawn."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, lowering: float = 2.0, painting: float = 2.0) -> None:
        self.kept, self.now, self.lowering, self.painting = Kept(), 0.0, lowering, painting
        self.seen = dict.fromkeys(BOXES, -1)
        self._drawings: dict[int, int] = {}
        self._alive: list[Drawing] = []
        monkeypatch.setattr(parts.time, "perf_counter", lambda: self.now)

    def frame(self, moment: int, seconds: float = math.inf, changing: str = "abc") -> float:
        """One frame of the run's `moment`. Returns the seconds it took."""
        began = self.now
        self.kept.begin(seconds)
        spent: dict[Box, float] = {}
        for name, box in BOXES.items():
            told = moment if name in changing else 0

            def draw(told: int = told) -> Drawing:
                self.now += self.lowering
                drawing = Drawing()
                self._alive.append(drawing)
                self._drawings[id(drawing)] = told
                return drawing

            part = self.kept.draw(name, Panel(name, f"{told}", "", ()), box, COLOURS, 1.0, draw)
            shown = self._drawings[id(part.drawing)]
            if shown != self.seen[name]:
                self.now += self.painting
                spent[box] = self.painting
            self.seen[name] = shown
        self.kept.painted(spent)
        return self.now - began


def test_with_time_enough_every_picture_is_of_the_same_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    easel = Easel(monkeypatch)
    for moment in range(3):
        easel.frame(moment)
        assert set(easel.seen.values()) == {moment}
        assert not easel.kept.late


def test_where_time_is_short_no_frame_takes_longer_and_none_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    easel = Easel(monkeypatch)
    easel.frame(0)
    for moment in range(1, 30):
        assert easel.frame(moment, seconds=9.0) <= 9.0
        assert easel.kept.late
        assert min(easel.seen.values()) >= moment - 3
    assert 1 <= easel.kept.longest <= 3


def test_a_picture_too_dear_for_one_frame_is_lowered_in_one_and_painted_in_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    easel = Easel(monkeypatch, lowering=5.0, painting=4.0)
    easel.frame(0)
    for moment in range(1, 40):
        assert easel.frame(moment, seconds=6.0) <= 6.0
        assert min(easel.seen.values()) >= moment - 8


def test_when_time_is_short_no_more_all_catch_up(monkeypatch: pytest.MonkeyPatch) -> None:
    easel = Easel(monkeypatch, lowering=5.0, painting=4.0)
    easel.frame(0)
    for moment in range(1, 8):
        easel.frame(moment, seconds=6.0)
        # The run is held in any state of turns: one frame without a limit shows the present moment everywhere.
    easel.frame(7)
    assert set(easel.seen.values()) == {7}
    assert not easel.kept.late


def test_what_does_not_change_takes_no_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    easel = Easel(monkeypatch)
    easel.frame(0)
    for moment in range(1, 20):
        easel.frame(moment, seconds=5.0, changing="a")
        # That the others stand still is known when each has had one turn.
        assert easel.seen["a"] == moment or moment < 6
