"""A study of more lines than a chart can tell apart: a row for each of them, a column for each place on the axis."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Panel, Size, Table

__all__ = ["MOST_PLACES", "Row", "across_panel"]

MOST_PLACES = 6
"""Places on the axis for which a table has columns."""


@dataclass(frozen=True)
class Row:
    """One line of what would be the chart: what its settings are, and the metric at each place (NaN: not yet known)."""

    name: str
    settings: tuple[str, ...]
    values: tuple[float, ...]


def across_panel(
    metric: str, stat: str, keys: Sequence[str], x: str, places: Sequence[str], rows: Sequence[Row]
) -> Panel:
    """The lines as rows, that which ends highest first.

    keys : names of the settings that differ between lines. x, places : the key along the axis and its values in words.
    """
    ordered = sorted(rows, key=lambda row: -row.values[-1] if math.isfinite(row.values[-1]) else math.inf)
    table = Table(
        columns=(*keys, *places),
        rows=tuple((*row.settings, *(_short(value) for value in row.values)) for row in ordered),
        align="l" * len(keys) + "r" * len(places),
    )
    known = [row for row in ordered if math.isfinite(row.values[-1])]
    sentence = f"{stat} {metric} for each setting; across: {x}."
    if len(known) > 1:
        high, low = known[0], known[-1]
        sentence = f"{stat} {metric} at {x} {places[-1]}: the highest is {plain(high.values[-1])} ({high.name}), "
        sentence += f"the lowest {plain(low.values[-1])} ({low.name})."
    about = (
        f"A row for each setting of the keys on the left, a column for each {x}. In the cells: {stat} {metric}. Read "
        f"along a row to see what {x} does, down a column to see what the others do. The highest at {x} {places[-1]} "
        "stands first. A dash: not computed yet."
    )
    return Panel(
        "chart", f"{metric}; across: {x}", sentence, (table,), least=Size(36, len(rows) + 1), weight=2.0, about=about
    )


def _short(value: float) -> str:
    """Two digits of a share, three of another number, a dash where no run has reported yet."""
    if math.isnan(value):
        return "–"
    return f"{value:.2f}".lstrip("0") if 0.0 < value < 0.995 else plain(value)
