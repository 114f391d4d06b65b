"""What a machine is given: rows of 0 to 1, their order, what to complete, and how many steps make a sweep. NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset

__all__ = ["Task", "held_mask"]

_SHOWN = 20_000
"""Numbers of the data that are shown."""


class Task:
    """Rows x (n, d) in 0..1, test rows (m, d), and batches of them."""

    def __init__(self, config: Mapping[str, Any], data: Dataset) -> None:
        self.config, self.data = config, data
        self.x, self.test_x = data.train_x, data.test_x
        low, high = float(self.x.min()), float(self.x.max())
        if low < 0.0 or high > 1.0:
            raise BadInput(
                f"the inputs go from {low:.3g} to {high:.3g}", key="dataset",
                why="a unit is 0 or 1, so an input has to be a probability",
                remedy='For digits8 write scaling = "unit"',
            )  # fmt: skip
        self.batch = min(config["batch"] or len(self.x), len(self.x))
        self.sweep_steps = -(-len(self.x) // self.batch)

    def sweep(self, streams: Streams) -> Iterator[NDArray[np.int64] | None]:
        """Rows of each batch of one sweep, mixed anew; None if a batch is everything as it stands."""
        count = len(self.x)
        if self.batch == count:
            yield None
            return
        order = streams["order"].permutation(count)
        for begin in range(0, count, self.batch):
            yield order[begin : begin + self.batch]

    def best(self) -> float:
        """The highest mean log-likelihood any model can have: the rows' own frequencies, sum p ln p."""
        _, counts = np.unique(self.x, axis=0, return_counts=True)
        p = counts / counts.sum()
        return float((p * np.log(p)).sum())

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set, only the first rows."""
        rows = max(1, min(len(self.x), _SHOWN // self.data.n_inputs))
        return {"data/x": np.array(self.x[:rows]), "data/y": np.array(self.data.train_y[:rows])}


def held_mask(side: int, erase: str, drawn: list[list[float]] | None) -> Array:
    """Which pixels are held fast, (side, side) of 0 and 1: as drawn, or all but the half that is erased."""
    if drawn is not None:
        return (np.array(drawn, dtype=np.float64) >= 0.5).astype(np.float64)
    mask, half = np.ones((side, side)), side // 2
    match erase:
        case "lower":
            mask[half:] = 0.0
        case "upper":
            mask[:half] = 0.0
        case "left":
            mask[:, :half] = 0.0
        case "right":
            mask[:, half:] = 0.0
        case "all":
            mask[:] = 0.0
    return mask
