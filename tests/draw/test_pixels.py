"""Lowering: every mark becomes shapes that lie in their box, whatever its numbers are."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nnhistory.core.scene import (
    Axes,
    Bars,
    Graph,
    HeatMap,
    Line,
    Panel,
    Points,
    Polyline,
    Role,
    Scene,
    Score,
    Scores,
    Size,
    Table,
    TextBlock,
)
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import contrast, palette
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT
from nnhistory.draw.pixel_lines import clipped_paths, dashes
from nnhistory.draw.pixels import draw_panel, draw_scene
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Circle, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape
from nnhistory.draw.spots import PlacesSpot, hit
from tests.draw.scenes import MARKS, PLOT, panel, scene

DARK, LIGHT = palette(dark=True), palette(dark=False)
SLACK = 0.6


def reach(shape: Shape) -> tuple[float, float, float, float]:
    """x0, y0, x1, y1 of what a shape covers."""
    match shape:
        case FillRect(box) | RectLine(box) | ImageShape(box):
            return box.x, box.y, box.right, box.bottom
        case Stroke(xy, _, width):
            assert np.isfinite(xy).all()
            return (*(xy.min(axis=0) - width / 2), *(xy.max(axis=0) + width / 2))
        case Polygon(xy):
            assert np.isfinite(xy).all()
            return (*xy.min(axis=0), *xy.max(axis=0))
        case Circle(x, y, radius):
            assert math.isfinite(x + y + radius)
            return x - radius, y - radius, x + radius, y + radius
        case TextShape():
            wide = measure(shape.text, shape.size, shape.bold, shape.mono)
            left = {"l": 0.0, "m": wide / 2, "r": wide}[shape.anchor]
            up, down = shape.size * ASCENT, shape.size * DESCENT
            if shape.turned:
                return shape.x - up, shape.y - wide + left, shape.x + down, shape.y + left
            return shape.x - left, shape.y - up, shape.x - left + wide, shape.y + down
    raise AssertionError(shape)


def assert_inside(shapes: list[Shape], box: Box) -> None:
    for shape in shapes:
        x0, y0, x1, y1 = reach(shape)
        assert x0 >= box.x - SLACK, shape
        assert y0 >= box.y - SLACK, shape
        assert x1 <= box.right + SLACK, shape
        assert y1 <= box.bottom + SLACK, shape


@pytest.mark.parametrize("name", MARKS)
@pytest.mark.parametrize("size", [(640, 480), (230, 150), (900, 110)])
def test_nothing_leaves_the_box(name: str, size: tuple[int, int]) -> None:
    box = Box(37.0, 53.0, *size)
    for square in (False, True):
        drawing = draw_panel(panel(name, broken=square, square=square), box, DARK, measure)
        assert_inside(drawing.shapes, box)
        for x, y in ((box.x + box.width / 2, box.y + box.height / 2), (box.x + 20, box.bottom - 20)):
            hit(drawing.spots, x, y)


@pytest.mark.parametrize("name", MARKS)
def test_a_hair_of_room_is_no_error(name: str) -> None:
    for size in ((0, 0), (20, 20), (60, 45), (30, 300)):
        draw_panel(panel(name), Box(0, 0, *size), LIGHT, measure)


def test_a_break_is_framed_in_the_error_colour_and_thicker() -> None:
    box = Box(0, 0, 400, 300)
    frames = {}
    for broken in (False, True):
        shapes = draw_panel(panel("axes", broken=broken), box, DARK, measure).shapes
        frames[broken] = next(shape for shape in shapes if isinstance(shape, RectLine))
    assert frames[True].colour == DARK.colour("error") != frames[False].colour
    assert frames[True].width > 2 * frames[False].width


def test_points_differ_in_shape_and_not_in_colour_alone() -> None:
    def kinds(label: int) -> tuple[int, int]:
        mark = Points(xy=np.array([[0.5, 0.5]]), labels=np.array([label]))
        one = Panel("p", "p", "", (mark,))
        shapes = draw_panel(one, Box(0, 0, 300, 300), DARK, measure).shapes
        return sum(isinstance(s, Polygon) for s in shapes), sum(isinstance(s, Circle) for s in shapes)

    assert kinds(1) == (2, 0)
    assert kinds(-1) == (0, 2)


def test_points_lie_where_their_unit_coordinates_say() -> None:
    mark = Points(xy=np.array([[0.25, 0.75]]), labels=np.array([-1]), names=("the one",))
    drawing = draw_panel(Panel("p", "p", "", (mark,), square=True), Box(0, 0, 428, 452), DARK, measure)
    circles = [shape for shape in drawing.shapes if isinstance(shape, Circle)]
    # The content is 400 x 400 from (14, 38).
    assert {(round(c.x), round(c.y)) for c in circles} == {(114, 138)}
    found = hit(drawing.spots, 115, 137)
    assert found is not None
    assert found.name == "the one"
    assert found.index == 0


def test_a_line_is_cut_at_the_unit_square_and_broken_at_nan() -> None:
    nan = float("nan")
    paths = clipped_paths(np.array([[-1.0, 0.5], [2.0, 0.5], [nan, 0.0], [0.1, 0.1], [0.2, 0.2], [3.0, 3.0]]))
    assert [path.tolist() for path in paths] == [
        [[0.0, 0.5], [1.0, 0.5]],
        [pytest.approx([0.1, 0.1]), pytest.approx([0.2, 0.2]), pytest.approx([1.0, 1.0])],
    ]
    assert clipped_paths(np.array([[2.0, 2.0], [3.0, 2.0]])) == []
    assert clipped_paths(np.empty((0, 2))) == []


def test_a_line_that_leaves_and_returns_is_two_paths() -> None:
    paths = clipped_paths(np.array([[0.1, 0.5], [0.3, 1.5], [0.5, 0.5]]))
    assert len(paths) == 2


def test_dashes_leave_out_what_the_pattern_says() -> None:
    pieces = dashes(np.array([[0.0, 0.0], [10.0, 0.0]]), (3.0, 2.0))
    assert [piece[:, 0].tolist() for piece in pieces] == [[0.0, 3.0], [5.0, 8.0]]
    assert len(dashes(np.array([[0.0, 0.0], [10.0, 0.0]]), ())) == 1


def test_stations_of_a_loop_are_numbered_on_top_of_its_dots() -> None:
    shapes = draw_panel(panel("polyline loop"), Box(0, 0, 400, 400), DARK, measure).shapes
    texts = [shape.text for shape in shapes if isinstance(shape, TextShape)]
    assert texts == ["polyline loop", "1", "2", "3"]
    last_line = max(index for index, shape in enumerate(shapes) if isinstance(shape, Stroke))
    first_number = min(i for i, shape in enumerate(shapes) if isinstance(shape, TextShape) and shape.text == "1")
    assert first_number > last_line


def test_labels_do_not_cover_a_station() -> None:
    axis = Polyline(xy=np.array([[0.5, 0.5], [0.5, 0.95]]), arrow=True, labels=("", "w2"))
    loop = Polyline(xy=np.array([[0.5, 1.0], [0.9, 0.5], [0.5, 1.0]]), dots=True, labels=("1", "2", ""))
    drawing = draw_panel(Panel("p", "p", "", (axis, loop)), Box(0, 0, 400, 400), DARK, measure)
    label = next(shape for shape in drawing.shapes if isinstance(shape, TextShape) and shape.text == "w2")
    one = next(shape for shape in drawing.shapes if isinstance(shape, TextShape) and shape.text == "1")
    a, b = reach(label), reach(one)
    assert a[0] >= b[2] or a[2] <= b[0] or a[1] >= b[3] or a[3] <= b[1]


def test_what_happens_now_stands_on_a_tinted_ground() -> None:
    plain_lines = (Line("one"), Line("two"))
    lit_lines = (Line("one"), Line("two", lit=True))
    counts = []
    for lines in (plain_lines, lit_lines):
        one = Panel("t", "t", "", (TextBlock(lines=lines),))
        shapes = draw_panel(one, Box(0, 0, 400, 200), LIGHT, measure).shapes
        counts.append(sum(isinstance(shape, FillRect) for shape in shapes))
    assert counts[1] == counts[0] + 2


def test_text_that_does_not_fit_ends_with_an_ellipsis() -> None:
    shapes = draw_panel(panel("text long"), Box(0, 0, 300, 200), DARK, measure).shapes
    last = [shape for shape in shapes if isinstance(shape, TextShape)][-1]
    assert last.text.endswith("…")


def test_lines_of_a_table_that_do_not_fit_are_counted_and_ringed_ones_shown() -> None:
    shapes = draw_panel(panel("table long"), Box(0, 0, 300, 300), DARK, measure).shapes
    texts = [shape.text for shape in shapes if isinstance(shape, TextShape)]
    assert "150" in texts
    rows = sum(text.isdigit() for text in texts) // 2
    assert texts[-1] == f"and {200 - rows} more rows"


def test_text_never_overlaps_on_a_crowded_axis() -> None:
    shapes = draw_panel(panel("axes crowded"), Box(0, 0, 500, 400), DARK, measure).shapes
    below = sorted(reach(s) for s in shapes if isinstance(s, TextShape) and s.text.endswith("thousand"))
    assert len(below) >= 3
    assert all(a[2] < b[0] for a, b in itertools.pairwise(below))


@pytest.mark.parametrize("size", [(1280, 720), (800, 600), (640, 480), (2560, 1440)])
def test_a_scene_fills_its_size_and_stays_in_it(size: tuple[int, int]) -> None:
    drawing = draw_scene(scene("axes", "graph", "text", "table", "lamps", "wall"), *size, DARK, measure)
    assert_inside(drawing.shapes, Box(0, 0, *size))
    assert drawing.shapes[0] == FillRect(Box(0, 0, *size), DARK.colour("paper"))


def test_text_grows_with_the_height_and_stays_readable() -> None:
    def smallest(width: int, height: int) -> float:
        drawing = draw_scene(scene("axes", "text"), width, height, DARK, measure)
        return min(shape.size for shape in drawing.shapes if isinstance(shape, TextShape))

    assert smallest(1280, 720) >= 12
    assert smallest(800, 600) >= 10.5
    assert smallest(2560, 1440) == pytest.approx(2 * smallest(1280, 720), rel=0.01)


def test_what_finds_no_room_is_said_in_a_sentence() -> None:
    big = Panel("big", "too big", "It would need a wall.", (), least=Size(400, 90))
    small = panel("axes")
    drawing = draw_scene(Scene("t", (small, big), "c"), 800, 600, DARK, measure)
    texts = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)]
    assert "too big: It would need a wall." in texts
    assert_inside(drawing.shapes, Box(0, 0, 800, 600))


def test_an_extra_panel_is_drawn_and_a_scene_without_title_has_no_head() -> None:
    story = Panel("story", "story", "", (TextBlock(lines=(Line("once upon a time"),)),))
    drawing = draw_scene(Scene("", (panel("axes"),), "caption"), 1280, 720, DARK, measure, (story,))
    texts = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)]
    assert "once upon a time" in texts
    assert "caption" not in texts


def test_a_long_title_gives_way_at_its_colon() -> None:
    one = Panel("w", "the weights: where they have been", "", ())
    shapes = draw_panel(one, Box(0, 0, 150, 120), DARK, measure).shapes
    assert [shape.text for shape in shapes if isinstance(shape, TextShape)] == ["the weights"]


def test_lines_of_a_plot_are_named_beside_its_title() -> None:
    marks = (*MARKS["axes"], Polyline(rect=PLOT, xy=np.array([[0, 0], [1, 1]]), name="training error"))
    shapes = draw_panel(Panel("c", "errors", "", marks), Box(0, 0, 500, 300), DARK, measure).shapes
    assert "training error" in [shape.text for shape in shapes if isinstance(shape, TextShape)]


def test_a_legend_that_is_too_long_loses_its_longest_name_and_not_its_last() -> None:
    names = ["heard", "the clean signal, known because it is synthetic", "output"]
    xy = np.array([[0.0, 0.0], [1.0, 1.0]])
    lines = (Axes(rect=PLOT), *(Polyline(rect=PLOT, xy=xy, name=name) for name in names))
    seen = {}
    for width, height in ((430, 300), (430, 180), (430, 120), (120, 120), (700, 300)):
        drawing = draw_panel(Panel("c", "before and after", "", lines), Box(0, 0, width, height), DARK, measure)
        said = {shape.text: shape.y for shape in drawing.shapes if isinstance(shape, TextShape)}
        seen[width, height] = [name for name in names if name in said]
        assert max(reach_of(drawing.shapes)) <= width
        if (width, height) == (430, 300):
            assert said["output"] > said["heard"], "in two rows"
    some = ["heard", "output"]
    # In a low panel there is no row of its own for it: what goes beside the title is said.
    assert seen == {(430, 300): names, (430, 180): some, (430, 120): some, (120, 120): [], (700, 300): names}


def reach_of(shapes: list[Shape]) -> list[float]:
    """The right end of every text that stands left-bound."""
    texts = [shape for shape in shapes if isinstance(shape, TextShape) and shape.anchor == "l" and not shape.turned]
    return [shape.x + measure(shape.text, shape.size, shape.bold, shape.mono) for shape in texts]


@pytest.mark.parametrize("ring", range(3))
def test_the_word_of_a_chosen_row_is_as_whole_as_that_of_another(ring: int) -> None:
    words = ("◆ one plane", "✓ it learns", "✓ 29 years early")
    rows = tuple(Score(head="2015", name="1986 + BatchNorm", word=word, value=0.8, text="0.89") for word in words)
    drawing = draw_panel(
        Panel("r", "test pairs", "", (Scores(rows=rows, ring=(ring,)),)),
        Box(8, 37, 502, 287),
        DARK,
        measure,
        scale=0.85,
    )
    said = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)]
    assert set(words) <= set(said)


def test_texts_are_measured_once() -> None:
    """What a window needs at 60 pictures a second: the second time nothing is measured again."""
    asked: list[str] = []

    def counting(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
        asked.append(text)
        return measure(text, size, bold, mono)

    shown = scene("axes", "points", "text", "polyline loop", "table")
    first = draw_scene(shown, 1280, 720, DARK, counting)
    before = len(asked)
    second = draw_scene(shown, 1280, 720, DARK, counting)
    assert before > 20
    assert len(asked) == before
    assert len(first.shapes) == len(second.shapes)


def _net(flow: Role | None) -> list[Shape]:
    mark = Graph(xy=np.array([[0.0, 0.5], [0.5, 0.5], [1.0, 0.5]]), edges=np.array([[0, 1], [1, 2]]),
                 weights=np.array([-0.1, 1.0]), labels=("x", "h", "y"), flow=flow)  # fmt: skip
    return draw_panel(Panel("net", "net", "", (mark,)), Box(0, 0, 500, 300), DARK, measure).shapes


def test_an_error_flows_back_in_its_own_colour_and_thins_out() -> None:
    forward, back = _net("positive"), _net("gradient")

    def streams(shapes: list[Shape]) -> list[Stroke]:
        return [shape for shape in shapes if isinstance(shape, Stroke)]

    def heads(shapes: list[Shape]) -> list[Polygon]:
        return [shape for shape in shapes if isinstance(shape, Polygon)]

    assert [stroke.width for stroke in streams(back)] == sorted(stroke.width for stroke in streams(back))
    assert streams(back)[-1].width > 4 * streams(back)[0].width, "the weaker link is drawn thinner"
    assert streams(back)[-1].colour == DARK.colour("gradient")
    assert DARK.colour("negative") not in {stroke.colour for stroke in streams(back)}
    # The first corner of an arrow head is its tip: to the right forward, to the left on the way back.
    assert len(heads(back)) == 1, "what is too weak is not pointed at"
    assert heads(back)[0].xy[0, 0] < heads(back)[0].xy[1, 0]
    assert heads(forward)[0].xy[0, 0] > heads(forward)[0].xy[1, 0]


def test_a_label_inside_a_node_can_be_read_on_it() -> None:
    mono = palette("monochrome", dark=True)
    mark = Graph(xy=np.array([[0.1, 0.5], [0.9, 0.5]]), edges=np.empty((0, 2)), weights=np.empty(0),
                 values=np.array([1.0, -1.0]), labels=("a", "b"))  # fmt: skip
    shapes = draw_panel(Panel("net", "net", "", (mark,)), Box(0, 0, 400, 200), mono, measure).shapes
    fills = [shape.fill for shape in shapes if isinstance(shape, Circle)]
    inks = [shape.colour for shape in shapes if isinstance(shape, TextShape) and shape.text in ("a", "b")]
    for fill, ink in zip(fills, inks, strict=True):
        assert fill is not None
        assert contrast(fill, ink) > 4.0


def test_hover_can_say_more_than_is_drawn() -> None:
    mark = Graph(xy=np.array([[0.1, 0.5], [0.9, 0.5]]), edges=np.array([[0, 1]]), weights=np.array([0.1]),
                 labels=("", "A1"), links=("wire",), link_values=np.array([-1.0]), hint="of a link", name="net",
                 node_names=("photocell 1", "A1"), node_values=("lit", "fires"), node_hint="of a node")  # fmt: skip
    spots = draw_panel(Panel("net", "net", "", (mark,)), Box(0, 0, 500, 300), DARK, measure).spots
    xy = next(spot for spot in spots if isinstance(spot, PlacesSpot)).xy
    node, link = hit(spots, *xy[0]), hit(spots, *(0.5 * xy[0] + 0.5 * xy[1]))
    assert node is not None
    assert link is not None
    assert (node.name, node.value, node.hint) == ("photocell 1", "lit", "of a node")
    assert (link.name, link.value, link.hint) == ("wire", "−1", "of a link")


def test_ticks_at_bars_are_named() -> None:
    mark = Bars(values=np.array([0.5, -0.5]), lo=-1.0, ticks=np.array([1.0, -1.0]), tick_name="wanted")
    shapes = draw_panel(Panel("sums", "sums", "", (mark,)), Box(0, 0, 400, 200), DARK, measure).shapes
    assert "wanted" in {shape.text for shape in shapes if isinstance(shape, TextShape)}


def test_the_name_of_an_axis_stands_between_its_end_ticks() -> None:
    for ticks, beside in ((((0.0, "0"), (1.0, "90")), True), (((0.0, "0"), (0.5, "45"), (1.0, "90")), False)):
        mark = Axes(xticks=ticks, xlabel="steps")
        shapes = draw_panel(Panel("curve", "curve", "", (mark,)), Box(0, 0, 400, 200), DARK, measure).shapes
        lines = {shape.text: shape.y for shape in shapes if isinstance(shape, TextShape)}
        assert (lines["steps"] == lines["0"]) is beside


def test_a_picture_is_paler_under_points() -> None:
    picture, data = HeatMap(values=np.ones((4, 4))), Points(xy=np.array([[0.5, 0.5]]), labels=np.array([1.0]))
    alone, under = (
        next(s for s in draw_panel(Panel("p", "p", "", marks), Box(0, 0, 200, 200), DARK, measure).shapes
             if isinstance(s, ImageShape)).rgb[0, 0].tolist()
        for marks in ((picture,), (picture, data))
    )  # fmt: skip
    assert contrast(tuple(under), DARK.colour("positive")) > contrast(tuple(alone), DARK.colour("positive"))


def test_labels_of_lines_that_end_together_stand_in_the_lines_order() -> None:
    ends = {"upper": 0.52, "middle": 0.5, "lower": 0.48}
    lines = [Polyline(xy=np.array([[0.0, 0.2], [1.0, end]]), labels=("", name)) for name, end in reversed(ends.items())]
    drawing = draw_panel(Panel("p", "t", "S.", tuple(lines)), Box(0, 0, 300, 200), DARK, measure)
    base = {shape.text: shape.y for shape in drawing.shapes if isinstance(shape, TextShape) and shape.text in ends}
    assert sorted(base, key=lambda name: base[name]) == ["upper", "middle", "lower"]
    assert min(abs(a - b) for a, b in itertools.combinations(base.values(), 2)) > 8.0


def test_a_short_heading_takes_its_room_from_a_long_text() -> None:
    long = "why deep nets failed, as four switches: first weights, the unit, computing time, data, all sixteen of them"
    table = Table(columns=("year", "what you see"), rows=(("19", long), ("20", "short")))
    drawing = draw_panel(Panel("p", "p", "s", (table,)), Box(0, 0, 500, 200), palette(), measure)
    texts = [shape.text for shape in drawing.shapes if isinstance(shape, TextShape)]
    assert "year" in texts
    assert any(text.startswith("why deep nets") and text.endswith("…") for text in texts)
