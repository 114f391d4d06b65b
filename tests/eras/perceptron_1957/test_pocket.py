"""The pocket finds the best single unit; the plain rule walks on (P07)."""

from __future__ import annotations

import math

import pytest

from .helpers import last, moments

PICKS = {"rule": "pocket", "order": "picks", "stop_when_converged": False}


def best_unit(inputs: int) -> float:
    """P07: 1/2 + binom(n-1, floor((n-1)/2)) / 2^n."""
    return 0.5 + math.comb(inputs - 1, (inputs - 1) // 2) / 2**inputs


def test_the_formula() -> None:
    assert [best_unit(n) for n in (2, 3, 4, 5)] == [0.75, 0.75, 0.6875, 0.6875]


@pytest.mark.parametrize("inputs", [2, 3, 4, 5])
def test_pocket_on_parity(inputs: int) -> None:
    _, scalars = last({"name": "parity", "inputs": inputs}, **PICKS, steps=20_000)
    assert scalars["pocket_accuracy"] == best_unit(inputs)
    assert scalars["mean_accuracy"] <= best_unit(inputs) - 0.1


def test_the_plain_rule_walks_away_from_what_its_pocket_keeps() -> None:
    # XOR, patterns picked at random: long after three of four were right, the plain weights are far worse again.
    late = [m.scalars for m in moments("xor", rule="pocket", order="picks", steps=400) if m.phase == "eval"][-50:]
    assert {scalars["pocket_accuracy"] for scalars in late} == {0.75}
    assert max(scalars["train_error"] for scalars in late) >= 0.5


def test_on_separable_classes_the_pocket_is_what_the_rule_found() -> None:
    _, scalars = last("or", rule="pocket")
    assert scalars["pocket_accuracy"] == 1.0
    assert scalars["train_error"] == 0.0


def test_the_pocket_never_gets_worse() -> None:
    kept = [m.scalars["pocket_accuracy"] for m in moments("xor", rule="pocket", order="picks", steps=500)
            if m.phase == "update"]  # fmt: skip
    assert kept == sorted(kept)
