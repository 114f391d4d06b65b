"""The doctor's panel over the theatre."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from nnhistory.draw.words import wrap
from nnhistory.engine.doctor_panel import Consultation
from nnhistory.engine.stage import Stage
from nnhistory.terminal.sheets import Sheet

__all__ = ["Doctor"]

_STYLES = {"error": "bold", "good": "bold", "muted": "dim"}


class Doctor(Sheet[str]):
    """The findings, causes first; the chosen one's numbers or its why; Enter applies its cure."""

    DEFAULT_CSS = """
    Doctor VerticalScroll { height: auto; max-height: 1fr; scrollbar-size-vertical: 1; }
    Doctor .foot { dock: bottom; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,y,q", "leave", show=False),
        Binding("down", "choose(1)", show=False),
        Binding("up", "choose(-1)", show=False),
        Binding("w", "why", show=False),
        Binding("enter", "apply", show=False),
        Binding("pagedown,space", "scroll(8)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
    ]

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self._open = Consultation(stage.diagnosis, replayed=stage.replayed)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Text(self._open.title, style="bold"))
            with VerticalScroll():
                yield Static("", classes="found")
            yield Static("", classes="foot")

    def fill(self) -> None:
        """What is found, wrapped anew."""
        room = self.place.room
        text = Text()
        for line in self._open.lines():
            style = "bold" if line.bold else _STYLES.get(line.role, "")
            text.append("\n".join(wrap(line.text, room)) + "\n", style=style)
        self.query_one(".found", Static).update(text)
        self.query_one(".foot", Static).update(Text(self._open.keys, style="italic"))

    def action_choose(self, step: int) -> None:
        """The next finding."""
        self._open.choose(step)
        self.fill()

    def action_why(self) -> None:
        """Why it stops learning, or the numbers again."""
        self._open.why = not self._open.why
        self.fill()

    def action_apply(self) -> None:
        """The run again with the one change that cures it."""
        finding = self._open.finding
        if finding is not None and finding.cure is not None:
            self.dismiss(self._stage.prescribe(finding.cure))

    def action_scroll(self, lines: int) -> None:
        """Up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_leave(self) -> None:
        """Leave everything as it is."""
        self.dismiss("")
