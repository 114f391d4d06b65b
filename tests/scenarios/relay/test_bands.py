"""The relay over fresh seeds (slow), and one setting altered, so that what it expects is seen to fail."""

from __future__ import annotations

import statistics

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load
from tests.scenarios.controls import must_fail, over_seeds

RELAY = load(find("relay/two-digits"))
ALTERED = [
    (["b1986x1.steps=300"], "b1986x1: test_accuracy >= 0.64"),
    (["b1986x5.unit=tanh", "b1986x5.rate=0.1", "b1986x5.steps=6000"], "b1986x5: test_accuracy between 0.43 and 0.57"),
    (["b1986x5.unit=tanh", "b1986x5.steps=1"], "b1986x5: grad_rms/0 (first) < 0.001 times grad_rms/5 (first)"),
    (["rbm1.rate=1e-6", "rbm1.steps=30"], "rbm1: recon_error < 0.5 times recon_error (first)"),
]
HEAVY = [
    (["b1986bn.batchnorm=false", "b1986bn.steps=6000"], "b1986bn: test_accuracy >= 0.84"),
    (["small.init=he", "small.init_scale=1", "small.steps=6000"], "small: test_accuracy between 0.42 and 0.58"),
]


def test_every_row_is_a_net_of_the_record_and_every_run_has_a_row() -> None:
    relay = RELAY.scenario.relay
    assert relay is not None
    rows = [entry.run for entry in relay.entry]
    record = ["p1957", "a1960", "m1962", "b1986x1", "b1986x2", "b1986x5", "r2006", "d2010", "d2015", "b1986bn"]
    assert rows == [*record, "small"]
    assert [entry.run for entry in relay.entry if entry.control] == ["small"]
    parts = [part for entry in relay.entry for part in entry.parts]
    assert sorted([*rows, *parts]) == sorted(run.id for run in RELAY.scenario.run)


def test_every_row_has_a_word_for_success_and_one_for_failure() -> None:
    relay = RELAY.scenario.relay
    assert relay is not None
    for entry in relay.entry:
        assert {says.broke for says in entry.says} == {True, False}, entry.run


@pytest.mark.slow
@pytest.mark.parametrize(("settings", "expected"), [*ALTERED, *HEAVY], ids=lambda value: str(value)[:40])
def test_negative_control(settings: list[str], expected: str) -> None:
    must_fail("relay/two-digits", settings, expected)


@pytest.mark.slow
@pytest.mark.cost(50)
def test_a_fresh_seed() -> None:
    outcome = perform(RELAY, Registry(), seed=900)
    assert [(one.text, one.observed) for one in outcome.verdicts if not one.holds] == []
    assert all(wager.sound for wager in outcome.wagers)
    assert [row.run for row in outcome.board if row.word.startswith("✓")] == [
        "b1986x1", "r2006", "d2010", "d2015", "b1986bn",
    ]  # fmt: skip


@pytest.mark.slow
@pytest.mark.cost(30)
@pytest.mark.parametrize(
    ("run", "least", "most", "lowest", "highest"),
    [("p1957", 0.47, 0.53, 0.43, 0.57), ("a1960", 0.47, 0.53, 0.43, 0.57), ("m1962", 0.46, 0.56, 0.42, 0.60),
     ("b1986x1", 0.72, 0.78, 0.64, 1.0), ("b1986x2", 0.47, 0.53, 0.42, 0.58), ("b1986x5", 0.47, 0.53, 0.43, 0.57),
     ("d2015", 0.92, 0.96, 0.88, 1.0), ("b1986bn", 0.88, 0.93, 0.84, 1.0)],
)  # fmt: skip
def test_means_of_ten_seeds(run: str, least: float, most: float, lowest: float, highest: float) -> None:
    # Seeds of the pairs, the order and the weights. Counted at the end alone: the same net, sooner.
    right = final(run, range(900, 910), f"{run}.eval_every=60000")
    assert least <= statistics.fmean(right) <= most, right
    assert lowest <= min(right) <= max(right) <= highest, right


@pytest.mark.slow
@pytest.mark.cost(40)
def test_the_mean_of_twenty_seeds_of_2010() -> None:
    # At its rate this net slips now and then for some steps, and where the run ends in such a slip, a mean of ten goes
    # with it: of seeds 900 to 963 and 2000 to 2047 one ended below .85 (938, at .828; which one it is hangs on the
    # processor's arithmetic). The README says so. A net that slipped more often would fail here.
    right = final("d2010", range(900, 920), "d2010.eval_every=60000")
    assert 0.90 <= statistics.fmean(right) <= 0.94, right
    assert sorted(right)[1] >= 0.85, right


@pytest.mark.parametrize(
    "count",
    [pytest.param(3, marks=[pytest.mark.slow, pytest.mark.cost(26)]), pytest.param(10, marks=pytest.mark.bench)],
)
def test_means_of_seeds_from_rbms(count: int) -> None:
    # Five machines and a net of 1986 for each seed, one after another: ten are for whoever asks for the bench.
    rbms = [f"rbm{layer}.eval_every=3000" for layer in range(1, 6)]
    right = final("r2006", range(900, 900 + count), "r2006.eval_every=60000", *rbms)
    assert 0.91 <= statistics.fmean(right) <= 0.95, right
    assert min(right) >= 0.87, right


def final(run: str, seeds: range, *settings: str) -> list[float]:
    """Share of the test pairs right at the end, for each seed."""
    outcomes = over_seeds("relay/two-digits", run, seeds, *settings)
    return [one.metrics["test_accuracy"].final for one in outcomes]
