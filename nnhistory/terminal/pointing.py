"""What the mouse and the drawing cursor do on the pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import HeatMap, Points
from nnhistory.draw.boxes import Box
from nnhistory.draw.grid import REVERSE
from nnhistory.draw.spots import Found, hit
from nnhistory.engine import edits
from nnhistory.engine.stage import Stage
from nnhistory.terminal.theatre_picture import Painted

__all__ = ["Cursor", "Pencil", "said_of"]


def said_of(found: Found | None) -> str:
    """One line about what lies under the pointer."""
    if found is None:
        return ""
    head = ": ".join(part for part in (found.name, found.value) if part)
    return "  ".join(part for part in (head, found.hint) if part)


@dataclass
class Cursor:
    """The drawing cursor, in unit coordinates of the mark that is drawn on."""

    x: float = 0.5
    y: float = 0.5

    def moved(self, right: int, up: int, across: int, down: int) -> Cursor:
        """By whole cells of a picture of `across` x `down`."""
        return Cursor(
            min(1 - 0.5 / across, max(0.5 / across, self.x + right / across)),
            min(1 - 0.5 / down, max(0.5 / down, self.y + up / down)),
        )


class Pencil:
    """Draws on the stage's picture, point by point or cell by cell."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._stroke: float | None = None
        self._dragged: int | None = None

    def target(self, painted: Painted) -> edits.Editable | None:
        """What can be drawn on, if it is in sight."""
        return edits.editable([slot.panel for slot in painted.slots])

    def box(self, painted: Painted, target: edits.Editable) -> Box | None:
        """Where it is drawn, in cells."""
        for spot in painted.grid.spots:
            if spot.mark is target.mark:
                return spot.box
        return None

    def press(self, found: Found | None, *, other: bool = False) -> str | None:
        """The mouse went down on something. Returns what to say, None if it cannot be drawn on.

        other : with the right button or with shift: the other label; on a point: take it away.
        """
        if found is None or found.edit is None:
            return None
        self._stroke = self._dragged = None
        edit = found.edit
        target = edits.Editable(found.mark, edit)
        if isinstance(found.mark, Points):
            points = target.points
            if isinstance(found.index, int):
                if other:
                    return self._turn(edit.knob, edits.drop_point(points, found.index))
                self._dragged = found.index
                return "drag the point, or shift+click to take it away"
            label = edit.labels[-1] if other else edit.labels[0]
            return self._turn(edit.knob, edits.add_point(points, edit, *found.unit, label))
        if isinstance(found.mark, HeatMap) and isinstance(found.index, tuple):
            picture = target.picture
            row, column = found.index
            self._stroke = 0.0 if picture[row][column] > 0.5 else 1.0
            return self._turn(edit.knob, edits.paint(picture, [found.index], self._stroke))
        return None

    def drag(self, found: Found | None) -> str | None:
        """The mouse moved while it was down."""
        if found is None or found.edit is None:
            return None
        target = edits.Editable(found.mark, found.edit)
        if self._stroke is not None and isinstance(found.index, tuple):
            return self._turn(found.edit.knob, edits.paint(target.picture, [found.index], self._stroke))
        if self._dragged is not None and isinstance(found.mark, Points):
            moved = edits.move_point(target.points, found.edit, self._dragged, *found.unit)
            return self._turn(found.edit.knob, moved)
        return None

    def release(self) -> None:
        """The mouse went up."""
        self._stroke = self._dragged = None

    def at_cursor(self, painted: Painted, cursor: Cursor, *, other: bool, remove: bool) -> str:
        """Draw at the cursor: toggle a photocell; add a point, of the other label, or take the nearest away."""
        target = self.target(painted)
        if target is None:
            return "there is nothing here to draw on"
        if isinstance(target.mark, Points):
            points = target.points
            if remove:
                place = edits.place_of(target.edit, cursor.x, cursor.y)
                nearest = min(
                    range(len(points)),
                    key=lambda k: (points[k][0] - place[0]) ** 2 + (points[k][1] - place[1]) ** 2,
                )
                return self._turn(target.edit.knob, edits.drop_point(points, nearest))
            label = target.edit.labels[-1] if other else target.edit.labels[0]
            return self._turn(target.edit.knob, edits.add_point(points, target.edit, cursor.x, cursor.y, label))
        picture = target.picture
        rows, columns = len(picture), len(picture[0])
        cell = (min(rows - 1, int((1 - cursor.y) * rows)), min(columns - 1, int(cursor.x * columns)))
        value = 0.0 if picture[cell[0]][cell[1]] > 0.5 else 1.0
        return self._turn(target.edit.knob, edits.paint(picture, [cell], value))

    def show(self, painted: Painted, cursor: Cursor) -> None:
        """Mark the cursor's cell on the grid."""
        target = self.target(painted)
        box = self.box(painted, target) if target is not None else None
        if box is None:
            return
        column = int(box.x + min(box.width - 1, cursor.x * box.width))
        row = int(box.y + min(box.height - 1, (1 - cursor.y) * box.height))
        painted.grid.put(column, row, "┼", style=REVERSE)

    def _turn(self, knob: str, value: Any) -> str:
        try:
            said = self._stage.turn(knob, value)
        except BadInput as error:
            return str(error)
        if self._stage.status.state != "playing":
            self._stage.act("step")
        return said


def found_at(painted: Painted, column: float, row: float) -> Found | None:
    """What lies in a cell."""
    return hit(painted.grid.spots, column + 0.5, row + 0.5)
