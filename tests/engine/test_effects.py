"""Effects of switches: against a table worked by hand, and what is no design."""

from __future__ import annotations

import itertools

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Table
from nnhistory.engine.effects import effect_of, effects_panel
from nnhistory.engine.expect import StudyRow, evaluate
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.study_scene import study_scene
from nnhistory.scenario.schema import Expect, Run, Scenario, Study, Than


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


def test_more_lines_than_a_chart_can_tell_apart_are_rows() -> None:
    def run(accuracy: float) -> RunOutcome:
        return RunOutcome("n", "toy", 0, metrics={"test_accuracy": Tally.of(accuracy)})

    grid = itertools.product(("a", "b"), (0, 1), (1, 2), (10, 20))
    rows = [
        StudyRow({"w": w, "unit": unit, "train": train, "steps": steps}, [{"n": run(unit * train * steps / 100)}])
        for w, unit, train, steps in grid
    ]
    study = Study(over={"w": ["a"]}, x="steps", y="test_accuracy")
    scene = study_scene(Scenario("T", [Run("n", "perceptron_1957", "or")]), study, rows, [], 16, 16)
    effects, chart, table = scene.panels
    assert effects.title == "effects: each switch, then pairs", "one seed has no spread"
    assert chart.title == "test accuracy; across: steps"
    (across,) = [mark for mark in chart.marks if isinstance(mark, Table)]
    assert across.columns == ("w", "unit", "train", "10", "20")
    assert across.rows[0] == ("a", "1", "2", ".20", ".40")
    assert across.rows[-1] == ("b", "0", "2", "0", "0")
    assert chart.sentence.startswith(
        "mean test accuracy at steps 20: the highest is 0.4 (a, unit 1, train 2), the lowest"
    )
    (listed,) = [mark for mark in table.marks if isinstance(mark, Table)]
    assert listed.columns[0] == "test accuracy", "beside four settings what came out would find no room"
