"""Cards become pages: nothing is lost, nothing is too wide, and what fits on one page stays together."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nnhistory.core.scene import Line
from nnhistory.draw.words import text_width
from nnhistory.terminal.pages import pages

WORDS = st.lists(st.text(alphabet="abcλ−", min_size=1, max_size=14), min_size=1, max_size=30).map(" ".join)
CARDS = st.lists(st.lists(WORDS.map(Line), min_size=1, max_size=4).map(tuple), min_size=1, max_size=5)


@given(CARDS, st.integers(6, 60), st.integers(2, 20))
def test_every_word_is_there_in_order_and_every_line_fits(cards: list[tuple[Line, ...]], wide: int, high: int) -> None:
    found = pages(cards, wide, high)
    assert all(len(page) <= (high if len(found) == 1 else high - 1) for page in found)
    assert all(text_width(line.text) + line.indent <= wide for page in found for line in page)
    shown = "".join(line.text for page in found for line in page)
    asked = "".join(line.text for card in cards for line in card)
    assert "".join(shown.split()) == "".join(asked.split())


def test_what_fits_stays_together() -> None:
    cards = [(Line("one"), Line("two")), (Line("three"), Line("four"), Line("five"))]
    assert [[line.text for line in page] for page in pages(cards, 20, 6)] == [
        ["one", "two", "", "three", "four", "five"]
    ]
    assert [[line.text for line in page] for page in pages(cards, 20, 5)] == [["one", "two"], ["three", "four", "five"]]


def test_wrapped_lines_keep_their_look() -> None:
    ((first, second),) = pages([(Line("aaaa bbbb", "error", bold=True),)], 5, 4)
    assert (first.text, second.text) == ("aaaa", "bbbb")
    assert second.bold
    assert second.role == "error"


def test_one_line_of_room_is_enough_to_go_on() -> None:
    found = pages([(Line("a b c d"),)], 2, 1)
    assert [line.text for page in found for line in page] == ["a", "b", "c", "d"]
