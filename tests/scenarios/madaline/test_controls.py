"""A lesson that would hold whatever the machine does is none: one setting altered, and an expectation fails."""

from __future__ import annotations

import pytest

from nnhistory.scenario.library import ids
from tests.scenarios.controls import altered, must_fail

ALTERED = [
    ("xor", ["or.hidden=1"], "or: converged happens"),
    ("xor", ["or.alpha=0.0"], "or: train_error == 0"),
    ("xor", ["maj.hidden=1"], "maj: converged: step <= 60"),
    ("minimal-disturbance", ["steps=8"], "train_error over seeds where pick = nearest == 0"),
    ("hang-up", ["two.hidden=4"], "two: converged never"),
    ("hang-up", ["two.patience=0"], "two: hang_up: proved == 1"),
    ("hang-up", ["parity3.hidden=8"], "parity3: hang_up: proved == 1"),
    ("hang-up", ["four.alpha=0.0"], "four: converged happens"),
    ("almost-backprop", ["d4.ds=0.5"], "d4: gradient_error (first) <= 0.001"),
    ("almost-backprop", ["d1.ds=1.0"], "d1: decade (first) between 9 and 11"),
    ("almost-backprop", ["xor.mu=0.0"], "xor: converged happens"),
    ("digits", ["one.dataset.labels=shuffled"], "one: test_accuracy >= 0.85"),
    ("digits", ["flips.hidden=0"], "flips: test_accuracy <= 0.8"),
    ("digits", ["flips.trial=0"], "flips: test_accuracy > frozen: test_accuracy"),
]


def test_all_lessons_are_there() -> None:
    lessons = ("xor", "minimal-disturbance", "hang-up", "almost-backprop", "digits")
    assert {f"madaline/{name}" for name in lessons} <= set(ids())


@pytest.mark.parametrize(("name", "settings", "expected"), altered("madaline", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"madaline/{name}", settings, expected, workers=1)
