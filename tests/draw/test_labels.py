"""Labels that look for a place of their own."""

from __future__ import annotations

import numpy as np

from nnhistory.core.scene import Line, Panel, Polyline, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pixel_canvas import meet
from nnhistory.draw.pixels import draw_panel
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import TextShape
from tests.visual.helpers import reach


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
