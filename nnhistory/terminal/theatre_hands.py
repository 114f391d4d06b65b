"""The theatre's hands: drawing with the keyboard and the mouse, turning dials, clicking."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from textual import events
from textual.screen import Screen

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Points, Scores
from nnhistory.draw.edits import turned
from nnhistory.draw.pencil import Pencil, said_of
from nnhistory.engine.actions import ACTIONS
from nnhistory.engine.stage import Stage
from nnhistory.terminal.pointing import Cursor, dials_in, dials_of, draw_at, found_at, target_in, target_of
from nnhistory.terminal.theatre_picture import Painted, View

if TYPE_CHECKING:
    from nnhistory.terminal.app import WalkthroughApp

__all__ = ["TheatreHands"]

_ARROWS = {"left": (-1, 0), "right": (1, 0), "up": (0, 1), "down": (0, -1)}
_OTHER = 3
"""The right mouse button."""
_PATIENCE = 90
"""Ticks of the theatre's clock after which what was drawn is no longer waited for."""


class TheatreHands(Screen[None]):
    """What the theatre does with a cursor, a pencil and a mouse. `Theatre` adds time, pictures and the other keys."""

    app: WalkthroughApp

    def __init__(self, view: View, *, replay: str | None) -> None:
        super().__init__()
        self.view = view
        self.stage: Stage | None = None
        self.painted: Painted | None = None
        self._replay = replay
        self._pencil = Pencil(self._turn)
        self._cursor: Cursor | None = None
        self._dial: int | None = None
        self._drawn: Any = None
        self._patience = 0
        self._followed = -1

    def paint(self) -> None:
        """Draw what is on stage now."""
        raise NotImplementedError

    def action_stage(self, name: str) -> None:
        """One of the engine's actions."""
        raise NotImplementedError

    def action_back_out(self) -> None:
        """Out of what is open."""
        raise NotImplementedError

    def _said(self, text: str) -> None:
        if self.stage is not None and text:
            self.stage.message = text

    def action_draw(self) -> None:
        """Begin or end drawing with the keyboard."""
        if self.stage is None or self.painted is None:
            return
        if self._cursor is not None:
            self._cursor = None
            self._said("drawing is over")
        elif self._dial is not None:
            self._dial = None
            self._said("hands off the dials")
        elif self._replay is not None:
            self._said("a recording cannot be changed: open its scenario to draw")
        elif self.stage.board is not None or self.stage.lane.failure:
            self._said("there is nothing here to draw on")
        elif (drawable := target_in(self.stage)) is not None:
            self.stage.lane.playhead.pause()
            self._cursor = Cursor()
            if target_of(self.painted) is None:
                self.view.first = drawable
            self._said("what you set here is learned from at once")
        elif (dialled := dials_in(self.stage)) is not None:
            self._dial = 0
            if not dials_of(self.painted):
                self.view.first = dialled
            self._said("dials: ←→ choose, ↑↓ turn; → steps again afterwards")
        else:
            self._said("there is nothing here to draw on")
        self.paint()

    def _dial_key(self, key: str) -> None:
        dials = dials_of(self.painted) if self.painted is not None else []
        if self._dial is None or not dials:
            self._dial = None
            return
        self._dial %= len(dials)
        if key in ("left", "right"):
            self._dial = (self._dial + (1 if key == "right" else -1)) % len(dials)
            self._said(f"{dials[self._dial].name or dials[self._dial].label}: ↑↓ turn it")
        else:
            dial = dials[self._dial]
            assert dial.edit is not None
            self._said(self._turn(dial.edit.knob, turned(dial, 1 if key == "up" else -1)))
        self.paint()

    def on_key(self, event: events.Key) -> None:
        if self._dial is not None and event.key in _ARROWS:
            event.stop()
            event.prevent_default()
            self._dial_key(event.key)
            return
        if self._cursor is not None and event.key in (*_ARROWS, "o", "backspace", "delete"):
            event.stop()
            event.prevent_default()
            self._draw_key(event.key)

    def _draw_key(self, key: str) -> None:
        if self._cursor is None or self.painted is None:
            return
        target = target_of(self.painted)
        if target is None:
            return
        if key in _ARROWS:
            across, down = (len(target.picture[0]), len(target.picture)) if target.edit.how == "draw" else (24, 24)
            self._cursor = self._cursor.moved(*_ARROWS[key], across, down)
        else:
            remove = key in ("backspace", "delete")
            self._said(draw_at(target, self._cursor, self._turn, other=key == "o", remove=remove))
        self.paint()

    def _turn(self, knob: str, value: Any) -> str:
        """Turn a knob by hand. Dials wait for the next step; what is drawn is followed until it can be seen."""
        if self.stage is None:
            return ""
        try:
            said = self.stage.turn(knob, value)
        except BadInput as error:
            return str(error)
        if self.stage.knobs[knob].param.kind in ("picture", "points"):
            self._drawn, self._patience, self._followed = value, _PATIENCE, -1
        return said

    def _follow(self) -> None:
        """What is drawn holds from the next step on: a held run goes on, moment by moment, until it can be seen."""
        if self._drawn is None or self.stage is None or self.painted is None:
            return
        target = target_of(self.painted)
        shown = None if target is None else target.points if isinstance(target.mark, Points) else target.picture
        self._patience -= 1
        if shown == self._drawn or self._patience <= 0 or self.stage.status.state in ("done", "failed"):
            self._drawn = None
        elif self.stage.status.state != "playing" and self.stage.lane.playhead.tick != self._followed:
            self._followed, said = self.stage.lane.playhead.tick, self.stage.message
            self.stage.act("step")
            self.stage.message = said

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.painted is None:
            return
        found = found_at(self.painted, event.x, event.y)
        if self._pencil.down:
            self._said(self._pencil.drag(found) or "")
        pointed = said_of(found)
        self.view.pointer = (event.x, event.y)
        if pointed != self.painted.pointed:
            self.view.pointed = pointed
            self.view.heard = self.stage.message if self.stage is not None else ""
            self.paint()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        if self.painted is None or self.stage is None:
            return
        for box, action in self.painted.targets:
            if box.x <= event.x < box.right and box.y <= event.y < box.bottom:
                if action == "seek":
                    self.stage.seek((event.x - box.x) / max(1.0, box.width - 1))
                    self.paint()
                else:
                    self._click(action)
                return
        for slot in self.painted.slots:
            if event.y == slot.y and slot.x <= event.x < slot.x + slot.width and slot.panel.id in self.painted.order:
                alone = self.view.zoom and self.view.first == slot.panel.id
                self.view.zoom, self.view.first = not alone, slot.panel.id
                self.paint()
                return
        found = found_at(self.painted, event.x, event.y)
        if found is not None and self.stage.click_row(found.index if isinstance(found.mark, Scores) else None):
            self.paint()
            return
        said = self._pencil.press(found, other=event.button == _OTHER or event.shift)
        if said is not None:
            self._said(said)
            self.paint()
        elif found is not None and found.part == "link":
            self.stage.point(found.name)
            self.view.xray = True
            self.paint()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, -1)

    def _wheel(self, event: events.MouseEvent, notches: int) -> None:
        if self.painted is None:
            return
        said = self._pencil.wheel(found_at(self.painted, event.x, event.y), notches)
        if said is not None:
            self._said(said)
            self.paint()

    def on_mouse_up(self, _: events.MouseUp) -> None:
        self._pencil.release()

    def _click(self, action: str) -> None:
        if action in {one.name for one in ACTIONS}:
            self.action_stage(action)
        elif action == "quit":
            self.app.exit(0)
        elif action == "search":
            self.app.action_search()
        elif action == "out":
            self.action_back_out()
        elif action == "palette":
            self.app.action_command_palette()
        else:
            with contextlib.suppress(AttributeError):
                getattr(self, f"action_{action}")()
