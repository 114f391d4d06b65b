"""Effects of switches: against a table worked by hand, and what is no design."""

from __future__ import annotations

import itertools

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.engine.effects import effect_of, effects_panel
from nnhistory.engine.expect import StudyRow, evaluate
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.scenario.schema import Expect, Than


def table(change: float = 0.0) -> list[StudyRow]:
    # y = 10 + 3 a + 1 b - 2 ab in signs: effects are twice these, 6, 2 and -4.
    rows = []
    for a, b in itertools.product((0, 1), (0, 1)):
        signs = (2 * a - 1, 2 * b - 1)
        outcomes = []
        for seed in (0.0, change):
            y = 10 + 3 * signs[0] + (1 + seed) * signs[1] - 2 * signs[0] * signs[1]
            outcomes.append(
                {"net": RunOutcome("net", "toy", 0, "cpu", config={}, metrics={"y": Tally.of(y)}, events=[])}
            )
        rows.append(StudyRow({"net.a": a, "dataset.b": b}, outcomes))
    return rows


def test_by_hand() -> None:
    rows = table(0.5)
    assert effect_of(rows, ["a"], "y") == pytest.approx([6, 6])
    assert effect_of(rows, ["dataset.b"], "y") == pytest.approx([2, 3])
    assert effect_of(rows, ["a", "b"], "y") == pytest.approx([-4, -4])


def test_an_expectation_of_an_effect() -> None:
    rows, outcomes = table(0.5), table()[0].outcomes[0]
    mean = Expect(metric="y", over="effects", effect=["b"], stat="mean", op="==", value=2.5)
    assert evaluate(mean, outcomes, rows).holds
    assert evaluate(mean, outcomes, rows).text == "mean of y: effect of b == 2.5"
    spread = Expect(metric="y", over="effects", effect=["b"], stat="sd", op="<", value=0.7)
    assert not evaluate(spread, outcomes, rows).holds


def test_rows_can_be_compared_with_other_rows() -> None:
    rows, outcomes = table(), table()[0].outcomes[0]
    less = Expect(metric="y", over="rows", where={"a": 0, "b": 0}, stat="mean", op="<",
                  than=Than(metric="y", where={"a": 1, "b": 0}))  # fmt: skip
    assert evaluate(less, outcomes, rows).holds
    assert evaluate(less, outcomes, rows).text == "mean of y over rows where a = 0, b = 0 < y where a = 1, b = 0"
    nowhere = Expect(metric="y", over="rows", where={"a": 0}, op="<", than=Than(metric="y", where={"a": 7}))
    with pytest.raises(BadInput, match="no row of the study has"):
        evaluate(nowhere, outcomes, rows)


def test_what_is_no_design() -> None:
    with pytest.raises(BadInput, match="effects need switches"):
        effect_of(table()[:3], ["a"], "y")
    with pytest.raises(BadInput, match='the study has no switch "c"'):
        effect_of(table(), ["c"], "y")
    assert effects_panel(table()[:3], "y") is None


def test_the_picture_names_the_largest() -> None:
    panel = effects_panel(table(0.5), "y")
    assert panel is not None
    assert panel.sentence.startswith(
        "On average a makes a difference of 6 in y; of the pairs, a x b is the largest: −4"
    )
