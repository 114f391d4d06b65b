"""Recordings: what is kept, what is found again, and how little memory they take."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.events import Event
from nnhistory.engine.recording import SERIES, TAIL, MemoryRecording, SeriesBuffer
from tests.engine.helpers import frame, header


def test_at_gives_the_last_frame_before() -> None:
    recording = MemoryRecording(header())
    for tick in (0, 3, 9):
        recording.append(frame(tick))
    assert [recording.at(tick).tick for tick in (-1, 0, 2, 3, 8, 9, 99)] == [0, 0, 0, 3, 3, 9, 9]


def test_arrays_offered_once_are_found_later() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0, data=True))
    recording.append(frame(5))
    np.testing.assert_array_equal(recording.array("data/x", 5), np.arange(4.0))
    assert recording.array("data/x", 0) is not None
    assert recording.array("nothing", 5) is None


def test_unchanged_arrays_are_shared_and_counted_once() -> None:
    recording = MemoryRecording(header())
    first, second = frame(0, size=1000), frame(0, size=1000)
    recording.append(first)
    recording.append(type(second)(1, 1, "eval", {}, dict(second.arrays)))
    assert recording.frames[1].arrays["weights/0"] is recording.frames[0].arrays["weights/0"]
    assert recording.nbytes < 2 * 4000


def test_the_tail_rolls_and_kept_frames_stay() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0))
    for tick in range(1, 3 * TAIL):
        recording.append(frame(tick, kept=tick % 100 == 0))
    ticks = [one.tick for one in recording.frames]
    assert ticks[-TAIL // 2 :] == list(range(3 * TAIL - TAIL // 2, 3 * TAIL)), "stepping back has no gaps"
    assert {0, 100, 200, 300} <= set(ticks)
    assert 1 not in ticks


def test_the_same_tick_is_not_taken_twice() -> None:
    recording = MemoryRecording(header())
    for tick in (0, 1, 1, 2, 1):
        recording.append(frame(tick))
    assert [one.tick for one in recording.frames] == [0, 1, 2]


def test_the_budget_thins_the_middle_and_spares_what_matters() -> None:
    recording = MemoryRecording(header(), budget=200_000)
    event = Event(7, 50, "limit_cycle", {"period": 4})
    for tick in range(400):
        recording.append(frame(tick, size=500, events=(event,) if tick == 50 else (), data=tick == 0))
    ticks = [one.tick for one in recording.frames]
    assert recording.nbytes <= 200_000
    assert ticks[0] == 0
    assert ticks[-1] == 399
    assert 50 in ticks
    assert recording.array("data/x", 399) is not None
    assert recording.events == [event]


def test_scalar_gives_the_newest_value_up_to_there() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0))
    recording.add_points([("train_error", 0, 0, 0.5), ("train_error", 4, 4, 0.25)])
    assert recording.scalar("train_error", 3) == 0.5
    assert recording.scalar("train_error", 4) == 0.25
    assert recording.scalar("unknown", 4) is None
    assert recording.scalar("mistakes", 0) == 0.0, "from the frame itself where no point was sent"


def test_series_are_thinned_to_true_points() -> None:
    buffer = SeriesBuffer()
    for tick in range(10 * SERIES):
        buffer.add(tick, tick, float(tick) ** 0.5)
    series = buffer.series()
    assert len(series.ticks) <= SERIES
    assert series.ticks[0] == 0
    np.testing.assert_array_equal(series.values, series.ticks.astype(float) ** 0.5)
    gaps = np.diff(series.ticks)
    assert gaps.max() <= 2 * gaps[5:].min(), "evenly thinned"


def test_frames_are_read_only() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0))
    with pytest.raises(ValueError, match="read-only"):
        recording.at(0).arrays["weights/0"][0] = 1.0
