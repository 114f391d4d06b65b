"""Transfer: means over fresh seeds, as the record has them (X33)."""

from __future__ import annotations

import statistics

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

pytestmark = pytest.mark.slow


@pytest.mark.cost(30)
def test_what_was_learned_before_pays_with_few_examples_and_holds_back_with_many() -> None:
    lesson = load(find("workshop/transfer"))
    right: dict[str, list[float]] = {}
    for seed in (500, 501, 502):
        for name, run in perform(lesson, Registry(), seed=seed, workers=1).runs.items():
            right.setdefault(name, []).append(run.metrics["test_accuracy"].final)
    mean = {name: statistics.fmean(values) for name, values in right.items()}
    assert min(right["source"]) >= 0.9
    assert mean["bottleneck"] > mean["scratch"]
    assert mean["tuned"] > mean["scratch"] + 0.02
    assert min(mean["tuned_592"], mean["scratch_592"]) > mean["bottleneck_592"] + 0.1
    assert mean["bottleneck_592"] > mean["random_592"] + 0.08
    assert max(right["damaged"]) <= 0.6
