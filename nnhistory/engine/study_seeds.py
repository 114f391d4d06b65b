"""A study of nothing but seeds: a dot for each run, its seed across; the mean as a line, the spread as a bar."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.core.numbers import plain
from nnhistory.core.scene import Axes, Mark, Panel, Polyline, Rect, Size
from nnhistory.engine.compare import LOOKS
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.study_axis import Axis
from nnhistory.engine.study_numbers import said_of, summarise
from nnhistory.scenario.schema import Study

__all__ = ["seeds_panel"]

_FRAME: Rect = (0.12, 0.16, 0.97, 0.95)
_BARS, _APART = 0.99, 0.03
"""Where the bars of the spread stand, the last one at the right end, and how far from each other."""


def seeds_panel(
    study: Study, rows: Sequence[StudyRow], metrics: Sequence[str], names: Sequence[str], done: int, planned: int
) -> Panel:
    """Each run by itself, and what they come to.

    names : of the lines, one for each metric; "" where there is one.
    """
    runs = [StudyRow({}, [each]) for row in rows for each in row.outcomes]
    seeds = [next(iter(run.outcomes[0].values())).seed for run in runs]
    order = np.argsort(seeds, kind="stable")
    said, whole = said_of(metrics), StudyRow({}, [each for row in rows for each in row.outcomes])
    values = [np.array([summarise(runs[index], metric)[0] for index in order]) for metric in metrics]
    come_to = [summarise(whole, metric, study.stat) for metric in metrics]
    theory = summarise(whole, study.theory)[0] if study.theory else math.nan
    axis = _axis(np.concatenate([*values, [theory]]), come_to)
    end = _BARS - _APART * len(metrics)
    x = np.linspace(0.02, end, len(order)) if len(order) > 1 else np.array([end / 2])
    shown = range(0, len(order), max(1, math.ceil(len(order) / 8)))
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="seed", ylabel=said, yticks=axis.ticks(),
             xticks=tuple((float(x[k]), str(seeds[int(order[k])])) for k in shown))
    ]  # fmt: skip
    for number, (name, value, (middle, sd)) in enumerate(zip(names, values, come_to, strict=True)):
        role, style = LOOKS[number % len(LOOKS)]
        of = f"{name} " if name else ""
        for k, index in enumerate(order):
            place = np.array([[x[k], float(axis.unit(value[k]))]])
            told = f"{name or 'a run'}: seed {seeds[int(index)]}, {plain(float(value[k]))}"
            marks.append(Polyline(rect=_FRAME, xy=place, role=role, dots=True, width=2, name=told))
        if not math.isfinite(middle):
            continue
        at = _BARS - _APART * (len(metrics) - 1 - number)
        bar = np.clip(axis.unit(np.array([middle - sd, middle, middle + sd])), 0.0, 1.0)
        bar = np.nan_to_num(bar)  # below 0 on an axis of powers of ten: down to its foot
        marks += [
            Polyline(rect=_FRAME, xy=np.array([[0.0, bar[1]], [0.5, bar[1]], [at, bar[1]]]), role=role, style=style,
                     labels=("", f"{study.stat} {plain(middle)}", ""), name=f"{of}{study.stat}"),
            Polyline(rect=_FRAME, xy=np.array([[at, bar[0]], [at, bar[2]]]), role=role if name else "muted", width=3,
                     name=f"standard deviation: {of}{plain(sd)}"),
        ]  # fmt: skip
    if math.isfinite(theory):
        line = np.array([[0.0, float(axis.unit(np.array(theory)))]] * 2)
        line[1, 0] = 1.0
        marks.append(Polyline(rect=_FRAME, xy=line, role="attention", style="dashed", name="theory"))
    sentence = f"{said} of {len(runs)} runs that differ in their seeds: "
    sentence += "; ".join(
        f"{name} {_told(value, middle, sd, study.stat)}".strip()
        for name, value, (middle, sd) in zip(names, values, come_to, strict=True)
    )
    told = f" {done} of {planned} runs are done." if done < planned else ""
    about = f"Across: the seeds. Up: {said}{', in powers of ten' if axis.steep else ''}. Each dot is one run. The line "
    about += f"is the {study.stat}; the bar at its end reaches one standard deviation up and down."
    title = f"{said}: seed by seed"
    return Panel("chart", title, f"{sentence}.{told}", tuple(marks), least=Size(36, 9), weight=2.0, about=about)


def _axis(values: Array, come_to: Sequence[tuple[float, float]]) -> Axis:
    """With room for the bars of the spread, unless it counts powers of ten. A share stays one."""
    axis = Axis.of(values)
    if axis.steep or not np.isfinite(values).any():
        return axis
    ends = np.array([middle + side * sd for middle, sd in come_to for side in (-1.0, 1.0)])
    if np.nanmin(values) >= 0.0 and np.nanmax(values) <= 1.0:
        ends = np.clip(ends, 0.0, 1.0)
    return Axis.of(np.concatenate([values, ends]), even=True)


def _told(values: Array, middle: float, sd: float, stat: str) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return "not reported"
    return f"from {plain(float(known.min()))} to {plain(float(known.max()))}, {stat} {plain(middle)}, sd {plain(sd)}"
