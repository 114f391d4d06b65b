"""Scenes in terminal cells: frames with titles, and inside them the marks. Needs no terminal: the result is a grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

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
    Role,
    Scene,
    Scores,
    Table,
    TextBlock,
)
from nnhistory.draw import cells_bars, cells_lines, cells_pictures, cells_scores, cells_text
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.cells_legend import draw_legend
from nnhistory.draw.grid import BOLD, Grid
from nnhistory.draw.layout import Layout, Slot, arrange
from nnhistory.draw.naming import in_colours, words_for
from nnhistory.draw.palette import Look
from nnhistory.draw.rooms import rooms
from nnhistory.draw.spots import Spot
from nnhistory.draw.words import ELLIPSIS, shorten, text_width, wrap

__all__ = ["TITLE_TAKES", "draw_marks", "draw_panel", "draw_scene", "plain_panel"]

TITLE_TAKES = 5
"""Columns of a panel that its title cannot have: the corners, a piece of the frame, a blank on either side."""


def draw_scene(
    scene: Scene, columns: int, rows: int, look: Look, *, extra: Sequence[Panel] = (), plain: bool = False
) -> tuple[Grid, Layout]:
    """A whole scene, laid out in columns x rows cells; what found no room stands in the layout's `folded`.

    plain : sentences instead of pictures.
    """
    grid = Grid.blank(columns, rows)
    layout = arrange(scene.panels, columns, rows, extra=extra)
    for slot in layout.placed:
        draw_slot(grid, slot, look, plain=plain and slot.panel not in extra)
    return grid, layout


def draw_slot(grid: Grid, slot: Slot, look: Look, *, plain: bool = False) -> None:
    """One panel at its place. Its spots are appended to the grid's, in the grid's coordinates."""
    part = grid.view(slot.x, slot.y, slot.width, slot.height)
    draw_panel(part, slot.panel, look, plain=plain)
    grid.spots.extend(_moved(spot, slot.x, slot.y) for spot in part.spots)
    grid.cut |= part.cut


def _moved(spot: Spot, x: int, y: int) -> Spot:
    from dataclasses import fields, replace

    changes: dict[str, object] = {"box": spot.box._replace(x=spot.box.x + x, y=spot.box.y + y)}
    for field in fields(spot):
        if field.name in ("xy", "a", "b"):
            changes[field.name] = getattr(spot, field.name) + np.array([x, y])
    return replace(spot, **changes)  # type: ignore[arg-type]


def draw_panel(grid: Grid, panel: Panel, look: Look, *, plain: bool = False) -> None:
    """A panel with its frame on a whole grid. A broken one has a heavy vermilion frame and a ◆ before its title."""
    canvas = Canvas(grid, look)
    panel = in_colours(panel, words_for(look.palette, characters=look.mode == "mono"))
    _frame(canvas, panel)
    inside = Box(1, 1, max(0, grid.columns - 2), max(0, grid.rows - 2))
    if inside.width < 1 or inside.height < 1:
        return
    if plain:
        lines = wrap(panel.sentence, int(inside.width))
        for row, line in enumerate(lines[: int(inside.height)]):
            canvas.put(1, 1 + row, line)
        if len(lines) > inside.height:
            canvas.put(int(inside.right) - 1, int(inside.bottom) - 1, ELLIPSIS, "muted")
            grid.cut = True
    else:
        draw_marks(canvas, panel, inside)
        draw_legend(canvas, panel)
    grid.spots.extend(canvas.spots)


def plain_panel(panel: Panel, columns: int) -> list[str]:
    """A panel in words: its title and its sentence."""
    return wrap(f"{panel.title}: {panel.sentence}", columns, hang=2)


def _frame(canvas: Canvas, panel: Panel) -> None:
    grid = canvas.grid
    wide, high = grid.columns, grid.rows
    if wide < 2 or high < 2:
        return
    corners = "┏┓┗┛━┃" if panel.broken else "┌┐└┘─│"
    role: Role = "error" if panel.broken else "muted"
    canvas.put(0, 0, corners[0] + corners[4] * (wide - 2) + corners[1], role)
    canvas.put(0, high - 1, corners[2] + corners[4] * (wide - 2) + corners[3], role)
    for column in (0, wide - 1):
        grid.put_down(column, 1, corners[5], high - 2, canvas.text(role))
    title = f"◆ {panel.title}" if panel.broken else panel.title
    if text_width(title) > wide - TITLE_TAKES:
        # What stands behind a colon only says more of the same.
        title = title.partition(":")[0]
        grid.cut |= text_width(title) > wide - TITLE_TAKES
    title = shorten(title, wide - TITLE_TAKES)
    if title:
        canvas.put(2, 0, f" {title} ", "error" if panel.broken else "ink", style=BOLD)


def draw_marks(canvas: Canvas, panel: Panel, box: Box) -> None:
    """The marks of a panel inside a box."""
    canvas.styles = cells_lines.styles_of(panel, canvas.mode == "mono")
    places = rooms(panel, box, cells_lines.margins, cells_pictures.fit, equal=True, snap=True)
    for mark in panel.marks:
        draw_mark(canvas, mark, places[mark.rect])
    canvas.settle()


def draw_mark(canvas: Canvas, mark: Mark, room: Box) -> None:
    """One mark in its room."""
    match mark:
        case HeatMap():
            cells_pictures.heat_map(canvas, mark, room)
        case ImageGrid():
            cells_pictures.image_grid(canvas, mark, room)
        case Lamps():
            cells_pictures.lamps(canvas, mark, room)
        case Axes():
            cells_lines.axes(canvas, mark, room)
        case Polyline():
            cells_lines.polyline(canvas, mark, room)
        case Points():
            cells_lines.points(canvas, mark, room)
        case Graph():
            cells_lines.graph(canvas, mark, room)
        case Bars():
            cells_bars.bars(canvas, mark, room)
        case Histogram():
            cells_bars.histogram(canvas, mark, room)
        case Dial():
            cells_bars.dial(canvas, mark, room)
        case Scores():
            cells_scores.scores(canvas, mark, room)
        case Table():
            cells_text.table(canvas, mark, room)
        case TextBlock():
            cells_text.text_block(canvas, mark, room)
