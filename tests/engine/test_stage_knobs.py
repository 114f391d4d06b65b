"""Knobs on a stage: live turns, forks with their ghost, restarts, points and pictures drawn by hand, saving."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Size
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import load, loads
from tests.engine.stagehand import Clock, assert_same_frames, registry, toy


@pytest.fixture(params=[True, False], ids=["inline", "process"])
def inline(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def opened() -> Iterator[list[Stage]]:
    stages: list[Stage] = []
    yield stages
    for stage in stages:
        stage.close()


def begin(opened: list[Stage], scenario: object, inline: bool) -> tuple[Stage, Clock]:
    stage = Stage.open(scenario, registry=registry(), inline=inline)  # type: ignore[arg-type]
    opened.append(stage)
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    return stage, clock


def points_scenario(steps: int = 400) -> object:
    text = f"""
title = "Points"
[play]
speed = 64.0
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "xor"
config = {{ steps = {steps} }}
"""
    return loads(text, Path("points.toml"))


def test_a_live_turn_takes_effect_at_the_next_step(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 2000, rate = 0.01"), inline)
    clock.until(lambda: stage.lane.playhead.tick > 20)
    newest = last_tick(stage.lane.recording)
    assert stage.turn("rate", 0.02) == "rate is now 0.02"
    clock.until(lambda: stage.lane.recording.events)
    event = stage.lane.recording.events[0]
    assert event.kind == "turned"
    assert (event.evidence["knob"], event.evidence["before"], event.evidence["value"]) == ("rate", 0.01, 0.02)
    assert newest <= event.tick <= newest + 2 + 64 * 0.1 + 3, "within the credit and one step of what was seen"
    clock.until(lambda: last_tick(stage.lane.recording) > event.tick + 12)
    after = event.evidence["after"]
    assert event.step in (after, after + 1)
    distance = {f.step: f.scalars["distance"] for f in stage.lane.recording.frames if f.phase == "update"}
    for step in (after - 1, after):
        assert distance[step] == pytest.approx(distance[step - 1] * 0.99)
    for step in (after + 1, after + 2):
        assert distance[step] == pytest.approx(distance[step - 1] * 0.98)
    assert stage.knobs["rate"].value == 0.01 or stage.lane.playhead.tick >= event.tick
    stage.lane.playhead.seek(last_tick(stage.lane.recording), stage.lane.recording)
    assert stage.knobs["rate"].value == 0.02
    stage.act("first")
    assert stage.knobs["rate"].value == 0.01


def test_live_knobs_turned_by_hand_are_told_with_step_and_old_value(opened: list[Stage]) -> None:
    later = '[[turn]]\nrun = "a"\nstep = 5\nknob = "rate"\nvalue = 0.3\n'
    stage, clock = begin(opened, toy("steps = 2000, rate = 0.01", later), True)
    clock.until(lambda: stage.lane.frame.step > 10)
    assert "Changed here" not in stage.story.text, "what the lesson turns is no change of it"
    stage.turn("rate", 0.02)
    assert stage.story.text.startswith("Changed here: rate 0.3 → 0.02 from the next step on (u takes it back).")
    clock.until(lambda: len(stage.lane.recording.events) == 2)
    after = stage.lane.recording.events[1].evidence["after"]
    assert stage.story.text.startswith(f"Changed here: rate 0.3 → 0.02 after step {after} (u takes it back).")
    stage.act("restart")
    assert f"rate 0.3 → 0.02 after step {after}" in stage.story.text, "the run repeats it"
    clock.until(lambda: stage.lane.started and stage.lane.frame.step > after)
    for value in (0.1, 0.2):
        step = stage.lane.frame.step
        stage.fork("rate", value)
        clock.catch_up()
        clock.until(lambda step=step: stage.lane.frame.step > step + 3)
    assert stage.story.text.startswith("Changed here: 1 earlier turn, rate 0.02 → 0.1 after step ")
    stage.act("undo")
    assert "Changed here" not in stage.story.text


def test_to_turn_a_dial_of_a_picture_is_no_change_of_the_lesson(opened: list[Stage]) -> None:
    stage, _ = begin(opened, "adaline/knobby", True)
    stage.turn("w1", 0.5)
    assert "Changed here" not in stage.story.text
    stage.turn("mu", 0.02)
    assert "Changed here: mu" in stage.story.text


def test_restart_repeats_a_live_turn_exactly(opened: list[Stage], inline: bool, tmp_path: Path) -> None:
    stage, clock = begin(opened, toy("steps = 120, rate = 0.01"), inline)
    clock.until(lambda: stage.lane.playhead.tick > 20)
    stage.turn("rate", 0.5)
    clock.until(lambda: stage.lane.recording.events)
    stage.act("last")
    clock.state("done")
    live = {frame.tick: frame for frame in stage.lane.recording.frames}
    stage.act("restart")
    stage.act("last")
    clock.state("done")
    for frame in stage.lane.recording.frames:
        assert_same_frames(live[frame.tick], frame)

    file = tmp_path / "saved.toml"
    assert stage.save(file) == f"saved as {file}"
    saved = load(file)
    turn = saved.scenario.turn[0]
    event = next(event for frame in live.values() for event in frame.events if event.kind == "turned")
    assert (turn.knob, turn.value, turn.step) == ("rate", 0.5, event.evidence["after"])
    again, clock = begin(opened, saved, True)
    again.act("last")
    clock.state("done")
    for frame in again.lane.recording.frames:
        assert_same_frames(live[frame.tick], frame)
    with pytest.raises(BadInput, match="already"):
        stage.save(file)


def test_a_saved_experiment_says_what_it_changed(opened: list[Stage], tmp_path: Path) -> None:
    second = '[[run]]\nid = "b"\ntitle = "other"\nera = "toy_1900"\ndataset = "or"\n'
    for runs, title, of_run in (("", "Toy (steps = 7)", ""), (second, "Toy", "other (steps = 7)")):
        stage, clock = begin(opened, toy("steps = 5", "", runs), True)
        before, after = (tmp_path / f"{name}-{len(runs)}.toml" for name in ("before", "after"))
        stage.save(before)
        assert load(before).scenario.title == "Toy"
        stage.select(len(stage.lanes) - 1)
        stage.act("play_pause")
        clock.play(0.2)
        stage.fork("steps", 7)
        stage.save(after)
        saved = load(after).scenario
        assert (saved.title, saved.run[-1].title) == (title, of_run)


def test_a_turn_before_the_first_moment_is_not_lost(opened: list[Stage], inline: bool) -> None:
    stage = Stage.open(toy("steps = 30, rate = 0.01"), registry=registry(), inline=inline)
    opened.append(stage)
    stage.turn("rate", 0.5)
    clock = Clock(stage)
    stage.update(0.0)
    clock.state("done")
    events = stage.lane.recording.events
    assert events[0].kind == "turned"
    assert events[0].evidence["after"] == 0
    assert stage.lane.plan.turns[0].step == 0


def test_a_turn_by_hand_is_not_held_up_by_a_later_one_in_the_scenario(opened: list[Stage], inline: bool) -> None:
    later = '[[turn]]\nrun = "a"\nstep = 900\nknob = "rate"\nvalue = 0.3\n'
    stage, clock = begin(opened, toy("steps = 1000, rate = 0.01", later), inline)
    clock.until(lambda: stage.lane.playhead.tick > 10)
    stage.turn("rate", 0.02)
    clock.until(lambda: stage.lane.recording.events)
    assert stage.lane.recording.events[0].step < 50


TOLD = """
[[chapter]]
title = "Asked"
at = { step = 7 }
speed = 512.0
text = "here"
[chapter.question]
ask = "how far?"
reveal = { step = 30 }
[[chapter.question.options]]
text = "near"
expect = { metric = "distance", op = "<", value = 0.5 }
[[chapter.question.options]]
text = "far"
expect = { metric = "distance", op = ">=", value = 0.5 }
"""


def test_a_fork_does_not_tell_the_story_of_its_past_again(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 100, rate = 0.02", TOLD), inline)
    stage.act("last")
    clock.state("done")
    assert stage.story.answer is not None
    stage.lane.playhead.speed = 8.0
    old = stage.lane.recording
    stage.lane.playhead.seek(next(frame.tick for frame in old.frames if frame.step == 40), old)
    stage.fork("rate", 0.5)
    clock.catch_up()
    clock.play(0.5)
    assert stage.status.state == "playing", "it is not held where it has been held before"
    assert stage.status.speed == 8.0
    assert stage.story.title == "Asked"
    assert stage.story.question is None, "what has been answered of the old future is not asked of the new one"
    early = next(frame.tick for frame in stage.lane.recording.frames if frame.step == 10)
    stage.lane.playhead.seek(early, stage.lane.recording)
    assert stage.story.question is not None, "before the answer it is"


def test_fork_keeps_the_past_and_changes_the_future(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 100, rate = 0.02"), inline)
    stage.act("last")
    clock.state("done")
    old = stage.lane.recording
    place = next(frame.tick for frame in old.frames if frame.step == 40 and frame.phase == "present")
    stage.lane.playhead.seek(place, old)
    said = stage.turn("rate", 0.5)
    assert said.startswith("forked at step 39")
    assert stage.lane.frame.tick == place, "nothing jumps while the past is computed again"
    clock.catch_up()
    assert place <= stage.lane.playhead.tick <= place + 4, "and it plays on from there"
    assert stage.lane.ghost is old
    stage.act("last")
    clock.state("done")
    new = {frame.tick: frame for frame in stage.lane.recording.frames}
    turned = next(event for event in stage.lane.recording.events if event.kind == "turned")
    for frame in old.frames:
        if frame.tick < turned.tick:
            assert_same_frames(frame, new[frame.tick])
        elif frame.phase == "update" and frame.step >= 40:
            assert frame.scalars["distance"] > 1.5 * new[frame.tick].scalars["distance"]
    assert turned.tick == place - 1 or turned.tick == place, "right after the step before"
    with_ghost = stage.scene(Size(80, 24))
    assert stage.timeline.ghost_ticks == () or stage.lane.ghost.events
    assert stage.act("compare") == "the ghost is hidden"
    assert len(stage.scene(Size(80, 24)).panels[0].marks) == len(with_ghost.panels[0].marks) - 1


def test_the_end_key_is_remembered_while_a_fork_computes_its_past(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 3000, rate = 0.02"), inline)
    stage.act("last")
    clock.state("done")
    stage.lane.playhead.speed = 1.0
    stage.seek(0.5)
    stage.fork("rate", 0.5)
    assert stage.lane.catch_up is not None
    stage.act("last")
    clock.catch_up()
    clock.state("done")
    assert stage.lane.frame.step == 3000


def test_a_knob_that_is_not_live_starts_the_run_again(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 20"), inline)
    clock.state("done")
    old = stage.lane.recording
    assert "from the start" in stage.turn("steps", 12)
    clock.state("done")
    assert stage.lane.frame.step == 12
    assert stage.status.planned == 12
    assert stage.lane.ghost is old
    assert stage.knobs["steps"].value == 12
    with pytest.raises(BadInput, match="out of range"):
        stage.turn("rate", 99)
    with pytest.raises(BadInput, match="Did you mean"):
        stage.turn("rat", 1)


def test_points_drawn_by_hand_are_learned(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, points_scenario(), inline)
    clock.until(lambda: stage.lane.playhead.tick > 20)
    drawn = [[0.5, 0.5, 1], [-0.5, -0.5, -1], [0.7, 0.1, 1]]
    assert "Changed here" not in stage.story.text
    stage.turn("points", drawn)
    assert stage.story.text.startswith("Changed here: the points (u takes it back).")
    clock.until(lambda: stage.lane.recording.events)
    stage.act("last")
    clock.state("done")
    events = [event.kind for event in stage.lane.recording.events if event.kind in ("turned", "converged")]
    assert events == ["turned", "converged"]
    x = stage.lane.recording.array("data/x", stage.lane.frame.tick)
    np.testing.assert_allclose(x, np.array(drawn, dtype=np.float32)[:, :2])
    assert stage.scene(Size(80, 24)).panel("plane")
    assert stage.knobs["points"].value == drawn
    stage.act("undo")
    assert "Changed here" not in stage.story.text


def test_points_drawn_after_the_end_go_on_from_there(opened: list[Stage], inline: bool) -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "or"
config = { steps = 200 }
"""
    stage, clock = begin(opened, loads(text, Path("or.toml")), inline)
    stage.act("last")
    clock.state("done")
    end = stage.lane.frame.step
    # The last point is on the wrong side of what has been learned.
    stage.turn("points", [[1.0, 1.0, 1], [-1.0, -1.0, -1], [0.1, 0.2, -1]])
    clock.catch_up()
    stage.act("last")
    clock.state("done")
    assert stage.lane.frame.step > end
    assert [event.kind for event in stage.lane.recording.events].count("turned") == 1
    assert stage.lane.recording.events[-1].kind == "converged"


def test_a_picture_drawn_by_hand_is_answered(opened: list[Stage], inline: bool) -> None:
    text = """
title = "t"
[play]
speed = 64.0
[[run]]
id = "a"
era = "perceptron_1957"
dataset = { name = "bars" }
config = { machine = "mark_i", steps = 2000, stop_when_converged = false, a_units = 64 }
"""
    stage, clock = begin(opened, loads(text, Path("m.toml")), inline)
    clock.until(lambda: stage.lane.playhead.tick > 10)
    picture = [[1.0 if row == 3 else 0.0 for _ in range(20)] for row in range(20)]
    stage.turn("retina", picture)
    clock.until(lambda: any(frame.scalars.get("by_hand") for frame in stage.lane.recording.frames))
    frame = next(frame for frame in stage.lane.recording.frames if frame.scalars.get("by_hand"))
    np.testing.assert_array_equal(frame.arrays["input"].reshape(20, 20), np.array(picture, dtype=np.float32))
    assert not frame.arrays["target"].any(), "label -1: it only answers"
    stage.lane.playhead.seek(frame.tick, stage.lane.recording)
    assert stage.scene(Size(80, 24)).panel("retina")
    with pytest.raises(BadInput, match="20 x 20"):
        stage.turn("retina", [[1.0]])


def test_a_key_adds_a_layer_and_changes_how_the_weights_begin(opened: list[Stage]) -> None:
    stage, clock = begin(opened, "backprop/depth-cliff", True)
    assert stage.act("deeper") == "layers is 2 from the start; the earlier run is the ghost"
    clock.until(lambda: stage.lane.started and "weights/2" in stage.lane.frame.arrays)
    assert stage.act("shallower").startswith("layers is 1")
    assert stage.act("next_init").startswith("init is fan_normal (1990)")
    assert stage.act("next_unit").startswith("unit is tanh")
    clock.until(lambda: stage.lane.started)
    assert {name: stage.knobs[name].value for name in ("layers", "init", "unit")} == {
        "layers": 1, "init": "fan_normal", "unit": "tanh",
    }  # fmt: skip


def test_what_an_era_does_not_have_is_said(opened: list[Stage]) -> None:
    stage, _ = begin(opened, "perceptron/or", True)
    assert stage.act("deeper") == "Perceptron has no hidden layers to add"
    assert stage.act("next_unit") == "Perceptron has nothing of that kind to choose from"


def test_hidden_layers_given_one_by_one(opened: list[Stage]) -> None:
    text = 'title = "t"\n[[run]]\nid = "a"\nera = "backprop_1986"\ndataset = "xor"\nconfig = { hidden = [3] }\n'
    stage, _ = begin(opened, loads(text, Path("x.toml")), True)
    stage.act("deeper")
    assert stage.knobs["hidden"].value == [3, 3]
    stage.act("shallower")
    stage.act("shallower")
    assert stage.knobs["hidden"].value == []
    stage.act("shallower")
    stage.act("shallower")
    assert stage.knobs["layers"].value == 0
    assert "out of range" in stage.act("shallower")
