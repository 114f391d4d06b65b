"""Lines, points, axes and networks in terminal cells."""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Axes, Graph, Panel, Points, Polyline, Rect, Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.braille import dots_of
from nnhistory.draw.cells_canvas import Canvas, Style
from nnhistory.draw.grid import BOLD, REVERSE
from nnhistory.draw.spots import LinksSpot, PlacesSpot
from nnhistory.draw.words import ELLIPSIS, shorten, text_width

__all__ = ["axes", "cell_of", "graph", "margins", "points", "polyline", "styles_of"]

_LEAST_LABEL = 10
"""Cells of an axis's label that still say something."""
_ARROWS = "→↗↑↖←↙↓↘"

_DASHES: dict[Style, tuple[int, int] | None] = {"solid": None, "dashed": (4, 3), "dotted": (1, 2)}
_MONO: dict[Role, Style] = {"good": "dashed", "positive": "dashed", "attention": "dotted"}
"""Where there is no colour, lines of these roles are broken, so that they can be told from the others."""

Floats = NDArray[np.float64]


def cell_of(room: Box, x: float, y: float) -> tuple[int, int]:
    """The cell (column, row) in which a unit coordinate of the room lies."""
    column = int(room.x) + min(int(room.width) - 1, max(0, math.floor(x * room.width)))
    row = int(room.y) + min(int(room.height) - 1, max(0, math.floor((1 - y) * room.height)))
    return column, row


def _dotted_cell(room: Box, x: float, y: float) -> tuple[int, int]:
    """The cell in which a line's dot at this unit coordinate lies: a vertex stands on its line, a tick beside it."""
    column = round(min(1.0, max(0.0, x)) * (2 * int(room.width) - 1)) // 2
    row = int(room.height) - 1 - round(min(1.0, max(0.0, y)) * (4 * int(room.height) - 1)) // 4
    return int(room.x) + column, int(room.y) + row


def margins(axes: Axes, room: Box) -> tuple[float, float, float, float]:
    """Cells that ticks and labels take: left, top, right, bottom."""
    wide = max((text_width(label) for _, label in axes.yticks), default=0)
    below = 1 if axes.xticks or axes.xlabel else 0
    return (wide + 1 if wide else 0), (1 if axes.ylabel else 0), 0, below


def axes(canvas: Canvas, mark: Axes, room: Box) -> None:
    """Ticks left and below; thin lines at zero."""
    left, top, right, bottom = int(room.x), int(room.y), int(room.right), int(room.bottom)
    for place, label in mark.yticks:
        _, row = _dotted_cell(room, 0.0, place)
        canvas.put(left - 1 - text_width(label), row, label, "muted")
    if mark.yticks:
        rows = {_dotted_cell(room, 0.0, place)[1] for place, _ in mark.yticks}
        for row in range(top, bottom):
            canvas.put(left - 1, row, "┤" if row in rows else "│", "muted")
    if mark.ylabel:
        canvas.put(left - 1 if mark.yticks else left, top - 1, shorten(mark.ylabel, right - left), "muted")
    taken = _x_ticks(canvas, mark, room)
    if mark.xlabel and bottom < canvas.grid.rows:
        text = shorten(mark.xlabel, right - left)
        start = left + (right - left - text_width(text)) // 2
        if all(start > b or start + text_width(text) < a for a, b in taken):
            canvas.put(start, bottom, text, "muted")
        else:
            _between(canvas, mark.xlabel, taken, bottom, (left, right))
    if mark.zero_y is not None and 0 <= mark.zero_y <= 1:
        _, row = cell_of(room, 0, mark.zero_y)
        canvas.put(left, row, "┈" * (right - left), "muted")


def _between(canvas: Canvas, label: str, taken: list[tuple[int, int]], row: int, ends: tuple[int, int]) -> None:
    """The axis's label in the widest gap between two ticks: all of it, or what stands before the comma.

    Where it would be cut, it stands below the ticks if nothing else does: `100 digits to le…` reads as one.
    """
    places = sorted(taken)
    gaps = [(right[0] - left[1] - 2, left[1] + 1) for left, right in itertools.pairwise(places)]
    wide, start = max(gaps, default=(0, 0))
    if wide >= min(_LEAST_LABEL, text_width(label.partition(",")[0])):
        text = shorten(label if text_width(label) <= wide else label.partition(",")[0], wide)
        left, right = ends
        free = row + 1 < canvas.grid.rows and bool((canvas.grid.chars[row + 1, left:right] == ord(" ")).all())
        if text.endswith(ELLIPSIS) and free and text_width(label) <= right - left:
            canvas.put(left + (right - left - text_width(label)) // 2, row + 1, label, "muted")
            return
        canvas.put(start + (wide - text_width(text)) // 2, row, text, "muted")


def _x_ticks(canvas: Canvas, mark: Axes, room: Box) -> list[tuple[int, int]]:
    """Write the ticks below that do not run into each other; where they stand."""
    taken: list[tuple[int, int]] = []
    row = int(room.bottom)
    for place, label in sorted(mark.xticks, key=lambda tick: min(tick[0], 1 - tick[0])):
        wide = text_width(label)
        column, _ = cell_of(room, place, 0)
        start = min(max(int(room.x), column - wide // 2), int(room.right) - wide)
        if row < canvas.grid.rows and all(start > b + 1 or start + wide < a for a, b in taken):
            canvas.put(start, row, label, "muted")
            taken.append((start, start + wide))
    return taken


def styles_of(panel: Panel, mono: bool) -> dict[int, Style]:
    """How each line is drawn (by the id of its mark): as its mark says; without colour a solid one by its role.

    Where another line of the same plot has that style already, a solid one takes a style that is free: without colour
    nothing else tells the two apart.
    """
    lines = [mark for mark in panel.marks if isinstance(mark, Polyline)]
    if not mono:
        return {id(mark): mark.style for mark in lines}
    plots = {mark.rect for mark in panel.marks if isinstance(mark, Axes)}
    chosen: dict[tuple[Rect, str], Style] = {}
    for mark in sorted(lines, key=lambda mark: mark.style == "solid"):
        key = (mark.rect, mark.name.partition(":")[0])
        if mark.rect not in plots or not mark.name or key in chosen:
            continue
        taken = {style for (rect, _), style in chosen.items() if rect == mark.rect}
        style = _alone(mark)
        if style in taken and mark.style == "solid":
            style = next((free for free in _DASHES if free not in taken), style)
        chosen[key] = style
    return {
        id(mark): _alone(mark)
        if mark.style != "solid"
        else chosen.get((mark.rect, mark.name.partition(":")[0]), _alone(mark))
        for mark in lines
    }


def _alone(mark: Polyline) -> Style:
    """The style of a line without colour that has its plot for itself."""
    return _MONO.get(mark.role, mark.style) if mark.style == "solid" else mark.style


def polyline(canvas: Canvas, mark: Polyline, room: Box) -> None:
    """A line of braille dots, with its vertices, arrow head and labels on top."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    if not len(xy):
        return
    # The ink shows on whatever lies below, so it is chosen where the line is.
    colour = canvas.line_ink(mark.role, room)
    if len(xy) > 1:
        dash = _DASHES[canvas.styles.get(id(mark), mark.style)]
        dots = dots_of(xy[:-1], xy[1:], int(room.width), int(room.height), dash=dash, thick=mark.width > 2)
        canvas.stamp(room, dots, colour, style=BOLD if mark.width > 1 else 0)
    within = np.logical_and(np.isfinite(xy), np.abs(xy - 0.5) <= 0.5 + 1e-9)
    inside = np.asarray(within.all(axis=1))
    if mark.dots or len(xy) == 1:
        for x, y in xy[inside]:
            column, row = _dotted_cell(room, float(x), float(y))
            canvas.over(column, row, "●", colour, style=BOLD)
    if mark.arrow and len(xy) > 1 and inside[-1]:
        column, row = _dotted_cell(room, *xy[-1].tolist())
        canvas.over(column, row, _arrow(xy[-1] - xy[-2]), colour)
    for (x, y), label, shown in zip(xy, mark.labels, inside, strict=False):
        if label and shown:
            _label(canvas, room, x, y, label, mark.role)
    if mark.name and inside.any():
        canvas.spots.append(
            LinksSpot(room, mark, *_segments(room, xy), np.zeros(max(0, len(xy) - 1)), 0.8, (mark.name,) * len(xy), 2.0)
        )


def _segments(room: Box, xy: Floats) -> tuple[Floats, Floats]:
    cells = np.column_stack([room.x + xy[:, 0] * room.width, room.y + (1 - xy[:, 1]) * room.height])
    return cells[:-1], cells[1:]


def _arrow(along: Floats) -> str:
    turn = math.atan2(along[1], along[0]) / (math.pi / 4)
    return _ARROWS[round(turn) % 8]


def _label(canvas: Canvas, room: Box, x: float, y: float, label: str, role: Role) -> None:
    column, _ = cell_of(room, x, y)
    label = shorten(label, room.width)
    wide = text_width(label)
    column = column + 1 if column + 1 + wide <= room.right else column - wide
    canvas.label_later(max(int(room.x), column), room.y + (1 - y) * room.height, room, label, role)


def points(canvas: Canvas, mark: Points, room: Box) -> None:
    """+ and o; the one presented in brackets, those on the wrong side reversed."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    labels = np.asarray(mark.labels).reshape(-1)
    wrong, ring = set(mark.wrong), set(mark.ring)
    order = sorted(range(len(xy)), key=lambda index: (index in ring, index in wrong))
    cells = np.full((len(xy), 2), np.nan)
    for index in order:
        x, y = xy[index]
        if not (0 <= x <= 1 and 0 <= y <= 1):
            continue
        column, row = cell_of(room, x, y)
        cells[index] = column + 0.5, row + 0.5
        positive = labels[index] > 0
        style = BOLD | (REVERSE if index in wrong else 0)
        fg = canvas.glyph_ink("ink", column, row)
        canvas.over(column, row, "+" if positive else "o", fg, style=style)
        if index in ring:
            for at, char in ((column - 1, "["), (column + 1, "]")):
                if room.x <= at < room.right:
                    canvas.over(at, row, char, canvas.glyph_ink("ink", at, row), style=BOLD)
    values = ["now on the wrong side" if index in wrong else "" for index in range(len(xy))]
    canvas.spots.append(PlacesSpot(room, mark, cells, (1.5, 0.8), mark.names, values, covers=mark.edit is not None))


_LATTICE = 12
"""So many places in line, with as many nodes at each, are a lattice: a retina, not layers of a net."""


def _evenly(places: np.ndarray, cells: int) -> np.ndarray:
    """Unit coordinates along one axis; those of a lattice moved so that its steps are all of as many whole cells.

    Rounded one by one, some neighbours would stand beside each other and others not: a retina with gaps.
    """
    values, member, counts = np.unique(places.round(6), return_inverse=True, return_counts=True)
    dense = np.flatnonzero(counts >= _LATTICE)
    if len(dense) < _LATTICE:
        return places
    line = values[dense]
    stride = int((line[-1] - line[0]) * cells / (len(line) - 1) + 1e-6)
    if not 1 <= stride < 4:
        return places
    first = round(0.5 * (line[0] + line[-1]) * cells - 0.5 - 0.5 * stride * (len(line) - 1))
    moved = values.copy()
    moved[dense] = (first + stride * np.arange(len(line)) + 0.5) / cells
    result: np.ndarray = moved[member.reshape(-1)]
    return result


def graph(canvas: Canvas, mark: Graph, room: Box) -> None:
    """Links by sign and size, the strong ones on top; nodes ● (on), ○ (off)."""
    xy = np.asarray(mark.xy, dtype=np.float64).reshape(-1, 2)
    edges = np.asarray(mark.edges, dtype=int).reshape(-1, 2)
    weights = np.asarray(mark.weights, dtype=np.float64).reshape(-1)
    strength = np.abs(weights) / (mark.weight_scale or 1.0)
    wide, high = int(room.width), int(room.height)
    xy = np.column_stack([_evenly(xy[:, 0], wide), _evenly(xy[:, 1], high)])
    for low, high_, faint in ((0.0, 0.25, True), (0.25, math.inf, False)):
        for role, side in (("negative", weights < 0), ("positive", weights >= 0)):
            chosen = side & (strength >= low) & (strength < high_)
            if not chosen.any():
                continue
            picked: Role = mark.flow or ("positive" if role == "positive" else "negative")
            dots = dots_of(xy[edges[chosen, 0]], xy[edges[chosen, 1]], wide, high, dash=(1, 3) if faint else None)
            canvas.stamp(room, dots, canvas.ink(picked, 0.35 if faint else 1.0))
    for index, (x, y) in enumerate(xy):
        if not (0 <= x <= 1 and 0 <= y <= 1):
            continue
        column, row = cell_of(room, x, y)
        value = 0.0 if mark.values is None else float(np.asarray(mark.values)[index])
        role_: Role = "positive" if value > 0.1 else "negative" if value < -0.1 else "muted"
        canvas.over(column, row, "●" if abs(value) > 0.5 else "○", canvas.glyph_ink(role_, column, row), style=BOLD)
        if index < len(mark.labels) and mark.labels[index]:
            _label(canvas, room, x, y, mark.labels[index], "ink")
    cells = np.column_stack([room.x + xy[:, 0] * room.width, room.y + (1 - xy[:, 1]) * room.height])
    canvas.spots.append(LinksSpot(room, mark, cells[edges[:, 0]], cells[edges[:, 1]], weights, 0.7, mark.links, 2.0))
    values = [] if mark.values is None else [plain(float(v)) for v in np.asarray(mark.values)]
    canvas.spots.append(PlacesSpot(room, mark, cells, (1.0, 0.7), mark.labels, values, part="node"))
