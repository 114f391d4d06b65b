"""How wide a signal is in each layer before any learning, by theory: wide layers, independent first weights.

    q_l = n_in Var(w) E[y_(l-1)^2] + Var(b)      E[y_l^2] = E[f(sqrt(q_l) z)^2],  z ~ N(0, 1)

and the same of the error on its way back: each layer passes on sqrt(n_out Var(w) E[f'(sqrt(q_l) z)^2]) of it. With ReLU
and Var(w) = 2 / n_in both stay as they are (He et al. 2015, eq. 10 and 14); with 1 / n_in each layer halves the square.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.activations import slope, value
from nnhistory.eras.deep_2010.inits import leak_of, variance

__all__ = ["constants", "mean_output", "moments", "spread"]

_NODES = np.linspace(-8.0, 8.0, 4000)
_WEIGHTS = np.exp(-0.5 * _NODES**2)
_WEIGHTS[[0, -1]] *= 0.5
_WEIGHTS /= _WEIGHTS.sum()
"""The trapezoid rule, no node at the corner of a ReLU; exact to many digits for all that is smooth."""


def moments(unit: str, q: float, leak: float = 0.01) -> tuple[float, float, float]:
    """E[y], E[y^2] and E[f'^2] of a unit whose sum is N(0, q)."""
    z = np.sqrt(q) * _NODES
    y, d = value(unit, z, leak), slope(unit, z, leak)
    return float(_WEIGHTS @ y), float(_WEIGHTS @ (y * y)), float(_WEIGHTS @ (d * d))


def mean_output(unit: str, leak: float = 0.01) -> float:
    """E[f(z)] for z ~ N(0, 1): how far from 0 a unit's output lies on average."""
    return moments(unit, 1.0, leak)[0]


def constants(config: Mapping[str, Any]) -> dict[str, float]:
    """What the hidden unit is by itself: its mean output for sums N(0, 1), and its slope at 0 and at 10."""
    unit, leak = config["unit"], leak_of(config)
    if unit == "maxout":
        return {}
    at_0, at_10 = slope(unit, np.array([1e-12, 10.0]), leak)
    return {"unit_mean": mean_output(unit, leak), "unit_slope_0": float(at_0), "unit_slope_10": float(at_10)}


def spread(config: Mapping[str, Any], x: Array, depth: int, widths: Sequence[int]) -> dict[str, float]:
    """`theory_sd/l` of the hidden layers, and `theory_factor`: what a layer passes on of the error. Start only.

    Empty for nets that it does not cover: BatchNorm, residual links, convolutions, maxout, weights that are not drawn
    one by one.
    """
    if config["batchnorm"] or config["residual"] or config["conv"] or config["unit"] == "maxout" or depth < 2:
        return {}
    if config["bias_init"] == "constant" and config["bias_scale"]:
        return {}
    found: dict[str, float] = {}
    factors: list[float] = []
    square, n_in, below = float((x * x).mean()), x.shape[1], 0.0
    for layer, n_out in enumerate(widths[:-1]):
        each = variance(config, n_in, n_out)
        if each is None:
            return {}
        bias = {"as_weights": each, "normal": config["bias_scale"] ** 2}.get(config["bias_init"], 0.0)
        mean, square, steep = moments(config["unit"], n_in * each * square + bias, leak_of(config))
        found[f"theory_sd/{layer}"] = float(np.sqrt(max(0.0, square - mean * mean)))
        if layer:
            factors.append(n_out * each * below)
        below, n_in = steep, n_out
    if factors and min(factors) > 0.0:
        found["theory_factor"] = float(np.exp(0.5 * np.mean(np.log(factors))))
    return found
