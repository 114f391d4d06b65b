"""Recordings: what is kept, what is found again, and how little memory they take."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest

from nnhistory.core.events import Event
from nnhistory.engine.meters import Meter
from nnhistory.engine.outcome import Tally
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


def test_data_that_rolled_out_with_the_tail_are_the_older_ones_again() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0, data=True))
    recording.append(frame(1, data=True, kept=False))
    recording.frames[1].arrays["data/x"] = np.zeros(4)
    assert not recording.array("data/x", 1).any()
    assert recording.array("data/x", 0).any()
    for tick in range(2, 2 * TAIL):
        recording.append(frame(tick, kept=False))
    np.testing.assert_array_equal(recording.array("data/x", 1), np.arange(4.0))


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
    buffer, meter = SeriesBuffer(), Meter(Tally.of(0.0), frozenset(), 0)
    for tick in range(10 * SERIES):
        if tick >= meter.due:
            buffer.add(tick, tick, math.sqrt(tick))
            meter.sent(tick)
    series = buffer.series()
    assert len(series.ticks) <= SERIES
    assert series.ticks[0] == 0
    assert series.ticks[-1] > 9.9 * SERIES
    np.testing.assert_array_equal(series.values, np.sqrt(series.ticks))
    gaps = np.diff(series.ticks)
    assert gaps.max() <= 2 * gaps.min(), "evenly thinned"


def test_what_was_no_number_once_is_not_forgotten() -> None:
    meter = Meter(Tally.of(1.0), frozenset(), 0)
    for value in (2.0, 0.5, math.nan, 0.25, 3.0):
        meter.beyond(value)
    meter.write()
    assert math.isnan(meter.tally.min)
    assert math.isnan(meter.tally.max)


def test_frames_are_read_only() -> None:
    recording = MemoryRecording(header())
    recording.append(frame(0))
    with pytest.raises(ValueError, match="read-only"):
        recording.at(0).arrays["weights/0"][0] = 1.0


def test_bytes_are_counted_right_whatever_comes_and_goes() -> None:
    """The budget rests on this count: arrays shared with a frame that rolls out of the tail must stay counted."""
    rng = np.random.default_rng(0)
    recording = MemoryRecording(header(), budget=60_000)
    value = 0
    for tick in range(3000):
        value += int(rng.integers(0, 2))
        one = frame(value, size=30, kept=bool(rng.integers(0, 5) == 0))
        recording.append(type(one)(tick, tick, "update", one.scalars, one.arrays, (), one.kept))
    held = {id(array): array.nbytes for one in recording.frames for array in one.arrays.values()}
    scalars = sum(64 * (len(one.scalars) + 4) for one in recording.frames)
    assert recording.nbytes == sum(held.values()) + scalars
    assert recording.nbytes <= 60_000


def test_which_moments_are_kept_does_not_depend_on_the_tail() -> None:
    """How many moments come for the tail is the clock's doing; what is kept of a run must be the same every time."""
    stay = {}
    for chance in (0.0, 0.3, 1.0):
        tail, values = np.random.default_rng(5), np.random.default_rng(6)
        recording = MemoryRecording(header(), budget=60_000)
        for tick in range(3000):
            one = frame(int(values.integers(0, 3)), size=40, kept=tick % 3 == 0)
            if one.kept or tail.random() < chance:
                recording.append(type(one)(tick, tick, "update", one.scalars, one.arrays, (), one.kept))
        stay[chance] = [one.tick for one in recording.frames if one.kept]
    assert len(stay[0.0]) > 20
    assert stay[0.0] == stay[0.3] == stay[1.0]


def test_a_tail_of_large_frames_stays_within_its_share() -> None:
    recording = MemoryRecording(header(), budget=400_000)
    for tick in range(300):
        recording.append(frame(tick, size=5000, kept=tick % 50 == 0))
    assert recording.nbytes <= 400_000
    assert recording.frames[-1].tick == 299
    assert {0, 50, 100, 150, 200, 250} & {one.tick for one in recording.frames} >= {0, 250}


def test_what_came_through_a_pipe_is_read_only_again() -> None:
    recording = MemoryRecording(header())
    for tick in (0, 1):
        recording.append(pickle.loads(pickle.dumps(frame(tick))))
    for one in recording.frames:
        assert not any(array.flags.writeable for array in one.arrays.values())
