"""Bands over seeds. Settings and bands came from other seeds, unless a comment says what was learned from these."""

from __future__ import annotations

import statistics

import pytest

from tests.scenarios.controls import must_hold, over_seeds

FRESH = range(500, 510)

pytestmark = pytest.mark.slow


def finals(name: str, run: str, metric: str, seeds: range = FRESH) -> list[float]:
    """The metric at the end of this run, for each seed."""
    return [one.metrics[metric].final for one in over_seeds(f"perceptron/{name}", run, seeds)]


def test_bars() -> None:
    # P10: .978 after 400 exposures, sd .033. A first bound, every seed above .8, came from seeds 0 to 199 and failed on
    # these; seeds 1000 to 1999 then gave .984, sd .036, 978 of them at .88 or better, the worst .68.
    learned = finals("mark-i-bars", "bars", "test_accuracy", range(500, 540))
    assert statistics.fmean(learned) >= 0.95
    assert sum(value >= 0.88 for value in learned) >= 36
    assert min(learned) >= 0.6


def test_bars_without_labels_or_without_machine() -> None:
    coins = finals("mark-i-bars", "coins", "test_accuracy", range(500, 540))
    assert 0.45 <= statistics.fmean(coins) <= 0.55
    assert min(coins) >= 0.4
    assert max(coins) <= 0.6
    assert max(finals("mark-i-bars", "bare", "test_accuracy", range(500, 540))) <= 0.8


@pytest.mark.cost(40)
def test_mark_i_digits() -> None:
    sums = finals("mark-i-digits", "digits", "largest_sum_accuracy")
    assert 0.83 <= statistics.fmean(sums) <= 0.87
    assert min(sums) >= 0.79
    lamps = finals("mark-i-digits", "digits", "one_lamp_accuracy")
    assert 0.65 <= statistics.fmean(lamps) <= 0.75
    assert all(lamp < largest for lamp, largest in zip(lamps, sums, strict=True))
    # The A-units are of no help with digits: photocells alone do as well.
    bare = statistics.fmean(finals("mark-i-digits", "bare", "largest_sum_accuracy"))
    assert bare >= statistics.fmean(sums) - 0.02


@pytest.mark.cost(20)
def test_mark_i_digits_with_labels_shuffled() -> None:
    assert max(finals("mark-i-digits", "shuffled", "largest_sum_accuracy")) <= 0.18


@pytest.mark.cost(20)
def test_digits_of_one_layer() -> None:
    largest = finals("digits-deep-surprise", "digits", "largest_sum_accuracy")
    assert 0.92 <= statistics.fmean(largest) <= 0.95
    assert min(largest) >= 0.85
    assert max(finals("digits-deep-surprise", "shuffled", "largest_sum_accuracy")) <= 0.3


@pytest.mark.cost(40)
def test_pocket_over_seeds() -> None:
    # P07: the same fraction on every seed, and the plain rule 0.1 or more below it.
    for inputs, best in ((2, 0.75), (3, 0.75), (4, 0.6875), (5, 0.6875)):
        for one in over_seeds("perceptron/parity", f"pocket{inputs}", FRESH):
            assert one.metrics["pocket_accuracy"].final == best
            assert one.metrics["mean_accuracy"].final <= best - 0.1


def test_the_bound_over_seeds() -> None:
    # P02: never more mistakes than (R/gamma)^2.
    must_hold("perceptron/margin", range(500, 540))


def test_capacity_over_seeds() -> None:
    # P04, three more point sets of 100 draws for each P: within .15 of theory each time.
    must_hold("perceptron/capacity", (500, 501, 502), workers=1)
