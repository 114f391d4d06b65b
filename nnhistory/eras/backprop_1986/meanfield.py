"""Mean-field theory of a deep net with random weights: how large signals stay, and what is left of the error per layer.

In a wide layer the sum of a unit is nearly normal with mean 0 and a variance q. With weights of variance s_w^2 / n and
biases of variance s_b^2, on the way forward and on the way back:

    q_next = s_w^2 E[f(sqrt(q) z)^2] + s_b^2        until it stays at q*
    chi_1  = s_w^2 E[f'(sqrt(q*) z)^2]              z ~ N(0, 1)

A layer multiplies the root mean square of the error signal by sqrt(chi_1). Below 1 is the ordered phase, where it
vanishes; above 1 it explodes.

Source: Poole et al. 2016 (q*, chi_1) and Schoenholz et al. 2017 (gradients), written down from memory and checked
against measurements; *modern*: nobody had this in 1986. The averages are computed by Gauss-Hermite quadrature.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.net import activate, slope

__all__ = ["STEEPEST", "Theory", "average", "fixed_point", "spread", "theory"]

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "linear": 1.0, "relu": 1.0}
"""The largest slope that a unit has anywhere."""

_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(101)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()


class Theory(NamedTuple):
    """What theory says of wide layers. `q` is q*; `factor` is sqrt(chi_1), `bound` what it cannot exceed."""

    q: float
    chi: float
    factor: float
    bound: float

    @property
    def depth_scale(self) -> float:
        """Layers after which two inputs have become alike but for a share 1/e. Only in the ordered phase, else NaN."""
        return -1.0 / math.log(self.chi) if 0.0 < self.chi < 1.0 else math.nan


def average(values: Array) -> float:
    """E[g(z)] for values g(z) at the quadrature's nodes, z ~ N(0, 1)."""
    return float(_WEIGHTS @ values)


def _moments(function: str, q: float) -> tuple[float, float]:
    """E[f^2] and E[f'^2] for sums of variance q."""
    if function == "relu":  # half of a normal variable: exact, where quadrature suffers from the corner
        return q / 2.0, 0.5
    y = activate(function, math.sqrt(q) * _NODES)
    return average(y * y), average(slope(function, y) ** 2)


def fixed_point(function: str, weight_variance: float, bias_variance: float = 0.0) -> Theory:
    """q* and chi_1 for layers of weight variance s_w^2 / n and bias variance s_b^2. q* is inf where signals grow on.

    function : `sigmoid`, `tanh`, `linear` or `relu`.
    """
    q = 1.0
    for _ in range(20_000):
        after = weight_variance * _moments(function, q)[0] + bias_variance
        if after > 1e12:
            q = math.inf
            break
        done = abs(after - q) <= 1e-14 * max(1.0, q)
        q = after
        if done:
            break
    chi = weight_variance * _moments(function, q if math.isfinite(q) else 1e12)[1]
    return Theory(q, chi, math.sqrt(chi), STEEPEST[function] * math.sqrt(weight_variance))


def spread(config: Mapping[str, Any], n_in: int, n_out: int) -> tuple[float, float] | None:
    """s_w^2 = n_in times the variance of a first weight, and s_b^2. None if the weights are not drawn (constant)."""
    s = float(config["init_scale"])
    match config["init"]:
        case "uniform":
            each = s * s / 3.0
        case "normal":
            each = s * s
        case "fan_uniform":
            each = s * s / 3.0 / n_in
        case "fan_normal":
            each = s * s / n_in
        case "glorot":
            each = s * s * 2.0 / (n_in + n_out)
        case "fitting":
            each = (s / STEEPEST[config["unit"]]) ** 2 * 2.0 / (n_in + n_out)
        case _:
            return None
    match config["bias_init"]:
        case "zero":
            bias = 0.0
        case "normal":
            bias = float(config["bias_scale"]) ** 2
        case _:
            bias = each
    return n_in * each, bias


def theory(config: Mapping[str, Any], width: int) -> Theory | None:
    """What theory says of hidden layers of this width, with the first weights that the config draws."""
    drawn = spread(config, width, width)
    return fixed_point(config["unit"], *drawn) if drawn is not None else None
