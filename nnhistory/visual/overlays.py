"""What opens over the window's picture: help, knobs, search, home. Panels like any other; no toolkit."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Lamps, Line, Mark, Panel, Polyline, Table, TextBlock
from nnhistory.draw.spots import Found
from nnhistory.engine.actions import ACTIONS
from nnhistory.engine.aside import dates, knob_rows, shown_value, typed_value
from nnhistory.engine.doctor_panel import Consultation
from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage
from nnhistory.scenario.library import heads, search, walkthrough
from nnhistory.scenario.schema import say

__all__ = ["Doctor", "Help", "Home", "Knobs", "Overlay", "Search"]

_KEYS: tuple[tuple[str, str], ...] = (
    ("1-9", "wager on an answer; ⏎ turns the page of the story"),
    ("mouse", "hover to read; draw on the retina; add, drag, take away points; click the time line"),
    ("e", "draw: the picture large, the run held"),
    ("k", "knobs   v next picture   z picture alone   t light or dark"),
    ("S", "save the picture   s save the experiment   F11 full screen"),
    ("h", "home   m the notes, topic by topic   / search   esc out of what is open   q quit"),
)


class Overlay(Protocol):
    """Something over the picture that takes the keys."""

    size: tuple[float, float]
    """Share of the window's width and height it wants."""

    def panel(self) -> Panel: ...
    def key(self, name: str, text: str) -> str | None:
        """Take a key. Returns None to stay, "" to close, or what to do: `say TEXT`, `open SCENARIO`."""
        ...

    def click(self, found: Found | None) -> str | None:
        """Take a click on what lies there (None: beside it all). Returns what `key` returns."""
        ...


def _row(found: Found | None) -> int | None:
    """The row of a table that was clicked."""
    return found.index if found is not None and isinstance(found.mark, Table) and isinstance(found.index, int) else None


class Help:
    """What the first picture shows and its present value, then the keys."""

    size = (0.96, 0.94)

    def __init__(self, stage: Stage, panel: Panel | None) -> None:
        self._lines: list[Line] = []
        if panel is not None:
            texts = stage.registry.texts(stage.lane.plan.era, stage.lang) if stage.board is None else {}
            self._lines += [Line(panel.title, "attention", bold=True)]
            about = panel.about or texts.get("panels", {}).get(panel.id, "")
            if about:
                self._lines.append(Line(" ".join(about.split())))
            self._lines.append(Line(f"Now: {panel.sentence}"))
            few = stage.board is not None or bool(stage.crowd)
            self._lines += [Line(f"{name}: {meaning}.") for name, meaning in stage.measures if few]
            hints = {m.hint: f"{m.name}: {m.hint}" for m in reversed(panel.marks) if m.name and m.hint}
            self._lines += [Line(text, "muted") for text in reversed(hints.values())]
        keys = [Line(f"{_shown(action.keys[0])}   {action.help}") for action in ACTIONS]
        keys += [Line(f"{key}   {text}") for key, text in _KEYS]
        half = _middle([len(line.text) for line in keys])
        self._keys = (tuple(keys[:half]), tuple(keys[half:]))

    def panel(self) -> Panel:
        """What the first picture shows above, the keys in two columns below."""
        share = 0.72 if self._lines else 1.0
        marks: list[Mark] = [
            TextBlock(rect=(0.5 * column, 0.0, 0.5 * column + 0.49, share), lines=lines, monospace=False)
            for column, lines in enumerate(self._keys)
        ]
        if self._lines:
            marks.append(TextBlock(rect=(0, 0.74, 1, 1), lines=tuple(self._lines), monospace=False))
        return Panel("help", "help (any key closes it)", "Keys and what they do.", tuple(marks))

    def key(self, name: str, text: str) -> str | None:
        return ""

    def click(self, found: Found | None) -> str | None:
        return ""


def _middle(lengths: list[int]) -> int:
    """Where to cut a list so that both columns have about as many lines, each wrapped at some fifty letters."""
    rows = [-(-length // 50) for length in lengths]
    return min(range(1, len(rows)), key=lambda cut: max(sum(rows[:cut]), sum(rows[cut:])))


_SHOWN = {
    "left": "←", "right": "→", "plus": "+", "minus": "−", "shift+left": "shift+←", "shift+right": "shift+→",
}  # fmt: skip


def _shown(key: str) -> str:
    return _SHOWN.get(key, key)


class Knobs:
    """Choose a knob with the arrows, type its new value."""

    size = (0.8, 0.9)

    def __init__(self, stage: Stage, *, fork: bool) -> None:
        self._stage, self._fork = stage, fork
        self._names = [name for name, knob in stage.knobs.items() if knob.param.kind not in ("picture", "points")]
        # What acts at once comes first: it is what one turns while looking.
        self._names.sort(key=lambda name: not stage.knobs[name].live)
        self._at, self._typed, self._said = 0, "", ""

    def panel(self) -> Panel:
        rows = {row[0]: row for row in knob_rows(self._stage.knobs)}
        knob = self._stage.knobs[self._names[self._at]]
        table = Table(
            rect=(0, 0.24, 1, 1), columns=("knob", "value", "range", "acts", "year"),
            rows=tuple(rows[name] for name in self._names), ring=(self._at,), align="lrllr",
        )  # fmt: skip
        lines = [
            Line(f"{self._names[self._at]} = {shown_value(knob.value)}. {knob.param.help}{dates(knob)}"),
            Line(f"new value: {self._typed}▏", "attention", bold=True),
        ]
        if self._said:
            lines.append(Line(self._said, "error"))
        lines.append(Line("↑↓ choose   type a value   ⏎ set   esc back", "muted"))
        era = self._stage.lane.era
        at = f"fork at step {self._stage.status.step}: another value from here on"
        title = at if self._fork else f"knobs of {era.title}, {era.year}"
        block = TextBlock(rect=(0, 0, 1, 0.22), lines=tuple(lines), monospace=False)
        return Panel("knobs", title, knob.param.help, (table, block))

    def key(self, name: str, text: str) -> str | None:
        self._said = "" if name != "return" else self._said
        match name:
            case "escape":
                return ""
            case "up" | "down":
                self._at = (self._at + (1 if name == "down" else -1)) % len(self._names)
                self._typed = ""
            case "backspace":
                self._typed = self._typed[:-1]
            case "return":
                return self._set()
            case _:
                self._typed += text if text.isprintable() else ""
        return None

    def click(self, found: Found | None) -> str | None:
        """Another row: another knob."""
        row = _row(found)
        if row is not None and row != self._at:
            self._at, self._typed, self._said = row, "", ""
        return "" if found is None else None

    def _set(self) -> str | None:
        name, text = self._names[self._at], self._typed.strip()
        if not text:
            return None
        try:
            value = typed_value(text, self._stage.knobs[name].param.kind)
            return "say " + (self._stage.fork(name, value) if self._fork else self._stage.turn(name, value))
        except BadInput as error:
            self._said = str(error)
            return None


class Doctor:
    """The findings, causes first; the chosen one's numbers or its why; Enter applies its cure."""

    size = (0.74, 0.7)

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._open = Consultation(stage.diagnosis, replayed=stage.replayed, lesson=stage.id)

    def panel(self) -> Panel:
        return self._open.panel()

    def key(self, name: str, text: str) -> str | None:
        finding = self._open.finding
        match name:
            case "escape" | "y":
                return ""
            case "up" | "down":
                self._open.choose(1 if name == "down" else -1)
            case "w":
                self._open.why = not self._open.why
            case "return" if finding is not None and finding.cure is not None:
                return "say " + self._stage.prescribe(finding.cure)
        return None

    def click(self, found: Found | None) -> str | None:
        return "" if found is None else None


class Search:
    """Find a lesson by any of its words."""

    size = (0.92, 0.86)

    def __init__(self, lang: str) -> None:
        self._heads = heads(lang)
        self._typed, self._at = "", 0

    def _found(self) -> list[tuple[str, str, str, str]]:
        return [(h.id, str(h.year), h.title, h.summary) for h in search(self._heads, self._typed)]

    def panel(self) -> Panel:
        found = self._found()
        self._at = min(self._at, max(0, len(found) - 1))
        told = found[self._at][3] if found else "no lesson has all these words"
        lines = (Line(f"search: {self._typed}▏", "attention", bold=True), Line(told))
        marks: tuple[Mark, ...] = (
            TextBlock(rect=(0, 0.84, 1, 1), lines=lines, monospace=False),
            Table(
                rect=(0, 0, 1, 0.82), columns=("year", "lesson", "what you see"), rows=tuple(one[1:] for one in found),
                ring=(self._at,) if found else (),
            ),
        )  # fmt: skip
        return Panel("search", "search the lessons   ⏎ open   esc back", f"{len(found)} lessons", marks)

    def key(self, name: str, text: str) -> str | None:
        match name:
            case "escape":
                return ""
            case "up" | "down":
                self._at = max(0, self._at + (1 if name == "down" else -1))
            case "backspace":
                self._typed = self._typed[:-1]
            case "return":
                found = self._found()
                return f"open {found[self._at][0]}" if found else None
            case _:
                self._typed += text if text.isprintable() else ""
        return None

    def click(self, found: Found | None) -> str | None:
        row, lessons = _row(found), self._found()
        return f"open {lessons[row][0]}" if row is not None else "" if found is None else None


class Home:
    """The time line with two winters; an era's lessons."""

    size = (0.96, 0.94)

    def __init__(self, progress: Progress, lang: str) -> None:
        self._progress, self._lang = progress, lang
        self._stops = walkthrough()
        self._heads = {head.id: head for head in heads(lang)}
        self._stop = self._lesson = 0
        for index in range(len(self._stops)):
            lessons = self._lessons(index)
            if progress.last in lessons:
                self._stop, self._lesson = index, lessons.index(progress.last)

    def _lessons(self, stop: int) -> list[str]:
        return [name for name in self._stops[stop].scenarios if name in self._heads]

    def panel(self) -> Panel:
        stop = self._stops[self._stop]
        lines = [
            Line(f"{stop.year}   {say(stop.title, self._lang)}", "attention", bold=True),
            Line(say(stop.line, self._lang)),
        ]
        if stop.broke:
            lines.append(Line(f"◆ Where it broke: {say(stop.broke, self._lang)}", "error"))
        if self._lessons(self._stop):
            chosen = self._heads[self._lessons(self._stop)[self._lesson]]
            lines.append(Line("○ not seen yet   ● seen   ◆ its break understood, by a wager that was settled", "muted"))
            lines.append(Line(f"▸ {chosen.title}. {chosen.summary}"))
        marks: list[Mark] = [
            *self._time_line(), TextBlock(rect=(0, 0.48, 1, 0.7), lines=tuple(lines), monospace=False),
        ]  # fmt: skip
        lessons = self._lessons(self._stop)
        if lessons:
            rows = tuple((self._sign(n), self._heads[n].title, self._heads[n].summary) for n in lessons)
            table = Table(rect=(0, 0, 1, 0.46), columns=("", "lesson", ""), rows=rows, ring=(self._lesson,))
            marks.append(table)
        title = "how neural networks learn, 1957 to 2015    ←→ time   ↑↓ lesson   ⏎ open   esc back"
        return Panel("home", title, say(stop.line, self._lang), tuple(marks))

    def _sign(self, lesson: str) -> str:
        if lesson in self._progress.understood:
            return "◆"
        return "●" if lesson in self._progress.seen else "○"

    def _time_line(self) -> list[Mark]:
        """A lamp for each era, lit if it is open; winters as gaps; an arrow at what is selected."""
        count = len(self._stops)
        marks: list[Mark] = []
        for index, stop in enumerate(self._stops):
            left, right = index / count, (index + 1) / count
            middle = (left + right) / 2
            winter = stop.kind == "winter"
            year = f"{stop.year}–{stop.until % 100:02d}" if stop.until else str(stop.year)
            line = np.array([[left, 0.5], [middle, 0.5], [right, 0.5]])
            style: Literal["solid", "dotted"] = "dotted" if winter else "solid"
            marks.append(
                Polyline(rect=(0.0, 0.84, 1.0, 0.99), xy=line, role="muted", style=style, width=2,
                         labels=("", year if winter else "", ""))
            )  # fmt: skip
            if not winter:
                lit = np.array([1.0 if stop.kind == "era" else 0.0])
                marks.append(
                    Lamps(rect=(left, 0.84, right, 1.0), states=lit, labels=(year,), name=say(stop.title, self._lang))
                )
        here = (self._stop + 0.5) / count
        arrow = np.array([[here, 0.0], [here, 1.0]])
        marks.append(Polyline(rect=(0.0, 0.74, 1.0, 0.83), xy=arrow, role="attention", width=3, arrow=True))
        return marks

    def key(self, name: str, text: str) -> str | None:
        lessons = self._lessons(self._stop)
        match name:
            case "escape" | "h":
                return ""
            case "left" | "right":
                step = 1 if name == "right" else -1
                self._stop, self._lesson = min(len(self._stops) - 1, max(0, self._stop + step)), 0
            case "up" | "down" if lessons:
                self._lesson = (self._lesson + (1 if name == "down" else -1)) % len(lessons)
            case "return" | "space" if lessons:
                return f"open {lessons[self._lesson]}"
            case "q":
                return "quit"
        return None

    def click(self, found: Found | None) -> str | None:
        """An era's lamp selects it, a lesson's row opens it."""
        row, lessons = _row(found), self._lessons(self._stop)
        if row is not None:
            return f"open {lessons[row]}"
        for index, stop in enumerate(self._stops):
            if found is not None and isinstance(found.mark, Lamps) and found.mark.name == say(stop.title, self._lang):
                self._stop, self._lesson = index, 0
        return "" if found is None else None
