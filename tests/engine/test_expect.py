"""Expectations compare, never evaluate; each kind is seen to hold and to fail."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.engine.expect import StudyRow, describe, evaluate
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.scenario.schema import Expect, Than


def run(id: str = "a", **finals: float) -> RunOutcome:
    outcome = RunOutcome(id, "toy_1900", 0, metrics={}, events=[])
    for name, value in finals.items():
        outcome.metrics[name] = Tally(1.0, value, min(0.0, value), max(1.0, value), {5: 0.75})
    return outcome


CYCLE = Event(8, 24, "limit_cycle", {"period": 4, "max_norm": 2.0})


@pytest.mark.parametrize(
    ("table", "holds"),
    [
        ({"metric": "train_error", "op": "<=", "value": 0.25}, True),
        ({"metric": "train_error", "op": "<", "value": 0.25}, False),
        ({"metric": "train_error", "op": "==", "value": 0.25}, True),
        ({"metric": "train_error", "op": "!=", "value": 0.25}, False),
        ({"metric": "train_error", "op": "==", "value": 0.26, "tol": 0.02}, True),
        ({"metric": "train_error", "op": "between", "value": [0.2, 0.3]}, True),
        ({"metric": "train_error", "op": "between", "value": [0.3, 0.4]}, False),
        ({"metric": "train_error", "op": "within", "value": 0.3, "tol": 0.06}, True),
        ({"metric": "train_error", "op": "within", "value": 0.3, "tol": 0.04}, False),
        ({"metric": "train_error", "of": "max", "op": "==", "value": 1}, True),
        ({"metric": "train_error", "of": "min", "op": "==", "value": 0}, True),
        ({"metric": "train_error", "of": "first", "op": "==", "value": 1}, True),
        ({"metric": "train_error", "of": "at", "at": 5, "op": "==", "value": 0.75}, True),
        ({"event": "limit_cycle", "op": "happens"}, True),
        ({"event": "limit_cycle", "op": "never"}, False),
        ({"event": "converged", "op": "never"}, True),
        ({"event": "converged", "op": "happens"}, False),
        ({"event": "limit_cycle", "evidence": "period", "op": "==", "value": 4}, True),
        ({"event": "limit_cycle", "evidence": "period", "op": "==", "value": 5}, False),
        ({"event": "limit_cycle", "evidence": "step", "op": "<=", "value": 8}, True),
        ({"event": "converged", "evidence": "mistakes", "op": ">=", "value": 0}, False),
    ],
)
def test_each_kind(table: dict[str, Any], holds: bool) -> None:
    outcome = run(train_error=0.25)
    outcome.events.append(CYCLE)
    assert evaluate(Expect(**table), {"a": outcome}).holds is holds


def test_than_compares_two_runs() -> None:
    runs = {"a": run("a", x=0.9), "b": run("b", x=0.5)}
    better = Expect(run="a", metric="x", op=">", than=Than(run="b", metric="x"))
    worse = Expect(run="b", metric="x", op=">", than=Than(run="a", metric="x"))
    assert evaluate(better, runs).holds
    assert not evaluate(worse, runs).holds


def test_than_with_a_factor() -> None:
    runs = {"a": run("a", x=0.9), "b": run("b", x=0.5)}
    half = Expect(run="b", metric="x", op="<", than=Than(run="a", metric="x", times=0.5))
    most = Expect(run="b", metric="x", op="<", than=Than(run="a", metric="x", times=0.6))
    assert not evaluate(half, runs).holds
    assert evaluate(most, runs).holds
    assert evaluate(most, runs).text == "b: x < 0.6 times a: x"


def test_than_with_evidence_of_the_same_event() -> None:
    outcome = run(x=1.0)
    outcome.events.append(Event(3, 9, "converged", {"mistakes": 5, "bound": 20}))
    expect = Expect(event="converged", evidence="mistakes", op="<=", than=Than(event="converged", evidence="bound"))
    assert evaluate(expect, {"a": outcome}).holds


def test_a_nan_satisfies_nothing() -> None:
    outcome = {"a": run(x=float("nan"))}
    for op in ("<", "<=", "==", ">=", ">"):
        assert not evaluate(Expect(metric="x", op=op, value=0.0), outcome).holds


def test_an_unknown_metric_is_bad_input_with_a_hint() -> None:
    with pytest.raises(BadInput, match=r'run "a" reported no metric "train_eror"\. Did you mean "train_error"\?'):
        evaluate(Expect(metric="train_eror", op="<", value=1), {"a": run(train_error=0.1)})


ROWS = [
    StudyRow({"dataset.points": 20}, [{"a": run(separable=1.0)}, {"a": run(separable=1.0)}]),
    StudyRow({"dataset.points": 40}, [{"a": run(separable=1.0)}, {"a": run(separable=0.0)}]),
]


def test_a_study_is_judged_row_by_row() -> None:
    share = Expect(metric="separable", stat="share", over="draws", op=">=", value=0.5)
    verdict = evaluate(share, ROWS[0].outcomes[0], ROWS)
    assert verdict.holds
    assert verdict.observed == [1.0, 0.5]
    strict = Expect(metric="separable", stat="share", over="draws", op=">=", value=0.6)
    assert not evaluate(strict, ROWS[0].outcomes[0], ROWS).holds


def test_where_picks_rows() -> None:
    half = Expect(metric="separable", stat="mean", over="draws", where={"points": 40}, op="==", value=0.5)
    assert evaluate(half, {}, ROWS).holds
    with pytest.raises(BadInput, match="no row of the study"):
        evaluate(Expect(metric="separable", over="draws", where={"points": 41}, op="==", value=0.5), {}, ROWS)


def test_a_description_reads_as_a_sentence() -> None:
    assert (
        describe(Expect(run="x", event="limit_cycle", evidence="period", op="==", value=4))
        == "x: limit_cycle: period == 4"
    )
    assert describe(Expect(event="converged", op="never")) == "converged never"
    assert describe(Expect(metric="m", stat="mean", over="seeds", op="within", value=0.85, tol=0.02)) == (
        "mean of m over seeds within 0.02 of 0.85"
    )


def test_a_share_of_runs_in_which_something_happens() -> None:
    rows = [StudyRow({}, [{"a": happened(k < 3)} for k in range(4)])]
    expect = Expect(event="converged", stat="share", over="seeds", op=">=", value=0.7)
    verdict = evaluate(expect, rows[0].outcomes[0], rows)
    assert (verdict.holds, verdict.observed) == (True, 0.75)
    stricter = msgspec.structs.replace(expect, value=0.8)
    assert not evaluate(stricter, rows[0].outcomes[0], rows).holds


def test_a_share_of_steps_is_refused() -> None:
    rows = [StudyRow({}, [{"a": happened(True)}])]
    expect = Expect(event="converged", evidence="step", stat="share", over="seeds", op=">=", value=0.7)
    with pytest.raises(BadInput, match="is no share"):
        evaluate(expect, rows[0].outcomes[0], rows)


def test_what_a_comparison_is_made_with_is_said() -> None:
    outcome = happened(True)
    outcome.metrics["loss"] = Tally(first=2.0, final=1.0, min=1.0, max=2.0)
    verdict = evaluate(Expect(metric="loss", op="<", than=Than(metric="loss", of="max")), {"a": outcome})
    assert verdict.text == "loss < loss (max)"
    assert (verdict.observed, verdict.reference) == (1.0, 2.0)


def happened(yes: bool) -> RunOutcome:
    events = [Event(5, 9, "converged")] if yes else []
    return RunOutcome("a", "toy", 0, events=events)
