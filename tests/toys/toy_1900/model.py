"""One number walks towards a target."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Moment
from nnhistory.core.streams import Streams

__all__ = ["run"]


def run(
    config: Mapping[str, Any], data: Any, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """w moves by rate * (target - w) in each step. Shapes: weights/0 (1, 1), bias/0 (1,)."""
    w = np.array([[streams["init"].normal()]]) if start is None else np.array(start[0].W[:1, :1])
    target = np.array([3.0])
    arrays = {"weights/0": w, "bias/0": np.zeros(1), "target": target}
    # What others may feed on: never in a frame.
    arrays |= {"out/x": lambda: data.train_x + w[0, 0], "bias/visible": np.ones(1)}

    def scalars(step: int) -> dict[str, float]:
        distance = float(abs(target[0] - w[0, 0]))
        return {"distance": distance, "train_error": float(distance > 1e-3), "mistakes": float(step)}

    yield Moment(0, "eval", scalars(0), {**arrays, "data/x": data.train_x})
    for step in range(1, config["steps"] + 1):
        if config["sleep"]:
            time.sleep(config["sleep"])
        if step == config["fail_at"]:
            raise RuntimeError("it broke on purpose")
        if step == config["exit_at"]:
            os._exit(3)
        yield Moment(step, "present", {}, arrays)
        w += knobs["rate"] * (target - w)
        yield Moment(step, "update", scalars(step), arrays)
        yield Moment(step, "eval", scalars(step), arrays)
    yield Moment(config["steps"], "done", scalars(config["steps"]), arrays)
