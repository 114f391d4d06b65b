"""Every shipped lesson as shapes: nothing outside the window, no text over a frame, nothing lost. No pygame here."""

from __future__ import annotations

import time
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import ImageShape, TextShape
from nnhistory.engine.stage import Stage
from nnhistory.scenario.library import heads
from nnhistory.visual.picture import LEAST, Painted, View, paint
from tests.engine.stagehand import Clock
from tests.visual.helpers import outside, reach

LESSONS = [head.id for head in heads("en")]
SIZES = [(1280, 720), LEAST, (1920, 1080)]
FRAME = 5.0
"""From a panel's outer box to its frame, at scale 1."""


@cache
def performed(name: str) -> Stage:
    """The first run at its end, or as far as half a second of computing takes it; a study likewise."""
    stage = Stage.open(name, inline=True)
    now, end = 0.0, float("inf")
    while time.process_time() < end:
        if end == float("inf") and (stage.study is not None or stage.lane.started):
            end = time.process_time() + 0.5  # what a first lesson has to import is not counted
        if stage.study is not None:
            stage.update(now)
            if stage.study.done:
                break
            continue
        if not stage.lane.playhead.playing:
            if stage.lane.recording.complete:
                break
            stage.act("last")
        now += 0.05
        stage.update(now)
    stage.message = ""
    return stage


def look(stage: Stage, place: float, size: tuple[int, int], view: View) -> Painted:
    if stage.study is None:
        for index in stage.visible:
            lane = stage.lanes[index]
            if lane.started:
                last = lane.recording.frames[-1].tick
                lane.playhead.seek(round(place * last), lane.recording)
    return paint(stage, *size, view, measure)


def check(painted: Painted, size: tuple[int, int], where: object) -> None:
    """Nothing leaves the window, no shape its region, no text its panel's frame; no two regions overlap."""
    scale = max(0.85, min(size[0] / 1280, size[1] / 720))
    window = Box(0, 0, *size)
    frames = {box: panel for panel, box in painted.slots}
    assert painted.drawing.shapes
    for box, drawing in painted.parts:
        assert outside(box, window) <= 0.5, (where, box)
        inner = box.inset(*[FRAME * scale] * 4) if box in frames else box
        for shape in drawing.shapes:
            around = reach(shape, measure)
            assert outside(around, box) <= 1.0, (where, frames.get(box), shape)
            if isinstance(shape, TextShape):
                name = frames[box].id if box in frames else "row"
                assert outside(around, inner) <= 0.5, (where, name, shape)
    boxes = [part.box for part in painted.parts]
    for place, a in enumerate(boxes):
        for b in boxes[place + 1 :]:
            across = min(a.right, b.right) - max(a.x, b.x)
            down = min(a.bottom, b.bottom) - max(a.y, b.y)
            assert across <= 1.0 or down <= 1.0, (where, a, b)


@pytest.mark.parametrize(
    "size", [pytest.param(size, id=str(size), marks=[pytest.mark.slow] if size != LEAST else []) for size in SIZES]
)
@pytest.mark.parametrize("name", LESSONS)
def test_nothing_is_cut_off(name: str, size: tuple[int, int]) -> None:
    stage = performed(name)
    large = size == SIZES[-1]  # one and a half times the first size: the same arrangement
    for index in range(1 if large or stage.study is not None else min(4, len(stage.lanes))):
        stage.select(index)
        stage.message = ""
        for dark in (True,) if large or index else (True, False):
            view = View(palette(dark=dark))
            for place in (0.0, 0.013, 0.3, 1.0) if dark and not large else (0.3,):  # colours move nothing
                check(look(stage, place, size, view), size, (name, index, place))
                view.xray = place == 0.3
    stage.select(0)


def test_what_stands_below_a_small_histogram_is_whole() -> None:
    painted = look(performed("deep/init-lab"), 1.0, (800, 600), View(palette()))
    shown = [str(shape.text) for shape in painted.drawing.shapes if isinstance(shape, TextShape)]
    [last] = [text for text in shown if text.startswith("10: ")]
    assert "…" not in last


@pytest.mark.parametrize("name", LESSONS)
def test_two_runs_side_by_side(name: str) -> None:
    stage = performed(name)
    if len(stage.lanes) < 2 or stage.study is not None:
        pytest.skip("one run")
    stage.abreast = 2
    try:
        for size in SIZES:
            painted = look(stage, 0.5, size, View(palette()))
            check(painted, size, name)
            shown = {str(shape.text) for shape in painted.drawing.shapes if isinstance(shape, TextShape)}
            assert any(stage.lanes[0].title.startswith(text.rstrip("…")) for text in shown)
    finally:
        stage.abreast = 1


@pytest.mark.parametrize("name", ["perceptron/parity", "madaline/hang-up", "deep/init-lab", "workshop/optimisers"])
def test_many_runs_side_by_side(name: str) -> None:
    stage = performed(name)
    stage.abreast = 10
    try:
        for size in SIZES:
            painted = look(stage, 0.5, size, View(palette()))
            check(painted, size, name)
            shown = {str(shape.text) for shape in painted.drawing.shapes if isinstance(shape, TextShape)}
            for lane, letter in zip(stage.lanes, "abcdefghij", strict=False):
                assert letter in shown
                assert any(lane.title.startswith(text.rstrip("…")) for text in shown if len(text) > 4), lane.title
    finally:
        stage.abreast = 1


@pytest.mark.parametrize("name", LESSONS)
def test_this_step_is_shown_whole(name: str) -> None:
    # Whatever the step says, line for line, at the smallest window: no ellipsis, no line left out.
    stage = performed(name)
    if stage.study is not None:
        pytest.skip("a study has no step")
    for place in (0.004, 0.1, 0.37, 0.8):
        painted = look(stage, place, LEAST, View(palette()))
        lane = stage.lane
        for panel, box in painted.slots:
            if panel.id != "step" or not lane.started:
                continue
            drawing = next(part.drawing for part in painted.parts if part.box == box)
            texts = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)][1:]
            said = "".join("".join(texts).split())
            wanted = "".join("".join(line.text for mark in panel.marks for line in mark.lines).split())  # type: ignore[attr-defined]
            assert said == wanted, (name, place)


@pytest.mark.parametrize("name", LESSONS)
def test_a_question_is_seen_with_its_answers(name: str) -> None:
    # Where something is asked, the question and all answers stand on one page, and a key turns to it.
    stage = performed(name)
    for tick in _asked(stage):
        if stage.study is None:
            stage.lane.playhead.seek(tick, stage.lane.recording)
        view, pages = View(palette()), []
        for view.page in range(3):
            painted = paint(stage, *LEAST, view, measure)
            pages.append(" ".join(s.text for s in painted.drawing.shapes if isinstance(s, TextShape)))
            if view.page + 1 == painted.pages:
                break
        options = stage.story.options
        words = [word for option in options for word in option.split()]
        assert any(all(word in page for word in words) for page in pages), (name, tick, options)


def _asked(stage: Stage) -> list[int]:
    if stage.study is not None:
        return [0]
    found = []
    for frame in stage.lane.recording.frames:
        stage.lane.playhead.seek(frame.tick, stage.lane.recording)
        if stage.story.question is not None:
            found.append(frame.tick)
            break
    return found


def test_in_words_there_are_no_pictures() -> None:
    stage = performed("perceptron/mark-i-bars")
    painted = look(stage, 0.5, (1280, 720), View(palette(), plain=True))
    check(painted, (1280, 720), "plain")
    assert not any(isinstance(shape, ImageShape) for shape in painted.drawing.shapes)
    assert any("photocells are lit" in shape.text for shape in painted.drawing.shapes if isinstance(shape, TextShape))


@pytest.mark.parametrize("name", ["okabe-ito", "tol-bright", "monochrome"])
def test_every_palette(name: str) -> None:
    stage = performed("perceptron/xor")
    for dark in (True, False):
        colours = palette(name, dark)
        painted = look(stage, 1.0, LEAST, View(colours))
        check(painted, LEAST, name)
        assert any(getattr(shape, "colour", None) == colours.text("ink") for shape in painted.drawing.shapes)


def test_an_xray_that_is_too_long_is_drawn_smaller_and_not_left_out() -> None:
    stage = performed("dbn/digits")
    for size in ((1280, 720), (800, 600)):
        painted = look(stage, 1.0, size, View(palette(), xray=True))
        assert stage.xray() is not None
        assert "xray" in [panel.id for panel, _ in painted.slots], size


def test_beside_a_ghost_both_curves_stand_under_a_question() -> None:
    stage = Stage.open("backprop/xor", inline=True)
    try:
        clock = Clock(stage)
        clock.until(lambda: stage.lane.started)
        stage.act("last")
        clock.until(lambda: stage.status.state == "done")
        stage.seek(0.3)
        stage.fork("rate", 0.9)
        clock.until(lambda: stage.lane.catch_up is None)
        stage.act("play_pause")
        assert stage.story.question is not None
        assert stage.story.answer is None
        for shown, wanted in ((True, "curve"), (False, "step")):
            stage.lane.show_ghost = shown
            painted = paint(stage, 1280, 720, View(palette()), measure)
            beside = {panel.id for panel, _ in painted.slots} & {"curve", "step"}
            assert beside == {wanted}
    finally:
        stage.close()


def test_what_has_not_changed_is_the_same_drawing() -> None:
    stage, view = performed("perceptron/mark-i-bars"), View(palette())
    first = look(stage, 0.5, (1280, 720), view)
    again = look(stage, 0.5, (1280, 720), view)
    old = {part.box: part.drawing for part in first.parts}
    kept = [part for part in again.parts if old[part.box] is part.drawing]
    assert len(kept) == len(again.slots)
    other = look(stage, 0.8, (1280, 720), view)
    retina = next(box for panel, box in other.slots if panel.id == "retina")
    was = next((box for panel, box in again.slots if panel.id == "retina"), None)
    drawing = {part.box: part.drawing for part in other.parts}[retina]
    assert was != retina or drawing is not old[retina]


def test_a_failure_is_a_panel_and_the_last_picture_stays() -> None:
    stage = Stage.open("perceptron/or", inline=True)
    now = 0.0
    while len(stage.lane.recording.frames) < 4:
        now += 0.2
        stage.update(now)
        stage.act("step")
    stage.lane.failure = "RuntimeError: the child has ended (exit status 9). Press r to start it again"
    for size in SIZES:
        painted = paint(stage, *size, View(palette()), measure)
        check(painted, size, "failure")
        ids = [panel.id for panel, _ in painted.slots]
        assert "failure" in ids
        assert "plane" in ids
    stage.close()


def test_keys_can_be_clicked_and_lie_apart() -> None:
    painted = look(performed("perceptron/xor"), 0.5, LEAST, View(palette()))
    rows: list[Any] = [target for target in painted.targets if target.action != "seek"]
    assert {"play_pause", "help", "quit", "home"} <= {target.action for target in rows}
    for a, b in pairwise(rows):
        assert a.box.right <= b.box.x
