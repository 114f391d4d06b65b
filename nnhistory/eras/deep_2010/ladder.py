"""The hardware ladder: one and the same step of learning, in a Python loop, in NumPy, in torch, timed on this machine.

    h = max(0, x W),  y = h V,  E = 1/2 |y - t|^2 / B;    dV = h' (y - t) / B,  dW = x' ((y - t) V' where h > 0) / B

then W <- W - r dW, V <- V - r dV. x, t (B, n), W, V (n, n): 6 B n^2 products and sums of them for each matrix. Every
rung begins with the same numbers, and must end with them. Times are of the processor's wall clock, the best of a few:
metrics whose names begin with `clock/` are the only ones that differ from run to run.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams

__all__ = ["RUNGS", "climb", "numpy_step", "python_step"]

RUNGS = ("python", "numpy", "torch_one", "torch_all", "gpu")
RATE = 0.1
_LONGEST = 96
"""Width up to which the Python loop is asked: its time grows as the square."""
_TRIES = 5

Step = Callable[[Array, Array, Array, Array], tuple[Array, Array]]
"""From x, t, W, V to the W and V after one step."""


def python_step(x: Array, t: Array, W: Array, V: Array) -> tuple[Array, Array]:
    """With lists and loops, a number at a time."""
    xs, ts, w, v = (array.tolist() for array in (x, t, W, V))
    rows, n = range(len(xs)), range(len(w))
    h = [[max(0.0, sum(xs[r][i] * w[i][j] for i in n)) for j in n] for r in rows]
    e = [[(sum(h[r][i] * v[i][j] for i in n) - ts[r][j]) / len(xs) for j in n] for r in rows]
    back = [[sum(e[r][j] * v[i][j] for j in n) if h[r][i] > 0.0 else 0.0 for i in n] for r in rows]
    new_w = [[w[i][j] - RATE * sum(xs[r][i] * back[r][j] for r in rows) for j in n] for i in n]
    new_v = [[v[i][j] - RATE * sum(h[r][i] * e[r][j] for r in rows) for j in n] for i in n]
    return np.array(new_w), np.array(new_v)


def numpy_step(x: Array, t: Array, W: Array, V: Array) -> tuple[Array, Array]:
    """The same as matrix products, one thread."""
    h = np.maximum(0.0, x @ W)
    e = (h @ V - t) / len(x)
    back = np.where(h > 0.0, e @ V.T, 0.0)
    return W - RATE * (x.T @ back), V - RATE * (h.T @ e)


def climb(
    config: Mapping[str, Any],
    streams: Streams,
    torch_steps: Mapping[str, Callable[[], tuple[Step, Callable[[], None]]]],
    per_number: Mapping[str, Callable[[Array], object]],
) -> Iterator[Moment]:
    """One moment for each width in `ladder`.

    torch_steps : for each rung of torch that this machine has, what sets it up: the step, and what undoes the setting.
    per_number : functions of one array, timed a number at a time.
    Scalars: width; agree, 1 if all rungs ended with the same numbers; clock/RUNG, milliseconds a step; clock/each_F,
    nanoseconds a number; clock/A_over_B, how many times as long A takes as B. Shapes: weights/0 (n, n), bias/0 (n,),
    at most 64 of each.
    """
    rng, batch = streams["init"], config["batch"] or 32
    numbers = streams["sampling"].standard_normal(100_000)
    costs = {f"clock/each_{name}": 1e9 * _best(partial(f, numbers)) / len(numbers) for name, f in per_number.items()}
    widths = [0, *config["ladder"]]
    for step, n in enumerate(widths):
        scalars: dict[str, float] = {"width": float(n), "gpu_measured": float("gpu" in torch_steps), **costs}
        W, V = (rng.standard_normal((max(1, n), max(1, n))) / np.sqrt(max(1, n)) for _ in range(2))
        if n:
            x, t = (rng.standard_normal((batch, n)) for _ in range(2))
            scalars |= _rungs(x, t, W, V, torch_steps)
        arrays = {"weights/0": W[:64, :64], "bias/0": np.zeros(min(64, len(W)))}
        last = step == len(widths) - 1
        yield Moment(step, "eval", scalars, arrays)
        if last:
            yield Moment(step, "done", scalars, arrays)


def _rungs(
    x: Array, t: Array, W: Array, V: Array, torch_steps: Mapping[str, Callable[[], tuple[Step, Callable[[], None]]]]
) -> dict[str, float]:
    truth, agree = numpy_step(x, t, W, V), True
    found: dict[str, float] = {}
    for rung in RUNGS:
        undo: Callable[[], None] | None = None
        if rung == "python":
            if len(W) > _LONGEST:
                continue
            step: Step = python_step
        elif rung == "numpy":
            step = numpy_step
        elif rung in torch_steps:
            step, undo = torch_steps[rung]()
        else:
            continue
        try:
            ended = step(x, t, W, V)
            tolerance = 1e-3 if rung == "gpu" else 1e-9
            agree &= all(np.allclose(a, b, rtol=tolerance, atol=tolerance) for a, b in zip(ended, truth, strict=True))
            found[f"clock/{rung}"] = 1e3 * _best(partial(step, x, t, W, V), 3 if rung == "python" else _TRIES)
        finally:
            if undo is not None:
                undo()
    found["clock/python_over_numpy"] = found.get("clock/python", np.nan) / found["clock/numpy"]
    if not np.isfinite(found["clock/python_over_numpy"]):
        del found["clock/python_over_numpy"]
    if {"clock/torch_one", "clock/torch_all"} <= found.keys():
        found["clock/all_over_one"] = found["clock/torch_all"] / found["clock/torch_one"]
    return {**found, "agree": float(agree)}


def _best(work: Callable[[], object], tries: int = _TRIES) -> float:
    """Seconds of one call: the shortest of a few, for what else the machine does only makes it longer."""
    shortest = np.inf
    for _ in range(tries):
        began = time.perf_counter()
        work()
        shortest = min(shortest, time.perf_counter() - began)
    return float(shortest)
