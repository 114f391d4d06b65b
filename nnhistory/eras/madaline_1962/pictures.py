"""The pictures of a MADALINE: plane, errors, trials, slopes. They read frames and never a model."""

from __future__ import annotations

from math import comb
from typing import Any, NamedTuple

import numpy as np

from nnhistory.core.event_lines import event_lines
from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    HeatMap,
    ImageGrid,
    Line,
    Mark,
    Panel,
    Points,
    Polyline,
    Rect,
    Role,
    Size,
    TextBlock,
)

__all__ = [
    "HOW", "LOGIC", "SHOWN", "Window", "answers", "curve", "filters", "knob", "lit_units", "plane", "regions", "slopes",
    "trials", "window",
]  # fmt: skip

_FRAME: Rect = (0.1, 0.14, 0.98, 0.96)
HOW = {"nearest": "nearest 0", "random": "drawn by lot", "farthest": "farthest from 0"}
LOGIC = {"or": "OR", "and": "AND", "majority": "MAJ"}


class Window(NamedTuple):
    """The piece of the plane that is shown."""

    low: Array
    high: Array

    def unit(self, xy: Array) -> Array:
        """Data coordinates (n, 2) to unit coordinates."""
        unit: Array = (xy - self.low) / (self.high - self.low)
        return unit


def window(x: Array) -> Window:
    """Room around the points, the same on both axes so that a right angle looks like one."""
    middle = (x.max(axis=0) + x.min(axis=0)) / 2
    half = max(1e-9, float((x.max(axis=0) - x.min(axis=0)).max()) / 2) * 1.6
    return Window(middle - half, middle + half)


def knob(name: str, recording: Recording, step: int) -> Any:
    """The knob in this step: the run's, or the newest turn of it."""
    value = recording.header.config[name]
    for event in recording.events:
        if event.kind == "turned" and event.evidence.get("knob") == name and event.evidence.get("after", 0) < step:
            value = event.evidence["value"]
    return value


def answers(frame: Frame, recording: Recording, x: Array) -> Array:
    """What the net of this frame answers: −1 or +1, or under Rule III anything between. Shape: x (n, 2) -> (n,)."""
    arrays, config = frame.arrays, recording.header.config
    s = x @ arrays["weights/0"] + arrays["bias/0"]
    if config["rule"] == "rule_3":
        return np.asarray(np.tanh(np.tanh(s) @ arrays["weights/1"] + arrays["bias/1"])[:, 0])
    o = np.where(s >= 0, 1.0, -1.0)
    if config["rule"] == "rule_1":
        on = (o > 0).sum(axis=1)
        need = {"or": 1, "and": o.shape[1], "majority": o.shape[1] // 2 + 1}[config["logic"]]
        return np.where(on >= need, 1.0, -1.0)
    if "weights/1" not in arrays:
        return o[:, 0]
    return np.where((o @ arrays["weights/1"] + arrays["bias/1"])[:, 0] >= 0, 1.0, -1.0)


def regions(frame: Frame, recording: Recording, view: Window, columns: int, rows: int) -> Array:
    """The answer in each cell of the plane. Shape (rows, columns), top row first."""
    across = np.linspace(view.low[0], view.high[0], 2 * columns + 1)[1::2]
    down = np.linspace(view.high[1], view.low[1], 2 * rows + 1)[1::2]
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    return answers(frame, recording, grid).reshape(rows, columns)


def _line(w: Array, b: float, view: Window) -> Array | None:
    """Where w x + b = 0, in unit coordinates (2, 2), or None if nowhere near."""
    length = float(w @ w)
    if length < 1e-18:
        return None
    foot, along = -b * w / length, np.array([-w[1], w[0]]) / np.sqrt(length)
    reach = 3 * float(np.abs(view.high - view.low).max()) + float(np.abs(foot).max())
    ends = view.unit(np.array([foot - reach * along, foot + reach * along]))
    # Cut to the unit square, so that a label can stand where the line ends.
    start, step = ends[0], ends[1] - ends[0]
    low, high = 0.0, 1.0
    for k in (0, 1):
        if abs(step[k]) < 1e-12:
            if not 0.0 <= start[k] <= 1.0:
                return None
            continue
        near, far = sorted(((0.0 - start[k]) / step[k], (1.0 - start[k]) / step[k]))
        low, high = max(low, near), min(high, far)
    return np.array([start + low * step, start + high * step]) if low < high else None


def lit_units(frame: Frame) -> tuple[list[int], Role]:
    """Units that are being flipped or nudged on trial, else those that are adapted; and the colour for it."""
    flipped = np.flatnonzero(frame.arrays["state/flip"])
    if len(flipped):
        return [int(unit) for unit in flipped], "attention"
    if frame.phase in ("backward", "update"):
        return [int(unit) for unit in np.flatnonzero(frame.arrays["state/lit"])], "good"
    return [], "good"


def plane(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Every unit's line, and what the output makes of all of them."""
    x, labels = recording.array("data/x", frame.tick), recording.array("data/y", frame.tick)
    assert x is not None
    assert labels is not None
    view, signs = window(x), np.where(labels > 0, 1.0, -1.0)
    got = answers(frame, recording, x)
    wrong = tuple(int(i) for i in np.flatnonzero(got * signs <= 0))
    marks: list[Mark] = [HeatMap(values=regions(frame, recording, view, 64, 40), scale="sides", name="answer")]
    if ghost is not None:
        marks += _lines(ghost.at(frame.tick), view, [], "muted")
    lit, role = lit_units(frame)
    marks += _lines(frame, view, lit, role)
    here = np.flatnonzero((x == frame.arrays["input"]).all(axis=1)) if frame.phase in SHOWN else np.empty(0, int)
    names = tuple(
        f"({', '.join(plain(float(v)) for v in p)}) wants {signed(float(d))}" for p, d in zip(x, signs, strict=True)
    )
    marks.append(Points(xy=view.unit(x), labels=signs, ring=tuple(map(int, here[:1])), wrong=wrong, names=names))
    config = recording.header.config
    by = f"{LOGIC[config['logic']]} of {frame.arrays['weights/0'].shape[1]} lines" if config["rule"] == "rule_1" else (
        f"{frame.arrays['weights/0'].shape[1]} lines and an output that learns"
    )  # fmt: skip
    sentence = f"{len(x) - len(wrong)} of {len(x)} points get the right answer from {by}."
    if lit and config["rule"] != "rule_3":
        what = "is flipped on trial" if role == "attention" else "has the job"
        sentence += f" Unit {' and '.join(str(unit + 1) for unit in lit)} {what}."
    broken = any(event.kind == "hang_up" and event.tick <= frame.tick for event in recording.events)
    return Panel("plane", "which unit says what", sentence, tuple(marks), broken=broken, least=Size(22, 8), square=True,
                 weight=1.6)  # fmt: skip


SHOWN = ("present", "forward", "backward", "update")


def _lines(frame: Frame, view: Window, lit: list[int], role: Role) -> list[Mark]:
    weights, bias = frame.arrays["weights/0"].astype(float), frame.arrays["bias/0"].astype(float)
    marks: list[Mark] = []
    units = range(weights.shape[1]) if weights.shape[1] <= 12 else lit
    for unit in sorted(units, key=lambda one: one in lit):
        ends = _line(weights[:, unit], float(bias[unit]), view)
        if ends is None:
            continue
        chosen = unit in lit
        other = role == "muted"
        marks.append(
            Polyline(
                xy=0.06 * ends[::-1] + 0.94 * ends,
                role=role if chosen or other else "ink",
                style="dashed" if other else "solid",
                width=4 if chosen else 2,
                labels=() if other else ("", str(unit + 1)),
                name="the other future's line" if other else f"unit {unit + 1}: its sum is 0 here",
            )
        )
    return marks


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Errors over the presentations, with a mark where something happened."""
    top = max(1, frame.step)

    def line(source: Recording, name: str) -> Array:
        series = source.series(name)
        shown = series.ticks <= frame.tick if source is recording else series.steps <= top
        return np.column_stack([series.steps[shown] / top, series.values[shown]])

    marks: list[Mark] = [
        Axes(rect=_FRAME, xticks=((0.0, "0"), (1.0, plain(top))), yticks=((0.0, "0"), (0.5, ".5"), (1.0, "1")),
             xlabel="presentations"),
    ]  # fmt: skip
    if ghost is not None:
        other = line(ghost, "train_error")
        marks.append(Polyline(rect=_FRAME, xy=other, role="muted", style="dashed", name="ghost: training error"))
    error, test = line(recording, "train_error"), line(recording, "test_accuracy")
    parts = [f"training error {plain(float(error[-1, 1]))}"] if len(error) else ["nothing counted yet"]
    if len(test):
        marks.append(Polyline(rect=_FRAME, xy=test, role="good", dots=len(test) < 12, name="test accuracy"))
        parts.append(f"test accuracy {plain(float(test[-1, 1]))}")
    marks.append(Polyline(rect=_FRAME, xy=error, role="error", width=2, dots=len(error) < 12, name="training error"))
    marks += event_lines(recording.events, frame.tick, top, _FRAME)
    mistakes = recording.scalar("mistakes", frame.tick) or 0.0
    sentence = "; ".join(parts) + f"; {plain(mistakes)} mistakes in {plain(frame.step)} presentations."
    broken = any(event.is_break and event.tick <= frame.tick for event in recording.events)
    return Panel("curve", "errors so far", sentence[0].upper() + sentence[1:], tuple(marks), broken=broken,
                 least=Size(26, 7))  # fmt: skip


def trials(frame: Frame, recording: Recording) -> Panel:
    """How many flips there are to try at one error, single, in pairs, in threes; and how many were tried so far."""
    h = frame.arrays["weights/0"].shape[1]
    counts = [comb(h, many) for many in (1, 2, 3)]
    used = int(recording.header.config["trial"])
    tried = recording.scalar("trials", frame.tick) or 0.0
    kept = recording.scalar("accepted", frame.tick) or 0.0
    top = float(max(2, *counts, 1))
    names = ("single", "pairs", "threes")
    shown = [many for many in (1, 2, 3) if counts[many - 1]] or [1]
    bars = Bars(
        rect=(0.02, 0.42, 0.98, 1.0), lo=0.0, hi=top, horizontal=True,
        values=np.array([counts[many - 1] for many in shown], dtype=float),
        labels=tuple(names[many - 1] for many in shown),
        roles=tuple("attention" if many <= used else "muted" for many in shown),
        texts=tuple(plain(counts[many - 1]) for many in shown), name="flips there are to try at one error",
    )  # fmt: skip
    note = f"tried so far {plain(tried)}, kept {plain(kept)}"
    double = f"with {plain(2 * h)} units: {plain(2 * h)} and {plain(comb(2 * h, 2))}"
    text = TextBlock(rect=(0.02, 0.0, 0.98, 0.38), lines=(Line(note), Line(double, "muted")))
    sentence = f"One error: {h} units to flip, {counts[1]} pairs. Tried so far: {plain(tried)}; kept: {plain(kept)}."
    return Panel("trials", "trials: what flipping costs", sentence, (bars, text), least=Size(26, 6))


def slopes(frame: Frame, recording: Recording) -> Panel:
    """Rule III: every unit's measured slope as a bar, the true one as a tick beside it."""
    arrays = frame.arrays
    known = frame.phase in ("backward", "update")
    measured = np.concatenate([arrays["delta/0"], arrays["delta/1"]]).astype(float)
    true = np.concatenate([arrays["grad/0"], arrays["grad/1"]]).astype(float)
    h = len(arrays["delta/0"])
    labels = (*(f"{k + 1}" for k in range(h)), *(f"out{k + 1}" for k in range(len(measured) - h)))
    reach = 1.2 * max(1e-9, float(np.abs(measured).max()), float(np.abs(true).max()))
    off = recording.scalar("gradient_error", frame.tick) or 0.0
    ds = float(knob("ds", recording, frame.step))
    if known:
        yet = measured == 0  # not measured yet
        true[yet] = np.nan
        gap = float(np.abs(measured - true)[~yet].max(initial=0.0))
        sentence = f"Bars: measured, nudge {plain(ds)}. Ticks: true slopes. They differ by at most {plain(gap)}."
    else:
        measured, true = np.zeros_like(measured), np.full_like(true, np.nan)
        sentence = f"With a nudge of {plain(ds)}, measured slopes are off by {plain(off)} of the largest, at worst."
    purple: Role = "gradient"
    mark = Bars(
        values=measured, labels=labels, lo=-reach, hi=reach, roles=(purple,) * len(measured), ticks=true,
        tick_name="true", texts=tuple(plain(v, 2) if v else "" for v in measured), name="slope of the squared error",
    )  # fmt: skip
    return Panel("slopes", "slopes: bars measured, ticks true", sentence, (mark,), least=Size(34, 7), weight=1.3)


def filters(frame: Frame, recording: Recording) -> Panel:
    """What the first 16 units of a picture-reading net look for: blue for, orange against."""
    weights = frame.arrays["weights/0"].astype(float)
    side = round(weights.shape[0] ** 0.5)
    images = weights[:, :16].T.reshape(-1, side, side)
    scale = float(np.abs(images).max()) or 1.0
    changed = int(np.count_nonzero(frame.arrays["state/lit"]))
    learned = recording.header.config["trial"] > 0 or "weights/1" not in frame.arrays
    tail = "they learn" if learned else "they stay as they were drawn: the control"
    sentence = f"The weights of {len(images)} of {weights.shape[1]} units as pictures; {tail}."
    if learned and changed:
        sentence = sentence[:-1] + f", {changed} of them in this step."
    # One layer has a unit for each digit.
    digits = tuple(str(k) for k in range(10)) if "weights/1" not in frame.arrays and len(images) == 10 else ()
    marks = (
        ImageGrid(
            images=images, columns=4 if len(images) > 10 else 5, lo=-scale, hi=scale, scale="diverging", labels=digits
        ),
    )  # fmt: skip
    return Panel("filters", "what the units look for", sentence, marks, least=Size(26, 8), weight=1.4)
