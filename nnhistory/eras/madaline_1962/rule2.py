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
    for units in _rounds(s, size):
        yield from map(tuple, units.tolist())


def _rounds(s: Array, size: int) -> Iterator[Array]:
    """The same, all groups of one size at a time: (ways, 1), then (ways, 2), up to (ways, size)."""
    far = np.abs(s)
    order = far.argsort(kind="stable")
    if size:
        yield order[:, None]
    for many in range(2, size + 1):
        units = order[_combinations(len(s), many)]
        sums = far[units[:, 0]]
        for one in range(1, many):
            sums = sums + far[units[:, one]]
        yield units[sums.argsort(kind="stable")]


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
    s = live["pre/0"][:] = x @ W + b
    o = live["act/0"][:] = sgn(s)
    q = live["pre/1"][:] = o @ V + c
    live["answer"][:] = sgn(q)
    wanted = d > 0
    errors = int(np.count_nonzero((q >= 0) != wanted))
    yield Moment(step, "forward", {"wrong_outputs": float(errors)}, live)
    if errors == 0:
        return

    count["mistakes"] += 1
    watched, length = len(s) <= WATCHED, x @ x + 1.0  # + 1: the bias's input
    for units in _rounds(s, config["trial"]):
        while len(units) and errors:
            flipped = q + _moved(o, V, units)  # all trials of a round at once: none depends on the one before
            left = ((flipped >= 0) != wanted).sum(axis=1)
            helps = left < errors
            first = int(helps.argmax())
            kept = bool(helps[first])
            tried = first + 1 if kept else len(units)
            if watched:
                for trial in range(tried):
                    count["trials"] += 1
                    live["state/flip"][:] = 0.0
                    live["state/flip"][units[trial]], live["pre/1"][:] = 1.0, flipped[trial]
                    numbers = {"trials": count["trials"], "wrong_outputs": float(left[trial])}
                    yield Moment(step, "backward", numbers, live)
            else:
                count["trials"] += tried
            if not kept:
                break
            for unit in units[first].tolist():
                o[unit] = -o[unit]
                move = alpha * (o[unit] - s[unit]) / length
                W[:, unit] += x * move
                b[unit] += move
                live["delta/0"][unit] += move
                live["state/lit"][unit] = 1.0
                count["adapted"] += 1
            count["accepted"] += 1
            errors, units = int(left[first]), units[tried:]
            if errors:
                s, q = x @ W + b, o @ V + c
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


def _moved(o: Array, V: Array, units: Array) -> Array:
    """How far flips move the output sums. o (h,), V (h, C), units (ways, many) -> (ways, C)."""
    share = -2.0 * o[:, None] * V
    moved: Array = share[units[:, 0]]
    for one in range(1, units.shape[1]):
        moved = moved + share[units[:, one]]
    return moved


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
