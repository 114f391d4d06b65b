"""Lowering of things in rows: walls of small pictures, and lamps."""

from __future__ import annotations

import math

import numpy as np

from nnhistory.core.numbers import plain
from nnhistory.core.scene import ImageGrid, Lamps
from nnhistory.draw import ramps
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import mix
from nnhistory.draw.pixel_canvas import ASCENT, Canvas, Floats
from nnhistory.draw.pixel_plot import cross
from nnhistory.draw.spots import GridSpot, PlacesSpot

__all__ = ["image_grid", "lamps"]


def image_grid(canvas: Canvas, mark: ImageGrid, room: Box) -> None:
    """A wall of pictures, as large as the room allows, a label under each."""
    images = np.asarray(mark.images, dtype=np.float64)
    if images.ndim != 3 or not images.size:
        return
    count, rows, columns = images.shape
    s, size = canvas.scale, canvas.small
    under = size * 1.4 if any(mark.labels) else 0.0
    gap = 8 * s if count <= 64 else 3 * s
    across, side = _wall(count, rows, columns, room, under, gap, mark.columns)
    if side < 1.5:
        under, (across, side) = 0.0, _wall(count, rows, columns, room, 0.0, gap, mark.columns)
    wide, high = side * columns / max(rows, columns), side * rows / max(rows, columns)
    down = math.ceil(count / across)
    x0 = room.x + (room.width - across * wide - (across - 1) * gap) / 2
    y0 = room.y + (room.height - down * (high + under) - (down - 1) * gap) / 2
    if mark.colours is None:
        colours = ramps.shade(images, mark.lo, mark.hi, mark.scale, canvas.palette)
    else:
        colours = ramps.true_bytes(mark.colours)
    line, ring, wrong = canvas.hairline(), set(mark.ring), set(mark.wrong)
    for index in range(count):
        x, y = x0 + index % across * (wide + gap), y0 + index // across * (high + under + gap)
        box = Box(x, y, wide, high)
        canvas.image(box, colours[index])
        if index in ring:
            canvas.outline(Box(x - 3 * s, y - 3 * s, wide + 6 * s, high + 6 * s), canvas.palette.colour("ink"), 2.2 * s,
                           3 * s)  # fmt: skip
        else:
            canvas.outline(box, line, max(1.0, s))
        if index in wrong:
            cross(canvas, box.right, box.y, max(3 * s, min(7 * s, wide * 0.12)))
        if under and index < len(mark.labels):
            bold = index in ring
            canvas.text(x + wide / 2, y + high + 2 * s + size * ASCENT, mark.labels[index], size,
                        "ink" if bold else "muted", anchor="m", bold=bold, room=wide + gap - 2 * s)  # fmt: skip
        label = mark.labels[index] if index < len(mark.labels) else f"{index + 1}" if len(images) > 1 else ""
        name = " ".join(part for part in (mark.name, label) if part)
        canvas.drawing.spots.append(GridSpot(box, mark, images[index], index, name))


def _wall(
    count: int, rows: int, columns: int, room: Box, under: float, gap: float, fixed: int
) -> tuple[int, float]:  # fmt: skip
    """How many pictures stand side by side, and how long the longer side of each is then."""
    best = (max(1, fixed), 0.0)
    longest = max(rows, columns)
    for across in [fixed] if fixed > 0 else range(1, count + 1):
        down = math.ceil(count / across)
        wide = (room.width - (across - 1) * gap) / across * longest / columns
        high = ((room.height - (down - 1) * gap) / down - under) * longest / rows
        side = max(0.0, min(wide, high))
        if side > best[1]:
            best = (across, side)
    return best


def _said(state: float) -> str:
    """A lamp's state in a word; how bright it is where it is neither out nor full."""
    word = "lit" if state > 0.5 else "dark"
    return word if state in (0.0, 1.0) else f"{word} ({plain(state, 2)})"


def lamps(canvas: Canvas, mark: Lamps, room: Box) -> None:
    """Lamps: lit ones shine, dark ones are rings; the one that should be lit has a pointer above it."""
    states = np.asarray(mark.states, dtype=np.float64)
    if not states.size:
        return
    grid = states.reshape(1, -1) if states.ndim < 2 else states.reshape(states.shape[0], -1)
    rows, columns = grid.shape
    s, size = canvas.scale, canvas.small
    flat = states.ndim < 2
    under = size * 1.4 if flat and any(mark.labels) else 0.0
    above = 11 * s if flat else 0.0
    plot = room.inset(0.0, above, 0.0, under)
    pitch_x, pitch_y = plot.width / columns, plot.height / rows
    radius = max(1.0, min(pitch_x * 0.4, pitch_y * 0.44, 26 * s if flat else math.inf))
    x = plot.x + (np.arange(columns) + 0.5) * pitch_x
    y = plot.y + (np.arange(rows) + 0.5) * pitch_y
    if flat:
        y[:] = plot.bottom - radius - 2 * s if plot.height < 4 * radius else plot.y + plot.height / 2
    place: Floats = np.column_stack([np.tile(x, rows), np.repeat(y, columns)])
    lit, dark = canvas.palette.colour("attention"), canvas.palette.colour("neutral")
    rim = canvas.palette.colour("muted")
    glow = mix(canvas.paper, lit, 0.28)
    for index, state in enumerate(grid.reshape(-1)):
        cx, cy = place[index]
        on = min(1.0, max(0.0, float(state))) if math.isfinite(state) else 0.0
        if on > 0.5 and flat:
            canvas.circle(cx, cy, radius * 1.2, glow)
        fill = mix(dark, lit, on) if math.isfinite(state) else canvas.palette.colour("error")
        edge = mix(rim, canvas.palette.colour("ink"), 0.5 * on)
        canvas.circle(cx, cy, radius, fill, edge, max(1.0, min(2 * s, radius * 0.15)))
        if on > 0.5 and radius >= 6 * s:
            canvas.circle(cx, cy, radius * 0.42, mix(lit, (255, 255, 255), 0.55))
        label = mark.labels[index] if index < len(mark.labels) else ""
        if under and label:
            base = min(cy + radius * 1.2 + 2 * s + size * ASCENT, room.bottom - size * 0.24)
            bold = index == mark.want
            canvas.text(cx, base, label, size, "ink" if bold else "muted", anchor="m", bold=bold, room=pitch_x - 2 * s)
    if mark.want is not None and 0 <= mark.want < len(place):
        cx, cy = place[mark.want]
        if flat:
            tip, half = cy - radius * 1.2 - 1 * s, min(7 * s, radius * 0.8)
            canvas.polygon(
                [(cx, tip), (cx - half, tip - 9 * s), (cx + half, tip - 9 * s)], canvas.palette.colour("ink")
            )
        else:
            canvas.circle(cx, cy, radius * 1.15, None, canvas.palette.colour("ink"), 2 * s)
    values = tuple(_said(float(value)) for value in grid.reshape(-1))
    if not flat:
        values = tuple(f"row {i // columns + 1}, column {i % columns + 1}: {plain(float(v))}"
                       for i, v in enumerate(grid.reshape(-1)))  # fmt: skip
    reach = (max(1.0, pitch_x / 2), max(1.0, pitch_y / 2))
    canvas.drawing.spots.append(PlacesSpot(room, mark, place, reach, mark.labels, values))
