"""Driving a run: what is kept, what is counted, and that none of it depends on how the run is cut into stretches."""

from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from nnhistory.engine.company import Company, Ended
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import RunPlan, make_plans
from nnhistory.engine.recording import DENSE, GROWTH, SERIES, MemoryRecording
from nnhistory.scenario.load import loads
from tests.engine.stagehand import assert_same_frames, registry, toy


def plan(config: str = "", more: str = "") -> RunPlan:
    loaded = toy(config, more)
    return make_plans(loaded.scenario, registry(), source=loaded.source)[0]


def recorded(one: RunPlan, stretch: int, *, tail: int = 0, flat_out: bool = True) -> tuple[MemoryRecording, Drive]:
    drive = Drive(one, registry(), tail=tail)
    recording = MemoryRecording(drive.header)
    while not drive.done:
        batch = drive.advance(stretch, flat_out=flat_out)
        for frame in batch.frames:
            recording.append(frame)
        recording.add_points(batch.points)
    recording.finish()
    return recording, drive


@pytest.mark.parametrize(("stretch", "tail", "flat_out"), [(1, 16, False), (37, 16, False), (500, 16, True)])
def test_the_cut_does_not_show(stretch: int, tail: int, flat_out: bool) -> None:
    one = plan("steps = 3000, rate = 0.001")
    whole, first = recorded(one, 10**9)
    cut, second = recorded(one, stretch, tail=tail, flat_out=flat_out)
    assert first.outcome.metrics == second.outcome.metrics
    assert first.outcome.events == second.outcome.events
    assert whole.metrics == cut.metrics
    for name in whole.metrics:
        assert whole.series(name).values.tolist() == cut.series(name).values.tolist()
    kept = [frame for frame in cut.frames if frame.kept]
    assert len(kept) == len(whole.frames)
    for one_frame, other in zip(whole.frames, kept, strict=True):
        assert_same_frames(one_frame, other)


def test_the_schedule_is_dense_then_spaced_by_a_ratio() -> None:
    recording, _ = recorded(plan("steps = 5000, rate = 0.00001"), 10**9)
    ticks = [frame.tick for frame in recording.frames]
    assert ticks[:DENSE] == list(range(DENSE))
    for before, after in zip(ticks[DENSE:], ticks[DENSE + 1 : -1], strict=False):
        assert before * GROWTH <= after <= before * GROWTH + 3, "at the next end of a step"
    assert recording.frames[-1].phase == "done"


def test_a_chapter_step_and_an_event_are_kept_whatever_the_schedule_says() -> None:
    chapter = '[[chapter]]\ntitle = "Far"\ntext = "t"\nat = { step = 2222 }\n'
    turn = '[[turn]]\nrun = "a"\nstep = 1777\nknob = "rate"\nvalue = 0.5\n'
    recording, _ = recorded(plan("steps = 3000, rate = 0.00001", chapter + turn), 10**9)
    assert next(frame for frame in recording.frames if frame.step == 2222).phase == "present"
    events = {event.kind: event for event in recording.events}
    assert events["turned"].evidence["after"] == 1777
    assert recording.at(events["converged"].tick).tick == events["converged"].tick


def test_tallies_count_every_moment_and_remember_marks() -> None:
    mark = '[[expect]]\nmetric = "distance"\nof = "at"\nat = 17\nop = ">"\nvalue = 0\n'
    one = plan("steps = 4000, rate = 0.001", mark)
    recording, drive = recorded(one, 10**9)
    tally = drive.outcome.metrics["distance"]
    frames = [frame for frame in recording.frames if "distance" in frame.scalars]
    assert tally.first == frames[0].scalars["distance"]
    assert tally.final == frames[-1].scalars["distance"] == tally.min
    assert tally.at[17] == next(f.scalars["distance"] for f in frames if f.step == 17 and f.phase == "eval")
    assert drive.outcome.moments == 2 + 3 * 4000
    assert drive.outcome.steps == 4000


def test_points_are_thinned_where_they_come_from() -> None:
    drive = Drive(plan("steps = 20000, rate = 0.0001"), registry())
    sent = drive.advance(10**9).points
    count = sum(1 for name, *_ in sent if name == "distance")
    assert SERIES < count < 6 * SERIES, "not one for each of 40,000"
    recording, _ = recorded(plan("steps = 20000, rate = 0.0001"), 999)
    series = recording.series("distance")
    gaps = series.ticks[1:] - series.ticks[:-1]
    assert gaps[:-1].max() <= 2 * gaps[:-1].min() + 2, "evenly spaced"
    assert series.ticks[-1] == recording.frames[-1].tick, "and the last one is there"


def test_a_number_that_runs_away_is_an_event() -> None:
    recording, drive = recorded(plan("steps = 3000", '[[turn]]\nrun = "a"\nstep = 3\nknob = "rate"\nvalue = 2.0\n'), 99)
    assert not any(event.kind == "non_finite" for event in recording.events)
    assert math.isfinite(drive.outcome.metrics["distance"].max)


def test_flat_out_one_can_still_step_back_from_where_it_stopped() -> None:
    drive = Drive(plan("steps = 50000, rate = 0.0001"), registry(), tail=16)
    batch = drive.advance(10_000, flat_out=True)
    ticks = [frame.tick for frame in batch.frames]
    assert ticks[-16:] == list(range(batch.tick - 15, batch.tick + 1))
    assert len(ticks) < DENSE + 64 * 5 + 17, "and little else is copied"
    end = drive.advance(10**9, flat_out=True)
    assert [frame.tick for frame in end.frames][-10:] == list(range(end.tick - 9, end.tick + 1))


def test_a_stretch_ends_when_its_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    drive = Drive(plan("steps = 1000, sleep = 0.01"), registry(), tail=16)
    batch = drive.advance(10**6, seconds=0.055, flat_out=True)
    assert drive.outcome.seconds == pytest.approx(0.06)
    assert batch.step == 6, "the step in which its time ran out is the last"
    assert [frame.tick for frame in batch.frames] == list(range(batch.tick + 1)), "slow moments are all kept"


def test_an_error_comes_after_what_led_up_to_it() -> None:
    drive = Drive(plan("steps = 50, fail_at = 9"), registry())
    batch = drive.advance(10**6)
    assert batch.frames[-1].step == 8
    with pytest.raises(RuntimeError, match="on purpose"):
        drive.advance(10**6)


def test_a_run_that_waits_for_one_that_failed_fails_too() -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\nstart = { from = "a" }\n'
    loaded = toy("steps = 50, fail_at = 9", "", second)
    company = Company(registry())
    for one in make_plans(loaded.scenario, registry()):
        company.take(0, one)
    company.grant("b", 5)
    told = {}
    for _ in range(50):
        for _, run, what in company.work(0.05):
            told[run] = what
    assert "which this run starts from, has failed" in told["b"].text
    assert not company.busy, "and nothing spins"


def test_a_long_run_stays_within_its_memory() -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = { name = "bars" }
config = { machine = "mark_i", steps = 9000, stop_when_converged = false }
"""
    one = make_plans(loads(text, Path("m.toml")).scenario, registry())[0]
    drive = Drive(one, registry(), tail=16)
    recording = MemoryRecording(drive.header, budget=2**21)
    while not drive.done:
        for frame in drive.advance(500, flat_out=True).frames:
            recording.append(frame)
    held = {id(array): array.nbytes for frame in recording.frames for array in frame.arrays.values()}
    assert sum(held.values()) <= 2**21
    assert recording.frames[0].tick == 0
    assert recording.frames[-1].phase == "done"
    assert 50 < len(recording.frames) < DENSE, "thinned, not emptied"


def test_a_company_shares_its_time() -> None:
    second = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = "or"\nconfig = { steps = 40 }\n'
    company = Company(registry())
    for one in make_plans(toy("steps = 40", "", second).scenario, registry()):
        company.take(3, one)
        company.grant(one.id, 1 << 60)
    ended = set()
    for _ in range(200):
        ended |= {(job, run) for job, run, what in company.work(0.01) if isinstance(what, Ended)}
    assert ended == {(3, "a"), (3, "b")}
    assert not company.busy


def test_a_turn_ends_what_a_loop_proves_and_another_loop_is_found() -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "xor"
config = { steps = 200 }
[[turn]]
run = "a"
step = 41
knob = "rate"
value = 0.5
"""
    one = make_plans(loads(text, Path("t.toml")).scenario, registry())[0]
    _, drive = recorded(one, 10**9)
    kinds = [event.kind for event in drive.outcome.events]
    assert kinds == ["limit_cycle", "turned", "limit_cycle"]
    again = drive.outcome.events[-1].evidence
    assert again["first"] > 41, "no state from before the turn is part of the proof"


def test_points_in_the_config_are_there_from_the_start() -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "xor"
config = { steps = 50, points = [[1.0, 0.5, 1], [-1.0, -0.5, -1]] }
"""
    one = make_plans(loads(text, Path("t.toml")).scenario, registry())[0]
    recording, drive = recorded(one, 10**9)
    first = recording.array("data/x", 0)
    assert first is not None
    assert first.tolist() == [[1.0, 0.5], [-1.0, -0.5]]
    assert [event.kind for event in drive.outcome.events] == ["converged"]


def test_a_turn_of_another_knob_leaves_drawn_points_alone() -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "xor"
config = { steps = 60 }
[[turn]]
run = "a"
step = 5
knob = "points"
value = [[1.0, 1.0, 1], [-1.0, 1.0, -1], [1.0, -1.0, -1], [-1.0, -1.0, 1], [0.0, 0.0, 1]]
[[turn]]
run = "a"
step = 22
knob = "rate"
value = 0.5
"""
    one = make_plans(loads(text, Path("t.toml")).scenario, registry())[0]
    recording, _ = recorded(one, 10**9)
    assert "presented" not in recording.metrics, "frames have it; there is nothing to count"
    presented = [frame.scalars["presented"] for frame in recording.frames if "presented" in frame.scalars]
    assert presented[5:] == [float(place % 5) for place in range(len(presented) - 5)], "the order goes on"
