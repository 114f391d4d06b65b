"""One run being driven: the era's generator, its knobs, the detectors, and the schedule of what is kept.

Both runners use this: the inline one in this process, the other in a spawned one. What comes out are values.
"""

from __future__ import annotations

import platform
import time
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import nnhistory
from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layer, Layers
from nnhistory.core.moment import STEP_ENDS, Frame, Moment, freeze
from nnhistory.core.recording import Header
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.detectors import DETECTORS
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.recording import DENSE, GROWTH
from nnhistory.engine.registry import Registry
from nnhistory.scenario.schema import Turn

__all__ = ["Batch", "Drive"]

_CHEAP = 64 * 1024
"""Frames up to this many bytes go into the tail even when a run is driven flat out."""


class Batch(msgspec.Struct):
    """What a stretch of driving brought: frames by tick, metric points (name, tick, step, value), where it stands."""

    frames: list[Frame]
    points: list[tuple[str, int, int, float]]
    tick: int
    step: int
    done: bool


class Drive:
    """Drive one plan. `start` are the weights it begins with, already picked from the earlier run.

    tail : how many of the newest moments of each stretch are frozen too (0 when nobody will step back).
    """

    def __init__(self, plan: RunPlan, registry: Registry, start: Layers | None = None, tail: int = 0) -> None:
        manifest = registry.manifest(plan.era)
        if start is not None and "start" not in manifest.accepts:
            raise BadInput(f"{manifest.title} cannot start from another run's weights", key=f"run {plan.id}.start")
        self.plan = plan
        streams = Streams(plan.seed)
        fingerprint = streams.fingerprint()
        data = load(plan.dataset, streams, None if plan.base is None else Path(plan.base))
        self.knobs = Knobs({name: plan.config[name] for name in plan.config})
        self._params = manifest.knobs
        self._moments: Iterator[Moment] = registry.run(plan.era)(
            plan.config, data, streams, self.knobs, start, plan.device
        )
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
        self._detectors = [DETECTORS[name] for name in (*manifest.detectors, "non_finite")]
        self._states: list[Any] = [None] * len(self._detectors)
        self._by_phase = {
            phase: [i for i, detector in enumerate(self._detectors) if phase in detector.phases]
            for phase in ("present", "forward", "backward", "update", "eval", "done")
        }
        self._turns = deque(sorted(plan.turns, key=lambda turn: turn.step))
        self._marks: dict[str, list[int]] = {}
        for name, step in plan.marks:
            self._marks.setdefault(name, []).append(step)
        self._tail = tail
        self._tick = -1
        self._next_kept = 0.0
        self._pending_events: list[tuple[str, dict[str, Any]]] = []
        self._last: Moment | None = None
        self._points: list[tuple[str, int, int, float]] = []
        self._array_warned = False
        self.done = False

    @property
    def tick(self) -> int:
        """The newest moment's number, -1 before the first."""
        return self._tick

    def turn(self, knob: str, value: Any) -> None:
        """Turn a live knob at the next step boundary. BadInput if it is not live or the value is out of range."""
        param = self._params.get(knob)
        if param is None or not param.live:
            raise BadInput(f"{knob} cannot be turned while the run goes on")
        step = self._last.step if self._last is not None else 0
        self._turns.append(Turn(self.plan.id, step, knob, param.check(value, knob)))

    def advance(self, count: int, *, seconds: float = float("inf"), flat_out: bool = False) -> Batch:
        """Drive on for at most `count` moments and about `seconds`.

        flat_out : no one is watching each moment; only the schedule's frames come (and the cheap tail).
        """
        began = time.perf_counter()
        kept: dict[int, Frame] = {}
        ring: deque[Frame] = deque(maxlen=self._tail) if self._tail else deque(maxlen=1)
        stride = max(1, count // 8)
        for number in range(count):
            moment = self._next()
            if moment is None:
                break
            found = self._detect(moment)
            wanted = self._due(moment, bool(found))
            if wanted:
                kept[self._tick] = self._freeze(moment, found, kept=True)
            elif self._tail:
                if flat_out:
                    near_end = not ring or ring[-1].nbytes <= _CHEAP
                else:
                    near_end = number % stride == 0 or count - number <= self._tail
                if near_end:
                    frame = self._freeze(moment, found, kept=False)
                    if flat_out or count - number <= self._tail:
                        ring.append(frame)
                    else:
                        kept[self._tick] = frame
            if number & 15 == 15 and time.perf_counter() - began > seconds:
                break
        if self._tail:
            for frame in ring:
                kept.setdefault(frame.tick, frame)
        self.outcome.seconds += time.perf_counter() - began
        points, self._points = self._points, []
        frames = [kept[tick] for tick in sorted(kept)]
        return Batch(frames, points, self._tick, self.outcome.steps, self.done)

    def layers(self) -> Layers:
        """The newest weights, as data for another run: arrays `weights/l` and `bias/l` of the last moment."""
        stack: list[Layer] = []
        if self._last is not None:
            index = 0
            while f"weights/{index}" in self._last.arrays:
                W = np.array(self._last.array(f"weights/{index}"), dtype=np.float64)
                W = W.reshape(W.shape[0], -1)
                if f"bias/{index}" in self._last.arrays:
                    b = np.array(self._last.array(f"bias/{index}"), dtype=np.float64).reshape(-1)
                else:
                    b = np.zeros(W.shape[1])
                stack.append(Layer(W, b, name=f"{self.plan.id}/{index}"))
                index += 1
        return Layers(tuple(stack))

    def _next(self) -> Moment | None:
        if self.done:
            return None
        if self._turns and self._last is not None and (self._last.phase == "update" or self._tick == 0):
            self._apply_turns(self._last.step)
        moment = next(self._moments, None)
        if moment is None:
            self.done = True
            return None
        self._tick += 1
        self._last = moment
        outcome = self.outcome
        outcome.steps, outcome.moments = moment.step, self._tick + 1
        if moment.scalars:
            metrics, points, tick = outcome.metrics, self._points, self._tick
            for name, value in moment.scalars.items():
                tally = metrics.get(name)
                if tally is None:
                    tally = metrics[name] = Tally.of(value)
                else:
                    tally.add(value)
                points.append((name, tick, moment.step, value))
                if name in self._marks and moment.step in self._marks[name]:
                    tally.at[moment.step] = value
        if moment.phase == "done":
            self.done = True
        return moment

    def _apply_turns(self, step: int) -> None:
        # Once for each step, right after its update: a turn made by hand and the same turn written in a scenario
        # then fall on the same moment.
        while self._turns and self._turns[0].step <= step:
            turn = self._turns.popleft()
            before = self.knobs[turn.knob]
            self.knobs._turn(turn.knob, turn.value)
            big = isinstance(turn.value, list)
            evidence = {"knob": turn.knob, "value": "drawn" if big else turn.value, "after": step}
            if not big:
                evidence["before"] = before
            self._pending_events.append(("turned", evidence))

    def _detect(self, moment: Moment) -> list[Event]:
        found: list[tuple[str, dict[str, Any]]] = []
        if self._pending_events:
            found, self._pending_events = self._pending_events, []
        if moment.events:
            found = [*found, *moment.events]
        for index in self._by_phase[moment.phase]:
            self._states[index], noticed = self._detectors[index].fold(self._states[index], moment)
            if noticed:
                found = [*found, *noticed]
        if not found:
            return []
        events = [Event(moment.step, self._tick, kind, evidence) for kind, evidence in found]
        self.outcome.events.extend(events)
        return events

    def _due(self, moment: Moment, has_events: bool) -> bool:
        if self._tick < DENSE or has_events or moment.phase == "done":
            self._next_kept = max(self._next_kept, self._tick * GROWTH)
            return True
        if self._tick >= self._next_kept and moment.phase in STEP_ENDS:
            self._next_kept = self._tick * GROWTH
            return True
        return False

    def _freeze(self, moment: Moment, events: list[Event], *, kept: bool) -> Frame:
        frame = freeze(self._tick, moment, events, kept=kept)
        if kept and not self._array_warned:
            bad = [name for name, a in frame.arrays.items() if a.dtype.kind == "f" and not np.isfinite(a).all()]
            if bad:
                self._array_warned = True
                if not any(event.kind == "non_finite" for event in self.outcome.events):
                    event = Event(moment.step, self._tick, "non_finite", {"array": bad[0], "step": moment.step})
                    self.outcome.events.append(event)
                    frame = msgspec.structs.replace(frame, events=(*frame.events, event))
        return frame
