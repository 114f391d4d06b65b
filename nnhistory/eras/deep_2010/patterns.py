"""The patterns of nets in a stack: the same for all of them, or other ones of the same shape for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from torch import Tensor

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.eras.deep_2010.task import Task

__all__ = ["Patterns"]


class Patterns:
    """What N nets are given. Data that several of them share lie in memory once.

    tasks : one for each net, all of one shape; BadInput if they are not. tensor : to the device.
    """

    def __init__(self, tasks: Sequence[Task], tensor: Callable[[Array], Tensor]) -> None:
        self.tasks = tasks
        if len({(task.x.shape, task.t.shape, task.test_x.shape, task.batch) for task in tasks}) > 1:
            raise BadInput("nets in a stack need data of one shape")
        keys = [(id(task.data), task.config["target_margin"]) for task in tasks]
        own = dict(zip(keys, tasks, strict=True))
        places = [list(own).index(key) for key in keys]
        self.count, self.tests, self.sweep_steps = len(tasks[0].x), len(tasks[0].test_x), tasks[0].sweep_steps
        self._x = torch.stack([tensor(task.x) for task in own.values()])
        self._t = torch.stack([tensor(task.t) for task in own.values()])
        self._test = torch.stack([tensor(task.test_x) for task in own.values()])
        self._rows = [flat.flatten(0, 1) for flat in (self._x, self._t)]
        self._places = torch.tensor(places, device=self._x.device)
        self._begin = np.array(places)[:, None] * self.count

    def sweep(self, streams: Sequence[Streams]) -> Iterator[list[Array]]:
        """Row numbers of each batch, for each net: every net in its own order."""
        for rows in zip(*(task.sweep(own) for task, own in zip(self.tasks, streams, strict=True)), strict=True):
            yield list(rows)

    def pick(self, rows: Sequence[Array]) -> tuple[Tensor, Tensor]:
        """These rows of each net's patterns: inputs (N, B, d), wanted outputs (N, B, k)."""
        picked = torch.from_numpy((np.stack(rows) + self._begin).ravel()).to(self._x.device)
        x, t = (flat.index_select(0, picked).view(len(rows), len(rows[0]), -1) for flat in self._rows)
        return x, t

    def blocks(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """All training patterns, so many at once: inputs and wanted outputs, each (N, B, ...), or (1, B, ...)."""
        for begin in range(0, self.count, size):
            yield self._each(self._x, begin, size), self._each(self._t, begin, size)

    def test_blocks(self, size: int) -> Iterator[tuple[Tensor, None]]:
        """The test patterns, likewise."""
        for begin in range(0, self.tests, size):
            yield self._each(self._test, begin, size), None

    def test_of(self, which: int) -> Tensor:
        """One net's test patterns, (m, d)."""
        return self._test[int(self._places[which])]

    def _each(self, some: Tensor, begin: int, size: int) -> Tensor:
        block = some[:, begin : begin + size]
        return block if len(some) == 1 else block.index_select(0, self._places)
