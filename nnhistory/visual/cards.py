"""The story's cards in the column of words: how high they are, and how they are dealt out to pages."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

import msgspec

from nnhistory.core.scene import Line
from nnhistory.draw.layout import PIXELS
from nnhistory.draw.pixel_canvas import Ruler
from nnhistory.engine.aside import Card

__all__ = ["BODY", "FRAME", "LEAD", "height_of", "pages_of"]

FRAME = PIXELS.frame[1] + PIXELS.frame[3]
"""What a panel's frame and title take of its height, in pixels at scale 1."""

BODY, LEAD = 15.0, 1.42
"""Text size at scale 1, and from line to line in text sizes: as the drawer of text blocks has them."""

_SENTENCE = re.compile(r"(?<=[.?:]) ")


def height_of(cards: Sequence[Card], width: float, size: float, widths: Ruler, scale: float) -> float:
    """The height of cards in a panel, all on one page, at scale 1.

    Their lines are counted as they will be drawn: small letters do not shrink evenly.
    """
    lines = sum(_lines(card, (width - 18) * scale, round(size * scale, 1), widths) for card in cards)
    return (lines + len(cards) - 1) * size * LEAD + FRAME + 4


@lru_cache(maxsize=512)
def _lines(card: Card, width: float, size: float, widths: Ruler) -> int:
    """How many lines a card takes: the same few cards are asked about in every frame."""
    return sum(len(widths.wrap(line.text, width, size, line.bold)) or 1 for line in card)


def pages_of(cards: list[Card], width: float, height: float, widths: Ruler, scale: float) -> list[list[Card]]:
    """As many cards on a page as fit; a card is torn only where it is too long for a page of its own."""
    small = 0.84 * BODY
    if height_of(cards, width, small, widths, scale) <= height + FRAME:
        return [cards]
    pages: list[list[Card]] = [[]]

    def fits(some: Sequence[Card]) -> bool:
        # One more line says that there is more.
        return height_of(some, width, small, widths, scale) + small * LEAD <= height + FRAME

    for card in cards:
        for part in [card] if fits([card]) else _torn(card, fits):
            if pages[-1] and not fits([*pages[-1], part]):
                pages.append([])
            pages[-1].append(part)
    return pages


def _torn(card: Card, fits: Callable[[Sequence[Card]], bool]) -> list[Card]:
    """A card that is too long for a page, in parts that are not: between lines, and between a line's sentences."""
    parts: list[list[Line]] = [[]]
    for line in card:
        for number, text in enumerate(_SENTENCE.split(line.text)):
            here, last = parts[-1], parts[-1][-1] if parts[-1] else None
            joined = [*here, msgspec.structs.replace(line, text=text)]
            if number and last is not None:
                joined = [*here[:-1], msgspec.structs.replace(last, text=f"{last.text} {text}")]
            if here and not fits([tuple(joined)]):
                joined = [msgspec.structs.replace(line, text=text)]
                parts.append(joined)
            else:
                parts[-1] = joined
    return [tuple(part) for part in parts]
