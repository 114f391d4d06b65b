"""Drawing by hand: new values for knobs, with the mouse (pencil) as with the keys."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

from nnhistory.core.scene import Dial, Edit, HeatMap, Mark, Panel, Points
from nnhistory.draw import edits
from nnhistory.draw.cells import draw_panel
from nnhistory.draw.grid import Grid
from nnhistory.draw.palette import Look, palette
from nnhistory.draw.pencil import Pencil, said_of
from nnhistory.draw.spots import Found, hit

POINTS = Edit("points", "points", xlim=(-2.0, 2.0), ylim=(0.0, 10.0))
PICTURE = Edit("retina", "draw")


def points_mark() -> Points:
    return Points(xy=np.array([[0.25, 0.5], [0.75, 0.5]]), labels=np.array([1, -1]), edit=POINTS, hint="drag it")


def found(mark: Mark, x: float, y: float) -> Found | None:
    """What lies at unit coordinates of a mark that fills a panel of 40 x 20 cells."""
    grid = Grid.blank(42, 22)
    draw_panel(grid, Panel("p", "p", "p", (mark,)), Look(palette()))
    return hit(grid.spots, 1 + 40 * x, 1 + 20 * (1 - y))


class Knob:
    """Remembers what it was turned to."""

    def __init__(self) -> None:
        self.turns: list[tuple[str, Any]] = []

    def __call__(self, knob: str, value: Any) -> str:
        self.turns.append((knob, copy.deepcopy(value)))
        return f"{knob} turned"

    @property
    def last(self) -> Any:
        return self.turns[-1][1]


def test_places_are_in_the_datas_own_units() -> None:
    assert edits.place_of(POINTS, 0.0, 1.0) == (-2.0, 10.0)
    assert edits.place_of(POINTS, 0.5, 0.25) == (0.0, 2.5)
    assert edits.Editable(points_mark(), POINTS).points == [[-1.0, 5.0, 1], [1.0, 5.0, -1]]


def test_adding_moving_and_dropping_leave_the_others_and_the_old_list_alone() -> None:
    points = edits.Editable(points_mark(), POINTS).points
    before = copy.deepcopy(points)
    assert edits.add_point(points, POINTS, 0.5, 0.5, -1) == [*before, [0.0, 5.0, -1]]
    assert edits.move_point(points, POINTS, 1, 7.0, -3.0) == [before[0], [2.0, 0.0, -1]]
    assert edits.drop_point(points, 0) == [before[1]]
    assert points == before


def test_the_last_point_stays() -> None:
    assert edits.drop_point([[0.0, 0.0, 1]], 0) == [[0.0, 0.0, 1]]


def test_painting_is_within_the_picture_and_leaves_the_old_one_alone() -> None:
    picture = [[0.0] * 4 for _ in range(3)]
    assert edits.paint(picture, [(0, 0), (2, 3), (9, 9), (-1, 0)], 1.0) == [[1, 0, 0, 0], [0, 0, 0, 0], [0, 0, 0, 1]]
    assert sum(map(sum, edits.paint(picture, [(1, 1)], 1.0, brush=1))) == 9
    assert sum(map(sum, picture)) == 0


def test_only_what_can_be_drawn_on_is_found() -> None:
    plain = Panel("a", "a", "a", (HeatMap(values=np.eye(3)), Dial(value=0.0, lo=0.0, hi=1.0)))
    drawn = Panel("b", "b", "b", (HeatMap(values=np.eye(3), edit=PICTURE),))
    assert edits.editable([plain]) is None
    target = edits.editable([plain, drawn])
    assert target is not None
    assert target.edit is PICTURE
    assert target.picture == np.eye(3).tolist()
    assert edits.turnable([plain, drawn]) == []


@pytest.mark.parametrize("notches", [1, -1, 1000, -1000])
def test_a_dial_turns_by_notches_and_not_beyond_its_ends(notches: int) -> None:
    dial = Dial(value=0.0, lo=-8.0, hi=8.0, edit=Edit("w", "turn"))
    value = edits.turned(dial, notches)
    assert -8.0 <= value <= 8.0
    assert np.sign(value) == np.sign(notches)
    assert edits.turned_to(dial, 0.75) == 4.0


def test_a_click_in_the_plane_adds_a_point_the_other_button_one_of_the_other_label() -> None:
    knob = Knob()
    pencil = Pencil(knob)
    assert pencil.press(found(points_mark(), 0.5, 0.9)) == "points turned"
    assert knob.last[:2] == [[-1.0, 5.0, 1], [1.0, 5.0, -1]]
    x, y, label = knob.last[2]
    assert (x, label) == (pytest.approx(0.0, abs=0.1), 1)
    assert y == pytest.approx(9.0, abs=0.3)
    pencil.press(found(points_mark(), 0.5, 0.9), other=True)
    assert knob.last[2][2] == -1


def test_a_point_is_dragged_until_the_button_is_let_go() -> None:
    knob = Knob()
    pencil = Pencil(knob)
    assert "drag" in (pencil.press(found(points_mark(), 0.25, 0.5)) or "")
    assert pencil.down
    assert knob.turns == []
    pencil.drag(found(points_mark(), 0.5, 0.9))
    assert len(knob.last) == 2
    assert knob.last[1] == [1.0, 5.0, -1]
    assert knob.last[0][0] == pytest.approx(0.0, abs=0.1)
    pencil.release()
    assert pencil.drag(found(points_mark(), 0.6, 0.9)) is None
    assert len(knob.turns) == 1


def test_the_other_button_takes_a_point_away() -> None:
    knob = Knob()
    Pencil(knob).press(found(points_mark(), 0.75, 0.5), other=True)
    assert knob.last == [[-1.0, 5.0, 1]]


def test_a_stroke_sets_every_cell_it_passes_to_what_it_began_with() -> None:
    mark = HeatMap(values=np.zeros((20, 20)), lo=0.0, scale="sequential", edit=PICTURE)
    knob = Knob()
    pencil = Pencil(knob)
    pencil.press(found(mark, 0.025, 0.975))
    for k in range(1, 4):
        # The picture on the screen lags behind: it is still empty.
        pencil.drag(found(mark, 0.025 + 0.05 * k, 0.975))
    assert np.array(knob.last).sum() == 4
    assert np.array(knob.last)[0, :4].tolist() == [1.0] * 4
    before = len(knob.turns)
    assert pencil.drag(found(mark, 0.175, 0.975)) is None
    assert len(knob.turns) == before
    pencil.release()
    lit = HeatMap(values=np.array(knob.last), lo=0.0, scale="sequential", edit=PICTURE)
    pencil.press(found(lit, 0.025, 0.975))
    assert np.array(knob.last).sum() == 3


def test_what_cannot_be_drawn_on_is_left_alone() -> None:
    knob = Knob()
    pencil = Pencil(knob)
    assert pencil.press(None) is None
    assert pencil.press(found(HeatMap(values=np.eye(4)), 0.5, 0.5)) is None
    assert pencil.drag(None) is None
    assert not knob.turns


def test_what_is_pointed_at_is_said_with_its_value() -> None:
    assert said_of(None) == ""
    said = said_of(found(HeatMap(values=np.full((4, 4), 0.25), name="weights", hint="turn it"), 0.5, 0.5))
    assert "weights" in said
    assert "0.25" in said
    assert said.endswith("turn it")
