"""The window's picture as shapes: scene on the left, a column of words on the right, time line and keys below.

A pure function of a stage and of what the user has chosen to look at. Nothing here knows pygame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from nnhistory.core.scene import Line, Mark, Panel, Scene, Size
from nnhistory.draw.boxes import Box
from nnhistory.draw.layout import PIXELS, Slot, arrange
from nnhistory.draw.palette import Palette
from nnhistory.draw.pixel_canvas import Canvas, ruler
from nnhistory.draw.pixels import draw_panel, scale_for
from nnhistory.draw.shapes import Drawing, Measure
from nnhistory.engine.aside import Card, failure_panel, story_cards, story_panel, xray_missing
from nnhistory.engine.stage import Stage
from nnhistory.visual.rails import draw_header, draw_keys, draw_line, draw_note

__all__ = ["LEAST", "Painted", "Target", "View", "paint"]

LEAST = (800, 600)
"""Pixels below which the window does not shrink."""

_HEIGHTS = {"step": 186.0, "curve": 126.0, "xray": 290.0}
"""Heights of the pictures in the column of words, in pixels at scale 1."""

_RIGHT = ("step", "xray", "curve")
"""Pictures that stand in the column of words."""


class Target(NamedTuple):
    """A place to click: an action's name, `seek`, or `panel ID`."""

    box: Box
    action: str


@dataclass
class View:
    """What the user has chosen to look at."""

    palette: Palette
    plain: bool = False
    first: int = 0
    zoom: str = ""
    """The id of the one panel that is shown large, "" for all."""
    xray: bool = False
    page: int = 0
    pointer: tuple[float, float] | None = None
    note: str = ""
    """What lies under the pointer, in words."""


@dataclass
class Painted:
    """Shapes, what lies where, what can be clicked."""

    drawing: Drawing
    targets: list[Target] = field(default_factory=list)
    slots: list[tuple[Panel, Box]] = field(default_factory=list)
    pages: int = 1
    focus: Panel | None = None


def paint(stage: Stage, width: int, height: int, view: View, measure: Measure) -> Painted:
    """Everything in width x height pixels."""
    scale = scale_for(width, height)
    drawing = Drawing()
    painted = Painted(drawing)
    page = Canvas(drawing, view.palette, measure, Box(0, 0, width, height), scale)
    page.rect(Box(0, 0, width, height), view.palette.colour("paper"))
    edge, head, foot = 10 * scale, 44 * scale, 78 * scale
    draw_header(page, stage, Box(edge, 0, width - 2 * edge, head))
    body = Box(edge, head, width - 2 * edge, height - head - foot)
    lanes = stage.visible
    if len(lanes) == 1:
        _lane(painted, stage, lanes[0], body, view, measure, scale)
    else:
        # Two runs share the left; the words belong to the selected one.
        column = _column_width(body, scale)
        half = (body.width - column) / 2
        for place, lane in enumerate(lanes):
            box = Box(body.x + place * half, body.y, half, body.height)
            _pictures(painted, stage, lane, _titled(page, stage, lane, box), view, measure, scale, left_out=())
        words = Box(body.right - column, body.y, column, body.height)
        _words(painted, stage, [], words, view, measure, scale)
    rail = Box(edge, height - foot + 6 * scale, width - 2 * edge, 22 * scale)
    painted.targets.append(Target(draw_line(page, stage, rail), "seek"))
    draw_note(page, stage, Box(edge, rail.bottom + 2 * scale, rail.width, 20 * scale), view.note)
    keys = Box(edge, height - 24 * scale, rail.width, 20 * scale)
    painted.targets += [Target(box, action) for box, action in draw_keys(page, stage, keys, painted.pages > 1)]
    return painted


def _column_width(body: Box, scale: float) -> float:
    return max(0.34 * body.width, min(300 * scale, 0.45 * body.width))


def _titled(page: Canvas, stage: Stage, lane: int, box: Box) -> Box:
    size = 16 * page.scale
    role = "attention" if lane == stage.selected else "ink"
    page.text(box.x + 8 * page.scale, box.y + size, stage.lanes[lane].title, size, role, bold=True, room=box.width)  # type: ignore[arg-type]
    return Box(box.x, box.y + 1.5 * size, box.width, box.height - 1.5 * size)


def _scene(stage: Stage, lane: int, box: Box, scale: float) -> Scene:
    return stage.scene(Size(int(box.width / (9 * scale)), int(box.height / (18 * scale))), lane)


def _lane(painted: Painted, stage: Stage, lane: int, body: Box, view: View, measure: Measure, scale: float) -> None:
    """One run: pictures on the left, words on the right."""
    column = _column_width(body, scale)
    pictures = Box(body.x, body.y, body.width - column, body.height)
    words = Box(pictures.right, body.y, column, body.height)
    scene = _scene(stage, lane, pictures, scale)
    beside = [panel for panel in scene.panels if panel.id in _RIGHT]
    if len(scene.panels) == len(beside):
        beside = beside[1:]
    left_out = tuple(panel.id for panel in beside)
    _pictures(painted, stage, lane, pictures, view, measure, scale, left_out=left_out, scene=scene)
    _words(painted, stage, beside, words, view, measure, scale)


def _pictures(
    painted: Painted, stage: Stage, lane: int, box: Box, view: View, measure: Measure, scale: float, *,
    left_out: Sequence[str], scene: Scene | None = None,
) -> None:  # fmt: skip
    scene = scene if scene is not None else _scene(stage, lane, box, scale)
    every = list(scene.panels)
    panels = [panel for panel in every if panel.id not in left_out]
    if view.zoom and lane == stage.selected:
        panels = [panel for panel in every if panel.id == view.zoom] or panels
    turn = view.first % max(1, len(panels))
    panels = panels[turn:] + panels[:turn]
    failure = stage.lanes[lane].failure
    if failure:
        panels.insert(0, failure_panel(failure))
    if lane == stage.selected and panels:
        painted.focus = panels[0]
    layout = arrange(panels, int(box.width / scale), int(box.height / scale), units=PIXELS)
    for slot in layout.placed:
        _place(painted, slot, box, view, measure, scale)


def _place(painted: Painted, slot: Slot, area: Box, view: View, measure: Measure, scale: float) -> None:
    box = Box(area.x + slot.x * scale, area.y + slot.y * scale, slot.width * scale, slot.height * scale)
    panel = _in_words(slot.panel) if view.plain and slot.panel.id not in ("story", "failure") else slot.panel
    part = draw_panel(panel, box, view.palette, measure, scale=scale)
    painted.drawing.shapes += part.shapes
    painted.drawing.spots += part.spots
    painted.slots.append((slot.panel, box))


def _in_words(panel: Panel) -> Panel:
    import msgspec

    from nnhistory.core.scene import TextBlock

    text = TextBlock(lines=(Line(panel.sentence),), monospace=False)
    return msgspec.structs.replace(panel, marks=(text,), square=False)


def _words(
    painted: Painted, stage: Stage, beside: list[Panel], box: Box, view: View, measure: Measure, scale: float
) -> None:
    """Story, arithmetic, curve: one under another."""
    if view.xray:
        beside = [panel for panel in beside if panel.id != "step"]
        beside.insert(0, stage.xray() or xray_missing())
    cards = story_cards(stage.story)
    heights = {panel.id: _HEIGHTS.get(panel.id, 250.0) for panel in beside}
    room = box.height / scale
    while beside and room - sum(heights[panel.id] for panel in beside) < 200:
        beside = beside[:-1]
    spare = room - sum(heights[panel.id] for panel in beside)
    share = 0.0 if not beside else min(90.0, max(0.0, spare - 330) / len(beside))
    y = 0.0
    story_high = spare - share * len(beside)
    pages = _pages(cards, box.width - 28 * scale, (story_high - 52) * scale, measure, scale)
    painted.pages = len(pages)
    number = view.page % len(pages)
    more = f"⏎ more ({number + 1}/{len(pages)})" if len(pages) > 1 else ""
    panel = story_panel(stage.story, pages[number], more=more)
    _place(painted, Slot(panel, 0, 0, int(box.width / scale), int(story_high)), box, view, measure, scale)
    y = story_high
    for panel in beside:
        high = heights[panel.id] + share
        _place(painted, Slot(panel, 0, int(y), int(box.width / scale), int(high)), box, view, measure, scale)
        y += high


def _pages(cards: list[Card], width: float, height: float, measure: Measure, scale: float) -> list[list[Card]]:
    """As many cards on a page as fit; a card is never torn unless it is alone and too long."""
    size = 15.0 * 0.92 * scale
    lead = size * 1.42
    rows = max(2, int(height / lead))
    widths = ruler(measure)  # type: ignore[arg-type]

    def need(card: Card) -> int:
        return sum(len(widths.wrap(line.text, width - 18 * scale, size, line.bold) or ("",)) for line in card)

    pages: list[list[Card]] = [[]]
    used = 0
    for card in cards:
        size_of_card = need(card)
        if pages[-1] and used + 1 + size_of_card > rows - 1:
            pages.append([])
            used = 0
        pages[-1].append(card)
        used += size_of_card + 1
    return pages


def thumbnail_box(rail: Box, x: float, scale: float) -> Box:
    """Where the small picture of another moment stands, above the time line."""
    side = 110 * scale
    left = min(max(rail.x, x - side / 2), rail.right - side)
    return Box(left, rail.y - side - 14 * scale, side, side)


def paint_thumbnail(mark: Mark, box: Box, view: View, measure: Measure, scale: float) -> Drawing:
    """A small picture in a frame."""
    panel = Panel("thumbnail", "", "", (mark,), square=True)
    drawing = Drawing()
    canvas = Canvas(drawing, view.palette, measure, box, scale)
    canvas.rect(box, view.palette.colour("paper"), 6 * scale)
    part = draw_panel(panel, Box(box.x, box.y - 26 * scale, box.width, box.height + 26 * scale), view.palette, measure,
                      scale=scale)  # fmt: skip
    drawing.shapes += part.shapes
    return drawing
