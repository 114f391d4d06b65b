"""Fitting text: widths in terminal cells, wrapping by any measure, shortening with an ellipsis."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from unicodedata import combining, east_asian_width

__all__ = ["ELLIPSIS", "cell_width", "hang_of", "shorten", "text_width", "wrap"]

ELLIPSIS = "…"

Width = Callable[[str], float]


@lru_cache(maxsize=4096)
def cell_width(char: str) -> int:
    """Cells one character fills in a terminal: 0, 1 or 2."""
    if char < " " or combining(char) or char in "\u200b\u200d\ufe0f":
        return 0
    return 2 if char > "\u10ff" and east_asian_width(char) in "WF" else 1


def text_width(text: str) -> int:
    """Cells a text fills in a terminal."""
    return len(text) if text.isascii() else sum(map(cell_width, text))


def shorten(text: str, room: float, width: Width = text_width) -> str:
    """The text, or as much of its beginning as fits with an ellipsis; "" if not even that fits."""
    if width(text) <= room:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if width(text[:middle].rstrip() + ELLIPSIS) <= room:
            low = middle
        else:
            high = middle - 1
    if low == 0:
        return ELLIPSIS if width(ELLIPSIS) <= room else ""
    return text[:low].rstrip() + ELLIPSIS


def hang_of(text: str, numbered: bool = True) -> int:
    """By how many spaces the later lines of a wrapped line are moved in: under the text behind a label or number.

    numbered : a single figure at the beginning is the number of a step (in prose it is only a figure).
    """
    gap = text.find("  ", 0, 12)
    if gap > 0:
        return gap + len(text[gap:]) - len(text[gap:].lstrip())
    return 2 if (numbered and text[:2].rstrip().isdigit()) or text[:2] in ("◆ ", "✓ ", "✗ ", "  ") else 0


def wrap(text: str, room: float, width: Width = text_width, hang: int = 0) -> list[str]:
    """Lines no wider than `room`, broken at spaces, inside a word only where it does not fit a line.

    Spaces inside the text are kept (columns of figures stay columns). Lines after the first start with `hang` spaces.
    """
    if room <= 0:
        return []
    if width(text) <= room:
        return [text]
    indent = " " * hang if width(" " * hang + "mmmm") <= room else ""
    lines: list[str] = []
    current = ""
    for word, gap in _words(text):
        candidate = current + word
        if width(candidate) <= room:
            current = candidate + gap
            continue
        if current.strip():
            lines.append(current.rstrip())
            current = indent
        word = word.lstrip() if lines else word
        while width(current + word) > room:
            cut = max(1, _fitting(current, word, room, width))
            lines.append(current + word[:cut])
            word = word[cut:]
            current = indent
        current = current + word + gap
    if current.strip():
        lines.append(current.rstrip())
    return lines


def _words(text: str) -> list[tuple[str, str]]:
    """(word, spaces behind it); leading spaces belong to the first word, and a percent sign to its figure."""
    parts: list[tuple[str, str]] = []
    place, end = 0, len(text)
    while place < end:
        start = place
        while place < end and text[place] == " ":
            place += 1
        while place < end and (text[place] != " " or text[place + 1 : place + 2] == "%"):
            place += 1
        stop = place
        while place < end and text[place] == " ":
            place += 1
        parts.append((text[start:stop], text[stop:place]))
    return parts


def _fitting(current: str, word: str, room: float, width: Width) -> int:
    low, high = 0, len(word)
    while low < high:
        middle = (low + high + 1) // 2
        if width(current + word[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low
