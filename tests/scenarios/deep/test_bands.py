"""The lessons of the deep nets: what must fail when a setting is altered, and bands over fresh seeds (slow)."""

from __future__ import annotations

import statistics

import msgspec
import pytest

from nnhistory.engine.effects import effect_of
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.registry import Registry
from nnhistory.engine.study import run_study
from nnhistory.scenario.library import find, ids
from nnhistory.scenario.load import load
from tests.scenarios.controls import altered, must_fail, outcomes, over_seeds

FRESH = range(500, 505)
LESSONS = (
    "init-lab", "dead-relu", "batchnorm", "thirty-layers", "activations", "anachronism", "residual", "relu-vs-tanh",
    "data", "gpu", "four-switches",
)  # fmt: skip


def runs(name: str, only: tuple[str, ...], seed: int, *settings: str) -> dict[str, RunOutcome]:
    return outcomes(f"deep/{name}", only, seed, settings)


def mean(values: list[float]) -> float:
    return statistics.fmean(values)


def test_the_lessons_are_there() -> None:
    assert {f"deep/{name}" for name in LESSONS} <= set(ids())


ALTERED = [
    # One setting altered, and an expectation fails: the lesson does not hold whatever the machine does.
    ("init-lab", ["small.init_scale=0.011"], "small: act_sd/5 within 2.4e-6 of 1.19e-4"),
    ("init-lab", ["wide.init_scale=0.1"], "wide: saturated/9 > 0.85"),
    ("init-lab", ["he.init=xavier"], "he: act_sd/9 between 0.4 and 1.4"),
    ("init-lab", ["half.init=he"], "half: act_sd/9 < 0.05"),
    ("init-lab", ["zero.init=xavier"], "zero: act_sd/9 == 0"),
    ("thirty-layers", ["xavier.init=he", "xavier.steps=120"], "xavier: leaves_chance never"),
    ("thirty-layers", ["he.init=xavier", "he.steps=60"], "he: test_accuracy >= 0.85"),
    ("dead-relu", ["fast.steps=60", "fast.rate=0.1"], "fast: dead_units happens"),
    ("dead-relu", ["dying.steps=300", "dying.rate=0.1"], "dying: dead_mean/1 >= 0.6"),
    ("dead-relu", ["born.steps=1", "born.bias_scale=0"], "born: dead/1 (first) >= 0.2"),
    ("dead-relu", ["digits.steps=100", "bias.steps=100", "bias.bias_scale=-2"],
     "bias: test_accuracy_mean within 0.005 of digits: test_accuracy_mean"),
    ("batchnorm", ["norm.steps=60", "norm.rate=0.001"], "norm: nine_in_ten: step <= 40"),
    ("batchnorm", ["plain.steps=200", "plain.batchnorm=true"], "plain: nine_in_ten: step >= 200"),
    ("batchnorm", ["two.steps=300", "two.batch=60"], "two: test_accuracy <= 0.7"),
    ("batchnorm", ["wide.steps=300", "wide.batchnorm=false"], "wide: test_accuracy >= 0.9"),
    ("activations", ["step.steps=1", "step.unit=relu"], "step: grad_rms/0 (max) == 0"),
    ("activations", ["sigmoid.steps=1", "sigmoid.unit=tanh"], "sigmoid: one_sign/1 (min) == 1"),
    ("activations", ["elu.steps=1", "elu.unit=relu"], "elu: unit_mean within 1e-4 of 0.161"),
    ("activations", ["sigmoid.steps=300", "sigmoid.batchnorm=true"], "sigmoid: test_accuracy <= 0.2"),
    ("anachronism", ["failed.steps=120", "failed.batchnorm=true"],
     "failed: leaves_chance never"),
    ("anachronism", ["early.steps=120", "early.batchnorm=false"],
     "early: test_accuracy >= 0.9"),
    ("relu-vs-tanh", ["sigmoid.unit=relu", "sigmoid.steps=400", "sigmoid.rate=0.08"],
     "sigmoid: goal never"),
    ("residual", ["plain.layers=10"], "plain: train_error >= 0.3"),
    ("residual", ["residual.residual=false", "residual.steps=60"],
     "residual: train_error <= 0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "expected"), altered("deep", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"deep/{name}", settings, expected)


@pytest.mark.cost(40)
@pytest.mark.slow
def test_ten_layers_of_500_over_seeds() -> None:
    found = [runs("init-lab", ("small", "wide", "xavier", "he"), seed) for seed in FRESH]
    published = (0.213081, 0.047551, 0.010630, 0.002378, 0.000532, 0.000119)
    for layer, printed in enumerate(published):  # X01: each within 2 %
        seen = [one["small"].metrics[f"act_sd/{layer}"].final for one in found]
        assert mean(seen) == pytest.approx(printed, rel=0.02), layer
    for layer in range(10):
        wide = [one["wide"].metrics[f"act_sd/{layer}"].final for one in found]
        assert all(0.980 <= value <= 0.983 for value in wide), layer  # X02
        tanh = [one["xavier"].metrics[f"act_sd/{layer}"].final for one in found]
        theory = found[0]["xavier"].metrics[f"theory_sd/{layer}"].final
        assert mean(tanh) == pytest.approx(theory, rel=0.02), layer  # X03
        he = [one["he"].metrics[f"act_sd/{layer}"].final for one in found]
        assert all(0.4 <= value <= 1.4 for value in he), layer  # X05
    assert all(one["wide"].metrics["saturated/9"].final > 0.85 for one in found)


@pytest.mark.cost(80)
@pytest.mark.slow
def test_thirty_layers_over_seeds() -> None:
    # X08 is a band of thirty rounds. In the fifteen of the lesson one of these seeds stands at .80 still; 25 rounds do.
    found = [runs("thirty-layers", ("he", "xavier"), seed, "he.steps=500") for seed in FRESH]
    assert all(one["he"].metrics["test_accuracy"].final >= 0.85 for one in found)
    assert all(one["xavier"].metrics["test_accuracy"].final <= 0.2 for one in found)
    for one in found:
        assert one["xavier"].metrics["backward_factor"].first == pytest.approx(0.5**0.5, abs=0.02)  # X07
        assert 0.3 < one["he"].metrics["backward_ratio"].first < 3.0


@pytest.mark.cost(40)
@pytest.mark.slow
def test_dead_units_over_seeds() -> None:
    for seed in FRESH:
        found = runs("dead-relu", ("digits", "dying", "bias", "fast"), seed)
        assert found["digits"].metrics["dead_mean/1"].final <= 0.05  # X14
        assert found["dying"].metrics["dead_mean/1"].final >= 0.6
        means = [found[run].metrics["test_accuracy_mean"].final for run in ("digits", "bias")]
        assert abs(means[0] - means[1]) < 0.005  # X15
        assert found["fast"].first_event("dead_units") is not None


@pytest.mark.cost(40)
@pytest.mark.slow
def test_batchnorm_over_seeds() -> None:
    ratios = []
    found = {run: over_seeds("deep/batchnorm", run, FRESH) for run in ("plain", "norm", "wide", "shift")}
    for k in range(len(FRESH)):
        steps = []
        for run in ("plain", "norm"):
            event = found[run][k].first_event("nine_in_ten")
            assert event is not None
            steps.append(event.step)
        ratios.append(steps[0] / steps[1])
        assert found["wide"][k].metrics["test_accuracy"].final >= 0.9
        norm, shift = (found[run][k].metrics["test_accuracy"].final for run in ("norm", "shift"))
        assert norm - shift <= 0.02  # X13
    assert statistics.median(ratios) >= 5  # X11


@pytest.mark.cost(30)
@pytest.mark.slow
def test_relu_is_there_before_tanh_over_seeds() -> None:
    ratios = []
    for seed in FRESH[:3]:
        found = runs("relu-vs-tanh", ("relu", "tanh"), seed)
        steps = []
        for run in ("relu", "tanh"):
            event = found[run].first_event("goal")
            assert event is not None
            steps.append(event.step)
        ratios.append(steps[1] / steps[0])
    assert mean(ratios) > 1.2  # X10, direction only


@pytest.mark.cost(40)
@pytest.mark.slow
def test_the_switches_at_the_budgets_of_the_record() -> None:
    # A trial with 120 and 2,400 steps gave main effects .55, .26, .25, .05.
    loaded = load(find("deep/four-switches"))
    assert loaded.scenario.study is not None
    over = {**loaded.scenario.study.over, "steps": [120, 2400]}
    rows = run_study(loaded, Registry(), study=msgspec.structs.replace(loaded.scenario.study, over=over, seeds=1))
    effects = {name: effect_of(rows, [name], "test_accuracy")[0] for name in ("init", "unit", "steps", "train")}
    assert max(effects, key=lambda name: effects[name]) == "init"
    assert 0.0 < effects["train"] < 0.15 < effects["unit"]


@pytest.mark.cost(60)
@pytest.mark.slow
def test_the_cures_over_seeds() -> None:
    early = over_seeds("deep/anachronism", "early", FRESH)
    assert all(one.metrics["test_accuracy"].final >= 0.84 for one in early)
    plain, residual = (over_seeds("deep/residual", run, FRESH) for run in ("plain", "residual"))
    assert all(one.metrics["train_error"].final >= 0.3 for one in plain)  # X22: .448 right at 40 layers
    assert all(one.metrics["train_error"].final <= 0.15 for one in residual)  # .964 right
