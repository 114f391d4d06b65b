"""What a MADALINE is given: patterns, wanted answers −1/+1, fixed logic, and a count of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset

__all__ = ["Task", "decide", "sgn"]


def sgn(s: Array) -> Array:
    """The quantiser: +1 for s >= 0, else −1. A sum of exactly 0 answers +1, as in the era's simulations."""
    return np.where(s >= 0.0, 1.0, -1.0)


def decide(o: Array, logic: str) -> Array:
    """The fixed output logic. Shape: o (..., h) of −1 and +1 -> (...)."""
    on = o > 0
    match logic:
        case "or":
            yes = on.any(axis=-1)
        case "and":
            yes = on.all(axis=-1)
        case _:
            yes = 2 * on.sum(axis=-1) > o.shape[-1]
    return np.where(yes, 1.0, -1.0)


class Task:
    """Patterns and targets, the order of presentation, and how well it goes."""

    def __init__(self, config: Mapping[str, Any], data: Dataset) -> None:
        self.config, self.data = config, data
        self.x, self.labels = data.train_x, data.train_y
        self.n_inputs = data.n_inputs
        self.targets = self._targets(data.train_y)
        self.n_outputs = self.targets.shape[1]
        self.eval_every = config["eval_every"] or len(self.x)

    def _targets(self, labels: Array) -> Array:
        """−1/+1 for each output: one for two classes, else one for each class, or the bits of the class's number."""
        classes = self.data.n_classes
        if classes == 2:
            return Dataset.signs(labels)[:, None]
        if self.config["code"] == "one_of":
            return np.where(labels[:, None] == np.arange(classes), 1.0, -1.0)
        bits = (classes - 1).bit_length()
        if classes != 1 << bits:
            raise BadInput(
                f"{classes} classes cannot be written in bits without a remainder",
                key="code",
                remedy='Write code = "one_of"',
            )
        return np.where(labels[:, None] >> np.arange(bits)[::-1] & 1, 1.0, -1.0)

    def sweep(self, streams: Streams) -> Array:
        """Indices of one sweep, mixed anew each time or as the data stand."""
        if self.config["order"] == "random":
            return streams["order"].permutation(len(self.x))
        return np.arange(len(self.x))

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set, only the labels."""
        statics = {"data/y": np.asarray(self.labels)}
        if self.x.size <= 20_000:
            statics["data/x"] = np.asarray(self.x)
        return statics

    def outputs(self, x: Array, live: Mapping[str, Array]) -> Array:
        """The output sums, or under Rule I the answer itself. Shape: x (n, d) -> (n, C)."""
        s = x @ live["weights/0"] + live["bias/0"]
        if self.config["rule"] == "rule_1":
            return decide(sgn(s), self.config["logic"])[:, None]
        if "weights/1" not in live:
            return s
        o = np.tanh(s) if self.config["rule"] == "rule_3" else sgn(s)
        q: Array = o @ live["weights/1"] + live["bias/1"]
        return q

    def evaluate(self, live: Mapping[str, Array]) -> dict[str, float]:
        """Count errors on all training and test patterns."""
        q = self.outputs(self.x, live)
        wrong = sgn(q) != self.targets
        scalars = {"train_error": float(wrong.any(axis=1).mean()), "output_errors": float(wrong.sum())}
        if len(self.data.test_x):
            scalars["test_accuracy"] = float(self._right(self.outputs(self.data.test_x, live), self.data.test_y).mean())
        if self.config["rule"] == "rule_3":
            scalars["squared_error"] = float(((self.targets - np.tanh(q)) ** 2).sum(axis=1).mean())
        return scalars

    def _right(self, q: Array, labels: Array) -> Array:
        """Right answers: every output's sign, or with one output for each class the largest sum."""
        if self.n_outputs > 1 and self.config["code"] == "one_of":
            return np.asarray(q.argmax(axis=1) == labels)
        return np.asarray((sgn(q) == self._targets(labels)).all(axis=1))
