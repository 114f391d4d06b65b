"""Rule II: the output units learn, too, and hidden units are told what to do by trial.

    at an output error:
        for the hidden unit with the smallest |s|, then the next, ...:
            flip its answer, on trial; count the wrong outputs again
            fewer?  keep the flip:   w <- w + alpha (flipped answer − s) x / |x|²
        then the same with pairs of units, smallest |s| + |s| first
        then the output units that are still wrong:   v <- v + alpha (d − q) z / |z|²

A step has no slope. That a flip would help can be found out only by flipping; h units are h singles and h (h − 1) / 2
pairs.

Source: Winter and Widrow 1988, IEEE Int. Conf. Neural Networks I, 401-408, as in Widrow and Lehr 1990, section V-B.
The review leaves open what becomes of outputs that are right, and of a flip that the weights follow only in part
(alpha < 1). Here only wrong outputs are adapted, and a kept flip counts as done in this presentation.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Moment
from nnhistory.eras.madaline_1962.task import sgn

__all__ = ["WATCHED", "groups", "present"]

WATCHED = 8
"""With at most so many hidden units every trial is a moment of its own; with more there would be nothing else."""


def groups(s: Array, size: int) -> Iterator[tuple[int, ...]]:
    """What is flipped together, in order: singles nearest 0 first, then pairs, up to `size` units at once.

    The order is that of the sums when the pattern came, whatever is adapted on the way.
    """
    order = np.argsort(np.abs(s), kind="stable")
    if size:
        yield from ((unit,) for unit in order.tolist())
    for many in range(2, size + 1):
        units = order[_combinations(len(s), many)]
        far = np.abs(s)[units]
        sums = far[:, 0]
        for one in range(1, many):
            sums = sums + far[:, one]
        yield from map(tuple, units[np.argsort(sums, kind="stable")].tolist())


@lru_cache(maxsize=8)
def _combinations(count: int, many: int) -> Array:
    """All ways to take `many` of `count` places, in order: (ways, many). Listed once, for every error needs them."""
    return np.array(list(combinations(range(count), many)), dtype=np.intp).reshape(-1, many)


def present(
    step: int, live: dict[str, Array], knobs: Knobs, config: Mapping[str, Any], count: dict[str, float]
) -> Generator[Moment]:
    """Present, sum, count wrong outputs; try flips; adapt what helped, then the outputs still wrong."""
    x, d, alpha = live["input"], live["target"], knobs["alpha"]
    yield Moment(step, "present", {}, live)
    if "weights/1" not in live:
        yield from _one_layer(step, live, alpha, count)
        return

    W, b, V, c = live["weights/0"], live["bias/0"], live["weights/1"], live["bias/1"]
    s = x @ W + b
    o = sgn(s)
    q = o @ V + c
    wanted = d > 0
    errors = np.count_nonzero((q >= 0) != wanted)
    live["pre/0"][:], live["act/0"][:], live["pre/1"][:], live["answer"][:] = s, o, q, sgn(q)
    yield Moment(step, "forward", {"wrong_outputs": float(errors)}, live)
    if errors == 0:
        return

    count["mistakes"] += 1
    watched, length = len(s) <= WATCHED, x @ x + 1.0  # + 1: the bias's input
    for group in groups(s, config["trial"]):
        trial = o.copy()
        for unit in group:
            trial[unit] = -trial[unit]
        q = trial @ V + c
        left = np.count_nonzero((q >= 0) != wanted)
        count["trials"] += 1
        if watched:
            live["state/flip"][:], live["pre/1"][:] = trial != o, q
            yield Moment(step, "backward", {"trials": count["trials"], "wrong_outputs": float(left)}, live)
        if left < errors:
            units = list(group)
            move = alpha * (trial[units] - s[units]) / length
            W[:, units] += np.outer(x, move)
            b[units] += move
            live["delta/0"][units] += move
            live["state/lit"][units] = 1.0
            s, o, errors = x @ W + b, trial, left
            count["accepted"] += 1
            count["adapted"] += len(units)
            if errors == 0:
                break
    live["state/flip"][:] = 0.0

    q = o @ V + c
    wrong = sgn(q) != d
    if wrong.any():
        live["delta/1"][:] = np.where(wrong, alpha * (d - q) / (len(o) + 1.0), 0.0)
        V += np.outer(o, live["delta/1"])
        c += live["delta/1"]
        count["output_changes"] += 1


def _one_layer(step: int, live: dict[str, Array], alpha: float, count: dict[str, float]) -> Generator[Moment]:
    """The control without hidden units: one ADALINE for each output, those that are wrong adapted by alpha-LMS."""
    x, d, V, c = live["input"], live["target"], live["weights/0"], live["bias/0"]
    q = x @ V + c
    wrong = sgn(q) != d
    live["pre/0"][:], live["act/0"][:], live["answer"][:] = q, sgn(q), sgn(q)
    yield Moment(step, "forward", {"wrong_outputs": float(wrong.sum())}, live)
    if wrong.any():
        live["delta/0"][:] = np.where(wrong, alpha * (d - q) / (x @ x + 1.0), 0.0)
        live["state/lit"][:] = wrong
        V += np.outer(x, live["delta/0"])
        c += live["delta/0"]
        count["mistakes"] += 1
        count["output_changes"] += 1
