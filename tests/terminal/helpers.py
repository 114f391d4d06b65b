"""A theatre without a terminal: a stage that computes in this process, painted into a grid."""

from __future__ import annotations

from nnhistory.draw.palette import Look, Mode, palette
from nnhistory.engine.stage import Stage
from nnhistory.terminal.theatre_picture import Painted, View, paint_theatre
from tests.engine.stagehand import Clock, registry, toy

__all__ = ["Show", "toy"]

FRAME = set("┌┐└┘─│┏┓┗┛━┃")


class Show:
    """A scenario on stage, its clock, and what a viewer has chosen to see."""

    def __init__(self, scenario: object, mode: Mode = "truecolor", *, dark: bool = True, plain: bool = False) -> None:
        self.stage = Stage.open(scenario, registry=registry(), inline=True)  # type: ignore[arg-type]
        self.clock = Clock(self.stage)
        self.view = View(Look(palette(dark=dark), mode), plain=plain)
        if self.stage.board is None:
            self.clock.until(lambda: self.stage.lane.started)

    def paint(self, columns: int = 80, rows: int = 24) -> Painted:
        return paint_theatre(self.stage, columns, rows, self.view)

    def text(self, columns: int = 80, rows: int = 24) -> str:
        return "\n".join(self.paint(columns, rows).grid.lines())

    def in_mode(self, mode: Mode, *, dark: bool = True, plain: bool = False) -> None:
        self.view.look = Look(palette(dark=dark), mode)
        self.view.plain = plain

    def to_end(self) -> None:
        """Play to the end, wagering nothing."""
        self.stage.act("last")
        self.clock.state("done")
        self.stage.message = ""

    def to_question(self) -> None:
        """Play until the story asks."""
        self.stage.act("play_pause") if self.stage.status.state == "paused" else None
        self.clock.until(lambda: self.stage.story.question is not None)


def story_pages(show: Show, columns: int, rows: int) -> list[list[str]]:
    """The rows of the story panel, page by page, without its frame."""
    found = []
    show.view.page = 0
    for page in range(show.paint(columns, rows).pages):
        show.view.page = page
        painted = show.paint(columns, rows)
        slot = next(slot for slot in painted.slots if slot.panel.id == "story")
        lines = [painted.grid.text(row) for row in range(slot.y + 1, slot.y + slot.height - 1)]
        found.append([line[slot.x + 1 : slot.x + slot.width - 1] for line in lines])
    show.view.page = 0
    return found
