"""Small values for the engine's tests: hand-made moments and frames."""

from __future__ import annotations

import numpy as np

from nnhistory.core.events import Event
from nnhistory.core.moment import Frame, Moment
from nnhistory.core.recording import Header


def header(run: str = "a") -> Header:
    return Header(run=run, era="toy_1900", seed=0, config={"rate": 0.5}, dataset={"name": "or"}, planned=100)


def frame(tick: int, *, kept: bool = True, size: int = 3, events: tuple[Event, ...] = (), data: bool = False) -> Frame:
    arrays = {"weights/0": np.full(size, tick, dtype=np.float32)}
    if data:
        arrays["data/x"] = np.arange(4.0, dtype=np.float32)
    for array in arrays.values():
        array.flags.writeable = False
    return Frame(tick, tick // 3, "update", {"mistakes": float(tick)}, arrays, events, kept)


def update(step: int, weights: list[float], *, mistakes: float, position: float | None = None) -> Moment:
    scalars = {"mistakes": mistakes}
    if position is not None:
        scalars["position"] = position
    return Moment(step, "update", scalars, {"weights/0": np.array(weights), "bias/0": np.array([0.0])})
