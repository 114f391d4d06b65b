"""Lowering of plots: axes, pictures of numbers, points, lines."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.scene import Axes, HeatMap, Points, Polyline, Role
from nnhistory.draw import ramps
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB, mix
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT, Canvas, Floats, meet
from nnhistory.draw.pixel_lines import clipped_paths
from nnhistory.draw.spots import GridSpot, PathsSpot, PlacesSpot

__all__ = ["axes", "cross", "heat_map", "margins", "points", "polyline"]

Flags = NDArray[np.bool_]

_PLUS = np.array(
    [(-1, -1), (-1, -3), (1, -3), (1, -1), (3, -1), (3, 1), (1, 1), (1, 3), (-1, 3), (-1, 1), (-3, 1), (-3, -1)],
    dtype=np.float64,
) / np.array([3.0, 3.0])
"""A + of half width 1, its arms a third as thick."""

_GROUND = 0.5
"""How much of its colour a picture keeps under points."""

_FEW = 25
"""Up to so many square cells are drawn apart."""

_TURN = np.array([[math.sqrt(0.5), -math.sqrt(0.5)], [math.sqrt(0.5), math.sqrt(0.5)]])
_CROSS = _PLUS @ _TURN


def margins(canvas: Canvas, mark: Axes, room: Box) -> tuple[float, float, float, float]:
    """Room that ticks and labels need: left, top, right, bottom."""
    s, size = canvas.scale, canvas.small
    line = size * 1.35
    left = max((canvas.width(text, size) for _, text in mark.yticks), default=0.0)
    left = left + 9 * s if left else 4 * s
    left += line if mark.ylabel else 0.0
    beside = _between_ticks(canvas, mark, 0.8 * room.width)
    bottom = (line + 4 * s if mark.xticks else 4 * s) + (line if mark.xlabel and not beside else 0.0)
    right = max((canvas.width(text, size) / 2 - (1 - at) * room.width for at, text in mark.xticks), default=0.0)
    return left, size * 0.6 if mark.yticks else 2 * s, max(4 * s, right), bottom


def _between_ticks(canvas: Canvas, mark: Axes, width: float) -> bool:
    """Does the label stand between two ticks at the ends? It then costs no row of the plot."""
    if not mark.xlabel or not mark.xticks or any(0.001 < at < 0.999 for at, _ in mark.xticks):
        return False
    size = canvas.small
    taken = 2 * max(canvas.width(text, size) for _, text in mark.xticks)
    return canvas.width(mark.xlabel, size) + taken + 24 * canvas.scale <= width


def axes(canvas: Canvas, mark: Axes, room: Box) -> None:
    """Grid lines, ticks that do not touch each other, labels."""
    s, size = canvas.scale, canvas.small
    faint, line = mix(canvas.paper, canvas.palette.colour("muted"), 0.16), canvas.palette.colour("muted")
    x_places = [(room.x + at * room.width, text) for at, text in mark.xticks if -0.001 <= at <= 1.001]
    y_places = [(room.bottom - at * room.height, text) for at, text in mark.yticks if -0.001 <= at <= 1.001]
    for x, _ in x_places:
        canvas.stroke([(x, room.y), (x, room.bottom)], faint, max(1.0, s))
    for y, _ in y_places:
        canvas.stroke([(room.x, y), (room.right, y)], faint, max(1.0, s))
    for at, upright in ((mark.zero_x, True), (mark.zero_y, False)):
        if at is not None and 0.0 < at < 1.0:
            x, y = room.x + at * room.width, room.bottom - at * room.height
            ends = [(x, room.y), (x, room.bottom)] if upright else [(room.x, y), (room.right, y)]
            canvas.stroke(ends, mix(canvas.paper, line, 0.55), max(1.0, s))
    canvas.stroke([(room.x, room.y), (room.x, room.bottom), (room.right, room.bottom)], line, max(1.0, 1.2 * s))
    under = room.bottom + 4 * s + size * ASCENT
    taken = -math.inf
    for x, text in sorted(x_places):
        wide = canvas.width(text, size)
        left = canvas.kept(Box(x - wide / 2, under, wide, 0.0)).x
        if left >= taken:
            canvas.stroke([(x, room.bottom), (x, room.bottom + 3 * s)], line, max(1.0, s))
            canvas.text(left, under, text, size, "muted")
            taken = left + wide + 8 * s
    taken = math.inf
    for y, text in sorted(y_places, reverse=True):
        base = y + size * 0.36
        if base <= taken:
            canvas.stroke([(room.x - 3 * s, y), (room.x, y)], line, max(1.0, s))
            canvas.text(room.x - 6 * s, base, text, size, "muted", anchor="r")
            taken = base - size * 1.25
    if mark.xlabel:
        beside = _between_ticks(canvas, mark, room.width)
        base = under + (size * 1.35 if mark.xticks and not beside else 0.0)
        base = min(base, canvas.bounds.bottom - size * DESCENT)
        canvas.text(room.x + room.width / 2, base, mark.xlabel, size, "muted", anchor="m", room=room.width)
    if mark.ylabel:
        widest = max((canvas.width(text, size) for _, text in mark.yticks), default=0.0)
        base = max(canvas.bounds.x + size * ASCENT, room.x - 9 * s - widest - size * DESCENT)
        canvas.turned(base, room.y + room.height / 2, mark.ylabel, size, "muted", room.height)


def heat_map(canvas: Canvas, mark: HeatMap, room: Box) -> None:
    """A picture, one crisp rectangle for each number."""
    values = np.asarray(mark.values, dtype=np.float64)
    if not values.size:
        return
    values = values.reshape(1, -1) if values.ndim < 2 else values.reshape(values.shape[0], -1)
    rgb = ramps.shade(values, mark.lo, mark.hi, mark.scale, canvas.palette)
    if mark.scale == "diverging" and mark.rect in canvas.under_points:
        # The data have the same two colours: a paler ground keeps them apart from it.
        rgb = np.round(rgb * _GROUND + np.array(canvas.paper) * (1.0 - _GROUND)).astype(np.uint8)
    canvas.image(room, rgb)
    if mark.square:
        if 1 < values.size <= _FEW:
            _separate(canvas, room, *values.shape)
        canvas.outline(room, canvas.hairline(), max(1.0, canvas.scale))
    told = values if mark.told is None else np.asarray(mark.told, dtype=np.float64)
    canvas.drawing.spots.append(GridSpot(room, mark, told))


def _separate(canvas: Canvas, room: Box, rows: int, columns: int) -> None:
    """Gaps between few cells: each is a thing of its own, a switch on a board."""
    width = 4.0 * canvas.scale
    for column in range(1, columns):
        x = room.x + room.width * column / columns
        canvas.stroke([(x, room.y), (x, room.bottom)], canvas.paper, width)
    for row in range(1, rows):
        y = room.y + room.height * row / rows
        canvas.stroke([(room.x, y), (room.right, y)], canvas.paper, width)


def points(canvas: Canvas, mark: Points, room: Box) -> None:
    """+ and o with a rim of paper, so that they are seen on any ground; the one presented has a ring."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    labels = np.asarray(mark.labels, dtype=np.float64).reshape(-1)
    s = canvas.scale
    inside = _inside(xy)
    place = canvas.place(room, xy)
    radius = min(9.0 * s, max(2.5 * s, 0.16 * math.sqrt(room.width * room.height / max(1, len(xy)))))
    rim = max(1.0, radius * 0.22)
    positive, negative = canvas.palette.colour("positive"), canvas.palette.colour("negative")
    bold, wrong, ring = radius * 0.55, set(mark.wrong), set(mark.ring)
    for index in np.flatnonzero(inside):
        x, y = float(place[index, 0]), float(place[index, 1])
        if labels[index] > 0:
            _glyph(canvas, x, y, radius, rim, positive, _PLUS)
        else:
            middle = radius - bold / 2
            canvas.circle(x, y, middle + bold / 2 + rim, None, canvas.paper, bold + 2 * rim)
            canvas.circle(x, y, radius, None, negative, bold)
    for index in np.flatnonzero(inside):
        x, y = float(place[index, 0]), float(place[index, 1])
        if int(index) in ring:
            far = radius * 1.75
            canvas.circle(x, y, far + 1.2 * s, None, canvas.paper, 4.6 * s)
            canvas.circle(x, y, far, None, canvas.palette.colour("ink"), 2.2 * s)
        if int(index) in wrong:
            off = radius * (1.5 if int(index) in ring else 1.15)
            cross(canvas, x + off, y - off, max(2.5 * s, radius * 0.58))
    reach = max(radius, 8.0 * s)
    told = ["now on the wrong side" if index in wrong else "" for index in range(len(xy))]
    canvas.drawing.spots.append(
        PlacesSpot(room, mark, place, (reach, reach), mark.names, told, covers=mark.edit is not None)
    )


def _inside(xy: Floats) -> Flags:
    """Which points lie in the unit square."""
    return np.asarray(((xy >= 0) & (xy <= 1)).all(axis=1), dtype=np.bool_)


def _glyph(canvas: Canvas, x: float, y: float, radius: float, rim: float, colour: RGB, shape: Floats) -> None:
    at = np.array([x, y])
    # The rim keeps its thickness: the outer shape's corners move out by it along both axes.
    outer = shape * radius + np.sign(shape) * rim if shape is _PLUS else shape * (radius + 1.5 * rim)
    canvas.polygon(outer + at, canvas.paper)
    canvas.polygon(shape * radius + at, colour)


def cross(canvas: Canvas, x: float, y: float, radius: float) -> None:
    """A small vermilion x: wrong."""
    canvas.circle(x, y, radius * 1.55, canvas.paper)
    canvas.polygon(_CROSS * radius * 1.25 + np.array([x, y]), canvas.palette.text("error"))


def polyline(canvas: Canvas, mark: Polyline, room: Box) -> None:
    """A line, its arrow head, its dots; a dot with a short label becomes a numbered station."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    s = canvas.scale
    on_picture = any(meet(picture, room) for picture in canvas.pictured)
    colour = canvas.palette.colour(mark.role) if on_picture else canvas.palette.line(mark.role)
    width = (1.0 + 0.8 * mark.width) * s
    dash = {"solid": (), "dashed": (7 * s, 5 * s), "dotted": (2.2 * s, 3.6 * s)}[mark.style]
    paths = [canvas.place(room, path) for path in clipped_paths(xy)]
    for path in paths:
        if on_picture and not dash:
            canvas.stroke(path, canvas.paper, width + 3 * s)
        canvas.stroke(path, colour, width, dash)
    if mark.arrow and paths:
        size = 5.0 * s + 1.5 * width
        _arrow(canvas, paths[-1], colour, size)
        canvas.taken.append(_head_of(paths[-1], size))
    inside = _inside(xy)
    place = canvas.place(room, xy)
    if mark.dots:
        _dots(canvas, mark, place, inside, width, colour)
    _vertex_labels(canvas, mark, place, inside, room)
    if paths and (mark.name or mark.hint):
        canvas.drawing.spots.append(PathsSpot(room, mark, paths, 6.0 * s))


def _arrow(canvas: Canvas, path: Floats, colour: RGB, size: float) -> None:
    tip = path[-1]
    behind = path[np.hypot(*(path - tip).T) > 1e-6]
    if not len(behind):
        return
    d = tip - behind[-1]
    d = d / math.hypot(*d)
    side = np.array([-d[1], d[0]])
    canvas.polygon(
        [tip + d * size * 0.2, tip - d * size + side * size * 0.5, tip - d * size - side * size * 0.5], colour
    )


def _head_of(path: Floats, size: float) -> Box:
    """Where an arrow head lies, so that no label covers it."""
    way = path[-1] - path[0]
    length = math.hypot(*way)
    x, y = path[-1] - (way / length * size * 0.55 if length > 1e-6 else 0.0)
    return Box(float(x) - size / 2, float(y) - size / 2, size, size)


def _dots(canvas: Canvas, mark: Polyline, place: Floats, inside: Flags, width: float, colour: RGB) -> None:
    """A dot at each vertex; the newest one is larger. With short labels: numbered stations."""
    s = canvas.scale
    shown = np.flatnonzero(inside)
    small = max(2.2 * s, width * 0.95)
    _directions(canvas, place, inside, colour, 4.0 * s + 1.3 * width)
    for index in shown:
        canvas.circle(place[index, 0], place[index, 1], small, colour)
    if len(shown) and shown[-1] == len(place) - 1:
        canvas.circle(place[-1, 0], place[-1, 1], small * 1.8, colour, canvas.paper, 1.6 * s)
    if not _stations(mark):
        return
    size = canvas.body
    for index in shown:
        text = mark.labels[index] if index < len(mark.labels) else ""
        if text:
            x, y = place[index]
            far = size * 0.78
            canvas.taken.append(Box(x - far, y - far, 2 * far, 2 * far))
            canvas.circle(x, y, far, colour, canvas.paper, 2.0 * s)
            canvas.text(x, y + size * 0.36, text, size, "paper", anchor="m", bold=True, on=colour)


def _directions(canvas: Canvas, place: Floats, inside: Flags, colour: RGB, size: float) -> None:
    """Which way a path goes: an arrow head in the middle of each long leg. A curve over time needs none."""
    if len(place) > 60 or not inside.all() or not (np.diff(place[:, 0]) < -0.5).any():
        return
    for a, b in itertools.pairwise(place):
        length = math.hypot(*(b - a))
        if length > 5 * size:
            _arrow(canvas, np.array([a, a + (b - a) * (0.5 + 0.45 * size / length)]), colour, size)


def _stations(mark: Polyline) -> bool:
    return mark.dots and any(mark.labels) and all(len(text) <= 2 for text in mark.labels)


def _vertex_labels(canvas: Canvas, mark: Polyline, place: Floats, inside: Flags, room: Box) -> None:
    """Short texts beside the vertices, where the line does not go; of a lone one, above it towards the middle."""
    if _stations(mark):
        return
    role: Role = mark.role if mark.role != "paper" else "ink"
    for index, text in enumerate(mark.labels[: len(place)]):
        if not text or not inside[index]:
            continue
        here = place[index]
        away = np.zeros(2)
        for other in (index - 1, index + 1):
            if 0 <= other < len(place) and np.isfinite(place[other]).all():
                step = here - place[other]
                length = math.hypot(*step)
                away += step / length if length > 1e-9 else 0.0
        length = math.hypot(*away)
        if len(place) == 1:
            away = np.array([1.0 if here[0] < room.x + room.width / 2 else -1.0, -0.8])
        else:
            away = away / length if length > 0.2 else np.array([0.0, -1.0])
        canvas.label_later((float(here[0]), float(here[1])), (float(away[0]), float(away[1])), text, canvas.body, role)
