"""Panels that both front ends put beside an era's pictures: the story in cards, the knobs, a failure.

A card is what belongs together; a front end shows as many as it has room for and turns to the rest with Enter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nnhistory.core.numbers import MINUS, plain
from nnhistory.core.params import parse_value
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.engine.state import Knob, Story

__all__ = [
    "Card",
    "dates",
    "failure_panel",
    "knob_rows",
    "shown_value",
    "story_cards",
    "story_panel",
    "typed_value",
    "xray_missing",
]

Card = tuple[Line, ...]


def story_cards(story: Story) -> list[Card]:
    """What there is to read, the newest first once a wager is settled."""
    text = tuple(Line(" ".join(paragraph.split())) for paragraph in story.text.split("\n\n"))
    if story.question is None:
        cards = [text]
    elif story.answer is None:
        cards = [text, _asking(story)]
    else:
        cards = [_settled(story), text]
    if story.break_text:
        lines = [Line(f"◆ {story.break_text}", "error", bold=True)]
        if story.history_text:
            lines.append(Line(f"What history did: {story.history_text}"))
        cards.append(tuple(lines))
    return cards


def _asking(story: Story) -> Card:
    lines = [Line(story.question or "", "attention", bold=True)]
    for index, option in enumerate(story.options):
        chosen = story.chosen == index
        sign = "▸" if chosen else " "
        lines.append(Line(f"{sign}{index + 1}  {option}", "attention" if chosen else "ink", bold=chosen))
    how = "Press a number to wager." if story.chosen is None else "Your wager stands. The run decides."
    if story.done:
        how = "The runs are done. Press a number to wager, or n for the answer."
    lines.append(Line(how, "muted"))
    return tuple(lines)


def _settled(story: Story) -> Card:
    answer = story.answer or ()
    lines = [Line(story.question or "", bold=True)]
    for index, option in enumerate(story.options):
        right, chosen = index in answer, story.chosen == index
        sign = "✓" if right else "✗" if chosen else " "
        role = "good" if right else "error" if chosen else "muted"
        lines.append(Line(f"{sign} {option}" + (" (your wager)" if chosen else ""), role, bold=right))  # type: ignore[arg-type]
    if story.reply:
        lines.append(Line(" ".join(story.reply.split())))
    return tuple(lines)


def story_panel(story: Story, cards: list[Card], *, more: str = "") -> Panel:
    """The story as a panel with these cards, an empty line between them. `more`: what the last line says."""
    lines: list[Line] = []
    for card in cards:
        if lines:
            lines.append(Line(""))
        lines.extend(card)
    if more:
        lines.append(Line(more, "muted"))
    number = f"{story.number}/{story.count} · " if story.count else ""
    title = f"{number}{story.title}"
    broken = bool(story.break_text) or story.broke
    sentence = " ".join(line.text for line in lines if line.text)
    return Panel(
        "story", title, sentence, (TextBlock(lines=tuple(lines), monospace=False),), broken=broken, least=Size(32, 9),
        weight=1.3,
    )  # fmt: skip


def failure_panel(text: str) -> Panel:
    """A run that failed: what it said, and what can be done."""
    lines = (
        Line("The run stopped.", "error", bold=True),
        Line(text),
        Line(""),
        Line("The last picture is still there. r starts the run again, h goes home.", "muted"),
    )
    return Panel("failure", "the run stopped", text, (TextBlock(lines=lines),), broken=True, least=Size(34, 6))


def xray_missing(*, there: bool = True) -> Panel:
    """Said where there is no update to take apart. there : the era has an X-ray, only none of this moment."""
    text = "No update is recorded whole at or before this moment: step forward (→) to one, or begin again (r) and step."
    if not there:
        text = "Runs of this era have no X-ray: steps and their numbers are in the other pictures (v)."
    return Panel("xray", "X-ray", text, (TextBlock(lines=(Line(text),)),), least=Size(34, 6))


def shown_value(value: Any) -> str:
    """A knob's value in a few characters."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, list | tuple):
        if any(isinstance(one, list | tuple) for one in value):
            return f"{len(value)} drawn"
        return ", ".join(plain(one) for one in value) or "none"
    return plain(value) if isinstance(value, int | float) else str(value)


def typed_value(text: str, kind: str) -> Any:
    """What the user typed for a knob: a switch takes on and off as well, a number the minus sign that is printed."""
    switches = {"on": True, "yes": True, "off": False, "no": False}
    if kind == "flag" and text.lower() in switches:
        return switches[text.lower()]
    return parse_value(text.replace(MINUS, "-"))


def knob_rows(knobs: Mapping[str, Knob]) -> list[tuple[str, str, str, str, str]]:
    """Name, value, range, whether it acts at once, and since when there is such a thing ("": it has no date)."""
    rows = []
    for name, knob in knobs.items():
        param = knob.param
        if param.choices:
            reach = " | ".join(param.choices)
        elif param.kind in ("number", "integer"):
            reach = param.range_text()
        else:
            reach = {"flag": "on | off", "picture": "drawn by hand", "points": "drawn by hand"}.get(param.kind, "")
        rows.append((name, shown_value(knob.value), reach, "at once" if knob.live else "restarts", _since(knob)))
    return rows


def dates(knob: Knob) -> str:
    """When each choice came up, or the knob itself, in brackets; "" without a date."""
    each = [f"{choice} {when}" for choice, when in knob.param.years.items()]
    return f" ({', '.join(each) or knob.param.year})" if each or knob.param.year else ""


def _since(knob: Knob) -> str:
    """The year of what is chosen; of a knob without choices, its own."""
    year = knob.param.years.get(str(knob.value), 0) if knob.param.years else knob.param.year
    return str(year) if year else ""
