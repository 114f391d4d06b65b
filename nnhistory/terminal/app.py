"""The walkthrough in the terminal (Textual)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from nnhistory.draw.palette import Look, palette
from nnhistory.engine.actions import ACTIONS
from nnhistory.engine.progress import Progress
from nnhistory.engine.runner import prepare_processes
from nnhistory.scenario.library import heads
from nnhistory.terminal.dialogs import Search, shown_key
from nnhistory.terminal.home import Home
from nnhistory.terminal.looks import colour_mode, look_of, theme_of
from nnhistory.terminal.sheets import Sheet
from nnhistory.terminal.theatre import Theatre
from nnhistory.terminal.topics import Topics

__all__ = ["FIRST_LESSON", "WalkthroughApp", "run_walkthrough"]

FIRST_LESSON = "relay/two-digits"
"""What a first visit opens with: the whole history in one picture."""

CANCELLED = 130
"""Exit status after Ctrl-C."""


class WalkthroughApp(App[int]):
    """Home below, a theatre above it, dialogs on top."""

    TITLE = "nnhistory"
    CSS = f"""
    Screen {{ background: $background; color: $foreground; }}
    {Sheet.DOCKED_CSS}
    .-mono OptionList > .option-list--option-highlighted {{ text-style: bold underline; }}
    .-ansi16 OptionList > .option-list--option-highlighted {{
        background: ansi_blue; color: ansi_bright_white; text-style: bold;
    }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "leave", show=False),
        Binding("ctrl+q", "leave", show=False, priority=True),
        Binding("ctrl+c", "cancel", show=False, priority=True),
        Binding("ctrl+z", "suspend_process", show=False, priority=True),
        Binding("slash", "search", show=False),
        Binding("m", "notes", show=False),
    ]

    def __init__(
        self, scenario: str | Path | None = None, *, replay: str | None = None, palette_name: str = "okabe-ito",
        plain: bool = False, motion: bool = True, lang: str = "en", progress: Progress | None = None, dark: bool = True,
    ) -> None:  # fmt: skip
        mode = colour_mode(_colour_system())
        super().__init__(ansi_color=mode != "truecolor")
        self.plain, self.lang = plain, lang
        self.motion = motion and self.animation_level != "none"
        self.progress = progress if progress is not None else Progress()
        self._first = scenario if scenario is not None else self.progress.last or FIRST_LESSON
        self._home = scenario is None and self.progress.last == FIRST_LESSON
        """Whoever has seen no more than what a first visit opens with comes back to the time line."""
        self._replay = replay
        self._dark, self._palette_name, self._mode = dark, palette_name, mode
        self.look: Look = look_of(palette_name, dark, mode, self.motion)
        self.add_class(f"-{mode}")  # where Textual's own theme would not show which line is chosen

    def on_mount(self) -> None:
        for dark in (True, False):
            self.register_theme(theme_of(self._palette_name, dark))
        self._set_theme()
        self.push_screen(Home())
        if self._replay is not None:
            self.push_screen(Theatre(None, replay=self._replay))
        elif not self._home:
            known = {head.id for head in heads(self.lang)}
            if str(self._first) in known or Path(self._first).suffix == ".toml":
                self.push_screen(Theatre(self._first))

    def _set_theme(self) -> None:
        family = "nnhistory" if self._mode == "truecolor" else "ansi"
        self.theme = f"{family}-{'dark' if self._dark else 'light'}"

    def switch_light(self) -> None:
        """Light or dark."""
        self._dark = not self._dark
        self.look = look_of(self._palette_name, self._dark, self._mode, self.motion)
        self._set_theme()

    def open_lesson(self, scenario: str) -> None:
        """Put a lesson on stage, in the place of the one that is there."""
        while isinstance(self.screen, Theatre):
            self.pop_screen()
        self.push_screen(Theatre(scenario))

    def go_home(self) -> None:
        """Leave the theatre."""
        if isinstance(self.screen, Theatre):
            self.pop_screen()

    def refuse(self, text: str) -> None:
        """A lesson that cannot be opened: say why, at home."""
        self.go_home()
        if isinstance(self.screen, Home):
            self.screen.view.note = text
            self.screen.paint()

    def action_leave(self) -> None:
        """Quit."""
        self.exit(0)

    def action_cancel(self) -> None:
        """Ctrl-C."""
        self.exit(CANCELLED)

    def action_search(self) -> None:
        """Search the lessons."""

        def found(scenario: str | None) -> None:
            if scenario:
                self.open_lesson(scenario)

        self.push_screen(Search(self.lang), found)

    def action_notes(self) -> None:
        """The topics of the notes, each with its lessons."""

        def found(scenario: str | None) -> None:
            if scenario:
                self.open_lesson(scenario)

        self.push_screen(Topics(self.lang), found)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Everything that can be done, for the command palette."""
        if isinstance(screen, Theatre):
            for action in ACTIONS:
                yield SystemCommand(
                    f"{action.label} ({shown_key(action.keys[0])})",
                    action.help,
                    lambda name=action.name: screen.action_stage(name),
                )
            yield SystemCommand("knobs (k)", "Turn a knob.", screen.action_knobs)
            yield SystemCommand("home (h)", "Back to the time line.", self.go_home)
        for head in heads(self.lang):
            yield SystemCommand(f"lesson: {head.title}", head.summary, lambda name=head.id: self.open_lesson(name))
        yield SystemCommand("search (/)", "Search the lessons.", self.action_search)
        yield SystemCommand("notes (m)", "Every topic of the notes, with its lessons.", self.action_notes)
        yield SystemCommand("light or dark (t)", "The other ground.", self._light_command)
        yield SystemCommand("quit (q)", "Leave. Your place is remembered.", self.action_leave)

    def _light_command(self) -> None:
        self.switch_light()
        if isinstance(self.screen, Home | Theatre):
            self.screen.paint()


def _colour_system() -> str | None:
    """What Rich makes of this terminal: None, standard, 256, truecolor."""
    from rich.console import Console

    return Console(force_terminal=True).color_system


def _is_light() -> bool:
    """COLORFGBG is how some terminals say that their ground is light."""
    ground = os.environ.get("COLORFGBG", "").rpartition(";")[2]
    return ground.isdigit() and int(ground) in (7, 15)


def run_walkthrough(
    scenario: str | Path | None = None,
    *,
    replay: str | None = None,
    palette: str = "okabe-ito",
    plain: bool = False,
    no_motion: bool = False,
    lang: str = "en",
    forget: bool = False,
) -> int:
    """Open the walkthrough and stay until the user leaves. Returns the exit status."""
    _check_palette(palette)
    prepare_processes()
    progress = Progress.load()
    if forget:
        progress.forget()
    app = WalkthroughApp(
        scenario, replay=replay, palette_name=palette, plain=plain, motion=not no_motion, lang=lang,
        progress=progress, dark=not _is_light(),
    )  # fmt: skip
    status = app.run()
    return status if status is not None else app.return_code or 0


def _check_palette(name: str) -> None:
    palette(name)
