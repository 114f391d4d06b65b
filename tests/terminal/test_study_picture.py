"""Studies in a small terminal: what is shown can be read. Their numbers are made up, nothing is computed."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.scene import Table
from nnhistory.draw.palette import Look, palette
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.points import PointResult, make_points
from nnhistory.engine.stage import Stage
from nnhistory.engine.study import Studied
from nnhistory.scenario.load import load
from nnhistory.terminal.theatre_picture import Painted, View, paint_theatre

STUDIES = ["deep/four-switches", "deep/data", "workshop/momentum", "workshop/transfer-sizes", "backprop/depth-board"]


def finished(name: str) -> Stage:
    """The study with made-up results for every point."""
    scenario = load(name).scenario
    study = scenario.study
    assert study is not None
    points = make_points(study, 0)
    metrics = {metric.rpartition(".")[2]: Tally.of(0.1234) for metric in study.about}
    results = [
        PointResult(
            point, {run.id: RunOutcome(run.id, run.era, 0, metrics=metrics) for run in scenario.run},
            np.full((4, 8), point.row / len(points)) if point.number == 0 else None, ("first weights", ""),
        )
        for point in points
    ]  # fmt: skip
    return Stage.open(name, studied=Studied(points, results))


def painted(stage: Stage, first: str = "", page: int = 0) -> Painted:
    view = View(Look(palette(), "truecolor"), first=first, page=page)
    return paint_theatre(stage, 80, 24, view)


def text_of(shown: Painted, panel: str) -> str:
    slot = next(slot for slot in shown.slots if slot.panel.id == panel)
    rows = range(slot.y, slot.y + slot.height)
    return "\n".join(shown.grid.text(row)[slot.x : slot.x + slot.width] for row in rows)


@pytest.mark.parametrize("name", STUDIES)
def test_headings_of_a_table_are_whole_wherever_it_is_shown(name: str) -> None:
    stage = finished(name)
    at_first = painted(stage)
    for shown in (at_first, painted(stage, "table")):
        tables = [slot.panel for slot in shown.slots if any(isinstance(mark, Table) for mark in slot.panel.marks)]
        for panel in tables:
            headings = text_of(shown, panel.id).splitlines()[1]
            (table,) = panel.marks
            assert isinstance(table, Table)
            assert "…" not in headings, headings
            assert all(heading in headings for heading in table.columns)
    assert "table" in {slot.panel.id for slot in painted(stage, "table").slots}


@pytest.mark.parametrize("name", STUDIES)
def test_question_and_all_answers_stand_on_one_page(name: str) -> None:
    stage = finished(name)
    question = stage.story.question
    assert question is not None
    first = " ".join(text_of(painted(stage), "story").replace("│", " ").split())
    assert " ".join(question.split()) in first
    for option in stage.story.options:
        assert option in first


def test_the_four_switches_take_two_pages() -> None:
    stage = finished("deep/four-switches")
    assert painted(stage).pages == 2
    assert "Data pay only in a net that trains." in " ".join(
        text_of(painted(stage), "story").replace("│", " ").split()
    ), "what is explained stands with the answer"


@pytest.mark.parametrize("name", ["workshop/momentum", "deep/four-switches"])
def test_small_pictures_have_a_title_that_fits(name: str) -> None:
    stage = finished(name)
    title = text_of(painted(stage), "board").splitlines()[0]
    assert "first weights" in title
    assert "…" not in title
