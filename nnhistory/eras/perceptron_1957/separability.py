"""Is there any plane at all? Exact answers, to hold beside what the rule finds."""

from __future__ import annotations

import math

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["cover_share", "max_margin", "separable"]


def separable(x: Array, signs: Array) -> bool:
    """Is there a w with signs_i (w x_i) >= 1 for all i? A linear programme without objective decides it.

    Shapes: x (n, d), signs (n,) of −1 and +1. Add a column of ones for a threshold.
    A perceptron that has not converged yet proves nothing: a separable case may need tens of thousands of updates.
    """
    from scipy.optimize import linprog

    z = signs[:, None] * x
    found = linprog(np.zeros(x.shape[1]), A_ub=-z, b_ub=-np.ones(len(z)), bounds=(None, None), method="highs")
    return bool(found.status == 0)


def max_margin(x: Array, signs: Array) -> float:
    """The largest gamma with signs_i (w x_i) >= gamma for a unit vector w; 0.0 if no plane separates.

    Least distance programming as a non-negative least squares problem (Lawson and Hanson 1974, ch. 23):
    the shortest v with signs_i (v x_i) >= 1 has length 1/gamma.
    """
    from scipy.optimize import nnls

    z = signs[:, None] * x
    system = np.vstack([z.T, np.ones(len(z))])
    target = np.zeros(len(system))
    target[-1] = 1.0
    u, residual = nnls(system, target, maxiter=50 * system.shape[1])
    if residual < 1e-9:
        return 0.0
    r = system @ u - target
    v = -r[:-1] / r[-1]
    gamma = 1.0 / float(np.linalg.norm(v))
    # The margin that v really has, not the one it should have: rounding cannot make the bound too small.
    return min(gamma, float((z @ v).min()) / float(np.linalg.norm(v)))


def cover_share(points: int, inputs: int) -> float:
    """The share of all labellings of `points` points in general position that a plane through 0 can make.

    C(P, N) / 2^P with C = 2 sum_{k<N} binom(P − 1, k). Source: Cover 1965, IEEE Trans. EC-14, theorem 1; the same
    formula in Widrow and Lehr 1990, eq. 6.
    """
    ways = 2 * sum(math.comb(points - 1, k) for k in range(min(inputs, points)))
    return min(1.0, float(ways / 2**points))
