"""The topics of the notes over the window's picture: choose one, and its lesson opens. As in the terminal, key m."""

from __future__ import annotations

from nnhistory.core.scene import Line, Mark, Panel, Table, TextBlock
from nnhistory.draw.spots import Found
from nnhistory.scenario.library import heads
from nnhistory.scenario.notes import Place, notes
from nnhistory.scenario.schema import say

__all__ = ["Topics"]


class Topics:
    """A row for each place where a topic is played; its topic stands in the first of its rows."""

    size = (0.96, 0.94)

    def __init__(self, lang: str) -> None:
        titles = {head.id: head.title for head in heads(lang)}
        found = notes().shipped()
        self._rows: list[tuple[str, str, str]] = []
        self._topics: list[str] = []
        self._at = 0

        def add(topic: str, places: list[Place], indent: str = "") -> None:
            for number, place in enumerate(places):
                self._rows.append(("" if number else indent + topic, place.title(titles), place.scenario))
                self._topics.append(topic)

        for topic in found.topic:
            add(say(topic.heading, lang), topic.at, "   " * (topic.level - 1))
        for one in found.told:
            add(f"often told: “{say(one.said, lang)}”", [one.at])

    def panel(self) -> Panel:
        lines = (
            Line(self._topics[self._at], "attention", bold=True),
            Line(f"{self._rows[self._at][1]}, in {self._rows[self._at][2]}"),
            Line("↑↓ or wheel choose   ←→ ten on or back   ⏎ or click opens the lesson   esc back", "muted"),
        )
        marks: tuple[Mark, ...] = (
            Table(rect=(0, 0.2, 1, 1), columns=("topic", "chapter", "lesson"), rows=tuple(self._rows),
                  ring=(self._at,)),
            TextBlock(rect=(0, 0, 1, 0.17), lines=lines, monospace=False),
        )  # fmt: skip
        title = "the notes, topic by topic, and what is often told otherwise"
        return Panel("notes", title, f"{len(self._rows)} places, {self._topics[self._at]}.", marks)

    def key(self, name: str, text: str) -> str | None:
        match name:
            case "escape" | "m" | "q":
                return ""
            case "up" | "down" | "left" | "right":
                step = {"up": -1, "down": 1, "left": -10, "right": 10}[name]
                self._at = min(len(self._rows) - 1, max(0, self._at + step))
            case "home" | "end":
                self._at = 0 if name == "home" else len(self._rows) - 1
            case "return":
                return f"open {self._rows[self._at][2]}"
        return None

    def click(self, found: Found | None) -> str | None:
        """A row opens its lesson; beside it all closes."""
        if found is not None and isinstance(found.mark, Table) and isinstance(found.index, int):
            return f"open {self._rows[found.index][2]}"
        return "" if found is None else None
