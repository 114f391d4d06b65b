"""A lesson that would hold whatever the machine does is none: one setting altered, and an expectation fails."""

from __future__ import annotations

import functools

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find, ids
from nnhistory.scenario.load import Loaded, load
from tests.scenarios.controls import altered, must_fail

REGISTRY = Registry()
LESSONS = (
    "xor",
    "xor-stuck",
    "xor-how-often",
    "xor-direct",
    "encoder",
    "symmetry",
    "addition",
    "digits",
    "family-trees",
)


@functools.cache
def loaded(name: str) -> Loaded:
    return load(find(f"backprop/{name}"))


def test_all_classic_lessons_are_there() -> None:
    assert {f"backprop/{name}" for name in LESSONS} <= set(ids())


ALTERED = [
    ("xor", ["units=1"], "converged happens"),
    ("xor", ["init_scale=0"], "converged happens"),
    ("xor", ["rate=0"], "converged: step between 100 and 1000"),
    ("xor", ["steps=200"], "train_error == 0"),
    ("xor-stuck", ["units=4"], "local_minimum happens"),
    ("xor-stuck", ["units=4"], "solved (max) == 0"),
    ("xor-stuck", ["init_scale=0"], "local_minimum happens"),
    ("xor-direct", ["plain.direct=false"], "plain: converged happens"),
    ("xor-direct", ["without.direct=true"], "without: converged never"),
    ("xor-direct", ["momentum.momentum=0.0"], "momentum: sweep between 30 and 600"),
    ("encoder", ["units=1"], "converged happens"),
    ("encoder", ["rate=0.5"], "converged happens"),
    ("symmetry", ["units=1"], "converged happens"),
    ("symmetry", ["steps=300"], "antisymmetry < 0.01"),
    ("addition", ["four.units=3"], "four: converged happens"),
    ("addition", ["three.units=8"], "three: converged never"),
    ("digits", ["digits.dataset.labels=shuffled"], "digits: test_accuracy >= 0.92"),
    ("digits", ["digits.rate=0"], "digits: test_accuracy >= 0.92"),
    ("family-trees", ["ours.momentum=0.0", "ours.steps=100"], "ours: train_error <= 0.1"),
]


@pytest.mark.parametrize(("name", "settings", "expected"), altered("backprop", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"backprop/{name}", settings, expected)


@pytest.mark.parametrize("seed", [1, 3, 5, 6, 7, 8, 9, 10])
def test_a_net_that_solves_it_is_never_called_stuck(seed: int) -> None:
    chosen = [parse_setting("steps=6000"), parse_setting("stop_when_solved=true")]
    run = perform(loaded("xor"), REGISTRY, seed=seed, settings=chosen).runs["xor"]
    assert run.metrics["solved"].final == 1.0
    assert run.first_event("local_minimum") is None
