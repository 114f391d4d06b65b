"""First weights, each with its formula. Drawn by NumPy, so that they are the same on every device, and as in 1986.

    uniform      U(-s, s)                                         1986
    normal       N(0, s^2)
    fan_uniform  U(-s, s) / sqrt(n_in)                            around 1990, the "standard" of 2010
    xavier       s N(0, 1) / sqrt(n_in)                           as courses teach it: the fan-in form
    glorot       s U(-1, 1) sqrt(6 / (n_in + n_out))              2010, the paper's own
    he           s N(0, 1) sqrt(2 / ((1 + a^2) n_in))             2015; a: slope below 0 of leaky units, else 0
    fitting      4 glorot for sigmoids (their slope is 1/4), he for rectifiers, xavier for the others
    orthogonal   s Q, Q with orthonormal rows or columns          2013
    constant     s                  zero   0

Sources: Glorot and Bengio 2010 (AISTATS), eq. 16; He et al. 2015 (ICCV), eq. 10 and 15; Saxe, McClelland and Ganguli
2013. s is the knob init_scale, 1 for the formula as published.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.activations import RECTIFIERS

__all__ = ["draw", "first_weights", "shapes_of", "variance"]


def shapes_of(
    config: Mapping[str, Any], inputs: int, outputs: int, picture: tuple[int, int] | None = None
) -> list[tuple[int, int]]:
    """(n_in, n_out) of every layer of weights, from the input on: first those of convolutions, then the full ones.

    A convolution's n_in are the numbers one unit sees, kernel x kernel x channels; n_out are channels.
    """
    places = 1
    found = []
    if config["conv"]:
        rows, columns = picture or (1, inputs)
        channels = 1
        for each in config["conv"]:
            found.append((config["kernel"] ** 2 * channels, each))
            channels, rows, columns = each, rows // config["pool"], columns // config["pool"]
        places, inputs = rows * columns, channels
    sizes = [places * inputs, *(config["hidden"] or [config["units"]] * config["layers"]), outputs]
    return [*found, *pairwise(sizes)]


def leak_of(config: Mapping[str, Any]) -> float:
    """The slope below 0 that He's formula knows of."""
    return float({"leaky_relu": config["leak"], "prelu": 0.25}.get(config["unit"], 0.0))


def fitting(config: Mapping[str, Any]) -> dict[str, Any]:
    """The formula made for this unit, as knobs: 4 glorot for sigmoids, he for rectifiers, xavier for the others."""
    if config["unit"] == "sigmoid":
        return {"init": "glorot", "init_scale": 4.0 * config["init_scale"]}
    return {"init": "he" if config["unit"] in RECTIFIERS else "xavier"}


def variance(config: Mapping[str, Any], n_in: int, n_out: int) -> float | None:
    """Of one first weight. None if the weights are not independent draws (constant)."""
    s2 = float(config["init_scale"]) ** 2
    match config["init"]:
        case "uniform":
            return s2 / 3.0
        case "normal":
            return s2
        case "fan_uniform":
            return s2 / 3.0 / n_in
        case "xavier":
            return s2 / n_in
        case "glorot":
            return s2 * 2.0 / (n_in + n_out)
        case "he":
            return s2 * 2.0 / ((1.0 + leak_of(config) ** 2) * n_in)
        case "fitting":
            return variance({**config, **fitting(config)}, n_in, n_out)
        case "orthogonal":
            return s2 / max(n_in, n_out)
        case "zero":
            return 0.0
    return None


def draw(config: Mapping[str, Any], shape: tuple[int, ...], fans: tuple[int, int], rng: np.random.Generator) -> Array:
    """First weights of this shape, between n_in and n_out units (`fans`)."""
    if config["init"] == "fitting":
        config = {**config, **fitting(config)}
    s, (n_in, n_out) = float(config["init_scale"]), fans
    match config["init"]:
        case "normal":
            drawn = s * rng.standard_normal(shape)
        case "fan_uniform":
            drawn = s / np.sqrt(n_in) * rng.uniform(-1.0, 1.0, shape)
        case "xavier":
            drawn = s / np.sqrt(n_in) * rng.standard_normal(shape)
        case "glorot":
            drawn = s * np.sqrt(6.0 / (n_in + n_out)) * rng.uniform(-1.0, 1.0, shape)
        case "he":
            drawn = s * np.sqrt(2.0 / ((1.0 + leak_of(config) ** 2) * n_in)) * rng.standard_normal(shape)
        case "orthogonal":
            drawn = s * _orthogonal(shape, rng)
        case "constant":
            drawn = np.full(shape, s)
        case "zero":
            drawn = np.zeros(shape)
        case _:
            drawn = s * rng.uniform(-1.0, 1.0, shape)
    return drawn


def _orthogonal(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Q of a normal matrix, its columns' signs as drawn, so that all rotations are equally likely."""
    if len(shape) == 1:
        return np.zeros(shape)
    rows, columns = shape
    q, r = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    q = q * np.sign(np.diag(r))
    return q if rows >= columns else q.T


def first_weights(
    config: Mapping[str, Any], shapes: list[tuple[int, int]], rng: np.random.Generator, start: Layers | None = None
) -> tuple[list[Array], list[Array]]:
    """W[l] of these shapes (n_in, n_out) and b[l] (n_out,) of one net, W before b; or those of an earlier run.

    A maxout unit is as many sums as it has pieces: n_out counts the sums.
    """
    W: list[Array] = []
    b: list[Array] = []
    hidden = len(shapes) - 1
    for layer, (n_in, n_out) in enumerate(shapes):
        sums = n_out * (config["pieces"] if config["unit"] == "maxout" and layer < hidden else 1)
        W.append(draw(config, (n_in, sums), (n_in, n_out), rng))
        match config["bias_init"]:
            case "constant":
                b.append(np.full(sums, float(config["bias_scale"])))
            case "normal":
                b.append(config["bias_scale"] * rng.standard_normal(sums))
            case "as_weights":
                b.append(draw(config, (sums,), (n_in, n_out), rng))
            case _:
                b.append(np.zeros(sums))
    for layer, given in enumerate(start or (), start.into if start is not None else 0):
        if layer >= len(W) or given.W.shape != W[layer].shape:
            here = W[layer].shape if layer < len(W) else "none"
            raise BadInput(f"layer {layer} of this net has weights {here}, the run it starts from {given.W.shape}")
        W[layer], b[layer] = np.array(given.W, dtype=np.float64), np.array(given.b, dtype=np.float64)
    return W, b
