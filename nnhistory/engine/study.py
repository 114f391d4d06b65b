"""Studies: many runs from one scenario, a grid, random draws, seeds; in this process, on local processes, on a cluster.

Every point is independent and seeded, so the table is the same whatever computed it and in whatever order: to the last
bit where points are computed one by one, to rounding where some are computed beside each other.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

import msgspec

from nnhistory.core.errors import BadInput
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.perform import Progress
from nnhistory.engine.plan import Setting
from nnhistory.engine.points import Job, Point, PointResult, divide, make_job, make_points, run_group
from nnhistory.engine.registry import Registry
from nnhistory.engine.runner import end_process, interrupts_held
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Study

__all__ = [
    "Crew",
    "Inline",
    "LocalCrew",
    "Point",
    "PointResult",
    "Studied",
    "StudyPlan",
    "collect",
    "default_workers",
    "do_study",
    "make_job",
    "make_points",
    "plan_study",
    "run_study",
]

_INLINE_BELOW = 4
"""So few points are done sooner here than two processes start."""

_WORTH_IT = 16
"""Runs beside each other that gain nearly all there is to gain. More of them in one group would only end later, and all
at once: what is stopped before loses them. On a cluster, whose workers are not counted beforehand, there are no more.
"""


class Crew(Protocol):
    """Who does the points. `poll` returns results as they come, in any order; `close` stops all work."""

    def poll(self) -> list[PointResult]: ...
    def close(self) -> None: ...


class Inline:
    """Points one after another in this process; at most one for each `poll`."""

    def __init__(self, job: Job, groups: Iterable[Sequence[Point]], registry: Registry) -> None:
        self._results = (result for group in groups for result in run_group(job, group, registry))

    def poll(self) -> list[PointResult]:
        result = next(self._results, None)
        return [] if result is None else [result]

    def close(self) -> None:
        self._results.close()


class LocalCrew:
    """Points on spawned processes of this machine, a few at a time to each.

    A worker that dies leaves points undone. The one it was at is given to a fresh worker once, and fails after that;
    the others go back to the pile. If it was at several beside each other, they go back one by one.
    """

    _CHUNK = 4

    def __init__(self, job: Job, groups: Sequence[Sequence[Point]], workers: int) -> None:
        self._job = job
        self._waiting = [list(group) for group in reversed(groups)]
        self._tries: dict[tuple[int, int], int] = {}
        self._workers = [_Worker(job) for _ in range(max(1, min(workers, len(groups))))]

    def poll(self) -> list[PointResult]:
        results: list[PointResult] = []
        for index, worker in enumerate(self._workers):
            results.extend(worker.poll())
            if worker.dead:
                self._waiting.extend([point] for point in reversed(worker.points))
                if worker.points and not worker.beside:
                    point = worker.points[0]
                    key = (point.row, point.number)
                    self._tries[key] = self._tries.get(key, 0) + 1
                    if self._tries[key] > 1:
                        self._waiting.pop()
                        results.append(PointResult(point, failure="the process that computed it ended unexpectedly"))
                worker.close()
                worker = self._workers[index] = _Worker(self._job)
            if not worker.points and self._waiting:
                worker.give(self._next())
        return results

    def _next(self) -> list[list[Point]]:
        """Some single points, or one group."""
        groups = [self._waiting.pop()]
        while len(groups[-1]) == 1 and len(groups) < self._CHUNK and self._waiting and len(self._waiting[-1]) == 1:
            groups.append(self._waiting.pop())
        return groups

    def close(self) -> None:
        for worker in self._workers:
            worker.end()
        for worker in self._workers:
            worker.close()


class _Worker:
    def __init__(self, job: Job) -> None:
        from nnhistory.engine.study_child import main

        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=main, args=(theirs, job), daemon=True, name="nnhistory-study")
        with interrupts_held():
            self._process.start()
        theirs.close()
        self.points: list[Point] = []
        self.beside = False
        """Is it at several of them at once?"""
        self.dead = False

    def give(self, groups: list[list[Point]]) -> None:
        self.points, self.beside = [point for group in groups for point in group], len(groups[0]) > 1
        try:
            self._pipe.send(groups)
        except OSError:
            self.dead = True

    def poll(self) -> list[PointResult]:
        results: list[PointResult] = []
        try:
            while self._pipe.poll():
                result: PointResult = self._pipe.recv()
                self.points = [point for point in self.points if point != result.point]
                results.append(result)
        except (EOFError, OSError):
            self.dead = True
        return results

    def end(self) -> None:
        self._pipe.close()
        self._process.terminate()

    def close(self) -> None:
        self.end()
        end_process(self._process)


def default_workers() -> int:
    """As many as there are cores."""
    return os.cpu_count() or 1


def make_crew(
    job: Job,
    points: Sequence[Point],
    registry: Registry,
    workers: int | None,
    cluster: str | None = None,
    *,
    stack: bool = True,
) -> Crew:
    """The crew that fits: a cluster if one is named, else local processes, else (few points) this process.

    stack : runs that can be are computed beside each other. Which ones is settled here, before the crew divides them.
    """
    workers = default_workers() if workers is None else workers
    each = -(-len(points) // workers)
    most = min(each, max(_WORTH_IT, each // 4)) if cluster is None else _WORTH_IT
    groups = divide(job, points, registry, most if stack else 1)
    if cluster is not None:
        from nnhistory.engine.cluster import ClusterCrew

        return ClusterCrew(job, groups, cluster)
    if workers <= 1 or len(points) < _INLINE_BELOW:
        return Inline(job, groups, registry)
    return LocalCrew(job, groups, workers)


def collect(points: Sequence[Point], results: Iterable[PointResult]) -> list[StudyRow]:
    """The table, in the order of the points, from results in any order. Rows still without a result are left out."""
    done = {(result.point.row, result.point.number): result for result in results}
    rows: dict[int, StudyRow] = {}
    for point in points:
        result = done.get((point.row, point.number))
        if result is None:
            continue
        row = rows.setdefault(point.row, StudyRow(point.settings, []))
        row.outcomes.append(result.outcomes)
    return [rows[index] for index in sorted(rows)]


class StudyPlan(msgspec.Struct, frozen=True):
    """A study, ready to be done: what every worker needs to know, and all points."""

    job: Job
    points: list[Point]


class Studied(msgspec.Struct, frozen=True):
    """What came out of a study: its points, and a result for each, in the order in which they came."""

    points: list[Point]
    results: list[PointResult]

    @property
    def rows(self) -> list[StudyRow]:
        """The table of the runs that did not fail."""
        return collect(self.points, [result for result in self.results if not result.failure])

    @property
    def pictures(self) -> dict[int, Any]:
        """Row -> the small picture of its first run."""
        return {result.point.row: result.picture for result in self.results if result.picture is not None}

    @property
    def pictured(self) -> list[tuple[StudyRow, Any]]:
        """The rows that have a small picture, each with it."""
        there = sorted({result.point.row for result in self.results if not result.failure})
        rows = dict(zip(there, self.rows, strict=True))
        return [(rows[row], picture) for row, picture in sorted(self.pictures.items()) if row in rows]

    @property
    def shows(self) -> tuple[str, str]:
        """What these pictures are, and how to read them; nothing where they are not all of one kind."""
        kinds = {result.shows for result in self.results if result.picture is not None}
        return kinds.pop() if len(kinds) == 1 else ("", "")

    def refuse_failures(self, remedy: str | None = None) -> None:
        """BadInput if a run failed, which names the first of them."""
        broken = [result for result in self.results if result.failure]
        if broken:
            failed = min(broken, key=lambda result: (result.point.row, result.point.number))
            said = "".join(f"{key} = {value}, " for key, value in failed.point.settings.items())
            why = f"at {said}seed {failed.point.seed}"
            raise BadInput(f"a run of the study failed: {failed.failure}", why=why, remedy=remedy)


def plan_study(
    loaded: Loaded,
    registry: Registry,
    *,
    study: Study | None = None,
    seed: int | None = None,
    settings: Sequence[Setting] = (),
    device: str = "auto",
    scale: str = "lite",
) -> StudyPlan:
    """The runs of a scenario's study, or of `study` in its place. BadInput if there is none."""
    study = study if study is not None else loaded.scenario.study
    if study is None:
        raise BadInput("this scenario has no [study]", file=loaded.path, remedy="Name what to vary: --over KEY=a,b,c")
    points = make_points(study.at_scale(scale), seed if seed is not None else loaded.scenario.run[0].seed)
    return StudyPlan(make_job(loaded, registry, settings, device, scale), points)


def do_study(
    plan: StudyPlan,
    registry: Registry,
    *,
    workers: int | None = None,
    cluster: str | None = None,
    found: Iterable[PointResult] = (),
    keep: Callable[[list[PointResult]], None] | None = None,
    seen: Callable[[Sequence[PointResult]], None] | None = None,
    progress: Progress | None = None,
    stack: bool = True,
) -> Studied:
    """Do every point of which `found` has no result. All work is stopped at the end, or when interrupted.

    keep : gets new results, before anybody else hears of them. seen : gets all there are, now and then.
    progress : gets ("study", points done, points in all). stack : as for `make_crew`.
    """
    results = list(found)
    known = {(result.point.row, result.point.number) for result in results}
    points = [point for point in plan.points if (point.row, point.number) not in known]
    if not points:
        return Studied(plan.points, results)
    crew = make_crew(plan.job, points, registry, workers, cluster, stack=stack)
    try:
        while len(results) < len(plan.points):
            new = crew.poll()
            if keep is not None:
                keep(new)
            results += new
            if seen is not None:
                seen(results)
            if progress is not None:
                progress("study", len(results), len(plan.points))
            if not new:
                time.sleep(0.005)
    finally:
        crew.close()
    return Studied(plan.points, results)


def run_study(
    loaded: Loaded,
    registry: Registry,
    *,
    study: Study | None = None,
    seed: int | None = None,
    settings: Sequence[Setting] = (),
    device: str = "auto",
    scale: str = "lite",
    progress: Progress | None = None,
    workers: int | None = None,
    cluster: str | None = None,
    stack: bool = True,
) -> list[StudyRow]:
    """Do a whole study and return its table. `progress` and `stack` as for `do_study`."""
    plan = plan_study(loaded, registry, study=study, seed=seed, settings=settings, device=device, scale=scale)
    studied = do_study(plan, registry, workers=workers, cluster=cluster, progress=progress, stack=stack)
    studied.refuse_failures()
    return studied.rows
