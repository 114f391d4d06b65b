"""Golden traces: at most 30 JSON lines for a scenario. How closely they must be met depends on the era."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from nnhistory.core.events import Event
from nnhistory.core.moment import Frame
from tests.contract.runs import Driven

LINES = 30
TIERS = {
    "perceptron_1957": "exact",
    "toy_1900": "tight",
    "rbm_2006": "loose",
    "deep_2010": "loose",
    "search_2012": "judged",
}
"""exact: equality. tight: rtol 1e-9. loose: rtol 1e-6 up to step 100, 1e-4 after. Default: tight.

judged: as tight, or within 0.05. A search tries rates that are far too high, and of nets that run away the last bit of
a product decides which digits they miss; what is reported are shares of digits right, and means of them.
"""
_WHERE = {"sweep", "rate_now", "presented"}
"""Where in the data and in its schedule a run is: no news of what it has learned."""
_EARLY = 32
"""Moments from the start: a single-precision net is another one after a few dozen steps on another machine."""
SOLVER = frozenset({"bound", "margin", "ratio"})
"""Not the era's own arithmetic but an optimiser's, which stops within a tolerance of its own: rtol 1e-5."""


def trace(driven: Mapping[str, Driven]) -> list[dict[str, Any]]:
    """For every run: its events (the first few), moments with scalars from first to last, and how it ended.

    Of many runs there is one line each: how it ended, and the numbers of one moment, some steps from its start.
    """
    room = LINES // len(driven)
    lines: list[dict[str, Any]] = []
    for run, one in driven.items():
        outcome = one.outcome
        head = {"run": run, "tier": TIERS.get(outcome.era, "tight"), "seed": outcome.seed, "done": one.done}
        head |= {"steps": outcome.steps, "moments": outcome.moments, "events": len(outcome.events)}
        if room < 3:
            lines.append(head | _frame(run, _early(one.recording.frames)))
            continue
        lines.append(head)
        events = [_event(run, event) for event in outcome.events[: max(1, (room - 1) // 3)]]
        frames = [_frame(run, frame) for frame in _spread(one.recording.frames, room - 1 - len(events))]
        lines += sorted([*events, *frames], key=lambda line: (line["tick"], "event" in line))
    return lines


def _spread(frames: list[Frame], count: int) -> list[Frame]:
    """The first and the last frame with scalars, and others between them, at ever larger distances."""
    told = [frame for frame in frames if frame.scalars and frame.kept]
    if len(told) <= count:
        return told
    places = {0, len(told) - 1}
    ratio = len(told) ** (1 / max(1, count - 1))
    places |= {min(len(told) - 1, round(ratio**power)) for power in range(count)}
    chosen = sorted(places)
    return [told[place] for place in (*chosen[: min(len(chosen), count) - 1], chosen[-1])]


def _early(frames: list[Frame]) -> Frame:
    """The last of the first moments that tells more than where in the data it is; else the first moment."""
    told = [frame for frame in frames if frame.tick < _EARLY and frame.scalars.keys() - _WHERE]
    return told[-1]


def _event(run: str, event: Event) -> dict[str, Any]:
    return {"run": run, "tick": event.tick, "step": event.step, "event": event.kind, "evidence": event.evidence}


def _frame(run: str, frame: Frame) -> dict[str, Any]:
    scalars = {name: value for name, value in frame.scalars.items() if not name.startswith("clock/")}
    return {"run": run, "tick": frame.tick, "step": frame.step, "phase": frame.phase, "scalars": scalars}


def dump(lines: list[dict[str, Any]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def differences(golden: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """Where the two traces differ by more than the tier allows; empty if they agree."""
    if len(golden) != len(now):
        return [f"{len(golden)} lines were expected, there are {len(now)}"]
    tiers = {line["run"]: line["tier"] for line in now if "tier" in line}
    found = []
    for number, (old, new) in enumerate(zip(golden, json.loads(json.dumps(now)), strict=True), 1):
        tier = tiers.get(old.get("run"), "exact")
        for key in old.keys() | new.keys():
            if not _alike(old.get(key), new.get(key), key, tier, int(old.get("step", 0))):
                found.append(f"line {number}, step {old.get('step')}: {key} was {old.get(key)}, is {new.get(key)}")
    return found


def _alike(old: Any, new: Any, key: str, tier: str, step: int) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(old[name], new[name], name, tier, step) for name in old)
    if isinstance(old, float) and isinstance(new, float):
        if math.isnan(old) or math.isnan(new):
            return math.isnan(old) and math.isnan(new)
        if key in SOLVER:
            return math.isclose(old, new, rel_tol=1e-5)
        if tier == "exact":
            return old == new
        if tier == "judged":
            return math.isclose(old, new, rel_tol=1e-9, abs_tol=0.05)
        return math.isclose(old, new, rel_tol=1e-9 if tier == "tight" else 1e-6 if step <= 100 else 1e-4)
    return bool(old == new)
