"""The window: events in, pictures out, sixty times a second. Nothing is computed here but the picture."""

from __future__ import annotations

import contextlib
import gc
import math
import threading
import time
from pathlib import Path
from typing import Any

import pygame

from nnhistory.core.errors import BadInput, NNHistoryError
from nnhistory.core.numbers import plain
from nnhistory.core.scene import Lamps, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pencil import Pencil
from nnhistory.draw.pixels import draw_panel, scale_for
from nnhistory.draw.spots import AreaSpot, Spot, hit
from nnhistory.engine.actions import ACTIONS, BY_KEY
from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage
from nnhistory.visual.keys import key_name
from nnhistory.visual.mouse import Mouse
from nnhistory.visual.overlays import Doctor, Help, Home, Knobs, Overlay, Search
from nnhistory.visual.painter import Painter, measure
from nnhistory.visual.picture import DRAW_HINTS, LEAST, TEACH_HINT, Painted, View, paint, paint_thumbnail, thumbnail_box
from nnhistory.visual.topics import Topics

__all__ = ["FRAMES_A_SECOND", "Window"]

FRAMES_A_SECOND = 60
_FRAME, _LEAST_ROOM = 11.5e-3, 3e-3
"""Seconds that a frame should take of its sixtieth while a run plays, and what its pictures get of that at least."""
_IDLE, _YOUNG = 8e-3, 3_000
"""A frame that took less seconds has time to look for garbage, if there are so many new objects."""
_NOTE_SECONDS = 6.0
_ACTIONS = {action.name for action in ACTIONS}


class Window(Mouse):
    """One stage in one window. `run` returns the exit status when the user leaves."""

    def __init__(
        self, surface: pygame.Surface, stage: Stage, *, progress: Progress, palette_name: str = "okabe-ito",
        dark: bool = True, plain: bool = False, motion: bool = True,
    ) -> None:  # fmt: skip
        self.stage, self.progress = stage, progress
        self._fit(surface)
        self.palette_name, self.dark, self.motion = palette_name, dark, motion
        self.view = View(palette(palette_name, dark), plain=plain)
        self.overlay: Overlay | None = None
        self.painted: Painted | None = None
        self._overlay_spots: list[Spot] = []
        self.frame_times: list[float] = []
        """Seconds each frame took to compute and paint: read by the benchmark."""
        self._painter = Painter()
        self._pencil = Pencil(self.view.drawn.set)
        self._status: int | None = None
        self._dirty = True
        self._chapter = (-1, False)
        self._message = ("", 0.0)
        self._beside = 0.0
        """Seconds that a frame takes beside its pictures, smoothed."""
        self._begin()

    def _fit(self, shown: pygame.Surface) -> None:
        """Paint on the window itself; where it is too small for that, on a page that is shown smaller."""
        width, height = shown.get_size()
        self._shown, self.surface = shown, shown
        self._shrink = min(1.0, width / LEAST[0], height / LEAST[1])
        if self._shrink < 1.0:
            self.surface = pygame.Surface((math.ceil(width / self._shrink), math.ceil(height / self._shrink)))

    def _place(self, place: tuple[int, int]) -> tuple[int, int]:
        """Where that pixel of the window is on the page."""
        return round(place[0] / self._shrink), round(place[1] / self._shrink)

    def _begin(self) -> None:
        self.stage.patient = True
        if not self.motion:
            self.stage.stand_still()

    # -- time -------------------------------------------------------------------------------------------------------

    def run(self) -> int:
        """Until the user leaves."""
        clock = pygame.time.Clock()
        # A search for garbage among all that was ever recorded holds a frame for 10 to 30 ms. What is loaded stays,
        # and pictures leave no cycles behind: so such a search is rare while the window is open, and the newest
        # objects are searched where a frame has time to spare.
        gc.collect()
        gc.freeze()
        patience = gc.get_threshold()
        gc.set_threshold(50_000, 50, 100)
        try:
            return self._loop(clock)
        finally:
            gc.set_threshold(*patience)
            gc.unfreeze()

    def _loop(self, clock: pygame.time.Clock) -> int:
        while self._status is None:
            began = time.perf_counter()
            for event in pygame.event.get():
                self.handle(event)
            playing = self.stage.status.state == "playing"
            room = max(_LEAST_ROOM, _FRAME - self._beside) if playing else math.inf
            if self.tick(time.monotonic(), room):
                pygame.display.flip()
                self._beside += 0.1 * (time.perf_counter() - began - self.view.kept.spent - self._beside)
            if time.perf_counter() - began < _IDLE and gc.get_count()[0] > _YOUNG:
                gc.collect(0)
            self.frame_times.append(time.perf_counter() - began)
            del self.frame_times[:-5000]
            clock.tick(FRAMES_A_SECOND)
        return self._status

    def tick(self, now: float, room: float = math.inf) -> bool:
        """Let the stage go on to time `now`, and paint if something changed.

        room : seconds for the pictures; where they need more, they take turns. What is late is painted next time.
        """
        fresh = self.stage.update(now) or self._dirty or self.view.kept.late
        fresh |= self._go_on_with_drawn()
        if self.stage.message != self._message[0]:
            self._message, fresh = (self.stage.message, now), True
        elif self.stage.message and now - self._message[1] > _NOTE_SECONDS:
            self.stage.message, fresh = "", True
        if fresh:
            self.paint(room)
            self._dirty = False
        return fresh

    def _go_on_with_drawn(self) -> bool:
        """After a stroke: a held run goes on until it has answered to it, so that one sees what came of it."""
        drawn, lane = self.view.drawn, self.stage.lane
        if not drawn.given or not lane.started or lane.catch_up is not None or lane.playhead.pending:
            return False
        if drawn.step_on(lane.frame, lane.shown) and self.stage.status.state == "paused":
            lane.playhead.step(lane.recording)
        return not drawn.given

    def paint(self, room: float = math.inf) -> None:
        """Draw everything, or what fits into `room` seconds."""
        width, height = self.surface.get_size()
        story = self.stage.story
        chapter = (story.number, story.answer is not None)
        if chapter != self._chapter:
            self._chapter, self.view.page = chapter, 0
        self.view.kept.begin(room)
        self.painted = paint(self.stage, width, height, self.view, measure)
        self._painter.paint_parts(self.surface, self.painted.parts, self.view.palette.colour("paper"))
        self.view.kept.painted(self._painter.spent)
        self._paint_thumbnail()
        if self.overlay is not None:
            self._paint_overlay(self.overlay)
        if self._shown is not self.surface:
            pygame.transform.smoothscale(self.surface, self._shown.get_size(), self._shown)
        self._remember(settled=story.answer is not None and story.chosen is not None)

    def _paint_thumbnail(self) -> None:
        """Over the time line: the picture of the moment one points at."""
        if self.painted is None or self.view.pointer is None or self.overlay is not None:
            return
        x, y = self.view.pointer
        for box, action in self.painted.targets:
            if action == "seek" and box.holds(x, y) and self.stage.board is None:
                mark = self.stage.thumbnail(place=(x - box.x) / max(1.0, box.width))
                if mark is not None:
                    scale = scale_for(*self.surface.get_size())
                    small = thumbnail_box(box, x, scale)
                    self._painter.forget()
                    title = self._moment((x - box.x) / max(1.0, box.width))
                    self._painter.paint(self.surface, paint_thumbnail(mark, title, small, self.view, measure, scale))

    def _moment(self, place: float) -> str:
        """Which step lies at this place of the time line."""
        lane, ready = self.stage.lane, self.stage.timeline.ready
        if not lane.started or ready <= 0:
            return ""
        last = lane.shown.frames[-1].tick
        return f"step {plain(lane.shown.at(min(last, round(place / ready * last))).step)}"

    def _paint_overlay(self, overlay: Overlay) -> None:
        self._painter.forget()
        width, height = self.surface.get_size()
        veil = pygame.Surface((width, height))
        veil.fill(self.view.palette.colour("paper"))
        veil.set_alpha(190)
        self.surface.blit(veil, (0, 0))
        wide, high = width * overlay.size[0], height * overlay.size[1]
        box = Box((width - wide) / 2, (height - high) / 2, wide, high)
        scale = scale_for(width, height)
        drawing = draw_panel(overlay.panel(), box, self.view.palette, measure, scale=scale)
        # The panel itself lies under its marks: a click beside them closes nothing.
        self._overlay_spots = [AreaSpot(box, TextBlock(lines=())), *drawing.spots]
        self._painter.paint(self.surface, drawing)

    def _remember(self, *, settled: bool) -> None:
        if self.stage.status.state == "done":
            self.progress.saw(self.stage.id)
        if settled:
            self.progress.understood_break(self.stage.id)

    # -- what the user does -----------------------------------------------------------------------------------------

    def handle(self, event: pygame.event.Event) -> None:
        """Take one event."""
        match event.type:
            case pygame.QUIT:
                self._status = 0
            case pygame.KEYDOWN:
                self.press_key(key_name(event.key, event.mod, event.unicode), event.unicode)
            case pygame.VIDEORESIZE | pygame.WINDOWEXPOSED:
                self._fit(pygame.display.get_surface() or self._shown)
                self._painter.forget()
                self._dirty = True
            case pygame.MOUSEMOTION:
                self._point(self._place(event.pos))
            case pygame.WINDOWLEAVE:
                self._leave()
            case pygame.MOUSEBUTTONDOWN if event.button == 1 and self.overlay is not None:
                self._dirty = True
                x, y = self._place(event.pos)
                self._answer(self.overlay.click(hit(self._overlay_spots, float(x), float(y))))
            case pygame.MOUSEBUTTONDOWN if event.button in (1, 3) and self.overlay is None:
                place = self._place(event.pos)
                self._mouse_down(place, other=event.button == 3 or bool(pygame.key.get_mods() & pygame.KMOD_SHIFT))
            case pygame.MOUSEWHEEL if self.overlay is None:
                self._wheel(event.y)
            case pygame.MOUSEWHEEL if not isinstance(self.overlay, Help):
                self._dirty = True
                for _ in range(abs(event.y)):
                    self._overlay_key("up" if event.y > 0 else "down", "")
            case pygame.MOUSEBUTTONUP:
                self._let_go()

    def press_key(self, name: str, text: str = "") -> None:
        """Take one key by its name."""
        self._dirty = True
        if name == "ctrl+c":
            self._status = 130
        elif self.overlay is not None:
            self._overlay_key(name, text)
        elif name in BY_KEY:
            self.act(BY_KEY[name])
        elif name.isdigit() and name != "0":
            self.stage.message = self.stage.choose(int(name) - 1)
        else:
            self.act(_OWN_KEYS.get(name, ""))

    def _overlay_key(self, name: str, text: str) -> None:
        assert self.overlay is not None
        self._answer(self.overlay.key(name, text))

    def _answer(self, answer: str | None) -> None:
        """Do what came out of a key or a click in what lies over the picture."""
        if answer is None:
            return
        self.overlay = None
        verb, _, rest = answer.partition(" ")
        if verb == "say":
            self.stage.message = rest
        elif verb == "open":
            self.open(rest)
        elif verb == "quit":
            self._status = 0

    def act(self, name: str) -> None:
        """Do one of the engine's actions, or one of the window's own."""
        self._dirty = True
        if name in _ACTIONS:
            self.stage.act(name)
            if name == "xray":
                self.view.xray = not self.view.xray
            elif name == "fork" and self.stage.board is None:
                self.overlay = Knobs(self.stage, fork=True)
            elif name == "doctor" and self.stage.board is None and self.stage.lane.started:
                self.overlay = Doctor(self.stage)
            elif name in ("restart", "reseed") and not self.motion:
                self.stage.lane.playhead.pause()
            return
        focus = self.painted.focus if self.painted is not None else None
        match name:
            case "more" if self.stage.scores is not None:
                self.stage.open_row()
                self.view.first, self.view.zoom, self.view.page = 0, "", 0
            case "more":
                self.view.page += 1
            case "view":
                self.view.first += 1
            case "zoom":
                self.view.zoom = "" if self.view.zoom or focus is None else focus.id
            case "knobs" if self.stage.board is None:
                self.overlay = Knobs(self.stage, fork=False)
            case "weight_up" | "weight_down" if self.stage.board is not None:
                self.stage.choose_row(1 if name == "weight_down" else -1)
            case "weight_up" | "weight_down" if self.view.xray:
                self.stage.message = self.stage.point_next(1 if name == "weight_down" else -1)
            case "draw":
                self._how_to_draw()
            case "help":
                self.overlay = Help(self.stage, focus)
            case "search":
                self.overlay = Search(self.stage.lang)
            case "notes":
                self.overlay = Topics(self.stage.lang)
            case "home":
                self.overlay = Home(self.progress, self.stage.lang)
            case "light":
                self.dark = not self.dark
                self.view.palette = palette(self.palette_name, self.dark)
            case "full_screen":
                with contextlib.suppress(pygame.error):
                    pygame.display.toggle_fullscreen()
            case "save_picture":
                self._save(".png", lambda place: pygame.image.save(self.surface, str(place)))
            case "save_scenario":
                self._save(".toml", self.stage.save)
            case "out":
                self._out()
            case "quit":
                self._status = 0

    def _how_to_draw(self) -> None:
        """Hold the run, show large what can be drawn on, and say how."""
        panels = [panel for panel, _ in self.painted.slots] if self.painted is not None else []
        teaches = any(isinstance(mark, Lamps) and mark.edit is not None for panel in panels for mark in panel.marks)
        for panel in panels:
            for mark in panel.marks:
                if mark.edit is not None and mark.edit.how in ("draw", "points"):
                    self.stage.lane.playhead.pause()
                    self.view.zoom = panel.id
                    hint = TEACH_HINT if teaches and mark.edit.how == "draw" else DRAW_HINTS[mark.edit.how]
                    self.stage.message = hint + "; z brings all pictures back"
                    return
        self.stage.message = "there is nothing here to draw on (v: another picture first)"

    def _out(self) -> None:
        if self.view.zoom or self.view.xray:
            self.view.zoom, self.view.xray = "", False
        elif not (self.stage.back_to_board() or self.stage.cancel()):
            self.act("home")

    def _save(self, suffix: str, write: Any) -> None:
        stem = self.stage.id.replace("/", "-")
        place = next(p for n in range(1, 1000) if not (p := Path(f"{stem}-{n}{suffix}")).exists())
        try:
            write(place)
            self.stage.message = f"saved as {place}"
        except (OSError, pygame.error, BadInput) as error:
            self.stage.message = f"cannot save {place}: {error}"

    def open(self, scenario: str | Path) -> None:
        """Put another scenario on stage."""
        try:
            stage = Stage.open(scenario, lang=self.stage.lang)
        except NNHistoryError as error:
            self.stage.message = str(error)
            return
        # Its process takes a tenth of a second or two to end. Only the interpreter waits for that, at its own end.
        threading.Thread(target=self.stage.close, name="nnhistory-close").start()
        self.stage = stage
        self.progress.at(str(scenario))
        self.view.first, self.view.zoom, self.view.xray, self._chapter = 0, "", False, (-1, False)
        self.view.needs.clear()
        self._begin()


_OWN_KEYS = {
    "return": "more", "v": "view", "z": "zoom", "e": "draw", "k": "knobs", "question_mark": "help",
    "slash": "search", "h": "home", "m": "notes", "t": "light", "f11": "full_screen",
    "S": "save_picture", "s": "save_scenario", "escape": "out", "q": "quit", "up": "weight_up", "down": "weight_down",
}  # fmt: skip
