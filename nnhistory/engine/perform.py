"""Perform a scenario without pictures: every run inline, then every expectation."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Frame
from nnhistory.engine.doctor import Diagnosis, examine
from nnhistory.engine.drive import Drive
from nnhistory.engine.expect import StudyRow, Verdict, evaluate
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import RunPlan, Setting, make_plans
from nnhistory.engine.recording import COUNTED, FULL, MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.engine.relay import BoardRow, board_of
from nnhistory.engine.wagers import Wager, settle
from nnhistory.engine.writer import RecordingWriter
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Scenario, say

__all__ = ["Outcome", "Progress", "drive_plans", "judge", "perform"]

Progress = Callable[[str, int, int], None]
"""Called now and then with (run id, step, planned steps or 0). May raise `Cancelled`."""

_SLICE = 0.1
"""Seconds between two calls of the progress function."""


class Outcome(msgspec.Struct):
    """A scenario's result: runs, expectations, and a study's rows if it is one."""

    id: str
    title: str
    seconds: float
    runs: dict[str, RunOutcome]
    verdicts: list[Verdict]
    rows: list[StudyRow] | None = None
    recordings: dict[str, MemoryRecording] = {}
    wagers: list[Wager] = []
    diagnoses: dict[str, Diagnosis] = {}
    """What the doctor says of each run. Empty for a study."""
    board: list[BoardRow] = []
    """The rows of a relay."""
    about: tuple[str, ...] = ()
    """Of a study, the metrics that its table for people has; empty for all."""

    @property
    def passed(self) -> bool:
        """Every expectation holds, and every wager has one right answer: a lesson without one teaches nothing."""
        return all(verdict.holds for verdict in self.verdicts) and all(wager.sound for wager in self.wagers)

    def to_json(self) -> dict[str, Any]:
        """The one object that `run --json` prints."""
        shape: dict[str, Any] = {
            "scenario": self.id,
            "title": self.title,
            "passed": self.passed,
            "seconds": round(self.seconds, 3),
            "runs": [{**run.to_json(), **self._findings(run.id)} for run in self.runs.values()],
            "expectations": [verdict.to_json() for verdict in self.verdicts],
            "wagers": [wager.to_json() for wager in self.wagers],
        }
        if self.rows is not None:
            shape["study"] = {"rows": [row_json(row) for row in self.rows]}
        if self.board:
            shape["board"] = [msgspec.to_builtins(row) for row in self.board]
        return shape

    def _findings(self, run: str) -> dict[str, Any]:
        if run not in self.diagnoses:
            return {}
        return {"findings": [finding.to_json() for finding in self.diagnoses[run].findings]}


def row_json(row: StudyRow) -> dict[str, Any]:
    """A study's row: its settings, and for each of its runs the final metrics and the kinds of event."""
    return {
        "settings": row.settings,
        "runs": [
            {
                "id": run.id,
                "seed": run.seed,
                "metrics": run.to_json()["metrics"],
                "events": sorted({event.kind for event in run.events}),
            }
            for outcomes in row.outcomes
            for run in outcomes.values()
        ],
    }


def perform(
    loaded: Loaded,
    registry: Registry,
    *,
    seed: int | None = None,
    settings: Iterable[Setting] = (),
    device: str = "auto",
    scale: str = "lite",
    progress: Progress | None = None,
    record: str | Path | None = None,
    keep: bool = False,
    workers: int | None = None,
) -> Outcome:
    """Run everything in this process (a study's points on a process pool) and judge the expectations.

    record : write the recordings to this file as they grow. keep : hand them back in the outcome.
    """
    began = time.perf_counter()
    scenario, settings = loaded.scenario, list(settings)
    plans = make_plans(
        scenario,
        registry,
        source=loaded.source,
        base=loaded.path.parent,
        seed=seed,
        settings=settings,
        device=device,
        scale=scale,
    )
    rows = None
    recordings: dict[str, MemoryRecording] = {}
    if scenario.study is not None:
        from nnhistory.engine.study import run_study

        rows = run_study(loaded, registry, seed=seed, settings=settings, device=device, scale=scale,
                         progress=progress, workers=workers)  # fmt: skip
        runs = rows[0].outcomes[0]
        if record is not None or keep:
            with_recordings = drive_plans(plans, registry, progress=None, record=record, loaded=loaded, keep=keep)
            recordings = with_recordings[1]
    else:
        runs, recordings = drive_plans(
            plans, registry, progress=progress, record=record, loaded=loaded, keep=keep, charts=True
        )
    diagnoses = {}
    if scenario.study is None:
        diagnoses = {run: examine(one, registry.manifest(one.header.era)) for run, one in recordings.items()}
        recordings = recordings if keep else {}
    as_written = seed is None and not settings and scale == "lite"
    verdicts = judge(scenario, runs, rows, loaded, as_written=as_written)
    seconds = time.perf_counter() - began
    wagers = settle(scenario, runs, rows)
    board = [] if scenario.relay is None else board_of(scenario.relay, runs)
    about = () if scenario.study is None else scenario.study.about
    return Outcome(loaded.id, say(scenario.title), seconds, runs, verdicts, rows, recordings, wagers, diagnoses, board,
                   about)  # fmt: skip


def drive_plans(
    plans: list[RunPlan],
    registry: Registry,
    *,
    progress: Progress | None = None,
    record: str | Path | None = None,
    loaded: Loaded | None = None,
    keep: bool = False,
    charts: bool = False,
    schedule: tuple[int, float] = FULL,
) -> tuple[dict[str, RunOutcome], dict[str, MemoryRecording]]:
    """Drive plans one after another, flat out. What one hands to the next is as `start` and `input` say.

    keep : hand the recordings back. charts : if they are not kept, hand back their curves, events and data alone.
    schedule : how many moments there are in them (`recording.FULL`).
    """
    outcomes: dict[str, RunOutcome] = {}
    recordings: dict[str, MemoryRecording] = {}
    ended: dict[str, Drive] = {}
    wanted = {name for plan in plans for name in plan.needs}
    writer = None
    if record is not None:
        writer = RecordingWriter(record, id=loaded.id if loaded else "", scenario=loaded.source if loaded else "")
    elif not keep:
        schedule = COUNTED  # moments that nobody takes are not frozen; those with an event always are
    try:
        for plan in plans:
            with _blame(plan, loaded):
                drive = Drive(plan, registry, start_of(plan, ended), feed=feed_of(plan, ended), schedule=schedule)
            recording = MemoryRecording(drive.header)
            if writer is not None:
                writer.begin(drive.header)
            while not drive.done:
                with _blame(plan, loaded):
                    batch = drive.advance(1_000_000, seconds=_SLICE, flat_out=True)
                if keep:
                    recording.take(batch.frames, batch.points)
                elif charts:
                    told = (one for one in batch.frames if one.events or one.phase == "done" or one.tick == 0)
                    recording.take(map(_without_weights, told), batch.points)
                if writer is not None:
                    writer.append(plan.id, batch.frames, batch.points)
                if progress is not None:
                    progress(plan.id, batch.step, plan.planned)
            if keep or charts:
                recording.finish()
                recordings[plan.id] = recording
            if writer is not None:
                writer.end(plan.id, drive.outcome)
            outcomes[plan.id] = drive.outcome
            if plan.id in wanted:
                ended[plan.id] = drive
        if writer is not None:
            writer.finish()
    finally:
        if writer is not None:
            writer.__exit__(None, None, None)
    return outcomes, recordings


def _without_weights(frame: Frame) -> Frame:
    """The frame with no arrays but the data: what the doctor reads, and small."""
    data = {name: array for name, array in frame.arrays.items() if name.startswith("data/")}
    return msgspec.structs.replace(frame, arrays=data)


@contextlib.contextmanager
def _blame(plan: RunPlan, loaded: Loaded | None) -> Iterator[None]:
    """What an era or a data set refuses is said with the file and line of its run, if it names no file itself."""
    try:
        yield
    except BadInput as error:
        if loaded is None or error.file is not None:
            raise
        from nnhistory.engine.names import located

        number = [run.id for run in loaded.scenario.run].index(plan.id)
        raise located(error, loaded, f"run[{number}]") from None


def judge(
    scenario: Scenario,
    runs: dict[str, RunOutcome],
    rows: list[StudyRow] | None,
    loaded: Loaded | None = None,
    *,
    as_written: bool = True,
) -> list[Verdict]:
    """Every expectation's verdict.

    A chapter at a step that its run did not reach, or at an event that did not come, is an error in the scenario, if it
    was run as it is written: with another seed or other knobs a run may well be another one.
    """
    from nnhistory.engine.names import located

    verdicts = []
    for number, expect in enumerate(scenario.expect):
        try:
            verdicts.append(evaluate(expect, runs, rows))
        except BadInput as error:
            raise located(error, loaded, f"expect[{number}]") from None
    if scenario.study is None and as_written:
        for number, chapter in enumerate(scenario.chapter):
            run = runs.get(chapter.run or "", next(iter(runs.values())))
            if chapter.at.step is not None and chapter.at.step > run.steps:
                late = BadInput(
                    f'this chapter waits for step {chapter.at.step}, but run "{run.id}" ends at step {run.steps}',
                    remedy=f"Set it at step {run.steps} or earlier, or at = {{ end = true }}",
                )
                raise located(late, loaded, f"chapter[{number}].at")
            if chapter.at.event is not None and not any(event.kind == chapter.at.event for event in run.events):
                seen = ", ".join(dict.fromkeys(event.kind for event in run.events)) or "none"
                never = BadInput(
                    f'this chapter waits for the event {chapter.at.event}, which did not come in run "{run.id}"',
                    why=f"events of this run: {seen}", remedy="Name one of these, a step, or at = { end = true }",
                )  # fmt: skip
                raise located(never, loaded, f"chapter[{number}].at")
    return verdicts
