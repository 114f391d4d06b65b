"""A study on a cluster: a real scheduler and two worker processes on the loopback, and what happens when one dies.

Judged by the order of events, never by the clock: something is killed once a run has come back, while others are left.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.engine.study import PointResult, do_study, plan_study, run_study
from nnhistory.engine.study_store import StudyStore
from tests.cli.helpers import GOOD, call
from tests.engine.dask_cluster import DaskCluster
from tests.engine.stagehand import registry
from tests.engine.test_study import study, table

pytestmark = pytest.mark.filterwarnings("ignore")

SLOWLY = "steps = 25, sleep = 0.02"
"""A run takes half a second, so that a study is still under way when something is done to its cluster."""


@pytest.fixture(scope="module")
def alone() -> list[dict[str, Any]]:
    """The table as one process makes it."""
    return table(run_study(study(), registry(), workers=1))


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[DaskCluster]:
    pytest.importorskip("distributed")
    with DaskCluster(tmp_path / "cluster") as ours:
        ours.wait_for_workers(2)
        yield ours


@pytest.mark.slow
def test_the_table_is_the_same_and_a_worker_that_is_killed_costs_nothing(
    cluster: DaskCluster, alone: list[dict[str, Any]]
) -> None:
    assert table(run_study(study(), registry(), cluster=cluster.address)) == alone
    plan = plan_study(study(SLOWLY), registry())
    came: list[PointResult] = []
    left: list[int] = []

    def kill(results: Sequence[PointResult]) -> None:
        if results and not left:
            left.append(len(plan.points) - len(results))
            cluster.kill_worker()

    studied = do_study(plan, registry(), cluster=cluster.address, keep=came.extend, seen=kill)
    assert left[0] > 0, "it was killed while runs were left"
    places = [(one.point.row, one.point.number) for one in came]
    assert sorted(places) == [(row, number) for row in range(3) for number in range(3)], "none lost, none twice"
    assert not any(one.failure for one in came)
    assert [
        {**row, "runs": [run["metrics"] for run in row["runs"]]} for row in table(studied.rows)
    ] == [{**row, "runs": [run["metrics"] for run in row["runs"]]} for row in alone]  # fmt: skip


@pytest.mark.slow
def test_a_scheduler_that_goes_loses_nothing_that_was_finished(
    cluster: DaskCluster, alone: list[dict[str, Any]], tmp_path: Path
) -> None:
    plan = plan_study(study(SLOWLY), registry())
    store = StudyStore.of(plan.job, plan.points, "toy", tmp_path / "kept")

    def kill(results: Sequence[PointResult]) -> None:
        if len(results) >= 2 and cluster.scheduler.poll() is None:
            cluster.kill_scheduler()

    with pytest.raises(BadInput) as caught:
        do_study(plan, registry(), cluster=cluster.address, keep=store.keep, seen=kill)
    assert str(caught.value) == (
        f"--cluster: the cluster at {cluster.address} does not answer any more (its scheduler has gone). "
        "Start it again, or leave --cluster out"
    )
    store.close()
    again = StudyStore.of(plan.job, plan.points, "toy", tmp_path / "kept")
    found = again.found(plan.points)
    assert 2 <= len(found) < len(plan.points)
    # The rest on this machine: one table, whoever computed which part of it.
    new: list[PointResult] = []
    studied = do_study(plan, registry(), workers=2, found=found, keep=new.extend)
    assert len(found) + len(new) == len(plan.points)
    assert [row["settings"] for row in table(studied.rows)] == [row["settings"] for row in alone]
    metrics = [[run["metrics"] for run in row["runs"]] for row in table(studied.rows)]
    assert metrics == [[run["metrics"] for run in row["runs"]] for row in alone]


@pytest.mark.slow
def test_the_command_on_a_cluster(
    cluster: DaskCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("nnhistory.engine.study_store.default_folder", lambda: tmp_path / "kept")
    file = tmp_path / "x.toml"
    file.write_text(GOOD + "config = { steps = 120 }\n")
    asked = ("study", str(file), "--over", "rate=0.5,1", "--seeds", "3", "--json")
    here = call(capsys, *asked, "--workers", "1")
    there = call(capsys, *asked, "--cluster", cluster.address)
    assert (there.status, there.err) == (0, here.err)
    assert not logging.getLogger("distributed.client").isEnabledFor(logging.ERROR), "it would log a traceback"
    assert json.loads(there.out)["study"] == json.loads(here.out)["study"]
    # Stop it by its scheduler: status 2, one sentence, and what was finished is counted.
    kept: list[int] = []
    keep = StudyStore.keep

    def kill(store: StudyStore, results: list[PointResult]) -> None:
        keep(store, results)
        if store.kept and cluster.scheduler.poll() is None:
            cluster.kill_scheduler()
        kept[:] = [store.kept]

    monkeypatch.setattr(StudyStore, "keep", kill)
    file.write_text(GOOD + "config = { steps = 3000, stop_when_converged = false }\n")
    got = call(capsys, *asked, "--cluster", cluster.address)
    assert (got.status, got.out) == (2, "")
    said = f"{kept[0]} of 6 runs are finished and kept: the same command does the others"
    assert got.err.splitlines()[-1].endswith(f"Start it again, or leave --cluster out. {said}")
    assert "Traceback" not in got.err
    monkeypatch.undo()
    monkeypatch.setattr("nnhistory.engine.study_store.default_folder", lambda: tmp_path / "kept")
    assert call(capsys, *asked, "--workers", "2").err.startswith(f"continuing: {kept[0]} of 6 runs")


@pytest.mark.slow
def test_a_worker_of_another_program_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    package = tmp_path / "other" / "nnhistory"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('__version__ = "0.0"\n')
    with DaskCluster(tmp_path / "cluster", workers=1, path=package.parent) as ours:
        with pytest.raises(BadInput, match=r"has not the same nnhistory, numpy and torch as this machine \(") as caught:
            run_study(study(), registry(), cluster=ours.address)
        assert str(caught.value).endswith("Install the same versions there, and start the worker again")


def test_a_cluster_without_workers_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr("nnhistory.engine.cluster.PATIENCE", 1.0)
    with distributed.LocalCluster(
        n_workers=0, processes=False, dashboard_address=None, protocol="tcp", host="127.0.0.1",
        local_directory=str(tmp_path),
    ) as cluster:  # fmt: skip
        address = cluster.scheduler_address
        with pytest.raises(BadInput) as caught:
            run_study(study(), registry(), cluster=address)
    assert str(caught.value) == (
        f"--cluster: the cluster at {address} has no workers. Start some: dask worker {address} --nthreads 1"
    )


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput) as caught:
        run_study(study(), registry(), cluster="tcp://127.0.0.1:1")
    assert str(caught.value) == ("--cluster: a cluster needs the package distributed. pip install 'nnhistory[cluster]'")
