"""What the pictures of a perceptron say is what the run did."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.scene import Dial, Panel, Polyline, Size, TextBlock
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.perceptron_1957 import view
from nnhistory.eras.perceptron_1957.mark_i import machine
from nnhistory.eras.perceptron_1957.xray import xray
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load
from tests.eras.recorded import recorded


def panel(recording: MemoryRecording, place: int, name: str) -> Panel:
    return view.scene(recording.frames[place], recording, Size(120, 40)).panel(name)


def test_changes_are_counted_where_frames_are_thinned() -> None:
    recording = recorded("perceptron/parity", "pocket2")
    assert len(recording.frames) < 2000, "20,000 presentations are not all kept"
    mistakes = recording.scalar("mistakes", recording.frames[-1].tick)
    assert mistakes is not None
    assert mistakes > 9000
    assert panel(recording, -1, "weights").sentence.endswith(f"after {mistakes:.0f} changes.")


def test_one_change_is_one() -> None:
    recording = recorded("perceptron/or", "or")
    place = next(k for k, one in enumerate(recording.frames) if recording.scalar("mistakes", one.tick) == 1)
    assert panel(recording, place, "weights").sentence.endswith("after 1 change.")
    assert panel(recording, place, "gauge").sentence.startswith("1 mistake of at most 9 ")


def test_weights_that_are_all_zero_are_said_to_be() -> None:
    recording = recorded("perceptron/margin", "gaussian")
    assert panel(recording, 0, "weights").sentence == "10 weights, all of them 0."
    largest = np.abs(recording.frames[-1].arrays["weights/0"]).max()
    assert panel(recording, -1, "weights").sentence == f"10 weights, the largest {largest:.3g} in size."


def test_the_gauge_ends_at_a_whole_mistake() -> None:
    recording = recorded("perceptron/margin", "gaussian")
    bound = recording.scalar("bound", 0)
    assert bound is not None
    assert 429 < bound < 430, "rounded to three digits it is more than there can be"
    gauge = panel(recording, -1, "gauge")
    dial = next(mark for mark in gauge.marks if isinstance(mark, Dial))
    assert dial.limit == dial.hi == 429
    assert "of at most 429 " in gauge.sentence


@pytest.mark.parametrize("run", ["pocket2", "pocket5"])
def test_nothing_lies_on_the_pocket_and_the_average(run: str) -> None:
    # The error jumps with every sweep for ever: drawn last it would be a band that hides what the chapter is about.
    lines = [
        mark for mark in panel(recorded("perceptron/parity", run), -1, "curve").marks if isinstance(mark, Polyline)
    ]
    order = [mark.name.partition(":")[0] for mark in lines]
    assert order == ["training error", "pocket", "walker"]
    assert lines[0].width < lines[1].width


@pytest.mark.parametrize("run", ["pocket2", "pocket5"])
def test_an_error_that_jumps_for_ever_is_drawn_by_its_bounds(run: str) -> None:
    recording = recorded("perceptron/parity", run)
    outline = next(mark for mark in panel(recording, -1, "curve").marks if isinstance(mark, Polyline))
    xy, error = np.asarray(outline.xy), recording.series("train_error").values
    assert len(error) > 500, "as many lines would be a solid block"
    assert len(xy) <= 40
    assert (xy[:, 1].min(), xy[:, 1].max()) == (error.min(), error.max())
    least, most = np.split(xy, 2)
    assert (least[:, 0] == most[::-1, 0]).all()
    assert (least[:, 1] <= most[::-1, 1]).all()
    early = panel(recording, 8, "curve")
    assert next(mark for mark in early.marks if isinstance(mark, Polyline)).name == "training error"


@pytest.mark.parametrize(("lesson", "run", "signs"), [("or", "or", ["✓"]), ("xor", "xor", ["◆"])])
def test_only_what_breaks_has_the_sign_of_a_break(lesson: str, run: str, signs: list[str]) -> None:
    lines = [m for m in panel(recorded(f"perceptron/{lesson}", run), -1, "curve").marks if isinstance(m, Polyline)]
    assert [mark.labels[1] for mark in lines if mark.name in ("converged", "limit_cycle")] == signs


def test_the_xray_takes_apart_the_unit_that_the_machine_shows() -> None:
    loaded = load(find("perceptron/mark-i-digits"))
    plan = make_plans(loaded.scenario, Registry(), source=loaded.source)[0]
    drive = Drive(plan, Registry(), tail=400)
    recording = MemoryRecording(drive.header)
    for frame in drive.advance(400).frames:
        recording.append(frame)
    seen = set()
    for frame in [one for one in recording.frames if one.phase == "update"][1:60]:
        explained = xray(frame, recording)
        assert explained is not None
        (block,) = explained.marks
        assert isinstance(block, TextBlock)
        unit = int(block.lines[0].text.rpartition(" ")[2])
        dials = [mark for mark in machine(frame, recording).marks if isinstance(mark, Dial)]
        assert {dial.label.rpartition(" ")[2] for dial in dials} == {str(unit)}
        wrong = np.flatnonzero(frame.arrays["delta/0"])
        assert ("correct it" in block.lines[2].text) == (unit in wrong)
        seen.add((unit in wrong, unit == int(frame.arrays["target"].argmax())))
    assert {(True, True), (True, False)} <= seen, "lamps that should be lit, and such that should not"
