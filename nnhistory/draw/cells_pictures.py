"""Pictures in terminal cells: two square dots in each, as half blocks; characters alone where there is no colour."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from nnhistory.core.scene import HeatMap, ImageGrid, Lamps, Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.grid import ANSI, BOLD, NO_COLOUR
from nnhistory.draw.palette import Scale
from nnhistory.draw.ramps import levels, packed, packed_true, pooled
from nnhistory.draw.spots import AreaSpot, GridSpot, PlacesSpot
from nnhistory.draw.words import shorten, text_width

__all__ = ["fit", "heat_map", "image_grid", "lamps"]

_MONO_POSITIVE = " ░▒▓█"
_MONO_NEGATIVE = " ·-=≡"


def fit(box: Box, rows: int, columns: int) -> Box:
    """The largest place for rows x columns square dots (a cell holds one over another), in the middle of a box."""
    wide, high = int(box.width), 2 * int(box.height)
    scale = min(wide / columns, high / rows)
    if scale >= 1 and columns > 1:
        scale = math.floor(scale)
    width = max(1, min(int(box.width), round(columns * scale)))
    height = max(1, min(int(box.height), math.ceil(round(rows * scale) / 2)))
    return Box(box.x + int(box.width - width) // 2, box.y + int(box.height - height) // 2, width, height)


def heat_map(canvas: Canvas, mark: HeatMap, room: Box) -> None:
    """Paint a picture of numbers over a whole room."""
    values = np.atleast_2d(np.asarray(mark.values, dtype=np.float64))
    if values.size:
        _paint(canvas, values, room, mark.lo, mark.hi, mark.scale)
        told = values if mark.told is None else np.asarray(mark.told, dtype=np.float64)
        canvas.spots.append(GridSpot(room, mark, told))


def _paint(
    canvas: Canvas, values: NDArray[np.float64], room: Box, lo: float, hi: float, scale: Scale,
    true: NDArray[np.float64] | None = None,
) -> None:  # fmt: skip
    left, top, width, height = (int(part) for part in room)
    grid = canvas.grid
    width, height = min(width, grid.columns - left), min(height, grid.rows - top)
    if width <= 0 or height <= 0:
        return
    place = (slice(top, top + height), slice(left, left + width))
    if canvas.mode == "mono":
        grid.chars[place] = _characters(pooled(values, height, width), lo, hi, scale)
        grid.fg[place] = grid.bg[place] = NO_COLOUR
        return
    # A picture with as many dots as the room has (or a divisor of it) is shown dot by dot.
    dots = pooled(values, 2 * height, width)
    if canvas.mode == "ansi16":
        colours = _sixteen(canvas, dots, lo, hi, scale)
    elif true is not None:
        colours = packed_true(true, 2 * height, width)
    else:
        colours = packed(dots, lo, hi, scale, canvas.palette)
    upper, lower = colours[0::2], colours[1::2]
    grid.chars[place] = np.where(upper == lower, ord(" "), ord("▀"))
    grid.fg[place], grid.bg[place] = upper, lower
    grid.style[place] = 0
    canvas.ground[place] = lower


def _characters(values: NDArray[np.float64], lo: float, hi: float, scale: Scale) -> NDArray[np.uint32]:
    level = levels(values, lo, hi, scale).astype(int)
    known = np.isfinite(values)
    if scale == "sides":
        codes = np.select([level > 128, level < 128], [ord("░"), ord(" ")], ord(" "))
    elif scale == "diverging":
        strength = np.clip(np.ceil(np.abs(level - 128) / 32 - 0.25), 0, 4).astype(int)
        positive = np.array([ord(c) for c in _MONO_POSITIVE])[strength]
        negative = np.array([ord(c) for c in _MONO_NEGATIVE])[strength]
        codes = np.where(level >= 128, positive, negative)
    else:
        codes = np.array([ord(c) for c in _MONO_POSITIVE])[np.clip(np.rint(level / 64), 0, 4).astype(int)]
    return np.where(known, codes, ord("!")).astype(np.uint32)


def _sixteen(canvas: Canvas, values: NDArray[np.float64], lo: float, hi: float, scale: Scale) -> NDArray[np.int32]:
    ansi, level = canvas.palette.ansi, levels(values, lo, hi, scale)
    if scale == "sides":
        index = np.select([level > 128, level < 128], [ansi["positive"], ansi["negative"]], ansi["paper"])
    elif scale == "diverging":
        # The palette's colour and its pale or bright sister tell a weak value from a strong one.
        strong = {role: ansi[role] % 8 + (8 if canvas.palette.dark else 0) for role in ("positive", "negative")}
        weak = {role: (strong[role] + 8) % 16 for role in strong}
        index = np.select(
            [level > 176, level > 134, level < 80, level < 122],
            [strong["positive"], weak["positive"], strong["negative"], weak["negative"]], ansi["paper"],
        )  # fmt: skip
    elif scale == "sequential":
        steps = [0, 8, 7, 15] if canvas.palette.dark else [15, 7, 8, 0]
        index = np.array(steps)[np.clip(np.rint(level / 256 * 3), 0, 3).astype(int)]
    else:
        index = np.where(level > 85, ansi["error"], ansi["paper"])
    index = np.where(np.isfinite(values), index, ansi["error"])
    return np.asarray(ANSI + index, dtype=np.int32)


def image_grid(canvas: Canvas, mark: ImageGrid, room: Box) -> None:
    """A wall of small pictures, each as large as all of them can be, its label above it."""
    images = np.asarray(mark.images, dtype=np.float64)
    if images.ndim != 3 or not images.size:
        return
    count, rows, columns = images.shape
    head = 1 if mark.labels else 0
    wall = (count, rows, columns, int(room.width), int(room.height), head)
    across, width, height = _wall(*wall, mark.columns)
    if not width and mark.columns:
        across, width, height = _wall(*wall, 0)
    if not width:
        canvas.put(int(room.x), int(room.y), shorten(f"{count} pictures", room.width), "muted")
        return
    lines = -(-count // across)
    # Where there are labels, pictures move apart as far as the room allows, so that more of a label can be read.
    longest = max((text_width(label) for label in mark.labels), default=0)
    pitch = max(width, min(longest + bool(mark.ring), (int(room.width) - (across - 1)) // across)) + 1
    used = across * pitch - 1
    left = int(room.x) + max(0, (int(room.width) - used) // 2)
    gap = 1 if lines * (height + head + 1) - 1 <= int(room.height) else 0
    for index in range(count):
        row, column = divmod(index, across)
        x, y = left + column * pitch, int(room.y) + row * (height + head + gap)
        if head and index < len(mark.labels):
            ringed = index in mark.ring
            text = shorten(f"▸{mark.labels[index]}" if ringed else mark.labels[index], pitch - 1)
            role: Role = "attention" if ringed else "error" if index in mark.wrong else "muted"
            canvas.put(x, y, text, role, style=BOLD if ringed else 0)
        box = Box(x, y + head, width, height)
        true = None if mark.colours is None else np.asarray(mark.colours, dtype=np.float64)[index]
        _paint(canvas, images[index], box, mark.lo, mark.hi, mark.scale, true)
        canvas.spots.append(GridSpot(box, mark, images[index], index))


def _wall(count: int, rows: int, columns: int, wide: int, high: int, head: int, wanted: int) -> tuple[int, int, int]:
    """Pictures in a row, and the width and height of each in cells; width 0 if they do not fit."""
    best = (1, 0, 0)
    for across in [wanted] if wanted else range(1, count + 1):
        lines = -(-count // across)
        width = (wide - (across - 1)) // across
        height = high // lines - head
        if width < 2 or height < 1:
            continue
        scale = min(width / columns, 2 * height / rows)
        if scale >= 1:
            scale = math.floor(scale)
        width, height = max(2, int(columns * scale)), max(1, math.ceil(int(rows * scale) / 2))
        if width * height > best[1] * best[2]:
            best = (across, width, height)
    return best


def lamps(canvas: Canvas, mark: Lamps, room: Box) -> None:
    """Lamps in a row (or a field of them), lit ● or dark ○; the one that should be lit in brackets."""
    states = np.asarray(mark.states, dtype=np.float64)
    if not states.size:
        return
    if states.ndim == 2:
        _paint(canvas, states, room, 0.0, 1.0, "sequential")
        canvas.spots.append(GridSpot(room, mark, states))
        return
    count = len(states)
    pitch = max(1, min(6, int(room.width) // count))
    per_row = max(1, int(room.width) // pitch)
    xy = np.empty((count, 2))
    for index, state in enumerate(states):
        row, column = divmod(index, per_row)
        x, y = int(room.x) + column * pitch + (1 if pitch >= 3 else 0), int(room.y) + 2 * row
        xy[index] = x + 0.5, y + 0.5
        lit = state >= 0.5
        canvas.put(x, y, "●" if lit else "○", "attention" if lit else "muted", style=BOLD if lit else 0)
        if index == mark.want and pitch >= 3:
            canvas.put(x - 1, y, "[", "good", style=BOLD)
            canvas.put(x + 1, y, "]", "good", style=BOLD)
        if index < len(mark.labels) and y + 1 < room.bottom:
            label = shorten(mark.labels[index], max(1, pitch - 1) if count > 1 else int(room.width))
            at = x if text_width(label) == 1 or count == 1 else x - (text_width(label) - 1) // 2
            canvas.put(max(int(room.x), at), y + 1, label, "muted")
    values = [f"{'lit' if state >= 0.5 else 'dark'} ({state:.2g})" for state in states]
    canvas.spots.append(AreaSpot(room, mark))
    canvas.spots.append(PlacesSpot(room, mark, xy, (1.5, 1.0), mark.labels, values))
