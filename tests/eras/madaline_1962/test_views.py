"""Pictures and X-ray: they say what the frames hold, and the X-ray's calculation agrees with the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.recording import Recording
from nnhistory.core.scene import Bars, Graph, Line, Size, TextBlock
from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.eras.madaline_1962 import view
from nnhistory.eras.madaline_1962.xray import recompute, xray
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

REGISTRY = Registry()
ROOM = Size(100, 40)


def recordings(name: str) -> Any:
    return perform(load(find(f"madaline/{name}")), REGISTRY, keep=True).recordings


@pytest.mark.parametrize("name", ["xor", "hang-up", "almost-backprop"])
def test_the_xray_computes_what_was_recorded(name: str) -> None:
    checked = 0
    for recording in recordings(name).values():
        frames = recording.frames
        for now in frames:
            before = next((f for f in frames if f.step == now.step and f.phase == "forward"), None)
            if now.phase != "update" or before is None:
                continue
            for array, value in recompute(now, before, recording).items():
                np.testing.assert_allclose(value, now.arrays[array], atol=2e-5)
            checked += 1
    assert checked > 20


def test_the_xray_says_that_there_is_no_gradient() -> None:
    recording = recordings("xor")["or"]
    panel = xray(recording.frames[-1], recording)
    assert panel is not None
    assert "no gradient" in _text(panel.marks[0])
    assert xray(recording.frames[0], recording) is None


def test_a_changed_recording_is_noticed() -> None:
    recording: Recording = recordings("xor")["or"]
    frames = recording.frames
    now = next(f for f in frames if f.phase == "update" and f.arrays["state/lit"].any())
    before = next(f for f in frames if f.step == now.step and f.phase == "forward")
    moved = recompute(now, before, recording)["weights/0"]
    assert np.abs(moved - before.arrays["weights/0"]).max() > 1e-3


def test_the_unit_that_has_the_job_is_named_and_lit() -> None:
    recording = recordings("xor")["or"]
    frame = next(f for f in recording.frames if f.phase == "backward")
    unit = int(np.flatnonzero(frame.arrays["state/lit"])[0])
    panel = view.scene(frame, recording, ROOM).panel("net")
    graphs = [mark for mark in panel.marks if isinstance(mark, Graph)]
    assert len(graphs) == 2
    assert graphs[1].flow == "good"
    assert set(graphs[1].edges[:, 1].tolist()) == {2 + unit}
    assert graphs[0].labels[2 + unit].startswith("job")
    assert f"unit {unit + 1}" in panel.sentence


def test_the_slopes_are_bars_and_ticks() -> None:
    recording = recordings("almost-backprop")["d4"]
    frame = next(f for f in recording.frames if f.phase == "update")
    (bars,) = (m for m in view.scene(frame, recording, ROOM).panel("slopes").marks if isinstance(m, Bars))
    np.testing.assert_allclose(bars.values, bars.ticks, atol=1e-3)
    assert np.abs(bars.values).max() > 0.01


def test_the_trials_are_counted() -> None:
    recording = recordings("hang-up")["parity8"]
    panel = view.scene(recording.frames[-1], recording, ROOM).panel("trials")
    (bars,) = (m for m in panel.marks if isinstance(m, Bars))
    assert list(bars.values) == [8, 28, 56]


def test_a_hung_net_is_framed() -> None:
    recording = recordings("hang-up")["two"]
    assert view.scene(recording.frames[-1], recording, ROOM).panel("plane").broken
    assert not view.scene(recording.frames[0], recording, ROOM).panel("plane").broken


def _text(mark: Any) -> str:
    assert isinstance(mark, TextBlock)
    lines: tuple[Line, ...] = mark.lines
    return " ".join(line.text for line in lines)
