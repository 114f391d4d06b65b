"""What is seen: numbers in the scene are those of the frame, dials can be turned, the X-ray agrees with the run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.moment import Frame
from nnhistory.core.scene import Bars, Dial, HeatMap, Lamps, Panel, Polyline, Size, TextBlock
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.adaline_1960 import view, waves
from nnhistory.eras.adaline_1960.xray import recompute, xray
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

from .helpers import MANIFEST

ROOM = Size(120, 40)


def recorded(name: str, run: str, steps: int = 200) -> MemoryRecording:
    """The first moments of a shipped run, every one of them kept or in the tail."""
    loaded = load(find(f"adaline/{name}"))
    plan = next(one for one in make_plans(loaded.scenario, Registry(), source=loaded.source) if one.id == run)
    drive = Drive(plan, Registry(), tail=4 * steps)
    recording = MemoryRecording(drive.header)
    batch = drive.advance(4 * steps)
    for frame in batch.frames:
        recording.append(frame)
    recording.add_points(batch.points)
    return recording


def at(recording: MemoryRecording, step: int, phase: str) -> Frame:
    return next(frame for frame in recording.frames if frame.step == step and frame.phase == phase)


def marks(panel: Panel, kind: Any) -> list[Any]:
    return [mark for mark in panel.marks if isinstance(mark, kind)]


def text(panel: Panel) -> str:
    return "\n".join(line.text for mark in marks(panel, TextBlock) for line in mark.lines)


def test_every_dial_of_the_board_turns_a_live_knob() -> None:
    recording = recorded("knobby", "yours", 4)
    scene = view.scene(at(recording, 1, "update"), recording, ROOM)
    dials = [mark for panel in ("knobs", "meter") for mark in marks(scene.panel(panel), Dial) if mark.edit is not None]
    assert [dial.edit.knob for dial in dials] == [f"w{k}" for k in range(1, 17)] + ["b0"]
    for dial in dials:
        assert dial.edit.how == "turn"
        assert MANIFEST.knobs[dial.edit.knob].live
        low, high = MANIFEST.knobs[dial.edit.knob].low, MANIFEST.knobs[dial.edit.knob].high
        assert low is not None
        assert high is not None
        assert low <= dial.edit.xlim[0] < dial.edit.xlim[1] <= high


def test_arrows_say_which_way_the_rule_would_turn() -> None:
    recording = recorded("knobby", "yours", 4)
    frame = at(recording, 1, "update")
    dials = marks(view.scene(frame, recording, ROOM).panel("knobs"), Dial)
    for dial, x in zip(dials, frame.arrays["input"], strict=True):
        assert dial.label.endswith("▲" if x > 0 else "▼")
        assert dial.role == "attention"
    before = marks(view.scene(at(recording, 1, "present"), recording, ROOM).panel("knobs"), Dial)
    assert not any(dial.label.endswith(("▲", "▼")) for dial in before)


def test_a_knob_turned_the_wrong_way_is_red_and_one_that_is_done_green() -> None:
    recording = recorded("knobby", "watched", 16)
    wrong = marks(view.scene(at(recording, 3, "update"), recording, ROOM).panel("knobs"), Dial)
    assert [dial.role for dial in wrong] == ["error"] + ["attention"] * 15
    done = marks(view.scene(at(recording, 7, "update"), recording, ROOM).panel("knobs"), Dial)
    assert {dial.role for dial in done} == {"good"}


def test_the_meter_shows_sum_target_and_quantiser() -> None:
    recording = recorded("knobby", "machine", 40)
    for step in (1, 7, 23):
        frame = at(recording, step, "forward")
        panel = view.scene(frame, recording, ROOM).panel("meter")
        needle = marks(panel, Dial)[0]
        s, d = float(frame.arrays["pre/0"][0]), float(frame.arrays["target"][0])
        assert (needle.value, needle.limit) == (s, d)
        assert marks(panel, Lamps)[0].states.tolist() == [0.0, 0.0], "the needle swings before the quantiser clicks"
        clicked = view.scene(at(recording, step, "backward"), recording, ROOM).panel("meter")
        assert marks(clicked, Dial)[0].value == s
        assert marks(clicked, Lamps)[0].states.tolist() == [float(s > 0), float(s < 0)]
        assert marks(panel, Lamps)[0].want == (0 if d > 0 else 1)
        switches = marks(view.scene(frame, recording, ROOM).panel("board"), HeatMap)[0]
        assert switches.values.ravel().tolist() == frame.arrays["input"].tolist()


def test_before_the_first_pattern_nothing_is_wanted_yet() -> None:
    recording = recorded("versus-perceptron", "lms", 40)
    for frame, said in ((recording.frames[0], "wanted …"), (at(recording, 1, "forward"), "wanted −1")):
        (block,) = marks(view.scene(frame, recording, ROOM).panel("meter"), TextBlock)
        assert block.lines[0].text == said


def test_the_steps_lines_are_lit_one_after_another() -> None:
    recording = recorded("versus-perceptron", "clouds-lms", 4)
    lit = {}
    for phase in ("present", "forward", "backward", "update"):
        block = marks(view.scene(at(recording, 2, phase), recording, ROOM).panel("step"), TextBlock)[0]
        lit[phase] = [line.text.split()[0] for line in block.lines if line.lit]
    assert [numbers[0] for numbers in lit.values()] == ["1", "2", "3", "4"]
    shown = text(view.scene(at(recording, 2, "update"), recording, ROOM).panel("step"))
    e = float(at(recording, 2, "update").arrays["delta/0"][0])
    assert f"{abs(e):.3g}" in shown


def test_the_bowl_is_lowest_at_the_wiener_solution() -> None:
    recording = recorded("bowl", "noisy", 60)
    panel = view.scene(at(recording, 40, "update"), recording, ROOM).panel("bowl")
    heights = marks(panel, HeatMap)[0].values
    row, column = np.unravel_index(heights.argmin(), heights.shape)
    assert abs(row - (heights.shape[0] - 1) / 2) <= 1
    assert abs(column - (heights.shape[1] - 1) / 2) <= 1
    path = next(mark for mark in marks(panel, Polyline) if mark.name == "the way down")
    assert len(path.xy) == 41


def test_the_worst_pattern_is_marked() -> None:
    recording = recorded("versus-perceptron", "lms", 700)
    frame = recording.frames[-1]
    bars = marks(view.scene(frame, recording, ROOM).panel("outputs"), Bars)[0]
    assert [k for k, role in enumerate(bars.roles) if role == "error"] == [15]
    assert bars.values[15] < 0 < bars.ticks[15]


def test_a_filter_of_one_delay_lets_everything_through() -> None:
    frequencies = np.linspace(0, 250, 11)
    np.testing.assert_allclose(waves.response(np.array([0.0, 1.0, 0.0]), frequencies), 1.0)
    # A difference of two neighbours: |1 − exp(−i w)| = 2 sin(w/2), 0 at 0 Hz and 2 at half the sampling rate.
    np.testing.assert_allclose(
        waves.response(np.array([1.0, -1.0]), frequencies), 2 * np.sin(np.pi * frequencies / 500), atol=1e-12
    )


@pytest.mark.parametrize(
    ("name", "run"),
    [
        ("knobby", "machine"), ("knobby", "hasty"), ("bowl", "slope"), ("bowl", "noisy"), ("bowl", "many"),
        ("hum", "hum"), ("versus-perceptron", "lms"), ("versus-perceptron", "clouds-lms"),
    ],
)  # fmt: skip
def test_the_xray_agrees_with_the_run_and_a_wrong_number_shows(name: str, run: str) -> None:
    recording = recorded(name, run, 40)
    checked = 0
    for number, frame in enumerate(recording.frames):
        if frame.phase != "update":
            continue
        again = recompute(frame, recording.frames[number - 1], recording)
        now = np.append(frame.arrays["weights/0"][:, 0], frame.arrays["bias/0"])[: len(again)]
        np.testing.assert_allclose(again, now, atol=3e-6)
        panel = xray(frame, recording)
        assert panel is not None
        lines = [line for mark in marks(panel, TextBlock) for line in mark.lines if "largest difference" in line.text]
        assert [line.role for line in lines] == ["good"]
        checked += 1
    assert checked >= 30
    # Negative control: with another mu or alpha the numbers do not fit any more.
    moved = {name: 3 * value + 0.1 for name, value in recording.header.config.items() if name in ("mu", "alpha")}
    recording.header.config.update(moved)
    update = next(number for number, frame in enumerate(recording.frames) if frame.phase == "update")
    now = np.append(recording.frames[update].arrays["weights/0"][:, 0], recording.frames[update].arrays["bias/0"])
    again = recompute(recording.frames[update], recording.frames[update - 1], recording)
    assert np.abs(again - now[: len(again)]).max() > 1e-3


def test_by_hand_the_xray_says_that_the_machine_changes_nothing() -> None:
    recording = recorded("knobby", "yours", 4)
    panel = xray(at(recording, 2, "update"), recording)
    assert panel is not None
    assert "your hands do the update" in text(panel)


def test_before_the_first_pattern_nothing_is_wanted() -> None:
    recording = recorded("knobby", "machine", 2)
    panel = view.scene(recording.frames[0], recording, ROOM).panel("meter")
    (block,) = marks(panel, TextBlock)
    assert [line.text for line in block.lines] == ["wanted …", "error …"]
