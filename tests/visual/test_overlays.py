"""What opens over the picture is readable to its end at the smallest window."""

from __future__ import annotations

from pathlib import Path

from nnhistory.core.scene import TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pixels import draw_panel, scale_for
from nnhistory.draw.shapes import TextShape
from nnhistory.engine.progress import Progress
from nnhistory.visual.overlays import Help, Home, Overlay, Search
from nnhistory.visual.painter import measure
from nnhistory.visual.picture import LEAST
from tests.visual.conftest import Open


def read(overlay: Overlay) -> tuple[str, list[str]]:
    """All that is drawn, and the lines that the panel's text blocks have, both without blanks."""
    panel, (width, height) = overlay.panel(), LEAST
    box = Box(0, 0, width * overlay.size[0], height * overlay.size[1])
    drawing = draw_panel(panel, box, palette(), measure, scale=scale_for(width, height))
    drawn = "".join(shape.text for shape in drawing.shapes if isinstance(shape, TextShape))
    blocks = [mark for mark in panel.marks if isinstance(mark, TextBlock)]
    return drawn.replace(" ", ""), [line.text.replace(" ", "") for block in blocks for line in block.lines]


def test_the_chosen_lesson_is_told_in_full(opened: Open, tmp_path: Path) -> None:
    opened("perceptron/or", LEAST)
    home = Home(Progress(tmp_path / "p.json"), "en")
    seen = 0
    for _ in home._stops:
        for _ in home._lessons(home._stop):
            drawn, lines = read(home)
            assert all(line in drawn for line in lines), lines
            seen += 1
            home.key("down", "")
        home.key("right", "")
    assert seen > 50
    search = Search("en")
    for _ in range(len(search._found())):
        drawn, lines = read(search)
        assert all(line in drawn for line in lines), lines
        search.key("down", "")


def test_keys_of_the_help_stand_in_two_columns_of_one_size(opened: Open) -> None:
    hand = opened("perceptron/or", LEAST)
    drawn, lines = read(Help(hand.stage, hand.painted.focus))
    assert all(line in drawn for line in lines)
    left, right = (block for block in Help(hand.stage, None).panel().marks if isinstance(block, TextBlock))
    assert abs(len(left.lines) - len(right.lines)) <= 6


def test_the_doctor_does_not_send_one_to_the_lesson_one_is_in(opened: Open) -> None:
    for name, sent in (("perceptron/xor", False), ("perceptron/parity", True)):
        hand = opened(name)
        hand.end()
        hand.keys("y", "w")
        assert hand.window.overlay is not None
        told = " ".join(line.text for line in hand.window.overlay.panel().marks[0].lines)
        assert "(Novikoff 1962)" in told
        assert ("The lesson perceptron/xor shows it" in told) is sent
