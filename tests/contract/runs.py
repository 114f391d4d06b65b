"""What the contract looks at: the first stretch of every run of a scenario, driven once and remembered."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from nnhistory.engine.drive import Drive
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import Loaded, load

MOMENTS = 6000
"""Moments of each run that the contract looks at."""
_STRETCH = 200


@dataclass(frozen=True)
class Case:
    """A scenario to judge, and where its golden trace lies."""

    path: Path
    golden: Path
    eras: Path

    @property
    def id(self) -> str:
        return f"{self.path.parent.name}/{self.path.stem}"

    def load(self) -> Loaded:
        return load(self.path)


@dataclass(frozen=True)
class Driven:
    """One run, as far as it was driven. after : the runs whose end it builds on."""

    recording: MemoryRecording
    outcome: RunOutcome
    done: bool
    after: tuple[str, ...] = ()


def drive(case: Case, *, moments: int = MOMENTS) -> dict[str, Driven]:
    """Every run of the scenario, in order, for at most so many moments."""
    registry = Registry([case.eras])
    loaded = case.load()
    plans = make_plans(loaded.scenario, registry, source=loaded.source, base=loaded.path.parent)
    earlier: dict[str, Drive] = {}
    needed = {name for plan in plans for name in plan.needs}
    driven = {}
    for plan in plans:
        one = Drive(plan, registry, start_of(plan, earlier), tail=16, feed=feed_of(plan, earlier))
        recording = MemoryRecording(one.header)
        # In stretches, so that the recording's budget holds: the first frames of a large net are gigabytes together.
        while not one.done and one.tick + 1 < moments:
            batch = one.advance(min(_STRETCH, moments - one.tick - 1), flat_out=True)
            for frame in batch.frames:
                recording.append(frame)
            recording.add_points(batch.points)
        if one.done:
            recording.finish()
        driven[plan.id] = Driven(recording, copy.deepcopy(one.outcome), one.done, tuple(plan.needs))
        if plan.id in needed:
            # What others build on has to be at its end, however short a stretch of it is looked at.
            while not one.done:
                one.advance(10**6, flat_out=True)
        earlier[plan.id] = one
    return driven


@lru_cache(maxsize=2)
def driven(case: Case) -> dict[str, Driven]:
    """As `drive`, once for each scenario."""
    return drive(case)
