"""Bands over fresh seeds for deep nets that start from RBMs: depth, gradients, the caveat, MNIST."""

from __future__ import annotations

import statistics

import pytest

from nnhistory.core.resources import scenarios
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import drive_plans
from nnhistory.engine.plan import make_plans
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import load, loads

pytestmark = pytest.mark.slow

FRESH = range(500, 502)


def outcomes(name: str, seed: int) -> dict[str, RunOutcome]:
    loaded, registry = load(scenarios() / "dbn" / f"{name}.toml"), Registry()
    return drive_plans(make_plans(loaded.scenario, registry, seed=seed), registry)[0]


def ratio(run: RunOutcome) -> float:
    """First over last layer's gradient, before the first step."""
    last = max(int(name.split("/")[1]) for name in run.metrics if name.startswith("grad_rms/"))
    return run.metrics["grad_rms/0"].first / run.metrics[f"grad_rms/{last}"].first


def accuracy(run: RunOutcome) -> float:
    return run.metrics["test_accuracy"].final


@pytest.mark.cost(20)
@pytest.mark.parametrize("seed", FRESH)
def test_pretraining_lets_deep_nets_learn_and_leaves_their_gradient_small(seed: int) -> None:
    runs = outcomes("digits", seed)
    for name in ("pre2", "pre4", "pre6"):
        assert accuracy(runs[name]) >= 0.93, name  # R10
        assert ratio(runs[name]) < 0.01, name
    # At chance: it may have begun to tell one or two classes apart.
    assert accuracy(runs["plain4"]) <= 0.25
    assert accuracy(runs["pre2"]) > accuracy(runs["plain2"])
    assert runs["pre4"].metrics["grad_rms/0"].first <= runs["plain4"].metrics["grad_rms/0"].first
    # Learning brings the gradients back: the ratio does not stay below a hundredth once the net has begun to learn.
    assert runs["pre4"].metrics["grad_rms/0"].max > 10 * runs["pre4"].metrics["grad_rms/0"].first


@pytest.mark.parametrize("seed", FRESH)
def test_larger_first_weights_do_as_well(seed: int) -> None:
    runs = outcomes("caveat", seed)
    assert accuracy(runs["glorot"]) <= 0.25
    assert accuracy(runs["larger"]) >= 0.94  # R11
    assert abs(accuracy(runs["larger"]) - accuracy(runs["pre"])) <= 0.03


CODE = """
[[run]]
id = "code{k}"
era = "rbm_2006"
dataset = {{ name = "digits8", scaling = "unit" }}
input = {{ from = "rbm3", array = "out/hidden" }}
config = {{ hidden = {k}, units = "linear", rate = 0.005, momentum_first = 0.5, momentum = 0.9, momentum_after = 300, decay = 2e-4, batch = 20, reconstruction = "mean_field", steps = 800, eval_every = 400 }}
[[run]]
id = "auto{k}"
era = "backprop_1986"
dataset = {{ name = "digits8", scaling = "unit" }}
start = {{ from = "code{k}", unroll = true }}
config = {{ hidden = [128, 64, 32, {k}, 32, 64, 128], code = 4, wanted = "inputs", loss = "squared", output = "sigmoid", init = "glorot", init_scale = 1.0, bias_init = "zero", rate = 0.01, momentum = 0.9, batch = 20, order = "random", reduce = "sum", eval_every = 1800, steps = 1800 }}
"""  # noqa: E501


def test_the_autoencoder_beats_principal_components_with_two_six_and_ten_numbers() -> None:
    # R13: less than .85 of their error with a code of 2 and of 6, less than .9 with one of 10; the control is the mean.
    from pathlib import Path

    lesson = (scenarios() / "dbn" / "autoencoder.toml").read_text(encoding="utf-8")
    runs = lesson[: lesson.index("[[chapter]]")] + "".join(CODE.format(k=k) for k in (6, 10))
    scenario, registry = loads(runs, Path("a.toml")).scenario, Registry()
    for seed in (500,):
        found = drive_plans(make_plans(scenario, registry, seed=seed), registry)[0]
        for name, share in (("auto", 0.85), ("auto6", 0.85), ("auto10", 0.9)):
            metrics = found[name].metrics
            assert metrics["test_loss"].final < share * metrics["pca_loss"].final, (name, seed)
        drawn = found["drawn"].metrics
        assert abs(drawn["test_loss"].final - drawn["mean_loss"].final) < 0.03


DEPTHS = """
title = "every depth"
{runs}
"""
RBM = """
[[run]]
id = "r{k}"
era = "rbm_2006"
dataset = {{ name = "digits8", scaling = "unit" }}
{link}
config = {{ hidden = 100, rate = 0.05, momentum_first = 0.5, momentum = 0.9, momentum_after = 300, decay = 2e-4, batch = 20, reconstruction = "mean_field", steps = 800, eval_every = 800 }}
"""  # noqa: E501
NET = """
[[run]]
id = "{id}{d}"
era = "backprop_1986"
dataset = {{ name = "digits8", scaling = "unit" }}
{link}
config = {{ layers = {d}, units = 100, output = "softmax", loss = "cross_entropy", judge = "largest", init = "glorot", init_scale = 1.0, rate = 0.2, momentum = 0.0, batch = 20, order = "random", reduce = "mean", eval_every = 450, steps = 900 }}
"""  # noqa: E501


@pytest.mark.cost(40)
def test_every_depth_from_one_to_six_with_a_glorot_output_layer() -> None:
    # R10 by depth. With an output layer drawn as Glorot has it, the ratio after pretraining is about a hundredth from
    # three layers on and no longer shrinks with depth; without pretraining it shrinks fourfold for each layer.
    from pathlib import Path

    depths, registry = range(1, 7), Registry()
    text = "".join(
        RBM.format(k=k, link=f'input = {{ from = "r{k - 1}", array = "out/hidden" }}' if k > 1 else "") for k in depths
    )
    text += "".join(NET.format(id="pre", d=d, link=f'start = {{ from = "r{d}" }}') for d in depths)
    text += "".join(NET.format(id="plain", d=d, link="") for d in depths)
    # One seed is tuned to the end; the gradient before the first step is looked at on three.
    short = text.replace("steps = 900", "steps = 1")
    assert short != text
    found = []
    for seed, runs in ((500, text), (501, short), (502, short)):
        scenario = loads(DEPTHS.format(runs=runs), Path("d.toml")).scenario
        found.append(drive_plans(make_plans(scenario, registry, seed=seed), registry)[0])

    def mean(name: str, of: str) -> float:
        return accuracy(found[0][name]) if of == "accuracy" else statistics.fmean(ratio(runs[name]) for runs in found)

    for d in depths:
        assert mean(f"pre{d}", "accuracy") >= 0.93
        if d >= 4:
            assert mean(f"plain{d}", "accuracy") <= 0.2
            assert 0.004 <= mean(f"pre{d}", "ratio") <= 0.03
            assert mean(f"plain{d}", "ratio") < 0.003
    assert mean("plain1", "accuracy") > mean("plain2", "accuracy") > mean("plain3", "accuracy")
    # With two layers the ratios are alike (.025 and .023), and the pretrained net is better all the same.
    assert 0.5 < mean("pre2", "ratio") / mean("plain2", "ratio") < 1.5
    assert mean("pre2", "accuracy") > mean("plain2", "accuracy") + 0.01


def test_mnist_lite() -> None:
    for seed in range(500, 501):
        runs = outcomes("mnist", seed)
        assert 0.91 <= accuracy(runs["tuned"]) <= 0.985
        assert accuracy(runs["tuned"]) > accuracy(runs["drawn"])
