"""Grids: text stays inside, wide characters fill two cells, runs and pictures show the same thing."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnhistory.draw.braille import codes, dots_of
from nnhistory.draw.grid import ANSI, BOLD, NO_COLOUR, REVERSE, Grid, ansi_index, pack, rgb_of
from nnhistory.draw.grid_png import grid_image
from nnhistory.draw.palette import ANSI_RGB, palette
from nnhistory.draw.words import hang_of, shorten, text_width, wrap

TEXT = st.text(alphabet="ab −→λ雪字e\u0301", max_size=40)


@given(TEXT, st.integers(-5, 30), st.integers(-2, 5))
def test_put_never_writes_outside(text: str, column: int, row: int) -> None:
    whole = Grid.blank(24, 6)
    part = whole.view(2, 1, 20, 4)
    end = part.put(column, row, text)
    assert end <= max(20, column)
    outside = np.ones((6, 24), dtype=bool)
    outside[1:5, 2:22] = False
    assert (whole.chars[outside] == 32).all()
    assert all(text_width(whole.text(line)) == 24 for line in range(6))


def test_a_wide_character_fills_two_cells_and_is_not_cut_in_half() -> None:
    grid = Grid.blank(3, 1)
    assert grid.put(0, 0, "字") == 2
    assert grid.text(0) == "字 "
    assert grid.put(2, 0, "字") == 2
    assert grid.text(0) == "字 "


def test_runs_are_the_row_in_order_and_change_where_the_look_changes() -> None:
    grid = Grid.blank(10, 1)
    grid.put(0, 0, "ab", 0xFF0000)
    grid.put(2, 0, "cd", 0xFF0000, style=BOLD)
    grid.put(4, 0, "ef", ANSI + 4, bg=0x00FF00)
    runs = grid.runs(0)
    assert "".join(run.text for run in runs) == grid.text(0)
    assert [(run.text, run.style) for run in runs[:3]] == [("ab", 0), ("cd", BOLD), ("ef", 0)]
    assert all(one[1:] != other[1:] for one, other in itertools.pairwise(runs))


def test_escapes_say_what_the_cells_say() -> None:
    grid = Grid.blank(4, 1)
    grid.put(0, 0, "a", 0x010203, style=BOLD | REVERSE)
    grid.put(1, 0, "b", ANSI + 9, bg=ANSI + 2)
    assert grid.ansi() == "\x1b[1;7;38;2;1;2;3ma\x1b[0m\x1b[91;42mb\x1b[0m  \n"


def test_colours_of_all_three_kinds() -> None:
    assert rgb_of(NO_COLOUR) is None
    assert rgb_of(pack((1, 2, 3))) == (1, 2, 3)
    assert rgb_of(ANSI + 3) == ANSI_RGB[3]
    assert ansi_index(ANSI + 3) == 3
    assert ansi_index(0xFFFFFF) is None


@pytest.mark.parametrize("char", ["█", "▀", "▌", "▄", "░", "x", "⣿"])
def test_the_picture_has_ink_where_the_glyph_has(char: str) -> None:
    grid = Grid.blank(2, 1)
    grid.put(0, 0, char, 0xFF0000)
    picture = np.asarray(grid_image(grid, palette(), cell=(8, 16))).astype(int)
    paper = np.array(palette().colour("paper"))
    inked = np.abs(picture - paper).sum(axis=2) > 30
    assert picture.shape == (16, 16, 3)
    assert not inked[:, 8:].any()
    share = inked[:, :8].mean()
    lower, upper = {"█": (1, 1), "▀": (0.5, 0.5), "▌": (0.5, 0.5), "▄": (0.5, 0.5), "░": (1, 1)}.get(char, (0.02, 0.9))
    assert lower <= share <= upper
    if char == "▀":
        assert inked[:8, :8].all()
    if char == "▄":
        assert inked[8:, :8].all()


def test_reversed_cells_are_reversed_in_the_picture() -> None:
    grid = Grid.blank(1, 1)
    grid.put(0, 0, " ", 0xFF0000, style=REVERSE)
    assert np.asarray(grid_image(grid, palette()))[5, 5].tolist() == [255, 0, 0]


@given(st.lists(st.tuples(*[st.floats(-3, 3) for _ in range(4)]), max_size=8), st.integers(1, 9), st.integers(1, 5))
def test_dots_lie_on_their_lines(segments: list[tuple[float, float, float, float]], columns: int, rows: int) -> None:
    a = np.array([s[:2] for s in segments]).reshape(-1, 2)
    b = np.array([s[2:] for s in segments]).reshape(-1, 2)
    mask = dots_of(a, b, columns, rows)
    assert mask.shape == (4 * rows, 2 * columns)
    scale = np.array([2 * columns - 1, 4 * rows - 1])
    for row, column in np.argwhere(mask):
        here = np.array([column, 4 * rows - 1 - row])
        d = (b - a) * scale
        length = np.maximum((d**2).sum(axis=1), 1e-12)
        t = np.clip(((here - a * scale) * d).sum(axis=1) / length, 0, 1)
        assert np.min(np.linalg.norm(a * scale + t[:, None] * d - here, axis=1)) < 1.0


def test_a_full_cell_is_the_full_braille_sign() -> None:
    assert codes(np.ones((4, 2), dtype=bool))[0, 0] == 0x28FF
    assert codes(np.zeros((4, 2), dtype=bool))[0, 0] == 0
    top_left = np.zeros((4, 2), dtype=bool)
    top_left[0, 0] = True
    assert chr(int(codes(top_left)[0, 0])) == "⠁"


@given(TEXT, st.integers(0, 30))
def test_shortened_text_fits(text: str, room: int) -> None:
    short = shorten(text, room)
    assert text_width(short) <= room
    assert short == text or short == "" or short.endswith("…")


@given(st.lists(st.text(alphabet="abcλ−", min_size=1, max_size=12), min_size=1, max_size=12), st.integers(4, 30))
def test_wrapped_text_is_whole_and_fits(words: list[str], room: int) -> None:
    lines = wrap(" ".join(words), room)
    assert all(text_width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(words)


def test_prose_that_begins_with_a_figure_does_not_hang() -> None:
    assert hang_of("8 of the first 19", numbered=False) == 0
    assert hang_of("1 present x = (1, 0)") == 2
    assert hang_of("2 sum     w·x") == 10
    assert hang_of("✓ Between 2 and 4", numbered=False) == 2
    assert hang_of(" 1  an answer", numbered=False) == 4


def test_a_percent_sign_stays_with_its_figure() -> None:
    assert wrap("All are counted: 41.8 % are wrong", 22) == ["All are counted:", "41.8 % are wrong"]
    assert wrap("a % b", 3) == ["a %", "b"]
