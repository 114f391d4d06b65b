"""Data to be prepared, made here: a cloud off the middle and askew, and small colour patches under uneven light."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.prepare import cloud_ways, means, patch_ways

__all__ = ["PATCH", "SHAPES", "cloud", "patches"]

PATCH = 8
"""Side of a colour patch, in pixels."""
SHAPES = ("bars", "ring", "cross")
_TINT = np.array([0.62, 0.46, 0.28])
"""The ground's colour on average: red, green, blue. Sand in the evening."""
_INK = np.array([0.16, 0.2, 0.3])
_GRAIN = 0.03


def cloud(points: int, scaling: str, rng: np.random.Generator) -> Dataset:
    """Points in the plane whose two numbers go together, far from 0, and a number wanted for each.

    Standard deviations 1.6 and 0.7, correlation 0.8, mean (2.5, 1.5). The wanted number is a weighted sum of the two
    as they were before anything was done to them, and noise of 0.2. Shapes: x (points, 2), targets (points,).
    """
    first, other = rng.standard_normal((2, points))
    x = np.column_stack([2.5 + 1.6 * first, 1.5 + 0.7 * (0.8 * first + 0.6 * other)])
    targets = 0.5 * (x[:, 0] - 2.5) - 1.0 * (x[:, 1] - 1.5) + 0.2 * rng.standard_normal(points)
    ways = cloud_ways(x)
    return Dataset(
        "cloud", ways[scaling], (targets > 0).astype(np.int64), ("−1", "+1"), targets=targets,
        ways=lambda: ways,
    )  # fmt: skip


def patches(train: int, test: int, scaling: str, rng: np.random.Generator) -> Dataset:
    """Colour pictures of 8 x 8 places: a dark shape (bars, ring, cross) on a tinted ground that is lit from above.

    The light falls off from the top row to the bottom row, in each patch by an amount of its own, and the ground's
    colour varies from patch to patch. Shapes: x (n, 192), values about 0 to 1, red, green and blue of a place beside
    each other, places row by row.
    """
    labels = rng.integers(0, len(SHAPES), train + test)
    fall = rng.uniform(0.3, 0.7, train + test)
    light = 1.15 - fall[:, None] * np.linspace(0.0, 1.0, PATCH)
    ground = _TINT * rng.uniform(0.85, 1.15, (train + test, 1)) + rng.normal(0.0, 0.03, (train + test, 3))
    masks = np.array([_mask(name) for name in SHAPES])[labels]
    strength = rng.uniform(0.4, 0.8, (train + test, 1, 1, 1))
    pictures = ground[:, None, None, :] * np.ones((1, PATCH, PATCH, 1))
    pictures = np.where(masks[..., None], (1.0 - strength) * pictures + strength * _INK, pictures)
    pictures = pictures * light[:, :, None, None] + rng.normal(0.0, _GRAIN, pictures.shape)
    x = np.clip(pictures, 0.0, 1.0).reshape(train + test, -1)
    used, held, taken = x[:train], x[train:], _taken(x[:train], scaling)
    return Dataset(
        "patches", used - taken, labels[:train], SHAPES, held - taken, labels[train:],
        ways=lambda: patch_ways(used, labels[:train], 3),
    )  # fmt: skip


def _taken(x: Array, scaling: str) -> Array:
    """What is taken away from every patch, (192,)."""
    if scaling == "unit":
        return np.zeros(x.shape[1])
    mean = means(x, 3)[scaling]
    return mean if scaling == "mean_image" else np.tile(mean, x.shape[1] // 3)


def _mask(shape: str) -> Array:
    """Where the shape lies, (8, 8)."""
    row, column = np.mgrid[0:PATCH, 0:PATCH] - (PATCH - 1) / 2
    far = np.maximum(np.abs(row), np.abs(column))
    mask: Array = {
        "bars": (np.abs(column) % 2 > 1.0) & (far < 3.5),
        "ring": (far > 1.6) & (far < 3.0),
        "cross": ((np.abs(row) < 1.0) | (np.abs(column) < 1.0)) & (far < 3.5),
    }[shape]
    return mask
