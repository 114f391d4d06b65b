"""A data set in memory, split into training and test part."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and class indices, read-only.

    Attributes
    ----------
    name : its name in the catalogue, or the user's file without its suffix.
    train_x (n, d) float64, train_y (n,) int64 : the training part; classes count from 0 to C-1. The order of rows
        means something: cyclic presentation goes through it as it stands.
    classes (C,) : the classes' names, in the order of their numbers.
    test_x (m, d), test_y (m,) : the part kept back; m may be 0.
    image_shape : (rows, columns) if an input is a picture, row by row from its top left corner; else None.
    separator (d,) : a known separating unit vector if the set was made around one; else None.
    features (d,) : the inputs' names, or empty.
    note : one sentence on what was done to the data on the way here, or empty.
    targets (n,) : the number wanted for each training row, where a number is wanted and not a class; else None.
    truth (n,) : what `targets` were before a disturbance was added, known because the data are made; else None.
    train_t (n, k), test_t (m, k) : several outputs of 0 and 1 for each row where a class number does not say it all
        (the sum of two numbers, bit by bit); else None.
    ways : computes what `prepare` shows of the set before and after each way of preparing it, by name; else None.

    Raises BadInput if the parts do not fit together or an input is not finite.
    """

    name: str
    train_x: Array
    train_y: Array
    classes: tuple[str, ...]
    test_x: Array = field(default_factory=lambda: np.empty((0, 0)))
    test_y: Array = field(default_factory=lambda: np.empty(0, dtype=np.int64))
    image_shape: tuple[int, int] | None = None
    separator: Array | None = None
    features: tuple[str, ...] = ()
    note: str = ""
    targets: Array | None = None
    truth: Array | None = None
    train_t: Array | None = None
    test_t: Array | None = None
    ways: Callable[[], Mapping[str, Array]] | None = None

    def __post_init__(self) -> None:
        train_x = _read_only(self.train_x, np.float64)
        if train_x.ndim != 2 or not train_x.size:
            raise BadInput(f"{self.name} needs at least one training row with one input, got {train_x.shape}")
        test_x = _read_only(self.test_x, np.float64)
        parts = {
            "train_x": train_x,
            "train_y": _read_only(self.train_y, np.int64),
            "test_x": test_x if test_x.size else _read_only(np.empty((0, train_x.shape[1])), np.float64),
            "test_y": _read_only(self.test_y, np.int64),
            "separator": None if self.separator is None else _read_only(self.separator, np.float64),
            "targets": None if self.targets is None else _read_only(self.targets, np.float64),
            "truth": None if self.truth is None else _read_only(self.truth, np.float64),
            "train_t": None if self.train_t is None else _read_only(self.train_t, np.float64),
            "test_t": None if self.test_t is None else _read_only(self.test_t, np.float64),
        }
        for part, value in parts.items():
            object.__setattr__(self, part, value)
        self._check()

    def _check(self) -> None:
        for x, y in ((self.train_x, self.train_y), (self.test_x, self.test_y)):
            if y.shape != (len(x),) or x.shape[1:] != (self.n_inputs,):
                raise BadInput(f"{self.name} does not fit together: inputs {x.shape}, classes {y.shape}")
            if y.size and not (y.min() >= 0 and y.max() < self.n_classes):
                raise BadInput(f"{self.name} has class numbers outside 0 to {self.n_classes - 1}")
            if not np.isfinite(x).all():
                raise BadInput(f"{self.name} has an input that is not a finite number")
        for x, t in ((self.train_x, self.train_t), (self.test_x, self.test_t)):
            if t is not None and (t.ndim != 2 or len(t) != len(x)):
                raise BadInput(f"{self.name} does not fit together: inputs {x.shape}, outputs {t.shape}")
        for numbers in (self.targets, self.truth):
            if numbers is not None and (numbers.shape != (len(self.train_x),) or not np.isfinite(numbers).all()):
                raise BadInput(f"{self.name} needs one finite wanted number for each training row")
        rows, columns = self.image_shape or (1, self.n_inputs)
        if rows * columns != self.n_inputs:
            raise BadInput(f"{self.name}: a picture of {rows} x {columns} does not have {self.n_inputs} inputs")
        if self.features and len(self.features) != self.n_inputs:
            raise BadInput(f"{self.name} names {len(self.features)} inputs and has {self.n_inputs}")

    @property
    def n_inputs(self) -> int:
        """d, the numbers in a row."""
        return int(self.train_x.shape[1])

    @property
    def n_classes(self) -> int:
        """C."""
        return len(self.classes)

    @property
    def points(self) -> bool:
        """Can the rows be drawn as points in a plane?"""
        return self.n_inputs == 2 and self.image_shape is None

    @staticmethod
    def signs(labels: Array) -> Array:
        """Class 1 is +1, class 0 is −1. Shape (n,), float64."""
        return np.where(labels > 0, 1.0, -1.0)


def _read_only(values: Array, kind: type[Any]) -> Array:
    """The values as `kind`, through a view that cannot be written: no copy where none is needed."""
    view = np.asarray(values, dtype=kind).view()
    view.flags.writeable = False
    return view
