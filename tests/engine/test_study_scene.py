"""A study as pictures: each says what it shows and how to read it, and how much room it needs to be read."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from nnhistory.core.scene import ImageGrid, Polyline, Scene, Size
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.points import Point, PointResult
from nnhistory.engine.study import Studied
from nnhistory.engine.study_scene import study_scene
from nnhistory.scenario.schema import Run, Scenario, Study

SHOWS = ("first weights", "a row for each input")
GRID = Study(over={"a": ["slow", "fast"], "b": [1, 2, 3]}, x="b", y="score", seeds=2, theory="wanted")
DRAWS = Study(random={"rate": "log:1e-3..1", "units": "int:2..9"}, draws=3, y="score", x="rate")
SWITCHES = Study(over={"a": [0, 1], "b": [0, 1], "c": [0, 1], "d": [0, 1]}, x="d", y="score")


def outcome(score: float) -> RunOutcome:
    return RunOutcome("n", "toy", 0, metrics={"score": Tally.of(score), "wanted": Tally.of(0.5)})


def drawn(study: Study, shows: tuple[str, str] = SHOWS) -> Scene:
    keys = [*study.over, *study.random]
    values = list(itertools.product(*study.over.values())) if study.over else [(0.1, 3), (0.01, 5), (0.7, 2)]
    each = study.seeds if isinstance(study.seeds, int) else 1
    rows = [
        StudyRow(dict(zip(keys, value, strict=True)), [{"n": outcome(0.1 * place)}] * each)
        for place, value in enumerate(values)
    ]
    pictured: list[tuple[StudyRow, Any]] = [(row, np.eye(6)) for row in rows]
    count = len(rows) * each
    return study_scene(
        Scenario("T", [Run("n", "perceptron_1957", "or")]), study, rows, pictured, count, count, shows=shows
    )


def wall(scene: Scene) -> ImageGrid:
    (mark,) = scene.panel("board").marks
    assert isinstance(mark, ImageGrid)
    return mark


@pytest.mark.parametrize("study", [GRID, DRAWS, SWITCHES], ids=["grid", "draws", "switches"])
def test_every_picture_says_how_to_read_it(study: Study) -> None:
    for panel in drawn(study).panels:
        assert len(panel.about) > 60, panel.id
        assert panel.about.endswith((".", "once."))
        assert panel.about not in panel.sentence


def test_how_to_read_it_is_said_of_what_there_is() -> None:
    grid, draws, switches = drawn(GRID), drawn(DRAWS), drawn(SWITCHES)
    assert "mean over the runs of one setting" in grid.panel("chart").about
    assert "Dashed: what theory says." in grid.panel("chart").about
    assert "Dashed" not in draws.panel("chart").about
    assert "Each dot is a draw" in draws.panel("chart").about
    assert "mean over 2 runs with other seeds; sd" in grid.panel("table").about
    assert "sd" not in draws.panel("table").about
    assert "the highest first" in draws.panel("table").about
    assert "a from 0 to 1; b from 0 to 1" in switches.panel("effects").about
    assert "The highest at d 1 stands first." in switches.panel("chart").about


def test_small_pictures_say_what_they_are() -> None:
    assert drawn(GRID).panel("board").title == "first weights: one run of each"
    assert drawn(DRAWS).panel("board").title == "first weights: one run of each, with its score"
    assert drawn(GRID).panel("board").about.startswith("First weights: a row for each input. ")
    assert "It shows first weights." in drawn(GRID).panel("board").sentence
    assert drawn(GRID, ("", "")).panel("board").title == "one run of each"


def test_a_whole_grid_has_a_line_of_pictures_for_each_setting_of_the_other_keys() -> None:
    grid = wall(drawn(GRID))
    assert (grid.columns, grid.labels) == (3, ("slow 1", "2", "3", "fast 1", "2", "3"))
    assert wall(drawn(DRAWS)).columns == 0


def test_a_table_asks_for_the_room_that_it_needs() -> None:
    # slow  1  0.25  0.1  0.5 and their headings: a b mean sd theory, a space between each two.
    assert drawn(Study(over={"a": ["x" * 40], "b": [1, 2]}, y="score")).panel("table").least == Size(49, 5)
    assert drawn(Study(over={"a": ["x" * 90], "b": [1, 2]}, y="score")).panel("table").least.columns == 52


def point(row: int, number: int = 0) -> Point:
    return Point(row, number, {"a": row}, number)


def test_while_some_rows_are_not_there_yet_each_picture_has_its_own_row() -> None:
    results = [PointResult(point(row), {"n": outcome(float(row))}, np.full((2, 2), row), SHOWS) for row in (4, 2)]
    results.append(PointResult(point(3, 1), {"n": outcome(3.0)}))  # its second run: the first has the picture
    studied = Studied([*(point(row) for row in range(5)), point(3, 1)], results)
    assert [(row.settings["a"], picture[0, 0]) for row, picture in studied.pictured] == [(2, 2), (4, 4)]
    assert studied.shows == SHOWS


def test_pictures_of_more_than_one_kind_have_no_name() -> None:
    results = [PointResult(point(row), {"n": outcome(0.0)}, np.eye(2), (str(row), "")) for row in (0, 1)]
    assert Studied([point(0), point(1)], results).shows == ("", "")


def test_what_the_chart_is_does_not_change_while_results_come_in() -> None:
    study = Study(over={"a": [0, 1, 2], "b": [0, 1], "c": [1, 2]}, x="c", y="score")
    scenario = Scenario("T", [Run("n", "perceptron_1957", "or")])
    rows = [
        StudyRow(dict(zip("abc", value, strict=True)), [{"n": outcome(0.5)}])
        for value in itertools.product(*study.over.values())
    ]
    titles = [study_scene(scenario, study, rows[:done], [], done, 12).panel("chart").title for done in (1, 3, 12)]
    assert titles == ["score; across: c"] * 3


def lines(scene: Scene) -> list[Polyline]:
    return [mark for mark in scene.panel("chart").marks if isinstance(mark, Polyline) and mark.dots]


def test_lines_of_one_chart_differ() -> None:
    several = lines(drawn(Study(over={"a": [1, 2, 3, 4, 5], "b": [1, 2, 3]}, x="b", y="score")))
    assert len({(line.role, line.style) for line in several}) == len(several) == 5
    assert {line.role for line in lines(drawn(DRAWS))} == {"positive"}


def test_a_study_of_nothing_but_seeds_shows_each_run() -> None:
    outcomes = [{"n": RunOutcome("n", "toy", seed, metrics={"score": Tally.of(seed / 100)})} for seed in (3, 5, 8)]
    scenario = Scenario("T", [Run("n", "perceptron_1957", "or")])
    scene = study_scene(scenario, Study(seeds=[3, 5, 8], y="score"), [StudyRow({}, outcomes)], [], 3, 3)
    chart = scene.panel("chart")
    told = "from 0.03 to 0.08, mean 0.0533, sd 0.0252"
    assert chart.sentence == f"score of 3 runs that differ in their seeds: {told}."
    assert [line.name for line in lines(scene)] == [f"a run: seed {seed}, 0.0{seed}" for seed in (3, 5, 8)]
    places = [float(line.xy[0, 1]) for line in lines(scene)]
    (mean,) = (mark for mark in chart.marks if isinstance(mark, Polyline) and mark.name == "mean")
    (spread,) = (mark for mark in chart.marks if isinstance(mark, Polyline) and "standard deviation" in mark.name)
    assert mean.labels[1] == "mean 0.0533"
    assert mean.xy[0, 1] == pytest.approx(sum(places) / 3)
    assert np.ptp(spread.xy[:, 1]) == pytest.approx(2 * np.std(places, ddof=1))
    assert scene.panel("table").sentence.startswith("1 setting, 3 of 3 runs; ")


def test_runs_of_one_seed_are_told_apart_and_not_averaged() -> None:
    def runs(seed: int) -> dict[str, RunOutcome]:
        far = {"n": 0.1, "m": 0.9}
        return {run: RunOutcome(run, "toy", seed, metrics={"score": Tally.of(far[run])}) for run in far}

    scenario = Scenario("T", [Run("n", "perceptron_1957", "or", title="near"), Run("m", "perceptron_1957", "or")])
    scene = study_scene(scenario, Study(seeds=2), [StudyRow({}, [runs(0), runs(1)])], [], 2, 2)
    assert {line.name.partition(":")[0] for line in lines(scene)} == {"near", "m"}
    assert "near from 0.1 to 0.1, mean 0.1, sd 0; m from 0.9 to 0.9" in scene.panel("chart").sentence
    assert scene.panel("table").marks[0].columns == ("near", "m")  # type: ignore[attr-defined]
