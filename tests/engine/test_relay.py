"""The relay: rows fill by themselves, in two queues; what they say is computed; what is finished stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest

from nnhistory.cli.common import say_outcome
from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Scores, Size, TextBlock
from nnhistory.engine.drive import Drive
from nnhistory.engine.names import check_names
from nnhistory.engine.perform import perform
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import FULL, SPARSE
from nnhistory.engine.relay import RelayShow, with_torch
from nnhistory.engine.runner import PairedRunner
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import Loaded, find, load
from tests.engine.relays import RELAY, toy_relay, written
from tests.engine.stagehand import Clock, registry


@pytest.fixture
def stages() -> Iterator[list[Stage]]:
    opened: list[Stage] = []
    yield opened
    for stage in opened:
        stage.close()


def begin(stages: list[Stage], scenario: Loaded) -> tuple[Stage, Clock, RelayShow]:
    stage = Stage.open(scenario, registry=registry(), inline=True)
    stages.append(stage)
    assert stage.relay is not None
    return stage, Clock(stage), stage.relay


def board(stage: Stage) -> Scores:
    mark = stage.scene(Size(80, 20)).panel("board").marks[0]
    assert isinstance(mark, Scores)
    return mark


def test_all_rows_start_and_end_by_themselves(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    assert [row.state for row in relay.rows()] == ["waiting", "waiting"]
    assert [row.word for row in board(stage).rows] == ["waiting", "waiting"]
    assert (stage.status.state, stage.status.step, stage.status.planned, stage.status.counts) == (
        "playing",
        0,
        2,
        "nets",
    )
    clock.state("done")
    assert [row.state for row in relay.rows()] == ["done", "done"]
    assert [row.word for row in board(stage).rows] == ["✓ there", "◆ far"]
    assert [row.muted for row in board(stage).rows] == [False, True]
    assert (stage.status.step, stage.timeline.place) == (2, 1.0)
    assert board(stage).line == 0.5


def test_the_word_is_what_came_out_and_not_what_was_hoped_for(stages: list[Stage]) -> None:
    stage, clock, _ = begin(stages, toy_relay(a="rate = 0.01, steps = 3"))
    clock.state("done")
    assert board(stage).rows[0].word == "◆ far"
    stage.choose_row(-1)
    story = stage.story
    assert story.title == "1900 · walks: far"
    assert story.broke
    first, last = (stage.lanes[0].recording.series("distance").values[place] for place in (0, -1))
    assert story.text == f"It is {last:.3g} away. It began at {first:.3g}."


def test_a_part_counts_in_the_row_it_belongs_to(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay(p="rate = 0.0, steps = 40, sleep = 0.02"))
    clock.until(lambda: relay.rows()[1].progress > 0)
    row = relay.rows()[1]
    assert (row.state, row.part) == ("running", 1)
    assert row.progress < 0.5
    assert "part 1/1" in board(stage).rows[1].word
    clock.until(lambda: relay.rows()[1].part == 0)
    assert relay.rows()[1].progress >= 0.5


def test_held_keeps_what_is_finished_and_goes_on(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay(p="rate = 0.0, steps = 60, sleep = 0.02"))
    clock.until(lambda: relay.rows()[1].progress > 0)
    assert stage.cancel()
    assert not stage.cancel(), "once is enough: the next escape leaves"
    clock.play(0.2)
    stopped = relay.rows()[1].progress
    clock.play(0.5)
    assert [row.state for row in relay.rows()] == ["done", "running"]
    assert relay.rows()[1].progress == stopped
    assert stage.status.state == "paused"
    stage.act("play_pause")
    clock.state("done")


def test_a_wager_stands_until_the_runs_settle_it(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    assert relay.wager == "Your wager: Which comes nearer?  1 a  2 b"
    assert stage.choose(2) == "there are 2 answers"
    assert stage.choose(1) == "you say: b"
    assert stage.story.answer is None
    clock.state("done")
    assert (stage.story.chosen, stage.story.answer) == (1, (0,))
    assert relay.wager == "✗ You were not right (b). Who walks arrives."
    assert stage.choose(0) == "this is settled already"


def test_a_row_opens_to_its_own_run_and_back(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    clock.state("done")
    assert relay.selected == 1, "the selection follows what ended last"
    assert stage.open_row()
    assert (stage.board, stage.lane.id) == (None, "b")
    clock.until(lambda: stage.lane.looked)
    assert {panel.id for panel in stage.scene(Size(80, 20)).panels} >= {"way", "number"}
    assert stage.back_to_board()
    assert not stage.back_to_board()
    assert stage.board is relay
    assert stage.click_row(0)
    assert relay.selected == 0
    assert stage.click_row(0)
    assert stage.lane.id == "a"


def test_all_nets_open_side_by_side_and_one_alone(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    stage.act("compare")
    clock.play(0.2)
    assert {stage.lanes[index].id for index in stage.visible} <= {entry.run for entry in relay.relay.entry}
    assert len(stage.visible) == min(10, len(stage.pool)) > 1
    assert stage.back_to_board()
    stage.open_row()
    assert stage.visible == (stage.selected,), "a row opens one net"


def test_the_one_who_chooses_is_not_moved_on(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    stage.choose_row(0)
    clock.state("done")
    assert relay.selected == 0


def test_a_net_that_breaks_does_not_stop_the_others(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay(p="fail_at = 2"))
    clock.state("done")
    assert [row.state for row in relay.rows()] == ["done", "failed"]
    assert "it broke on purpose" in relay.rows()[1].failure
    assert board(stage).rows[1].word == "✗ stopped"
    stage.choose_row(1 - relay.selected)
    assert "broke" in stage.story.text


def test_another_seed_starts_all_of_them_again(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    clock.state("done")
    before = relay.rows()[1].value
    stage.act("reseed")
    assert relay.answer is None
    clock.state("done")
    assert relay.rows()[1].value != before


def test_nothing_moves_by_itself_where_nothing_should(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    stage.stand_still()
    clock.play(0.5)
    assert {row.state for row in relay.rows()} == {"waiting"}
    stage.act("play_pause")
    clock.state("done")


def test_two_processes_that_end_with_the_stage(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay())
    stage._runner = pair = PairedRunner(registry(), frozenset({"p", "b"}))
    for lane in stage.lanes:
        pair.take(lane.job, lane.plan)
    children = [psutil.Process(one.pid) for one in pair._runners]
    relay._second = {"p", "b"}
    assert len({child.pid for child in children}) == 2
    clock.state("done")
    assert [row.state for row in relay.rows()] == ["done", "done"]
    stage.close()
    assert not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in children)


def test_a_process_with_nothing_left_takes_a_run_that_waits(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay(p="rate = 0.0, steps = 3000"))
    stage._runner = pair = PairedRunner(registry(), frozenset({"a", "b", "p"}))
    relay._lanes = {lane.id: lane for lane in sorted(stage.lanes, key=lambda lane: lane.id == "a")}  # a waits last
    relay._second = {"a", "b", "p"}
    for lane in stage.lanes:
        pair.take(lane.job, lane.plan)
    clock.state("done")
    assert relay.second == {"b", "p"}  # b builds on p: neither may go
    assert [row.state for row in relay.rows()] == ["done", "done"]
    stage.act("reseed")
    clock.state("done")
    assert relay.second == {"b", "p"}


def test_the_next_run_is_granted_before_the_one_before_it_is_over(stages: list[Stage]) -> None:
    stage, clock, relay = begin(stages, toy_relay(p="rate = 0.0, steps = 60, sleep = 0.01"))
    b = next(lane for lane in stage.lanes if lane.id == "b")
    clock.until(lambda: relay.rows()[1].progress > 0)
    assert not b.granted
    clock.until(lambda: b.granted > 0)
    assert relay.rows()[1].part == 1, "the part that it builds on is over already"
    clock.state("done")


def test_what_builds_on_a_torch_era_goes_where_torch_is() -> None:
    loaded = load(find("relay/two-digits"))
    plans = make_plans(loaded.scenario, registry(), source=loaded.source, base=loaded.path.parent)
    here = {plan.id for plan in plans} - with_torch(plans, registry())
    assert here == {"p1957", "a1960", "m1962", "b1986x1", "b1986x2", "b1986x5"}


def test_a_sparse_recording_leaves_out_moments_and_no_number() -> None:
    loaded = toy_relay(a="steps = 400")
    plan = make_plans(loaded.scenario, registry(), source=loaded.source, base=loaded.path.parent)[0]
    kept = {}
    for sparse in (False, True):
        drive = Drive(plan, registry(), schedule=SPARSE if sparse else FULL)
        frames = drive.advance(10_000, flat_out=True).frames
        assert drive.done
        kept[sparse] = (len(frames), drive.outcome.metrics, frames[0].tick, frames[-1].tick)
    assert SPARSE[0] < kept[True][0] < kept[False][0] / 3
    assert kept[True][1:] == kept[False][1:]


def test_headless_prints_the_board(capsys: pytest.CaptureFixture[str]) -> None:
    outcome = perform(toy_relay(), registry())
    say_outcome(outcome, registry())
    out = capsys.readouterr().out
    assert "  1900  walks   [" in out
    assert "✓ there" in out
    assert "◆ far" in out
    assert "Which comes nearer? the right answer is: a" in out
    assert [row["word"] for row in outcome.to_json()["board"]] == ["✓ there", "◆ far"]


@pytest.mark.parametrize(("old", "new", "said"), [
    ('run = "b"\nyear', 'run = "c"\nyear', 'there is no run "c". Known runs: a, b, p'),
    ('parts = ["p"]', 'parts = ["a"]', 'run "a" stands in two rows of the relay'),
    ('metric = "distance"\nbars', 'metric = "distanse"\nbars', 'reports no metric "distanse"'),
    ('expect = { run = "a", metric = "distance", op = "<"', 'expect = { metric = "distance", op = "<"', "which run?"),
    ('task = "How', 'tusk = "How', 'there is no key "tusk" here. Did you mean "task"?'),
])  # fmt: skip
def test_a_wrong_board_is_said_with_its_place(old: str, new: str, said: str) -> None:
    assert old in RELAY
    with pytest.raises(BadInput) as told:
        check_names(toy_relay(more=RELAY.replace(old, new, 1)), registry())
    assert said in str(told.value)
    assert str(told.value).startswith("toy.toml:")


@pytest.mark.parametrize(("shape", "fits"), [("[1, 2]", True), ("[2, 3]", False)])
def test_a_shape_that_does_not_fit_is_said_and_leaves_no_picture_out(
    tmp_path: Path, stages: list[Stage], shape: str, fits: bool
) -> None:
    file = written(tmp_path)
    file.write_text(file.read_text().replace("shape = [1, 2]", f"shape = {shape}"), encoding="utf-8")
    stage = Stage.open(file, inline=True)
    stages.append(stage)
    Clock(stage).state("done")
    rows = board(stage).rows
    assert [np.shape(row.picture) for row in rows] == [(1, 2), (1, 2)], "two weights each"
    scene = stage.scene(Size(110, 40))
    assert ("not the 2 x 3 pixels" in scene.panel("net").sentence) is not fits
    told = [mark for panel in ("net", "task") for mark in scene.panel(panel).marks if isinstance(mark, TextBlock)]
    assert bool(told) is not fits, "and it stands in the picture, not in its description alone"
    assert ("An example is 2 numbers" in scene.panel("task").sentence) is not fits


def test_a_recording_shows_the_board_again_and_a_saved_relay_is_one(tmp_path: Path, stages: list[Stage]) -> None:
    perform(toy_relay(), registry(), record=tmp_path / "toy.rec")
    stage = Stage.replay(tmp_path / "toy.rec", registry=registry())
    stages.append(stage)
    stage.update(0.0)
    assert [row.word for row in board(stage).rows] == ["✓ there", "◆ far"]
    stage.act("play_pause")
    assert stage.status.state == "done"
    live, _, _ = begin(stages, toy_relay())
    live.save(tmp_path / "saved.toml")
    assert load(tmp_path / "saved.toml").scenario.relay == toy_relay().scenario.relay
