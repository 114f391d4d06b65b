"""Somebody at the keys of the walkthrough."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from nnhistory.engine.stage import Stage
from nnhistory.terminal.app import WalkthroughApp
from nnhistory.terminal.grid_view import GridView
from nnhistory.terminal.theatre import Theatre
from nnhistory.terminal.theatre_picture import Painted
from tests.engine.stagehand import LIMIT


class Visitor:
    """Presses keys, clicks, waits, and reads what is on the screen."""

    def __init__(self, app: WalkthroughApp, pilot: Pilot[Any]) -> None:
        self.app, self.pilot = app, pilot

    @property
    def theatre(self) -> Theatre:
        """The theatre, whatever lies over it."""
        return next(screen for screen in reversed(self.app.screen_stack) if isinstance(screen, Theatre))

    @property
    def stage(self) -> Stage:
        stage = self.theatre.stage
        assert stage is not None
        return stage

    @property
    def lesson(self) -> str:
        """What is on stage; "" if nothing is yet."""
        shown = [screen.stage for screen in self.app.screen_stack if isinstance(screen, Theatre)]
        return shown[-1].id if shown and shown[-1] is not None else ""

    @property
    def painted(self) -> Painted:
        painted = self.theatre.painted
        assert painted is not None
        return painted

    @property
    def text(self) -> str:
        """What the topmost grid of cells shows."""
        return "\n".join(self.app.screen.query_one(GridView).grid.lines())

    @property
    def theatre_text(self) -> str:
        """What the theatre shows, whatever lies over or beside it."""
        return "\n".join(self.theatre.query_one(GridView).grid.lines())

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def until(self, so: Callable[[], object], limit: float = LIMIT) -> None:
        """Wait until `so`; AssertionError after `limit` seconds."""
        end = time.monotonic() + limit
        while not so():
            assert time.monotonic() < end, f"waited {limit} s:\n{self.app.screen}"
            await asyncio.sleep(0.01)
        await self.pilot.pause()

    async def hold(self) -> None:
        """Pause, once there is something to see."""
        await self.until(lambda: self.stage.lane.started)
        if self.stage.status.state == "playing":
            await self.press("space")
        await self.until(lambda: self.stage.status.state != "playing")
