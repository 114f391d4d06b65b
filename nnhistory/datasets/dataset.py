"""A data set in memory, split into training and test part."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array

__all__ = ["Dataset"]


@dataclass(frozen=True)
class Dataset:
    """Inputs and class indices, read-only.

    Shapes: train_x (n, d) float64, train_y (n,) int 0..C-1, test_x (m, d), test_y (m,); m may be 0. The order of rows
    means something: cyclic presentation goes through it as it stands. `image_shape` is (rows, columns) if an input
    is a picture. `separator` is a known unit vector (d,) if the set was made around one.
    """

    name: str
    train_x: Array
    train_y: Array
    classes: tuple[str, ...]
    test_x: Array = field(default_factory=lambda: np.empty((0, 0)))
    test_y: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    image_shape: tuple[int, int] | None = None
    separator: Array | None = None

    def __post_init__(self) -> None:
        if self.train_x.ndim != 2 or not self.train_x.size:
            raise BadInput(f"{self.name} needs at least one training row with one input, got {self.train_x.shape}")
        if self.test_x.size == 0:
            object.__setattr__(self, "test_x", np.empty((0, self.train_x.shape[1])))
        for x, y in ((self.train_x, self.train_y), (self.test_x, self.test_y)):
            if y.shape != (len(x),) or x.shape[1] != self.train_x.shape[1]:
                raise BadInput(f"{self.name} does not fit together: inputs {x.shape}, classes {y.shape}")
        for array in (self.train_x, self.train_y, self.test_x, self.test_y, self.separator):
            if array is not None:
                array.flags.writeable = False

    @property
    def n_inputs(self) -> int:
        return int(self.train_x.shape[1])

    @property
    def n_classes(self) -> int:
        return len(self.classes)

    @staticmethod
    def signs(labels: Array) -> Array:
        """Class 1 is +1, class 0 is -1. Shape (n,), float64."""
        return np.where(labels > 0, 1.0, -1.0)
