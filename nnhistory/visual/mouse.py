"""What the mouse does in the window: pointing, drawing, turning, teaching, clicking."""

from __future__ import annotations

from abc import ABC, abstractmethod

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Edit, HeatMap, Lamps, Scores
from nnhistory.draw.edits import Editable
from nnhistory.draw.pencil import Pencil, said_of
from nnhistory.draw.spots import Found
from nnhistory.engine.stage import Stage
from nnhistory.visual.overlays import Overlay
from nnhistory.visual.picture import Painted, View

__all__ = ["Mouse"]


class Mouse(ABC):
    """The part of a window that has to do with the mouse."""

    stage: Stage
    view: View
    painted: Painted | None
    overlay: Overlay | None
    _pencil: Pencil
    _dirty: bool
    _over_line = False

    @abstractmethod
    def act(self, name: str) -> None:
        """Do the action of this name."""

    def _let_go(self) -> None:
        """The stroke is over: turn the knob to what was drawn."""
        self._pencil.release()
        lane = self.stage.lane
        given = self.view.drawn.give(lane.frame.tick if lane.started else -1)
        if given is None:
            return
        self._dirty = True
        playing = lane.playhead.playing
        before = lane.plan
        try:
            self.stage.message = self.stage.turn(*given)
        except BadInput as error:
            self.stage.message = str(error)
        if lane.plan is before:
            self.view.drawn.clear()
        elif not playing:
            lane.playhead.pause()

    def _point(self, place: tuple[int, int]) -> None:
        self.view.pointer = (float(place[0]), float(place[1]))
        if self.painted is None or self.overlay is not None:
            return
        found = self.painted.hit(*self.view.pointer)
        if self._pencil.down:
            said = self._pencil.drag(found)
            if said:
                self.stage.message = said
        note = said_of(found)
        over_line = any(action == "seek" and box.holds(*self.view.pointer) for box, action in self.painted.targets)
        if note != self.view.note:
            self.view.note, self.view.heard, self._dirty = note, self.stage.message, True
        if over_line or self._over_line:
            self._over_line, self._dirty = over_line, True

    def _leave(self) -> None:
        """The pointer has left the window."""
        self.view.pointer, self.view.note, self._over_line, self._dirty = None, "", False, True

    def _wheel(self, notches: int) -> None:
        if self.painted is None or self.view.pointer is None:
            return
        said = self._pencil.wheel(self.painted.hit(*self.view.pointer), notches)
        if said is not None:
            self.stage.message, self._dirty = said, True
            self._let_go()  # a notch is a whole stroke

    def _mouse_down(self, place: tuple[int, int], *, other: bool) -> None:
        self._dirty = True
        x, y = float(place[0]), float(place[1])
        if self.painted is None:
            return
        for box, action in self.painted.targets:
            if box.holds(x, y):
                if action == "seek":
                    self.stage.seek((x - box.x) / max(1.0, box.width))
                else:
                    self.act(action)
                return
        found = self.painted.hit(x, y)
        if found is not None and self.stage.click_row(found.index if isinstance(found.mark, Scores) else None):
            return
        said = self._press(found, other=other)
        if said is not None:
            self.stage.message = said
        elif found is not None and (found.part == "link" or "weight" in found.name):
            self.view.xray = True
            if found.part == "link":
                self.stage.point(found.name)

    def _press(self, found: Found | None, *, other: bool) -> str | None:
        """Begin a stroke. On a picture the run is held: several strokes make one picture."""
        if (
            found is not None
            and found.edit is not None
            and found.edit.how == "draw"
            and isinstance(found.mark, HeatMap)
        ):
            self.stage.lane.playhead.pause()
            if other:
                rows, columns = found.mark.values.shape
                self.view.drawn.set(found.edit.knob, [[0.0] * columns for _ in range(rows)])
                return "wiped clean"
        if found is not None and found.edit is not None and isinstance(found.mark, Lamps):
            return self._teach(found, found.edit, other=other)
        return self._pencil.press(found, other=other)

    def _teach(self, found: Found, edit: Edit, *, other: bool) -> str | None:
        """A lamp was clicked: it should be lit for the picture that can be drawn on. The run is shown that picture."""
        pictures = [mark for panel, _ in self.painted.slots for mark in panel.marks] if self.painted is not None else []
        retina = next((mark for mark in pictures if mark.edit is not None and mark.edit.how == "draw"), None)
        if retina is None or retina.edit is None or not isinstance(found.index, int):
            return None
        self.stage.lane.playhead.pause()
        try:
            said = self.stage.turn(edit.knob, edit.labels[-1 if other else found.index])
        except BadInput as error:
            return str(error)
        self.view.drawn.set(retina.edit.knob, Editable(retina, retina.edit).picture)
        return said
