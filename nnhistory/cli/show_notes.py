"""`nnhistory show notes`: the topics of the notes, each with its scenarios and chapters, and what is often told."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from typing import Any

import click

from nnhistory.draw.words import wrap
from nnhistory.scenario.library import heads
from nnhistory.scenario.notes import Notes, Place, notes
from nnhistory.scenario.schema import say

__all__ = ["notes_json", "notes_lines", "show_notes"]


def show_notes(*, as_json: bool, lang: str = "en") -> None:
    """Print them."""
    found = notes().shipped()
    if as_json:
        click.echo(json.dumps(notes_json(found, lang), ensure_ascii=False, indent=1))
        return
    columns = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for line in notes_lines(found, columns, lang):
        click.echo(line)


def notes_json(found: Notes, lang: str = "en") -> dict[str, Any]:
    """Topics and statements as plain values."""
    topics = [
        {
            "heading": say(topic.heading, lang),
            "level": topic.level,
            "at": [{"scenario": place.scenario, "chapter": place.chapter or None} for place in topic.at],
        }
        for topic in found.topic
    ]
    told = [
        {"said": say(one.said, lang), "scenario": one.at.scenario, "chapter": one.at.chapter or None}
        for one in found.told
    ]
    return {"topics": topics, "told": told}


def notes_lines(found: Notes, columns: int, lang: str = "en") -> list[str]:
    """The list for people; columns 0: lines have no end."""
    titles = {head.id: head.title for head in heads(lang)}
    wide = max(len(place.scenario) for place in _places(found))
    lines: list[str] = []
    for topic in found.topic:
        if topic.level == 1 and lines:
            lines.append("")
        lines += _wrapped(say(topic.heading, lang), "  " * (topic.level - 1), columns)
        for place in topic.at:
            lines += _place(place, titles, wide, columns)
    lines += ["", *_wrapped("Often told, and where the lessons say what the sources say", "", columns)]
    for one in found.told:
        lines += _wrapped(f"“{say(one.said, lang)}”", "  ", columns)
        lines += _place(one.at, titles, wide, columns)
    lines.append("")
    hint = "nnhistory visual SCENARIO opens a lesson in the window; in the walkthrough, m lists these topics."
    return lines + _wrapped(hint, "", columns)


def _places(found: Notes) -> list[Place]:
    return [place for topic in found.topic for place in topic.at] + [one.at for one in found.told]


def _place(place: Place, titles: Mapping[str, str], wide: int, columns: int) -> list[str]:
    title = place.title(titles)
    line = f"    {place.scenario:<{wide}}  {title}"
    if not columns or len(line) <= columns:
        return [line]
    return [*_wrapped(place.scenario, "    ", columns), *_wrapped(title, "      ", columns)]


def _wrapped(text: str, indent: str, columns: int) -> list[str]:
    if not columns:
        return [indent + text]
    return [indent + line for line in wrap(text, max(8, columns - len(indent)))]
