"""The pictures of depth: what is left of the error in each layer, plateaus, slopes, layers that drift, twins, zig-zag.

They are shown where the knob `theory` is on, in the place of the curve and the profile of a net without it.
"""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    HeatMap,
    ImageGrid,
    Line,
    Mark,
    Panel,
    Polyline,
    Rect,
    Role,
    Size,
    TextBlock,
)  # fmt: skip
from nnhistory.eras.backprop_1986.frames import depth, low_end, side
from nnhistory.eras.backprop_1986.meanfield import STEEPEST
from nnhistory.eras.backprop_1986.net import slope

__all__ = ["PALE", "arrange", "drift", "gradient", "pale", "plateau", "signal", "slopes", "twins", "zigzag"]

PALE = 1e-4
"""Share of the last layer's gradient below which a layer is drawn pale: no step of it can be seen beside the last's."""
_FRAME: Rect = (0.12, 0.16, 0.97, 0.95)
_TWINS = 20


def arrange(frame: Frame, recording: Recording, panels: list[Panel]) -> list[Panel]:
    """The panels of a net, with those of depth before them where the knob `theory` is on."""
    if not recording.header.config["theory"]:
        return panels
    own = []
    hidden = depth(frame) - 1
    if hidden == 0 and frame.arrays["input"].shape[1] == 2:
        own.append(zigzag(frame, recording))
    if hidden:
        own.append(signal(frame, recording))
    own.append(plateau(frame, recording))
    if hidden:
        own.append(gradient(frame, recording))
        if hidden > 1:
            own += [slopes(frame, recording), drift(frame, recording)]
        if side(frame, recording) and frame.arrays["weights/0"].shape[1] <= _TWINS:
            own.insert(0, twins(frame, recording))
    return own + [panel for panel in panels if panel.id not in ("curve", "profile")]


def _layers(recording: Recording, frame: Frame, name: str) -> Array:
    """One number for each layer, (L,); 0 where it has not been measured."""
    return np.array([recording.scalar(f"{name}/{layer}", frame.tick) or 0.0 for layer in range(depth(frame))])


def pale(recording: Recording, frame: Frame) -> list[bool]:
    """Which layers' weights get less than a ten-thousandth of the last layer's gradient."""
    sizes = _layers(recording, frame, "grad_rms")
    return [bool(size < PALE * sizes[-1]) for size in sizes]


def _names(count: int) -> tuple[str, ...]:
    return (*(f"hidden {layer + 1}" for layer in range(count - 1)), "output")


def _bars(sizes: Array, faint: list[bool], ticks: Array | None, name: str, rect: Rect) -> Bars:
    """One bar a layer on a log scale, the first layer at the bottom."""
    known = sizes[sizes > 0]
    beside = np.empty(0) if ticks is None else ticks[np.isfinite(ticks)]
    high = float(known.max()) * 2
    low = min(float(known.min()), float(beside.min(initial=high)), float(known.max()) * 1e-2) / 4
    roles: tuple[Role, ...] = tuple("muted" if one else "gradient" for one in faint)
    return Bars(
        rect=rect, values=np.maximum(sizes, low)[::-1], labels=_names(len(sizes))[::-1], lo=low, hi=high,
        roles=roles[::-1], log=True, horizontal=True, name=name, ticks=None if ticks is None else ticks[::-1],
        texts=tuple(plain(float(size), 2) for size in sizes[::-1]),
    )  # fmt: skip


def _faint_words(faint: list[bool]) -> str:
    count = sum(faint)
    if not count:
        return ""
    which = "1 layer gets" if count == 1 else f"{count} layers get"
    return f" Pale: {which} less than a ten-thousandth of the last layer's gradient."


def _broke(recording: Recording, tick: int, *kinds: str) -> bool:
    """Has one of these happened, and has the net not left chance since?"""
    seen = {event.kind for event in recording.events if event.tick <= tick}
    return bool(seen & set(kinds)) and not seen & {"leaves_chance", "converged"}


def signal(frame: Frame, recording: Recording) -> Panel:
    """The error signal dE/dx of each layer, log scale. Ticks: sqrt(chi1) per layer, down from the last hidden one."""
    title = "the error: how much of it reaches each layer"
    sizes = _layers(recording, frame, "delta_rms")
    count, top = len(sizes), len(sizes) - 2
    if not (sizes > 0).any():
        note = "No error is left in any layer."
        return Panel("signal", title, note, (TextBlock(lines=(Line(note),)),), least=Size(26, 5))
    measured, factor = (recording.scalar(name, frame.tick) for name in ("backward_factor", "sqrt_chi1"))
    ticks = None
    if factor is not None and top >= 1:
        ticks = np.append(sizes[top] * factor ** np.arange(top, -1, -1.0), np.nan)
    faint = pale(recording, frame)
    lines: list[Line] = []
    first, last = plain(float(sizes[0])), plain(float(sizes[-1]))
    sentence = f"The output layer's error signal is {last}, the first hidden layer's {first}."
    if measured is not None:
        share = plain(float(sizes[0] / sizes[top]))
        sentence = f"Of the last hidden layer's error signal, {share} reaches the first: {plain(measured)} per layer."
        said = f"each layer passes on {plain(measured, 4)}"
        if factor is not None:
            bound = recording.scalar("slope_bound", frame.tick) or 0.0
            lines = [
                Line(said, "gradient", bold=True),
                Line(f"┃ theory {plain(factor, 4)}, at most {plain(bound, 4)} (random weights)"),
            ]
            sentence += f" Theory for random first weights says {plain(factor)}."
        else:
            lines = [Line(said, "gradient", bold=True)]
    base = (len(lines) + 0.5) / (count + len(lines) + 0.5) if lines else 0.0
    marks: list[Mark] = [_bars(sizes, faint, ticks, "size of dE/dx", (0.0, base, 1.0, 1.0))]
    if lines:
        marks.append(TextBlock(rect=(0.0, 0.0, 1.0, base * 0.95), lines=tuple(lines)))
    least = Size(36, min(13, count + len(lines) + (1 if lines else 0)))
    broken = _broke(recording, frame.tick, "vanishing", "exploding")
    return Panel("signal", title, sentence + _faint_words(faint), tuple(marks), broken=broken, least=least, weight=1.4)


def gradient(frame: Frame, recording: Recording) -> Panel:
    """The gradient dE/dw of each layer's weights, log scale: what a step can use."""
    title = "what each layer's weights get"
    sizes = _layers(recording, frame, "grad_rms")
    if not (sizes > 0).any():
        note = "No gradient reaches any weight: dE/dw is 0 in every layer."
        return Panel("gradient", title, note, (TextBlock(lines=(Line(note, "error"),)),), least=Size(26, 3))
    faint = pale(recording, frame)
    ratio = float(sizes[0] / sizes[-1]) if sizes[-1] else 0.0
    sentence = f"The first layer's gradient dE/dw is {plain(ratio)} times the last one's." + _faint_words(faint)
    bars = _bars(sizes, faint, None, "size of dE/dw", (0.0, 0.0, 1.0, 1.0))
    return Panel("gradient", title, sentence, (bars,), least=Size(30, min(12, len(sizes) + 1)))


def _event_step(recording: Recording, tick: int, kind: str) -> int | None:
    return next((event.step for event in recording.events if event.kind == kind and event.tick <= tick), None)


def _rounds(recording: Recording, frame: Frame) -> tuple[float, float]:
    """Steps in one round, and the rounds that the budget has."""
    each = recording.scalar("round_steps", frame.tick) or 1.0
    return each, max(1.0, (recording.header.planned or frame.step) / each)


def plateau(frame: Frame, recording: Recording) -> Panel:
    """The error over the rounds of the whole budget, against that of guessing: no better than that is a plateau."""
    each, budget = _rounds(recording, frame)
    series = recording.series("train_loss")
    known = (series.ticks <= frame.tick) & np.isfinite(series.values)
    x, loss = series.steps[known] / each / budget, series.values[known]
    chance = recording.scalar("chance_loss", frame.tick) or 0.0
    high = 1.15 * max(chance, float(loss.max(initial=0.0)))
    level = chance / high
    left = _event_step(recording, frame.tick, "leaves_chance")
    now = frame.step / each
    until = (left if left is not None else frame.step) / each / budget
    on = x <= until
    waited = plain(float(np.ceil(until * budget)))
    marks: list[Mark] = [
        Axes(
            rect=_FRAME, xlabel="rounds", xticks=((0.0, "0"), (1.0, plain(budget))),
            yticks=((0.0, "0"), (level, plain(chance))),
        ),
        Polyline(rect=_FRAME, xy=np.array([[0.0, level], [1.0, level]]), role="muted", style="dashed",
                 name="guessing"),
        Polyline(rect=_FRAME, xy=np.column_stack([x, loss / high]), role="error", width=2, dots=len(x) < 8,
                 name="error E"),
    ]  # fmt: skip
    flat = np.column_stack([x[on], loss[on] / high])
    if len(flat) > 1:
        marks.append(Polyline(rect=_FRAME, xy=flat, role="attention", width=3, name="plateau: no better than guessing"))
    if left is not None:
        place = np.array([[until, 0.0], [until, 0.4 * level], [until, level]])
        marks.append(Polyline(rect=_FRAME, xy=place, role="good", style="dotted",
                              labels=("", f"round {waited}", ""), name="leaves the plateau"))  # fmt: skip
    error, guess = plain(float(loss[-1]) if len(loss) else chance), plain(chance)
    if left is not None:
        sentence = f"The plateau lasted until round {waited}; the error is now {error}, guessing gets {guess}."
    elif frame.step == 0:
        sentence = f"Before the first step the error is {error}; guessing gets {guess}."
    else:
        sentence = (
            f"Round {plain(float(np.ceil(now)))} of {plain(budget)}: the error is {error}; guessing gets {guess}."
        )
        if now >= budget:
            sentence = f"{plain(budget)} rounds, the whole budget, and no better than guessing: {error}."
    accuracy = recording.scalar("test_accuracy", frame.tick)
    if accuracy is not None:
        sentence += f" Test accuracy {plain(accuracy)}."
    broken = _broke(recording, frame.tick, "plateau")
    return Panel("plateau", "the error against guessing", sentence, tuple(marks), broken=broken, least=Size(30, 7),
                 weight=1.2)  # fmt: skip


def slopes(frame: Frame, recording: Recording) -> Panel:
    """What is left of each hidden unit's slope, averaged over the patterns shown: a row for each layer, last on top."""
    hidden = depth(frame) - 1
    function = recording.header.config["unit"]
    rows = []
    for layer in range(hidden - 1, -1, -1):
        y = frame.arrays.get(f"act/{layer}")
        if y is None:
            note = "No outputs are shown in this moment."
            return Panel("slopes", "which units still have a slope", note, (TextBlock(lines=(Line(note),)),))
        rows.append(slope(function, y.astype(float)).mean(axis=0) / STEEPEST.get(function, 1.0))
    wide = max(len(row) for row in rows)
    image = np.array([np.pad(row, (0, wide - len(row)), constant_values=np.nan) for row in rows])
    rect: Rect = (0.16, 0.16, 0.98, 0.97)
    shown = range(0, hidden, max(1, hidden // 5))
    ticks = tuple(((layer + 0.5) / hidden, f"hidden {layer + 1}") for layer in shown)
    marks = (
        Axes(rect=rect, yticks=ticks, xlabel=f"{wide} units: filled steep, empty flat"),
        HeatMap(rect=rect, values=np.nan_to_num(image), lo=0.0, hi=1.0, scale="sequential", name="share of the slope"),
    )
    means = [float(row.mean()) for row in rows]
    worst = int(np.argmin(means))
    sentence = (
        f"Hidden layer {hidden - worst} has the least slope left: {plain(means[worst])} of the steepest, on average."
    )
    broken = _broke(recording, frame.tick, "saturating", "saturated")
    return Panel("slopes", "which units still have a slope", sentence, marks, broken=broken, least=Size(30, hidden + 3))


def drift(frame: Frame, recording: Recording) -> Panel:
    """The mean output of each hidden layer, round by round; the last hidden layer thick."""
    each, budget = _rounds(recording, frame)
    hidden, low = depth(frame) - 1, low_end(recording)
    marks: list[Mark] = [
        Axes(
            rect=_FRAME, xlabel="rounds", xticks=((0.0, "0"), (1.0, plain(budget))),
            yticks=tuple(((value - low) / (1.0 - low), plain(value)) for value in (low, (1.0 + low) / 2, 1.0)),
        )
    ]  # fmt: skip
    means = []
    for layer in range(hidden):
        series = recording.series(f"act_mean/{layer}")
        known = series.ticks <= frame.tick
        values = (series.values[known] - low) / (1.0 - low)
        xy = np.column_stack([series.steps[known] / each / budget, values])
        means.append(float(series.values[known][-1]) if known.any() else 0.0)
        last = layer == hidden - 1
        labels = (*("" for _ in range(max(0, len(xy) - 1))), f"hidden {layer + 1}" if last else "")
        marks.append(
            Polyline(rect=_FRAME, xy=xy, role="negative" if last else "positive", width=3 if last else 1,
                     labels=labels[: len(xy)], style="solid" if last or layer % 2 == 0 else "dashed",
                     name=f"{'' if last else 'layers below: '}mean output of hidden layer {layer + 1}")
        )  # fmt: skip
    left = _event_step(recording, frame.tick, "leaves_chance")
    if left is not None:
        place = left / each / budget
        marks.append(Polyline(rect=_FRAME, xy=np.array([[place, 0.0], [place, 1.0]]), role="good", style="dotted",
                              labels=("", "off the plateau"), name="leaves the plateau"))  # fmt: skip
    others = [plain(mean, 2) for mean in means[:-1]]
    sentence = f"The last hidden layer puts out {plain(means[-1], 2)} on average"
    sentence += f", the ones below {', '.join(others)}." if others else "."
    broken = _broke(recording, frame.tick, "saturating", "saturated")
    return Panel("drift", "mean output of each hidden layer", sentence, tuple(marks), broken=broken, least=Size(30, 7),
                 weight=1.3)  # fmt: skip


def twins(frame: Frame, recording: Recording) -> Panel:
    """What each unit of the first hidden layer looks for, as a picture; are they all the same?"""
    weights = frame.arrays["weights/0"].astype(float)
    edge, units = side(frame, recording), weights.shape[1]
    scale = float(np.abs(weights).max()) or 1.0
    different = len(np.unique(weights, axis=1).T)
    spread = float(np.ptp(weights, axis=1).max())
    alike = different == 1
    if not weights.any():
        sentence = f"All weights of the {units} units are 0: no picture at all."
    elif alike:
        sentence = f"{units} units, one picture: the largest difference between two of them is {plain(spread)}."
    else:
        sentence = f"{units} units, {different} different pictures; the largest difference is {plain(spread)}."
    images = weights.T.reshape(units, edge, edge)
    label = Line(sentence.split(":")[0].split(";")[0], "error" if alike else "good", bold=True)
    marks = (
        ImageGrid(rect=(0.0, 0.12, 1.0, 1.0), images=images, lo=-scale, hi=scale, scale="diverging", columns=6,
                  name="weights into one unit"),
        TextBlock(rect=(0.0, 0.0, 1.0, 0.1), lines=(label,)),
    )  # fmt: skip
    broken = any(event.kind == "symmetric_units" and event.tick <= frame.tick for event in recording.events)
    return Panel(
        "twins", "what each hidden unit looks for", sentence, marks, broken=broken, least=Size(30, 9), weight=1.6
    )


def zigzag(frame: Frame, recording: Recording) -> Panel:
    """The path of a unit's two weights, and the straight way; how many steps moved both the same way."""
    states: list[Array] = []
    steps: list[int] = []
    for one in recording.frames:
        if one.tick > frame.tick:
            break
        if one.phase in ("update", "eval") and (not steps or one.step != steps[-1]):
            states.append(one.arrays["weights/0"][:2, 0].astype(float))
            steps.append(one.step)
    path = np.array(states)
    moves = np.diff(path, axis=0)
    moves = moves[np.abs(moves).sum(axis=1) > 0]
    known = np.concatenate([path, [[0.0, 0.0], [1.0, -1.0], [-0.4, 0.4]]])
    middle, half = (known.max(axis=0) + known.min(axis=0)) / 2, 0.56 * float(np.ptp(known, axis=0).max())

    def unit(xy: Array) -> Array:
        place: Array = (xy - middle + half) / (2 * half)
        return place

    zero = unit(np.zeros(2))
    marks: list[Mark] = [
        Axes(xlabel="weight 1", ylabel="weight 2", zero_x=float(zero[0]), zero_y=float(zero[1])),
    ]
    if len(path) > 1:
        here = unit(path[-1])
        for end in ((0.0, 1.0), (1.0, 0.0)):  # the quadrants of the next step
            cross = np.array([[here[0], end[0]], [here[0], end[1]]]) if end[0] < end[1] else None
            line = cross if cross is not None else np.array([[0.0, here[1]], [1.0, here[1]]])
            marks.append(Polyline(xy=line, role="muted", style="dotted", name="here"))
        marks.append(Polyline(xy=unit(path[[0, -1]]), role="good", style="dashed", width=2, name="the straight way"))
        marks.append(Polyline(xy=unit(path), role="negative", width=2, dots=len(path) < 30, name="the path"))
        marks.append(Polyline(xy=unit(path[-2:]), role="attention", width=3, arrow=True, name="the newest step"))
    if not len(moves):
        sentence = "Both weights are 0; nothing has moved yet."
    else:
        same = int((moves[:, 0] * moves[:, 1] > 0).sum())
        way = float(np.hypot(moves[:, 0], moves[:, 1]).sum())
        straight = float(np.hypot(*(path[-1] - path[0])))
        sentence = f"{same} of {len(moves)} steps moved both weights the same way"
        sentence += f"; the path is {plain(way / straight)} times the straight way." if straight else "."
    return Panel(
        "zigzag", "the path of two weights", sentence, tuple(marks), least=Size(26, 9), square=True, weight=1.6
    )
