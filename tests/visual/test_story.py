"""The story's column: whatever it says is read to its last word, on as many pages as that takes."""

from __future__ import annotations

import pytest

from nnhistory.draw.palette import palette
from nnhistory.draw.shapes import TextShape
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Story
from nnhistory.visual.painter import measure
from nnhistory.visual.picture import LEAST, View, paint
from tests.visual.conftest import Open

WORDS = (
    "Pretraining put the weights somewhere good; it did not cure the gradient, which is a thousandth of what the last "
    "layer gets. Better first weights (2010) and other units got round it. "
) * 3


@pytest.mark.parametrize("size", [LEAST, (900, 650), (1280, 720)], ids=str)
def test_no_text_ends_in_an_ellipsis(opened: Open, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    # Letters of the window's fonts do not shrink evenly, so it is drawn and not only counted.
    stage = opened("perceptron/xor", size).stage
    for length in range(20, len(WORDS), 9):
        text = WORDS[:length].rsplit(" ", 1)[0]
        told = Story("Chapter", text, 1, 2, break_text=text[: length // 2], history_text=text)
        monkeypatch.setattr(Stage, "story", property(lambda _, told=told: told))
        view, read = View(palette()), ""
        while True:
            painted = paint(stage, *size, view, measure)
            box = next(box for panel, box in painted.slots if panel.id == "story")
            drawing = next(part.drawing for part in painted.parts if part.box == box)
            lines = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)][1:]
            assert not any("…" in line for line in lines), (length, lines)
            read += "".join(lines)
            view.page += 1
            if view.page == painted.pages:
                break
        assert text.replace(" ", "")[-40:] in read.replace(" ", "")
