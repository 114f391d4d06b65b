"""The pictures of layers: what each puts out, how wide the signal is, how much of the error comes back."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    HeatMap,
    Histogram,
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
from nnhistory.eras.deep_2010.activations import slope, value
from nnhistory.eras.deep_2010.frames import chosen, depth, happened, names, per_layer, short, tame

__all__ = ["function", "halfplanes", "layers", "signal", "spread", "units", "updates"]

_MOST = 12
"""Layers that get a bar of their own; of a deeper net these stand for the others."""
_USUAL = 1e-3
"""Share of a layer's weights that a step usually moves: a rule of thumb of courses (record X27)."""
_HISTOGRAMS = 10
_GAP = 0.02
"""Left free on either side of a histogram: about a column of a terminal between two."""
_LITTLE = 1e-3
"""Share of the last hidden layer's error signal below which the first one gets next to nothing."""
_NAMES = {"relu": "ReLU", "leaky_relu": "leaky ReLU", "prelu": "PReLU", "elu": "ELU"}
_SPIKE = 0.02
"""A layer whose outputs spread less than this share of the range shown is a spike."""


def _none(id: str, title: str, note: str) -> Panel:
    return Panel(id, title, note, (TextBlock(lines=(Line(note),)),), least=Size(24, 3))


def _range(frame: Frame, unit: str, shown: list[int]) -> tuple[float, float]:
    """The same range for all layers, so that a signal that shrinks is seen to shrink."""
    if unit in ("sigmoid", "tanh", "step"):
        return (-1.0 if unit == "tanh" else 0.0), 1.0
    spreads = [float(tame(frame.arrays[f"act/{layer}"]).std()) for layer in shown]
    high = 3.0 * max(1e-12, *spreads)
    return (0.0 if unit == "relu" else -1.2 if unit == "elu" else -high), high


def layers(frame: Frame, recording: Recording) -> Panel:
    """The outputs of each hidden layer as a histogram; all have one range, the first layer is on the left."""
    title = "what each layer puts out"
    hidden = depth(frame) - 1
    if hidden < 1 or not all(frame.arrays[f"act/{layer}"].size for layer in range(hidden)):
        return _none("layers", title, "No outputs of hidden layers are shown in this moment.")
    unit, shown = recording.header.config["unit"], chosen(hidden, _HISTOGRAMS)
    low, high = _range(frame, unit, shown)
    sds = [float(tame(frame.arrays[f"act/{layer}"]).std()) for layer in shown]
    counted = per_layer(frame, recording, "act_sd", hidden)[shown]
    if frame.phase in ("eval", "done") and np.isfinite(counted).all():
        sds = counted.tolist()  # over all patterns, as every other picture has it; drawn are some
    rows = 2 if len(shown) > 5 else 1
    columns = -(-len(shown) // rows)
    marks: list[Mark] = []
    silent: list[float] = []
    for place, layer in enumerate(shown):
        outputs = tame(frame.arrays[f"act/{layer}"]).ravel()
        counts, edges = np.histogram(np.clip(outputs, low, high), bins=21, range=(low, high))
        drawn = _zeros_cut(counts) if unit == "relu" else counts
        if drawn is not counts:
            silent.append(float((outputs == 0).mean()))
        x0, y1 = (place % columns) / columns, 1.0 - (place // columns) / rows
        rect: Rect = (x0 + _GAP, y1 - 0.78 / rows, x0 + 1 / columns - _GAP, y1 - 0.01)
        flat = sds[place] < _SPIKE * (high - low)
        ends = recording.scalar(f"saturated/{layer}", frame.tick) or 0.0
        role: Role = "error" if flat or (unit in ("tanh", "sigmoid") and ends > 0.5) else "positive"
        marks.append(Histogram(rect=rect, counts=drawn, edges=edges, role=role, name=f"outputs of layer {layer + 1}"))
        text = f"{layer + 1}: {plain(sds[place], 2)}"
        below: Rect = (x0 + 0.008, max(0.0, y1 - 0.99 / rows), x0 + 1 / columns - 0.008, y1 - 0.8 / rows)
        marks.append(TextBlock(rect=below, lines=(Line(text, "error" if role == "error" else "muted"),)))
    first, last = plain(sds[0], 3), plain(sds[-1], 3)
    sentence = f"From {plain(low)} to {plain(high, 2)}: the outputs spread by {first} in the first hidden layer and by"
    means = [short(float(mean)) for mean in np.nan_to_num(per_layer(frame, recording, "act_mean", hidden))[[0, -1]]]
    sentence += f" {last} in the last; their means are {means[0]} and {means[1]}."
    if silent:
        title += ": zeros cut"
        sentence += f" Of all outputs {plain(100 * float(np.mean(silent)), 2)} % are 0: that bar is cut."
    shares = [recording.scalar(f"saturated/{layer}", frame.tick) or 0.0 for layer in shown]
    if unit in ("tanh", "sigmoid") and min(shares) > 0.5:
        sentence += f" {plain(100 * float(np.mean(shares)), 2)} % sit at an end of the range."
    elif sds[-1] < _SPIKE * (high - low):
        sentence += " The last layers say next to the same to everything."
    return Panel("layers", title, sentence, tuple(marks), least=Size(12 * columns, 5 * rows), weight=1.8,
                 broken=happened(recording, frame, "saturated"))  # fmt: skip


def _zeros_cut(counts: Array) -> Array:
    """Rectified units say 0 so often that beside it nothing else is seen: its bar ends a little above the others."""
    top = int(counts[1:].max())
    return np.append(2 * top, counts[1:]) if 0 < 2 * top < counts[0] else counts


def _bars(values: Array, shown: list[int], labels: tuple[str, ...], name: str, ticks: Array | None, role: Role) -> Bars:
    """One bar a layer on a log scale, the first layer at the bottom."""
    some = values[shown]
    beside = np.full(len(shown), np.nan) if ticks is None else ticks[shown]
    known = np.concatenate([some, beside])
    known = known[np.isfinite(known) & (known > 0)]
    high = float(known.max()) * 2
    low = min(float(known.min()), float(known.max()) * 1e-2) / 4
    bars = np.maximum(np.nan_to_num(some, nan=low), low)[::-1]
    return Bars(
        values=bars, labels=tuple(labels[k] for k in shown)[::-1], lo=low, hi=high, roles=(role,) * len(shown),
        log=True, horizontal=True, name=name, ticks=None if ticks is None else beside[::-1],
        texts=tuple("not a number" if np.isnan(v) else plain(float(v), 2) for v in some[::-1]),
    )  # fmt: skip


def spread(frame: Frame, recording: Recording) -> Panel:
    """The standard deviation of each hidden layer's outputs, log scale; ticks: theory for the first weights."""
    title, hidden = "the signal: how wide in each layer", depth(frame) - 1
    sds = per_layer(frame, recording, "act_sd", hidden)
    if hidden < 1 or not (sds > 0).any():
        return _none("spread", title, "All hidden units put out the same: the spread is 0 in every layer.")
    predicted = per_layer(frame, recording, "theory_sd", hidden)
    theory = predicted if frame.step == 0 and (predicted > 0).any() else None
    bars = _bars(sds, chosen(hidden, _MOST), names(hidden + 1), "spread of outputs", theory, "positive")
    sentence = f"The outputs spread by {plain(float(sds[0]))} in hidden layer 1, by {plain(float(sds[-1]))} in layer"
    sentence += f" {hidden}."
    if hidden > 1 and sds[0] > 0 and sds[-1] > 0:
        sentence += f" A factor of {plain(float((sds[-1] / sds[0]) ** (1 / (hidden - 1))))} for each layer"
        sentence += ", ticks are theory." if theory is not None else "."
    return Panel("spread", title, sentence, (bars,), least=Size(28, min(_MOST, hidden) + 1))


def signal(frame: Frame, recording: Recording) -> Panel:
    """The error signal dE/dz of each layer, log scale. Ticks: theory, down from the last hidden layer."""
    title, count = "the error: how much of it reaches each layer", depth(frame)
    sizes = per_layer(frame, recording, "delta_rms", count)
    if not (sizes > 0).any():
        return _none("signal", title, "No error signal is left in any layer.")
    top, factor = count - 2, recording.scalar("theory_factor", frame.tick)
    ticks = None
    if factor is not None and top >= 1 and frame.step == 0 and sizes[top] > 0:
        ticks = np.append(sizes[top] * factor ** np.arange(top, -1, -1.0), np.nan)
    bars = _bars(sizes, chosen(count, _MOST), names(count), "size of dE/dz", ticks, "gradient")
    sentence = f"The first hidden layer's error signal is {plain(float(sizes[0]))}, the last one's"
    sentence += f" {plain(float(sizes[max(0, top)]))}."
    measured = recording.scalar("backward_factor", frame.tick)
    if measured is not None:
        sentence = f"Each layer passes on {plain(measured)} of the error"
        sentence += f", theory says {plain(factor)}" if ticks is not None and factor is not None else ""
        if sizes[0] > 0 and sizes[top] > 0:
            share = float(sizes[0] / sizes[top])
            sentence += f": hidden layer 1 gets {plain(share, 2)} of what hidden layer {count - 1} gets"
            if share > 1:
                sentence = sentence.replace(f"{plain(share, 2)} of what", f"{plain(share, 2)} times what")
        sentence += "."
    little = (recording.scalar("backward_ratio", frame.tick) or 1.0) < _LITTLE
    gone = (little or happened(recording, frame, "vanishing", "exploding")) and not happened(
        recording, frame, "leaves_chance"
    )
    return Panel("signal", title, sentence, (bars,), least=Size(30, min(_MOST, count) + 1), broken=gone, weight=1.2)


def updates(frame: Frame, recording: Recording) -> Panel:
    """How far the newest step moved each layer's weights, as a share of their size, log scale; ticks: a thousandth."""
    title, count = "the updates: how far a step moves each layer", depth(frame)
    frozen = recording.header.config["frozen"]
    ratios = per_layer(frame, recording, "update_ratio", count)
    if not (ratios > 0).any():
        return _none("updates", title, "The newest step moved no weight.")
    labels = tuple(f"frozen {layer + 1}" if layer < frozen else name for layer, name in enumerate(names(count)))
    bars = _bars(ratios, chosen(count, _MOST), labels, "update / weight", np.full(count, _USUAL), "positive")
    last = plain(float(ratios[-1]), 2)
    sentence = f"The newest step moved the output layer's weights by {last} of their size; a thousandth is usual."
    if frozen:
        sentence += f" The first {plain(frozen)} layers are frozen: they do not move."
    return Panel("updates", title, sentence, (bars,), least=Size(32, min(_MOST, count) + 1))


def units(frame: Frame, recording: Recording) -> Panel:
    """Every hidden unit as a cell, a row for each layer: blue, how often it is on; orange: never, on any pattern."""
    title, hidden = "which units are ever on", depth(frame) - 1
    shares = [frame.arrays[f"hidden/{layer}"].astype(float) for layer in range(hidden)]
    if not shares:
        return _none("units", title, "This net has no hidden units.")
    relu = recording.header.config["unit"] == "relu"
    shown = chosen(hidden, 12)
    wide = max(len(shares[layer]) for layer in shown)
    cuts = -(-wide // 25) if hidden <= 3 and wide > 25 else 1
    across = -(-wide // cuts)
    rows: list[Array] = []
    told: list[Array] = []
    places: list[float] = []
    for layer in reversed(shown):
        on = np.sort(np.nan_to_num(shares[layer]))[::-1]
        cells = np.where(on > 0, 0.15 + 0.85 * on, -1.0)
        rest = (0, across * cuts - len(cells))
        rows += [*np.pad(cells, rest).reshape(cuts, across), np.zeros(across)]
        told += [*np.pad(on, rest, constant_values=np.nan).reshape(cuts, across), np.full(across, np.nan)]
        places.append(len(rows) - 1 - cuts / 2)
    image = np.array(rows[:-1])
    rect: Rect = (0.16, 0.1, 0.99, 0.99)
    ticks = tuple((1 - place / len(image), f"hidden {layer + 1}") for place, layer in zip(places, shown[::-1],
                                                                                          strict=True))  # fmt: skip
    never = [int((share == 0).sum()) for share in shares]
    word = "dead" if relu else "never above 0"
    marks = (
        Axes(rect=rect, yticks=ticks, xlabel=f"blue: on; orange: {word}"),
        HeatMap(
            rect=rect,
            values=image,
            lo=-1.0,
            hi=1.0,
            told=np.array(told[:-1]),
            name="share of patterns on which the unit is on",
        ),
    )
    total, count = sum(never), sum(len(share) for share in shares)
    if hidden <= 4:
        each = ", ".join(f"{n} of {len(share)}" for n, share in zip(never, shares, strict=True))
        sentence = f"Units that are {word}, layer by layer: {each}."
    else:
        sentence = f"{total} of {count} units are {word}."
    if total == 0:
        sentence = f"All {count} hidden units are on for some pattern."
    return Panel("units", title, sentence, marks, least=Size(34, min(9, len(image) + 2)), weight=1.4,
                 broken=happened(recording, frame, "dead_units") and relu)  # fmt: skip


def halfplanes(frame: Frame, recording: Recording) -> Panel:
    """Points in the plane, and for each unit of the first layer the line beyond which it is on."""
    x = recording.array("data/x", frame.tick)
    wanted = recording.array("data/t", frame.tick)
    assert x is not None
    assert wanted is not None
    W, b = frame.arrays["weights/0"].astype(float), frame.arrays["bias/0"].astype(float)
    middle = (x.max(axis=0) + x.min(axis=0)) / 2
    half = 0.5 * float((x.max(axis=0) - x.min(axis=0)).max()) * 1.5
    low = middle - half
    marks: list[Mark] = []
    on = frame.arrays["hidden/0"]
    dead = 0
    for unit in range(min(W.shape[1], 40)):
        w, length = W[:, unit], float(np.linalg.norm(W[:, unit]))
        gone = bool(on[unit] == 0)
        dead += gone
        if length == 0 or not np.isfinite(length):
            continue
        foot = middle - w * (float(w @ middle) + b[unit]) / length**2
        along = np.array([-w[1], w[0]]) / length
        ends = (np.array([foot - 4 * half * along, foot + 4 * half * along]) - low) / (2 * half)
        marks.append(Polyline(xy=ends, role="error" if gone else "muted", width=2 if gone else 1,
                              style="dashed" if gone else "solid",
                              name=f"unit {unit + 1}: its sum is 0 on this line"))  # fmt: skip
        # Near where the line leaves the picture: among the points the arrow would not be seen.
        way = foot + np.linspace(0.0, 3.0 * half, 61)[:, None] * along
        inside = way[(np.abs(way - middle) <= 0.86 * half).all(axis=1)]
        start = inside[-1] if len(inside) else foot
        tip = (np.array([start, start + 0.16 * half * w / length]) - low) / (2 * half)
        if (tip >= 0).all() and (tip <= 1).all():
            marks.append(Polyline(xy=tip, role="error" if gone else "positive", arrow=True, name="on beyond it"))
    labels = wanted[:, 0] - wanted[:, -1] if wanted.shape[1] > 1 else 0.5 - wanted[:, 0]
    marks.append(Points(xy=((x - low) / (2 * half))[:400], labels=-labels[:400]))
    total = W.shape[1]
    sentence = f"{total} units of the first layer, each on beyond its line. All of them reach some point."
    if dead:
        gone_words = f"{dead} of {total} units have" if dead > 1 else f"1 of {total} units has"
        sentence = f"{gone_words} no point on the side where it is on (dashed): 0 for all, no gradient, no way back."
    return Panel("halfplanes", "where each unit is on", sentence, tuple(marks), least=Size(28, 10), square=True,
                 weight=3.0, broken=happened(recording, frame, "dead_units"))  # fmt: skip


def function(frame: Frame, recording: Recording) -> Panel:
    """The unit's output and slope over its sum, and where the sums of one hidden layer lie."""
    config, hidden = recording.header.config, depth(frame) - 1
    unit = config["unit"] if hidden else config["output"]
    title = "the unit: output and slope"
    if unit == "maxout":
        note = f"A maxout unit is the largest of {config['pieces']} sums: it learns its shape."
        return _none("function", title, note)
    leak = config["leak"]
    if unit == "prelu" and "state/slope_0" in frame.arrays:
        leak = float(frame.arrays["state/slope_0"].mean())
    layer = max(0, (hidden - 1) // 2)
    reach = 6.0
    z = np.linspace(-reach, reach, 121)
    y, d = value(unit, z, leak), slope(unit, z, leak)
    low, high = {"sigmoid": (-0.2, 1.2), "step": (-0.2, 1.2), "tanh": (-1.2, 1.2)}.get(unit, (-1.4, 3.0))
    rect: Rect = (0.1, 0.34, 0.98, 0.97)

    def placed(values: Array) -> Array:
        scaled = (values - low) / (high - low)
        return np.column_stack([(z + reach) / (2 * reach), np.where((scaled < 0) | (scaled > 1), np.nan, scaled)])

    zero = -low / (high - low)
    marks: list[Mark] = [
        Axes(rect=rect, zero_x=0.5, zero_y=zero, yticks=((zero, "0"), ((1 - low) / (high - low), "1"))),
        Polyline(rect=rect, xy=placed(d), role="gradient", width=2, style="dashed", name="slope"),
        Polyline(rect=rect, xy=placed(y), role="positive", width=3, name="output"),
    ]
    told = ""
    if hidden and frame.arrays[f"pre/{layer}"].size and not config["batchnorm"]:
        sums = np.nan_to_num(frame.arrays[f"pre/{layer}"].astype(float)).ravel()
        counts, edges = np.histogram(np.clip(sums, -reach, reach), bins=40, range=(-reach, reach))
        marks.append(Histogram(rect=(0.1, 0.13, 0.98, 0.32), counts=counts, edges=edges, role="muted",
                               name=f"sums of hidden layer {layer + 1}"))  # fmt: skip
        key = Line(f"bars: sums in hidden layer {layer + 1}", "muted")
        marks.append(TextBlock(rect=(0.0, 0.0, 1.0, 0.1), lines=(key,)))
        mean = float(slope(unit, sums, leak).mean())
        told = f" On average the slope is {plain(mean, 2)} at the sums of hidden layer {layer + 1}."
    words = _NAMES.get(unit, unit.replace("_", " "))
    sentence = f"{words[:1].upper()}{words[1:]}: its output over its sum, and the slope, dashed.{told}"
    return Panel("function", title, sentence, tuple(marks), least=Size(30, 9), weight=1.2)
