"""What the book says of single tasks, as numbers: the codes of the encoder, the weights of the symmetry net."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.net import Net, Pass
from nnhistory.eras.backprop_1986.numbers import Number

__all__ = ["known"]


def known(task: str, net: Net, p: Pass) -> dict[str, Number]:
    """Numbers for the task of this name; empty for most of them."""
    if task == "encoder" and net.depth > 1:
        code = min(p.act[:-1], key=lambda act: act.shape[-1])
        return {"codes": codes(code > (0.0 if net.unit == "tanh" else 0.5))}
    if task == "symmetry" and net.depth > 1:
        return mirror(net.W[0])
    return {}


def codes(on: Array) -> Number:
    """How many rows differ. on (..., P, h): which of the h units are on for each of P patterns."""
    bits = np.packbits(on, axis=-1)
    if bits.ndim > 2:
        return [float(len(set(map(bytes, one)))) for one in bits]
    return float(len(set(map(bytes, bits))))


def mirror(w: Array) -> dict[str, Number]:
    """How far the two halves of every unit's weights are from cancelling, and the sizes in the first unit's half.

    Nature 323, Fig. 1: opposite signs about the middle, sizes in the ratio 1 : 2 : 4.
    """
    half = w.shape[-2] // 2
    scale = np.abs(w).max(axis=(-2, -1))
    sizes = np.sort(np.abs(w[..., :half, 0]), axis=-1)
    there = (scale != 0.0) & (sizes[..., 0] != 0.0)
    scale, least = scale + ~there, sizes[..., 0] + ~there
    return {
        "antisymmetry": there * np.abs(w + w[..., ::-1, :]).max(axis=(-2, -1)) / scale,
        "ratio_2": there * sizes[..., half // 2] / least,
        "ratio_4": there * sizes[..., -1] / least,
    }
