"""Expectations: what must hold, and what was observed. A table is compared; nothing is ever evaluated."""

from __future__ import annotations

import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.numbers import plain
from nnhistory.engine.outcome import RunOutcome, Tally, finite
from nnhistory.scenario.schema import Expect, Than

__all__ = ["StudyRow", "Verdict", "describe", "evaluate"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}


class Verdict(msgspec.Struct, frozen=True):
    """`observed` is the number (or yes/no) the expectation was compared with; for a study, a list of them."""

    text: str
    holds: bool
    observed: Any
    expect: Expect
    reference: Any = None
    """What it was compared with, where that came out of a run (`than`); for a study, a list of them."""

    def to_json(self) -> dict[str, Any]:
        return {"expect": self.text, "holds": self.holds, "observed": _jsonable(self.observed)}


class StudyRow(msgspec.Struct, frozen=True):
    """One combination of a study's settings, and the outcomes of its runs: a list of {run id: outcome}."""

    settings: dict[str, Any]
    outcomes: list[dict[str, RunOutcome]]


def evaluate(expect: Expect, outcomes: Mapping[str, RunOutcome], rows: Sequence[StudyRow] | None = None) -> Verdict:
    """Compare one expectation with what came out.

    outcomes : by run id, of the representative runs. rows : a study's, needed where `over` is set.
    Raises BadInput for a metric or an evidence key that no run reported.
    """
    text = describe(expect)
    if expect.over is None:
        observed, reference = _observe(expect, outcomes), _reference(expect, outcomes)
        than = reference if expect.than is not None else None
        return Verdict(text, _holds(expect, observed, reference), observed, expect, than)
    if rows is None:
        raise BadInput(f'"{text}" needs a study', why=f"over = {expect.over}", remedy="Add a [study] table")
    if expect.over == "effects":
        return _of_effects(expect, text, rows)
    chosen = _rows_with(expect.where, rows)
    elsewhere = _elsewhere(expect, rows)
    groups: list[list[dict[str, RunOutcome]]]
    if expect.over == "rows":
        groups = [row.outcomes for row in chosen]
    elif expect.over == "all":
        groups = [[outcome for row in chosen for outcome in row.outcomes]]
    else:
        groups = (
            [[outcome for row in chosen for outcome in row.outcomes]]
            if expect.where == {} and not any(row.settings for row in chosen)
            else [row.outcomes for row in chosen]
        )
    observed_all, references_all, holds = [], [], True
    for group in groups:
        values = [_observe(expect, outcome) for outcome in group]
        if expect.stat == "share" and any(value not in (0, 1) for value in values):
            raise BadInput(
                f'"{text}" is no share', why="a share counts runs of which something is true, 0 or 1",
                remedy='Leave evidence away (share of the runs in which the event happens), or write stat = "mean"',
            )  # fmt: skip
        observed = _combine(expect.stat, values)
        references = [_reference(expect, outcome) if elsewhere is None else elsewhere for outcome in group]
        numbers = [value for value in references if isinstance(value, int | float)]
        reference = statistics.fmean(numbers) if expect.than is not None and numbers else references[0]
        if expect.stat == "value":
            holds &= all(_holds(expect, value, ref) for value, ref in zip(values, references, strict=True))
        else:
            holds &= _holds(expect, observed, reference)
        observed_all.append(observed)
        references_all.append(reference)
    than = references_all if expect.than is not None else None
    return Verdict(text, holds, _one(observed_all), expect, _one(than) if than is not None else None)


def _rows_with(where: Mapping[str, Any], rows: Sequence[StudyRow]) -> list[StudyRow]:
    """The rows with these settings. BadInput if there are none."""
    chosen = [row for row in rows if all(_matches(row.settings, key, value) for key, value in where.items())]
    if not chosen:
        told = ", ".join(f"{key} = {value}" for key, value in where.items())
        raise BadInput(f"no row of the study has {told}", remedy="Look at [study] over for the values there are")
    return chosen


def _elsewhere(expect: Expect, rows: Sequence[StudyRow]) -> Any:
    """What the rows named in `than.where` give; None if it names none."""
    if expect.than is None or not expect.than.where:
        return None
    chosen = _rows_with(expect.than.where, rows)
    values = [_observe(expect.than, outcome, run=expect.run) for row in chosen for outcome in row.outcomes]
    found = _combine("mean" if expect.stat == "value" else expect.stat, values)
    return found * expect.than.times if isinstance(found, int | float) else found


def _of_effects(expect: Expect, text: str, rows: Sequence[StudyRow]) -> Verdict:
    from nnhistory.engine.effects import effect_of

    values = effect_of(rows, expect.effect, expect.metric or "", expect.run)
    observed = _combine(expect.stat, values)
    each = values if expect.stat == "value" else [observed]
    return Verdict(text, all(_holds(expect, value, expect.value) for value in each), observed, expect)


def _one(values: list[Any]) -> Any:
    return values if len(values) > 1 else values[0]


def _subject(expect: Expect | Than) -> str:
    if expect.metric is not None:
        of = "" if expect.of == "final" else f" ({expect.of}{f' step {expect.at}' if expect.of == 'at' else ''})"
        return f"{expect.metric}{of}"
    if expect.evidence is None or (isinstance(expect, Expect) and expect.op in ("happens", "never")):
        return f"{expect.event}"
    return f"{expect.event}: {expect.evidence}"


def describe(expect: Expect) -> str:
    """The expectation as one readable line."""
    subject = _subject(expect)
    if expect.run is not None:
        subject = f"{expect.run}: {subject}"
    if expect.stat != "value":
        subject = f"{expect.stat} of {subject}"
    if expect.over is not None:
        where = ", ".join(f"{key} = {value}" for key, value in expect.where.items())
        if expect.over == "effects":
            subject += f": effect of {' x '.join(expect.effect)}"
        else:
            subject += f" over {expect.over}" + (f" where {where}" if where else "")
    if expect.op in ("happens", "never"):
        return f"{subject} {expect.op}"
    if expect.op == "between" and isinstance(expect.value, list):
        return f"{subject} between {_show(expect.value[0])} and {_show(expect.value[1])}"
    if expect.than is not None:
        other = f"{expect.than.run + ': ' if expect.than.run else ''}{_subject(expect.than)}"
        if expect.than.times != 1.0:
            other = f"{_show(expect.than.times)} times {other}"
        if expect.than.where:
            other += " where " + ", ".join(f"{key} = {value}" for key, value in expect.than.where.items())
    else:
        other = _show(expect.value)
    if expect.op == "within":
        return f"{subject} within {_show(expect.tol)} of {other}"
    slack = f" (+- {_show(expect.tol)})" if expect.tol else ""
    return f"{subject} {expect.op} {other}{slack}"


def _observe(expect: Expect | Than, outcomes: Mapping[str, RunOutcome], run: str | None = None) -> Any:
    outcome = _outcome(expect.run if expect.run is not None else run, outcomes)
    if expect.metric is not None:
        return _metric(outcome, expect.metric, expect.of, expect.at)
    event = outcome.first_event(expect.event or "")
    if isinstance(expect, Expect) and (
        expect.op in ("happens", "never") or (expect.stat == "share" and expect.evidence is None)
    ):
        return event is not None
    if event is None:
        return None
    if expect.evidence is None or expect.evidence == "step":
        return event.step
    if expect.evidence not in event.evidence:
        raise BadInput(
            f'the event "{expect.event}" carries no evidence "{expect.evidence}"',
            remedy=did_you_mean(expect.evidence, event.evidence, noun="evidence"),
        )
    return event.evidence[expect.evidence]


def _outcome(run: str | None, outcomes: Mapping[str, RunOutcome]) -> RunOutcome:
    if run is None:
        return next(iter(outcomes.values()))
    return outcomes[run]


def _metric(outcome: RunOutcome, name: str, of: str, at: int | None) -> float:
    tally: Tally | None = outcome.metrics.get(name)
    if tally is None:
        raise BadInput(
            f'run "{outcome.id}" reported no metric "{name}"',
            remedy=did_you_mean(name, outcome.metrics, noun="metric"),
        )
    if of == "at":
        if at is None or at not in tally.at:
            raise BadInput(f'run "{outcome.id}" reported no "{name}" at step {at}', why="nothing was measured there")
        return tally.at[at]
    return float(getattr(tally, of))


def _reference(expect: Expect, outcomes: Mapping[str, RunOutcome]) -> Any:
    if expect.than is not None:
        other = _observe(expect.than, outcomes, run=expect.run)
        return other if expect.than.times == 1.0 or other is None else other * expect.than.times
    return expect.value


def _holds(expect: Expect, observed: Any, reference: Any) -> bool:
    match expect.op:
        case "happens":
            return bool(observed)
        case "never":
            return not observed
    if observed is None or reference is None:
        return False
    if expect.op == "between":
        low, high = reference
        return bool(low <= observed <= high)
    if isinstance(reference, bool) and isinstance(observed, int | float):
        reference = float(reference)
    if expect.op == "within":
        return bool(abs(observed - reference) <= expect.tol)
    if expect.tol and isinstance(observed, int | float):
        if expect.op == "==":
            return bool(abs(observed - reference) <= expect.tol)
        if expect.op == "!=":
            return bool(abs(observed - reference) > expect.tol)
        sign = 1.0 if expect.op in ("<", "<=") else -1.0
        return _COMPARE[expect.op](observed, reference + sign * expect.tol)
    try:
        return _COMPARE[expect.op](observed, reference)
    except TypeError:
        return False


def _combine(stat: str, values: list[Any]) -> Any:
    numbers = [float(value) if isinstance(value, bool | int | float) else math.nan for value in values]
    match stat:
        case "value":
            return values[0] if len(values) == 1 else values
        case "mean" | "share":
            return statistics.fmean(numbers)
        case "sd":
            return statistics.stdev(numbers) if len(numbers) > 1 else 0.0
        case "median":
            return statistics.median(numbers)
        case "min":
            return min(numbers)
        case _:
            return max(numbers)


def _matches(settings: Mapping[str, Any], key: str, value: Any) -> bool:
    return any(name == key or name.rsplit(".", 1)[-1] == key for name in settings) and any(
        settings[name] == value for name in settings if name == key or name.rsplit(".", 1)[-1] == key
    )


def _show(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return plain(value)


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return finite(value)
