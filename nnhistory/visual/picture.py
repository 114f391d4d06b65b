"""The window's picture as shapes: scene on the left, a column of words on the right, time line and keys below.

A pure function of a stage and of what the user has chosen to look at. Nothing here knows pygame.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import msgspec

from nnhistory.core.scene import Lamps, Line, Mark, Panel, Role, Scene, Size, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.layout import PIXELS, Slot, arrange
from nnhistory.draw.palette import Palette
from nnhistory.draw.pencil import said_of, still_said
from nnhistory.draw.pixel_canvas import Canvas, ruler
from nnhistory.draw.pixel_text import rows_needed
from nnhistory.draw.pixels import draw_panel, scale_for
from nnhistory.draw.shapes import Drawing, Measure
from nnhistory.draw.spots import Found, hit
from nnhistory.engine.aside import failure_panel, story_cards, story_panel
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Story
from nnhistory.visual.cards import BODY, FRAME, LEAD, height_of, pages_of
from nnhistory.visual.hand import Drawn, with_drawn
from nnhistory.visual.parts import Kept, Part
from nnhistory.visual.rails import draw_header, draw_keys, draw_line, draw_note

__all__ = [
    "DRAW_HINTS",
    "LEAST",
    "TEACH_HINT",
    "Painted",
    "Target",
    "View",
    "paint",
    "paint_thumbnail",
    "thumbnail_box",
]

LEAST = (800, 600)
"""Pixels that a picture needs; in a smaller window it is shown smaller."""

_CURVE, _CURVE_AT_MOST = 126.0, 230.0
_STORY, _SHORT_STORY = 186.0, 120.0
"""Least heights of what stands in the column of words, in pixels at scale 1."""

DRAW_HINTS = {
    "draw": "draw on the retina with the mouse: the machine answers; the right button wipes it clean",
    "points": "click into the plane for a new +; right button: a new o, or take a point away; drag points",
    "turn": "turn a knob: drag along it, or roll the mouse wheel over it; hover to read it",
}
"""What the mouse does, said where nothing else has to be said, and by the key e."""

TEACH_HINT = "draw with the mouse: it answers; click the lamp it should light: it learns; right button wipes"

_MOST_PICTURES = 5
"""More on the left at a time are too small to be read from the last row; v brings the others."""

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
    """What lies under the pointer, in words. Painting keeps it true: pictures change under a pointer that rests."""
    heard: str = ""
    """The message that stood there when the pointer came to what it points at."""
    read: tuple[tuple[float, float], Drawing, str] | None = None
    """Where the pointer rested, what is drawn there, and what it says. While both stay, nothing is looked up anew."""
    drawn: Drawn = field(default_factory=Drawn)
    kept: Kept = field(default_factory=Kept)
    needs: dict[tuple[str, ...], float] = field(default_factory=dict)
    """The most room that a text has asked for: it does not shrink again, so that nothing jumps while it plays."""


@dataclass
class Painted:
    """Shapes by region, what lies where, what can be clicked."""

    ground: Drawing
    """What lies under the parts."""
    parts: list[Part] = field(default_factory=list)
    targets: list[Target] = field(default_factory=list)
    slots: list[tuple[Panel, Box]] = field(default_factory=list)
    pages: int = 1
    folded: int = 0
    """Pictures of the selected run that found no room."""
    focus: Panel | None = None

    @cached_property
    def drawing(self) -> Drawing:
        """All of it in one, for whoever has no painter of parts. Gathered when it is first asked for."""
        shapes, spots = list(self.ground.shapes), list(self.ground.spots)
        for part in self.parts:
            shapes += part.drawing.shapes
            spots += part.drawing.spots
        return Drawing(shapes, spots)

    def part_at(self, x: float, y: float) -> Part | None:
        """The part that lies on top there."""
        return next((part for part in reversed(self.parts) if part.box.holds(x, y)), None)

    def hit(self, x: float, y: float) -> Found | None:
        """What lies there."""
        part = self.part_at(x, y)
        return hit(part.drawing.spots, x, y) if part is not None else None


def paint(stage: Stage, width: int, height: int, view: View, measure: Measure) -> Painted:
    """Everything in width x height pixels."""
    scale = scale_for(width, height)
    painted = Painted(Drawing())
    Canvas(painted.ground, view.palette, measure, Box(0, 0, width, height), scale).rect(
        Box(0, 0, width, height), view.palette.colour("paper")
    )
    # Asked for once: each of them is worked out from the run anew.
    story, status, line = stage.story, stage.status, stage.timeline
    edge, head, foot = 10 * scale, 44 * scale, 78 * scale
    top = _strip(painted, view, measure, Box(0, 0, width, head), scale)
    draw_header(top, stage, status, Box(edge, 0, width - 2 * edge, head))
    body = Box(edge, head, width - 2 * edge, height - head - foot)
    lanes = (stage.selected,) if stage.crowd else stage.visible
    if len(lanes) == 1:
        _lane(painted, stage, lanes[0], story, body, view, measure, scale)
    else:
        # Two runs share the left; the words belong to the selected one.
        column = _column_width(body, scale)
        half = (body.width - column) / 2
        chosen = _scene(stage, stage.selected, Box(body.x, body.y, half, body.height), scale)
        order = [panel.id for panel in chosen.panels]
        for place, lane in enumerate(lanes):
            box = Box(body.x + place * half, body.y, half, body.height)
            strip = _strip(painted, view, measure, Box(box.x, box.y, half, 26 * scale), scale)
            _title(strip, stage, lane)
            below = box.inset(0, 26 * scale, 0, 0)
            _pictures(painted, stage, lane, below, view, measure, scale, left_out=("step",), order=order)
        words = Box(body.right - column, body.y, column, body.height)
        beside = [panel for panel in chosen.panels if panel.id == "step"]
        _words(painted, stage, story, beside, words, view, measure, scale)
    page = _strip(painted, view, measure, Box(0, height - foot, width, foot), scale)
    rail = Box(edge, height - foot + 6 * scale, width - 2 * edge, 22 * scale)
    painted.targets.append(Target(draw_line(page, line, rail), "seek"))
    note = Box(edge, rail.bottom + 2 * scale, rail.width, 20 * scale)
    if view.pointer is not None:
        view.note = _said_at(painted, view, view.pointer)
    pointed = still_said(view.note, view.heard, status.message)
    draw_note(page, status, line.latest if stage.board is None else None, note, pointed, _hint(painted))
    keys = Box(edge, height - 24 * scale, rail.width, 20 * scale)
    painted.targets += [
        Target(box, action)
        for box, action in draw_keys(page, stage, status, story, keys, painted.pages > 1, painted.folded)
    ]
    return painted


def _said_at(painted: Painted, view: View, place: tuple[float, float]) -> str:
    """What lies under a pointer that rests at this place, in words."""
    part = painted.part_at(*place)
    if part is None:
        return ""
    if view.read is None or view.read[0] != place or view.read[1] is not part.drawing:
        view.read = place, part.drawing, said_of(hit(part.drawing.spots, *place))
    return view.read[2]


def _hint(painted: Painted) -> str:
    """What the mouse can do with what is in sight: drawing first, then turning where there is more than one knob."""
    edits = [mark.edit.how for panel, _ in painted.slots for mark in panel.marks if mark.edit is not None]
    for how in ("draw", "points", "turn"):
        if edits.count(how) > (how == "turn"):
            return DRAW_HINTS[how]
    return ""


def _strip(painted: Painted, view: View, measure: Measure, box: Box, scale: float) -> Canvas:
    """A region that is drawn anew in every frame: a row of text, the time line."""
    drawing = Drawing()
    painted.parts.append(Part(box, drawing))
    return Canvas(drawing, view.palette, measure, box, scale)


def _column_width(body: Box, scale: float) -> float:
    return max(0.34 * body.width, min(330 * scale, 0.45 * body.width))


def _title(page: Canvas, stage: Stage, lane: int) -> None:
    """Above one of two runs side by side: which it is."""
    box, size = page.bounds, 16 * page.scale
    role: Role = "attention" if lane == stage.selected else "ink"
    title, edge = stage.lanes[lane].title, 8 * page.scale
    page.text(box.x + edge, box.y + 1.1 * size, title, size, role, bold=True, room=box.width - 2 * edge)


def _scene(stage: Stage, lane: int, box: Box, scale: float) -> Scene:
    return stage.scene(Size(int(box.width / (9 * scale)), int(box.height / (18 * scale))), lane)


def _lane(
    painted: Painted, stage: Stage, lane: int, story: Story, body: Box, view: View, measure: Measure, scale: float
) -> None:
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
    _words(painted, stage, story, beside, words, view, measure, scale)


def _pictures(
    painted: Painted, stage: Stage, lane: int, box: Box, view: View, measure: Measure, scale: float, *,
    left_out: Sequence[str], scene: Scene | None = None, order: Sequence[str] = (),
) -> None:  # fmt: skip
    scene = scene if scene is not None else _scene(stage, lane, box, scale)
    every = list(scene.panels)
    if order:
        # Two runs side by side are compared more easily where the same pictures stand in the same places.
        every.sort(key=lambda panel: order.index(panel.id) if panel.id in order else len(order))
    panels = [panel for panel in every if panel.id not in left_out]
    if view.zoom and lane == stage.selected:
        panels = _large(every, view.zoom) or panels
    turn = view.first % max(1, len(panels))
    panels = panels[turn:] + panels[:turn]
    failure = stage.lanes[lane].failure if stage.board is None else ""
    if failure:
        panels.insert(0, failure_panel(failure))
    if lane == stage.selected and panels:
        painted.focus = panels[0]
    layout = arrange(panels, int(box.width / scale), int(box.height / scale), units=PIXELS, most=_MOST_PICTURES)
    if lane == stage.selected and not view.zoom:
        painted.folded = len(layout.folded)
    for slot in layout.placed:
        _place(painted, slot, box, view, measure, scale, f"{lane}")


def _large(every: Sequence[Panel], wanted: str) -> list[Panel]:
    """The picture that is shown alone; beside a picture to draw on the lamps that answer to it."""
    large = [msgspec.structs.replace(panel, weight=2 * panel.weight) for panel in every if panel.id == wanted]
    if any(mark.edit is not None and mark.edit.how == "draw" for panel in large for mark in panel.marks):
        large += [panel for panel in every if panel.marks and isinstance(panel.marks[0], Lamps)]
    return large


def _place(
    painted: Painted, slot: Slot, area: Box, view: View, measure: Measure, scale: float, where: str = ""
) -> None:  # fmt: skip
    box = Box(area.x + slot.x * scale, area.y + slot.y * scale, slot.width * scale, slot.height * scale)
    panel = with_drawn(slot.panel, view.drawn) if view.drawn.knob else slot.panel
    panel = _in_words(panel) if view.plain and panel.id not in ("story", "failure") else panel
    painted.parts.append(
        view.kept.draw(
            f"{where} {panel.id}", panel, box, view.palette, scale,
            lambda: draw_panel(panel, box, view.palette, measure, scale=scale),
        )
    )  # fmt: skip
    painted.slots.append((slot.panel, box))


def _in_words(panel: Panel) -> Panel:
    text = TextBlock(lines=(Line(panel.sentence),), monospace=False)
    return msgspec.structs.replace(panel, marks=(text,), square=False)


def _words(
    painted: Painted, stage: Stage, story: Story, beside: list[Panel], box: Box, view: View, measure: Measure,
    scale: float,
) -> None:  # fmt: skip
    """Story, arithmetic, curve: one under another, each with the room that its words need."""
    if view.xray and stage.board is None:
        beside = stage.with_xray(beside, 0)
    cards = story_cards(story)
    room, width = box.height / scale, box.width / scale - 2 * PIXELS.frame[0]
    widths = ruler(measure)  # type: ignore[arg-type]
    heights = {panel.id: _need(panel, width, view, stage, measure, scale) for panel in beside}
    while beside and room - sum(heights[panel.id] for panel in beside) < _STORY:
        if view.xray and len(beside) == 1:
            # It was asked for: what is too long for it at its full size is drawn smaller.
            story_needs = max(_SHORT_STORY, height_of(cards, width, 0.84 * BODY, widths, scale))
            heights[beside[0].id] = min(heights[beside[0].id], room - min(_STORY, story_needs))
            break
        beside = beside[:-1]
    if view.xray or (story.question is not None and story.answer is None):
        # What is asked, and what somebody wants to read beside the arithmetic, stands there in full: no curve then.
        words = height_of(cards, width, 0.84 * BODY, widths, scale)
        # Beside a ghost it stays, and the arithmetic goes: both futures are what one wants to see.
        gone = "step" if stage.lane.ghost is not None and stage.lane.show_ghost and not view.xray else "curve"
        if room - sum(heights[panel.id] for panel in beside) < words:
            beside = [panel for panel in beside if panel.id != gone]
    spare = room - sum(heights[panel.id] for panel in beside)
    if beside and not view.plain:
        # What the story leaves over makes the curve higher, but a curve is no better for being a tower.
        most = _most(view, ("story", stage.id, str(story.number)), height_of(cards, width, 0.94 * BODY, widths, scale))
        give = min(_CURVE_AT_MOST - _CURVE, max(0.0, spare - max(_STORY, most)))
        for panel in beside:
            if panel.id == "curve":
                heights[panel.id] += give
                spare -= give
    pages = pages_of(cards, width, spare - FRAME, widths, scale)
    painted.pages = len(pages)
    number = view.page % len(pages)
    more = f"⏎ more ({number + 1}/{len(pages)})" if len(pages) > 1 else ""
    panel = story_panel(story, pages[number], more=more)
    _place(painted, Slot(panel, 0, 0, int(box.width / scale), int(spare)), box, view, measure, scale)
    y = spare
    for panel in beside:
        high = heights[panel.id]
        _place(painted, Slot(panel, 0, int(y), int(box.width / scale), int(high)), box, view, measure, scale)
        y += high


def _need(panel: Panel, width: float, view: View, stage: Stage, measure: Measure, scale: float) -> float:
    """The height that a panel of the column needs, in pixels at scale 1."""
    if view.plain:
        lines: tuple[Line, ...] = (Line(panel.sentence),)
    elif panel.id == "curve" or not all(isinstance(mark, TextBlock) for mark in panel.marks):
        return _CURVE if panel.id == "curve" else 290.0
    else:
        lines = tuple(line for mark in panel.marks if isinstance(mark, TextBlock) for line in mark.lines)
    mono = not view.plain
    widths = ruler(measure)  # type: ignore[arg-type]
    cell = widths.width("m", BODY, mono=mono)
    size = BODY * min(1.0, max(0.84, (width - 16) / ((panel.least.columns + 2) * cell))) if mono else 0.94 * BODY
    # Counted at the size at which it will be drawn: small letters do not shrink evenly.
    page = Canvas(Drawing(), view.palette, measure, Box(0, 0, width * scale, 0), scale)
    rows = rows_needed(page, TextBlock(lines=lines, monospace=mono), width * scale, round(size * scale, 1))
    return _most(view, (panel.id, stage.id, stage.lane.id, str(width)), rows * size * LEAD + FRAME + 2)


def _most(view: View, key: tuple[str, ...], need: float) -> float:
    view.needs[key] = max(need, view.needs.get(key, 0.0))
    return view.needs[key]


def thumbnail_box(rail: Box, x: float, scale: float) -> Box:
    """Where the small picture of another moment stands, above the time line."""
    wide, high = 132 * scale, 152 * scale
    left = min(max(rail.x, x - wide / 2), rail.right - wide)
    return Box(left, rail.y - high - 4 * scale, wide, high)


def paint_thumbnail(mark: Mark, title: str, box: Box, view: View, measure: Measure, scale: float) -> Drawing:
    """A small picture in a frame, its step above it."""
    panel = Panel("thumbnail", title, "", (mark,), square=True)
    drawing = Drawing()
    Canvas(drawing, view.palette, measure, box, scale).rect(box, view.palette.colour("paper"))
    drawing.shapes += draw_panel(panel, box, view.palette, measure, scale=scale).shapes
    return drawing
