"""Studies: many runs from one scenario, a grid, random draws, seeds; in this process, on local processes, on a cluster.

Every point is independent and seeded, so the table is the same whatever computed it and in whatever order.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import msgspec
import numpy as np

from nnhistory.core.errors import BadInput, NNHistoryError
from nnhistory.core.streams import Streams
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import Progress, drive_plans
from nnhistory.engine.plan import Setting, make_plans, parse_choices, parse_key, parse_range
from nnhistory.engine.registry import Registry
from nnhistory.engine.runner import end_process, interrupts_ignored
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Scenario, Study

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
    "make_points",
    "plan_study",
    "run_point",
    "run_study",
]

_INLINE_BELOW = 4
"""So few points are done sooner here than two processes start."""


class Point(msgspec.Struct, frozen=True):
    """One run to do: its row in the table, its number within the row, its settings and seed."""

    row: int
    number: int
    settings: dict[str, Any]
    seed: int


class PointResult(msgspec.Struct):
    """What a point gave. `picture` is the first draw's thumbnail, as a small array, None if the era has none."""

    point: Point
    outcomes: dict[str, RunOutcome] = {}
    picture: Any = None
    failure: str = ""


class Job(msgspec.Struct, frozen=True):
    """What every worker needs to know: the scenario and how to run it."""

    scenario: Scenario
    source: str
    base: str
    settings: tuple[Setting, ...]
    device: str
    scale: str
    extra: tuple[str, ...] = ()


class Crew(Protocol):
    """Who does the points. `poll` returns results as they come, in any order; `close` stops all work."""

    def poll(self) -> list[PointResult]: ...
    def close(self) -> None: ...


def make_points(study: Study, seed: int) -> list[Point]:
    """All points of a study, rows in the order of the grid. Random draws come from the seed's `sampling` stream."""
    seeds = [seed + n for n in range(study.seeds)] if isinstance(study.seeds, int) else list(study.seeds)
    grids = [dict(zip(study.over, values, strict=True)) for values in itertools.product(*study.over.values())]
    if study.random:
        rng = Streams(seed)["sampling"]
        drawn = [{key: _draw(text, key, rng) for key, text in study.random.items()} for _ in range(study.draws)]
        rows = [{**grid, **draw} for grid in grids for draw in drawn]
        numbers = seeds
    else:
        rows = grids
        numbers = [s * study.draws + n for s in seeds for n in range(study.draws)] if study.draws > 1 else seeds
    return [
        Point(index, number, settings, point_seed)
        for index, settings in enumerate(rows)
        for number, point_seed in enumerate(numbers)
    ]


def _draw(text: str, key: str, rng: np.random.Generator) -> Any:
    """One value from `log:1e-4..1`, `uniform:0..1`, `int:2..9` or `choice:a,b,c`."""
    try:
        choices = parse_choices(text)
        if choices is not None:
            return choices[int(rng.integers(len(choices)))]
        kind, low, high = parse_range(text)
    except BadInput as error:
        raise error.located(key=f"study.random.{key}") from None
    if kind == "log":
        return float(np.exp(rng.uniform(np.log(low), np.log(high))))
    if kind == "int":
        return int(rng.integers(int(low), int(high) + 1))
    return float(rng.uniform(low, high))


def run_point(job: Job, point: Point, registry: Registry) -> PointResult:
    """Do one point, here and now. A refusal becomes its `failure`, so that the other points go on."""
    try:
        settings = [*job.settings, *(parse_key(key, value) for key, value in point.settings.items())]
        plans = make_plans(
            job.scenario,
            registry,
            base=Path(job.base),
            seed=point.seed,
            settings=settings,
            device=job.device,
            scale=job.scale,
        )
        outcomes, recordings = drive_plans(plans, registry, keep=point.number == 0)
        picture = None
        if point.number == 0:
            recording = recordings[plans[0].id]
            thumbnail = registry.view(plans[0].era).thumbnail(recording.frames[-1], recording)
            picture = getattr(thumbnail, "values", None)
        return PointResult(point, outcomes, picture)
    except NNHistoryError as error:
        return PointResult(point, failure=str(error))
    except Exception as error:
        return PointResult(point, failure=f"{type(error).__name__}: {error}")


def make_job(loaded: Loaded, registry: Registry, settings: Sequence[Setting], device: str, scale: str) -> Job:
    """What the workers get."""
    extra = tuple(str(folder) for folder in registry.extra)
    return Job(loaded.scenario, loaded.source, str(loaded.path.parent), tuple(settings), device, scale, extra)


class Inline:
    """Points one after another in this process; one for each `poll`."""

    def __init__(self, job: Job, points: Iterable[Point], registry: Registry) -> None:
        self._job, self._points, self._registry = job, iter(points), registry

    def poll(self) -> list[PointResult]:
        point = next(self._points, None)
        return [] if point is None else [run_point(self._job, point, self._registry)]

    def close(self) -> None:
        self._points = iter(())


class LocalCrew:
    """Points on spawned processes of this machine, a few at a time to each.

    A worker that dies leaves points undone. The one it was at is given to a fresh worker once, and fails after that;
    the others go back to the pile.
    """

    _CHUNK = 4

    def __init__(self, job: Job, points: Sequence[Point], workers: int) -> None:
        self._job = job
        self._waiting = list(reversed(points))
        self._tries: dict[tuple[int, int], int] = {}
        self._workers = [_Worker(job) for _ in range(max(1, min(workers, len(points))))]

    def poll(self) -> list[PointResult]:
        results: list[PointResult] = []
        for index, worker in enumerate(self._workers):
            results.extend(worker.poll())
            if worker.dead:
                self._waiting.extend(reversed(worker.points))
                if worker.points:
                    point = worker.points[0]
                    key = (point.row, point.number)
                    self._tries[key] = self._tries.get(key, 0) + 1
                    if self._tries[key] > 1:
                        self._waiting.pop()
                        results.append(PointResult(point, failure="the process that computed it ended unexpectedly"))
                worker.close()
                worker = self._workers[index] = _Worker(self._job)
            if not worker.points and self._waiting:
                worker.give([self._waiting.pop() for _ in range(min(self._CHUNK, len(self._waiting)))])
        return results

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
        with interrupts_ignored():
            self._process.start()
        theirs.close()
        self.points: list[Point] = []
        self.dead = False

    def give(self, points: list[Point]) -> None:
        self.points = points
        try:
            self._pipe.send(points)
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
    job: Job, points: Sequence[Point], registry: Registry, workers: int | None, cluster: str | None = None
) -> Crew:
    """The crew that fits: a cluster if one is named, else local processes, else (few points) this process."""
    if cluster is not None:
        from nnhistory.engine.cluster import ClusterCrew

        return ClusterCrew(job, points, cluster)
    workers = default_workers() if workers is None else workers
    if workers <= 1 or len(points) < _INLINE_BELOW:
        return Inline(job, points, registry)
    return LocalCrew(job, points, workers)


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
    points = make_points(study, seed if seed is not None else loaded.scenario.run[0].seed)
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
) -> Studied:
    """Do every point of which `found` has no result. All work is stopped at the end, or when interrupted.

    keep : gets new results, before anybody else hears of them. seen : gets all there are, now and then.
    progress : gets ("study", points done, points in all).
    """
    results = list(found)
    known = {(result.point.row, result.point.number) for result in results}
    points = [point for point in plan.points if (point.row, point.number) not in known]
    if not points:
        return Studied(plan.points, results)
    crew = make_crew(plan.job, points, registry, workers, cluster)
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
) -> list[StudyRow]:
    """Do a whole study and return its table. `progress` as for `do_study`."""
    plan = plan_study(loaded, registry, study=study, seed=seed, settings=settings, device=device, scale=scale)
    studied = do_study(plan, registry, workers=workers, cluster=cluster, progress=progress)
    studied.refuse_failures()
    return studied.rows
