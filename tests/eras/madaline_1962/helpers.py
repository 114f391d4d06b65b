"""Drive MADALINE's generator by hand, without runner and recording."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.eras.madaline_1962.model import run

ERA = "madaline_1962"
MANIFEST = Registry().manifest(ERA)


def config(**knobs: Any) -> dict[str, Any]:
    """Every knob of the era; the given ones changed, checked as a scenario's are."""
    return resolve_config(MANIFEST, knobs)


def moments(spec: str | Mapping[str, Any] | Dataset, seed: int = 0, **settings: Any) -> Iterator[Moment]:
    """The run itself. Data and run draw from streams of the same seed, as the runner has it."""
    streams, chosen = Streams(seed), config(**settings)
    if not isinstance(spec, Dataset):
        spec = load({"name": spec} if isinstance(spec, str) else spec, streams)
    return run(chosen, spec, streams, Knobs(chosen), None, "cpu")


def copied(moment: Moment) -> dict[str, Array]:
    return {name: np.array(moment.array(name)) for name in moment.arrays}


def last(*args: Any, **kwargs: Any) -> Moment:
    """The last moment."""
    moment = deque(moments(*args, **kwargs), maxlen=1)[0]
    assert moment.phase == "done"
    return moment


def hang_ups(*args: Any, **kwargs: Any) -> tuple[list[dict[str, Any]], float]:
    """Evidence of every hang-up of a run, and its training error at the end."""
    found, error = [], 1.0
    for moment in moments(*args, **kwargs):
        found += [evidence for kind, evidence in moment.events if kind == "hang_up"]
        error = moment.scalars.get("train_error", error)
    return found, error


def net(W: Any, b: Any, V: Any = None, c: Any = None, outputs: int = 1) -> dict[str, Array]:
    """Arrays as a run has them, around weights of one's own."""
    live = {"weights/0": np.array(W, dtype=float), "bias/0": np.array(b, dtype=float)}
    d, h = live["weights/0"].shape
    if V is not None:
        live |= {"weights/1": np.array(V, dtype=float), "bias/1": np.array(c, dtype=float)}
        outputs = live["weights/1"].shape[1]
        live |= {"pre/1": np.zeros(outputs), "delta/1": np.zeros(outputs), "grad/1": np.zeros(outputs)}
    for name in ("pre/0", "act/0", "delta/0", "grad/0", "state/lit", "state/flip"):
        live[name] = np.zeros(h)
    return {**live, "input": np.zeros(d), "target": np.zeros(outputs), "answer": np.zeros(outputs)}
