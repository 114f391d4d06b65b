"""Studies: the same table whoever computes it, results as they come, a worker that dies, the show on stage."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nnhistory.core.errors import BadInput, Cancelled
from nnhistory.core.scene import Size
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.names import check_names
from nnhistory.engine.perform import perform, row_json
from nnhistory.engine.registry import Registry
from nnhistory.engine.stage import Stage
from nnhistory.engine.study import LocalCrew, Point, PointResult, collect, make_job, make_points, plan_study, run_study
from nnhistory.scenario.load import Loaded, load, loads
from nnhistory.scenario.schema import Study
from tests.engine.stagehand import LIMIT, Clock, registry, toy

STUDY = """
[study]
over = { "a.rate" = [0.1, 0.3, 0.5] }
seeds = 3
x = "a.rate"
y = "distance"
[[expect]]
metric = "distance"
over = "rows"
stat = "mean"
op = "<"
value = 1.0
[[chapter]]
title = "Which rate?"
text = "t"
[chapter.question]
ask = "Does every rate get there?"
reveal = { end = true }
[[chapter.question.options]]
text = "yes"
expect = { metric = "distance", over = "rows", stat = "max", op = "<", value = 0.01 }
[[chapter.question.options]]
text = "no"
expect = { metric = "distance", over = "rows", where = { rate = 0.1 }, stat = "max", op = ">=", value = 0.01 }
"""


def study(config: str = "steps = 25") -> Loaded:
    return toy(config, STUDY)


def table(rows: list[StudyRow]) -> list[dict[str, Any]]:
    return [row_json(row) for row in rows]


@pytest.fixture(scope="module")
def alone() -> list[dict[str, Any]]:
    """The table as one process makes it."""
    return table(run_study(study(), registry(), workers=1))


def test_points_are_the_grid_times_the_seeds() -> None:
    points = make_points(Study(over={"a": [1, 2], "b": [5]}, seeds=[4, 9]), seed=0)
    assert [(p.row, p.settings, p.seed) for p in points] == [
        (0, {"a": 1, "b": 5}, 4), (0, {"a": 1, "b": 5}, 9), (1, {"a": 2, "b": 5}, 4), (1, {"a": 2, "b": 5}, 9),
    ]  # fmt: skip
    assert len({p.seed for p in make_points(Study(seeds=3, draws=4), seed=0)}) == 12
    drawn = make_points(Study(random={"r": "log:1e-4..1", "n": "int:2..3"}, draws=50), seed=0)
    assert all(1e-4 <= p.settings["r"] <= 1 and p.settings["n"] in (2, 3) for p in drawn)
    assert len({p.settings["r"] for p in drawn}) == 50
    chosen = make_points(Study(random={"o": "choice:sgd,adam", "h": "choice:[8],[8,8]"}, draws=50), seed=0)
    assert {p.settings["o"] for p in chosen} == {"sgd", "adam"}
    assert all(p.settings["h"] in ([8], [8, 8]) for p in chosen)
    assert [p.settings for p in chosen] == [p.settings for p in make_points(
        Study(random={"o": "choice:sgd,adam", "h": "choice:[8],[8,8]"}, draws=50), seed=0)]  # fmt: skip
    with pytest.raises(BadInput, match="cannot read the range"):
        make_points(Study(random={"r": "log:0..1"}), seed=0)
    with pytest.raises(BadInput, match="names nothing to choose from"):
        make_points(Study(random={"r": "choice:"}), seed=0)


def test_at_full_scale_a_study_turns_other_values() -> None:
    loaded = loads(
        """
        title = "t"
        [[run]]
        id = "net"
        era = "deep_2010"
        dataset = { name = "mnist", train = 100 }
        full = { dataset = { name = "mnist", source = "full" } }
        [study]
        over = { "dataset.train" = [100, 400], rate = [0.1, 0.2] }
        full = { "dataset.train" = [60000] }
        """,
        Path("t.toml"),
    )  # fmt: skip
    known = Registry()
    check_names(loaded, known)  # 60,000 are not on board, and need not be: they are asked for at full scale alone
    asked = {scale: plan_study(loaded, known, scale=scale).points for scale in ("lite", "full")}
    assert {point.settings["dataset.train"] for point in asked["lite"]} == {100, 400}
    assert [point.settings for point in asked["full"]] == [
        {"dataset.train": 60000, "rate": 0.1}, {"dataset.train": 60000, "rate": 0.2},
    ]  # fmt: skip


def test_two_workers_make_the_same_table_as_one(alone: list[dict[str, Any]]) -> None:
    assert len(alone) == 3
    assert [len(row["runs"]) for row in alone] == [3, 3, 3]
    assert len({run["metrics"]["distance"] for row in alone for run in row["runs"]}) == 9
    seen: list[tuple[str, int, int]] = []
    rows = run_study(study(), registry(), workers=2, progress=lambda *told: seen.append(told))
    assert table(rows) == alone
    assert seen[-1] == ("study", 9, 9)


def test_a_worker_that_is_killed_is_replaced(alone: list[dict[str, Any]]) -> None:
    loaded = study("steps = 25, sleep = 0.005")
    points = make_points(loaded.scenario.study or Study(), 0)
    crew = LocalCrew(make_job(loaded, registry(), (), "auto", "lite"), [[point] for point in points], 2)
    results: list[PointResult] = []
    killed = False
    end = time.monotonic() + LIMIT
    while len(results) < len(points) and time.monotonic() < end:
        results += crew.poll()
        if results and not killed:
            killed = True
            os.kill(crew._workers[0]._process.pid or 0, signal.SIGKILL)
        time.sleep(0.005)
    crew.close()
    assert killed
    assert not any(result.failure for result in results)
    assert table(collect(points, results)) == alone


def test_a_point_that_kills_its_worker_fails_alone() -> None:
    loaded = toy("steps = 8")
    points = [Point(row, 0, {"exit_at": 3 if row == 1 else -1}, 0) for row in range(4)]
    crew = LocalCrew(make_job(loaded, registry(), (), "auto", "lite"), [[point] for point in points], 1)
    results: list[PointResult] = []
    end = time.monotonic() + LIMIT
    while len(results) < len(points) and time.monotonic() < end:
        results += crew.poll()
        time.sleep(0.005)
    crew.close()
    assert {result.point.row: bool(result.failure) for result in results} == {0: False, 1: True, 2: False, 3: False}
    assert "ended unexpectedly" in next(result.failure for result in results if result.failure)


@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_that_fails_is_an_error_with_its_settings(workers: int) -> None:
    with pytest.raises(BadInput, match=r"it broke on purpose.*at a.rate = 0.1, seed 0"):
        run_study(study("steps = 25, fail_at = 7"), registry(), workers=workers)


def at_work() -> list[str]:
    """The processes of this one that compute a study."""
    return [child.name for child in multiprocessing.active_children() if child.name == "nnhistory-study"]


def test_cancelling_stops_the_workers() -> None:
    def stop(what: str, done: int, count: int) -> None:
        raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        run_study(study("steps = 1000, sleep = 1000.0"), registry(), workers=2, progress=stop)
    assert at_work() == [], "in the middle of a step, long before its end"


def test_performing_a_study_judges_its_table() -> None:
    outcome = perform(study(), registry(), workers=1)
    assert outcome.passed
    assert len(outcome.to_json()["study"]["rows"]) == 3
    assert len(outcome.runs) == 1


@pytest.fixture(params=[True, False], ids=["inline", "processes"])
def show(request: pytest.FixtureRequest) -> Iterator[Stage]:
    stage = Stage.open(study(), registry=registry(), inline=request.param)
    yield stage
    stage.close()


def test_a_study_on_stage_fills_its_table(show: Stage) -> None:
    clock = Clock(show)
    assert show.study is not None
    first = show.scene(Size(80, 24))
    assert first.panels[0].sentence == "0 of 9 runs are done. The first results come in a moment."
    assert show.story.question == "Does every rate get there?"
    show.choose(1)
    assert show.story.answer is None
    clock.until(lambda: 0 < show.status.step < 9)
    assert show.status.state == "playing"
    assert "of 9 runs are done" in show.scene(Size(80, 24)).caption
    clock.state("done")
    scene = show.scene(Size(80, 24))
    assert [panel.id for panel in scene.panels] == ["chart", "table", "board"]
    assert len(scene.panel("table").marks[0].rows) == 3
    assert show.timeline.place == 1.0
    assert (show.story.chosen, show.story.answer) == (1, (1,))
    assert show.knobs["rate"]
    assert show.thumbnail() is None
    assert show.xray() is None
    assert show.act("play_pause").startswith("this is a study")
    before = scene.panel("table").marks[0].rows
    assert show.act("restart") == "the study starts again with seed 0"
    assert show.story.chosen is None
    clock.state("done")
    assert show.scene(Size(80, 24)).panel("table").marks[0].rows == before
    show.act("reseed")
    clock.state("done")
    assert show.scene(Size(80, 24)).panel("table").marks[0].rows != before


@pytest.mark.parametrize("again", ["restart", "reseed"])
def test_a_study_that_begins_again_waits_for_the_wager_again(again: str) -> None:
    stage = Stage.open(study(), registry=registry(), inline=True)
    stage.patient = True
    clock = Clock(stage)
    clock.state("done")
    assert stage.story.answer is None
    stage.act("next_event")
    assert stage.story.answer == (1,), "it was asked for"
    for wager in (False, True):
        stage.act(again)
        clock.state("done")
        assert (stage.story.chosen, stage.story.answer) == (None, None), "it is asked again"
        stage.choose(0) if wager else stage.act("next_event")
        assert stage.story.answer == (1,)
    stage.act(again)
    clock.state("done")
    assert (stage.story.chosen, stage.story.answer) == (None, None), "a wager is not carried over either"
    stage.close()


def test_a_study_in_which_everything_fails_says_so() -> None:
    stage = Stage.open(study("steps = 25, fail_at = 7"), registry=registry(), inline=True)
    clock = Clock(stage)
    clock.state("failed")
    assert "it broke on purpose" in stage.status.failure
    assert stage.story.answer == ()
    stage.close()


def test_closing_a_study_waits_for_no_step() -> None:
    stage = Stage.open(study("steps = 1000, sleep = 1000.0"), registry=registry())
    Clock(stage).play(0.5)
    assert at_work()
    stage.close()
    assert at_work() == []


def test_the_shipped_studies_have_points() -> None:
    from nnhistory.scenario.library import ids

    for name in ids():
        loaded = load(name)
        if loaded.scenario.study is not None:
            assert make_points(loaded.scenario.study, 0)


def test_a_cluster_makes_the_same_table(alone: list[dict[str, Any]], tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed = pytest.importorskip("distributed")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=False, dashboard_address=None, local_directory=str(tmp_path),
            protocol="tcp", host="127.0.0.1",
        ) as cluster:  # fmt: skip
            rows = run_study(study(), registry(), cluster=cluster.scheduler_address)
    assert table(rows) == alone


@pytest.mark.slow
def test_a_cluster_worker_that_dies_costs_nothing(alone: list[dict[str, Any]], tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        distributed = pytest.importorskip("distributed")
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, local_directory=str(tmp_path),
        ) as cluster:  # fmt: skip
            pids = [worker.process.process.pid for worker in cluster.workers.values()]

            def kill(what: str, done: int, count: int) -> None:
                if done and pids:
                    os.kill(pids.pop(), signal.SIGKILL)
                    pids.clear()

            loaded = study("steps = 25, sleep = 0.01")
            rows = run_study(loaded, registry(), cluster=cluster.scheduler_address, progress=kill)
    assert not pids, "one was killed"
    assert table(rows) == alone


def test_no_cluster_there_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed")
    monkeypatch.setattr("nnhistory.engine.cluster.PATIENCE", 0.5)
    with pytest.raises(BadInput, match="no cluster answers at"):
        run_study(study(), registry(), cluster="tcp://127.0.0.1:9")
