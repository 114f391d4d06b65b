"""Dialogs that speak about the picture: where there is room they lie beside it, else over it."""

from __future__ import annotations

from typing import ClassVar, NamedTuple, TypeVar

from textual import events
from textual.screen import ModalScreen

from nnhistory.terminal.theatre_picture import LEAST

__all__ = ["BOX", "Place", "Sheet", "place_of"]

BOX = """
    align: center middle;
    & > Vertical, & > VerticalScroll { width: 76; max-width: 96%; height: auto; max-height: 96%; border: round $primary;
        background: $surface; padding: 0 1; }
"""

_NARROWEST, _WIDEST = 60, 78
"""Columns of a sheet at the side."""
_LOWEST, _HIGHEST = 12, 16
"""Rows of a sheet below."""
_AROUND = 6
"""Columns of a sheet that frame, padding and scroll bar take."""

Result = TypeVar("Result")


class Place(NamedTuple):
    """Where a sheet lies, how large it is there, and what is left of the window for the picture."""

    where: str
    columns: int
    rows: int
    picture: tuple[int, int]

    @property
    def room(self) -> int:
        """Columns of its text."""
        return self.columns - _AROUND


def place_of(columns: int, rows: int) -> Place:
    """`side` or `below` where the whole picture has room beside the sheet, else `over` it."""
    across, down = columns - LEAST[0], rows - LEAST[1]
    if across >= _NARROWEST and down >= 0:
        wide = min(_WIDEST, across)
        return Place("side", wide, rows, (columns - wide, rows))
    if down >= _LOWEST and across >= 0:
        high = min(_HIGHEST, down)
        return Place("below", columns, high, (columns, rows - high))
    return Place("over", min(76, int(columns * 0.96)), rows, (columns, rows))


class Sheet(ModalScreen[Result]):
    """See the module's text. Its contents stand in one `Vertical`."""

    DEFAULT_CSS = f"""
    Sheet {{ {BOX} }}
    Sheet.-below {{ align: center bottom; & > Vertical {{ max-width: 100%; max-height: 100%; }} }}
    Sheet.-side {{ align: right top; & > Vertical {{ max-width: 100%; max-height: 100%; }} }}
    """
    DOCKED_CSS: ClassVar[str] = "Screen.-below, Screen.-side { background: transparent; }"
    """For the app: its own rule for the ground of screens stands above those of widgets."""

    @property
    def place(self) -> Place:
        """Where it lies in the window as large as that is now."""
        return place_of(*self.app.size)

    def fill(self) -> None:
        """Set the text for the room there is: called whenever that is another."""

    def on_mount(self) -> None:
        """Lie down; a sheet that does more here calls this first."""
        self._lie()

    def on_resize(self, _: events.Resize) -> None:
        """Lie down again."""
        self._lie()

    def _lie(self) -> None:
        if not self.children:  # the program was being left when the key came
            return
        place = self.place
        for where in ("below", "side"):
            self.set_class(place.where == where, f"-{where}")
        for box in self.query("Sheet > Vertical"):
            box.styles.width = place.columns
            box.styles.height = "auto" if place.where == "over" else place.rows
        self.fill()
