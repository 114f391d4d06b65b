"""Wagers are settled by what came out; one answer should be right."""

from __future__ import annotations

from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.wagers import settle
from nnhistory.scenario.schema import Chapter, Expect, Option, Question, Run, Scenario


def scenario(*bounds: float) -> Scenario:
    options = [Option(f"above {b}", Expect(metric="error", op=">", value=b)) for b in bounds]
    asking = Chapter("Your wager", "", question=Question("How large?", options))
    return Scenario("A", [Run("a", "toy", "xor")], chapter=[Chapter("First", ""), asking])


def outcome(error: float) -> dict[str, RunOutcome]:
    return {"a": RunOutcome("a", "toy", 0, metrics={"error": Tally(first=1.0, final=error, min=error, max=1.0)})}


def test_one_right_answer() -> None:
    [wager] = settle(scenario(0.1, 0.6), outcome(0.5))
    assert (wager.chapter, wager.ask, wager.right, wager.sound) == (1, "How large?", ("above 0.1",), True)


def test_none_or_two_are_not_sound() -> None:
    [none] = settle(scenario(0.6, 0.7), outcome(0.5))
    [both] = settle(scenario(0.1, 0.2), outcome(0.5))
    assert not none.sound
    assert not both.sound
