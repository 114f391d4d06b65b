"""GIF: which moments, how long each, how many pictures."""

from __future__ import annotations

import io
import itertools

import pytest
from PIL import Image

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.moment import Frame
from nnhistory.core.recording import Header
from nnhistory.draw.gif import MOST, check_size, holds, sample, to_gif
from nnhistory.engine.recording import MemoryRecording


def recording(count: int, events: dict[int, str] | None = None) -> MemoryRecording:
    """`count` moments two ticks apart, with events at some of them."""
    made = MemoryRecording(Header("r", "toy", 0, {}, {}))
    for index in range(count):
        tick = 2 * index
        kind = (events or {}).get(tick)
        happened = (Event(index, tick, kind),) if kind else ()
        made.append(Frame(tick, index, "update", {}, {}, happened))
    made.finish()
    return made


def test_a_short_recording_is_shown_whole() -> None:
    assert sample(recording(5)) == [0, 2, 4, 6, 8]


def test_a_long_one_keeps_its_ends_and_its_events() -> None:
    ticks = sample(recording(5000, {778: "limit_cycle"}))
    assert len(ticks) <= MOST
    assert ticks[0] == 0
    assert ticks[-1] == 9998
    assert 778 in ticks
    assert ticks == sorted(set(ticks))
    gaps = [b - a for a, b in itertools.pairwise(ticks)]
    assert max(gaps) < 3 * 10_000 / len(ticks)


def test_too_many_events_do_not_crowd_out_the_rest() -> None:
    ticks = sample(recording(1000, {2 * k: "turned" for k in range(300)}), 20)
    assert len(ticks) <= 20
    assert max(ticks) == 1998
    assert sum(tick > 700 for tick in ticks) >= 4


def test_ends_and_events_are_held() -> None:
    made = recording(40, {20: "limit_cycle"})
    ticks = sample(made)
    seconds = holds(made, ticks)
    usual = seconds[5]
    assert seconds[-1] >= 2.0
    assert seconds[0] > 2 * usual
    assert seconds[ticks.index(20)] > 2 * usual
    assert holds(made, []) == []


def test_too_large_is_refused_with_a_size_that_fits() -> None:
    with pytest.raises(BadInput) as caught:
        check_size(90, 3840, 2160)
    text = str(caught.value)
    assert text.startswith("90 pictures of 3840x2160 are too much for a GIF (the limit is 180 million pixels). Write")
    width, height = map(int, text.rsplit(" ", 1)[1].split("x"))
    check_size(90, width, height)


def test_frames_durations_and_colours() -> None:
    colours = [(255, 0, 0), (0, 114, 178), (230, 159, 0)]
    data = to_gif([Image.new("RGB", (40, 30), colour) for colour in colours], [0.1, 0.2, 2.0])
    image = Image.open(io.BytesIO(data))
    assert image.n_frames == 3
    assert image.size == (40, 30)
    assert image.info["loop"] == 0
    for index, colour in enumerate(colours):
        image.seek(index)
        seen = image.convert("RGB").getpixel((5, 5))
        assert isinstance(seen, tuple)
        assert max(abs(a - b) for a, b in zip(seen, colour, strict=True)) <= 4
        assert image.info["duration"] == [100, 200, 2000][index]


def test_no_pictures_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="at least one"):
        to_gif([], [])
