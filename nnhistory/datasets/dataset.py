"""What an era trains on: inputs, class numbers, and enough names to draw and to talk about them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.errors import BadInput

__all__ = ["Dataset"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def _no_rows() -> Any:
    return np.empty((0, 0))


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """Inputs and their classes, read-only. Build it with keywords; sequences are converted.

    Attributes
    ----------
    name : the data set's name in the catalogue, or the user's file.
    train_x (n, d) float64, train_y (n,) int64 : the training part; train_y counts classes from 0 to C-1.
        The row order means something: cyclic presentation goes through it as it stands.
    test_x (m, d), test_y (m,) : the part kept back, perhaps with no rows.
    classes (C,) : their names, in the order of their numbers.
    image_shape : (height, width) if a row is a picture, row by row from the top left corner; else None.
    features (d,) : names of the inputs, or empty.
    note : one sentence: what was done to the data on the way here. Empty if nothing was.
    origin : where they come from, in one line.
    separator (d,) : weights known to tell the two classes apart, of unit length; None if none is known.

    Raises BadInput when the parts do not fit together.
    """

    name: str
    train_x: Floats
    train_y: Ints
    classes: tuple[str, ...]
    test_x: Floats = field(default_factory=_no_rows)
    test_y: Ints = field(default_factory=_no_rows)
    image_shape: tuple[int, int] | None = None
    features: tuple[str, ...] = ()
    note: str = ""
    origin: str = ""
    separator: Floats | None = None

    def __post_init__(self) -> None:
        train_x = _frozen(self.train_x, np.float64)
        if train_x.ndim != 2 or train_x.shape[0] == 0 or train_x.shape[1] == 0:
            raise BadInput(f"{self.name} needs at least one training row with one input, got {train_x.shape}")
        test_x = _frozen(self.test_x, np.float64)
        if test_x.size == 0:
            test_x = _frozen(np.empty((0, train_x.shape[1])), np.float64)
        parts = {
            "train_x": train_x,
            "train_y": _frozen(self.train_y, np.int64),
            "test_x": test_x,
            "test_y": _frozen(self.test_y, np.int64).reshape(-1),
            "classes": tuple(self.classes),
            "features": tuple(self.features),
        }
        for part, value in parts.items():
            object.__setattr__(self, part, value)
        self._check()

    def _check(self) -> None:
        for part, x, y in (("training", self.train_x, self.train_y), ("test", self.test_x, self.test_y)):
            if y.shape != (len(x),) or x.shape[1:] != self.train_x.shape[1:]:
                raise BadInput(
                    f"the {part} part of {self.name} does not fit together: inputs {x.shape}, classes {y.shape}",
                    why=f"each row has {self.n_inputs} inputs and one class",
                )
            if y.size and not (y.min() >= 0 and y.max() < self.n_classes):
                raise BadInput(f"{self.name} has class numbers outside 0 to {self.n_classes - 1}")
            if not np.isfinite(x).all():
                raise BadInput(f"{self.name} has an input that is not a finite number")
        if self.image_shape is not None and self.image_shape[0] * self.image_shape[1] != self.n_inputs:
            raise BadInput(f"{self.name}: a picture of {self.image_shape} does not have {self.n_inputs} inputs")
        if self.features and len(self.features) != self.n_inputs:
            raise BadInput(f"{self.name} names {len(self.features)} inputs and has {self.n_inputs}")

    @property
    def n_train(self) -> int:
        """Rows of the training part."""
        return len(self.train_x)

    @property
    def n_inputs(self) -> int:
        """Inputs of a row."""
        return int(self.train_x.shape[1])

    @property
    def n_classes(self) -> int:
        """Number of classes."""
        return len(self.classes)

    @property
    def points(self) -> bool:
        """Can the rows be drawn as points in a plane?"""
        return self.n_inputs == 2 and self.image_shape is None

    @staticmethod
    def signs(labels: Ints) -> Floats:
        """The numbers of two classes as targets: class 1 is +1, class 0 is −1. Shape as `labels`."""
        return np.where(np.asarray(labels) == 1, 1.0, -1.0)


def _frozen(values: Any, kind: type[Any]) -> NDArray[Any]:
    array = np.array(values, dtype=kind, order="C")
    array.flags.writeable = False
    return array
