"""The theatre as a grid of cells: where we are, the pictures, the story, the time line, what can be pressed.

A pure function of a stage and of what the user has chosen to look at; no toolkit is needed to test it.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import msgspec

from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells import TITLE_TAKES, draw_slot
from nnhistory.draw.cells_canvas import Canvas, lay_ground
from nnhistory.draw.edits import editable, turnable
from nnhistory.draw.grid import BOLD, Grid
from nnhistory.draw.layout import Slot, arrange
from nnhistory.draw.palette import Look
from nnhistory.draw.pencil import said_of, still_said
from nnhistory.draw.spots import hit
from nnhistory.draw.words import shorten, text_width, wrap
from nnhistory.engine.aside import failure_panel, story_cards, story_panel
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Story
from nnhistory.terminal.bars import Shows, draw_header, draw_keys, draw_message, draw_timeline
from nnhistory.terminal.pages import pages

__all__ = ["LEAST", "Painted", "Target", "View", "paint_theatre", "too_small"]

_WIDE = 100
"""Columns from which on one picture alone leaves room for the story."""

LEAST = (80, 24)
"""Columns and rows below which the theatre asks for a larger window."""


class Target(NamedTuple):
    """A place to click: an action's name, or `seek`."""

    box: Box
    action: str


@dataclass
class View:
    """What the user has chosen to look at. The theatre's screen changes it; painting only reads it."""

    look: Look
    plain: bool = False
    replay: bool = False
    """A recording is shown: its numbers do not change."""
    first: str = ""
    """Id of the picture that the user wants first; "" leaves them in the chapter's order."""
    zoom: bool = False
    xray: bool = False
    page: int = 0
    pointer: tuple[int, int] | None = None
    """The cell under the pointer."""
    pointed: str = ""
    """What lies there, in words, when it came there."""
    heard: str = ""
    """The message that stood there then."""
    beside: bool = False
    """A dialog lies beside the picture and has the keys."""
    hands: Literal["", "draw", "dials"] = ""
    """The drawing cursor is out, or a dial is held: the keys' row says how to use it."""


@dataclass
class Painted:
    """The grid, and what lies where on it."""

    grid: Grid
    slots: tuple[Slot, ...] = ()
    folded: tuple[Panel, ...] = ()
    targets: list[Target] = field(default_factory=list)
    pages: int = 1
    focus: Panel | None = None
    """The picture that comes first: what `?` explains."""
    order: tuple[str, ...] = ()
    """Ids of the selected run's pictures in the chapter's order."""
    asked: bool = False
    """The story says what is asked."""
    drawable: bool = False
    """Something in sight can be drawn on."""
    pointed: str = ""
    """What lies under the pointer, in words: pictures change under one that rests."""

    @property
    def next_first(self) -> str:
        """The picture behind the first one: what `v` brings to the front."""
        if self.focus is None or self.focus.id not in self.order:
            return ""
        return self.order[(self.order.index(self.focus.id) + 1) % len(self.order)]


def too_small(columns: int, rows: int) -> Grid:
    """One polite line (or two)."""
    grid = Grid.blank(columns, rows)
    lines = [
        f"This window is {columns} x {rows}.",
        f"nnhistory needs {LEAST[0]} x {LEAST[1]}:",
        "please make it larger.  q quits",
    ]
    parts = [part for line in lines for part in wrap(line, columns)]
    for offset, part in enumerate(parts[:rows]):
        grid.put(0, offset, part)
    return grid


def paint_theatre(stage: Stage, columns: int, rows: int, view: View) -> Painted:
    """Everything on stage in columns x rows cells."""
    if columns < LEAST[0] or rows < LEAST[1]:
        return Painted(too_small(columns, rows))
    painted = Painted(Grid.blank(columns, rows))
    canvas = Canvas(painted.grid, view.look)
    body = Box(0, 1, columns, rows - 4)
    draw_header(canvas, stage, replay=view.replay)
    lanes = (stage.selected,) if stage.crowd else stage.visible
    if len(lanes) > 1:
        body = _band(painted, stage, body, view)
    width = columns // len(lanes)
    for place, lane in enumerate(lanes):
        part = Box(place * width, body.y, width if place < len(lanes) - 1 else columns - place * width, body.height)
        _paint_lane(painted, stage, lane, part, view, beside=len(lanes) > 1)
    painted.targets.append(Target(draw_timeline(canvas, stage, rows - 3), "seek"))
    folded = list(dict.fromkeys(panel.title for panel in painted.folded))
    painted.pointed = view.pointed
    if view.pointer is not None:
        painted.pointed = said_of(hit(painted.grid.spots, view.pointer[0] + 0.5, view.pointer[1] + 0.5))
    pointed = still_said(painted.pointed, view.heard, stage.message)
    draw_message(canvas, stage, rows - 2, pointed, folded, asked=painted.asked)
    shows = Shows(painted.pages > 1, painted.grid.cut or bool(folded), view.zoom, painted.drawable, view.hands)
    if not view.beside:
        painted.targets.extend(Target(box, action) for box, action in draw_keys(canvas, stage, rows - 1, shows))
    lay_ground(painted.grid, view.look)
    return painted


def _band(painted: Painted, stage: Stage, body: Box, view: View) -> Box:
    """The story over the whole width, below the pictures. Returns the room that is left for them."""
    high = min(12, max(7, int(body.height) // 4))
    _draw_story(painted, stage, Box(body.x, body.bottom - high, body.width, high), view)
    return Box(body.x, body.y, body.width, body.height - high)


def _paint_lane(painted: Painted, stage: Stage, lane: int, box: Box, view: View, *, beside: bool) -> None:
    """The pictures of one run; beside another one without the story, which both share."""
    selected = lane == stage.selected
    if beside:
        title = shorten(stage.lanes[lane].title, box.width - 2)
        canvas = Canvas(painted.grid, view.look)
        canvas.put(int(box.x) + 1, int(box.y), title, "attention" if selected else "ink", style=BOLD)
        box = Box(box.x, box.y + 1, box.width, box.height - 1)
    columns, rows = int(box.width), int(box.height)
    panels = _panels(painted, stage, lane, Size(columns, rows), view, selected=selected)
    failure = stage.lanes[lane].failure if stage.board is None else ""
    extra = [] if beside else [_story_room(stage)]
    if failure and any(panel.id != "start" for panel in panels):
        # What went wrong is never folded away; the last picture stays behind it.
        panels.insert(0, failure_panel(failure))
    elif view.zoom and panels:
        extra = extra if columns >= _WIDE else []
        panels = panels[:1]
    layout = arrange(panels, columns, rows, extra=extra)
    if selected and not view.zoom and view.first not in painted.order:
        asked_for = next((panel for panel in layout.folded if panel.id == "xray"), None)
        if asked_for is not None:  # whoever presses x wants to see it: it comes first where else it has no room
            panels = [asked_for, *(panel for panel in panels if panel is not asked_for)]
            painted.focus = asked_for
            layout = arrange(panels, columns, rows, extra=extra)
    if extra and any(panel.id == "story" for panel in layout.folded) and view.first != panels[0].id:
        # Whoever asks for a picture (v) gets it; else there is always a story.
        box = _band(painted, stage, box, view)
        layout = arrange(panels, columns, int(box.height))
    for slot in layout.placed:
        slot = Slot(slot.panel, slot.x + int(box.x), slot.y + int(box.y), slot.width, slot.height)
        if slot.panel.id == "story":
            _draw_story(painted, stage, Box(slot.x, slot.y, slot.width, slot.height), view)
        else:
            draw_slot(painted.grid, slot, view.look, plain=view.plain and slot.panel.id != "failure")
            painted.slots = (*painted.slots, slot)
    if panels and not layout.placed:
        # Not even one picture has room enough: its sentence has.
        slot = Slot(panels[0], int(box.x), int(box.y), int(box.width), int(box.height))
        draw_slot(painted.grid, slot, view.look, plain=True)
        painted.slots = (*painted.slots, slot)
    painted.folded = (*painted.folded, *layout.folded)


def _panels(painted: Painted, stage: Stage, lane: int, size: Size, view: View, *, selected: bool) -> list[Panel]:
    """The pictures of a run, the one that the user wants first."""
    panels = list(stage.scene(size, lane).panels)
    if selected and view.xray and stage.board is None:
        panels = stage.with_xray(panels, 1)
    order = tuple(panel.id for panel in panels)
    turn = order.index(view.first) if view.first in order else 0
    panels = panels[turn:] + panels[:turn]
    if panels and selected:
        painted.order, painted.focus = order, panels[0]
        painted.drawable = (editable(panels) is not None or bool(turnable(panels))) and not view.replay
    return panels


def _story_room(stage: Stage) -> Panel:
    """The story, as far as its wish for room goes: on the relay's board it is a few lines."""
    panel = story_panel(stage.story, [])
    return panel if stage.scores is None else msgspec.structs.replace(panel, least=Size(40, 5))


def _draw_story(painted: Painted, stage: Stage, box: Box, view: View) -> None:
    slot, number = _paged_story(painted, stage, box, view)
    draw_slot(painted.grid, slot, view.look)
    if number:
        text = f" {number} "
        Canvas(painted.grid, view.look).put(
            int(box.right) - text_width(text) - 2, int(box.bottom) - 1, text, "ink", style=BOLD
        )
    painted.slots = (*painted.slots, slot)


def _headed(story: Story, columns: int) -> tuple[str, list[Line], str]:
    """What stands in the frame above, what more of the title begins the page, and what stands in the frame below.

    A long title has the frame to itself, and the chapter's number goes below; a longer one goes on in the panel.
    """
    panel = story_panel(story, [])
    room = columns + 2 - TITLE_TAKES - (2 if panel.broken else 0)
    if text_width(panel.title) <= room:
        return panel.title, [], ""
    first, *rest = wrap(story.title, room)
    if rest:
        rest = wrap(story.title.removeprefix(first).strip(), columns)
    return first, [Line(line, bold=True) for line in rest], f"{story.number}/{story.count}" if story.count else ""


def _paged_story(painted: Painted, stage: Stage, box: Box, view: View) -> tuple[Slot, str]:
    """The page of the story that is open, its title and frame as the story has them, and what its frame says below."""
    columns = int(box.width) - 2
    title, rest, below = _headed(stage.story, columns)
    rows = int(box.height) - 2 - len(rest)
    all_pages = pages(story_cards(stage.story), columns, rows)
    painted.asked = stage.scores is None or len(all_pages) == 1
    if not painted.asked:
        # Enter opens a net here and turns no page: what is asked stands in the row of messages instead.
        all_pages = pages(story_cards(dataclasses.replace(stage.story, question=None)), columns, rows)
    painted.pages = len(all_pages)
    number = view.page % len(all_pages)
    lines = list(all_pages[number])
    if len(all_pages) > 1:
        lines.extend([Line("")] * (rows - 1 - len(lines)))
        story = stage.story
        asked = story.question is not None and story.answer is None and story.chosen is None and number == 0
        more = f"⏎ {'your wager' if asked else 'more'} ({number + 1}/{len(all_pages)})"
        lines.append(Line(" " * max(0, columns - text_width(more)) + more, "muted"))
    panel = story_panel(stage.story, [tuple(lines)])
    block = TextBlock(lines=(*rest, *lines), monospace=False)
    panel = msgspec.structs.replace(panel, title=title, marks=(block,))
    return Slot(panel, int(box.x), int(box.y), int(box.width), int(box.height)), below
