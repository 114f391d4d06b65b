"""How a terminal shows things: its colours, and grids as the strips that Textual paints."""

from __future__ import annotations

import itertools

import pytest
from rich.color import ColorType

from nnhistory.draw.grid import ANSI, BOLD, REVERSE, Grid
from nnhistory.draw.palette import NAMES, contrast, from_hex
from nnhistory.terminal.grid_view import strip_of
from nnhistory.terminal.looks import colour_mode, look_of, theme_of


@pytest.mark.parametrize(
    ("system", "mode"),
    [(None, "mono"), ("standard", "ansi16"), ("windows", "ansi16"), ("256", "truecolor"), ("truecolor", "truecolor")],
)
def test_as_many_colours_as_the_terminal_has(monkeypatch: pytest.MonkeyPatch, system: str | None, mode: str) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colour_mode(system) == mode
    monkeypatch.setenv("NO_COLOR", "1")
    assert colour_mode(system) == "mono"
    monkeypatch.setenv("NO_COLOR", "")
    assert colour_mode(system) == mode, "an empty NO_COLOR is none"


@pytest.mark.parametrize(("name", "dark"), list(itertools.product(NAMES, (True, False))))
def test_text_of_the_dialogs_can_be_read(name: str, dark: bool) -> None:
    theme = theme_of(name, dark)
    assert theme.dark == dark
    ground = from_hex(str(theme.background))
    for colour in (theme.foreground, theme.primary, theme.error, theme.warning, theme.accent, theme.success):
        assert contrast(from_hex(str(colour)), ground) >= 4.5
    assert look_of(name, dark, "mono", False).palette.dark == dark


def test_a_strip_is_the_row() -> None:
    grid = Grid.blank(12, 2)
    grid.put(0, 0, "ab字", 0x102030, style=BOLD)
    grid.put(5, 0, "x", ANSI + 4, bg=ANSI + 9, style=REVERSE)
    strip = strip_of(grid, 0)
    assert strip.cell_length == 12
    assert strip.text == grid.text(0)
    first, *_ = list(strip)
    assert first.style is not None
    assert first.style.bold
    assert first.style.color is not None
    assert first.style.color.triplet == (0x10, 0x20, 0x30)
    ansi = next(segment for segment in strip if segment.text == "x").style
    assert ansi is not None
    assert ansi.reverse
    assert ansi.color is not None
    assert (ansi.color.type, ansi.color.number) == (ColorType.STANDARD, 4)
    assert strip_of(grid, 1).text == " " * 12
    # Negative control: another look is another strip, even where the text is the same.
    other = Grid.blank(12, 2)
    other.put(0, 0, "ab字", 0x102031, style=BOLD)
    other.put(5, 0, "x", ANSI + 4, bg=ANSI + 9, style=REVERSE)
    assert list(strip_of(other, 0)) != list(strip)
