"""The update that an X-ray takes apart: the newest that is recorded whole, and how far it lies back."""

from __future__ import annotations

import pytest

from nnhistory.core.moment import Frame
from nnhistory.core.updates import how_far_back, steps_back, whole_update
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from tests.engine.helpers import header
from tests.eras.recorded import recorded

PHASES = ("present", "forward", "update")


def thinned(kept: set[int]) -> MemoryRecording:
    """Moments of a run of three phases a step, of which only these are recorded."""
    recording = MemoryRecording(header())
    for tick in sorted(kept):
        recording.append(Frame(tick, tick // 3, PHASES[tick % 3], {}, {}, (), True))
    return recording


@pytest.mark.parametrize(
    ("begins", "tick", "wanted"),
    [
        ("", 5, (4, 5)),  # its own step is there
        ("", 4, (1, 2)),  # in the middle of a step: the one before
        ("", 299, (4, 5)),  # step 99 is recorded without the moment before it
        ("forward", 299, (4, 5)),
        ("present", 299, (297, 299)),  # with the moment that it begins with it is whole
        ("", 1, None),
    ],
)
def test_the_newest_whole_update(begins: str, tick: int, wanted: tuple[int, int] | None) -> None:
    recording = thinned({0, 1, 2, 3, 4, 5, 8, 100, 200, 297, 299, 302})
    found = whole_update(recording, tick, begins)
    assert (found and (found[0].tick, found[1].tick)) == wanted


@pytest.mark.parametrize(
    ("lesson", "run", "moments"),
    [("perceptron/mark-i-bars", "bars", None), ("adaline/bowl", "slope", None), ("backprop/xor", "xor", 3000)],
)
def test_an_xray_late_in_a_thinned_run_says_how_old_its_step_is(lesson: str, run: str, moments: int | None) -> None:
    recording = recorded(lesson, run, moments)
    xray = Registry().xray(recording.header.era)
    assert xray is not None
    steps: list[int] = []
    for frame in (recording.frames[600], recording.frames[-1]):
        panel = xray(frame, recording)
        heading = panel.marks[0].lines[0].text
        step = next(one.step for one in reversed(recording.frames) if f"step {one.step}" in heading)
        away = frame.step - step
        assert away >= 0
        assert (f"{away} steps back" in heading) == (away > 1)
        assert (f"step {step} is the newest whole one at step {frame.step}" in panel.sentence) == (away > 1)
        steps.append(away)
    assert steps[0] <= 1 < 50 < steps[1], "near where all is recorded, far where not"


def test_a_near_step_needs_no_explanation() -> None:
    update, next_present = Frame(5, 1, "update", {}, {}, (), True), Frame(6, 2, "present", {}, {}, (), True)
    assert (steps_back(update, update), steps_back(update, next_present), how_far_back(update, next_present)) == (
        "", "", "",
    )  # fmt: skip
