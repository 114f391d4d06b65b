"""Runs computed beside each other are the runs by themselves: the same moments, numbers, arrays and events."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Instant, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config

REGISTRY = Registry()
DEEP, SMALL = "deep_2010", "backprop_1986"
DIGITS = {"name": "digits8", "train": 100}
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
XOR = {"name": "xor", "coding": "binary"}
OF_1986: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "pattern by pattern, solved in the middle of a sweep": (
        XOR,
        [{"units": 1, "direct": True, "batch": 1, "rate": r, "momentum": m, "order": o, "eval_every": 3, "steps": 600}
         for r, m, o in ((2.0, 0.9, "cyclic"), (0.5, 0.0, "random"), (2.0, 0.8, "random"))],
    ),
    "all patterns at once": (
        {"name": "symmetry"},
        [{"steps": 200, "eval_every": 20, **own}
         for own in ({"rate": 0.1}, {"init_scale": 0.5, "decay": 1e-3}, {"init": "normal", "momentum": 0.0})],
    ),
    "shares and theory": (
        DIGITS,
        [{"layers": 3, "units": 12, "output": "softmax", "loss": "cross_entropy", "judge": "largest", "batch": 16,
          "reduce": "mean", "theory": True, "steps": 100, "eval_every": 50, **own}
         for own in ({"order": "random"}, {"init": "fitting"}, {"init": "constant", "order": "random"})],
    ),
    "links that do not exist": (
        {"name": "family_trees", "test": 4},
        [{"hidden": [12, 12, 6], "blocks": [24, 6, 12, 6], "decay": 0.002, "dead_band": True, "target_margin": t,
          "rate": 0.01, "momentum": 0.5, "steps": 60, "eval_every": 20} for t in (0.2, 0.1, 0.2)],
    ),
    "a mean, tanh, no hidden unit": (
        {"name": "blobs", "points": 300},
        [{"layers": 0, "output": "tanh", "batch": 7, "order": "random", "steps": 60, "rate": r} for r in (0.1, 0.2, 1)],
    ),
    "codes, and another unit": (
        {"name": "encoder"},
        [{"units": 3, "unit": "tanh", "steps": 60, "eval_every": 2, "stop_when_solved": s} for s in (True, False)],
    ),
    "one linear": (DIGITS, [{"hidden": [5], "unit": "linear", "output": "linear", "batch": 10, "steps": 20, "rate": r}
                            for r in (1e-4, 1e-3, 1e-4)]),
    "solved from the start": (XOR, [{"tolerance": 1.0, "steps": 20, "init_scale": s} for s in (0.1, 0.2, 0.3)]),
}  # fmt: skip
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


def alone(config: dict[str, Any], seed: int, era: str = DEEP, given: dict[str, Any] = DIGITS) -> Seen:
    streams, seen = Streams(seed), Seen()
    for moment in REGISTRY.run(era)(config, load(given, streams), streams, Knobs(config), None, "cpu"):
        seen.add(moment)
    return seen


def beside(
    configs: list[dict[str, Any]], seeds: tuple[int, ...], era: str = DEEP, given: dict[str, Any] = DIGITS
) -> list[Seen]:
    streams = [Streams(seed) for seed in seeds]
    data = [load(given, own) for own in streams]
    seen = [Seen() for _ in configs]
    for moments in REGISTRY.stacked(era).run_stacked(configs, data, streams, [Knobs(one) for one in configs], "cpu"):
        if isinstance(moments, Instant):
            for place, number in enumerate(moments.runs):
                seen[number].add(moments.of(place))
            continue
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
    configs = [resolve_config(REGISTRY.manifest(DEEP), {**NET, **own}) for own in CASES[kind]]
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
    config = resolve_config(REGISTRY.manifest(DEEP), NET)
    by_itself = alone(config, 3)
    assert not difference(beside([config], (3,))[0], by_itself)
    assert difference(beside([{**config, "rate": 0.1 + 1e-6}], (3,))[0], by_itself), "a rate next to it"
    assert difference(beside([config, config], (4, 3))[0], by_itself), "another seed"


@pytest.mark.parametrize("kind", OF_1986)
def test_three_of_1986_beside_each_other_are_three_runs(kind: str) -> None:
    given, own = OF_1986[kind]
    configs = [resolve_config(REGISTRY.manifest(SMALL), one) for one in own]
    seeds = SEEDS[: len(configs)]
    together = beside(configs, seeds, SMALL, given)
    for config, seed, one in zip(configs, seeds, together, strict=True):
        assert not difference(one, alone(config, seed, SMALL, given))
    lengths = {one.places[-1][0] for one in together}
    assert (len(lengths) > 1) == ("solved in" in kind), lengths
    if kind == "all patterns at once":
        other = {**configs[0], "rate": configs[0]["rate"] + 1e-6}
        assert difference(together[0], alone(other, SEEDS[0], SMALL, given)), "a rate next to it"


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
