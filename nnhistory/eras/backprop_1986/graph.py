"""The net as a picture: signal going forward, error coming back, each unit with what it computes."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Graph, Mark, Panel, Role, Size
from nnhistory.eras.backprop_1986.frames import depth, net_of, side, weight_name, window
from nnhistory.eras.backprop_1986.net import forward

__all__ = ["net", "surfaces"]

_MOST = 8
"""Units of a layer that are drawn; of a larger one these stand for the others."""
_CELLS = 18
"""Cells on a side of the small picture in a unit."""
_PALE = 1e-4
"""A layer whose error signal is smaller than this share of the last one's gets none worth drawing."""

_CARRIES = {
    "forward": "carries weight times input",
    "backward": "brings back weight times error signal",
    "update": "moves by this",
}


class _Column(NamedTuple):
    """Units of one layer: which are drawn, and how many there are."""

    shown: Array
    size: int


def _columns(frame: Frame) -> list[_Column]:
    sizes = [frame.arrays["input"].shape[1]]
    sizes += [frame.arrays[f"weights/{layer}"].shape[1] for layer in range(depth(frame))]
    return [_Column(_some(size), size) for size in sizes]


def _some(size: int) -> Array:
    return np.arange(size) if size <= _MOST else np.unique(np.linspace(0, size - 1, _MOST).round().astype(int))


def surfaces(frame: Frame, recording: Recording, cells: int) -> list[Array] | None:
    """What every unit puts out over the plane of two inputs: (units, cells, cells) for each layer, top row first."""
    view = window(frame, recording)
    if view is None:
        return None
    x = np.linspace(view.low[0], view.high[0], 2 * cells + 1)[1::2]
    y = np.linspace(view.high[1], view.low[1], 2 * cells + 1)[1::2]
    grid = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    outputs = forward(net_of(frame, recording), grid).act
    return [act.T.reshape(-1, cells, cells) for act in outputs]


def net(frame: Frame, recording: Recording) -> Panel:
    """Units in columns, the input on the left. What goes over the links is what happens in this phase."""
    columns = _columns(frame)
    starts = np.cumsum([0, *(len(column.shown) for column in columns)])
    xy = np.concatenate([_places(k, len(columns), len(column.shown)) for k, column in enumerate(columns)])
    edges: list[Array] = []
    carried: list[Array] = []
    loads, flow, what = _loads(frame)
    carries = _CARRIES.get(frame.phase, "a weight")
    for layer, load in enumerate(loads):
        below, above = columns[layer], columns[layer + 1]
        edges.append(_edges(starts[layer], len(below.shown), starts[layer + 1], len(above.shown)))
        carried.append(load[np.ix_(below.shown, above.shown)].ravel())
        rest = load[below.size :]
        if len(rest):  # rows of the inputs, which reach the last layer directly
            edges.append(_edges(0, len(columns[0].shown), starts[layer + 1], len(above.shown)))
            carried.append(rest[np.ix_(columns[0].shown, above.shown)].ravel())
    scale = max((float(np.abs(load).max(initial=0.0)) for load in loads), default=1.0) or 1.0
    called, pictures = _names(columns), _pictures(frame, recording, columns)
    inside = ""
    if any(picture is not None for picture in pictures):
        what_for = "its output everywhere" if window(frame, recording) is not None else "what it looks for"
        inside = f"; where it has a picture: {what_for}"
    mark = Graph(
        xy=xy,
        edges=np.concatenate(edges),
        weights=np.concatenate(carried),
        values=_values(frame, recording, columns),
        labels=called if len(called) <= 20 else (),
        node_names=called,
        pictures=pictures,
        weight_scale=scale,
        flow=flow,
        links=_links(columns, loads),
        hint=f"{carries}; a larger weight: the next unit hears more of this one; click: X-ray",
        node_hint="its output for the first pattern shown, −1 to 1 about the middle" + inside,
        name="the net",
    )
    marks: tuple[Mark, ...] = (mark,)
    hidden = sum(column.size > len(column.shown) for column in columns)
    sentence = what + (f" Of the larger layers {_MOST} units are drawn." if hidden else "")
    return Panel(
        "net", "the net: signal forward, error back", sentence, marks, least=Size(30, 9),
        weight=2.6 if window(frame, recording) is not None else 1.6,
        broken=any(e.kind in ("local_minimum", "vanishing") and e.tick <= frame.tick for e in recording.events)
        and (recording.scalar("train_error", frame.tick) or 0.0) > 0.1,
    )  # fmt: skip


def _links(columns: list[_Column], loads: list[Array]) -> tuple[str, ...]:
    """The weights' names, in the order of the edges."""
    depth = len(loads)
    names: list[str] = []
    for layer, load in enumerate(loads):
        below, above = columns[layer], columns[layer + 1]
        rows = [int(unit) for unit in below.shown]
        if load.shape[0] > below.size:
            rows += [below.size + int(unit) for unit in columns[0].shown]
        names += [weight_name(layer, row, int(unit), below.size, depth) for row in rows for unit in above.shown]
    return tuple(names)


def _places(column: int, columns: int, count: int) -> Array:
    x = np.full(count, 0.04 + 0.92 * column / max(1, columns - 1))
    y = np.array([0.5]) if count == 1 else np.linspace(0.94, 0.06, count)
    if count == 2:
        y = np.array([0.78, 0.22])
    return np.column_stack([x, y])


def _edges(start: int, count: int, start_above: int, count_above: int) -> Array:
    below, above = np.meshgrid(start + np.arange(count), start_above + np.arange(count_above), indexing="ij")
    return np.column_stack([below.ravel(), above.ravel()])


def _loads(frame: Frame) -> tuple[list[Array], Role | None, str]:
    """What each link carries now, as the weights are shaped; the light on it; and a sentence."""
    layers = range(depth(frame))
    weights = [frame.arrays[f"weights/{layer}"].astype(float) for layer in layers]
    if frame.phase == "forward":
        return [_seen(frame, k)[:, None] * weights[k] for k in layers], "positive", (
            "The signal goes forward: every link carries its weight times what comes in."
        )  # fmt: skip
    if frame.phase == "backward":
        back = [weights[k] * np.sqrt((frame.arrays[f"delta/{k}"].astype(float) ** 2).mean(axis=0)) for k in layers]
        top = float(np.abs(back[-1]).max(initial=0.0))
        first = float(np.abs(back[0]).max(initial=0.0))
        share = first / top if top else 0.0
        told = f"The error comes back: what reaches the first links is {plain(share)} of what leaves the output."
        return [load if np.abs(load).max(initial=0.0) >= _PALE * top else 0.0 * load for load in back], "gradient", told
    if frame.phase == "update":
        moved = [frame.arrays[f"state/{k}"].astype(float) for k in layers]
        largest = max(float(np.abs(m).max(initial=0.0)) for m in moved)
        return moved, "attention", f"Every weight moves, the most by {plain(largest)}: thick links move most."
    if frame.phase == "present":
        return weights, None, "Patterns are put on the input; thickness and colour of a link are its weight."
    largest = max(float(np.abs(w).max(initial=0.0)) for w in weights)
    return weights, None, f"The weights: blue pushes, orange holds back; the largest is {plain(largest)} in size."


def _seen(frame: Frame, layer: int) -> Array:
    """What comes into a layer, mean over the batch, the inputs below it if it sees them directly: (n_in,)."""
    seen = frame.arrays["input"] if layer == 0 else frame.arrays[f"act/{layer - 1}"]
    mean = seen.mean(axis=0)
    missing = frame.arrays[f"weights/{layer}"].shape[0] - len(mean)
    return np.concatenate([mean, frame.arrays["input"].mean(axis=0)]) if missing else mean


def _values(frame: Frame, recording: Recording, columns: list[_Column]) -> Array:
    """The units' outputs for the first pattern shown, −1 to 1, .5 of a sigmoid in the middle."""
    arrays = frame.arrays
    values = [np.clip(arrays["input"][0], -1.0, 1.0)[columns[0].shown]]
    net = net_of(frame, recording)
    for layer, column in enumerate(columns[1:]):
        if f"act/{layer}" not in arrays or frame.phase == "present":
            values.append(np.zeros(len(column.shown)))
            continue
        act = arrays[f"act/{layer}"][0, column.shown].astype(float)
        values.append(2 * act - 1 if net.function(layer) in ("sigmoid", "softmax") else np.clip(act, -1, 1))
    return np.concatenate(values)


def _names(columns: list[_Column]) -> tuple[str, ...]:
    names: list[str] = []
    for k, column in enumerate(columns):
        letter = "x" if k == 0 else "y" if k == len(columns) - 1 else "h" if len(columns) <= 3 else f"h{k}."
        alone = column.size == 1
        names += [letter if alone else f"{letter}{unit + 1}" for unit in column.shown]
    return tuple(names)


def _pictures(frame: Frame, recording: Recording, columns: list[_Column]) -> tuple[Any, ...]:
    """In each unit its own decision surface, or the picture of the pixels it looks for."""
    planes = surfaces(frame, recording, _CELLS)
    if planes is not None and sum(len(column.shown) for column in columns) <= 40:
        found: list[Any] = [None] * len(columns[0].shown)
        for layer, column in enumerate(columns[1:]):
            half = 0.0 if net_of(frame, recording).function(layer) in ("tanh", "linear") else 0.5
            found += [planes[layer][unit] - half for unit in column.shown]
        return tuple(found)
    edge = side(frame, recording)
    if edge:
        weights = frame.arrays["weights/0"]
        found = [None] * len(columns[0].shown)
        found += [weights[:, unit].reshape(edge, edge) for unit in columns[1].shown]
        found += [None] * sum(len(column.shown) for column in columns[2:])
        return tuple(found)
    return ()
