"""Bands over seeds. Settings and bands came from the record of results; these seeds were looked at by nobody before."""

from __future__ import annotations

import statistics

import pytest

from tests.scenarios.controls import outcomes, over_seeds

FRESH = range(500, 510)

pytestmark = pytest.mark.slow


def finals(name: str, run: str, metric: str, *settings: str, seeds: range = FRESH) -> list[float]:
    """The metric at the end of this run, for each seed. A study's runs are taken one by one."""
    return [one.metrics[metric].final for one in over_seeds(f"adaline/{name}", run, seeds, *settings)]


def test_the_learning_curve() -> None:
    # A03: 26.38 +- 8 % for ensembles of 400, each seed; their mean closer.
    taus = finals("bowl", "many", "tau_mse")
    assert all(abs(tau / 26.38 - 1) <= 0.08 for tau in taus), taus
    assert abs(statistics.fmean(taus) / 26.38 - 1) <= 0.03


def _study(mu: float, seed: int, run: str = "settling", **data: object) -> dict[str, float]:
    """One run of the study on its own, with this mu."""
    settings = [f"{run}.mu={mu}", *(f"{run}.dataset.{name}={value}" for name, value in data.items())]
    only = outcomes("adaline/misadjustment", [run], seed, settings)[run]
    return {name: tally.final for name, tally in only.metrics.items()}


@pytest.mark.parametrize("spread", [1.0, 40.0])
@pytest.mark.parametrize("mu", [0.02, 0.05, 0.1, 0.2])
def test_misadjustment(mu: float, spread: float) -> None:
    # A04: the average over ten seeds within 15 % of the exact form. tr R = 1, so mu is mu tr R.
    runs = [_study(mu, seed, spread=spread) for seed in FRESH]
    measured = statistics.fmean(run["misadjustment"] for run in runs)
    theory = runs[0]["misadjustment_theory"]
    assert abs(measured / theory - 1) <= 0.15, (measured, theory)
    if mu == 0.2:
        assert measured >= 1.35 * mu  # the rule of thumb is far too low
        assert runs[0]["rule_of_thumb"] == pytest.approx(mu, rel=1e-9)


def test_below_one_over_the_trace_is_not_safe() -> None:
    # A05: at .8 of the critical mu nothing diverges, at 1.2 of it everything, though both are below 1/tr R.
    critical = 1 / 1.4
    assert [_study(0.8 * critical, seed)["diverged"] for seed in FRESH] == [0.0] * 10
    over = [_study(1.2 * critical, seed, run="beyond", points=40_000)["diverged"] for seed in FRESH]
    assert 1.2 * critical < 1.0
    assert over == [1.0] * 10


def test_and_of_four_online() -> None:
    # A07: the online rule's average is at -.375 +- .01 whatever the order; here the order is mixed.
    margins = finals("versus-perceptron", "lms", "average_margin", "lms.order=random", "lms.steps=6400")
    assert all(abs(margin + 0.375) <= 0.01 for margin in margins), margins


@pytest.mark.parametrize(("run", "sweeps", "mean"), [("patient", 60, 23.8), ("machine", 10, 4.5), ("hasty", 12, 4.1)])
def test_knobby(run: str, sweeps: int, mean: float) -> None:
    # A11: zero errors within 60, 10 and 12 sweeps at alpha .1, .5 and 1; the record's means are 23.8, 4.5 and 4.1.
    counts = []
    for one in over_seeds("adaline/knobby", run, FRESH):
        event = one.first_event("converged")
        assert event is not None
        counts.append(event.step / 16)
    assert max(counts) <= sweeps
    assert 0.6 * mean <= statistics.fmean(counts) <= 1.6 * mean


def test_clouds() -> None:
    # On points that no line separates, the line LMS settles at is better than the perceptron's on average.
    better = 0
    for seed in FRESH:
        runs = outcomes("adaline/versus-perceptron", ("clouds-lms", "clouds-perceptron"), seed)
        assert runs["clouds-lms"].first_event("settled") is not None
        right = 1 - runs["clouds-lms"].metrics["train_error"].final
        better += right > runs["clouds-perceptron"].metrics["mean_accuracy"].final
    assert better >= 9


def test_hum() -> None:
    gains = finals("hum", "hum", "snr_gain")
    assert min(gains) >= 18.0
    assert statistics.fmean(gains) <= 30.0
    assert max(finals("hum", "unrelated", "snr_gain")) <= 1.0
