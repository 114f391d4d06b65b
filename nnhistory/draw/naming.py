"""Colours in texts: a text names those of the first palette, and is read under others, and without any.

What says `blue` for a positive number is told with the word for what stands for it here, so that it can be found.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from nnhistory.core.scene import Axes, Mark, Panel, TextBlock
from nnhistory.draw.palette import Palette

__all__ = ["in_colours", "renamed", "words_for"]

_NAMED = re.compile(r"\b(blue|orange|yellow)\b", re.IGNORECASE)

_WORDS: dict[tuple[str, bool], dict[str, str]] = {
    ("tol-bright", True): {"orange": "yellow", "yellow": "cyan"},
    ("tol-bright", False): {"orange": "yellow", "yellow": "cyan"},
    ("monochrome", True): {"blue": "bright", "orange": "dark", "yellow": "white"},
    ("monochrome", False): {"blue": "dark", "orange": "pale", "yellow": "black"},
}
_CHARACTERS = {"blue": "shaded", "orange": "hatched"}
"""A terminal without colours: ░▒▓█ for what is positive, ·-=≡ for what is negative."""


def words_for(palette: Palette, *, characters: bool = False) -> Mapping[str, str]:
    """What the colours that texts name are called here; empty if texts are right as they are."""
    return _CHARACTERS if characters else _WORDS.get((palette.name, palette.dark), {})


def renamed(text: str, words: Mapping[str, str]) -> str:
    """The text with these words for its colours; a capital stays one."""

    def here(found: re.Match[str]) -> str:
        said = found.group()
        word = words.get(said.lower(), said)
        return word[:1].upper() + word[1:] if said[0].isupper() else word

    return _NAMED.sub(here, text) if words else text


def in_colours(panel: Panel, words: Mapping[str, str]) -> Panel:
    """The panel with its texts renamed. Data are handed on as they are."""
    if not words:
        return panel
    return msgspec.structs.replace(
        panel, title=renamed(panel.title, words), sentence=renamed(panel.sentence, words),
        marks=tuple(_mark(mark, words) for mark in panel.marks),
    )  # fmt: skip


def _mark(mark: Mark, words: Mapping[str, str]) -> Mark:
    told: dict[str, object] = {"name": renamed(mark.name, words), "hint": renamed(mark.hint, words)}
    if isinstance(mark, Axes):
        told |= {"xlabel": renamed(mark.xlabel, words), "ylabel": renamed(mark.ylabel, words)}
    elif isinstance(mark, TextBlock):
        told["lines"] = tuple(msgspec.structs.replace(line, text=renamed(line.text, words)) for line in mark.lines)
    return msgspec.structs.replace(mark, **told)
