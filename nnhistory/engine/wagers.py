"""The wagers of a scenario, settled by what came out: which answers are right. Exactly one must be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from nnhistory.engine.expect import StudyRow, evaluate
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.story import right_options
from nnhistory.scenario.schema import Question, Scenario, say

__all__ = ["Wager", "settle"]


class Wager(NamedTuple):
    """A question, and for each of its options whether it holds. chapter: whose it is, None for the relay's."""

    chapter: int | None
    ask: str
    options: tuple[tuple[str, bool], ...]
    title: str = ""
    """The chapter's."""

    @property
    def right(self) -> tuple[str, ...]:
        return tuple(text for text, holds in self.options if holds)

    @property
    def sound(self) -> bool:
        """One answer is right, and only one."""
        return len(self.right) == 1

    @property
    def key(self) -> str:
        """Where it stands in the file."""
        return "relay.question" if self.chapter is None else f"chapter[{self.chapter}].question"

    def to_json(self) -> dict[str, Any]:
        """The shape that `run --json` prints."""
        return {
            "key": self.key,
            "chapter": None if self.chapter is None else self.title,
            "ask": self.ask,
            "options": [{"text": text, "holds": holds} for text, holds in self.options],
            "right": self.right[0] if self.sound else None,
        }


def settle(
    scenario: Scenario, outcomes: Mapping[str, RunOutcome], rows: Sequence[StudyRow] | None = None, lang: str = "en"
) -> list[Wager]:
    """Every wager, in the order of the chapters, the relay's last."""
    first = scenario.run[0].id
    wagers = []
    for number, chapter in enumerate(scenario.chapter):
        question = chapter.question
        if question is not None:
            options = _options(question, _right(question, outcomes, rows, chapter.run or first), lang)
            wagers.append(Wager(number, say(question.ask, lang), options, say(chapter.title, lang)))
    relay = scenario.relay
    if relay is not None and rows is None:
        question = relay.question
        right = right_options(question, outcomes, relay.entry[0].run)
        wagers.append(Wager(None, say(question.ask, lang), _options(question, right, lang)))
    return wagers


def _options(question: Question, right: Sequence[int], lang: str) -> tuple[tuple[str, bool], ...]:
    return tuple((say(option.text, lang), place in right) for place, option in enumerate(question.options))


def _right(
    question: Question, outcomes: Mapping[str, RunOutcome], rows: Sequence[StudyRow] | None, run: str
) -> tuple[int, ...]:
    if rows is None:
        return right_options(question, outcomes, run)
    return tuple(k for k, option in enumerate(question.options) if evaluate(option.expect, outcomes, rows).holds)
