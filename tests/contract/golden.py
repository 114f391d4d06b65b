"""Golden traces: at most 30 JSON lines for a scenario. How closely they must be met depends on the era."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np

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

loose holds on processors that compute alike. Others take the sums of a product in another order, and a net in single
precision, or one at the edge of divergence, is another net after some dozens of steps. There only the start is held
against the trace, and the rest is left to the scenario's expectations (which test_runs judges everywhere).
"""
_WHERE = {"sweep", "rate_now", "presented"}
"""Where in the data and in its schedule a run is: no news of what it has learned."""
_EARLY = 32
"""Moments from the start: a single-precision net is another one after a few dozen steps on another machine."""
SOLVER = frozenset({"bound", "margin", "ratio"})
"""Not the era's own arithmetic but an optimiser's, which stops within a tolerance of its own: rtol 1e-5."""
DIFFERENCES = frozenset({"decade", "gradient_error", "tau_fast", "tau_slow"})
"""Made of differences of numbers that nearly agree, where the last digits are most of what is left: rtol 1e-5."""
ROUNDING = frozenset({"gradient_difference"})
"""By how much two ways to one number disagree: nothing but rounding while it is below 1e-9, whatever it is."""
NOTHING = 1e-15
"""What may stand in place of 0, by rounding, in all tiers but exact."""
START, START_RTOL = 1, 1e-4
"""Steps, and how closely these must be met, on a processor that computes otherwise."""


@cache
def arithmetic() -> str:
    """Another word on every kind of processor whose products, sums and functions differ in a bit."""
    import torch

    torch.set_num_threads(1)
    found = hashlib.sha256()
    rng = np.random.default_rng(1957)
    for kind in (np.float32, np.float64):
        for rows, n_in, n_out in ((20, 128, 64), (256, 64, 10), (1000, 400, 64)):
            x, W = rng.standard_normal((rows, n_in)).astype(kind), rng.standard_normal((n_in, n_out)).astype(kind)
            y, z = torch.from_numpy(x), torch.from_numpy(W)
            several = torch.bmm(y.mT.expand(2, n_in, rows), (y @ z).expand(2, rows, n_out))
            functions = (np.exp(x), y.tanh(), y.sigmoid(), y.softmax(-1), y.sum())
            for part in (x @ W, x.T @ (x @ W), y @ z, several, *functions):
                found.update(np.asarray(part).tobytes())
    return found.hexdigest()[:8]


def trace(driven: Mapping[str, Driven]) -> list[dict[str, Any]]:
    """For every run: its events (the first few), moments with scalars from first to last, and how it ended.

    Of many runs there is one line each: how it ended, and the numbers of one moment, some steps from its start.
    """
    room = LINES // len(driven)
    some_loose = any(TIERS.get(one.outcome.era) == "loose" for one in driven.values())
    lines: list[dict[str, Any]] = []
    for run, one in driven.items():
        outcome = one.outcome
        head = {"run": run, "tier": TIERS.get(outcome.era, "tight"), "seed": outcome.seed, "done": one.done}
        if head["tier"] == "loose" or (some_loose and one.after):
            head |= {"arithmetic": arithmetic(), "after": list(one.after)}
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
    now = json.loads(json.dumps(now))
    there, here = ([line["run"] for line in lines if "tier" in line] for lines in (golden, now))
    if there != here:
        return [f"the runs {', '.join(there)} were expected, there are {', '.join(here)}"]
    found = []
    for run in here:
        old, new = ([line for line in lines if line["run"] == run] for lines in (golden, now))
        same = old[0].get("arithmetic") == new[0].get("arithmetic")
        found += [f"{run}, {text}" for text in (_everywhere(old, new) if same else _at_the_start(old, new))]
    return found


def _everywhere(golden: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    if len(golden) != len(now):
        return [f"{len(golden)} lines were expected, there are {len(now)}"]
    tier, found = now[0]["tier"], []
    for number, (old, new) in enumerate(zip(golden, now, strict=True), 1):
        for key in old.keys() | new.keys():
            if not _alike(old.get(key), new.get(key), key, tier, int(old.get("step", 0))):
                found.append(f"line {number}, step {old.get('step')}: {key} was {old.get(key)}, is {new.get(key)}")
    return found


def _at_the_start(golden: list[dict[str, Any]], now: list[dict[str, Any]]) -> list[str]:
    """What both traces of a run tell of its first step; nothing of a run that begins where another has ended."""
    found = [
        f"{key} was {golden[0][key]}, is {now[0][key]}" for key in ("seed", "tier") if golden[0][key] != now[0][key]
    ]
    old, new = ({line["tick"]: line for line in lines if "scalars" in line} for lines in (golden, now))
    for tick in (old.keys() & new.keys()) if not now[0].get("after") else ():
        before, after = old[tick]["scalars"], new[tick]["scalars"]
        found += [
            f"tick {tick}: {name} was {before.get(name)}, is {after.get(name)}"
            for name in before.keys() | after.keys()
            if old[tick]["step"] <= START and not _alike(before.get(name), after.get(name), name, "start", 0)
        ]
    return found


def _alike(old: Any, new: Any, key: str, tier: str, step: int) -> bool:
    if isinstance(old, dict) and isinstance(new, dict):
        return old.keys() == new.keys() and all(_alike(old[name], new[name], name, tier, step) for name in old)
    if isinstance(old, float) and isinstance(new, float):
        if math.isnan(old) or math.isnan(new):
            return math.isnan(old) and math.isnan(new)
        if tier != "exact" and max(abs(old), abs(new)) <= NOTHING:
            return True
        if key in ROUNDING and max(abs(old), abs(new)) < 1e-9:
            return True
        if key in SOLVER or key in DIFFERENCES:
            return math.isclose(old, new, rel_tol=1e-5)
        if tier == "exact":
            return old == new
        if tier == "judged":
            return math.isclose(old, new, rel_tol=1e-9, abs_tol=0.05)
        if tier == "start":
            return math.isclose(old, new, rel_tol=START_RTOL, abs_tol=1e-9)
        return math.isclose(old, new, rel_tol=1e-9 if tier == "tight" else 1e-6 if step <= 100 else 1e-4)
    return bool(old == new)
