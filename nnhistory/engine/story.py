"""The story beside the pictures: which chapter we are in, what it says, what it asks, and who was right.

Pure functions of a scenario, a recording and the playhead's place.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Mapping

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.manifest import Manifest
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.engine.expect import evaluate
from nnhistory.engine.outcome import RunOutcome
from nnhistory.scenario.schema import HOLE, At, Chapter, Expect, Question

__all__ = ["event_sentence", "fill", "holds", "reached_at", "right_options"]


def reached_at(at: At, recording: Recording) -> int | None:
    """The moment at which this place in the run is reached, None if it has not been (yet)."""
    if at.event is not None:
        return next((event.tick for event in recording.events if event.kind == at.event), None)
    if at.end:
        return recording.frames[-1].tick if recording.complete else None
    frames = recording.frames
    index = bisect_left(frames, at.step or 0, key=lambda frame: frame.step)
    return frames[index].tick if index < len(frames) else None


def fill(text: str, recording: Recording, tick: int) -> str:
    """Fill {metric} with its value at `tick` and {event.evidence} with what the first such event carries.

    A hole that has no value yet shows as an ellipsis. Nothing is evaluated.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        kind, dot, key = name.partition(".")
        if dot:
            for event in recording.events:
                if event.kind == kind and event.tick <= tick:
                    return _show(event.step if key == "step" else event.evidence.get(key, "…"))
            return "…"
        number = recording.scalar(name, tick)
        return "…" if number is None else _show(number)

    return HOLE.sub(value, text)


def event_sentence(event: Event, manifest: Manifest) -> str:
    """What happened, in the era's words, with the evidence filled in."""
    spec = manifest.events.get(event.kind)
    if spec is None:
        known = {"turned": "{knob} is turned to {value}.", "non_finite": "A number is no longer finite."}
        text = known.get(event.kind, event.kind.replace("_", " "))
    else:
        text = spec.text

    def value(match: re.Match[str]) -> str:
        key = match.group(1)
        return _show(event.step if key == "step" and key not in event.evidence else event.evidence.get(key, "…"))

    return HOLE.sub(value, text)


def right_options(question: Question, outcomes: Mapping[str, RunOutcome], lane: str) -> tuple[int, ...]:
    """Indices of the answers whose expectation holds: computed from what came out, never typed in."""
    return tuple(index for index, option in enumerate(question.options) if holds(option.expect, outcomes, lane))


def holds(expect: Expect, outcomes: Mapping[str, RunOutcome], lane: str) -> bool:
    """Does it hold? Where it names no run it is about `lane`. No, if the run ended before it measured this."""
    chosen = {lane: outcomes[lane], **outcomes} if expect.run is None and lane in outcomes else dict(outcomes)
    try:
        return evaluate(expect, chosen).holds
    except BadInput:
        return False


def runs_needed(question: Question, lane: str) -> set[str]:
    """Ids of the runs whose outcome settles the question."""
    needed = set()
    for option in question.options:
        needed.add(option.expect.run or lane)
        if option.expect.than is not None:
            needed.add(option.expect.than.run or option.expect.run or lane)
    return needed


def chapters_of(chapters: list[Chapter], lane: str, lanes: list[str]) -> list[Chapter]:
    """The chapters that belong to this lane: its own, and those of nobody in particular."""
    return [chapter for chapter in chapters if chapter.run in (None, lane) or chapter.run not in lanes]


def _show(value: object) -> str:
    return plain(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
