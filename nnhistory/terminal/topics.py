"""The topics of the notes over whatever is on the screen: choose one, and its lesson opens."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nnhistory.scenario.library import heads
from nnhistory.scenario.notes import Place, notes
from nnhistory.scenario.schema import say
from nnhistory.terminal.sheets import BOX

__all__ = ["Topics"]


class Topics(ModalScreen[str]):
    """Gives the scenario's id, or nothing. Headings cannot be chosen; the chapters under them can."""

    DEFAULT_CSS = f"""
    Topics {{ {BOX} }}
    Topics OptionList, Topics OptionList:focus {{ height: auto; max-height: 80%; border: none; background: $surface;
        scrollbar-size-vertical: 1; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,m,q", "cancel", show=False)]

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._lang = lang
        self._scenarios: list[str] = []
        self._titles = {head.id: head.title for head in heads(lang)}

    def compose(self) -> ComposeResult:
        found = notes().shipped()
        options = []
        for topic in found.topic:
            heading = Text("  " * (topic.level - 1) + say(topic.heading, self._lang), style="bold")
            options += [self._heading(heading), *(self._place(place) for place in topic.at)]
        options.append(self._heading(Text("Often told: what do the sources say?", style="bold")))
        for one in found.told:
            options += [self._heading(Text(f"  “{say(one.said, self._lang)}”")), self._place(one.at)]
        with Vertical():
            yield Static(Text("The notes, topic by topic", style="bold"))
            yield OptionList(*options)
            yield Static(Text("↑↓ choose   ⏎ open the lesson   esc back", style="italic"))

    def _heading(self, text: Text) -> Option:
        self._scenarios.append("")
        return Option(text, disabled=True)

    def _place(self, place: Place) -> Option:
        self._scenarios.append(place.scenario)
        line = f"    {place.scenario} · {place.title(self._titles)}"
        return Option(Text(line, overflow="ellipsis", no_wrap=True))

    def on_mount(self) -> None:
        if self.children:  # none if the program was being left when the key came
            options = self.query_one(OptionList)
            options.focus()
            options.action_first()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(self._scenarios[event.option_index])

    def action_cancel(self) -> None:
        """Back to where one was."""
        self.dismiss("")
