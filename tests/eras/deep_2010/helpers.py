"""Runs of the era without a scenario, for its tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config

REGISTRY = Registry()
MANIFEST = REGISTRY.manifest("deep_2010")


def config(**changes: Any) -> dict[str, Any]:
    return resolve_config(MANIFEST, changes)


def run(dataset: Any = "digits8", seed: int = 0, device: str = "cpu", **changes: Any) -> list[tuple[Any, ...]]:
    """(step, phase, scalars, arrays) of every moment; arrays copied."""
    resolved, streams = config(**changes), Streams(seed)
    moments = REGISTRY.run("deep_2010")(resolved, load(dataset, streams), streams, Knobs(resolved), None, device)
    found = []
    for moment in moments:
        arrays: dict[str, Array] = {name: np.array(moment.array(name)) for name in moment.arrays}
        found.append((moment.step, moment.phase, dict(moment.scalars), arrays))
    return found
