"""Drive the ADALINE's generator by hand, without runner and recording."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.detectors import DETECTORS
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.eras.adaline_1960.model import run

ERA = "adaline_1960"
MANIFEST = Registry().manifest(ERA)

Seen = tuple[int, str, dict[str, float], dict[str, Array]]
"""Step, phase, scalars, copies of the arrays."""


def config(**knobs: Any) -> dict[str, Any]:
    """Every knob of the era; the given ones changed, checked as a scenario's are."""
    return resolve_config(MANIFEST, knobs)


def data(spec: str | Mapping[str, Any], seed: int = 0) -> Dataset:
    table = {"name": spec} if isinstance(spec, str) else spec
    return load(table, Streams(seed))


def moments(
    spec: str | Mapping[str, Any] | Dataset,
    seed: int = 0,
    start: Layers | None = None,
    knobs: Knobs | None = None,
    **settings: Any,
) -> Iterator[Moment]:
    """The run itself. Data and run draw from streams of the same seed, as the runner has it."""
    streams = Streams(seed)
    if not isinstance(spec, Dataset):
        spec = load({"name": spec} if isinstance(spec, str) else spec, streams)
    chosen = config(**settings)
    return run(chosen, spec, streams, knobs if knobs is not None else Knobs(chosen), start, "cpu")


def seen(*args: Any, **kwargs: Any) -> list[Seen]:
    """Every moment, with its arrays copied at that instant."""
    return [
        (m.step, m.phase, dict(m.scalars), {name: np.array(m.array(name)) for name in m.arrays})
        for m in moments(*args, **kwargs)
    ]


def last(*args: Any, **kwargs: Any) -> tuple[int, dict[str, float]]:
    """Step and scalars of the last moment."""
    moment = deque(moments(*args, **kwargs), maxlen=1)[0]
    assert moment.phase == "done"
    return moment.step, dict(moment.scalars)


def detected(detector: str, run_of: Iterator[Moment]) -> list[dict[str, Any]]:
    """Evidence of every event that this detector reports over the run."""
    chosen = DETECTORS[detector]
    fold: Callable[[Any, Moment], tuple[Any, list[tuple[str, dict[str, Any]]]]] = chosen.fold
    state: Any = None
    evidence = []
    for moment in run_of:
        if moment.phase in chosen.phases:
            state, found = fold(state, moment)
            evidence += [details for _, details in found]
            if found and chosen.once:
                break
    return evidence


def two_classes(x: Any, signs: Any) -> Dataset:
    """A data set of one's own: rows and their −1/+1 labels."""
    labels = (np.asarray(signs) > 0).astype(np.int64)
    return Dataset("mine", np.array(x, dtype=np.float64), labels, ("−1", "+1"))
