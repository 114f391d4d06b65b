"""Three to ten runs in one scene, and the one playhead that they share."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import pytest

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Axes, HeatMap, Polyline, Scene, Scores, Size
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells import draw_slot
from nnhistory.draw.grid import Grid
from nnhistory.draw.layout import Slot
from nnhistory.draw.palette import Look, palette
from nnhistory.draw.pixels import draw_panel
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import TextShape
from nnhistory.engine.compare import main_metric
from nnhistory.engine.level import at_end, level
from nnhistory.engine.stage import Stage
from tests.engine.stagehand import Clock, registry, toy

_RUN = '[[run]]\nid = "{id}"\nera = "toy_1900"\ndataset = "or"\nconfig = {{ steps = {steps}, rate = 0.1 }}\n'


def toys(*steps: int) -> str:
    return "".join(_RUN.format(id="bcdefghijklm"[number], steps=count) for number, count in enumerate(steps))


@pytest.fixture
def opened() -> Iterator[list[Stage]]:
    stages: list[Stage] = []
    yield stages
    for stage in stages:
        stage.close()


def begin(opened: list[Stage], first: int, *others: int) -> tuple[Stage, Clock]:
    stage = Stage.open(toy(f"steps = {first}", "", toys(*others)), registry=registry(), inline=True)
    opened.append(stage)
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    return stage, clock


def together(stage: Stage, count: int) -> None:
    while stage.abreast != count:
        stage.act("compare")


def board(scene: Scene) -> Scores:
    mark = scene.panel("runs").marks[0]
    assert isinstance(mark, Scores)
    return mark


def test_the_key_goes_round_from_one_run_to_ten(opened: list[Stage]) -> None:
    stage, _ = begin(opened, 5, *[5] * 11)
    counts = []
    for _ in range(7):
        counts.append(len(stage.visible))
        stage.act("compare")
    assert counts == [1, 2, 3, 4, 6, 10, 1]
    assert stage.message == "two runs side by side; c: more"
    few, _ = begin(opened, 5, 5, 5, 5, 5)
    assert [len(few.visible) for _ in range(5) if few.act("compare")] == [2, 3, 4, 5, 1]


def test_a_ghost_is_the_first_station_of_the_round(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 50, 50, 50)
    stage.act("last")
    clock.until(lambda: at_end(stage.lane))
    stage.seek(0.5)
    stage.fork("rate", 0.5)
    clock.until(lambda: stage.lane.catch_up is None)
    seen = [(stage.lane.show_ghost, len(stage.visible)) for _ in range(5) if stage.act("compare")]
    assert seen == [(False, 1), (False, 2), (False, 3), (True, 1), (False, 1)]


def test_the_selected_run_is_always_among_those_shown(opened: list[Stage]) -> None:
    stage, _ = begin(opened, 5, *[5] * 11)
    for count in (2, 3, 4, 6, 10):
        together(stage, count)
        for index in range(12):
            stage.select(index)
            assert index in stage.visible
            assert len(set(stage.visible)) == count


def test_runs_of_one_length_stand_at_the_same_step_and_phase(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 300, 300, 300)
    clock.play(1.0)
    stage.act("play_pause")
    together(stage, 3)
    clock.until(lambda: all(lane.started and level(stage.lane, lane)[1] for lane in stage.lanes))
    for action in ("step", "step", "back", "step_ten"):
        stage.act(action)
        clock.play(1.0)
        here = stage.lane.frame
        assert [(lane.frame.step, lane.frame.phase) for lane in stage.lanes] == [(here.step, here.phase)] * 3


def test_runs_of_other_lengths_stand_after_the_same_share(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 100, 200, 400)
    together(stage, 3)
    stage.act("last")
    clock.until(lambda: all(map(at_end, stage.lanes)))
    middle = next(frame for frame in stage.lane.recording.frames if frame.step == 40 and frame.phase == "update")
    stage.lane.playhead.seek(middle.tick, stage.lane.recording)
    clock.play(0.1)
    assert [lane.frame.step for lane in stage.lanes] == [40, 80, 160]
    assert [row.word for row in board(stage.scene(Size(100, 40))).rows] == ["✓ converged"] * 3


def test_what_is_over_first_stands_and_the_others_go_on_by_themselves(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 4, 90, 90)
    together(stage, 3)
    for lane in stage.lanes:
        lane.plan = msgspec.structs.replace(lane.plan, planned=0)  # how long they take is known to nobody
    clock.until(lambda: at_end(stage.lane))
    assert not at_end(stage.lanes[1])
    stage.act("play_pause")
    clock.play(0.5)
    held = stage.lanes[1].playhead.tick
    clock.play(1.0)
    assert stage.lanes[1].playhead.tick == held, "space holds them, too"


def test_every_run_has_its_row_its_line_and_its_letter(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 300, *[300] * 9)
    together(stage, 10)
    stage.act("last")
    clock.until(lambda: all(map(at_end, stage.lanes)))
    scene = stage.scene(Size(110, 40))
    rows = board(scene).rows
    assert [row.head for row in rows] == list("abcdefghij")
    assert [row.name for row in rows] == [lane.title for lane in stage.lanes]
    lines = [mark for mark in scene.panel("curves").marks if isinstance(mark, Polyline)]
    assert len({(line.role, line.style) for line in lines}) == 10, "no two look alike"
    assert all(line.name in line.labels for line in lines)
    pictures = [mark for mark in scene.panel("pictures").marks if isinstance(mark, HeatMap)]
    assert len(pictures) == 10
    assert len({(mark.lo, mark.hi) for mark in pictures}) == 1, "one scale"
    assert all(row.name in scene.panel("runs").sentence for row in rows)


def test_the_curves_end_where_the_playhead_is(opened: list[Stage]) -> None:
    stage, clock = begin(opened, 300, 300, 300)
    together(stage, 3)
    stage.act("last")
    clock.until(lambda: all(map(at_end, stage.lanes)))
    ends = []
    for share in (1.0, 0.5):
        stage.seek(share)
        clock.play(0.1)
        lines = [mark for mark in stage.scene(Size(110, 40)).panel("curves").marks if isinstance(mark, Polyline)]
        ends.append(max(float(np.asarray(line.xy)[-1, 0]) for line in lines))
    assert ends[1] < ends[0] == 1.0
    assert ends[1] <= 0.52


def test_runs_are_not_compared_by_a_bound() -> None:
    stage = Stage.open("rbm/bars-and-stripes", inline=True)
    try:
        clock = Clock(stage)
        clock.until(lambda: stage.lane.started)
        assert stage.lane.era.metrics["best_possible"].fixed
        assert "best_possible" in stage.lane.shown.metrics
        asked = [expect.metric for expect in stage.scenario.expect]
        assert "best_possible" in asked, "nothing is tested"
        for lanes in ([stage.lane], stage.lanes):
            assert not stage.lane.era.metrics[main_metric(stage.scenario, lanes)].fixed
    finally:
        stage.close()


@pytest.mark.parametrize(("lesson", "metric"), [
    ("adaline/knobby", "train_error"), ("adaline/bowl", "excess"), ("backprop/xor-direct", "train_error"),
])  # fmt: skip
def test_runs_are_compared_by_what_makes_the_events_that_the_lesson_expects(
    opened: list[Stage], lesson: str, metric: str
) -> None:
    stage = Stage.open(lesson, inline=True)
    opened.append(stage)
    together(stage, len(stage.lanes))
    clock = Clock(stage)
    stage.act("play_pause")
    clock.until(lambda: all(lane.started and metric in lane.shown.metrics for lane in stage.lanes))
    assert main_metric(stage.scenario, stage.lanes) == metric


def test_runs_that_make_no_step_have_no_curves() -> None:
    stage = Stage.open("deep/init-lab", inline=True)
    clock = Clock(stage)
    for index in range(3):
        stage.select(index)
        clock.until(lambda: stage.lane.started)
        stage.act("last")
        clock.until(lambda: stage.status.state == "done")
    stage.select(0)
    stage.abreast = 3
    shown = {panel.id for panel in stage.scene(Size(120, 40)).panels}
    assert {"runs", "pictures"} <= shown
    assert "curves" not in shown
    stage.close()


def test_the_plot_ends_where_the_longest_run_does(opened: list[Stage]) -> None:
    stage = Stage.open("perceptron/margin", inline=True)
    opened.append(stage)
    clock = Clock(stage)
    together(stage, 3)
    clock.until(lambda: all(lane.started for lane in stage.lanes[:3]))
    stage.act("last")
    clock.until(lambda: all(map(at_end, stage.lanes[:3])))
    shares = [lane.shown.frames[-1].step / lane.plan.planned for lane in stage.lanes[:3]]
    assert max(shares) < 0.2, "nothing is tested: none of them ends early"
    marks = stage.scene(Size(110, 40)).panel("curves").marks
    assert max(float(np.asarray(mark.xy)[-1, 0]) for mark in marks if isinstance(mark, Polyline)) == pytest.approx(1.0)
    (axes,) = (mark for mark in marks if isinstance(mark, Axes))
    assert axes.xticks[-1][1] == f"{plain(100 * max(shares), 2)} %"


def test_a_caption_is_cut_only_where_it_does_not_fit(opened: list[Stage]) -> None:
    titles = ["four layers, first weights drawn", "four layers, pretrained", "six"]
    runs = "".join(
        f'[[run]]\nid = "{id}"\ntitle = "{title}"\nera = "toy_1900"\ndataset = "or"\n'
        for id, title in zip("bcd", titles, strict=True)
    )
    stage = Stage.open(toy("steps = 5", "", runs), registry=registry(), inline=True)
    opened.append(stage)
    clock = Clock(stage)
    together(stage, 4)
    clock.until(lambda: all(lane.started for lane in stage.lanes))
    panel = stage.scene(Size(110, 40)).panel("pictures")
    for width, whole in ((1600.0, True), (400.0, False)):
        drawing = draw_panel(panel, Box(0, 0, width, 300), palette(), measure)
        said = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)]
        assert (f"b {titles[0]}" in said) is whole
        assert "d six" in said
    grid = Grid.blank(60, 8)
    draw_slot(grid, Slot(panel, 0, 0, 60, 8), Look(palette()))
    assert "b four layer…" in grid.text(1)
    assert "d six" in grid.text(1)
    assert not grid.cut, "a caption that is cut is not missed"
