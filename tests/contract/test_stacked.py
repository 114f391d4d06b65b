"""Runs computed beside each other are the runs by themselves: the same moments, numbers, arrays and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config

REGISTRY = Registry()
ERA = "deep_2010"
DATA = {"name": "digits8", "train": 100}
NET = {"hidden": [16, 12], "batch": 16, "steps": 100, "eval_every": 50, "rate": 0.1}
SEEDS = (3, 4, 4)
CASES: dict[str, list[dict[str, Any]]] = {
    "starts and rates": [{"init": "he"}, {"init": "fan_uniform", "rate": 0.3}, {"init": "zero", "bias_init": "normal"}],
    "sigmoids of 1986": [
        {"unit": "sigmoid", "output": "sigmoid", "loss": "squared", "init": "uniform", "judge": "tolerance", **own}
        for own in ({"target_margin": 0.1}, {"decay": 1e-3, "order": "cyclic"}, {"l2": 1e-3, "init": "fitting"})
    ],
    "a norm": [{"batchnorm": True, "rate": rate} for rate in (0.1, 0.2, 0.1)],
    "residual": [
        {"hidden": [], "layers": 4, "units": 12, "residual": True, "unit": "tanh", "rate": r} for r in (0.1, 0.01, 0.1)
    ],
    "adam": [
        {"optimiser": "adam", "rate": rate, "beta1": b1, "beta2": b2, "epsilon": eps}
        for rate, b1, b2, eps in ((0.01, 0.9, 0.999, 1e-8), (0.02, 0.8, 0.99, 1e-6), (0.01, 0.9, 0.9, 1e-8))
    ],
    "nesterov": [
        {"optimiser": "nesterov", "momentum": m, "schedule": how, "rate": 0.05}
        for m, how in ((0.9, "constant"), (0.5, "cosine"), (0.9, "inverse"))
    ],
    "momentum": [{"optimiser": "momentum", "unit": "elu", "momentum": m, "rate": 0.02} for m in (0.9, 0.5, 0.9)],
    "rmsprop": [{"optimiser": "rmsprop", "unit": "leaky_relu", "rate": r} for r in (0.001, 0.002, 0.001)],
    "adagrad": [{"optimiser": "adagrad", "frozen": 1, "rate": r} for r in (0.01, 0.02, 0.01)],
    "maxout, by autograd": [{"unit": "maxout", "rate": r} for r in (0.1, 0.2, 0.1)],
    "one runs away": [{"unit": "linear", "rate": rate} for rate in (0.1, 1e6, 0.1)],
    "two are solved before": [
        {"rate": rate, "stop_when_solved": True, "goal": 0.2, "eval_every": 10} for rate in (0.1, 0.5, 1e-4)
    ],
    "nothing but a look": [{"steps": 0}] * 3,
}
FAST = ("starts and rates", "sigmoids of 1986", "a norm", "adam", "one runs away", "two are solved before")


@dataclass
class Seen:
    """A run as it came: where each moment stood, its numbers, what it told, its arrays."""

    places: list[tuple[int, str]] = field(default_factory=list)
    scalars: list[dict[str, float]] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    arrays: list[dict[str, Array]] = field(default_factory=list)

    def add(self, moment: Moment) -> None:
        self.places.append((moment.step, moment.phase))
        self.scalars.append(dict(moment.scalars))
        self.events.append([kind for kind, _ in moment.events])
        wanted = moment.arrays if moment.phase in ("eval", "done") or moment.step in (1, 2, 99) else {}
        self.arrays.append({name: np.array(moment.array(name)) for name in wanted})


def alone(config: dict[str, Any], seed: int) -> Seen:
    streams, seen = Streams(seed), Seen()
    for moment in REGISTRY.run(ERA)(config, load(DATA, streams), streams, Knobs(config), None, "cpu"):
        seen.add(moment)
    return seen


def beside(configs: list[dict[str, Any]], seeds: tuple[int, ...]) -> list[Seen]:
    streams = [Streams(seed) for seed in seeds]
    data = [load(DATA, own) for own in streams]
    seen = [Seen() for _ in configs]
    for moments in REGISTRY.stacked(ERA).run_stacked(configs, data, streams, [Knobs(one) for one in configs], "cpu"):
        assert len({moment.phase for moment in moments if moment is not None}) <= 1
        for one, moment in zip(seen, moments, strict=True):
            if moment is not None:
                one.add(moment)
    return seen


def difference(here: Seen, there: Seen) -> str:
    """What is not the same to nine digits; of a number that is a difference of larger ones, to twelve of those."""
    if (here.places, here.events) != (there.places, there.events):
        return "other moments or events"
    for ours, theirs in ((here.scalars, there.scalars), (here.arrays, there.arrays)):
        for place, mine, other in zip(here.places, ours, theirs, strict=True):
            if list(mine) != list(other):
                return f"other names at {place}"
            for name in mine:
                a, b = np.asarray(mine[name]), np.asarray(other[name])
                if a.shape != b.shape or not np.allclose(a, b, rtol=1e-9, atol=1e-12, equal_nan=True):
                    return f"{name} at {place}"
    return ""


@pytest.mark.parametrize(
    "kind", [kind if kind in FAST else pytest.param(kind, marks=pytest.mark.slow) for kind in CASES]
)
@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_three_beside_each_other_are_three_runs(kind: str) -> None:
    configs = [resolve_config(REGISTRY.manifest(ERA), {**NET, **own}) for own in CASES[kind]]
    together = beside(configs, SEEDS)
    for config, seed, one in zip(configs, SEEDS, together, strict=True):
        by_itself = alone(config, seed)
        if kind == "one runs away" and config["rate"] > 1.0:
            assert one.places == by_itself.places
            assert one.places[-1][0] < 100, "it has run away"
            assert one.events == by_itself.events
        else:
            assert not difference(one, by_itself)


def test_one_by_itself_and_what_would_not_be_the_same() -> None:
    config = resolve_config(REGISTRY.manifest(ERA), NET)
    by_itself = alone(config, 3)
    assert not difference(beside([config], (3,))[0], by_itself)
    assert difference(beside([{**config, "rate": 0.1 + 1e-6}], (3,))[0], by_itself), "a rate next to it"
    assert difference(beside([config, config], (4, 3))[0], by_itself), "another seed"


@pytest.mark.parametrize("stacking", [era for era in REGISTRY.ids() if REGISTRY.manifest(era).stacks is not None])
def test_what_may_differ_is_known_of_every_knob(stacking: str) -> None:
    manifest = REGISTRY.manifest(stacking)
    assert manifest.stacks is not None
    differ, only = manifest.stacks.differ, manifest.stacks.only
    assert {*differ, *only} <= manifest.knobs.keys()
    assert not set(differ) & only.keys()
    assert manifest.steps_knob not in differ
    for name, values in only.items():
        for value in values:
            assert manifest.knobs[name].check(value, name) == value
