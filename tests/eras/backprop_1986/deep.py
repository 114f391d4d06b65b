"""Deep nets driven by hand: the run, its last count, what the detectors say of it."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from typing import Any

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.detectors import DETECTORS
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.eras.backprop_1986.model import run

MANIFEST = Registry().manifest("backprop_1986")

MODERN: dict[str, Any] = {
    "output": "softmax", "loss": "cross_entropy", "judge": "largest", "init": "fan_uniform", "init_scale": 1.0,
    "rate": 0.1, "momentum": 0.0, "batch": 20, "order": "random", "reduce": "mean", "theory": True,
}  # fmt: skip
"""The settings of the depth lessons."""


def moments(spec: str | Mapping[str, Any] | Dataset, seed: int = 0, **settings: Any) -> Iterator[Moment]:
    streams = Streams(seed)
    if not isinstance(spec, Dataset):
        spec = load({"name": spec} if isinstance(spec, str) else spec, streams)
    config = resolve_config(MANIFEST, settings)
    return run(config, spec, streams, Knobs(config), None, "cpu")


def first(spec: str | Mapping[str, Any], seed: int = 0, **settings: Any) -> dict[str, float]:
    """The count before the first step."""
    return dict(next(moments(spec, seed, steps=1, **settings)).scalars)


def told(run_of: Iterator[Moment]) -> dict[str, list[dict[str, Any]]]:
    """Every event of every detector of the era, by kind; each with its `step`."""
    states: dict[str, Any] = dict.fromkeys(MANIFEST.detectors)
    found: dict[str, list[dict[str, Any]]] = {}
    for moment in run_of:
        for name in MANIFEST.detectors:
            detector = DETECTORS[name]
            if moment.phase not in detector.phases or (detector.once and name in found):
                continue
            if detector.needs in moment.scalars:
                states[name], events = detector.fold(states[name], moment)
                for kind, evidence in events:
                    found.setdefault(kind, []).append({**evidence, "step": moment.step})
    return found


@functools.cache
def story(name: str) -> tuple[dict[str, list[dict[str, Any]]], dict[str, float]]:
    """What the detectors say of one of the nets in `NETS`, and its last count."""
    spec, seed, settings = NETS[name]
    last: dict[str, float] = {}

    def watched() -> Iterator[Moment]:
        for moment in moments(spec, seed, **settings):
            if moment.phase in ("eval", "done"):
                last.update(moment.scalars)
            yield moment

    return told(watched()), last


NETS: dict[str, tuple[str | dict[str, Any], int, dict[str, Any]]] = {}
"""Named nets: data, seed, settings. Filled by the tests that use them."""
