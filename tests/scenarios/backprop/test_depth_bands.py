"""The depth lessons: what must fail when a setting is altered, and bands over fresh seeds and longer budgets (slow)."""

from __future__ import annotations

import statistics

import pytest

from nnhistory.engine.outcome import RunOutcome
from tests.scenarios.controls import altered, must_fail, outcomes, over_seeds

FRESH = range(500, 510)


def left(outcome: RunOutcome) -> int | None:
    """The round in which the run left chance, if it did."""
    event = outcome.first_event("leaves_chance")
    return None if event is None else int(event.evidence["round"])


ALTERED = [
    # One setting altered, and an expectation fails: the lesson does not hold whatever the machine does.
    ("vanishing", ["sigmoid.steps=60", "sigmoid.init=glorot", "sigmoid.init_scale=4.0"],
     "sigmoid: vanishing: ratio < 1e-6"),
    ("vanishing", ["sigmoid.steps=60", "sigmoid.layers=2"], "sigmoid: vanishing: step == 0"),
    ("vanishing", ["sigmoid.steps=360", "sigmoid.unit=tanh"], "sigmoid: leaves_chance never"),
    ("vanishing", ["tanh.steps=20", "tanh.unit=sigmoid"], "tanh: vanishing never"),
    ("depth-cliff", ["one.layers=4"],
     "one: leaves_chance: round between 1 and 2"),
    ("depth-cliff", ["four.layers=1"], "four: leaves_chance never"),
    ("zero-init", ["alike.init=fan_uniform"], "alike: symmetric_units: spread within 1e-9 of 0"),
    ("zero-init", ["zeros.unit=sigmoid"], "zeros: grad_rms/2 (max) == 0"),
    ("zero-init", ["random.init=constant"], "random: symmetric_units never"),
    ("not-zero-centred", ["sigmoid.unit=tanh"], "sigmoid: one_sign/1 (min) == 1"),
    ("not-zero-centred", ["tanh.unit=sigmoid"], "tanh: one_sign/1 <= 0.2"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "expected"), altered("backprop", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"backprop/{name}", settings, expected)


@pytest.mark.cost(30)
@pytest.mark.slow
def test_the_cliff_over_seeds() -> None:
    # D04: 1.0, 5.1 +- .3, 24.4 +- 1.3 rounds, and four layers not within 60.
    shorter = {"one": ["one.steps=180"], "two": ["two.steps=900"], "three": ["three.steps=2400"], "four": []}
    rounds = {
        name: [left(one) for one in over_seeds("backprop/depth-cliff", name, FRESH, *settings)]
        for name, settings in shorter.items()
    }
    assert all(value is not None and value <= 2 for value in rounds["one"]), rounds
    assert all(value is not None and 4 <= value <= 8 for value in rounds["two"]), rounds
    assert all(value is not None and 18 <= value <= 32 for value in rounds["three"]), rounds
    assert rounds["four"] == [None] * len(FRESH)
    two, three = (statistics.fmean(value for value in rounds[name] if value) for name in ("two", "three"))
    assert 3 < three / two < 7


@pytest.mark.slow
def test_four_layers_with_a_larger_budget() -> None:
    # "Cannot be trained" means within a budget: with other first weights the same net leaves chance in time.
    four = outcomes("backprop/depth-cliff", ["four"], None, ["four.init=glorot", "four.init_scale=4.0"])["four"]
    assert left(four) is not None
    assert four.first_event("vanishing") is None


@pytest.mark.cost(100)
@pytest.mark.slow
def test_ten_layers_over_seeds() -> None:
    # Counting all digits takes as long as the steps between two counts: where it only tells the end, it is done seldom.
    seldom = {"sigmoid": ["sigmoid.eval_every=180"], "tanh": ["tanh.eval_every=100"], "wider": []}
    found = {name: over_seeds("backprop/vanishing", name, FRESH, *settings) for name, settings in seldom.items()}
    factors = {name: [one.metrics["backward_factor"].first for one in some] for name, some in found.items()}
    for sigmoid, tanh, wider in zip(*found.values(), strict=True):
        event = sigmoid.first_event("vanishing")
        assert event is not None
        assert event.step == 0
        assert event.evidence["ratio"] < 1e-6
        assert sigmoid.first_event("exploding") is None
        assert left(sigmoid) is None
        assert sigmoid.metrics["test_accuracy"].final <= 0.2
        assert tanh.first_event("vanishing") is None
        assert tanh.metrics["test_accuracy"].final >= 0.6
        assert (left(wider) or 99) <= 2
    # D02: the mean over seeds within 5 % of sqrt(chi1). D03: 128 units are few, so 10 % for the wider weights.
    assert statistics.fmean(factors["sigmoid"]) == pytest.approx(0.1414, rel=0.05)
    assert statistics.fmean(factors["tanh"]) == pytest.approx((1 / 3) ** 0.5, rel=0.05)
    assert statistics.fmean(factors["wider"]) == pytest.approx(0.871, rel=0.1)


@pytest.mark.cost(22)
@pytest.mark.slow
def test_the_top_layer_gets_up_again() -> None:
    # D06: depth 4 is off the plateau in round 70 to 200, and its last hidden layer has been below .08 before.
    for four in over_seeds("backprop/saturation", "four", (500, 501, 502), "four.steps=6000"):
        assert 70 <= (left(four) or 999) <= 200
        assert four.metrics["act_mean/3"].min < 0.08
        event = four.first_event("saturating")
        assert event is not None
        assert event.evidence["layer"] == 4


@pytest.mark.cost(25)
@pytest.mark.slow
def test_with_one_layer_more_it_stays_down_for_250_rounds() -> None:
    # D06: 250 rounds, here of 30 steps: batches four times as large as in the record, at four times the rate.
    for five in over_seeds("backprop/saturation", "five", (0, 500), "five.steps=7500"):
        assert left(five) is None
        assert five.metrics["act_mean/4"].final < 0.08
