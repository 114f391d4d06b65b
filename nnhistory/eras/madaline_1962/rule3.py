"""Rule III: the step becomes a smooth curve, and a flip becomes a nudge. Perturb, measure, divide.

    o = tanh(s) in every unit
    for every unit j:   s_j <- s_j + ds,   e² changes by D(e²),   put s_j back
        w_j <- w_j − mu (D(e²) / ds) x

For ds -> 0 the quotient is the slope d(e²)/ds_j that backpropagation computes in one sweep for all units; here every
unit costs a forward pass of its own. `true_slopes` is that sweep. The rule does not use it: it is there to compare.

Source: Andes, Widrow, Lehr and Wan 1990, IJCNN I, 533-536 (Andes 1988, unpublished), as told in Widrow and Lehr 1990,
eq. 57-66. Modern here: backpropagation's slopes beside the measured ones.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Moment
from nnhistory.eras.madaline_1962.rule2 import WATCHED

__all__ = ["measured_slopes", "present", "slope_error", "squared_error", "true_slopes"]


def squared_error(s: Array, V: Array, c: Array, d: Array, nudge: Array | float = 0.0) -> Array:
    """e², summed over the outputs, from the hidden sums on. `nudge` is added to the output sums.

    Shapes: s (..., h), V (h, C), c d (C,) -> (...).
    """
    total: Array = ((d - np.tanh(np.tanh(s) @ V + c + nudge)) ** 2).sum(axis=-1)
    return total


def measured_slopes(s: Array, V: Array, c: Array, d: Array, ds: float) -> tuple[Array, Array]:
    """D(e²)/ds of every hidden and every output unit, each nudged alone. Shapes: (h,), (C,)."""
    before = squared_error(s, V, c, d)
    hidden = squared_error(s + ds * np.eye(len(s)), V, c, d) - before
    output = squared_error(s, V, c, d, ds * np.eye(len(c))) - before
    return hidden / ds, output / ds


def true_slopes(s: Array, V: Array, c: Array, d: Array) -> tuple[Array, Array]:
    """d(e²)/ds by the chain rule: what 1986 does instead. Shapes: (h,), (C,)."""
    o = np.tanh(s)
    y = np.tanh(o @ V + c)
    output = -2.0 * (d - y) * (1.0 - y * y)
    return (V @ output) * (1.0 - o * o), output


def slope_error(x: Array, targets: Array, live: Mapping[str, Array], ds: float) -> float:
    """Largest difference of measured and true slope over patterns (at most 64) and units, in shares of the largest."""
    V, c = live["weights/1"], live["bias/1"]
    off = most = 0.0
    for one, d in zip(x[:64], targets[:64], strict=True):
        s = one @ live["weights/0"] + live["bias/0"]
        measured, true = np.concatenate(measured_slopes(s, V, c, d, ds)), np.concatenate(true_slopes(s, V, c, d))
        off, most = max(off, float(np.abs(measured - true).max())), max(most, float(np.abs(true).max()))
    return off / max(1e-300, most)


def present(step: int, live: dict[str, Array], knobs: Knobs, count: dict[str, float]) -> Generator[Moment]:
    """Present, sum; nudge every unit and measure; then move all weights against what was measured."""
    x, d, ds = live["input"], live["target"], knobs["ds"]
    W, b, V, c = live["weights/0"], live["bias/0"], live["weights/1"], live["bias/1"]
    yield Moment(step, "present", {}, live)

    s = x @ W + b
    o = np.tanh(s)
    q = o @ V + c
    live["pre/0"][:], live["act/0"][:], live["pre/1"][:], live["answer"][:] = s, o, q, np.tanh(q)
    error = float(squared_error(s, V, c, d))
    count["mistakes"] += float((np.sign(q) != d).any())
    yield Moment(step, "forward", {"pattern_error": error}, live)

    hidden, output = measured_slopes(s, V, c, d, ds)
    live["grad/0"][:], live["grad/1"][:] = true_slopes(s, V, c, d)
    count["trials"] += len(s) + len(q)
    if len(s) <= WATCHED:
        for unit, slope in enumerate(hidden):
            live["state/flip"][:] = 0.0
            live["state/flip"][unit], live["delta/0"][unit] = 1.0, slope
            yield Moment(step, "backward", {"pattern_error": error + ds * float(slope)}, live)
    live["delta/0"][:], live["delta/1"][:] = hidden, output
    live["state/flip"][:] = 0.0
    yield Moment(step, "backward", {"pattern_error": error}, live)

    mu = knobs["mu"]
    W -= mu * np.outer(x, hidden)
    b -= mu * hidden
    V -= mu * np.outer(o, output)
    c -= mu * output
    live["state/lit"][:] = 1.0
    count["adapted"] += len(s) + len(q)
