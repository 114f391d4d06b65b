"""Negative controls: a lesson that would hold whatever the machine does is none."""

from __future__ import annotations

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load
from tests.scenarios.controls import altered, must_fail

ALTERED = [
    # One setting altered, and an expectation fails.
    ("bowl", ["slope.mu=0.02"], "slope: tau_fast within 1 of 50"),
    ("bowl", ["noisy.mu=0.3"], "noisy: misadjustment (at step 1000) between 0.05 and 0.35"),
    ("bowl", ["many.mu=0.02"], "many: tau_mse within 2.11 of 26.4"),
    ("too-fast", ["under.mu=0.101"], "under: divergence never"),
    ("too-fast", ["over.mu=0.099"], "over: divergence happens"),
    ("too-fast", ["over.dataset.power=5.5"], "over: divergence happens"),
    ("knobby", ["watched.alpha=0.2"], "watched: hand_right == 3"),
    ("knobby", ["patient.alpha=0.01"], "patient: converged: step <= 960"),
    ("versus-perceptron", ["lms.dataset.inputs=3"], "lms: misclassifies_separable happens"),
    ("versus-perceptron", ["lms.rule=perceptron", "lms.alpha=1.0"], "lms: converged never"),
    ("versus-perceptron", ["clouds-lms.mu=0.00001"], "clouds-lms: settled happens"),
    ("hum", ["hum.dataset.reference=unrelated"], "hum: snr_gain >= 18"),
    ("hum", ["hum.dataset.taps=1"], "hum: snr_gain >= 18"),
    ("hum", ["unrelated.dataset.reference=mains"], "unrelated: snr_gain <= 1"),
]


@pytest.mark.parametrize(("name", "settings", "expected"), altered("adaline", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"adaline/{name}", settings, expected)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["bowl", "too-fast", "knobby", "versus-perceptron", "hum"])
def test_another_seed_tells_the_same_story(name: str, seed: int) -> None:
    outcome = perform(load(find(f"adaline/{name}")), Registry(), seed=seed)
    assert outcome.passed, [(verdict.text, verdict.observed) for verdict in outcome.verdicts if not verdict.holds]
