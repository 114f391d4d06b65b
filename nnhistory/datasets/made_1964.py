"""A bowl over two weights that is known exactly: four points and the numbers wanted for them. Nothing is drawn."""

from __future__ import annotations

import numpy as np

from nnhistory.datasets.dataset import Dataset

__all__ = ["bowl"]


def bowl(ratio: float, steep: float, turn: float, far: float) -> Dataset:
    """Four points x and −x, so that half the mean square error of a linear unit is a bowl with known axes.

    ratio : largest over smallest eigenvalue of the bowl's curvature, kappa; steep : the largest.
    turn : degrees by which the steep axis is turned away from the first weight.
    far : how far the bottom w* lies from weights 0 along each axis of the bowl. There error and best bias are 0.
    Shapes: x (4, 2), targets (4,).
    """
    cos, sin = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    axes = np.array([[cos, sin], [-sin, cos]])
    half = axes * np.sqrt(2.0 * steep * np.array([[1.0], [1.0 / ratio]]))
    x = np.concatenate([half, -half])
    targets = x @ (far * axes.sum(axis=0))
    return Dataset("bowl", x, (targets > 0).astype(np.int64), ("−1", "+1"), targets=targets, truth=targets)
