"""What a second worker is worth on independent runs: on this machine's processes, and on a cluster on the loopback.

pytest -m bench -n 0 -s tests/bench/test_study_bench.py

Prints ratios; nothing passes or fails on time. Starting the workers is not counted: it is done before the first run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from nnhistory.engine.registry import Registry
from nnhistory.engine.study import PointResult, StudyPlan, do_study, plan_study
from nnhistory.scenario.load import loads
from tests.engine.dask_cluster import DaskCluster
from tests.engine.stagehand import TOYS

pytestmark = [pytest.mark.bench, pytest.mark.filterwarnings("ignore")]

RUNS = 20
SCENARIO = f"""
title = "t"
[[run]]
id = "a"
era = "backprop_1986"
dataset = "xor"
config = {{ hidden = [2], steps = 3000, stop_when_solved = false }}
[study]
seeds = {RUNS}
"""


WAITING = SCENARIO.replace("backprop_1986", "toy_1900").replace(
    "hidden = [2], steps = 3000, stop_when_solved = false", "steps = 25, sleep = 0.02"
)
"""The same number of runs that only wait: what two workers are worth when nothing else wants the processors."""


def seconds(plan: StudyPlan, at_once: int, *, local: bool = False, cluster: str | None = None) -> float:
    """From the first result to the last, for one run: what comes before it is the start of the workers.

    The first results, one of each worker, come together: their runs are not counted.
    """
    times: list[tuple[float, int]] = []

    def seen(results: Sequence[PointResult]) -> None:
        if results and (not times or len(results) > times[-1][1]):
            times.append((time.perf_counter(), len(results)))

    studied = do_study(plan, Registry([TOYS]), workers=at_once if local else None, cluster=cluster, seen=seen)
    studied.refuse_failures()
    return (times[-1][0] - times[0][0]) / (RUNS - at_once)


def plan(text: str = SCENARIO) -> StudyPlan:
    return plan_study(loads(text, Path("bench.toml")), Registry([TOYS]))


def test_two_workers_against_one(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    inline = seconds(plan(), 1, local=True)
    local = seconds(plan(), 2, local=True)
    cluster, waiting = {}, {}
    for count in (1, 2):
        with DaskCluster(tmp_path / str(count), workers=count) as ours:
            ours.wait_for_workers(count)
            seconds(plan(), count, cluster=ours.address)  # the workers import what they need
            cluster[count] = seconds(plan(), count, cluster=ours.address)
            waiting[count] = seconds(plan(WAITING), count, cluster=ours.address)
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"\n{RUNS} independent runs of {inline:.2f} s each; {os.cpu_count()} cores, load {load}")
    print(f"two local processes against one: {inline / local:.2f}x")
    print(f"two cluster workers against one: {cluster[1] / cluster[2]:.2f}x  (aim: 1.8x on two free cores)")
    print(f"the same, runs that only wait: {waiting[1] / waiting[2]:.2f}x")
    print(f"one cluster worker against this process: {inline / cluster[1]:.2f}x")
