"""Stacks: runs that differ in their seeds and in a few numbers, computed beside each other and told apart here.

An era whose manifest says `stacks` computes several runs at once, moment by moment. Each run has a `Drive` of its own,
which counts, detects and keeps as it does for a run by itself.
"""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from nnhistory.core.knobs import Knobs
from nnhistory.core.manifest import Manifest
from nnhistory.core.moment import PHASES, Instant, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.engine.drive import Drive, load_data
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.recording import FULL, MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.engine.spans import Spans

__all__ = ["MOST", "Ended", "drive_together", "kind_of", "side_by_side"]

MOST = 64
"""Runs in one group of a study."""

_ROOM = 256 * 2**20
"""Bytes of data sets in one stack."""

_LONGEST = 4096
"""Instants that are put aside at most."""

_PULSE = 0.1
"""Seconds after which whoever waits is given a sign."""


def kind_of(plan: RunPlan, manifest: Manifest) -> Hashable:
    """Runs of one kind can be computed beside each other; None if this one cannot."""
    stacks = manifest.stacks
    if stacks is None or plan.needs or any(turn.knob not in stacks.turned for turn in plan.turns):
        return None
    if any(plan.config[name] not in values for name, values in stacks.only.items()):
        return None
    shared = {name: value for name, value in plan.config.items() if name not in stacks.differ}
    return json.dumps([plan.id, plan.era, shared, plan.dataset, plan.device, plan.base], sort_keys=True)


def side_by_side(kinds: Sequence[Hashable], most: int) -> list[list[int]]:
    """Which runs go together, by their places: those of one kind, at most so many, in parts of about one size.

    kinds : of every run, as `kind_of` has it.
    """
    alike: dict[Hashable, list[int]] = {}
    for place, kind in enumerate(kinds):
        alike.setdefault(("alone", place) if kind is None else kind, []).append(place)
    found: list[list[int]] = []
    for places in alike.values():
        parts = -(-len(places) // max(1, min(most, MOST)))
        ends = [len(places) * part // parts for part in range(parts + 1)]
        found += [places[begin:end] for begin, end in pairwise(ends)]
    return sorted(found)


@dataclass(frozen=True)
class Ended:
    """A run of a stack that is over: its place in the stack, and what came out."""

    number: int
    drive: Drive
    recording: MemoryRecording | None


def drive_together(
    plans: Sequence[RunPlan],
    registry: Registry,
    *,
    keep: Sequence[bool] = (),
    schedule: tuple[int, float] = FULL,
) -> Iterator[Ended | None]:
    """Drive plans of one kind beside each other, flat out: each as it ends, and None now and then in between.

    keep : of which of them a recording is handed back. schedule : how many moments are kept of each.
    What the era refuses or breaks at is raised here; runs that have ended before stay so.
    """
    kept = keep or [False] * len(plans)
    begin = 0
    while begin < len(plans):
        data = _load(plans[begin:], registry)
        end = begin + len(data)
        if len(data) == 1:
            driven = _alone(plans[begin], data[0], registry, kept[begin], schedule)
        else:
            driven = _Stack(plans[begin:end], data, registry, kept[begin:end], schedule).drive()
        for ended in driven:
            yield ended and Ended(begin + ended.number, ended.drive, ended.recording)
        begin = end


def _load(plans: Sequence[RunPlan], registry: Registry) -> list[Dataset]:
    """The data sets of the first plans, as many as are worth it and have room; those of one seed are the same."""
    known: dict[int, Dataset] = {}
    found: list[Dataset] = []
    size, most = 0, len(plans)
    for plan in plans:
        data = known.get(plan.seed)
        if data is None:
            data = known[plan.seed] = load_data(plan, Streams(plan.seed))
            size += data.train_x.nbytes + data.test_x.nbytes
        if not found:
            most = max(1, registry.stacked(plan.era).at_once(plan.config, data))
        if len(found) == most or (found and size > _ROOM):
            break
        found.append(data)
    return found


def _alone(
    plan: RunPlan, data: Dataset, registry: Registry, kept: bool, schedule: tuple[int, float]
) -> Iterator[Ended | None]:
    """A run that there is none to go beside, by the era's own loop."""
    drive = Drive(plan, registry, schedule=schedule, data=data, curves=kept)
    recording = MemoryRecording(drive.header) if kept else None
    while not drive.done:
        batch = drive.advance(1_000_000, seconds=_PULSE, flat_out=True)
        if recording is not None:
            recording.take(batch.frames, batch.points)
        yield None
    if recording is not None:
        recording.finish()
    yield Ended(0, drive, recording)


class _Stack:
    """Several drives and the one computation that all of them live on.

    Most instants bring numbers alone. They are put aside and handed over together, as soon as one comes whose arrays
    may be wanted: arrays hold for the newest instant only. What an era brings as an `Instant` becomes a moment only for
    those who want one: the rest are told how far the numbers went.
    """

    def __init__(
        self, plans: Sequence[RunPlan], data: Sequence[Dataset], registry: Registry, kept: Sequence[bool],
        schedule: tuple[int, float],
    ) -> None:  # fmt: skip
        self._lines: list[deque[Moment]] = [deque() for _ in plans]
        given: list[tuple[Mapping[str, Any], Dataset, Streams, Knobs]] = []

        def beside(number: int) -> Callable[..., Iterator[Moment]]:
            def run(config: Any, data: Any, streams: Any, knobs: Any, *_: Any) -> Iterator[Moment]:
                given.append((config, data, streams, knobs))
                return self._moments(number)

            return run

        self._drives = [
            Drive(plan, registry, schedule=schedule, data=own, run=beside(number), curves=wanted)
            for number, (plan, own, wanted) in enumerate(zip(plans, data, kept, strict=True))
        ]
        self._recordings = [
            MemoryRecording(drive.header) if wanted else None for drive, wanted in zip(self._drives, kept, strict=True)
        ]
        # Whose meters can be told how far its numbers went, instead of every one of them.
        self._plain = [not wanted and not plan.marks for plan, wanted in zip(plans, kept, strict=True)]
        self._spans: Spans | None = None
        self._aside: list[Instant | list[Moment | None]] = []
        self._source: Iterator[Instant | list[Moment | None]] = registry.stacked(plans[0].era).run_stacked(
            *(list(each) for each in zip(*given, strict=True)), plans[0].device
        )

    def _moments(self, number: int) -> Iterator[Moment]:
        """What one drive is handed."""
        line = self._lines[number]
        while True:
            yield line.popleft()

    def drive(self) -> Iterator[Ended | None]:
        """To the end of the last of them."""
        drives, aside, began = self._drives, self._aside, time.perf_counter()
        looked = {phase for phase in PHASES for drive in drives if drive.sees_arrays(phase)}
        going, tick, signed = list(range(len(drives))), -1, began
        wake, stop = 0.0, 0  # from this tick and this step on arrays may be wanted, or a knob is turned
        for instant in self._source:
            newest = instant if isinstance(instant, Instant) else next(filter(None, instant), None)
            if newest is None:
                continue
            aside.append(instant)
            phase, step = newest.phase, newest.step
            tick += phase != "done"
            due = tick >= wake or step >= stop or phase == "done"
            if not due and phase not in looked and len(aside) < _LONGEST:
                continue
            self._hand_over(going, due)
            for number in [one for one in going if drives[one].done]:
                going.remove(number)
                drives[number].outcome.seconds = (time.perf_counter() - began) / len(drives)
                recording = self._recordings[number]
                if recording is not None:
                    recording.finish()
                yield Ended(number, drives[number], recording)
            wake, stop = (min(due) for due in zip(*(drives[number].next_due() for number in going or [0]), strict=True))
            if time.perf_counter() - signed > _PULSE:
                signed = time.perf_counter()
                yield None

    def _hand_over(self, going: Sequence[int], due: bool) -> None:
        """What lies aside, to all that go on. due : arrays of the newest may be wanted, and not by detectors alone."""
        before, newest = self._aside[:-1], self._aside[-1]
        apart = not all(isinstance(one, Instant) for one in before)  # moments of each lie among them
        asides = [] if apart else [one for one in self._aside if isinstance(one, Instant)]
        fresh = Spans.over(asides, len(going))
        spans = fresh if self._spans is None else self._spans.then(fresh)
        quick = not due and not apart and isinstance(newest, Instant)
        told = None if quick else spans.each()
        moments = newest.moments() if isinstance(newest, Instant) else [newest[number] for number in going]
        for place, (number, moment) in enumerate(zip(going, moments, strict=True)):
            drive, line, recording = self._drives[number], self._lines[number], self._recordings[number]
            if self._plain[number] and not fresh.finite[place]:
                self._plain[number] = False
                drive.pass_by(0, self._spans.each()[place] if self._spans is not None else {})
            plain = self._plain[number]
            if plain and told is None and moment is not None:
                drive.look(len(before), moment)
                continue
            if plain and told is not None:
                drive.pass_by(0 if apart else len(before), told[place])
            if apart or not plain:
                line.extend(found for one in before if (found := _moment(one, number, place)) is not None)
            if moment is not None:
                line.append(moment)
            batch = drive.advance(len(line), flat_out=True)
            if recording is not None:
                recording.take(batch.frames, batch.points)
        self._spans = spans if quick else None
        self._aside.clear()


def _moment(instant: Instant | list[Moment | None], number: int, place: int) -> Moment | None:
    """Of one run; None if it is over."""
    return instant.of(place) if isinstance(instant, Instant) else instant[number]
