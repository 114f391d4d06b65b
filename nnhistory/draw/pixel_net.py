"""Lowering of networks: links by sign and size, nodes by value or with a small picture of what they compute."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.scene import Graph, Role
from nnhistory.draw import ramps
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB, mix
from nnhistory.draw.pixel_canvas import Canvas, Floats
from nnhistory.draw.shapes import Circle
from nnhistory.draw.spots import LinksSpot, PlacesSpot

__all__ = ["graph"]

_STRENGTHS = 12
"""Shades of a link's colour."""

_POINTED, _MOST_POINTED = 0.12, 24
"""An arrow head is drawn on links that carry more than this share of the strongest one, and on so many at most."""


def graph(canvas: Canvas, mark: Graph, room: Box) -> None:
    """Weak links first, then strong ones, then nodes."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    if not len(xy):
        return
    plot, radius = _room_for_nodes(canvas, mark, xy, room)
    place = canvas.place(plot, np.clip(xy, 0.0, 1.0))
    edges = np.asarray(mark.edges, dtype=np.int64).reshape(-1, 2)
    weights = np.asarray(mark.weights, dtype=np.float64).reshape(-1)
    if len(edges) == len(weights) and len(edges):
        _links(canvas, mark, place, edges, weights, radius)
    _nodes(canvas, mark, place, radius, plot)
    if len(edges) == len(weights) and len(edges):
        told = weights if mark.link_values is None else np.asarray(mark.link_values, dtype=np.float64).reshape(-1)
        names = mark.links or tuple(_link_name(mark, int(a), int(b)) for a, b in edges) if len(edges) <= 4000 else ()
        canvas.drawing.spots.append(
            LinksSpot(room, mark, place[edges[:, 0]], place[edges[:, 1]], told, 5.0 * canvas.scale, names)
        )
    drawn = () if mark.values is None else np.asarray(mark.values, dtype=np.float64).reshape(-1)
    values = mark.node_values or drawn
    reach = max(radius, 6.0 * canvas.scale)
    canvas.drawing.spots.append(
        PlacesSpot(room, mark, place, (reach, reach), mark.node_names or mark.labels, values, "node", mark.node_hint)
    )


def _link_name(mark: Graph, a: int, b: int) -> str:
    first = mark.labels[a] if a < len(mark.labels) and mark.labels[a] else f"unit {a + 1}"
    second = mark.labels[b] if b < len(mark.labels) and mark.labels[b] else f"unit {b + 1}"
    return f"{first} to {second}"


def _room_for_nodes(canvas: Canvas, mark: Graph, xy: Floats, room: Box) -> tuple[Box, float]:
    """Node radius from the nearest neighbours; the plot moves in so that no node is cut."""
    s = canvas.scale
    spread = xy * np.array([room.width, room.height])
    nearest = min(room.width, room.height) / 2
    if 1 < len(xy) <= 600:
        nearest = _nearest_two(spread.tobytes()) or nearest
    elif len(xy) > 600:
        nearest = math.sqrt(room.width * room.height / len(xy))
    pictured = any(picture is not None for picture in mark.pictures)
    share = 0.27 if pictured and any(mark.labels) else 0.4
    radius = min(nearest * share, 34 * s if pictured else 15 * s)
    radius = max(1.5 * s, radius)
    pad = min(radius + 2 * s, min(room.width, room.height) / 3)
    below = canvas.small * 1.4 if pictured and any(mark.labels) else 0.0
    return room.inset(pad, pad, pad, pad + below), radius


@lru_cache(maxsize=64)
def _nearest_two(places: bytes) -> float:
    """The least distance between two different places (n, 2), 0 if there are none. Nodes stay while values change."""
    xy = np.frombuffer(places, dtype=np.float64).reshape(-1, 2)
    d = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))
    near = d[np.isfinite(d) & (d > 1e-6)]
    return float(near.min()) if near.size else 0.0


def _links(
    canvas: Canvas, mark: Graph, place: Floats, edges: NDArray[np.int64], weights: Floats, radius: float
) -> None:
    s = canvas.scale
    finite = np.where(np.isfinite(weights), weights, 0.0)
    strength = np.clip(np.abs(finite) / (mark.weight_scale or 1.0), 0.0, 1.0)
    order = np.argsort(strength, kind="stable")
    if len(order) > 1500:
        # What is left out is thinner than a hair, and there is too much of it to be told apart.
        order = order[strength[order] > 0.03][-6000:]
    widest = min(7.0 * s, max(1.6 * s, radius * 0.6))
    # An error on its way back is one stream, whatever the signs of the weights that it passes; a signal has its own.
    back = mark.flow == "gradient"
    lit = None if mark.flow is None or back else canvas.palette.colour(mark.flow)
    signs: tuple[Role, Role] = ("gradient", "gradient") if back else ("positive", "negative")
    shades = {1: _shades(canvas, signs[0]), -1: _shades(canvas, signs[1]), 0: _shades(canvas, "muted")}
    ends = place[edges]
    seen: NDArray[np.bool_] = np.asarray(np.isfinite(ends).all(axis=(1, 2)))
    bad, error = np.logical_not(np.isfinite(weights)), canvas.palette.colour("error")
    glow = None if lit is None else mix(canvas.paper, lit, 0.35)
    order = order[seen[order]]
    # Thousands of links: what NumPy can tell of all of them at once is not asked link by link.
    for xy, power, sign, lost in zip(
        ends[order], strength[order].tolist(), np.sign(finite[order]).tolist(), bad[order].tolist(), strict=True
    ):
        colour: RGB = error if lost else shades[sign][round(power * _STRENGTHS)]
        width = max(0.6 * s, widest * power)
        if glow is not None and power > 0.02:
            canvas.stroke(xy, glow, width + 4 * s)
        canvas.stroke(xy, colour, width)
    if mark.flow in ("positive", "gradient"):
        for index in order[strength[order] > _POINTED][-_MOST_POINTED:]:
            ends = place[edges[index, ::-1] if back else edges[index]]
            colour = shades[int(np.sign(finite[index]))][round(float(strength[index]) * _STRENGTHS)]
            _way(canvas, ends[0], ends[1], colour, 5.0 * s + widest * float(strength[index]), radius)


def _way(canvas: Canvas, start: Floats, end: Floats, colour: RGB, size: float, radius: float) -> None:
    """Which way a stream flows: an arrow head in the middle of its link."""
    length = float(np.hypot(*(end - start)))
    if not length > 2 * radius + 2 * size:
        return
    d = (end - start) / length
    side, tip = np.array([-d[1], d[0]]), (start + end) / 2 + d * size / 2
    corners = [tip, tip - d * size + side * size * 0.62, tip - d * size - side * size * 0.62]
    canvas.polygon(corners, mix(colour, canvas.palette.colour("ink"), 0.25))


def _shades(canvas: Canvas, role: Role) -> list[RGB]:
    full = canvas.palette.colour(role)
    return [mix(canvas.paper, full, 0.22 + 0.78 * k / _STRENGTHS) for k in range(_STRENGTHS + 1)]


def _nodes(canvas: Canvas, mark: Graph, place: Floats, radius: float, plot: Box) -> None:
    s, size = canvas.scale, canvas.small
    values = None if mark.values is None else np.asarray(mark.values, dtype=np.float64).reshape(-1)
    rim = canvas.palette.colour("muted")
    known = np.zeros(len(place))
    if values is not None:
        known[: len(values)] = values[: len(place)]
    fills = ramps.shade(known.reshape(1, -1), -1.0, 1.0, "diverging", canvas.palette)[0].tolist()
    line = max(1.0, min(1.6 * s, radius * 0.2))
    spots, told = place.tolist(), {index for index, label in enumerate(mark.labels) if label}
    told |= {index for index, picture in enumerate(mark.pictures) if picture is not None}
    # A retina has four hundred nodes and nothing to say about each.
    canvas.drawing.shapes += [
        Circle(x, y, radius, (r, g, b), rim, line)
        for index, ((x, y), (r, g, b)) in enumerate(zip(spots, fills, strict=True))
        if index not in told and math.isfinite(x) and math.isfinite(y)
    ]
    for index in sorted(told):
        if index >= len(spots):
            break
        x, y = spots[index]
        if not (math.isfinite(x) and math.isfinite(y)):
            continue
        picture = mark.pictures[index] if index < len(mark.pictures) else None
        if picture is not None and np.size(picture):
            image = np.atleast_2d(np.asarray(picture, dtype=np.float64))
            box = Box(x - radius, y - radius, 2 * radius, 2 * radius)
            reach = float(np.abs(image[np.isfinite(image)]).max(initial=0.0)) or 1.0
            canvas.image(box, ramps.shade(image, -reach, reach, "diverging", canvas.palette))
            canvas.outline(box, rim, max(1.0, 1.5 * s), 2 * s)
        else:
            fill: RGB = tuple(fills[index])
            canvas.circle(x, y, radius, fill, rim, line)
        label = mark.labels[index] if index < len(mark.labels) else ""
        if label:
            ground: RGB | None = tuple(fills[index]) if picture is None else None
            _node_label(canvas, label, float(x), float(y), radius, size, plot, ground)


def _node_label(
    canvas: Canvas, label: str, x: float, y: float, radius: float, size: float, plot: Box, fill: RGB | None
) -> None:
    """Inside the node if it fits, below its picture, else on the side where the plot ends, else below.

    fill : the node's colour; None if there is a picture in its place.
    """
    wide = canvas.width(label, size)
    if fill is None:
        canvas.label(x, y + radius + size * 0.7, label, size)
    elif wide <= radius * 1.6 and size <= radius * 1.7:
        canvas.label(x, y, label, size, "ink", badge=False, on=fill)
    elif x - plot.x < 0.05 * plot.width:
        canvas.label(x + radius + 4 * canvas.scale + wide / 2, y, label, size)
    elif plot.right - x < 0.05 * plot.width:
        canvas.label(x - radius - 4 * canvas.scale - wide / 2, y, label, size)
    else:
        canvas.label(x, y + radius + size * 0.7, label, size)
