"""What a net is given: patterns, the outputs that are wanted, and how answers are judged. NumPy, as in 1986."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset

__all__ = ["Task"]


class Task:
    """Patterns x (n, d), wanted outputs t (n, k), and how well answers do."""

    def __init__(self, config: Mapping[str, Any], data: Dataset) -> None:
        self.config, self.data = config, data
        if config["loss"] == "cross_entropy" and config["output"] not in ("sigmoid", "softmax"):
            raise BadInput(
                f"cross-entropy needs outputs between 0 and 1, {config['output']} units are not", key="output",
                remedy='Write output = "sigmoid" or "softmax", or loss = "squared"',
            )  # fmt: skip
        if config["loss"] == "squared" and config["output"] == "softmax":
            raise BadInput("softmax goes with cross-entropy here", key="loss", remedy='Write loss = "cross_entropy"')
        if config["prepared"] and data.ways is None:
            raise BadInput(
                f"{data.name} is not prepared in several ways, so there is nothing to set side by side", key="prepared",
                remedy="Use cloud, digits8 or patches, or leave prepared out",
            )  # fmt: skip
        self.numbers = data.targets is not None and config["output"] == "linear" and config["loss"] == "squared"
        """Is a number wanted for each pattern, and no class?"""
        self.x, self.t = data.train_x, self._wanted(data.train_y, data.train_t)
        if self.numbers:
            self.t = np.array(data.targets)[:, None]
        self.test_x, self.test_t = data.test_x, self._wanted(data.test_y, data.test_t)
        self.k = self.t.shape[1]
        self.batch = min(config["batch"] or len(self.x), len(self.x))
        self.sweep_steps = -(-len(self.x) // self.batch)

    def _wanted(self, labels: Array, outputs: Array | None) -> Array:
        """0 and 1 for each output: of the data itself, one for two classes, else one for each class."""
        if outputs is not None:
            on = np.array(outputs)
        elif self.data.n_classes == 2 and self.config["output"] != "softmax":
            on = labels[:, None].astype(np.float64)
        else:
            on = (labels[:, None] == np.arange(self.data.n_classes)).astype(np.float64)
        low = -1.0 if self.config["output"] == "tanh" else 0.0
        margin = self.config["target_margin"] * (1.0 - low)
        wanted: Array = low + margin + on * (1.0 - low - 2 * margin)
        return wanted

    def sweep(self, streams: Streams) -> Iterator[Array]:
        """Row numbers of each batch of one sweep: as the data stand, or mixed anew; the last may be shorter."""
        count = len(self.x)
        order = streams["order"].permutation(count) if self.config["order"] == "random" else np.arange(count)
        for begin in range(0, count, self.batch):
            yield order[begin : begin + self.batch]

    def right(self, y: Array, t: Array) -> Array:
        """Which patterns count as right: all outputs near enough, or the largest output in its place.

        y (..., B, k), t (B, k); found (..., B).
        """
        if self.config["judge"] == "largest" and self.k > 1:
            found: Array = y.argmax(axis=-1) == t.argmax(axis=-1)
            return found
        low = -1.0 if self.config["output"] == "tanh" else 0.0
        ends = np.where(t > (1.0 + low) / 2, 1.0, low)
        near: Array = (np.abs(y - ends) < self.config["tolerance"] * (1.0 - low)).all(axis=-1)
        return near

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set, only the first patterns."""
        rows = max(1, min(len(self.x), 20_000 // self.data.n_inputs))
        found = {"data/x": np.array(self.x[:rows]), "data/t": np.array(self.t[:rows])}
        if self.config["prepared"] and self.data.ways is not None:
            found |= {f"data/way_{name}": values for name, values in self.data.ways().items()}
        return found

    def inputs(self) -> dict[str, float]:
        """Of all training patterns: how far inputs are from mean 0, from one spread, from going their own ways."""
        means, spreads = self.x.mean(axis=0), self.x.std(axis=0)
        some = spreads > 1e-9 * spreads.max()
        apart = (self.x - means)[:, some] / spreads[some]
        together = np.abs(apart.T @ apart / len(apart))
        np.fill_diagonal(together, 0.0)
        return {
            "input_mean": float(np.abs(means).max()),
            "input_spread": float(spreads.max() / spreads[some].min()),
            "input_together": float(together.max()),
            "input_power": float((self.x * self.x).mean()),
        }
