"""The notes, answered: every topic leads to a lesson, and every statement that is often told to the text about it."""

from __future__ import annotations

import json

import pytest

from nnhistory.cli.show_notes import notes_lines
from nnhistory.draw.words import text_width
from nnhistory.scenario.library import walkthrough
from nnhistory.scenario.load import load
from nnhistory.scenario.notes import Place, Told, notes
from nnhistory.scenario.schema import Chapter, say
from tests.cli.helpers import call

HEADINGS = {1: 8, 2: 15}
"""How many headings the notes have, sections and parts of sections."""
STATEMENTS = 19
"""How many rows the record has of what is often told otherwise."""


def chapters(place: Place) -> list[Chapter]:
    """The chapters of this title; of the whole scenario if none is named."""
    scenario = load(place.scenario).scenario
    return [one for one in scenario.chapter if place.chapter in ("", say(one.title))]


def told() -> list[Told]:
    return notes().told


def test_all_topics_and_all_statements_are_there() -> None:
    found = notes()
    assert {level: sum(one.level == level for one in found.topic) for level in (1, 2)} == HEADINGS
    assert len(found.told) == STATEMENTS
    said = [say(one.heading) for one in found.topic] + [say(one.said) for one in found.told]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("topic", notes().topic, ids=lambda topic: say(topic.heading))
def test_a_topic_leads_to_chapters_that_exist(topic) -> None:  # type: ignore[no-untyped-def]
    assert topic.at
    stops = {name for stop in walkthrough() for name in stop.scenarios}
    for place in topic.at:
        assert place.scenario in stops, "reached in the walkthrough"
        assert chapters(place), f"{place.scenario} has no chapter {place.chapter}"


@pytest.mark.parametrize("one", told(), ids=lambda one: say(one.said))
def test_what_is_often_told_is_answered(one: Told) -> None:
    assert one.at.chapter, "which chapter?"
    found = chapters(one.at)
    assert found, f"{one.at.scenario} has no chapter {one.at.chapter}"
    text = " ".join(" ".join(say(chapter.text).split()) for chapter in found)
    assert one.words
    assert [words for words in one.words if words not in text] == []


def test_show_notes(capsys: pytest.CaptureFixture[str]) -> None:
    got = call(capsys, "show", "notes")
    assert (got.status, got.err) == (0, "")
    assert "\x1b" not in got.out
    found = notes().shipped()
    for topic in found.topic:
        assert say(topic.heading) in got.out
    assert "    perceptron/or              Correct, or leave alone\n" in got.out
    assert "“ADALINE introduced weights.”" in got.out
    decoded = json.loads(call(capsys, "show", "notes", "--json").out)
    assert [topic["heading"] for topic in decoded["topics"]] == [say(topic.heading) for topic in found.topic]
    assert {"scenario": "deep/data", "chapter": None} in [at for topic in decoded["topics"] for at in topic["at"]]
    assert len(decoded["told"]) == len(found.told)
    wrong = call(capsys, "show", "perceptron/or", "--json")
    assert (wrong.status, wrong.out) == (2, "")


@pytest.mark.parametrize("columns", [24, 40, 80, 120])
def test_the_list_fits_a_narrow_terminal(columns: int) -> None:
    lines = notes_lines(notes().shipped(), columns)
    assert max(text_width(line) for line in lines) <= columns
    whole = " ".join(" ".join(notes_lines(notes().shipped(), 0)).split())
    if columns >= 40:
        assert " ".join(" ".join(lines).split()) == whole, "nothing is cut off"
