"""What is said of what one points at is true of it, even where the picture shows something else than its value."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.scene import HeatMap, ImageGrid, Lamps, Mark, Panel, Points
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pencil import said_of
from nnhistory.draw.pixels import draw_panel
from nnhistory.draw.png import measure
from nnhistory.draw.spots import PlacesSpot, hit

ROOM = Box(0, 0, 400, 300)


def said(mark: Mark, x: float, y: float) -> str:
    return said_of(hit(draw_panel(Panel("p", "t", "s", (mark,)), ROOM, palette(), measure).spots, x, y))


def test_a_cell_tells_what_it_stands_for_and_nothing_where_nothing_is() -> None:
    shown, told = np.array([[0.5, -1.0, 0.0]]), np.array([[0.4, 0.0, np.nan]])
    mark = HeatMap(values=shown, lo=-1.0, hi=1.0, told=told, name="share")
    assert said(mark, 60, 150) == "share: row 1, column 1: 0.4"
    assert said(mark, 200, 150) == "share: row 1, column 2: 0"
    assert said(mark, 350, 150) == ""


@pytest.mark.parametrize(("state", "words"), [(0.0, "dark"), (1.0, "lit"), (0.11, "dark (0.11)"), (0.9, "lit (0.9)")])
def test_a_lamp_that_is_neither_out_nor_full_says_how_bright(state: float, words: str) -> None:
    lamps = Lamps(states=np.array([state]), labels=("7",), name="output")
    drawing = draw_panel(Panel("p", "t", "s", (lamps,)), ROOM, palette(), measure)
    x, y = next(spot.xy[0] for spot in drawing.spots if spot.mark is lamps)  # type: ignore[union-attr]
    assert said_of(hit(drawing.spots, x, y)) == f"7: {words}"


def test_pictures_of_a_wall_are_told_apart() -> None:
    images = np.zeros((2, 4, 4))
    assert said(ImageGrid(images=images, name="filter"), 100, 160).startswith("filter 1: ")
    assert said(ImageGrid(images=images, name="filter"), 300, 160).startswith("filter 2: ")
    assert said(ImageGrid(images=images, name="unit", labels=("a", "b")), 300, 160).startswith("unit b: ")


def test_a_point_is_told_by_its_name_and_where_it_is_wrong_and_not_by_its_sign() -> None:
    names = ("(0, 1) wants −1", "(1, 0) wants +1")
    mark = Points(xy=np.array([[0.2, 0.5], [0.8, 0.5]]), labels=np.array([-1.0, 1.0]), names=names, wrong=(1,))
    drawing = draw_panel(Panel("p", "t", "s", (mark,)), ROOM, palette(), measure)
    (spot,) = (spot for spot in drawing.spots if isinstance(spot, PlacesSpot))
    told = [said_of(hit(drawing.spots, float(x), float(y))) for x, y in spot.xy]
    assert told == [names[0], f"{names[1]}: now on the wrong side"]


def test_a_picture_of_one_cell_has_no_rows_and_columns() -> None:
    for values, told in (([[0.25]], "switch: 0.25"), ([[0.5], [0.25]], "switch: row 2, column 1: 0.25")):
        assert said(HeatMap(values=np.array(values), name="switch"), 200, 250) == told
