"""The stage: playing, moving in time, chapters that hold, wagers, with both runners."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Size
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage import Stage
from tests.engine.stagehand import Clock, assert_same_frames, registry, toy


@pytest.fixture(params=[True, False], ids=["inline", "process"])
def inline(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture
def opened(inline: bool) -> Iterator[list[Stage]]:
    """Stages to close at the end; `inline` says which runner."""
    stages: list[Stage] = []
    yield stages
    for stage in stages:
        stage.close()


def begin(opened: list[Stage], scenario: object, inline: bool, speed: float = 64.0) -> tuple[Stage, Clock]:
    stage = Stage.open(scenario, registry=registry(), inline=inline)  # type: ignore[arg-type]
    opened.append(stage)
    stage.lane.playhead.speed = speed
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    return stage, clock


def test_it_plays_to_the_end_by_itself(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 30"), inline)
    assert stage.status.state == "playing"
    clock.state("done")
    frame = stage.lane.frame
    assert (frame.phase, frame.step) == ("done", 30)
    assert stage.status.planned == 30
    assert stage.timeline.place == 1.0
    assert [tick.event.kind for tick in stage.timeline.ticks] == ["converged"]
    assert stage.outcomes["a"].metrics["distance"].final < 1e-3


def test_it_shows_moments_at_the_speed_it_says(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 10000"), inline)
    clock.until(lambda: last_tick(stage.lane.recording) >= 2)
    before, began = stage.lane.playhead.tick, clock.now
    clock.until(lambda: stage.lane.playhead.tick >= before + 60)
    assert clock.now - began >= 0.9 * 60 / 64, "never faster; slower only if the runner is"


def test_the_runner_never_runs_ahead_of_its_credit(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 10000"), inline, speed=1.0)
    for speed in (1.0, 64.0, 1024.0):
        stage.lane.playhead.speed = speed
        clock.play(1.0)
        ahead = last_tick(stage.lane.recording) - stage.lane.playhead.tick
        assert 0 <= ahead <= 2 + speed * 0.1
        assert stage.lane.granted <= stage.lane.playhead.tick + 2 + speed * 0.1


def test_pause_holds_the_picture_and_the_computing(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 10000"), inline)
    clock.play(0.5)
    stage.act("play_pause")
    clock.until(lambda: last_tick(stage.lane.recording) + 1 >= stage.lane.granted)  # what was under way has come
    tick, newest = stage.lane.playhead.tick, last_tick(stage.lane.recording)
    clock.play(1.0)
    assert stage.status.state == "paused"
    assert (stage.lane.playhead.tick, last_tick(stage.lane.recording)) == (tick, newest)
    stage.act("play_pause")
    clock.until(lambda: stage.lane.playhead.tick > tick)


def test_stepping_forward_and_back(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 100"), inline)
    stage.act("play_pause")
    head = stage.lane.playhead
    here = head.tick
    for count, action in ((1, "step"), (10, "step_ten"), (1, "step")):
        goal = head.tick + count
        stage.act(action)
        clock.until(lambda goal=goal: head.tick == goal)
    clock.play(0.3)
    assert head.tick == here + 12, "it stays there"
    stage.act("back")
    assert head.tick == here + 11
    stage.act("back_ten")
    assert head.tick == here + 1
    for _ in range(3):
        stage.act("back")
    assert head.tick == max(0, here - 2)
    assert stage.lane.frame.tick == head.tick


def test_steps_pressed_quickly_are_all_made(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 1000"), inline)
    stage.act("play_pause")
    clock.play(0.2)
    newest = last_tick(stage.lane.recording)
    stage.lane.playhead.seek(newest, stage.lane.recording)
    for _ in range(5):
        stage.act("step")
    clock.until(lambda: stage.lane.playhead.tick == newest + 5)
    clock.play(0.2)
    assert stage.lane.playhead.tick == newest + 5


def test_first_last_and_seek(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 400"), inline)
    assert stage.act("last") == "computing the rest of the run"
    clock.state("done")
    assert stage.status.message == "", "nothing is computed any more"
    assert stage.lane.frame.phase == "done"
    stage.act("first")
    assert stage.lane.playhead.tick == 0
    stage.seek(0.5)
    assert abs(stage.timeline.place - 0.5) < 0.01
    assert stage.lane.frame.tick <= stage.lane.playhead.tick
    stage.act("last")
    assert stage.timeline.place == 1.0
    stage.act("back")
    assert stage.lane.frame.phase == "eval", "one can step back from the end"


def test_what_has_been_computed_is_not_said_to_be_on_its_way_because_another_run_has_not_begun(
    opened: list[Stage],
) -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\n'
    stage, clock = begin(opened, toy("steps = 400", "", second), True)
    stage.act("last")
    clock.state("done")
    assert not stage.lanes[1].recording.complete, "nothing is tested"
    assert stage.status.message == ""


def test_pausing_on_the_way_to_the_end_stops_the_computing(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 100000"), inline)
    stage.act("last")
    clock.until(lambda: last_tick(stage.lane.recording) > 500)
    stage.act("play_pause")
    clock.play(0.3)
    newest = last_tick(stage.lane.recording)
    clock.play(1.0)
    assert last_tick(stage.lane.recording) == newest
    assert stage.lane.outcome is None
    stage.act("last")
    clock.state("done")


def test_next_and_previous_event(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 60"), inline)
    assert "yet" in stage.act("next_event")
    stage.act("last")
    clock.state("done")
    stage.act("first")
    stage.act("next_event")
    event = stage.lane.recording.events[0]
    assert stage.lane.playhead.tick == event.tick
    assert event in stage.lane.frame.events
    assert stage.act("next_event") == "no event behind this moment"
    assert stage.act("previous_event") == "no event before this moment"


CHAPTERS = """
[[chapter]]
title = "Begin"
pause = true
text = "here"
[[chapter]]
title = "Later"
at = { step = 7 }
pause = true
text = "{distance} away"
[[chapter]]
title = "There"
at = { event = "converged" }
pause = true
text = "after {converged.mistakes}"
[[chapter]]
title = "End"
at = { end = true }
text = "over"
"""


@pytest.mark.parametrize("speed", [64.0, 5000.0])
def test_chapters_pause_at_exactly_their_moment(opened: list[Stage], inline: bool, speed: float) -> None:
    stage, clock = begin(opened, toy("steps = 60", CHAPTERS), inline)
    stage.lane.playhead.speed = speed
    seen = []
    for _ in range(3):
        clock.state("paused")
        clock.play(0.3)
        seen.append((stage.story.title, stage.lane.frame.step, stage.lane.frame.phase))
        stage.act("play_pause")
    clock.state("done")
    converged = stage.lane.recording.events[0]
    assert seen == [("Begin", 0, "eval"), ("Later", 7, "present"), ("There", converged.step, "eval")]
    assert stage.story.title == "End"
    stage.seek(0.0)
    assert stage.story.title == "Begin"
    assert (stage.story.number, stage.story.count) == (1, 4)


def test_a_chapter_far_out_is_hit_exactly_at_high_speed(opened: list[Stage], inline: bool) -> None:
    chapter = '[[chapter]]\ntitle = "Far"\ntext = "t"\nat = { step = 3333 }\npause = true\n'
    stage, clock = begin(opened, toy("steps = 9000", chapter), inline)
    stage.lane.playhead.speed = 60000.0
    clock.state("paused")
    assert (stage.lane.frame.step, stage.lane.frame.phase) == (3333, "present")


QUESTION = """
[[chapter]]
title = "Wager"
at = { step = 2 }
text = "t"
[chapter.question]
ask = "Where does it end?"
reveal = { event = "converged" }
explain = "Because."
[[chapter.question.options]]
text = "far away"
expect = { metric = "distance", op = ">", value = 1.0 }
reply = "No."
[[chapter.question.options]]
text = "there"
expect = { metric = "distance", op = "<", value = 0.001 }
reply = "Yes."
[[chapter.question.options]]
text = "in a loop"
expect = { event = "converged", op = "never" }
"""


def test_a_wager_is_settled_by_the_run(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 3000", QUESTION), inline)
    assert stage.choose(0) == "nothing is asked here"
    clock.state("paused")
    assert stage.story.question == "Where does it end?"
    assert stage.story.answer is None
    assert "3 answers" in stage.choose(7)
    stage.choose(1)
    assert stage.status.state == "playing"
    assert stage.story.chosen == 1
    clock.until(lambda: stage.story.answer is not None)
    assert stage.story.answer == (1,)
    assert stage.story.reply == "Yes. Because."
    assert stage.lane.recording.events[0].tick <= stage.lane.playhead.tick < last_tick(stage.lane.recording)
    assert stage.choose(0) == "this is settled already"


def test_a_picture_that_gives_the_answer_away_waits_for_it(opened: list[Stage], inline: bool) -> None:
    hiding = QUESTION.replace('explain = "Because."', 'explain = "Because."\nhides = ["number"]')
    stage, clock = begin(opened, toy("steps = 3000", hiding), inline)

    def shown() -> set[str]:
        return {panel.id for panel in stage.scene(Size(80, 24)).panels}

    clock.state("paused")
    assert "way" in shown()
    assert "number" not in shown()
    stage.choose(1)
    assert "number" not in shown()
    clock.until(lambda: stage.story.answer is not None)
    assert "number" in shown()
    stage.act("home")
    stage.seek(0.01)
    assert stage.story.title == "Wager" or stage.lane.frame.step < 2
    assert "number" in shown(), "it is known by now"


def test_a_picture_that_is_hidden_must_be_there(opened: list[Stage], inline: bool) -> None:
    hiding = QUESTION.replace('explain = "Because."', 'explain = "Because."\nhides = ["nmber"]')
    with pytest.raises(BadInput, match="nmber"):
        begin(opened, toy("steps = 3000", hiding), inline)


AFTER = """
[[chapter]]
title = "There"
at = { event = "converged" }
text = "t"
speed = 4000.0
[[chapter]]
title = "End"
at = { end = true }
text = "t"
"""


@pytest.mark.parametrize("wagers", [True, False])
def test_who_wagered_is_held_where_it_is_settled(opened: list[Stage], inline: bool, wagers: bool) -> None:
    # The chapter after it does not stop by itself and is soon over: whoever wagered must be told all the same.
    stage, clock = begin(opened, toy("steps = 3000", QUESTION + AFTER), inline)
    clock.state("paused")
    stage.choose(1) if wagers else stage.act("play_pause")
    clock.state("paused", "done")
    converged = next(event for event in stage.lane.recording.events if event.kind == "converged")
    if not wagers:
        assert stage.status.state == "done"
        return
    assert stage.lane.playhead.tick == converged.tick
    clock.until(lambda: stage.story.answer is not None)
    assert (stage.story.title, stage.story.answer, stage.story.chosen) == ("There", (1,), 1)


def test_a_question_is_carried_through_chapters_to_the_end_that_settles_it(opened: list[Stage], inline: bool) -> None:
    late = QUESTION.replace('reveal = { event = "converged" }', "reveal = { end = true }")
    stage, clock = begin(opened, toy("steps = 300", late + AFTER), inline)
    clock.state("paused")
    stage.choose(1)
    clock.state("done")
    clock.until(lambda: stage.story.answer is not None)
    assert (stage.story.title, stage.story.question) == ("End", "Where does it end?")
    assert (stage.story.answer, stage.story.chosen) == ((1,), 1)


def test_the_end_key_is_not_held_up_by_a_question(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 300", QUESTION), inline)
    clock.state("paused")
    stage.act("last")
    clock.state("done")
    assert stage.lane.frame.phase == "done"
    assert (stage.story.chosen, stage.story.answer) == (None, (1,))
    stage.seek(0.01)
    assert stage.story.answer is None
    assert stage.choose(2).startswith("you say"), "one may still go back and wager"
    clock.until(lambda: stage.story.answer is not None)
    assert (stage.story.chosen, stage.story.answer) == (2, (1,))


LATER = """
[[chapter]]
title = "There"
text = "t"
at = { event = "converged" }
[[chapter]]
title = "The end"
text = "t"
at = { end = true }
"""


def test_the_end_key_is_remembered_while_a_run_is_starting(opened: list[Stage], inline: bool) -> None:
    stage = Stage.open(toy("steps = 3000"), registry=registry(), inline=inline)
    opened.append(stage)
    stage.lane.playhead.speed = 1.0
    assert not stage.lane.started
    assert stage.act("last") == "computing the rest of the run"
    Clock(stage).state("done")
    assert stage.lane.frame.step == 3000
    assert stage.act("restart").endswith("from the start")
    stage.act("last")
    stage.act("play_pause")
    Clock(stage).until(lambda: stage.lane.started)
    assert stage.status.state == "paused", "whoever changes their mind holds it at its first moments"
    assert not stage.lane.recording.complete


def test_a_wager_is_told_at_the_end_if_a_jump_led_past_its_answer(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 3000", QUESTION + LATER), inline)
    clock.state("paused")
    stage.choose(1)
    stage.act("last")
    clock.state("done")
    clock.play(1.0)
    assert stage.story.title == "The end"
    assert (stage.story.chosen, stage.story.answer, stage.story.reply) == (1, (1,), "Yes. Because.")


def test_a_wager_that_was_told_on_the_way_is_not_told_again(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 300", QUESTION + LATER), inline)
    clock.state("paused")
    stage.choose(1)
    clock.until(lambda: stage.story.answer is not None)
    assert stage.story.title == "There"
    clock.play(1.0)
    assert stage.story.answer is not None, "it stays while its chapter does"
    stage.act("last")
    clock.state("done")
    assert (stage.story.title, stage.story.question) == ("The end", None)


def test_the_shipped_lessons_play_through(opened: list[Stage], inline: bool) -> None:
    for name, right in (("perceptron/or", (0,)), ("perceptron/xor", (2,))):
        stage, clock = begin(opened, name, inline)
        stage.lane.playhead.speed = 32.0
        stage._speed_touched = True
        clock.until(lambda stage=stage: stage.story.question is not None)
        clock.state("paused")
        question = stage.story.number - 1
        assert stage.lane.playhead.tick == next(
            frame.tick
            for frame in stage.lane.recording.frames
            if frame.step >= (stage.scenario.chapter[question].at.step or 0)
        )
        stage.choose(0)
        clock.until(lambda stage=stage, q=question: stage._answer(
            stage.lane, q, stage.scenario.chapter[q].question) is not None)  # fmt: skip
        assert stage._answer(stage.lane, question, stage.scenario.chapter[question].question) == right
        for _ in range(5):
            if stage.status.state == "paused":
                stage.act("play_pause")
            clock.state("paused", "done")
            if stage.status.state == "done":
                break
        assert stage.status.state == "done"
        for size in (Size(80, 24), Size(120, 40), Size(30, 8)):
            assert stage.scene(size).panels


def test_restart_gives_the_same_and_reseed_gives_other_frames(opened: list[Stage], inline: bool) -> None:
    stage, clock = begin(opened, toy("steps = 40"), inline)
    clock.state("done")
    first = list(stage.lane.recording.frames)
    stage.act("restart")
    assert stage.lane.playhead.tick == 0
    clock.state("done")
    again = list(stage.lane.recording.frames)
    assert len(first) == len(again)
    for one, other in zip(first, again, strict=True):
        assert_same_frames(one, other)
    assert stage.act("reseed").startswith("seed 1")
    clock.state("done")
    assert stage.lane.recording.frames[0].scalars != first[0].scalars


def test_two_lanes_share_one_transport(opened: list[Stage], inline: bool) -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\nconfig = { steps = 300, rate = 0.1 }\n'
    stage, clock = begin(opened, toy("steps = 300", CHAPTERS, second), inline)
    assert stage.visible == (0,)
    assert not stage.lanes[1].recording.frames, "a run that nobody looks at is not computed"
    assert stage.act("compare") == "two runs side by side; c: one alone"
    assert stage.visible == (0, 1)
    clock.until(lambda: all(lane.started for lane in stage.lanes))
    clock.state("paused")
    for _ in range(2):
        stage.act("play_pause")
        assert [lane.playhead.playing for lane in stage.lanes] == [True, True]
        clock.state("paused")
        assert [lane.playhead.playing for lane in stage.lanes] == [False, False], "a chapter holds both"
    assert stage.act("next_lane").endswith("(run 2 of 2)")
    assert stage.lane.id == "b"
    assert stage.scene(Size(80, 24), lane=0) != stage.scene(Size(80, 24), lane=1)
    assert stage.thumbnail(0) is not None
    stage.act("last")
    clock.until(lambda: len(stage.outcomes) == 2)
    clock.play(0.1)
    assert stage.status.message == "", "both are over"


def test_at_the_end_of_one_of_several_runs_nothing_is_said_to_be_computed(opened: list[Stage], inline: bool) -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\nconfig = { steps = 300, rate = 0.1 }\n'
    stage, clock = begin(opened, toy("steps = 300", "", second), inline)
    assert stage.act("last") == "computing the rest of the run"
    clock.state("done")
    assert stage.status.message == ""


def test_a_run_that_starts_from_another_waits_for_it(opened: list[Stage], inline: bool) -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\nstart = { from = "a" }\nconfig = { steps = 5 }\n'
    stage, clock = begin(opened, toy("steps = 50", "", second), inline)
    stage.act("next_lane")
    clock.until(lambda: stage.lane.started)
    assert stage.lane.recording.frames[0].scalars["distance"] < 1e-3, "it begins where the other ended"


def test_it_refuses_what_means_nothing() -> None:
    with pytest.raises(BadInput, match="Did you mean"):
        Stage.open(toy("rat = 0.5"), registry=registry(), inline=True)
