"""Labels that look for a place of their own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from nnhistory.core.scene import Axes, Line, Panel, Polyline, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pixel_canvas import Canvas, meet
from nnhistory.draw.pixels import draw_panel
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Drawing, TextShape
from tests.visual.helpers import reach

RECT = (0.12, 0.16, 0.97, 0.95)


def test_a_label_does_not_lie_on_a_text() -> None:
    # Points right under a heading: their numerals have to go elsewhere.
    xy = np.array([[0.1, 0.86], [np.nan, np.nan], [0.25, 0.86], [np.nan, np.nan]])
    marks = (
        TextBlock(rect=(0.0, 0.9, 1.0, 1.0), lines=(Line("the code of the net"),)),
        Polyline(xy=xy, labels=("4", "", "7", "")),
    )
    drawing = draw_panel(Panel("p", "", "s", marks), Box(0, 0, 300, 220), palette(), measure)
    texts = {shape.text: reach(shape, measure) for shape in drawing.shapes if isinstance(shape, TextShape)}
    assert {"4", "7"} <= texts.keys()
    heading = texts["the code of the net"]
    assert not meet(texts["4"], heading)
    assert not meet(texts["7"], heading)


@pytest.mark.parametrize("size", [(492, 140), (492, 170), (380, 200)])
def test_names_at_the_ends_of_lines_that_end_together_do_not_overlap(size: tuple[int, int]) -> None:
    names = ["l2 0, dropout 0", "l2 0.03, dropout 0", "l2 0.03, dropout 0.5", "l2 0, dropout 0.5"]
    ends = (0.826, 0.798, 0.71, 0.679)
    lines = (
        Polyline(rect=RECT, xy=np.array([[0.02, 0.3], [0.98, end]]), dots=True, labels=("", name))
        for name, end in zip(names, ends, strict=True)
    )
    drawing = draw_panel(
        Panel("p", "", "s", (Axes(rect=RECT), *lines)), Box(0, 0, *size), palette(), measure, scale=0.9
    )
    boxes = {shape.text: reach(shape, measure) for shape in drawing.shapes if isinstance(shape, TextShape)}
    assert not [pair for pair in itertools.combinations(names, 2) if meet(boxes[pair[0]], boxes[pair[1]])]
    assert sorted(names, key=lambda name: boxes[name].y) == names, "in the order of the lines"


def test_of_hundreds_of_names_each_is_tried_in_a_few_places_only() -> None:
    # A scatter of 600 named points once took seconds to draw: every name was tried beside every other.
    canvas = Canvas(Drawing(), palette(), measure, Box(0, 0, 300, 200), 1.0)
    put = np.arange(600.0)
    ways = canvas._right_under(100.0, 12.0, put)
    assert len(ways) <= 12
    assert max(abs(lines) for _, lines in ways) < 2.0, "and these are the nearest"
