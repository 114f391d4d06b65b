"""How far the numbers of runs beside each other went over a stretch: told to each run's meters when it ends."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from nnhistory.core.moment import Array, Instant
from nnhistory.engine.meters import Span

__all__ = ["Spans"]


@dataclass(frozen=True)
class Spans:
    """Of N runs, by a number's name: its first and its last value, the least and the greatest, (4, N)."""

    ends: dict[str, Array]
    finite: Array
    """Of which runs all numbers are, (N,)."""

    @classmethod
    def over(cls, instants: Iterable[Instant], count: int) -> Spans:
        """Of so many runs, at these instants."""
        rows: dict[str, list[float | Array]] = {}
        for instant in instants:
            for name, value in instant.scalars.items():
                rows.setdefault(name, []).append(value)
        ends: dict[str, Array] = {}
        finite = np.ones(count, dtype=bool)
        for name, values in rows.items():
            table = np.array(values)
            table = table if table.ndim == 2 else np.broadcast_to(table[:, None], (len(values), count))
            ends[name] = np.array([table[0], table[-1], table.min(axis=0), table.max(axis=0)])
            finite &= np.isfinite(ends[name]).all(axis=0)
        return cls(ends, finite)

    def then(self, later: Spans) -> Spans:
        """Of both stretches together."""
        ends = self.ends | later.ends
        for name in self.ends.keys() & later.ends.keys():
            before, after = self.ends[name], later.ends[name]
            low, high = np.minimum(before[2], after[2]), np.maximum(before[3], after[3])
            ends[name] = np.array([before[0], after[1], low, high])
        return Spans(ends, self.finite & later.finite)

    def each(self) -> list[dict[str, Span]]:
        """For each run."""
        rows: list[dict[str, Span]] = [{} for _ in self.finite]
        for name, ends in self.ends.items():
            for row, (first, final, least, most) in zip(rows, ends.T.tolist(), strict=True):
                row[name] = (first, final, least, most)
        return rows
