"""What opens over the theatre: help, knobs, search."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from nnhistory.core.errors import BadInput
from nnhistory.core.numbers import plain
from nnhistory.core.scene import Panel
from nnhistory.draw.naming import renamed, words_for
from nnhistory.draw.palette import Look
from nnhistory.draw.words import shorten, wrap
from nnhistory.engine.actions import ACTIONS
from nnhistory.engine.aside import dates, knob_rows, typed_value
from nnhistory.engine.stage import Stage
from nnhistory.scenario.library import heads, search
from nnhistory.terminal.sheets import BOX, Sheet

_TWO = 104
"""Columns from which the keys are told in two columns."""

__all__ = ["FRONT_END_KEYS", "Help", "Knobs", "Search", "help_text", "shown_key", "wrapped"]

FRONT_END_KEYS: tuple[tuple[str, str], ...] = (
    ("1-9", "wager on an answer"),
    ("⏎", "the next page of the story"),
    ("k", "knobs: turn one; f forks with another value instead"),
    ("v", "the next picture first"),
    ("z", "the first picture alone, or all (a click on a picture's title does it, too)"),
    ("e", "draw on the retina or the plane (the mouse can, too)"),
    ("s", "save this experiment as a scenario"),
    ("S", "save the picture"),
    ("t", "light or dark"),
    ("/", "search the lessons"),
    ("ctrl+p", "all commands"),
    ("h", "home: the time line"),
    ("esc", "out of what is open"),
    ("ctrl+z", "to the shell; fg comes back"),
    ("q", "quit; your place is remembered"),
)


def help_text(stage: Stage, panel: Panel | None, pointed: str = "") -> list[tuple[str, str]]:
    """(heading, text): what is pointed at, the first picture and its present value, the last event; then the keys."""
    parts: list[tuple[str, str]] = [("under the pointer", pointed)] if pointed else []
    if panel is not None:
        texts = stage.registry.texts(stage.lane.plan.era, stage.lang) if stage.board is None else {}
        parts.append((panel.title, panel.about or texts.get("panels", {}).get(panel.id, "")))
        # Beside the dialog the run goes on: what is said of the present says of which.
        now = f"now, at step {plain(stage.status.step)}" if stage.board is None else "now"
        parts.append((now, panel.sentence))
        parts += [(mark.name, mark.hint) for mark in panel.marks if mark.name and mark.hint]
    measures = [(name, f"{meaning}.") for name, meaning in stage.measures]
    few = stage.board is not None or bool(stage.crowd)
    parts += measures if few else []
    latest = stage.timeline.latest
    if latest is not None and stage.board is None:
        parts.append((f"last event, at step {plain(latest.event.step)}", latest.text))
    keys = [(shown_key(action.keys[0]), action.help) for action in ACTIONS]
    parts.append(("keys", "\n".join(f"{key:>9}  {text}" for key, text in [*keys, *FRONT_END_KEYS])))
    if measures and not few:
        parts.append(("the numbers of this run", "\n\n".join(f"{name}: {meaning}" for name, meaning in measures)))
    return [(heading, "\n".join(" ".join(line.split()) for line in body.split("\n\n")) if heading != "keys" else body)
            for heading, body in parts]  # fmt: skip


_SHOWN_KEYS = {
    "left": "←", "right": "→", "plus": "+", "equals_sign": "=", "minus": "−", "shift+left": "shift+←",
    "shift+right": "shift+→",
}  # fmt: skip


def shown_key(key: str) -> str:
    """A key's name as it is printed."""
    return _SHOWN_KEYS.get(key, key)


def wrapped(text: str, columns: int) -> list[str]:
    """Lines of help, those of a long key moved in under its text."""
    lines = []
    for line in text.split("\n"):
        hang = 11 if line[9:11] == "  " and line[:9].strip() and line[8:9] != " " else 0
        lines.extend(wrap(line, columns, hang=hang))
    return lines


def in_two(text: str, columns: int) -> list[str]:
    """The same in two columns, read downwards: beside a picture there are few rows and many columns."""
    room = columns // 2 - 1
    lines = text.split("\n")
    blocks = [wrapped(line, room) for line in lines]
    left: list[str] = []
    while blocks and len(left) < sum(len(block) for block in blocks):
        left += blocks.pop(0)
    right = [line for block in blocks for line in block]
    right += [""] * (len(left) - len(right))
    return [f"{one:<{room + 2}}{other}".rstrip() for one, other in zip(left, right, strict=True)]


class Help(Sheet[None]):
    """What the first picture shows, and what can be pressed."""

    DEFAULT_CSS = """
    Help VerticalScroll { height: auto; max-height: 1fr; scrollbar-size-vertical: 1; }
    Help .foot { dock: bottom; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q,enter", "dismiss", show=False),
        Binding("down,j", "scroll(1)", show=False),
        Binding("up,k", "scroll(-1)", show=False),
        Binding("space,pagedown", "scroll(10)", show=False),
        Binding("pageup", "scroll(-10)", show=False),
    ]

    def __init__(self, stage: Stage, panel: Panel | None, look: Look, pointed: str = "") -> None:
        super().__init__()
        words = words_for(look.palette, characters=look.mode == "mono")
        self._parts = [(head, renamed(body, words)) for head, body in help_text(stage, panel, pointed)]

    def fill(self) -> None:
        """The whole text, wrapped anew."""
        room = self.place.room
        text = Text()
        for heading, body in self._parts:
            text.append(f"{heading}\n", style="bold")
            if body:
                lines = in_two(body, room) if heading == "keys" and room >= _TWO else wrapped(body, room)
                text.append("\n".join(lines) + "\n")
            text.append("\n")
        self.query_one(".text", Static).update(text)

    def compose(self) -> ComposeResult:
        with Vertical():
            with VerticalScroll():
                yield Static("", classes="text")
            yield Static(Text("↑↓ scroll   esc back", style="italic"), classes="foot")

    def action_scroll(self, lines: int) -> None:
        """Up or down."""
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)


class Knobs(Sheet[str]):
    """Choose a knob, type its new value. What is refused is said here, and nothing is lost."""

    DEFAULT_CSS = """
    Knobs OptionList { height: auto; max-height: 9; border: none; background: $surface; scrollbar-size-vertical: 1; }
    Knobs.-below OptionList, Knobs.-side OptionList { height: 1fr; max-height: 100%; }
    Knobs .said { height: auto; color: $error; }
    Knobs .help { height: auto; min-height: 3; }
    Knobs.-below .help { min-height: 2; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, stage: Stage, *, fork: bool) -> None:
        super().__init__()
        self._stage, self._fork = stage, fork
        self._names = [name for name, knob in stage.knobs.items() if knob.param.kind not in ("picture", "points")]
        # What acts at once comes first: it is what one turns while looking.
        self._names.sort(key=lambda name: not stage.knobs[name].live)

    def compose(self) -> ComposeResult:
        era = self._stage.lane.era
        at = f" from step {self._stage.status.step} on" if self._fork else ""
        rows = {row[0]: row for row in knob_rows(self._stage.knobs)}
        with Vertical():
            what = f"fork: another value{at}" if self._fork else f"knobs of {era.title}, {era.year}"
            yield Static(Text(what, style="bold"))
            yield OptionList(*[Option(_knob_line(rows[name], self.place.room), id=name) for name in self._names])
            yield Static("", classes="help", markup=False)
            yield Input(placeholder="new value, then ⏎", compact=True)
            yield Static("", classes="said", markup=False)
            yield Static(Text("↑↓ choose   type a value   ⏎ set   esc back", style="italic"))

    def on_mount(self) -> None:
        super().on_mount()
        if self.children:  # none if the program was being left when the key came
            self.query_one(Input).focus()
            self.query_one(OptionList).highlighted = 0

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if key in ("up", "down"):
            knobs = self.query_one(OptionList)
            knobs.action_cursor_up() if key == "up" else knobs.action_cursor_down()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        name = event.option_id or self._names[0]
        knob = self._stage.knobs[name]
        _, value, reach, acts, _ = next(row for row in knob_rows(self._stage.knobs) if row[0] == name)
        told = ", ".join(part for part in (f"{name} = {value}", reach, acts) if part)
        self.query_one(".help", Static).update(f"{told}. {knob.param.help}{dates(knob)}")
        self.query_one(".said", Static).update("")

    def on_option_list_option_selected(self, _: OptionList.OptionSelected) -> None:
        self.query_one(Input).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        chosen = self.query_one(OptionList).highlighted
        name = self._names[chosen or 0]
        text = event.value.strip()
        if not text:
            return
        try:
            value = typed_value(text, self._stage.knobs[name].param.kind)
            self.dismiss(self._stage.fork(name, value) if self._fork else self._stage.turn(name, value))
        except BadInput as error:
            self.query_one(".said", Static).update(str(error))

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss("")


def _knob_line(row: tuple[str, str, str, str, str], room: int) -> Text:
    name, value, reach, acts, year = row
    wide = max(16, room - 54)
    return Text(f"{name:<20}{shorten(value, 12):>12}  {shorten(reach, wide):<{wide + 1}}{acts:<8}{year:>5}")


class Search(ModalScreen[str]):
    """Find a lesson by any of its words."""

    DEFAULT_CSS = f"""
    Search {{ {BOX} }}
    Search OptionList {{ height: auto; max-height: 14; border: none; background: $surface; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "cancel", show=False)]

    def __init__(self, lang: str) -> None:
        super().__init__()
        self._heads = heads(lang)

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Input(placeholder="search the lessons: XOR, margin, 1969, ...", compact=True)
            yield OptionList()
            yield Static(Text("↑↓ choose   ⏎ open   esc back", style="italic"))

    def on_mount(self) -> None:
        if self.children:  # none if the program was being left when the key came
            self._fill("")
            self.query_one(Input).focus()

    def _fill(self, text: str) -> None:
        found = search(self._heads, text)
        options = self.query_one(OptionList)
        options.clear_options()
        options.add_options([Option(Text(f"{head.year}  {head.title}"), id=head.id) for head in found])
        if not found:
            options.add_option(Option(Text("no lesson has these words"), disabled=True))
        else:
            options.highlighted = 0

    def on_input_changed(self, event: Input.Changed) -> None:
        self._fill(event.value)

    def on_key(self, event: object) -> None:
        key = getattr(event, "key", "")
        if key in ("up", "down") and self.focused is self.query_one(Input):
            options = self.query_one(OptionList)
            options.action_cursor_up() if key == "up" else options.action_cursor_down()

    def on_input_submitted(self, _: Input.Submitted) -> None:
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            option = options.get_option_at_index(options.highlighted)
            if option.id:
                self.dismiss(option.id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id or "")

    def action_cancel(self) -> None:
        """Nothing found, nothing opened."""
        self.dismiss("")
