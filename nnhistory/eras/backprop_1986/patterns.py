"""The patterns of nets in a stack: the same for all of them, or other ones of the same shape for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.eras.backprop_1986.task import Task

__all__ = ["Patterns", "of_all"]


class Patterns(Task):
    """What N nets are given, judged as for one of them: x (N, n, d), t (N, n, k), the test patterns likewise."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        """tasks : one for each net, judged alike. BadInput if they are not of one shape."""
        first = tasks[0]
        if len({(one.x.shape, one.t.shape, one.test_x.shape, one.batch) for one in tasks}) > 1:
            raise BadInput("nets in a stack need data of one shape")
        self.config, self.data, self.k = first.config, first.data, first.k
        self.batch, self.sweep_steps = first.batch, first.sweep_steps
        self.x, self.t = of_all([one.x for one in tasks]), of_all([one.t for one in tasks])
        self.test_x, self.test_t = of_all([one.test_x for one in tasks]), of_all([one.test_t for one in tasks])
        self._mixed = [one.config["order"] == "random" for one in tasks]
        self._order: Array | None = None

    def keep(self, which: Array) -> None:
        """Only these nets, from here on: in the middle of a sweep, too."""
        self.x, self.t = _some(self.x, which), _some(self.t, which)
        self.test_x, self.test_t = _some(self.test_x, which), _some(self.test_t, which)
        self._mixed = [self._mixed[place] for place in which]
        self._order = None if self._order is None else self._order[which]

    def begin(self, streams: Sequence[Streams]) -> range:
        """Every net's order for one sweep: as the data stand, or mixed anew. Where its batches begin."""
        count = self.x.shape[1]
        if any(self._mixed):
            orders = zip(streams, self._mixed, strict=True)
            self._order = np.stack(
                [own["order"].permutation(count) if mixed else np.arange(count) for own, mixed in orders]
            )
        return range(0, count, self.batch)

    def pick(self, begin: int) -> tuple[Array, Array]:
        """The batch that begins here: inputs (N, B, d) and wanted outputs (N, B, k)."""
        if self._order is None:
            return self.x[:, begin : begin + self.batch], self.t[:, begin : begin + self.batch]
        rows = self._order[:, begin : begin + self.batch]
        return _rows(self.x, rows), _rows(self.t, rows)


def of_all(arrays: Sequence[Array]) -> Array:
    """One behind another, (N, ...). What is the same for all nets lies in memory once."""
    first = arrays[0]
    if all(one is first or np.array_equal(one, first) for one in arrays):
        return np.broadcast_to(first, (len(arrays), *first.shape))
    return np.stack(arrays)


def _some(array: Array, which: Array) -> Array:
    return array[which] if array.strides[0] else array[: len(which)]


def _rows(array: Array, rows: Array) -> Array:
    """These rows (N, B) of each net's matrix."""
    if not array.strides[0]:
        found: Array = array[0].take(rows, axis=0)
    else:
        nets, count, width = array.shape
        found = array.reshape(nets * count, width).take(rows + count * np.arange(nets)[:, None], axis=0)
    return found
