"""Small pictures of 0 and 1 whose probabilities are known exactly: bars and stripes, and three pixels."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.datasets.dataset import Dataset

__all__ = ["bars_and_stripes", "three_pixels"]


def bars_and_stripes(size: int, doubles: bool) -> Dataset:
    """Every picture of `size` x `size` whose rows are all alike (bars) or whose columns are (stripes).

    All dark and all light are both; they are there once, or with `doubles` twice, as in Fischer and Igel 2010.
    Shapes: x (2 (2^size - 1), size^2), with doubles (2^(size + 1), size^2).
    """
    lines = np.array(list(itertools.product((0.0, 1.0), repeat=size)))
    bars = np.repeat(lines[:, None, :], size, axis=1).reshape(len(lines), -1)
    stripes = np.repeat(lines[:, :, None], size, axis=2).reshape(len(lines), -1)
    if not doubles:
        stripes = stripes[1:-1]
    labels = np.repeat([0, 1], [len(bars), len(stripes)])
    return Dataset(
        "bars_and_stripes", np.concatenate([bars, stripes]), labels, ("bars", "stripes"), image_shape=(size, size)
    )


def three_pixels() -> Dataset:
    """Three pixels in a row, the first two always alike: 000, 001, 110, 111. The class is what they agree on."""
    x = np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=np.float64)
    return Dataset("three_pixels", x, x[:, 0].astype(np.int64), ("dark", "light"), features=("v1", "v2", "v3"))
