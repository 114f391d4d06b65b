"""Three to ten runs in one scene: their numbers on one scale, their curves on one plot, a small picture of each.

Each run has a letter, and its line a colour and a stroke, so that colour alone carries nothing. Where there is little
room, the board of numbers stays, one row for each run; the other pictures are folded behind it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Sequence
from typing import Literal

import msgspec
import numpy as np

from nnhistory.core.moment import Array
from nnhistory.core.numbers import in_words, plain
from nnhistory.core.scene import (
    Axes,
    HeatMap,
    Line,
    Mark,
    Panel,
    Polyline,
    Rect,
    Role,
    Scene,
    Score,
    Scores,
    Size,
    TextBlock,
)
from nnhistory.engine.lane import Lane
from nnhistory.scenario.schema import Expect, Scenario, say

__all__ = ["LOOKS", "Look", "compare_scene", "main_metric"]

_LETTERS = "abcdefghij"
Look = tuple[Role, Literal["solid", "dashed", "dotted"]]

LOOKS: tuple[Look, ...] = (
    ("positive", "solid"), ("negative", "solid"), ("good", "solid"), ("gradient", "solid"), ("ink", "solid"),
    ("positive", "dashed"), ("negative", "dashed"), ("good", "dashed"), ("gradient", "dashed"), ("ink", "dotted"),
)  # fmt: skip
"""Role and stroke of each of several lines on one plot, so that no two of them look alike."""

_FRAME: Rect = (0.1, 0.14, 0.96, 0.96)
_HAPPENS_TO = {"converged": "train_error", "settled": "excess"}
"""The metric whose fall is an event: who expects the one expects the other."""
_STEEP = 100.0
"""Largest over smallest value from which on the scale counts powers of ten."""
_ROW = (14, 5)
"""Columns and rows of cells that a small picture wants, its title included."""


def main_metric(scenario: Scenario, lanes: Sequence[Lane]) -> str:
    """The number by which the runs are compared, "" while there is none.

    The relay's if it is one; else the one that most of the runs report, and of several such the one of which the lesson
    expects something in most of the runs (in half of them at least), then one of the whole net rather than of a layer,
    then the one of which it expects most, then the one that the era names first. Never one that stays as it is. That
    a run converges is expected of the share of wrong answers: that is what has become 0.
    """
    if scenario.relay is not None:
        return scenario.relay.metric
    known: dict[str, int] = {}
    for lane in lanes:
        told = lane.shown.metrics if lane.started else []
        declared = [name for name in lane.era.metrics if name in told]
        fixed = {name for name, metric in lane.era.metrics.items() if metric.fixed}
        for name in dict.fromkeys([*declared, *told]):
            if name in fixed:
                continue
            known[name] = known.get(name, 0) + 1
    first = scenario.run[0].id
    asked = [(_asked_for(expect, known), expect.run or first) for expect in scenario.expect]
    wanted, order = [name for name, _ in asked], list(known)

    def place(name: str) -> tuple[int, int, bool, int, int]:
        runs = sum((name, lane.id) in asked for lane in lanes)
        in_most = runs if 2 * runs >= len(lanes) else 0
        return -known[name], -in_most, "/" in name, -wanted.count(name), order.index(name)

    return min(known, key=place, default="")


def _asked_for(expect: Expect, known: Container[str]) -> str:
    """The metric of which something is expected; of an event, the one that its evidence is, or that makes it happen."""
    if expect.metric or not expect.event:
        return expect.metric or ""
    return expect.evidence if expect.evidence in known else _HAPPENS_TO.get(expect.event, "")  # type: ignore[return-value]


def compare_scene(
    scenario: Scenario,
    lanes: Sequence[Lane],
    selected: Lane,
    small: Callable[[Lane], Mark | None],
    size: Size,
    lang: str,
) -> Scene:
    """What there is to see of three to ten runs at their playheads.

    selected : the one that the others keep level with. small : a run's small picture, None before it has one.
    """
    metric = main_metric(scenario, lanes)
    lines = [_line(lane, metric) for lane in lanes]
    scale = _Scale.of([line[:, 1] for line in lines], metric)
    title = say(scenario.title, lang)
    panels = [
        _board(lanes, selected, lines, scale, metric, size),
        *([] if _at_one_step(lanes, lines) else [_curves(lanes, lines, scale, metric)]),
        *_pictures(lanes, selected, small, size),
    ]
    return Scene(title, tuple(panels), panels[0].sentence)


def _at_one_step(lanes: Sequence[Lane], lines: Sequence[Array]) -> bool:
    """Runs of a single measurement have no curves."""
    if all(lane.plan.planned == 1 for lane in lanes):
        return True
    return all(lane.shown.complete and len(np.unique(line[:, 0])) < 2 for lane, line in zip(lanes, lines, strict=True))


class _Scale(msgspec.Struct, frozen=True):
    """Where a value lies between the least and the largest one of all runs; powers of ten where those lie far apart."""

    low: float
    high: float
    steep: bool

    @classmethod
    def of(cls, values: Sequence[Array], metric: str) -> _Scale:
        every = np.concatenate([np.asarray(one, dtype=np.float64) for one in values]) if values else np.empty(0)
        every = every[np.isfinite(every)]
        if not every.size:
            return cls(0.0, 1.0, False)
        low, high = float(every.min()), float(every.max())
        share = any(word in metric for word in ("accuracy", "error", "share", "dead"))
        if share and low >= 0.0 and high <= 1.0:
            return cls(0.0, 1.0, False)
        above = every[every > 0]
        if low >= 0 and above.size and high / float(above.min()) >= _STEEP:
            return cls(math.floor(math.log10(float(above.min()))), math.ceil(math.log10(high)), True)
        return cls(min(0.0, low), max(high, low + 1e-9, 0.0), False)

    def place(self, value: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore"):
            shown = np.log10(np.maximum(value, 10.0**self.low)) if self.steep else value
        return (shown - self.low) / ((self.high - self.low) or 1.0)

    def says(self, place: float) -> str:
        value = self.low + place * (self.high - self.low)
        return plain(10.0**value if self.steep else value)


def _line(lane: Lane, metric: str) -> Array:
    """Step, value and tick of all that has been computed, (n, 3)."""
    if not lane.started or not metric:
        return np.empty((0, 3))
    series = lane.shown.series(metric)
    return np.column_stack([series.steps, series.values, series.ticks]).astype(np.float64)


def _until(lane: Lane, line: Array) -> Array:
    """That line up to the playhead."""
    return line[line[:, 2] <= lane.playhead.tick]


def _name(metric: str) -> str:
    return in_words(metric) or "no number yet"


def _board(
    lanes: Sequence[Lane], selected: Lane, lines: Sequence[Array], scale: _Scale, metric: str, size: Size
) -> Panel:
    """One row for each run."""
    rows, told = [], []
    way = _Way.of(lanes)
    for lane, letter, line, (role, _) in zip(lanes, _LETTERS, lines, LOOKS, strict=False):
        now = lane.shown.scalar(metric, lane.playhead.tick) if lane.started and metric else None
        text = "–" if now is None else plain(now)
        word = _word(lane, way.span)
        so_far = _until(lane, line)
        curve = np.column_stack([way.along(lane, so_far), np.clip(scale.place(so_far[:, 1]), 0, 1)])
        value = None if now is None or not math.isfinite(now) else float(np.clip(scale.place(np.array(now)), 0, 1))
        rows.append(
            Score(head=letter, name=lane.title, word=word, role=role, value=value, text=text,
                  curve=curve if len(curve) > 1 else None)
        )  # fmt: skip
        told.append(f"{letter} {lane.title} {text} ({word})")
    mark = Scores(rows=tuple(rows), ring=(list(lanes).index(selected),), name="the runs",
                  hint=f"{_name(metric)}, bars from {scale.says(0.0)} to {scale.says(1.0)}")  # fmt: skip
    title = f"{_name(metric)}, bars from {scale.says(0.0)} to {scale.says(1.0)}" + (" in powers of ten" * scale.steep)
    about = (
        f"A row for each run: its letter, a small curve of {_name(metric)} so far, the number now, and how it stands. "
        "All bars and curves have one scale. Tab goes to the next run."
    )
    return Panel("runs", title, f"{_name(metric)}: {'; '.join(told)}.", (mark,),
                 least=Size(min(74, max(40, size.columns - 6)), len(rows)), weight=2.0, about=about)  # fmt: skip


def _word(lane: Lane, span: float) -> str:
    """How a run stands at its playhead: its last break or success, else the step or the share of its steps."""
    if lane.failure:
        return "✗ stopped"
    if not lane.started:
        return "waiting"
    for event in reversed(lane.shown.events):
        if event.tick <= lane.playhead.tick and (event.is_break or event.kind == "converged"):
            return f"{'◆' if event.is_break else '✓'} {event.kind.replace('_', ' ')}"
    if not span:
        return f"{100 * lane.frame.step / lane.plan.planned:.0f} %"
    return f"step {plain(lane.frame.step)}"


class _Way(msgspec.Struct, frozen=True):
    """How far along a run is: in steps, or in shares of its way where the runs have other lengths.

    The plot reaches as far as any run can still come. Runs that stop when they are done, a few steps along a way of
    thousands, would all lie on its left edge.
    """

    span: float
    """Steps from end to end; 0 where runs of other lengths stand by shares of the way."""
    reach: float
    """The share of that where the plot ends."""

    @classmethod
    def of(cls, lanes: Sequence[Lane]) -> _Way:
        planned = {lane.plan.planned for lane in lanes}
        span = 0.0
        if len(planned) == 1 and 0 not in planned:
            span = float(planned.pop())
        elif 0 in planned:
            span = float(max((lane.shown.frames[-1].step for lane in lanes if lane.started), default=1) or 1)
        ends = [lane.shown.frames[-1].step / (span or lane.plan.planned) for lane in lanes if lane.shown.complete]
        return cls(span, min(1.0, max(ends)) or 1.0 if len(ends) == len(lanes) else 1.0)

    def along(self, lane: Lane, line: Array) -> Array:
        """Where the points of a run's line stand, 0 to 1."""
        return np.clip(line[:, 0] / (self.reach * (self.span or float(lane.plan.planned) or 1.0)), 0.0, 1.0)

    @property
    def end(self) -> str:
        """What stands at the right end of the plot."""
        return plain(self.span * self.reach) if self.span else f"{plain(100 * self.reach, 2)} %"


def _curves(lanes: Sequence[Lane], lines: Sequence[Array], scale: _Scale, metric: str) -> Panel:
    """All curves on one plot, each with its letter where it has come to."""
    way = _Way.of(lanes)
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="steps" if way.span else "share of the steps", xticks=((0.0, "0"), (1.0, way.end)),
             yticks=tuple((place, scale.says(place)) for place in (0.0, 0.5, 1.0)))
    ]  # fmt: skip
    for number, (lane, line, (role, style)) in enumerate(zip(lanes, lines, LOOKS, strict=False)):
        so_far = _until(lane, line)
        if not len(so_far):
            continue
        xy = np.column_stack([way.along(lane, so_far), np.clip(scale.place(so_far[:, 1]), 0, 1)])
        # Letters stand at different places along their lines: ends often meet, and lines that meet look like one.
        at = round((len(xy) - 1) * (number + 1) / (len(lanes) + 1))
        labels = tuple(_LETTERS[number] if place in (at, len(xy) - 1) else "" for place in range(len(xy)))
        marks.append(
            Polyline(rect=_FRAME, xy=xy, role=role, style=style, width=2, labels=labels, name=_LETTERS[number],
                     hint=f"{_LETTERS[number]}: {lane.title}")
        )  # fmt: skip
    sentence = f"{_name(metric)} of {len(lanes)} runs over " + (
        "the same steps." if way.span else "their share of the way."
    )
    about = (
        f"{_name(metric)} of every run on one plot, up to the playhead. The letters are those of the rows; each stands "
        "on its line and at its end."
    )
    title = f"all curves: {_name(metric)}"
    return Panel("curves", title, sentence, tuple(marks), least=Size(34, 8), weight=1.6, about=about)


def _pictures(
    lanes: Sequence[Lane], selected: Lane, small: Callable[[Lane], Mark | None], size: Size
) -> list[Panel]:  # fmt: skip
    """The runs' small pictures in a grid, those of one era on one scale."""
    pictures = [small(lane) for lane in lanes]
    if not any(picture is not None for picture in pictures):
        return []
    limits: dict[str, float] = {}
    for lane, picture in zip(lanes, pictures, strict=True):
        if isinstance(picture, HeatMap) and picture.scale == "diverging":
            limits[lane.plan.era] = max(limits.get(lane.plan.era, 0.0), abs(picture.lo), abs(picture.hi))
    columns = max(2, min(5, len(lanes), round(0.62 * size.columns) // _ROW[0]))
    rows = math.ceil(len(lanes) / columns)
    columns = math.ceil(len(lanes) / rows)
    marks: list[Mark] = []
    for number, (lane, picture) in enumerate(zip(lanes, pictures, strict=True)):
        row, column = divmod(number, columns)
        left, right = (column + 0.04) / columns, (column + 0.96) / columns
        top, bottom = 1 - row / rows, 1 - (row + 1) / rows
        under = top - 1.0 / (rows * _ROW[1])
        name = Line(f"{_LETTERS[number]} {lane.title}", "attention" if lane is selected else "ink", lane is selected)
        # The whole title stands on the board: two lines of it would take the room of the picture.
        marks.append(TextBlock(rect=(left, under, right, top), lines=(name,), monospace=False, cuts=True))
        if picture is None:
            continue
        if isinstance(picture, HeatMap) and picture.scale == "diverging":
            limit = limits[lane.plan.era]
            picture = msgspec.structs.replace(picture, lo=-limit, hi=limit)
        rect = (left, bottom + 0.06 / rows, right, under)
        hint = f"{lane.title}: step {plain(lane.frame.step)}"
        marks.append(msgspec.structs.replace(picture, rect=rect, name=lane.title, hint=hint))
    named = ", ".join(lane.title for lane in lanes)
    panel = Panel(
        "pictures", "a small picture of each, on one scale", f"The small pictures of {named}.", tuple(marks),
        least=Size(columns * _ROW[0], rows * _ROW[1]), weight=1.8, about=_shown_by(pictures),
    )  # fmt: skip
    return [panel]


def _shown_by(pictures: Sequence[Mark | None]) -> str:
    """What small pictures show, each kind once."""
    kinds = {picture.name: picture.hint for picture in pictures if picture is not None and picture.name}
    told = [f"{name}: {hint}" if hint else name for name, hint in kinds.items()]
    return f"{'. '.join(one.capitalize() for one in told)}. Pictures of one era have one scale."
