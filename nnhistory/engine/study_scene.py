"""A study as a scene: the curve with its theory line, the board of small pictures, the table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np

from nnhistory.core.moment import Array
from nnhistory.core.numbers import as_text, counted, key_in_words, plain
from nnhistory.core.scene import Axes, Line, Mark, Panel, Polyline, Rect, Scene, Size, Table, TextBlock
from nnhistory.engine.compare import LOOKS, Look
from nnhistory.engine.effects import effects_panel
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.study_across import MOST_PLACES, Row, across_panel
from nnhistory.engine.study_axis import Axis
from nnhistory.engine.study_numbers import or_dash, said_of, summarise
from nnhistory.engine.study_pictures import MANY, pictures_panel
from nnhistory.engine.study_seeds import seeds_panel
from nnhistory.scenario.schema import Scenario, Study, say

__all__ = ["study_scene"]

_FRAME: Rect = (0.12, 0.16, 0.97, 0.95)
_TABLE = 52
"""Columns that the table asks for at most: beyond that it gives way, where it cannot have a line of its own."""
_TOLD = 5
"""Lines of a chart whose ends are told in words. More, and if places are few, they are a table."""


def study_scene(
    scenario: Scenario,
    study: Study,
    rows: Sequence[StudyRow],
    pictured: Sequence[tuple[StudyRow, Any]],
    done: int,
    planned: int,
    lang: str = "en",
    shows: tuple[str, str] = ("", ""),
) -> Scene:
    """Everything known so far, in up to four panels.

    pictured : rows with the small picture of their first run. shows : what these pictures are, and how to read them.
    """
    title = say(scenario.title, lang)
    if not rows:
        waiting = f"{done} of {planned} runs are done. The first results come in a moment."
        return Scene(title, (Panel("study", title, waiting, (TextBlock(lines=(Line(waiting),)),)),), waiting)
    metrics = study.measured or _first_reported(rows[0])
    x_key = study.x or next(iter(study.over), next(iter(study.random), ""))
    if x_key:
        panels = [_chart(scenario, study, rows, x_key, metrics, done, planned, lang)]
    else:
        panels = [seeds_panel(study, rows, metrics, _runs_said(scenario, metrics, lang), done, planned)]
    single = len(metrics) == 1 and len(rows) * len(rows[0].outcomes) == done == planned
    effects = effects_panel(rows, metrics[0]) if single else None
    if effects is not None:
        panels.insert(0, effects)
    panels.append(_table(scenario, study, rows, metrics, done, planned, lang))
    if pictured:
        panels.append(pictures_panel(study, pictured, x_key, metrics[0], shows))
    return Scene(title, tuple(panels), panels[0].sentence)


def _first_reported(row: StudyRow) -> tuple[str, ...]:
    """What a study that names no metric is about: the first one reported, of each run that reports it for itself."""
    runs = row.outcomes[0]
    first = next(iter(next(iter(runs.values())).metrics), "")
    of = tuple(f"{run}.{first}" for run, outcome in runs.items() if first in outcome.metrics)
    return of if len(of) > 1 else (first,)


@dataclass(frozen=True)
class _Curve:
    """A line of the chart: its name, its places along the axis, and y with its standard error at all of them."""

    name: str
    places: list[int]
    y: Array
    error: Array


def _chart(
    scenario: Scenario, study: Study, rows: Sequence[StudyRow], x_key: str, metrics: Sequence[str], done: int,
    planned: int, lang: str,
) -> Panel:  # fmt: skip
    settings = [row.settings.get(x_key) for row in rows]
    numeric = all(isinstance(setting, int | float) and not isinstance(setting, bool) for setting in settings)
    places = [float(setting) if numeric and setting is not None else float(k) for k, setting in enumerate(settings)]
    order = np.argsort(places, kind="stable")
    x = np.array(places)[order]
    curves = [
        _Curve(", ".join(part for part in (of, name) if part), line, *_measured(rows, metric, study.stat, order))
        for metric, of in zip(metrics, _runs_said(scenario, metrics, lang), strict=True)
        for name, line in _lines(rows, x_key, order)
    ]
    once = np.unique(x, return_index=True)[1]
    planned_lines = math.prod(len(values) for key, values in study.over.items() if key != x_key)
    if max(len(curves), planned_lines) > _TOLD and len(metrics) == 1 and not study.random and len(once) <= MOST_PLACES:
        return _across(study, rows, x_key, metrics[0], curves, order, x, done, planned)
    t = _measured(rows, study.theory, "mean", order)[0] if study.theory else np.full(len(rows), np.nan)
    y, s = np.concatenate([curve.y for curve in curves]), np.concatenate([curve.error for curve in curves])
    axis = Axis.of(np.concatenate([y, t]))
    if np.nansum(s):  # bars of a spread are not drawn in powers of ten
        axis = Axis.of(np.concatenate([y - s, y + s, t]), even=True)
    logarithmic = bool(x.min() > 0 and x.max() / x.min() >= 100)
    xs = np.log10(x) if logarithmic else x
    span = float(np.ptp(xs)) or 1.0
    ux = (xs - xs.min()) / span * 0.96 + 0.02
    labels = [as_text(rows[int(index)].settings.get(x_key, int(index))) for index in order]
    shown = once[:: max(1, math.ceil(len(once) / 8))]
    x_label = say(study.x_label, lang) or key_in_words(x_key)
    said = said_of(metrics)
    marks: list[Mark] = [
        Axes(
            rect=_FRAME,
            xlabel=x_label,
            ylabel=said,
            xticks=tuple((float(ux[i]), labels[i]) for i in shown),
            yticks=axis.ticks(),
        )
    ]
    if np.isfinite(t).any():
        for curve in curves:
            xy = np.column_stack([ux, axis.unit(t)])[curve.places]
            marks.append(Polyline(rect=_FRAME, xy=xy, role="attention", style="dashed", name="theory"))
    for number, curve in enumerate(curves):
        # Of draws there are as many as there are runs: none of them is meant.
        marks += _marks(curve, study, ux, axis.unit, LOOKS[0 if study.random else number % len(LOOKS)])
    sentence = f"{study.stat} {said} "
    if study.random and np.isfinite(curves[0].y).any():
        best = rows[int(order[int(np.nanargmax(curves[0].y))])].settings
        told = ", ".join(f"{key_in_words(key)} {as_text(value)}" for key, value in best.items())
        sentence = f"Of {len(rows)} draws the highest {said} is {or_dash(float(np.nanmax(curves[0].y)))}, with {told}."
    elif 1 < len(curves) <= _TOLD:
        ends_of = (f"{curve.name} {or_dash(float(curve.y[curve.places[-1]]))}" for curve in curves)
        sentence += f"at the last {x_label.partition(',')[0]} ({labels[-1]}): {', '.join(ends_of)}."
    else:
        whole = curves[0].y
        sentence += f"against {x_label}: {or_dash(float(whole[0]))} at {labels[0]}"
        sentence += f", {or_dash(float(whole[-1]))} at {labels[-1]}." if len(whole) > 1 else "."
    if np.isfinite(t).any():
        furthest = float(np.nanmax(np.abs(t - curves[0].y)))
        sentence += f" Theory (dashed) is never further away than {plain(furthest)}."
    if done < planned:
        sentence += f" {done} of {planned} runs are done."
    title = f"{said}: measured{' and theory' if np.isfinite(t).any() else ''}"
    about = _chart_about(
        study, x_label, said, several=len(curves) > 1, steep=axis.steep, theory=bool(np.isfinite(t).any())
    )
    return Panel("chart", title, sentence, tuple(marks), least=Size(36, 9), weight=2.0, about=about)


def _chart_about(study: Study, x_label: str, said: str, *, several: bool, steep: bool, theory: bool) -> str:
    """How to read the chart."""
    about = f"Across: {x_label}. Up: {said}{', in powers of ten' if steep else ''}. "
    if study.random:
        about += "Each dot is a draw; dots one above another differ in what else was drawn."
    else:
        runs = study.seeds if isinstance(study.seeds, int) else len(study.seeds)
        each = f"the {study.stat} over the runs of one setting; a bar through it, the standard error of that"
        about += f"Each dot is {each if runs * study.draws > 1 else 'one run'}."
        about += " The name of a line stands at its end." if several else ""
    return about + (" Dashed: what theory says." if theory else "")


def _across(
    study: Study, rows: Sequence[StudyRow], x_key: str, metric: str, curves: Sequence[_Curve], order: Array, x: Array,
    done: int, planned: int,
) -> Panel:  # fmt: skip
    """The lines of the chart as rows of a table."""
    keys = [key for key in rows[0].settings if key != x_key]
    places = sorted(set(x.tolist()))
    labels = {float(x[k]): as_text(rows[int(index)].settings.get(x_key)) for k, index in enumerate(order)}
    listed = []
    for curve in curves:
        settings = rows[int(order[curve.places[0]])].settings
        at = {float(x[place]): float(curve.y[place]) for place in curve.places}
        values = tuple(at.get(place, math.nan) for place in places)
        listed.append(Row(curve.name, tuple(as_text(settings[key]) for key in keys), values))
    names = [key_in_words(key) for key in keys]
    said, along = said_of([metric]), key_in_words(x_key)
    panel = across_panel(said, study.stat, names, along, [labels[place] for place in places], listed)
    told = f" {done} of {planned} runs are done." if done < planned else ""
    return msgspec.structs.replace(panel, sentence=panel.sentence + told)


def _measured(rows: Sequence[StudyRow], metric: str, stat: str, order: Array) -> tuple[Array, Array]:
    """(what a metric came to, its standard error) in each row, in this order."""
    found = [summarise(row, metric, stat) for row in rows]
    y = np.array([mean for mean, _ in found])
    error = np.array([sd / math.sqrt(max(1, len(row.outcomes))) for (_, sd), row in zip(found, rows, strict=True)])
    return y[order], error[order]


def _marks(curve: _Curve, study: Study, ux: Array, unit: Callable[[Array], Array], look: Look) -> list[Mark]:
    """A line with its name at the end, and the spread at each place."""
    line = curve.places
    known = np.flatnonzero(np.isfinite(curve.y[line]))
    last = known[-1] if len(known) else len(line) - 1
    ends = tuple(curve.name if place == last and not study.random else "" for place in range(len(line)))
    told = f"a draw: {curve.name}" if study.random else curve.name or "measured"
    xy = np.column_stack([ux, unit(curve.y)])[line]
    role, style = look
    marks: list[Mark] = [
        Polyline(rect=_FRAME, xy=xy, role=role, style=style, width=2, dots=True, labels=ends, name=told)
    ]
    for place in line:
        value, error = curve.y[place], curve.error[place]
        if error > 0:  # one run of each: there is no spread to show
            bar = np.array([[ux[place], unit(value - error)], [ux[place], unit(value + error)]])
            marks.append(Polyline(rect=_FRAME, xy=bar, role="muted", name="standard error"))
    return marks


def _runs_said(scenario: Scenario, metrics: Sequence[str], lang: str) -> list[str]:
    """What each metric's line is called, if there are several: the title of its run."""
    titles = {run.id: say(run.title, lang) or run.id for run in scenario.run}
    return [titles[metric.rpartition(".")[0]] if len(metrics) > 1 and "." in metric else "" for metric in metrics]


def _lines(rows: Sequence[StudyRow], x_key: str, order: Array) -> list[tuple[str, list[int]]]:
    """One line of the chart for each setting of the other keys: its name, and its places along the axis."""
    lines: dict[str, list[int]] = {}
    for place, index in enumerate(order):
        others = {key.rsplit(".", 1)[-1]: value for key, value in rows[int(index)].settings.items() if key != x_key}
        told = (("" if isinstance(value, str) else f"{key.replace('_', ' ')} ", value) for key, value in others.items())
        name = ", ".join(f"{key}{as_text(value)}" for key, value in told)
        lines.setdefault(name, []).append(place)
    return list(lines.items())


def _table(
    scenario: Scenario, study: Study, rows: Sequence[StudyRow], metrics: Sequence[str], done: int, planned: int,
    lang: str,
) -> Panel:  # fmt: skip
    keys = list(rows[0].settings)
    single = bool(study.random) and all(len(row.outcomes) == 1 for row in rows)
    seeds = len(study.seeds) if isinstance(study.seeds, list) else study.seeds
    lone = single or (not study.random and seeds * study.draws == 1)  # one run of each: nothing to average
    several = len(metrics) > 1
    heads = _runs_said(scenario, metrics, lang) if several else [said_of(metrics)] if lone else [study.stat, "sd"]
    heads += ["theory"] if study.theory else []

    def in_order(settings: list[str], found: list[str]) -> tuple[str, ...]:
        """Of single draws what came out stands first, and beside many settings: there is little room."""
        return (*found, *settings) if single or len(keys) > MANY else (*settings, *found)

    columns, body = in_order([key_in_words(key) for key in keys], heads), []
    listed = list(rows)
    if study.random:  # drawn in no order that says anything: the highest first
        listed.sort(key=lambda row: -np.nan_to_num(summarise(row, metrics[0], study.stat)[0], nan=-np.inf))
    for row in listed:
        pairs = [summarise(row, metric, study.stat) for metric in metrics]
        found = [or_dash(value) for pair in pairs for value in (pair[:1] if lone or several else pair)]
        if study.theory:
            found.append(or_dash(summarise(row, study.theory)[0]))
        body.append(in_order([as_text(row.settings[key], 2 if single else 3) for key in keys], found))
    sentence = f"{counted(len(rows), 'setting')}, {done} of {planned} runs; {said_of(metrics)} at the end of each"
    sentence += "." if lone else f", {study.stat} over the runs of a setting{'' if several else ' and their spread'}."
    wide = sum(max(map(len, column)) + 1 for column in zip(columns, *body, strict=True))
    table = Table(columns=columns, rows=tuple(body), align="r" * len(columns))
    return Panel(
        "table", "the table", sentence, (table,), least=Size(max(30, min(wide, _TABLE)), 5),
        weight=1.6 if single else 1.0, about=_table_about(study, listed, metrics, lone=lone),
    )  # fmt: skip


def _table_about(study: Study, rows: Sequence[StudyRow], metrics: Sequence[str], *, lone: bool) -> str:
    """How to read the table."""
    runs = max(len(row.outcomes) for row in rows)
    about = f"A row for each setting{', the highest first' if study.random else ''}: what was set, and what came out. "
    if len(metrics) > 1:
        about += f"A column for each kind of run: its {said_of(metrics)}."
    else:
        about += f"What came out is {said_of(metrics)} at the end of the run"
        about += "." if lone else f": {study.stat} over {runs} runs with other seeds; sd, their standard deviation."
    return about + (" Last, what theory says." if study.theory else "") + " A dash: no run has reported it."
