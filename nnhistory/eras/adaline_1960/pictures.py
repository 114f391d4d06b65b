"""The bowl, the plane, every pattern's sum, the learning curve. They read frames and never a model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnhistory.core.event_lines import event_lines
from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    Edit,
    HeatMap,
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
from nnhistory.eras.adaline_1960.arithmetic import now, vector

__all__ = ["Window", "bowl", "curve", "heights", "outputs", "plane", "sides", "weight_bars", "window"]

_FRAME: Rect = (0.12, 0.14, 0.98, 0.96)
_ROUND = np.linspace(0.0, 2 * np.pi, 73)


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
    half = max(1e-9, float((x.max(axis=0) - x.min(axis=0)).max()) / 2) * 1.3
    return Window(middle - half, middle + half)


def _cells(view: Window, columns: int, rows: int) -> tuple[Array, Array]:
    x = np.linspace(view.low[0], view.high[0], 2 * columns + 1)[1::2]
    y = np.linspace(view.high[1], view.low[1], 2 * rows + 1)[1::2]
    return x[None, :], y[:, None]


def _path(recording: Recording, tick: int) -> Array:
    """Where the two weights have been, newest last, at most 400 places. Shape (n, 2)."""
    places: list[Array] = []
    steps: list[int] = []
    for one in recording.frames:
        if one.tick > tick:
            break
        if one.phase in ("update", "eval") and (not steps or one.step != steps[-1]):
            places.append(one.arrays["weights/0"][:2, 0])
            steps.append(one.step)
    return np.array(places, dtype=float)


def bowl_window(wiener: Array, start: Array) -> Window:
    """The bottom in the middle, the start well inside."""
    half = 1.2 * max(0.25, float(np.abs(start - wiener).max()))
    return Window(wiener - half, wiener + half)


def heights(R: Array, wiener: Array, view: Window, columns: int, rows: int) -> Array:
    """The root of the excess error over each place of the window. Shape (rows, columns), top row first."""
    x, y = _cells(view, columns, rows)
    a, b = x - wiener[0], y - wiener[1]
    square: Array = R[0, 0] * a * a + 2 * R[0, 1] * a * b + R[1, 1] * b * b
    return np.sqrt(np.maximum(square, 0.0))


def bowl(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The bowl from above: contours, the way down, the bottom, and the ball of noise that LMS ends in."""
    R, wiener = recording.array("data/bowl", frame.tick), recording.array("data/wiener", frame.tick)
    assert R is not None
    assert wiener is not None
    R, wiener = R.astype(float), wiener.astype(float)
    start = recording.frames[0].arrays["weights/0"][:2, 0].astype(float)
    view = bowl_window(wiener, start)
    lam, modes = np.linalg.eigh(R)
    height = heights(R, wiener, view, 48, 32)
    marks: list[Mark] = [
        Axes(xlabel="weight w1", ylabel="weight w2"),
        HeatMap(values=height, lo=0.0, hi=2.2 * float(height.max()), scale="sequential", name="mean square error"),
    ]
    circle = np.column_stack([np.cos(_ROUND), np.sin(_ROUND)])
    highest = float(height.max()) ** 2
    for level in (0.02, 0.08, 0.18, 0.32, 0.5, 0.72):
        ring = wiener + (circle * np.sqrt(level * highest / np.maximum(lam, 1e-12))) @ modes.T
        marks.append(Polyline(xy=view.unit(ring), role="muted", name="equal error: all along this line"))
    mu, least = float(now(recording, frame, "mu")), recording.scalar("mse_min", frame.tick) or 0.0
    ball = None
    if recording.header.config["rule"] == "mu_lms" and least > 0:
        ball = _ball(mu, lam, least)
        if ball is not None:
            ring = wiener + (2 * circle * np.sqrt(ball)) @ modes.T
            marks.append(Polyline(xy=view.unit(ring), role="attention", style="dashed", width=2,
                                  name="noise ball: two standard deviations, by theory"))  # fmt: skip
    if ghost is not None:
        other = _path(ghost, frame.tick)
        marks.append(Polyline(xy=view.unit(other), role="muted", style="dashed", name="ghost: the other future's way"))
    path = _path(recording, frame.tick)[-400:]
    marks.append(Polyline(xy=view.unit(path), role="positive", width=2, dots=len(path) < 60, name="the way down"))
    cross = view.unit(wiener[None, :])[0]
    for across in (np.array([0.02, 0.0]), np.array([0.0, 0.03])):
        line = np.array([cross - across, cross + across])
        marks.append(Polyline(xy=line, role="good", width=3, name=f"the bottom: w* = {vector(wiener)}"))
    w = frame.arrays["weights/0"][:2, 0].astype(float)
    here = view.unit(w[None, :])
    marks.append(Points(xy=here, labels=np.array([1.0]), names=(f"now: w = {vector(w)}",)))
    broken = _broke(recording, frame.tick)
    mse = recording.scalar("mse", frame.tick) or 0.0
    told = f"Mean square error {plain(mse)}, least {plain(least)}."
    sentence = f"Now at w = {vector(w)}; the bottom is at {vector(wiener)}. {told}"
    if not ((here > 0) & (here < 1)).all():
        sentence = f"The weights have left the picture: w = {vector(w)}. {told}"
    title = "the bowl: the mean square error over two weights"
    return Panel("bowl", title, sentence, tuple(marks), broken=broken, least=Size(24, 10), square=True, weight=1.6)


def _ball(mu: float, lam: Array, least: float) -> Array | None:
    """Variance of the weights along the bowl's axes once LMS has settled, Gaussian inputs; None if it does not."""
    if (2 * mu * lam >= 1).any():
        return None
    total = float((mu * lam / (1 - 2 * mu * lam)).sum())
    return mu * least / ((1 - total) * (1 - 2 * mu * lam)) if total < 1 else None


def _broke(recording: Recording, tick: int) -> bool:
    return any(event.is_break and event.tick <= tick for event in recording.events)


def sides(weights: Array, bias: Array, view: Window, columns: int, rows: int) -> Array:
    """Which side each cell of the plane is on: −1, 0 or +1. Shape (rows, columns), top row first."""
    x, y = _cells(view, columns, rows)
    signs: Array = np.sign(weights[0, 0] * x + weights[1, 0] * y + bias[0])
    return signs


def _level(weights: Array, bias: float, height: float, view: Window) -> Array | None:
    """The line where the sum is `height`, in unit coordinates (2, 2), or None if there is none."""
    w = weights[:2, 0].astype(float)
    length = float(w @ w)
    if length < 1e-18:
        return None
    foot, along = (height - bias) * w / length, np.array([-w[1], w[0]]) / np.sqrt(length)
    reach = 3 * float(np.abs(view.high - view.low).max()) + float(np.abs(foot).max())
    return view.unit(np.array([foot - reach * along, foot + reach * along]))


def plane(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Two inputs: the line where the sum is 0, and dashed where it is +1 and −1, what LMS aims for."""
    x, labels = recording.array("data/x", frame.tick), recording.array("data/y", frame.tick)
    assert x is not None
    assert labels is not None
    weights, bias = frame.arrays["weights/0"], frame.arrays["bias/0"]
    view, signs = window(x), np.where(labels > 0, 1.0, -1.0)
    wrong = tuple(int(i) for i in np.flatnonzero(signs * (x @ weights[:, 0] + bias[0]) <= 0))
    here = np.flatnonzero((x == frame.arrays["input"]).all(axis=1)) if frame.step else np.empty(0, dtype=int)
    marks: list[Mark] = [HeatMap(values=sides(weights, bias, view, 64, 40), scale="sides", name="answer")]
    if ghost is not None:
        other = ghost.at(frame.tick)
        old = _level(other.arrays["weights/0"], float(other.arrays["bias/0"][0]), 0.0, view)
        if old is not None:
            marks.append(Polyline(xy=old, role="muted", style="dashed", name="ghost: the other future's line"))
    aims: tuple[tuple[float, Role], ...] = ((1.0, "positive"), (-1.0, "negative"))
    for height, role in aims:
        line = _level(weights, float(bias[0]), height, view)
        if line is not None:
            marks.append(Polyline(xy=line, role=role, style="dashed", name=f"where the sum is {signed(height)}"))
    line = _level(weights, float(bias[0]), 0.0, view)
    if line is not None:
        marks.append(Polyline(xy=line, role="ink", width=2, name="where the sum is 0"))
    edit = Edit(
        "points", "points", (float(view.low[0]), float(view.high[0])), (float(view.low[1]), float(view.high[1]))
    )
    marks.append(Points(xy=view.unit(x), labels=signs, ring=tuple(map(int, here[:1])), wrong=wrong, edit=edit))
    sentence = f"{len(x) - len(wrong)} of {len(x)} points are on the right side of the line."
    if not weights.any():
        sentence = "All weights are 0: there is no line yet, and no answer."
    return Panel("plane", "who gets which side", sentence, tuple(marks), broken=_broke(recording, frame.tick),
                 least=Size(22, 8), square=True, weight=1.5)  # fmt: skip


def outputs(frame: Frame, recording: Recording) -> Panel:
    """Every pattern's sum as a bar, wanted +1 or −1: the bar's side of 0 is the answer."""
    x, labels = recording.array("data/x", frame.tick), recording.array("data/y", frame.tick)
    assert x is not None
    assert labels is not None
    x, d = x[:32].astype(float), np.where(labels[:32] > 0, 1.0, -1.0)
    s = x @ frame.arrays["weights/0"][:, 0].astype(float) + float(frame.arrays["bias/0"][0])
    right = d * s > 0
    roles: tuple[Role, ...] = tuple(
        "error" if not ok else "positive" if want > 0 else "negative" for ok, want in zip(right, d, strict=True)
    )
    end = max(1.25, 1.1 * float(np.abs(s).max()))
    names = tuple(_name(row) for row in x) if x.shape[1] <= 6 else tuple(str(k + 1) for k in range(len(x)))
    mark = Bars(
        values=s,
        labels=names,
        lo=-end,
        hi=end,
        roles=roles,
        ticks=d,
        tick_name="wanted",
        texts=("",) * len(s),
        horizontal=len(x) > 8,
        name="sums; the tick is what is wanted",
    )
    worst = int((d * s).argmin())
    sentence = f"{int(right.sum())} of {len(d)} sums are on the right side of 0."
    if right.all():
        sentence += f" The nearest to 0 is {plain(float(s[worst]))}."
    elif s.any():
        sentence += f" The worst: {names[worst]} has {plain(float(s[worst]))} and wants {signed(float(d[worst]))}."
    return Panel("outputs", "every pattern's sum", sentence, (mark,), broken=_broke(recording, frame.tick),
                 least=Size(26, min(len(x), 16)), weight=1.4)  # fmt: skip


def _name(row: Array) -> str:
    return "".join("+" if value > 0 else "−" for value in row) if (np.abs(row) == 1).all() else vector(row)


def weight_bars(frame: Frame) -> Panel:
    """The weights as bars, the bias last, up to 48 of them."""
    w, names = frame.arrays["weights/0"][:47, 0].astype(float), [f"w{k + 1}" for k in range(47)]
    bias = len(frame.arrays["state/wanted"]) > len(frame.arrays["input"])
    sentence = f"{len(w)} weights{' and a bias' if bias else ''}, the largest {plain(float(np.abs(w).max()))} in size."
    if bias:
        w, names = np.append(w, frame.arrays["bias/0"].astype(float)), [*names[: len(w)], "b"]
    scale = float(np.abs(w).max()) or 1.0
    few = len(w) <= 9
    texts = () if len(w) <= 8 else ("",) * len(w)
    mark = Bars(
        values=w, labels=tuple(names[: len(w)]) if few else (), lo=-scale, hi=scale, texts=texts, name="weights"
    )
    return Panel("weights", "the weights", sentence, (mark,), least=Size(24, 6))


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The mean square error over the steps, on a scale of powers of ten, and the least there can be."""
    top = max(1, frame.step)
    least = recording.scalar("mse_min", frame.tick) or 0.0
    many = recording.scalar("ensemble_excess", frame.tick) is not None
    lines: list[tuple[Array, Role, str, str]] = []

    def add(source: Recording, name: str, plus: float, role: Role, style: str, title: str) -> None:
        series = source.series(name)
        shown = series.ticks <= frame.tick if source is recording else series.steps <= top
        if shown.any():
            xy = np.column_stack([series.steps[shown] / top, np.maximum(series.values[shown] + plus, 1e-12)])
            lines.append((xy, role, style, title))

    if ghost is not None:
        add(ghost, "mse", 0.0, "muted", "dashed", "ghost: mean square error")
    add(recording, "mse", 0.0, "positive", "solid", "mean square error")
    if many:
        add(recording, "ensemble_excess", least, "error", "solid", "mean of the ensemble")
        add(recording, "ensemble_theory", least, "attention", "dashed", "theory")
    if not lines:
        quiet = "No mean square error has been computed yet."
        return Panel("curve", "the mean square error", quiet, (TextBlock(lines=(Line(quiet),)),), least=Size(26, 7))
    every = np.concatenate([xy[:, 1] for xy, *_ in lines] + ([np.array([least])] if least > 1e-12 else []))
    low, high = np.log10(max(1e-12, float(every.min()))), np.log10(float(min(every.max(), 1e15)))
    low, high = low - 0.05 * (high - low) - 0.02, high + 0.05 * (high - low) + 0.02

    def unit(value: Array) -> Array:
        place: Array = np.clip((np.log10(np.clip(value, 1e-12, 1e15)) - low) / (high - low), 0.0, 1.0)
        return place

    places = (0.0, 0.5, 1.0)
    values = [float(10 ** (low + place * (high - low))) for place in places]
    texts = [plain(value, 2) for value in values]
    if len(set(texts)) < 3:
        texts = [plain(value, 4) for value in values]
    ticks = tuple(zip(places, texts, strict=True))
    marks: list[Mark] = [
        Axes(rect=_FRAME, xticks=((0.0, "0"), (1.0, plain(top))), yticks=ticks, xlabel="steps"),
    ]
    if least > 1e-12:
        floor = unit(np.array([least, least]))
        marks.append(Polyline(rect=_FRAME, xy=np.column_stack([[0.0, 1.0], floor]), role="good", style="dashed",
                              name="the least there can be"))  # fmt: skip
    for xy, role, style, title in lines:
        marks.append(Polyline(rect=_FRAME, xy=np.column_stack([xy[:, 0], unit(xy[:, 1])]), role=role,
                              style=style, width=1 if style == "dashed" else 2, dots=len(xy) < 12, name=title))  # type: ignore[arg-type]  # fmt: skip
    marks += event_lines(recording.events, frame.tick, top, _FRAME, good=("settled", "converged"))
    mse = recording.scalar("mse", frame.tick) or 0.0
    sentence = f"Mean square error {plain(mse)} after {plain(frame.step)} steps;"
    sentence += f" the least there can be is {plain(least)}."
    share, theory = recording.scalar("misadjustment", frame.tick), recording.scalar("misadjustment_theory", frame.tick)
    if share is not None and theory is not None:
        sentence += f" On average {plain(share)} of it comes on top; theory says {plain(theory)}."
    if many:
        sentence += " Thick is the mean of all machines, dashed the theory."
    broken = any(event.kind == "divergence" and event.tick <= frame.tick for event in recording.events)
    name, title = ("ensemble", "the mean of many machines") if many else ("curve", "the mean square error")
    return Panel(name, title, sentence, tuple(marks), broken=broken, least=Size(28, 7), weight=1.5 if many else 1.0)
