"""The wagers of a scenario, settled by what came out: which answers are right. Exactly one should be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from nnhistory.engine.expect import StudyRow, evaluate
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.story import right_options
from nnhistory.scenario.schema import Question, Scenario, say

__all__ = ["Wager", "settle"]


class Wager(NamedTuple):
    """A question and its right answers. chapter: whose it is, None for the relay's."""

    chapter: int | None
    ask: str
    right: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """One answer is right, and only one."""
        return len(self.right) == 1


def settle(
    scenario: Scenario, outcomes: Mapping[str, RunOutcome], rows: Sequence[StudyRow] | None = None, lang: str = "en"
) -> list[Wager]:
    """Every wager, in the order of the chapters, the relay's last."""
    first = scenario.run[0].id
    wagers = []
    for number, chapter in enumerate(scenario.chapter):
        question = chapter.question
        if question is not None:
            right = _right(question, outcomes, rows, chapter.run or first)
            texts = tuple(say(question.options[place].text, lang) for place in right)
            wagers.append(Wager(number, say(question.ask, lang), texts))
    relay = scenario.relay
    if relay is not None and rows is None:
        question = relay.question
        right = right_options(question, outcomes, relay.entry[0].run)
        texts = tuple(say(question.options[place].text, lang) for place in right)
        wagers.append(Wager(None, say(question.ask, lang), texts))
    return wagers


def _right(
    question: Question, outcomes: Mapping[str, RunOutcome], rows: Sequence[StudyRow] | None, run: str
) -> tuple[int, ...]:
    if rows is None:
        return right_options(question, outcomes, run)
    return tuple(k for k, option in enumerate(question.options) if evaluate(option.expect, outcomes, rows).holds)
