"""What a perceptron is given: patterns as its response units see them, targets, and a count of errors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.perceptron_1957 import machine, masks, separability

__all__ = ["Task"]


class Task:
    """What is to be learned: patterns as association units see them, targets −1/+1, and how well it goes."""

    def __init__(self, config: Mapping[str, Any], data: Dataset, streams: Streams) -> None:
        self.config, self.data = config, data
        self.taps: Array | None = None
        if config["machine"] == "mark_i":
            taps = (config["taps_excitatory"], config["taps_inhibitory"])
            if sum(taps) > data.n_inputs:
                raise BadInput(
                    f"an A-unit cannot have {sum(taps)} taps", why=f"the retina has {data.n_inputs} photocells"
                )
            self.taps = machine.wire(data.n_inputs, config["a_units"], *taps, streams["init"])
        self.n_responses = 1 if data.n_classes == 2 else data.n_classes
        self.n_inputs = data.n_inputs
        self._take(data.train_x, data.train_y)
        self.n_features = self.features.shape[1]
        self.test_features = self._features(data.test_x)
        self.repeats = config["order"] == "cyclic"
        self._fixed = self._exact_facts()

    def _take(self, x: Array, labels: Array) -> None:
        self.x, self.labels = x, labels
        self.features = self._features(x)
        self.targets = self._targets(labels)
        self.eval_every = self.config["eval_every"] or max(1, len(x))

    def _features(self, x: Array) -> Array:
        """What the response units see: A-units, products of inputs, or the inputs themselves."""
        if self.taps is not None:
            return machine.respond(x, self.taps, self.config["theta"])
        return masks.monomials(x, self.config["degree"]) if self.config["degree"] > 0 else x

    def _targets(self, labels: Array) -> Array:
        if self.n_responses == 1:
            return Dataset.signs(labels)[:, None]
        return np.where(labels[:, None] == np.arange(self.n_responses), 1.0, -1.0)

    def sweep(self, streams: Streams) -> Array:
        """Indices of one sweep: as the data stand, mixed anew each time, or picked one by one with replacement."""
        count = len(self.x)
        match self.config["order"]:
            case "cyclic":
                return np.arange(count)
            case "random":
                return streams["order"].permutation(count)
            case _:
                return streams["order"].integers(0, count, count)

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set, only the labels."""
        statics = {"data/y": np.asarray(self.labels)}
        if self.x.size <= 20_000:
            statics["data/x"] = np.asarray(self.x)
        if self.taps is not None:
            statics["data/taps"] = self.taps
        return statics

    def replace_points(self, points: list[list[float]]) -> bool:
        """Train on points the user drew, from here on."""
        if self.n_inputs != 2 or self.n_responses != 1 or not points:
            return False
        drawn = np.array(points, dtype=np.float64)
        self._take(drawn[:, :2], (drawn[:, 2] > 0).astype(np.int64))
        self._fixed = self._exact_facts()
        return True

    def by_hand(self, live: dict[str, Array], picture: list[list[float]], label: int) -> None:
        """Put a picture the user drew before the machine. Label −1: only answer."""
        retina = np.array(picture, dtype=np.float64).reshape(1, -1)
        if retina.shape[1] != self.n_inputs:
            raise BadInput(f"the retina has {self.n_inputs} photocells, the picture {retina.shape[1]}")
        live["input"][:] = retina[0]
        live["act/0"][:] = self._features(retina)[0]
        live["target"][:] = self._targets(np.array([label]))[0] if label >= 0 else 0.0

    def _exact_facts(self) -> dict[str, float]:
        """What can be known without learning, as far as the scenario asks for it."""
        facts: dict[str, float] = {}
        if self.n_responses > 1:
            return facts
        x, signs = self.features, self.targets[:, 0]
        if self.config["bias"]:
            x = np.column_stack([x, np.ones(len(x))])
        if self.config["bound"]:
            gamma = separability.max_margin(x, signs)
            if gamma > 0:
                radius = float(np.sqrt((x * x).sum(axis=1).max()))
                facts |= {"bound": (radius / gamma) ** 2, "margin": gamma}
        if self.config["separability"]:
            facts["separable"] = float(separability.separable(x, signs))
            facts["cover_share"] = separability.cover_share(len(x), x.shape[1])
        if self.config["degree"] > 0:
            # The empty product is left out: it is the threshold, and every mask has one.
            facts["label_correlation"] = float(np.abs(self.features[:, 1:].T @ signs).max()) / len(x)
        return facts

    def evaluate(self, weights: Array, bias: Array, mistakes: int) -> dict[str, float]:
        """Count errors on all training and test patterns. A sum of exactly 0 is no answer, and counts as wrong."""
        right = self.targets * (self.features @ weights + bias) > 0
        scalars = {
            "train_error": float(1.0 - right.all(axis=1).mean()),
            "mistakes": float(mistakes),
            "weight_norm": float(np.sqrt((weights * weights).sum() + (bias * bias).sum())),
            **self._fixed,
        }
        if len(self.test_features):
            sums = self.test_features @ weights + bias
            answers = self.data.test_y
            if self.n_responses == 1:
                scalars["test_accuracy"] = float((Dataset.signs(answers) * sums[:, 0] > 0).mean())
            else:
                largest = float((sums.argmax(axis=1) == answers).mean())
                lit = sums > 0
                alone = lit[np.arange(len(answers)), answers] & (lit.sum(axis=1) == 1)
                scalars |= {"largest_sum_accuracy": largest, "one_lamp_accuracy": float(alone.mean())}
                scalars["test_accuracy"] = largest
        return scalars
