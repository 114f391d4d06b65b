"""From scenes to primitive shapes in pixels: what SVG, Pillow and the window draw.

`draw_panel` lowers one panel into a box, `draw_scene` lays out a whole scene. Both give a `Drawing`: shapes in order,
and spots that say what lies where. Nothing here knows a toolkit; the width of a text is asked of a `Measure`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from nnhistory.core.scene import (
    Axes,
    Bars,
    Dial,
    Graph,
    HeatMap,
    Histogram,
    ImageGrid,
    Lamps,
    Mark,
    Panel,
    Points,
    Polyline,
    Scene,
    Scores,
    Table,
    TextBlock,
)
from nnhistory.draw.boxes import Box
from nnhistory.draw.layout import PIXELS, arrange
from nnhistory.draw.naming import in_colours, words_for
from nnhistory.draw.palette import Palette, mix
from nnhistory.draw.pixel_bars import bars, dial, histogram
from nnhistory.draw.pixel_canvas import ASCENT, DESCENT, Canvas
from nnhistory.draw.pixel_net import graph
from nnhistory.draw.pixel_plot import axes, cross, heat_map, margins, points, polyline
from nnhistory.draw.pixel_scores import scores
from nnhistory.draw.pixel_text import table, text_block
from nnhistory.draw.pixel_walls import image_grid, lamps
from nnhistory.draw.rooms import rooms
from nnhistory.draw.shapes import Drawing, Measure

__all__ = ["draw_panel", "draw_scene", "scale_for"]

_LOWER: dict[type[Mark], Callable[[Canvas, Any, Box], None]] = {
    Axes: axes, HeatMap: heat_map, Points: points, Polyline: polyline, Graph: graph, Bars: bars, Histogram: histogram,
    ImageGrid: image_grid, Lamps: lamps, Dial: dial, Scores: scores, Table: table,
    TextBlock: text_block,
}  # fmt: skip

_GAP = 5.0
"""From a panel's outer box to its frame; two neighbours are ten apart."""


_MOST_FOLDED = 4
"""Lines at the bottom for panels without a place."""


def scale_for(width: float, height: float) -> float:
    """The scale of a picture of this size: 1 at 1280 x 720. Text never becomes smaller than 0.85 of that."""
    return max(0.85, round(min(width / 1280, height / 720), 3))


def draw_panel(panel: Panel, box: Box, palette: Palette, measure: Measure, *, scale: float = 1.0) -> Drawing:
    """One panel with its frame and title. `box` is its outer room, as `layout.arrange` gives it."""
    drawing = Drawing()
    panel = in_colours(panel, words_for(palette))
    left, top, right, bottom = (side * scale for side in PIXELS.frame)
    inner = box.inset(left, top, right, bottom)
    canvas = Canvas(drawing, palette, measure, inner, scale, panel.least.columns)
    frame = box.inset(_GAP * scale, _GAP * scale, _GAP * scale, _GAP * scale)
    ground = palette.colour("paper")
    canvas.rect(frame, ground, 8 * scale)
    line = palette.colour("error") if panel.broken else mix(ground, palette.colour("muted"), 0.5)
    canvas.outline(frame, line, (3.0 if panel.broken else 1.2) * scale, 8 * scale)
    under = _head(canvas, panel, frame, inner)
    inner = canvas.bounds = inner.inset(0.0, under, 0.0, 0.0)
    if inner.width < 4 or inner.height < 4:
        return drawing

    def fit(room: Box, rows: int, columns: int) -> Box:
        cell = min(room.width / columns, room.height / rows)
        cell = math.floor(cell) if cell >= 4 and rows * columns > 1 else cell
        wide, high = cell * columns, cell * rows
        return Box(room.x + (room.width - wide) / 2, room.y + (room.height - high) / 2, wide, high)

    canvas.under_points = frozenset(mark.rect for mark in panel.marks if isinstance(mark, Points))
    places = rooms(panel, inner, lambda mark, room: margins(canvas, mark, room), fit, equal=True, snap=False)
    for mark in panel.marks:
        lower = _LOWER.get(type(mark))
        if lower is not None:
            lower(canvas, mark, places[mark.rect])
    canvas.settle()
    return drawing


_Entry = tuple[str, "Polyline | Literal['wrong', 'ring', 'tick']"]
"""What a legend says, and the sign beside it."""


def _head(canvas: Canvas, panel: Panel, frame: Box, inner: Box) -> float:
    """The title; beside it or below it what the lines and signs mean. Returns how much room that takes below."""
    s = canvas.scale
    base = frame.y + 22 * s
    x, room = inner.x, inner.width
    if panel.broken:
        wide = canvas.text(x, base, "◆", 16 * s, "error", bold=True)
        x, room = x + wide + 6 * s, room - wide - 6 * s
    title, size = _title(canvas, panel.title, room)
    wide = canvas.text(x, base, title, size, "error" if panel.broken else "ink", bold=True, room=room)
    small, swatch = canvas.small, 16 * s
    legend = _legend(panel)
    widths = [canvas.width(name, small) + swatch + 20 * s for name, _ in legend]
    under, rows = 0.0, [legend]
    if sum(widths) > room - wide:
        # Only lines are worth a row of their own: what + and x mean is said by their shapes and by the sentence.
        if not any(isinstance(sign, Polyline) or sign == "tick" for _, sign in legend):
            return 0.0
        if inner.height < 110 * s:  # no row to spare: as much as goes beside the title
            rows = _legend_rows(legend, widths, room - wide, 1)
        else:
            rows = _legend_rows(legend, widths, inner.width + 14 * s, 2 if inner.height >= 170 * s else 1)
            under = small * 1.5 * len(rows)
            base += small * 1.5
    known = dict(zip((name for name, _ in legend), widths, strict=True))
    taken = sum(known[name] for name, _ in rows[0])
    if not under and taken > room - wide:
        return 0.0
    at = inner.x if under else inner.right - taken + 14 * s
    for number, row in enumerate(rows):
        _legend_row(canvas, row, at, base + number * small * 1.5)
    return under


def _legend_rows(legend: list[_Entry], widths: list[float], room: float, most: int) -> list[list[_Entry]]:
    """The legend in rows. Where it needs more than there may be, the longest name is left out, not the last."""
    left = list(zip(legend, widths, strict=True))
    while True:
        rows: list[list[_Entry]] = [[]]
        used = 0.0
        for entry, wide in left:
            if rows[-1] and used + wide > room:
                rows.append([])
                used = 0.0
            rows[-1].append(entry)
            used += wide
        if len(left) < 2 or (len(rows) <= most and max(wide for _, wide in left) <= room):
            return rows
        left.pop(max(range(len(left)), key=lambda k: (left[k][1], k)))


def _legend_row(canvas: Canvas, row: list[_Entry], at: float, base: float) -> None:
    s, small, swatch = canvas.scale, canvas.small, 16 * canvas.scale
    level = base - small * 0.36
    for name, sign in row:
        if sign == "wrong":
            cross(canvas, at + swatch * 0.6, level, 5 * s)
        elif sign == "tick":
            ends = [(at + swatch * 0.6, level - 6 * s), (at + swatch * 0.6, level + 6 * s)]
            canvas.stroke(ends, canvas.palette.colour("ink"), 2.2 * s)
        elif sign == "ring":
            canvas.circle(at + swatch * 0.55, level, 6.5 * s, None, canvas.palette.colour("ink"), 2 * s)
        else:
            dash = {"solid": (), "dashed": (5 * s, 3 * s), "dotted": (2 * s, 3 * s)}[sign.style]
            canvas.stroke([(at, level), (at + swatch, level)], canvas.palette.line(sign.role), 2.6 * s, dash)
        canvas.text(at + swatch + 6 * s, base, name, small, "muted")
        at += canvas.width(name, small) + swatch + 20 * s


def _title(canvas: Canvas, title: str, room: float) -> tuple[str, float]:
    """The title at a size at which it fits; else what stands before its colon."""
    for text in (title, title.partition(":")[0]):
        for size in (16.0 * canvas.scale, 14.0 * canvas.scale):
            if canvas.width(text, size, True) <= room:
                return text, size
    return title, 14.0 * canvas.scale


def _legend(panel: Panel) -> list[_Entry]:
    """Named lines of a plot with axes, each name once (a line with its own label needs no entry); signs at points."""
    plots = {mark.rect for mark in panel.marks if isinstance(mark, Axes)}
    found: dict[str, Polyline | Literal["wrong", "ring", "tick"]] = {}
    for mark in panel.marks:
        if isinstance(mark, Polyline) and mark.rect in plots and mark.name and not any(mark.labels):
            found.setdefault(mark.name.partition(":")[0], mark)
        elif isinstance(mark, Bars) and mark.tick_name:
            found[mark.tick_name] = "tick"
        elif isinstance(mark, Points):
            if mark.ring:
                found["presented"] = "ring"
            if mark.wrong:
                found["wrong"] = "wrong"
    return list(found.items())


def draw_scene(
    scene: Scene,
    width: float,
    height: float,
    palette: Palette,
    measure: Measure,
    extra: Sequence[Panel] = (),
) -> Drawing:
    """A scene on paper: its title and caption, its panels, and what found no room as sentences at the bottom.

    extra : a front end's own panels (story, X-ray). A scene without a title gets no head.
    """
    scale = scale_for(width, height)
    drawing = Drawing()
    edge = 9 * scale
    page = Canvas(drawing, palette, measure, Box(edge, 0, width - 2 * edge, height), scale)
    page.rect(Box(0, 0, width, height), palette.colour("paper"))
    top = _page_head(page, scene, width, scale)
    area, folded_rows = Box(edge, top, width - 2 * edge, height - top - 0.6 * edge), 0
    while True:
        layout = arrange(
            scene.panels, int(area.width / scale), int(area.height / scale), units=PIXELS, extra=tuple(extra)
        )
        lines = _folded(page, layout.folded, area.width - 2 * edge)
        if len(lines) <= folded_rows or folded_rows >= _MOST_FOLDED:
            break
        # The sentences need room themselves, which may fold one panel more.
        folded_rows = len(lines)
        area = Box(area.x, area.y, area.width, height - top - (folded_rows * 1.4 + 0.8) * page.small - 0.6 * edge)
    for slot in layout.placed:
        box = Box(area.x + slot.x * scale, area.y + slot.y * scale, slot.width * scale, slot.height * scale)
        part = draw_panel(slot.panel, box, palette, measure, scale=scale)
        drawing.shapes += part.shapes
        drawing.spots += part.spots
    y = area.bottom + page.small * 1.2
    for text in lines[:folded_rows]:
        page.text(area.x + _GAP * scale, y, text, page.small, "muted", room=area.width - 2 * _GAP * scale)
        y += page.small * 1.4
    return drawing


def _page_head(page: Canvas, scene: Scene, width: float, scale: float) -> float:
    """Title and caption. Returns where the panels may begin."""
    if not scene.title:
        return 9 * scale
    left, room = 9 * scale + _GAP * scale, width - 28 * scale
    size = 22 * scale
    base = 10 * scale + size * ASCENT + 4 * scale
    page.text(left, base, scene.title, size, "ink", bold=True, room=room)
    y = base + size * DESCENT
    if scene.caption:
        small = 16 * scale
        for line in page.ruler.wrap(scene.caption, room, small)[:2]:
            y += small * 1.3
            page.text(left, y, line, small, "muted", room=room)
        y += small * DESCENT
    return y + 6 * scale


def _folded(page: Canvas, panels: Sequence[Panel], room: float) -> list[str]:
    """One sentence for each panel without a place."""
    lines: list[str] = []
    for panel in panels:
        lines += page.ruler.wrap(f"{panel.title}: {panel.sentence}", room, page.small)
    if len(lines) > _MOST_FOLDED:
        names = ", ".join(panel.title.partition(":")[0] for panel in panels)
        return [page.ruler.shorten(f"No room for {len(panels)} more: {names}", room, page.small)]
    return lines
