"""The story in cards, the knobs, a failure: what both front ends put beside the pictures."""

from __future__ import annotations

from dataclasses import replace

from nnhistory.core.params import Param
from nnhistory.core.scene import TextBlock
from nnhistory.engine.aside import (
    Card,
    dates,
    failure_panel,
    knob_rows,
    shown_value,
    story_cards,
    story_panel,
    xray_missing,
)
from nnhistory.engine.state import Knob, Story

TOLD = Story("XOR", "One paragraph\nover two lines.\n\nAnother.", 2, 5)
ASKED = replace(TOLD, question="What will happen?", options=("It ends", "It loops", "It grows"))


def text(card: Card) -> str:
    return "\n".join(line.text for line in card)


def test_a_story_without_a_question_is_one_card_with_its_paragraphs() -> None:
    (card,) = story_cards(TOLD)
    assert [line.text for line in card] == ["One paragraph over two lines.", "Another."]


def test_a_question_says_how_to_answer_and_then_that_the_wager_stands() -> None:
    told, asked = story_cards(ASKED)
    assert "Press a number to wager." in text(asked)
    assert [line.text for line in asked[1:4]] == [" 1  It ends", " 2  It loops", " 3  It grows"]
    _, chosen = story_cards(replace(ASKED, chosen=1))
    assert chosen[2].text == "▸2  It loops"
    assert chosen[2].bold
    assert "Your wager stands. The run decides." in text(chosen)
    assert "Press" not in text(chosen)
    assert text(told) == text(story_cards(TOLD)[0])


def test_a_settled_wager_comes_first_and_says_who_was_right_in_signs_too() -> None:
    settled = story_cards(replace(ASKED, chosen=0, answer=(1,), reply="Because\nit returns."))
    signs = {line.text: line.role for line in settled[0]}
    assert signs["✗ It ends (your wager)"] == "error"
    assert signs["✓ It loops"] == "good"
    assert signs["  It grows"] == "muted"
    assert "Because it returns." in text(settled[0])
    assert text(settled[1]).startswith("One paragraph")


def test_nobody_is_told_wrong_who_did_not_wager() -> None:
    settled = story_cards(replace(ASKED, answer=(1,)))
    assert "✗" not in text(settled[0])
    assert "your wager" not in text(settled[0])


def test_a_break_has_its_card_with_what_history_did() -> None:
    cards = story_cards(replace(TOLD, break_text="A loop of 4.", history_text="Layers."))
    assert text(cards[-1]) == "◆ A loop of 4.\nWhat history did: Layers."
    assert cards[-1][0].role == "error"
    panel = story_panel(replace(TOLD, break_text="A loop of 4."), cards)
    assert panel.broken
    assert not story_panel(TOLD, cards).broken


def test_the_panel_says_where_in_the_story_one_is_and_has_all_words() -> None:
    panel = story_panel(ASKED, story_cards(ASKED), more="more")
    assert panel.title == "2/5 · XOR"
    assert story_panel(replace(TOLD, count=0), []).title == "XOR"
    block = panel.marks[0]
    assert isinstance(block, TextBlock)
    assert [line.text for line in block.lines][-1] == "more"
    for words in ("Another.", "It grows", "What will happen?"):
        assert words in panel.sentence


def test_a_failure_says_what_can_be_done() -> None:
    panel = failure_panel("the process was stopped by signal 9")
    assert panel.broken
    assert panel.sentence == "the process was stopped by signal 9"
    block = panel.marks[0]
    assert isinstance(block, TextBlock)
    words = " ".join(line.text for line in block.lines)
    assert "signal 9" in words
    assert "r starts the run again" in words
    assert "step forward" in xray_missing().sentence
    assert "begin again (r)" in xray_missing().sentence, "at the end there is nothing to step forward to"
    assert "step forward" not in xray_missing(there=False).sentence


def test_values_in_a_few_characters() -> None:
    shown = [shown_value(value) for value in (None, True, False, 3, 0.5, 1e-7, "cyclic", [[0.0, 1.0, 1]])]
    assert shown == ["—", "on", "off", "3", "0.5", "1e-7", "cyclic", "1 drawn"]


def test_knobs_have_name_value_range_and_when_they_act() -> None:
    knobs = {
        "rate": Knob(
            "rate", Param("number", default=1.0, low=0, high=10, live=True, help="How far.", year=1957), 0.5, True
        ),
        "order": Knob("order", Param("choice", choices=("cyclic", "random"), years={"random": 1986}), "cyclic", False),
        "bias": Knob("bias", Param("flag"), True, False),
        "points": Knob("points", Param("points"), None, True),
    }
    assert knob_rows(knobs) == [
        ("rate", "0.5", "from 0 to 10", "at once", "1957"), ("order", "cyclic", "cyclic | random", "restarts", ""),
        ("bias", "on", "on | off", "restarts", ""), ("points", "—", "drawn by hand", "at once", ""),
    ]  # fmt: skip
    assert (dates(knobs["rate"]), dates(knobs["order"]), dates(knobs["bias"])) == (" (1957)", " (random 1986)", "")
