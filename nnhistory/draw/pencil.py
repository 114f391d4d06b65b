"""Drawing with the mouse on the pictures, the same in both front ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nnhistory.core.scene import Dial, HeatMap, Points
from nnhistory.draw import edits
from nnhistory.draw.spots import Found

__all__ = ["Pencil", "said_of", "still_said"]

Turn = Callable[[str, Any], str]
"""Sets a knob, and says what came of it."""


def said_of(found: Found | None) -> str:
    """One line about what lies under the pointer: name, value, what changing it would do."""
    if found is None:
        return ""
    head = ": ".join(part for part in (found.name, found.value) if part)
    return "  ".join(part for part in (head, found.hint) if part)


def still_said(pointed: str, heard: str, message: str) -> str:
    """What is pointed at; "" where there has been a `message` since one came to point there.

    heard : the message that stood there then. A hand rests where it last was: what a key does is told all the same.
    """
    return pointed if not message or message == heard else ""


class Pencil:
    """One stroke at a time: press, drag, release."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._stroke: float | None = None
        self._dragged: int | None = None
        self._picture: edits.Picture | None = None
        self._knob = ""

    @property
    def down(self) -> bool:
        """A stroke has begun and not ended."""
        return self._stroke is not None or self._dragged is not None or bool(self._knob)

    def press(self, found: Found | None, *, other: bool = False) -> str | None:
        """The mouse went down on something. Returns what to say, None if it cannot be drawn on.

        other : with the right button or with shift: the other label; on a point: take it away.
        """
        self.release()
        if found is None or found.edit is None:
            return None
        edit, target = found.edit, edits.Editable(found.mark, found.edit)
        if isinstance(found.mark, Dial):
            self._knob = edit.knob
            return self._turn(edit.knob, edits.turned_to(found.mark, found.unit[0]))
        if isinstance(found.mark, Points):
            points = target.points
            if isinstance(found.index, int):
                if other:
                    return self._turn(edit.knob, edits.drop_point(points, found.index))
                self._dragged = found.index
                return "drag the point; with the right button it goes away"
            label = edit.labels[-1] if other else edit.labels[0]
            return self._turn(edit.knob, edits.add_point(points, edit, *found.unit, label))
        if isinstance(found.mark, HeatMap) and isinstance(found.index, tuple):
            self._picture = target.picture
            row, column = found.index
            self._stroke = 0.0 if self._picture[row][column] > 0.5 else 1.0
            return self._paint(edit.knob, (row, column))
        return None

    def drag(self, found: Found | None) -> str | None:
        """The mouse moved while it was down."""
        if found is None or found.edit is None:
            return None
        if isinstance(found.mark, Dial):
            if found.edit.knob != self._knob:
                return None
            return self._turn(self._knob, edits.turned_to(found.mark, found.unit[0]))
        if self._picture is not None and isinstance(found.index, tuple):
            return self._paint(found.edit.knob, found.index)
        if self._dragged is not None and isinstance(found.mark, Points):
            points = edits.Editable(found.mark, found.edit).points
            if self._dragged < len(points):
                moved = edits.move_point(points, found.edit, self._dragged, *found.unit)
                return self._turn(found.edit.knob, moved)
        return None

    def wheel(self, found: Found | None, notches: int) -> str | None:
        """The mouse wheel over something: a dial turns by so many notches. None if it is no dial."""
        if found is None or found.edit is None or not isinstance(found.mark, Dial):
            return None
        return self._turn(found.edit.knob, edits.turned(found.mark, notches))

    def release(self) -> None:
        """The mouse went up."""
        self._stroke = self._dragged = self._picture = None
        self._knob = ""

    def _paint(self, knob: str, cell: tuple[int, int]) -> str | None:
        assert self._picture is not None
        assert self._stroke is not None
        row, column = cell
        if self._picture[row][column] == self._stroke:
            return None
        # The stroke is kept here: what the run shows lags behind the hand.
        self._picture = edits.paint(self._picture, [cell], self._stroke)
        return self._turn(knob, self._picture)
