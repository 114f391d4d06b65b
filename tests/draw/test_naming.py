"""Colours named in texts: right under every palette, and where there is no colour."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from nnhistory.core.scene import Axes, HeatMap, Line, Panel, TextBlock
from nnhistory.draw.cells import draw_panel
from nnhistory.draw.grid import Grid
from nnhistory.draw.naming import in_colours, renamed, words_for
from nnhistory.draw.palette import Look, palette

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [*ROOT.glob("nnhistory/eras/*/text/*.toml"), *ROOT.glob("scenarios/*/*.toml")]
TEXT = "Blue pixels push, orange ones hold back; bluest stays."


@pytest.mark.parametrize(
    ("name", "dark", "said"),
    [
        ("okabe-ito", True, TEXT),
        ("tol-bright", False, "Blue pixels push, yellow ones hold back; bluest stays."),
        ("monochrome", True, "Bright pixels push, dark ones hold back; bluest stays."),
        ("monochrome", False, "Dark pixels push, pale ones hold back; bluest stays."),
    ],
)
def test_a_text_names_the_colours_of_its_palette(name: str, dark: bool, said: str) -> None:
    assert renamed(TEXT, words_for(palette(name, dark))) == said


def test_every_text_of_a_panel_is_renamed_and_nothing_else() -> None:
    values = np.array([[1.0, -1.0]])
    marks = (
        HeatMap(values=values, name="units", hint="blue: on"), Axes(xlabel="blue: on; orange: dead"),
        TextBlock(lines=(Line("orange", "error", bold=True),)),
    )  # fmt: skip
    panel = Panel("alive", "blue units", "Orange is dead.", marks)
    found = in_colours(panel, words_for(palette(), characters=True))
    heat, axes, block = found.marks
    assert (found.title, found.sentence, heat.hint) == ("shaded units", "Hatched is dead.", "shaded: on")
    assert isinstance(heat, HeatMap)
    assert heat.values is values
    assert isinstance(axes, Axes)
    assert axes.xlabel == "shaded: on; hatched: dead"
    assert isinstance(block, TextBlock)
    assert block.lines == (Line("hatched", "error", bold=True),)
    assert in_colours(panel, {}) is panel


@pytest.mark.parametrize(("mode", "word"), [("mono", "shaded"), ("ansi16", "blue"), ("truecolor", "blue")])
def test_a_terminal_without_colours_says_what_it_draws(mode: str, word: str) -> None:
    grid = Grid.blank(30, 5)
    panel = Panel("p", "p", "s", (TextBlock(lines=(Line("blue is on"),)),))
    draw_panel(grid, panel, Look(palette(), mode=mode))  # type: ignore[arg-type]
    assert f"{word} is on" in "\n".join(grid.text(row) for row in range(grid.rows))


@pytest.mark.parametrize("file", TEXTS, ids=lambda file: "/".join(file.parts[-3:]))
def test_no_text_names_a_colour_that_has_no_other_word(file: Path) -> None:
    # Blue, orange and yellow are renamed under other palettes; what is red or green needs a word of its own.
    said = re.sub(r"(red|green|blue), (red|green|blue)", "", file.read_text(encoding="utf-8"))
    assert re.findall(r"(?i)\b(red|green|purple|vermilion)\b", said) == []
