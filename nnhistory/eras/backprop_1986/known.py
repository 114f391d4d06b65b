"""What the book says of single tasks, as numbers: the codes of the encoder, the weights of the symmetry net."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.net import Net, Pass

__all__ = ["known"]


def known(task: str, net: Net, p: Pass) -> dict[str, float]:
    """Numbers for the task of this name; empty for most of them."""
    if task == "encoder" and net.depth > 1:
        code = min(p.act[:-1], key=lambda act: act.shape[1])
        middle = 0.0 if net.unit == "tanh" else 0.5
        return {"codes": float(len(np.unique(code > middle, axis=0)))}
    if task == "symmetry" and net.depth > 1:
        return mirror(net.W[0])
    return {}


def mirror(w: Array) -> dict[str, float]:
    """How far the two halves of every unit's weights are from cancelling, and the sizes in the first unit's half.

    Nature 323, Fig. 1: opposite signs about the middle, sizes in the ratio 1 : 2 : 4.
    """
    scale = float(np.abs(w).max())
    sizes = np.sort(np.abs(w[: len(w) // 2, 0]))
    if scale == 0.0 or sizes[0] == 0.0:
        return {"antisymmetry": 0.0, "ratio_2": 0.0, "ratio_4": 0.0}
    return {
        "antisymmetry": float(np.abs(w + w[::-1]).max()) / scale,
        "ratio_2": float(sizes[len(sizes) // 2] / sizes[0]),
        "ratio_4": float(sizes[-1] / sizes[0]),
    }
