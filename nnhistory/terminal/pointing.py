"""The drawing cursor in the terminal, and what lies in a cell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nnhistory.core.scene import Dial, Points, Size
from nnhistory.draw import edits
from nnhistory.draw.boxes import Box
from nnhistory.draw.grid import REVERSE
from nnhistory.draw.spots import Found, hit
from nnhistory.engine.stage import Stage
from nnhistory.terminal.theatre_picture import Painted

__all__ = [
    "Cursor",
    "dials_in",
    "dials_of",
    "draw_at",
    "found_at",
    "show_cursor",
    "show_dial",
    "target_in",
    "target_of",
]

_LARGE = Size(100, 40)
"""Room in which no picture is left out."""


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


def target_of(painted: Painted) -> edits.Editable | None:
    """What can be drawn on, if it is in sight."""
    return edits.editable([slot.panel for slot in painted.slots])


def dials_of(painted: Painted) -> list[Dial]:
    """The dials in sight that can be turned."""
    return edits.turnable([slot.panel for slot in painted.slots])


def target_in(stage: Stage) -> str | None:
    """Id of the picture that can be drawn on, in sight or not."""
    return next((panel.id for panel in stage.scene(_LARGE).panels if edits.editable([panel]) is not None), None)


def dials_in(stage: Stage) -> str | None:
    """Id of the picture whose dials can be turned, in sight or not."""
    return next((panel.id for panel in stage.scene(_LARGE).panels if edits.turnable([panel])), None)


def show_dial(painted: Painted, index: int) -> None:
    """Turn the colours of the chosen dial's first row round."""
    dials = dials_of(painted)
    if not dials:
        return
    dial = dials[index % len(dials)]
    box = next((spot.box for spot in painted.grid.spots if spot.mark is dial), None)
    if box is not None:
        row, left, right = int(box.y), int(box.x), int(box.x + box.width)
        painted.grid.style[row, left:right] |= REVERSE


def _box(painted: Painted, target: edits.Editable) -> Box | None:
    """Where it is drawn, in cells."""
    return next((spot.box for spot in painted.grid.spots if spot.mark is target.mark), None)


def draw_at(
    target: edits.Editable, cursor: Cursor, turn: Callable[[str, Any], str], *, other: bool, remove: bool
) -> str:
    """Draw at the cursor: toggle a photocell; add a point, of the other label, or take the nearest away."""
    edit = target.edit
    if isinstance(target.mark, Points):
        points = target.points
        if remove:
            x, y = edits.place_of(edit, cursor.x, cursor.y)
            nearest = min(range(len(points)), key=lambda k: (points[k][0] - x) ** 2 + (points[k][1] - y) ** 2)
            return turn(edit.knob, edits.drop_point(points, nearest))
        label = edit.labels[-1] if other else edit.labels[0]
        return turn(edit.knob, edits.add_point(points, edit, cursor.x, cursor.y, label))
    picture = target.picture
    rows, columns = len(picture), len(picture[0])
    cell = (min(rows - 1, int((1 - cursor.y) * rows)), min(columns - 1, int(cursor.x * columns)))
    value = 0.0 if picture[cell[0]][cell[1]] > 0.5 else 1.0
    return turn(edit.knob, edits.paint(picture, [cell], value))


def show_cursor(painted: Painted, cursor: Cursor) -> None:
    """Mark the cursor's cell on the grid."""
    target = target_of(painted)
    box = _box(painted, target) if target is not None else None
    if box is None:
        return
    column = int(box.x + min(box.width - 1, cursor.x * box.width))
    row = int(box.y + min(box.height - 1, (1 - cursor.y) * box.height))
    painted.grid.put(column, row, "┼", style=REVERSE)


def found_at(painted: Painted, column: float, row: float) -> Found | None:
    """What lies in a cell."""
    return hit(painted.grid.spots, column + 0.5, row + 0.5)
