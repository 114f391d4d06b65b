"""A study's numbers: what its runs reported, put together and said."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from nnhistory.core.numbers import in_words, plain
from nnhistory.engine.expect import StudyRow

__all__ = ["in_short", "metrics_of", "or_dash", "said_of", "summarise"]


def metrics_of(rows: Sequence[StudyRow]) -> list[str]:
    """Every metric that a run of the table reported.

    RUN.metric where a row has several runs: what they report is not one thing.
    """
    reported = (
        (f"{run}." if len(runs) > 1 else "", name)
        for row in rows
        for runs in row.outcomes
        for run, outcome in runs.items()
        for name in outcome.metrics
    )
    return [of + name for of, name in dict.fromkeys(reported)]


def summarise(row: StudyRow, metric: str, stat: str = "mean") -> tuple[float, float]:
    """(mean or median, standard deviation) of a metric's final value over a row's runs; NaN if none reported it.

    metric : of all runs, or RUN.metric of one.
    """
    only, dot, name = metric.rpartition(".")
    values = [
        outcome.metrics[name].final
        for outcomes in row.outcomes
        for run, outcome in outcomes.items()
        if name in outcome.metrics and (not dot or run == only)
    ]
    if not values:
        return math.nan, math.nan
    middle = statistics.median(values) if stat == "median" else statistics.fmean(values)
    return middle, statistics.stdev(values) if len(values) > 1 else 0.0


def said_of(metrics: Sequence[str]) -> str:
    """The metric in words, without its run."""
    return ", ".join(dict.fromkeys(in_words(metric.rpartition(".")[2]) for metric in metrics))


def or_dash(value: float) -> str:
    """A number, or a dash where no run reported one."""
    return "–" if math.isnan(value) else plain(value)


def in_short(value: float) -> str:
    """As `or_dash`, in three signs if it is a share: what stands over a small picture."""
    return f"{value:.2f}".lstrip("0") if 0.0 <= value < 0.995 else "–" if math.isnan(value) else plain(value, 2)
