"""A student's notes, answered: where each topic is played, and which chapter says what the sources say."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

import msgspec

from nnhistory.core.resources import scenarios
from nnhistory.scenario.library import ids
from nnhistory.scenario.schema import Text

__all__ = ["Notes", "Place", "Told", "Topic", "notes"]


class Place(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter of a scenario; the whole scenario if no chapter is named."""

    scenario: str
    chapter: str = ""

    def title(self, titles: Mapping[str, str]) -> str:
        """The chapter's title, or the scenario's (`titles`, by id)."""
        return self.chapter or titles.get(self.scenario, "")


class Topic(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A heading of the notes. level 1: a section, 2: a part of it. at: the best place first."""

    heading: Text
    level: int
    at: list[Place]


class Told(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one often reads, and the chapter that answers it. words : stand in that chapter's text."""

    said: Text
    at: Place
    words: list[str]


class Notes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`scenarios/notes.toml`."""

    topic: list[Topic]
    told: list[Told]

    def shipped(self) -> Notes:
        """Without the places whose scenario is not there, and without what has no place left."""
        there = set(ids())
        topics = [
            msgspec.structs.replace(topic, at=[place for place in topic.at if place.scenario in there])
            for topic in self.topic
        ]
        told = [one for one in self.told if one.at.scenario in there]
        return Notes([topic for topic in topics if topic.at], told)


def notes() -> Notes:
    """All topics in the order of the notes."""
    text = (scenarios() / "notes.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Notes)
