"""What a unit does with its sum z: on tensors for the net, and in closed form, with its slope, for the pictures.

sigmoid     1 / (1 + e^-z)          1986      relu        max(0, z)               2010 (Fukushima 1969)
tanh                                1989      leaky_relu  z if z > 0, else a z    2013, a = leak
step        1 if z > 0, else 0      1957      prelu       the same, a learned     2015
linear      z                                 elu         z if z > 0, else e^z-1  2015
                                              maxout      the largest of k sums   2013
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nnhistory.core.moment import Array

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["RECTIFIERS", "activate", "slope", "value"]

RECTIFIERS = frozenset({"relu", "leaky_relu", "prelu", "elu"})
"""Units with a corner or a bend at 0, that pass what is above it."""


def activate(unit: str, z: Tensor, a: float | Tensor = 0.01, pieces: int = 2) -> Tensor:
    """y = f(z). z (N, B, n), for maxout (N, B, n * pieces). a : slope below 0 of leaky units."""
    match unit:
        case "sigmoid":
            return z.sigmoid()
        case "tanh":
            return z.tanh()
        case "relu":
            return z.relu()
        case "leaky_relu" | "prelu":
            return z.where(z > 0, a * z)
        case "elu":
            return z.where(z > 0, z.clamp(max=0.0).expm1())
        case "maxout":
            return z.reshape(*z.shape[:-1], -1, pieces).amax(dim=-1)
        case "step":
            return (z > 0).to(z.dtype) + 0.0 * z  # the slope is 0 wherever there is one; a term that carries it
        case "softmax":
            return z.softmax(dim=-1)
        case _:
            return z


def value(unit: str, z: Array, leak: float = 0.01) -> Array:
    """f(z) in closed form, for units of one sum."""
    match unit:
        case "sigmoid":
            y = 0.5 + 0.5 * np.tanh(0.5 * z)
        case "tanh":
            y = np.tanh(z)
        case "relu":
            y = np.maximum(z, 0.0)
        case "leaky_relu" | "prelu":
            y = np.where(z > 0, z, leak * z)
        case "elu":
            y = np.where(z > 0, z, np.expm1(np.minimum(z, 0.0)))
        case "step":
            y = (z > 0).astype(z.dtype)
        case _:
            y = z
    return np.asarray(y)


def slope(unit: str, z: Array, leak: float = 0.01) -> Array:
    """f'(z) in closed form. At the corner of a ReLU 0 is taken, as torch does; a step has slope 0 everywhere."""
    match unit:
        case "sigmoid":
            y = value("sigmoid", z)
            d = y * (1.0 - y)
        case "tanh":
            d = 1.0 / np.cosh(np.clip(z, -300.0, 300.0)) ** 2
        case "relu":
            d = (z > 0).astype(z.dtype)
        case "leaky_relu" | "prelu":
            d = np.where(z > 0, 1.0, leak)
        case "elu":
            d = np.where(z > 0, 1.0, np.exp(np.minimum(z, 0.0)))
        case "step":
            d = np.zeros_like(z)
        case _:
            d = np.ones_like(z)
    return np.asarray(d)
