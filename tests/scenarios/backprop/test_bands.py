"""Bands over seeds that the lessons were not made from. Rows B01 to B08 of the record."""

from __future__ import annotations

import statistics

import pytest

from nnhistory.engine.outcome import RunOutcome
from tests.scenarios.controls import over_seeds

pytestmark = pytest.mark.slow


def runs(name: str, run: str, seeds: range, *settings: str) -> list[RunOutcome]:
    """This run of the lesson for each seed."""
    return over_seeds(f"backprop/{name}", run, seeds, *settings)


def solved(outcomes: list[RunOutcome]) -> list[int]:
    """Steps to the solution, of those that found one."""
    return [event.step for one in outcomes if (event := one.first_event("converged")) is not None]


@pytest.mark.cost(15)
def test_xor_and_its_local_minimum() -> None:
    # B01: failures 8/300 and 10/300 at a cap of 30,000; most failed nets have exactly two outputs near one half.
    outcomes = runs("xor-stuck", "stuck", range(1000, 1200), "steps=30000", "eval_every=10")
    failed = [one for one in outcomes if one.first_event("converged") is None]
    assert len(failed) <= 16
    stuck = [one.first_event("local_minimum") for one in failed]
    assert all(event is not None for event in stuck)
    halves = [event.evidence["near_half"] == 2 for event in stuck if event is not None]
    assert sum(halves) >= 0.7 * len(halves)
    assert all(one.first_event("local_minimum") is None for one in outcomes if one not in failed)
    assert 300 <= statistics.median(solved(outcomes)) <= 800


@pytest.mark.cost(15)
def test_xor_with_direct_links() -> None:
    # B02: 200 of 200 solve it; without momentum the median is 1195 sweeps (349 to 3436), and 558 lies in the range.
    plain = [step / 4 for step in solved(runs("xor-direct", "plain", range(1000, 1060)))]
    assert len(plain) == 60
    assert min(plain) < 558 < max(plain)
    assert 800 <= statistics.median(plain) <= 1700
    quick = [step / 4 for step in solved(runs("xor-direct", "momentum", range(1000, 1060)))]
    assert len(quick) == 60
    assert 100 <= statistics.median(quick) <= 250


@pytest.mark.cost(3)
def test_encoder() -> None:
    # B05: >= 38 of 40, 200 to 1600 sweeps, at least six codes.
    outcomes = runs("encoder", "encoder", range(1000, 1040))
    steps = solved(outcomes)
    assert len(steps) >= 38
    assert min(steps) >= 200
    assert max(steps) <= 1600
    assert statistics.fmean(one.metrics["codes"].final for one in outcomes) >= 6.5


@pytest.mark.cost(12)
def test_symmetry() -> None:
    # B06: of those that converge within 10,000 sweeps all are antisymmetric, 60 to 90 % with 1 : 2 : 4.
    outcomes = runs("symmetry", "symmetry", range(1000, 1060), "steps=12000", "eval_every=20")
    good = [one for one in outcomes if one.metrics["train_error"].final == 0.0]
    assert 45 <= len(good) <= 60
    # Bands here were set on fresh seeds at the end of the run, not at the moment of convergence.
    assert sum(one.metrics["antisymmetry"].final < 0.01 for one in good) >= 0.95 * len(good)
    ratio = [
        abs(one.metrics["ratio_4"].final - 4) < 0.2 and abs(one.metrics["ratio_2"].final - 2) < 0.1 for one in good
    ]
    assert 0.55 * len(good) <= sum(ratio) <= 0.95 * len(good)


@pytest.mark.cost(10)
def test_addition_with_three_hidden_units() -> None:
    # B07: 3 hidden <= 5 of 60.
    assert len(solved(runs("addition", "three", range(1000, 1060), "steps=10000"))) <= 5


@pytest.mark.cost(5)
def test_addition_with_four_hidden_units() -> None:
    # B07: 4 hidden >= 42 of 60 at the record's cap; here 20,000 sweeps.
    assert len(solved(runs("addition", "four", range(1000, 1060), "steps=20000"))) >= 39


@pytest.mark.cost(12)
def test_family_trees() -> None:
    # B08: with the second rate .1, and decay and the rest as published. The settings were chosen by seeds 1000 to 1009:
    # .981 of the facts, and 2.1 of four new ones. At the published rate nothing is learned.
    outcomes = runs("family-trees", "ours", range(2000, 2020))
    assert statistics.fmean(1 - one.metrics["train_error"].final for one in outcomes) >= 0.9
    assert 1.2 <= statistics.fmean(4 * one.metrics["test_accuracy"].final for one in outcomes) <= 3.4
    published = runs("family-trees", "published", range(2000, 2005))
    assert min(one.metrics["train_error"].final for one in published) >= 0.9


@pytest.mark.cost(13)
def test_digits() -> None:
    right = [one.metrics["test_accuracy"].final for one in runs("digits", "digits", range(1000, 1012))]
    assert 0.95 <= statistics.fmean(right) <= 0.985
    assert min(right) >= 0.92
    shuffled = [one.metrics["test_accuracy"].final for one in runs("digits", "shuffled", range(1000, 1012))]
    assert max(shuffled) <= 0.2


@pytest.mark.cost(28)
def test_mnist() -> None:
    right = [one.metrics["test_accuracy"].final for one in runs("digits", "mnist", range(1000, 1005))]
    assert min(right) >= 0.89
    assert statistics.fmean(right) <= 0.96
