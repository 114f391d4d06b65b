"""The points of a study: which runs there are, and how one of them, or several beside each other, are done."""

from __future__ import annotations

import itertools
from collections.abc import Hashable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from nnhistory.core.errors import BadInput, NNHistoryError
from nnhistory.core.streams import Streams
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import drive_plans
from nnhistory.engine.plan import RunPlan, Setting, make_plans, parse_choices, parse_key, parse_range
from nnhistory.engine.recording import COUNTED, MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.engine.stacks import drive_together, kind_of, side_by_side
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Scenario, Study

__all__ = ["Job", "Point", "PointResult", "divide", "make_job", "make_points", "plans_of", "run_group", "run_point"]


class Point(msgspec.Struct, frozen=True):
    """One run to do: its row in the table, its number within the row, its settings and seed."""

    row: int
    number: int
    settings: dict[str, Any]
    seed: int


class PointResult(msgspec.Struct):
    """What a point gave. `picture` is the first draw's thumbnail, as a small array, None if the era has none.

    shows : what that picture is, in two or three words, and how to read it.
    """

    point: Point
    outcomes: dict[str, RunOutcome] = {}
    picture: Any = None
    shows: tuple[str, str] = ("", "")
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


def make_job(loaded: Loaded, registry: Registry, settings: Sequence[Setting], device: str, scale: str) -> Job:
    """What the workers get."""
    extra = tuple(str(folder) for folder in registry.extra)
    return Job(loaded.scenario, loaded.source, str(loaded.path.parent), tuple(settings), device, scale, extra)


def plans_of(job: Job, point: Point, registry: Registry) -> list[RunPlan]:
    """The runs of one point. BadInput if its settings cannot be."""
    settings = [*job.settings, *(parse_key(key, value) for key, value in point.settings.items())]
    return make_plans(
        job.scenario,
        registry,
        base=Path(job.base),
        seed=point.seed,
        settings=settings,
        device=job.device,
        scale=job.scale,
    )


def divide(job: Job, points: Sequence[Point], registry: Registry, most: int) -> list[list[Point]]:
    """The points in groups, each to be done at one place: runs that can be computed beside each other, or a single one.

    most : so many in a group.
    """
    if most <= 1:
        return [[point] for point in points]
    kinds: list[Hashable] = []
    for point in points:
        try:
            plans = plans_of(job, point, registry)
        except NNHistoryError:
            plans = []  # said when its turn comes
        kinds.append(kind_of(plans[0], registry.manifest(plans[0].era)) if len(plans) == 1 else None)
    return [[points[place] for place in places] for places in side_by_side(kinds, most)]


def run_group(job: Job, points: Sequence[Point], registry: Registry) -> Iterator[PointResult | None]:
    """Do points, here and now: results as they come, and None now and then in between.

    Several at once are runs that can be computed beside each other (`divide`). Whatever stands in the way of
    that, those that have not ended are done one by one.
    """
    waiting = list(points)
    if len(waiting) > 1:
        try:
            for result in _run_together(job, points, registry):
                if result is not None:
                    waiting.remove(result.point)
                yield result
        except Exception:
            yield None  # which of them it was, and why, comes out below
    for point in waiting:
        yield run_point(job, point, registry)


def run_point(job: Job, point: Point, registry: Registry) -> PointResult:
    """Do one point, here and now. A refusal becomes its `failure`, so that the other points go on."""
    try:
        plans = plans_of(job, point, registry)
        outcomes, recordings = drive_plans(plans, registry, keep=point.number == 0, schedule=COUNTED)
        recording = recordings.get(plans[0].id)
        return PointResult(point, outcomes, *_picture(plans[0], recording, registry))
    except NNHistoryError as error:
        return PointResult(point, failure=str(error))
    except Exception as error:
        return PointResult(point, failure=f"{type(error).__name__}: {error}")


def _run_together(job: Job, points: Sequence[Point], registry: Registry) -> Iterator[PointResult | None]:
    plans = [plan for point in points for plan in plans_of(job, point, registry)]
    for ended in drive_together(plans, registry, keep=[point.number == 0 for point in points], schedule=COUNTED):
        if ended is None:
            yield None
        else:
            point, plan = points[ended.number], plans[ended.number]
            yield PointResult(point, {plan.id: ended.drive.outcome}, *_picture(plan, ended.recording, registry))


def _picture(plan: RunPlan, recording: MemoryRecording | None, registry: Registry) -> tuple[Any, tuple[str, str]]:
    """The thumbnail at the end, as a small array, if there is one; and what it shows."""
    if recording is None:
        return None, ("", "")
    thumbnail = registry.view(plan.era).thumbnail(recording.frames[-1], recording)
    return getattr(thumbnail, "values", None), (thumbnail.name, thumbnail.hint)
