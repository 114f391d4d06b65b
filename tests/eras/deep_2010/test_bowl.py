"""Bowls and races: the bottom against algebra, theory against what is measured, six rules at once, and alone."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnhistory.datasets.made_1964 import bowl
from nnhistory.eras.deep_2010.bowl import RULES, best, factor
from tests.eras.deep_2010.helpers import run

LINEAR = {"layers": 0, "output": "linear", "loss": "squared", "init": "zero", "batch": 0, "eval_every": 1}


@pytest.mark.parametrize("turn", [0.0, 30.0, -90.0])
def test_the_data_are_the_bowl_that_was_asked_for(turn: float) -> None:
    data = bowl(100.0, 2.0, turn, 3.0)
    assert data.targets is not None
    R = data.train_x.T @ data.train_x / 4
    assert np.linalg.eigvalsh(R) == pytest.approx([0.02, 2.0])
    steep = np.array([math.cos(math.radians(turn)), math.sin(math.radians(turn))])
    assert R @ steep == pytest.approx(2.0 * steep)
    assert data.train_x.mean(axis=0) == pytest.approx([0.0, 0.0])
    bottom = np.linalg.solve(R, data.train_x.T @ data.targets / 4)
    assert np.linalg.norm(bottom) == pytest.approx(3.0 * math.sqrt(2.0))


def test_long_run_factors_are_those_of_the_papers() -> None:
    lam = np.array([0.01, 1.0])  # kappa = 100
    for rule, wanted in (("sgd", 99 / 101), ("momentum", 9 / 11), ("nesterov", 0.9)):
        set_to = {"momentum": 0.0, **best(rule, lam)}
        # A double root: rounding under the square root, 1e-16, comes out as 1e-8.
        assert factor(rule, lam, set_to["rate"], set_to["momentum"]) == pytest.approx(wanted, abs=1e-7)
    assert factor("sgd", lam, 2.1, 0.0) > 1.0  # too far a step: it goes away
    assert math.isnan(factor("adam", lam, 0.1, 0.9))


def test_a_step_is_the_rule_by_hand() -> None:
    # w = 0, bottom (1, 1), curvatures 1 and 1/4: the slope is (-1, -1/4).
    found = {rule: run({"name": "bowl", "ratio": 4.0}, optimiser=rule, rate=0.5, momentum=0.9, steps=1, **LINEAR)
             for rule in RULES}  # fmt: skip
    w = {rule: found[rule][-1][3]["weights/0"][:, 0] for rule in RULES}
    assert w["sgd"] == pytest.approx([0.5, 0.125])
    assert w["momentum"] == pytest.approx([0.5, 0.125])
    assert w["nesterov"] == pytest.approx([0.95, 0.2375])
    assert w["adagrad"] == pytest.approx([0.5, 0.5])
    assert w["rmsprop"] == pytest.approx([0.5 / math.sqrt(0.001)] * 2, rel=1e-5)
    assert w["adam"] == pytest.approx([0.5, 0.5])
    distance = found["sgd"][-1][2]["distance"]
    assert distance == pytest.approx(math.hypot(0.5, 0.875) / math.sqrt(2.0))


def test_the_bottom_of_noisy_data_is_that_of_least_squares() -> None:
    data = {"name": "gaussian_bowl", "points": 200, "noise": 1.0}
    end = run(data, rate=0.5, steps=400, **{**LINEAR, "eval_every": 400})[-1][2]
    assert end["distance"] < 1e-3
    assert end["least_loss"] == pytest.approx(0.5, abs=0.01)  # half the noise's mean square; the bias fits a little
    assert end["excess"] < 1e-5


def test_a_race_is_six_runs() -> None:
    shape = {"layers": 1, "units": 8, "batch": 20, "steps": 5, "l2": 0.01, "decay": 0.001, "schedule": "exponential",
             "fall_every": 3}  # fmt: skip
    raced = run(race=True, rate=0.1, race_rate=0.01, **shape)[-1][2]
    for rule in RULES:
        alone = run(optimiser=rule, rate=0.01 if rule in ("adagrad", "rmsprop", "adam") else 0.1, **shape)[-1][2]
        assert raced[f"rule_loss/{rule}"] == pytest.approx(alone["train_loss"], rel=1e-9), rule
        assert raced[f"rule_accuracy/{rule}"] == alone["test_accuracy"], rule


def test_a_run_on_a_bowl_stops_at_the_bottom_if_asked_and_says_so() -> None:
    end = run({"name": "bowl", "ratio": 10.0}, tuned=True, stop_when_solved=True, steps=200, optimiser="sgd", **LINEAR)
    assert end[-1][0] == end[-1][2]["bottom_step"] == 69
    assert end[-1][2]["theory_steps"] == pytest.approx(68.85, abs=0.01)
