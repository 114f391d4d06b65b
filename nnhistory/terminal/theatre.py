"""The theatre: one scenario on stage. A thin shell; what is drawn is made in `theatre_picture`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from nnhistory.core.errors import BadInput, NNHistoryError
from nnhistory.engine.actions import BY_KEY
from nnhistory.engine.stage import Stage
from nnhistory.terminal.dialogs import Help, Knobs
from nnhistory.terminal.doctor import Doctor
from nnhistory.terminal.grid_view import GridView
from nnhistory.terminal.pointing import show_cursor, show_dial
from nnhistory.terminal.sheets import Sheet
from nnhistory.terminal.theatre_hands import TheatreHands
from nnhistory.terminal.theatre_picture import LEAST, View, paint_theatre

__all__ = ["Theatre"]

_FRAMES_A_SECOND = 30
_MESSAGE_SECONDS = 5.0
_WELCOME = "Welcome. space holds it and lets it go on, ? explains, h: the time line"
_WELCOME_SECONDS = 15.0
_OWN_KEYS: dict[str, str] = {
    "k": "knobs", "v": "view", "z": "zoom", "h": "home", "escape": "back_out", "question_mark": "help",
    "enter": "more", "e": "draw", "S": "save_picture", "s": "save_scenario", "t": "light",
    "up": "weight(-1)", "down": "weight(1)",
}  # fmt: skip


class Theatre(TheatreHands):
    """See the module's text."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, f"stage('{BY_KEY[key]}')", show=False, priority=key in ("tab", "shift+tab")) for key in BY_KEY),
        *(Binding(key, name, show=False) for key, name in _OWN_KEYS.items()),
        *(Binding(str(digit), f"choose({digit - 1})", show=False) for digit in range(1, 10)),
    ]

    def __init__(self, scenario: str | Path | None, *, replay: str | None = None) -> None:
        super().__init__(View(self.app.look, plain=self.app.plain, replay=replay is not None), replay=replay)
        self._scenario = scenario
        """Which of the dials the arrows turn."""
        self._chapter = (-1, False)
        self._message = ("", 0.0)

    def compose(self) -> ComposeResult:
        yield GridView(id="stage")

    def on_mount(self) -> None:
        try:
            if self._replay is not None:
                self.stage = Stage.replay(self._replay, lang=self.app.lang)
            else:
                assert self._scenario is not None
                self.stage = Stage.open(self._scenario, lang=self.app.lang)
        except NNHistoryError as error:
            self.app.refuse(str(error))
            return
        self.stage.patient = True
        if not self.app.motion:
            self.stage.stand_still()
        elif self.app.progress.first_visit and self._replay is None and self.stage.board is None:
            self.stage.message = _WELCOME
            self._message = (_WELCOME, time.monotonic() + _WELCOME_SECONDS)
        if self._replay is None and self._scenario is not None:
            self.app.progress.at(str(self._scenario))
        self.set_interval(1 / _FRAMES_A_SECOND, self._tick)
        self._tick(force=True)

    def on_unmount(self) -> None:
        if self.stage is not None:
            self.stage.close()

    # -- time and pictures ----------------------------------------------------------------------------------------

    def _tick(self, *, force: bool = False) -> None:
        if self.stage is None or (not self._seen and not force):
            return
        now = time.monotonic()
        fresh = self.stage.update(now)
        if self.stage.message != self._message[0]:
            self._message = (self.stage.message, now)
        elif self.stage.message and now - self._message[1] > _MESSAGE_SECONDS:
            self.stage.message, fresh = "", True
        if fresh or force:
            self.paint()
        self._follow()

    @property
    def _seen(self) -> bool:
        """Is it drawn, or computed without being held? A run that nobody can see waits; a board runs by itself."""
        if self.stage is not None and self.stage.board is not None:
            return True
        over, size = self.app.screen, self.app.size
        beside = isinstance(over, Sheet) and over.place.where != "over"
        return (over is self or beside) and size.width >= LEAST[0] and size.height >= LEAST[1]

    def paint(self) -> None:
        """Draw what is on stage now."""
        if self.stage is None:
            return
        self.view.look = self.app.look
        story = self.stage.story
        chapter = (story.number, story.answer is not None)
        if chapter != self._chapter:
            self._chapter, self.view.page = chapter, 0
            if not self.view.zoom and self._cursor is None and self._dial is None:
                self.view.first = ""
        self.view.hands = "draw" if self._cursor is not None else "dials" if self._dial is not None else ""
        over = self.app.screen
        self.view.beside = isinstance(over, Sheet) and over.place.where != "over"
        columns, rows = over.place.picture if isinstance(over, Sheet) else self.size
        self.painted = paint_theatre(self.stage, columns, rows, self.view)
        if self._cursor is not None:
            show_cursor(self.painted, self._cursor)
        if self._dial is not None:
            show_dial(self.painted, self._dial)
        self.query_one(GridView).show(self.painted.grid)
        self._remember(settled=story.answer is not None and story.chosen is not None)

    def _remember(self, *, settled: bool) -> None:
        if self.stage is None or self._replay is not None:
            return
        if self.stage.status.state == "done":
            self.app.progress.saw(self.stage.id)
        if settled:
            self.app.progress.understood_break(self.stage.id)

    def on_resize(self, _: events.Resize) -> None:
        self.paint()

    def on_screen_resume(self, _: events.ScreenResume) -> None:
        self.paint()

    # -- what the user does -----------------------------------------------------------------------------------------

    def action_stage(self, name: str) -> None:
        """One of the engine's actions."""
        if self.stage is None:
            return
        if self._dial is not None and name in ("step", "back"):
            self._dial_key("right" if name == "step" else "left")
            return
        if self._cursor is not None and name in ("play_pause", "step", "back"):
            self._draw_key({"step": "right", "back": "left", "play_pause": "space"}[name])
            return
        self._said(self.stage.act(name))
        if name == "xray":
            self.view.xray = not self.view.xray
        elif name == "fork" and self.stage.board is None:
            self.action_knobs(fork=True)
        elif name == "doctor" and self.stage.board is None and self.stage.lane.started:
            self._consult()
        elif name in ("restart", "reseed") and not self.app.motion:
            self.stage.lane.playhead.pause()
        self.paint()

    def action_choose(self, option: int) -> None:
        """Wager on an answer."""
        if self.stage is not None:
            self.stage.message = self.stage.choose(option)
            self.paint()

    def action_weight(self, step: int) -> None:
        """On the relay's board the next row; in the X-ray the next of the weights that are drawn."""
        if self.stage is not None and self.stage.board is not None:
            self.stage.choose_row(step)
            self.paint()
        elif self.stage is not None and self.view.xray:
            self._said(self.stage.point_next(step))
            self.paint()

    def action_view(self) -> None:
        """The next picture first."""
        if self.painted is not None:
            self.view.first = self.painted.next_first
        self.paint()

    def action_zoom(self) -> None:
        """One picture alone, or all again."""
        self.view.zoom = not self.view.zoom
        if self.painted is not None and self.painted.focus is not None:
            self.view.first = self.painted.focus.id
        self.paint()

    def action_more(self) -> None:
        """The next page of the story; on the relay's board, open the selected net."""
        if self.stage is not None and self.stage.scores is not None:
            self.stage.open_row()
            self.view.page, self.view.first, self.view.zoom = 0, "", False
            self.paint()
        elif self._cursor is not None or self._dial is not None:
            self.action_draw()
        elif self.painted is not None and self.painted.pages > 1:
            self.view.page += 1
            self.paint()

    def action_help(self) -> None:
        """Explain the first picture and its present value, and the keys."""
        if self.stage is not None and self.painted is not None:
            self.app.push_screen(Help(self.stage, self.painted.focus, self.app.look, self.painted.pointed))
            self.paint()

    def action_knobs(self, fork: bool = False) -> None:
        """Turn a knob, or fork with another value."""
        if self.stage is None:
            return
        if self.stage.board is not None:
            of = (
                "study: it turns its knobs by itself" if self.stage.study is not None else "board: open a net first (⏎)"
            )
            self._said(f"this is a {of}")
            self.paint()
            return
        if self._replay is not None:
            self._said("a recording cannot be changed: open its scenario to turn knobs")
            self.paint()
            return
        playing = self.stage.lane.playhead.playing
        self.stage.lane.playhead.pause()

        def turned(said: str | None) -> None:
            if self.stage is not None:
                if said:
                    self._said(said)
                if playing:
                    self.stage.lane.playhead.play()
                self.paint()

        self.app.push_screen(Knobs(self.stage, fork=fork), turned)
        self.paint()

    def _consult(self) -> None:
        def treated(said: str | None) -> None:
            if said:
                self._said(said)
            self.paint()

        assert self.stage is not None
        self.app.push_screen(Doctor(self.stage), treated)
        self.paint()

    def action_home(self) -> None:
        """Back to the time line."""
        self.app.go_home()

    def action_back_out(self) -> None:
        """Leave drawing, or zoom, or the X-ray, or a net of the relay; stop the relay; leave the theatre."""
        if self._cursor is not None or self._dial is not None:
            self._cursor = self._dial = None
        elif self.view.zoom or self.view.xray:
            self.view.zoom = self.view.xray = False
        elif self.stage is None or not (self.stage.back_to_board() or self.stage.cancel()):
            self.app.go_home()
            return
        self.paint()

    def action_light(self) -> None:
        """Light or dark."""
        self.app.switch_light()
        self.paint()

    def action_save_scenario(self) -> None:
        """Save the experiment as a new scenario file in the folder one is in."""
        if self.stage is None or self._replay is not None:
            return
        stem = self.stage.id.replace("/", "-")
        place = next(p for n in range(1, 1000) if not (p := Path(f"{stem}-{n}.toml")).exists())
        try:
            self._said(self.stage.save(place))
        except BadInput as error:
            self._said(str(error))
        self.paint()

    def action_save_picture(self) -> None:
        """Save what is on the screen as a PNG in the folder one is in."""
        if self.stage is None or self.painted is None:
            return
        from nnhistory.draw.grid_png import grid_image

        stem = self.stage.id.replace("/", "-")
        place = next(p for n in range(1, 1000) if not (p := Path(f"{stem}-{n}.png")).exists())
        try:
            grid_image(self.painted.grid, self.app.look.palette).save(place)
            self._said(f"saved as {place}")
        except OSError as error:
            self._said(f"cannot write {place}: {error.strerror}. Start nnhistory in another folder")
        self.paint()
