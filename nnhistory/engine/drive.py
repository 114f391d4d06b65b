"""One run being driven: the era's generator, its knobs, the detectors, and the schedule of what is kept.

Both runners use this: the inline one in this process, the other in a spawned one. What comes out are values.
"""

from __future__ import annotations

import platform
import time
from bisect import insort
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import nnhistory
from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import STEP_ENDS, Array, Frame, Moment, freeze
from nnhistory.core.recording import Header
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.detectors import DETECTORS, Found
from nnhistory.engine.handover import Feed, fed, layers_of
from nnhistory.engine.meters import Meter, Span, Watch, Watches
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.recording import FULL
from nnhistory.engine.registry import Registry
from nnhistory.scenario.schema import Turn

__all__ = ["Batch", "Drive", "load_data"]

Point = tuple[str, int, int, float]
"""A metric's value: name, tick, step, value."""

_SLOW = 2e-3
"""Seconds a moment takes from which on every one of them is frozen, also flat out: about ten times a freezing."""
_LOOK = 2e-4
"""Seconds between two looks at the clock below which half as many looks will do: a look costs as much as a moment."""
_NEAR_THE_END = 8
"""Steps before the planned end from which on every moment is frozen, so that one can step back from the end."""
_NEVER = 1 << 62


def load_data(plan: RunPlan, streams: Streams) -> Dataset:
    """The plan's data set."""
    return load(plan.dataset, streams, None if plan.base is None else Path(plan.base))


class Batch(msgspec.Struct):
    """What a stretch of driving brought: frames by tick, metric points (name, tick, step, value), where it stands."""

    frames: list[Frame]
    points: list[Point]
    tick: int
    step: int
    done: bool


class Drive:
    """Drive one plan. `start` are the weights it begins with, already picked from the earlier run.

    feed : what it sees in place of its data's inputs.
    schedule : how many moments are kept (`recording.FULL`).
    data, run : its data set, if it has been loaded already; what computes in place of the era's own `run`.
    curves : points of the metrics' curves are wanted, and not the tallies alone.
    tail : how many of the newest moments of each stretch are frozen too (0 when nobody will step back).
    """

    def __init__(
        self,
        plan: RunPlan,
        registry: Registry,
        start: Layers | None = None,
        tail: int = 0,
        feed: Feed | None = None,
        schedule: tuple[int, float] = FULL,
        data: Dataset | None = None,
        run: Callable[..., Iterator[Moment]] | None = None,
        curves: bool = True,
    ) -> None:
        manifest = registry.manifest(plan.era)
        if start is not None and "start" not in manifest.accepts:
            raise BadInput(f"{manifest.title} cannot start from another run's weights", key=f"run {plan.id}.start")
        if feed is not None and "input" not in manifest.accepts:
            raise BadInput(f"{manifest.title} cannot feed on another run's output", key=f"run {plan.id}.input")
        self.plan = plan
        self._below = Layers() if feed is None else feed.below
        streams = Streams(plan.seed)
        fingerprint = streams.fingerprint()
        data = load_data(plan, streams) if data is None else data
        data = data if feed is None else fed(data, feed)
        self.knobs = Knobs({name: plan.config[name] for name in plan.config})
        self._params = manifest.knobs
        run = registry.run(plan.era) if run is None else run
        self._moments = run(plan.config, data, streams, self.knobs, start, plan.device)
        self.header = Header(
            run=plan.id,
            era=plan.era,
            seed=plan.seed,
            config=plan.config,
            dataset=plan.dataset,
            device=plan.device,
            scenario=plan.scenario,
            planned=plan.planned,
            streams=fingerprint,
            versions={
                "nnhistory": nnhistory.__version__,
                "python": platform.python_version(),
                "numpy": np.__version__,
            },
        )
        self.outcome = RunOutcome(plan.id, plan.era, plan.seed, plan.device, config=plan.config, metrics={}, events=[])
        self._watches = Watches([DETECTORS[name] for name in dict.fromkeys((*manifest.detectors, "non_finite"))])
        self._pending: list[tuple[str, dict[str, Any]]] = []
        self._turns = sorted(plan.turns, key=_step_of)
        self._stops = sorted(set(plan.stops), reverse=True)
        self._met: dict[str, Meter | None] = dict.fromkeys(set(manifest.metrics).difference(manifest.counted))
        """The meter of every number that may come; none for those that only say which pattern is at hand."""
        self._tail, self._curves = tail, curves
        self._schedule = schedule
        self._tick = -1
        self._next_kept = 0.0
        self._last: Moment | None = None
        self._array_warned = False
        self._failure: Exception | None = None
        self.done = False

    @property
    def tick(self) -> int:
        """The newest moment's number, -1 before the first."""
        return self._tick

    def next_due(self) -> tuple[float, int]:
        """The tick and the step from which on a moment may be kept, or a knob is turned.

        Of the moments before only the numbers are looked at, but for what detectors see.
        """
        soon = self._pending or self._tick + 1 < self._schedule[0]
        stop, turn = self._stops[-1] if self._stops else _NEVER, self._turns[0].step if self._turns else _NEVER
        return self._tick + 1 if soon else self._next_kept, min(stop, turn)

    def sees_arrays(self, phase: str) -> bool:
        """Whether a detector looks at moments of this phase, also while their numbers are finite."""
        return bool(self._watches.alert[phase])

    def turn(self, knob: str, value: Any) -> None:
        """Turn a live knob at the next step boundary. BadInput if it is not live or the value is out of range."""
        param = self._params.get(knob)
        if param is None or not param.live:
            raise BadInput(f"{knob} cannot be turned while the run goes on")
        step = self._last.step if self._last is not None else 0
        insort(self._turns, Turn(self.plan.id, step, knob, param.check(value, knob)), key=_step_of)

    def advance(self, count: int, *, seconds: float = float("inf"), flat_out: bool = False) -> Batch:
        """Drive on for at most `count` moments and about `seconds`.

        flat_out : no one is watching each moment; only the schedule's frames come, and the tail of the stretch.
        What the era raises is raised here, but never before the frames that led up to it have been handed over.
        """
        if self._failure is not None:
            raise self._failure
        began = time.perf_counter()
        frames: list[Frame] = []
        points: list[Point] = []
        try:
            if not self.done and count > 0:
                self._drive(count, began + seconds, flat_out, frames, points)
        except Exception as error:
            if not frames and not points:
                raise
            self._failure = error
        outcome = self.outcome
        outcome.seconds += time.perf_counter() - began
        if self._last is not None:
            outcome.steps, outcome.moments = self._last.step, self._tick + 1
        return Batch(frames, points, self._tick, outcome.steps, self.done)

    def pass_by(self, count: int, spans: Mapping[str, Span]) -> None:
        """So many moments before the next one are over, of which nothing was wanted but numbers without an event.

        spans : what the moments brought, by name: only finite numbers, none of which a detector needs.
        """
        for name, (first, final, least, most) in spans.items():
            meter = self._met[name] if name in self._met else self._new_meter(name, first, self._tick + 1)
            if meter is None:
                continue
            meter.final = final
            meter.beyond(least)
            meter.beyond(most)
        self._tick += count

    def look(self, passed: int, moment: Moment) -> None:
        """After so many moments that are passed by comes this one, which detectors see. It is kept if they notice.

        Its numbers are finite and told afterwards (`pass_by`), as are those of the moments before it.
        """
        tick = self._tick = self._tick + passed + 1
        self._last, found = moment, []
        for watch in self._watches.alert[moment.phase]:
            if watch.needs in moment.scalars:
                watch.state, noticed = watch.fold(watch.state, moment)
                found += self._notice(tick, moment.step, noticed, watch) if noticed else []
        if found:
            self._next_kept = max(self._next_kept, tick * self._schedule[1])
            self._keep(tick, moment, found)

    def _drive(self, count: int, deadline: float, flat_out: bool, frames: list[Frame], points: list[Point]) -> None:
        # The one loop that every moment of every run goes through. Written out flat, with local names, and with a
        # short way for the many moments that nobody wants: this keeps recording close to the era's own speed.
        clock, marked = time.perf_counter, bool(self.plan.marks)
        calm, alert, every, met = self._watches.calm, self._watches.alert, self._watches.every, self._met
        turns, pending, nothing = self._turns, self._pending, []  # type: ignore[var-annotated]
        tick, next_kept, stop = self._tick, self._next_kept, self._next_stop()
        moment = last = self._last
        near_the_end = self.plan.planned - _NEAR_THE_END if self.plan.planned else _NEVER
        heed = min(stop, near_the_end)  # from this step on a moment is not passed by
        dense, growth = self._schedule
        tail, first, end = self._tail, tick + 1, tick + 1 + count
        ring: deque[Frame] = deque(maxlen=tail)
        closing = end - tail  # from this moment on everything goes into the tail
        stride = 0 if flat_out or not tail else max(1, count // 8)
        next_look, looked, pace = first, clock(), 1
        wake = 0.0  # up to this moment nothing is due but by an event, a chapter or the end
        meter: Meter | None
        if turns and last is not None and (last.phase == "update" or tick == 0):
            self._apply_turns(last.step)
        try:
            for moment in self._moments:
                tick += 1
                scalars = moment.scalars
                if not scalars and tick < wake and moment.step < heed and not moment.events and moment.phase != "done":
                    continue  # most moments: nothing is told, and nothing is due
                step, phase, found = moment.step, moment.phase, nothing
                if pending or moment.events:
                    found = self._notice(tick, step, [*pending, *moment.events])
                    pending.clear()
                if scalars:
                    if phase == "done":
                        for meter in filter(None, met.values()):
                            meter.due = tick  # the last point of every metric is sent
                    news = calm
                    for name, value in scalars.items():
                        try:
                            meter = met[name]
                        except KeyError:
                            meter = self._new_meter(name, value, tick)
                        if meter is None:
                            continue
                        meter.final = value
                        if not meter.min <= value <= meter.max:  # also where one of them is no number
                            meter.beyond(value)
                            news = alert if value - value == 0.0 and news is not every else every
                        if tick >= meter.due:
                            points.append((name, tick, step, value))
                            meter.sent(tick)
                        if marked and step in meter.marks:
                            meter.tally.at[step] = value
                    for watch in news[phase]:
                        if watch.needs in scalars or watch.odd:
                            watch.state, noticed = watch.fold(watch.state, moment)
                            if noticed:
                                found = [*found, *self._notice(tick, step, noticed, watch)]
                if turns and (phase == "update" or tick == 0):
                    self._apply_turns(step)
                if tick < wake and step < heed and not found and phase != "done":
                    continue

                if found or tick < dense or step >= stop or phase == "done":
                    next_kept = max(next_kept, tick * growth)
                    frames.append(self._keep(tick, moment, found))
                    if step >= stop:
                        stop = self._next_stop(step)
                        heed = min(stop, near_the_end)
                elif tick >= next_kept and phase in STEP_ENDS:
                    next_kept = tick * growth
                    frames.append(self._keep(tick, moment, found))
                elif tick >= closing:
                    ring.append(freeze(tick, moment, kept=False))
                elif stride and (tick - first) % stride == 0:
                    frames.append(freeze(tick, moment, kept=False))
                if phase == "done":
                    self.done = True
                    return

                if tick >= next_look or step >= near_the_end:
                    now = clock()
                    slow = now - looked > _SLOW * pace
                    if now > deadline:
                        if slow or tick >= closing:
                            return
                        end, deadline = min(end, tick + 1 + tail), float("inf")
                    # Where moments take long, each is looked after: beside them, freezing costs little.
                    closing = tick if tail and (slow or step >= near_the_end) else end - tail
                    pace = 1 if slow else max(16, pace * 2 if now - looked < _LOOK else pace // 2)
                    next_look, looked = tick + pace, now
                if tick + 1 >= end:
                    return
                busy = tick < dense or stride or turns or pending
                wake = 0.0 if busy else min(next_kept, closing, next_look, end - 1)
            self.done = True
        finally:
            self._tick, self._last, self._next_kept = tick, moment, next_kept
            for meter in filter(None, met.values()):
                meter.write()
            if ring:
                frames.extend(ring)
                frames.sort(key=_tick_of)

    def layers(self) -> Layers:
        """The newest weights, as data for another run. A run that feeds on another stands on that one's layers."""
        return (Layers() if self._last is None else layers_of(self._last, self.plan.id)).above(self._below)

    def offer(self, name: str) -> Array | None:
        """A copy of an array of the last moment, or None if it has none of this name."""
        if self._last is None or name not in self._last.arrays:
            return None
        return np.array(self._last.array(name), dtype=np.float64)

    def offers(self) -> list[str]:
        """Names of the arrays of the last moment."""
        return [] if self._last is None else list(self._last.arrays)

    def _new_meter(self, name: str, value: float, tick: int) -> Meter:
        tally = self.outcome.metrics[name] = Tally.of(value)
        due = tick if self._curves else _NEVER
        meter = Meter(tally, frozenset(step for metric, step in self.plan.marks if metric == name), due)
        self._met[name] = meter
        return meter

    def _next_stop(self, step: int = -1) -> int:
        """The next step whose first moment is kept whatever the schedule says: a chapter begins there."""
        while self._stops and self._stops[-1] <= step:
            self._stops.pop()
        return self._stops[-1] if self._stops else _NEVER

    def _apply_turns(self, step: int) -> None:
        # Once for each step, right after its update: a turn made by hand and the same turn written in a scenario
        # then fall on the same moment.
        while self._turns and self._turns[0].step <= step:
            turn = self._turns.pop(0)
            before = self.knobs[turn.knob]
            self.knobs._turn(turn.knob, turn.value)
            big = isinstance(turn.value, list)
            evidence = {"knob": turn.knob, "value": "drawn" if big else turn.value, "after": step}
            if not big:
                evidence["before"] = before
            self._pending.append(("turned", evidence))
            self._watches.turned()

    def _notice(self, tick: int, step: int, noticed: Found, watch: Watch | None = None) -> list[Event]:
        events = [Event(step, tick, kind, evidence) for kind, evidence in noticed]
        self.outcome.events.extend(events)
        if watch is not None:
            self._watches.reported(watch)
        return events

    def _keep(self, tick: int, moment: Moment, events: list[Event]) -> Frame:
        frame = freeze(tick, moment, events)
        if not self._array_warned and moment.phase in STEP_ENDS:
            bad = [name for name, array in frame.arrays.items() if _has_gone(array)]
            if bad:
                self._array_warned = True
                if not any(event.kind == "non_finite" for event in self.outcome.events):
                    event = Event(moment.step, tick, "non_finite", {"array": bad[0], "step": moment.step})
                    self.outcome.events.append(event)
                    frame = msgspec.structs.replace(frame, events=(*frame.events, event))
        return frame


def _has_gone(array: Array) -> bool:
    """Is there a number in it that is not finite?"""
    if array.dtype.kind != "f":
        return False
    # Squares cost one quick call, and only where they, too, are too large is it looked at number by number.
    square = float(np.vdot(array, array))
    return square - square != 0.0 and not np.isfinite(array).all()


def _step_of(turn: Turn) -> int:
    return turn.step


def _tick_of(frame: Frame) -> int:
    return frame.tick
