"""Turning cards of text into pages of terminal rows: nothing is cut off, and what belongs together stays together."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nnhistory.core.scene import Line
from nnhistory.draw.words import hang_of, wrap
from nnhistory.engine.aside import Card

__all__ = ["pages"]


def pages(cards: Sequence[Card], columns: int, rows: int) -> list[list[Line]]:
    """Pages of at most `rows` lines, wrapped to `columns`. One row of each is kept free if there is more than one."""
    wrapped = [_wrapped(card, columns) for card in cards]
    whole = _pack(wrapped, max(1, rows))
    return whole if len(whole) <= 1 else _pack(wrapped, max(1, rows - 1))


def _wrapped(card: Card, columns: int) -> list[Line]:
    margin = 2 if any(line.lit for line in card) else 0
    lines: list[Line] = []
    for line in card:
        for number, piece in enumerate(
            wrap(line.text, columns - margin - line.indent, hang=hang_of(line.text, numbered=False)) or [""]
        ):
            lit = line.lit and number == 0
            # The mark before a lit line takes two columns; its neighbours keep them free.
            lines.append(msgspec.structs.replace(line, text=piece, lit=lit, indent=line.indent))
    return lines


def _pack(cards: Sequence[list[Line]], rows: int) -> list[list[Line]]:
    result: list[list[Line]] = [[]]
    for card in cards:
        page = result[-1]
        gap = 1 if page else 0
        if len(page) + gap + len(card) <= rows:
            page.extend([Line("")] * gap + card)
            continue
        if page:
            result.append([])
        for start in range(0, len(card), rows):
            if start:
                result.append([])
            result[-1].extend(card[start : start + rows])
    return result
