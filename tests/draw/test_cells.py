"""Marks in terminal cells: they stay in their panel whatever their numbers are, and say what the numbers say."""

from __future__ import annotations

import itertools

import msgspec
import numpy as np
import pytest

from nnhistory.core.scene import (
    Axes,
    Bars,
    Dial,
    Graph,
    HeatMap,
    Histogram,
    ImageGrid,
    Lamps,
    Line,
    Mark,
    Panel,
    Points,
    Polyline,
    Size,
    Table,
    TextBlock,
)
from nnhistory.draw.cells import draw_panel, draw_scene, draw_slot, plain_panel
from nnhistory.draw.grid import ANSI, BOLD, NO_COLOUR, REVERSE, Grid, pack, rgb_of
from nnhistory.draw.layout import Slot
from nnhistory.draw.palette import MODES, Look, Mode, palette
from nnhistory.draw.spots import hit
from tests.draw.scenes import LONG, MARKS, NAN, panel, scene

DARK = palette()
LOOKS: dict[Mode, Look] = {mode: Look(DARK, mode) for mode in MODES}
FRAME = set("┌┐└┘─│┏┓┗┛━┃")


def drawn(*marks: Mark, mode: Mode = "truecolor", size: tuple[int, int] = (30, 12), **more: object) -> Grid:
    """These marks alone in a panel; the grid without its frame."""
    grid = Grid.blank(size[0] + 2, size[1] + 2)
    draw_panel(grid, Panel("p", "title", "A sentence.", marks, **more), LOOKS[mode])  # type: ignore[arg-type]
    return grid


def inside(grid: Grid) -> list[str]:
    return [grid.text(row)[1:-1] for row in range(1, grid.rows - 1)]


def count(grid: Grid, chars: str) -> int:
    return sum(line.count(char) for line in inside(grid) for char in chars)


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("mode", MODES)
def test_the_frame_stays_whole(name: str, mode: Mode) -> None:
    for size, broken in itertools.product(((60, 20), (24, 9), (100, 6)), (False, True)):
        grid = Grid.blank(*size)
        draw_panel(grid, panel(name, broken=broken, square=broken), LOOKS[mode])
        for row in range(1, grid.rows - 1):
            line = grid.text(row)
            assert len(line) == grid.columns
            assert line[0] in FRAME, (row, line)
            assert line[-1] in FRAME, (row, line)
        for row in (0, grid.rows - 1):
            assert grid.text(row)[0] in FRAME
            assert grid.text(row)[-1] in FRAME
        for x, y in ((size[0] / 2, size[1] / 2), (1.5, 1.5), (size[0] - 1.5, size[1] - 1.5)):
            hit(grid.spots, x, y)


@pytest.mark.parametrize("name", MARKS)
def test_a_hair_of_room_is_no_error(name: str) -> None:
    for columns, rows, mode in itertools.product((0, 1, 2, 3, 4, 7), (0, 1, 2, 3, 5), MODES):
        grid = Grid.blank(columns, rows)
        draw_panel(grid, panel(name), LOOKS[mode])
        assert grid.chars.shape == (rows, columns)


def test_no_colour_where_there_is_to_be_none() -> None:
    for name in MARKS:
        grid = Grid.blank(50, 16)
        draw_panel(grid, panel(name, broken=True), LOOKS["mono"])
        assert (grid.fg == NO_COLOUR).all()
        assert (grid.bg == NO_COLOUR).all()
        sixteen = Grid.blank(50, 16)
        draw_panel(sixteen, panel(name, broken=True), LOOKS["ansi16"])
        assert ((sixteen.fg == NO_COLOUR) | (sixteen.fg >= ANSI)).all(), name
        assert ((sixteen.bg == NO_COLOUR) | (sixteen.bg >= ANSI)).all(), name


def test_a_break_has_a_heavy_frame_and_a_sign_before_its_title() -> None:
    whole, broken = drawn(Line_block("x")), drawn(Line_block("x"), broken=True)
    assert whole.text(0).startswith("┌─ title ")
    assert broken.text(0).startswith("┏━ ◆ title ")
    assert broken.fg[0, 0] == pack(DARK.text("error"))


def Line_block(*texts: str) -> TextBlock:  # noqa: N802
    return TextBlock(lines=tuple(Line(text) for text in texts))


def test_a_title_that_does_not_fit_is_cut_at_its_colon_first() -> None:
    def title(text: str) -> Grid:
        grid = Grid.blank(24, 6)
        draw_panel(grid, Panel("p", text, "s", ()), LOOKS["truecolor"])
        return grid

    assert " the weights " in title("the weights: where they have been").text(0)
    assert not title("the weights: where they have been").cut
    assert "…" in title("what each unit of them looks for").text(0)
    assert title("what each unit of them looks for").cut


@pytest.mark.parametrize("high", [3, 6, 7, 9])
def test_a_vertex_stands_on_its_line(high: int) -> None:
    for level in np.linspace(0.0, 1.0, 301):
        line = Polyline(xy=np.array([[0.0, level], [0.5, level], [1.0, level]]), dots=True)
        rows = [row for row in inside(drawn(line, size=(21, high))) if row.strip()]
        assert [row.count("●") for row in rows] == [3], level


@pytest.mark.parametrize("high", [3, 6, 7, 9])
def test_a_tick_stands_beside_the_line_at_its_level(high: int) -> None:
    for level in np.linspace(0.0, 1.0, 301):
        line = Polyline(xy=np.array([[0.0, level], [1.0, level]]))
        rows = inside(drawn(Axes(yticks=((float(level), "t"),)), line, size=(21, high)))
        [ticked] = [row for row in rows if "t" in row]
        assert ticked.rstrip()[-1] not in "t┤", level


def test_an_axis_label_that_would_be_cut_stands_below_the_ticks() -> None:
    ticks = ((0.0, "100"), (0.4, "400"), (1.0, "12000"))
    mark = Axes(rect=(0.0, 0.3, 1.0, 1.0), xticks=ticks, xlabel="digits to learn from, log scale")
    rows = inside(drawn(mark, size=(40, 10)))
    assert any("digits to learn from, log scale" in row for row in rows)
    low = inside(drawn(Axes(xticks=ticks, xlabel="digits to learn from, log scale"), size=(40, 10)))
    assert not any("log scale" in row for row in low), "there is no row for it"


# -- bars, histograms, dials -------------------------------------------------------------------------------------------


def test_a_bar_twice_as_high_has_twice_the_cells() -> None:
    def cells(value: float, horizontal: bool) -> int:
        return count(drawn(Bars(values=np.array([value]), texts=("",), horizontal=horizontal)), "█")

    assert cells(1.0, False) == 2 * cells(0.5, False) > 0
    assert cells(1.0, True) == 2 * cells(0.5, True) > 0
    assert cells(0.0, True) == cells(0.0, False) == 0


def test_an_eighth_of_a_cell_can_be_seen() -> None:
    one, other = (drawn(Bars(values=np.array([value]), texts=("",), hi=12.0)) for value in (3.0, 3.125))
    assert inside(one) != inside(other)


@pytest.mark.parametrize("mode", MODES)
def test_bars_hang_below_zero_and_stand_above_it(mode: Mode) -> None:
    grid = drawn(Bars(values=np.array([1.0, -1.0]), lo=-1.0, hi=1.0, texts=("", "")), mode=mode)
    rows = [[row for row, line in enumerate(inside(grid)) if line[column] == "█"] for column in (8, 17)]
    assert max(rows[0]) < min(rows[1])
    assert len(rows[0]) == len(rows[1])
    if mode != "mono":
        up, down = grid.fg[1 + rows[0][0], 9], grid.fg[1 + rows[1][0], 18]
        assert (up, down) == (LOOK_INK(mode, "positive"), LOOK_INK(mode, "negative"))


def LOOK_INK(mode: Mode, role: str) -> int:  # noqa: N802
    return pack(DARK.colour(role)) if mode == "truecolor" else ANSI + DARK.ansi[role]  # type: ignore[arg-type,index]


def test_a_number_that_is_none_is_marked() -> None:
    assert "!" in "".join(inside(drawn(Bars(values=np.array([NAN, 0.5])))))
    assert "not finite" in "".join(inside(drawn(Dial(value=NAN, lo=0.0, hi=1.0))))


def test_log_bars_are_as_long_as_their_powers_of_ten() -> None:
    def length(value: float) -> int:
        mark = Bars(values=np.array([value]), lo=1e-8, hi=1.0, log=True, horizontal=True, texts=("",))
        return count(drawn(mark, size=(32, 3)), "█")

    assert [length(value) for value in (1e-6, 1e-4, 1e-2, 1.0, 0.0)] == [8, 16, 24, 32, 0]


def test_a_theory_tick_stands_at_its_value() -> None:
    mark = Bars(values=np.array([0.2]), ticks=np.array([0.75]), horizontal=True, texts=("",))
    assert inside(drawn(mark, size=(32, 3)))[0].index("│") == 24


def test_a_histogram_has_a_column_for_each_bin() -> None:
    grid = drawn(Histogram(counts=np.array([1, 4, 2]), edges=np.array([-1.0, 0.0, 1.0, 2.0])), size=(30, 9))
    heights = [sum(line[column] == "█" for line in inside(grid)) for column in (5, 15, 25)]
    assert heights == [2, 8, 4]
    assert inside(grid)[-1].split() == ["−1", "2"]


@pytest.mark.parametrize("columns", range(4, 31))
@pytest.mark.parametrize("spike", range(21))
def test_a_histogram_with_few_columns_leaves_no_bin_out(spike: int, columns: int) -> None:
    counts = np.zeros(21)
    counts[spike] = 5
    grid = drawn(Histogram(counts=counts, edges=np.linspace(-1.0, 1.0, 22)), size=(columns, 9))
    assert inside(grid)[0].count("█") >= 1


def test_a_dial_fills_with_its_value_and_a_signed_one_from_zero() -> None:
    def row(value: float, lo: float) -> str:
        return inside(drawn(Dial(value=value, lo=lo, hi=8.0, label="d"), size=(32, 3)))[1]

    assert row(4.0, 0.0).count("█") == 16
    assert row(8.0, 0.0).count("█") == 32
    assert row(4.0, -8.0) == " " * 16 + "█" * 8 + " " * 8
    assert row(-4.0, -8.0) == " " * 8 + "█" * 8 + " " * 16
    assert "█" not in row(0.0, -8.0)


def test_the_limit_stands_on_the_scale() -> None:
    assert inside(drawn(Dial(value=1.0, lo=0.0, hi=10.0, limit=5.0), size=(30, 3)))[1].index("┃") == 15


# -- pictures ----------------------------------------------------------------------------------------------------------


def test_signs_appear_as_the_palettes_colours() -> None:
    mark = HeatMap(values=np.array([[1.0, -1.0]]))
    grid = drawn(mark)
    left, right = int(grid.bg[6, 2]), int(grid.bg[6, 28])
    assert (rgb_of(left), rgb_of(right)) == (DARK.colour("positive"), DARK.colour("negative"))
    sixteen = drawn(mark, mode="ansi16")
    strong = [int(sixteen.bg[6, column]) - ANSI for column in (2, 28)]
    assert [index % 8 for index in strong] == [DARK.ansi["positive"] % 8, DARK.ansi["negative"] % 8]


def test_sixteen_colours_tell_weak_from_strong_and_both_from_nothing() -> None:
    values = np.array([[1.0, 0.2, 0.0, -0.2, -1.0]])
    for dark in (True, False):
        grid = Grid.blank(52, 6)
        draw_panel(grid, Panel("p", "t", "s", (HeatMap(values=values),)), Look(palette(dark=dark), "ansi16"))
        shown = [int(grid.bg[3, 1 + 10 * k + 5]) for k in range(5)]
        assert len(set(shown)) == 5


def test_without_colour_the_picture_still_tells_plus_from_minus() -> None:
    signs = {}
    for value in (1.0, -1.0, 0.0):
        chars = set("".join(inside(drawn(HeatMap(values=np.full((2, 2), value)), mode="mono"))))
        assert len(chars) == 1
        signs[value] = chars.pop()
    assert len(set(signs.values())) == 3
    sides = [inside(drawn(HeatMap(values=np.array([[v]]), scale="sides"), mode="mono"))[0][0] for v in (0.1, -0.1)]
    assert sides[0] != sides[1]


@pytest.mark.parametrize("mode", MODES)
def test_an_infinite_value_stands_out(mode: Mode) -> None:
    good, bad = (drawn(HeatMap(values=np.array([[0.0, value]])), mode=mode) for value in (0.0, np.inf))
    where = (6, 28)
    assert (good.chars[where], good.bg[where]) != (bad.chars[where], bad.bg[where])


def test_a_picture_with_square_cells_keeps_its_shape_and_place() -> None:
    """A cell holds two dots, one over the other."""
    values = np.zeros((20, 20))
    values[0, 0] = values[19, 0] = values[10, 19] = 1.0
    grid = drawn(HeatMap(values=values, lo=0.0, scale="sequential", square=True), size=(40, 10))
    ink = pack(DARK.colour("ink"))
    up = np.argwhere(grid.fg == ink) if (grid.fg == ink).any() else np.empty((0, 2))
    lit = {(int(row), int(column)) for row, column in up if grid.chars[int(row), int(column)] == ord("▀")}
    assert (1, 11) in lit
    assert grid.bg[10, 11] == ink
    found = hit(grid.spots, 11.5, 1.2)
    assert found is not None
    assert found.index == (0, 0)


@pytest.mark.parametrize("mode", MODES)
def test_a_wall_shows_every_label_and_rings_one(mode: Mode) -> None:
    grid = drawn(ImageGrid(images=np.eye(8)[None].repeat(10, 0), labels=tuple("0123456789"), ring=(3,)), mode=mode,
                 size=(60, 14))  # fmt: skip
    text = "\n".join(inside(grid))
    assert all(digit in text for digit in "0123456789")
    assert "▸3" in text


def test_pictures_in_their_own_colours_are_drawn_so_and_by_brightness_without_colour() -> None:
    colours = np.zeros((1, 4, 4, 3))
    colours[..., 0], colours[..., 1] = 1.0, 0.5
    wall = ImageGrid(images=colours.mean(axis=-1), colours=colours)
    assert (drawn(wall, size=(12, 6)).bg == 0xFF8000).sum() >= 8
    assert count(drawn(wall, mode="mono", size=(12, 6)), "▒") >= 8


def test_a_wall_without_room_says_how_many_pictures_there_are() -> None:
    # A wish for columns that the room cannot grant gives way.
    wall = ImageGrid(images=np.ones((20, 2, 2)), columns=1, labels=tuple("abcdefghijklmnopqrst"))
    assert "pictures" not in "".join(inside(drawn(wall, size=(44, 6))))
    assert "400 pictures" in "".join(inside(drawn(ImageGrid(images=np.zeros((400, 2, 2))), size=(30, 4))))


def test_lamps_are_lit_or_dark_and_the_wanted_one_is_bracketed() -> None:
    grid = drawn(Lamps(states=np.array([0.0, 1.0, 0.0]), labels=("a", "b", "c"), want=2))
    assert inside(grid)[0].split() == ["○", "●", "[○]"]
    assert inside(grid)[1].split() == ["a", "b", "c"]


# -- lines, points, networks -------------------------------------------------------------------------------------------


def test_points_have_signs_a_ring_and_wrong_ones_reversed() -> None:
    mark = Points(xy=np.array([[0.1, 0.9], [0.9, 0.1]]), labels=np.array([1, -1]), ring=(0,), wrong=(1,))
    grid = drawn(mark)
    rows = inside(grid)
    high, low = (next(row for row, line in enumerate(rows) if sign in line) for sign in "+o")
    assert high < low
    assert "[+]" in rows[high]
    assert grid.style[low + 1, rows[low].index("o") + 1] & REVERSE
    assert not grid.style[high + 1, rows[high].index("+") + 1] & REVERSE
    assert "presented" in grid.text(grid.rows - 1)
    assert "wrong" in grid.text(grid.rows - 1)


def test_a_point_outside_is_not_drawn_at_the_edge() -> None:
    grid = drawn(Points(xy=np.array([[1.5, 0.5], [NAN, 0.5]]), labels=np.array([1, -1])))
    assert count(grid, "+o") == 0


def test_a_rising_line_rises() -> None:
    grid = drawn(Polyline(xy=np.array([[0.0, 0.0], [1.0, 1.0]])), size=(24, 12))
    columns = [next(c for c, char in enumerate(line) if char != " ") for line in inside(grid)]
    assert columns == sorted(columns, reverse=True)
    assert columns[0] > 20
    assert columns[-1] < 3


def test_a_hole_in_a_line_stays_a_hole() -> None:
    whole = drawn(Polyline(xy=np.column_stack([np.linspace(0, 1, 5), np.full(5, 0.5)])))
    holed = drawn(Polyline(xy=np.array([[0, 0.5], [0.25, 0.5], [NAN, 0.5], [0.75, 0.5], [1, 0.5]])))
    blank = [sum(char == " " for char in "".join(inside(grid))) for grid in (whole, holed)]
    assert blank[1] > blank[0]


def test_lines_cross_in_a_cell_and_both_are_there() -> None:
    flat, steep = Polyline(xy=np.array([[0, 0.5], [1, 0.5]])), Polyline(xy=np.array([[0.5, 0], [0.5, 1]]))
    alone = [drawn(line) for line in (flat, steep)]
    both = drawn(flat, steep)
    dots = [{(int(r), int(c)) for r, c in np.argwhere(g.chars >= 0x2800)} for g in (*alone, both)]
    assert dots[2] == dots[0] | dots[1]
    shared = dots[0] & dots[1]
    assert shared
    for row, column in shared:
        assert both.chars[row, column] == alone[0].chars[row, column] | alone[1].chars[row, column]


def curve(*roles: str) -> tuple[Mark, ...]:
    rect = (0.1, 0.1, 1.0, 1.0)
    x = np.linspace(0, 1, 30)
    lines = [
        Polyline(rect=rect, xy=np.column_stack([x, np.full(30, 0.2 + 0.3 * k)]), role=role, name=f"line {role}: more")  # type: ignore[arg-type]
        for k, role in enumerate(roles)
    ]
    return (Axes(rect=rect, xlabel="steps", xticks=((0.0, "0"), (1.0, "9")), yticks=((0.0, "0"), (1.0, "1"))), *lines)


def test_the_lines_of_a_plot_are_named_on_the_lower_frame() -> None:
    grid = drawn(*curve("error", "good"), size=(40, 12))
    foot = grid.text(grid.rows - 1)
    assert "line error" in foot
    assert "line good" in foot
    assert "more" not in foot
    at = foot.index("line good") - 2
    assert grid.fg[grid.rows - 1, at] == pack(DARK.text("good"))
    narrow = drawn(*curve("error", "good"), size=(17, 12))
    assert "line error" in narrow.text(narrow.rows - 1)
    assert "good" not in narrow.text(narrow.rows - 1)
    assert "line error …+1┘" in narrow.text(narrow.rows - 1), "how many are left out is said"
    assert narrow.cut, "and a larger view is offered"
    assert not grid.cut
    assert "+" not in foot
    narrower = drawn(*curve("error", "good"), size=(16, 12))
    assert narrower.text(narrower.rows - 1).startswith("└ …+2──"), "no name fits, and both are counted"
    three = drawn(*curve("error", "good", "attention"), size=(17, 12))
    assert "+2" in three.text(three.rows - 1)


def test_without_colour_two_lines_are_broken_differently() -> None:
    def lit(role: str, mode: Mode) -> int:
        grid = drawn(*curve(role), mode=mode)
        return sum(int(char).bit_count() for char in (grid.chars[grid.chars >= 0x2800] - 0x2800))

    assert lit("error", "truecolor") == lit("good", "truecolor") == lit("error", "mono")
    assert lit("good", "mono") < 0.8 * lit("error", "mono")


def test_without_colour_lines_of_one_plot_have_styles_of_their_own() -> None:
    def feet(mode: Mode, *styles: tuple[str, str]) -> str:
        axes, *lines = curve(*(role for role, _ in styles))
        made = (msgspec.structs.replace(line, style=style) for line, (_, style) in zip(lines, styles, strict=True))
        grid = drawn(axes, *made, mode=mode, size=(70, 12))
        return "".join(char for char in grid.text(grid.rows - 1) if char in "━╌┈")

    pair = (("ink", "dashed"), ("positive", "solid"))
    assert feet("truecolor", *pair) == "╌━"
    assert feet("mono", *pair) == "╌━", "dashed is taken"
    assert feet("mono", ("positive", "solid"), ("good", "solid")) == "╌━"
    assert feet("mono", ("positive", "solid"), ("error", "solid"), ("good", "solid")) == "╌━┈"
    assert feet("mono", ("positive", "solid")) == "╌"


def test_axes_write_ticks_that_do_not_run_into_each_other() -> None:
    mark = Axes(rect=(0.1, 0.1, 1.0, 1.0), xticks=tuple((k / 40, f"{k}000") for k in range(41)), yticks=((0.0, "0"),))
    foot = inside(drawn(mark, size=(50, 10)))[-1]
    found = foot.split()
    assert set(found) <= {f"{k}000" for k in range(41)}
    assert {"0000", "40000"} <= set(found)


def test_a_graph_draws_strong_links_over_weak_ones_in_their_colours() -> None:
    mark = Graph(xy=np.array([[0.0, 0.5], [1.0, 0.5]]), edges=np.array([[0, 1]]), weights=np.array([-1.0]))
    grid = drawn(mark)
    dots = grid.chars >= 0x2800
    assert dots.any()
    assert set(grid.fg[dots].tolist()) == {pack(DARK.colour("negative"))}


# -- text --------------------------------------------------------------------------------------------------------------


def test_text_is_wrapped_whole_or_ends_with_an_ellipsis() -> None:
    words = "one two three four five six seven eight nine ten"
    grid = drawn(Line_block(words))
    assert " ".join(" ".join(inside(grid)).split()) == words
    assert not grid.cut
    small = drawn(Line_block(words), size=(12, 2))
    assert inside(small)[-1].endswith("…")
    assert small.cut


def test_the_line_that_happens_now_is_marked_in_every_mode() -> None:
    lines = (Line("1 present"), Line("2 sum", lit=True))
    for mode in MODES:
        grid = drawn(TextBlock(lines=lines), mode=mode)
        assert [line[0] for line in inside(grid)[:2]] == [" ", "▸"]
        assert grid.style[2, 4] & BOLD


def test_a_table_aligns_its_numbers_and_keeps_the_marked_row_in_sight() -> None:
    rows = tuple((str(k), str(k * k)) for k in range(50))
    grid = drawn(Table(columns=("n", "square"), rows=rows, align="rr", ring=(40,)), size=(20, 6))
    text = inside(grid)
    assert text[0].split() == ["n", "square"]
    assert any("▸" in line and "1600" in line for line in text)
    assert grid.cut
    ends = {len(line.rstrip(" …")) for line in text}
    assert len(ends) == 1
    assert not drawn(Table(columns=("n",), rows=rows[:3]), size=(20, 6)).cut


def test_plain_shows_the_sentence_and_says_if_it_is_cut() -> None:
    one = Panel("p", "title", "A sentence about it.", (HeatMap(values=np.eye(3)),))
    grid = Grid.blank(30, 6)
    draw_panel(grid, one, LOOKS["mono"], plain=True)
    assert "A sentence about it." in "".join(inside(grid))
    assert not grid.cut
    long = Grid.blank(20, 4)
    draw_panel(long, Panel("p", "title", LONG, ()), LOOKS["mono"], plain=True)
    assert inside(long)[-1].rstrip().endswith("…")
    assert long.cut
    assert " ".join(line.strip() for line in plain_panel(one, 20)) == "title: A sentence about it."


def test_a_scene_places_or_folds_every_panel_and_spots_move_along() -> None:
    shown = scene(*MARKS)
    grid, layout = draw_scene(shown, 120, 40, LOOKS["truecolor"])
    assert {one.panel.id for one in layout.placed} | {one.id for one in layout.folded} == set(MARKS)
    for slot in layout.placed:
        assert slot.x + slot.width <= 120
        assert slot.y + slot.height <= 40
        assert grid.text(slot.y)[slot.x] in FRAME
    dial = Panel("dial", "dial", "s", (Dial(value=1.0, lo=0.0, hi=2.0, name="the dial"),), least=Size(20, 4))
    side = Panel("text", "text", "s", (Line_block("x"),), least=Size(20, 4))
    grid, layout = draw_scene(shown.__class__("t", (side, dial), ""), 80, 10, LOOKS["truecolor"])
    slot = next(slot for slot in layout.placed if slot.panel.id == "dial")
    found = hit(grid.spots, slot.x + 3.5, slot.y + 1.5)
    assert found is not None
    assert "the dial" in found.name


def test_a_table_shows_whole_numbers_or_none() -> None:
    rows = (("0.957", "0.098", "cosine", "43"),) * 2
    table = Table(columns=("test accuracy", "rate", "schedule", "units"), rows=rows, align="rrrr")
    grid = drawn(table, size=(20, 4))
    assert inside(grid)[1].split() == ["0.957", "0.098", "cosine"]
    assert inside(grid)[0].endswith("…")
    assert grid.cut
    wide = drawn(table, size=(40, 4))
    assert inside(wide)[0].split() == ["test", "accuracy", "rate", "schedule", "units"]
    assert not wide.cut


def test_names_of_lines_that_end_together_stand_in_the_lines_order() -> None:
    ends = (0.5, 0.52, 0.48)
    lines = [
        Polyline(xy=np.array([[0.0, 0.5], [1.0, end]]), labels=("", f"end {number}"))
        for number, end in enumerate(ends)
    ]  # fmt: skip
    shown = inside(drawn(*lines))
    rows = [next(row for row, line in enumerate(shown) if f"end {number}" in line) for number in (1, 0, 2)]
    assert rows == sorted(set(rows))


def test_an_axis_is_named_between_its_ticks() -> None:
    ticks = ((0.0, "10"), (0.5, "100"), (1.0, "1000"))
    axes = Axes(rect=(0.1, 0.1, 1.0, 1.0), xlabel="kappa, how narrow it is", xticks=ticks)
    whole, half = (inside(drawn(axes, size=(columns, 8)))[-1] for columns in (80, 44))
    assert "kappa, how narrow it is" in whole
    assert half.split() == ["10", "kappa", "100", "1000"], "up to the comma: half a thought says nothing"


@pytest.mark.parametrize(("columns", "rows"), [(36, 27), (52, 30), (70, 46)])
def test_a_retina_has_no_gaps_through_which_wires_show(columns: int, rows: int) -> None:
    cells = np.arange(400)
    retina = np.column_stack([0.02 + 0.66 * (cells % 20) / 19, 0.9 - 0.8 * (cells // 20) / 19])
    units = np.column_stack([np.full(6, 0.98), 1.0 - (np.arange(6) + 0.5) / 6])
    edges = np.column_stack([np.repeat(np.arange(0, 400, 40), 6), np.tile(400 + np.arange(6), 10)])
    net = Graph(xy=np.concatenate([retina, units]), edges=edges, weights=np.ones(len(edges)))
    grid = Grid.blank(columns, rows)
    draw_slot(grid, Slot(Panel("wiring", "the machine", "", (net,)), 0, 0, columns, rows), Look(palette()))
    signs = [(row, column) for row, line in enumerate(grid.lines()) for column, one in enumerate(line) if one == "○"]
    seen = [row for row in range(rows) if sum(one == row for one, _ in signs) >= 20]
    across = sorted({column for row, column in signs if row in seen})[:20]
    assert len(seen) == 20
    for places in (seen, across):
        assert len(set(np.diff(places))) == 1, "some photocells stand further apart than others"
    found = hit(grid.spots, across[7] + 0.5, seen[3] + 0.5)
    assert found is not None
    assert (found.part, found.index) == ("node", 3 * 20 + 7), "the pointer finds it where it is drawn"
