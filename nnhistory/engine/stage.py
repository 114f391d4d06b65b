"""The stage: one scenario being performed. Both front ends talk to this and to nothing else of the engine.

No toolkit, no thread, no clock of its own: a front end calls `update(now)` on every tick of its clock and asks
for a scene when that returned True.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from nnhistory.core.events import Event
from nnhistory.core.manifest import Manifest
from nnhistory.core.params import Param
from nnhistory.core.scene import Panel, Scene, Size

__all__ = ["Knob", "Lane", "Stage", "Status", "Story", "Tick", "Timeline"]

State = Literal["starting", "playing", "paused", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class Status:
    """For the top line. `step` of `planned` (0: unknown); `speed` in moments a second; `progress` 0..1 or None."""

    state: State
    step: int
    planned: int
    speed: float
    phase: str
    message: str = ""
    progress: float | None = None
    failure: str = ""
    """What the child said when it broke: shown as one readable panel, the last good frame stays."""


@dataclass(frozen=True)
class Tick:
    """A mark on the time line at `place` (0..1)."""

    place: float
    event: Event
    text: str


@dataclass(frozen=True)
class Timeline:
    """place: the playhead, ready: how far the recording reaches (both 0..1 of the planned run)."""

    place: float
    ready: float
    ticks: tuple[Tick, ...]
    ghost_ticks: tuple[Tick, ...] = ()


@dataclass(frozen=True)
class Story:
    """What the story panel says now.

    question: None or the question's text; options: its answers; chosen: index or None; answer: the index of the
    right ones once revealed, else None; reply: what to say about the choice after the reveal.
    break_text / history_text: set when the playhead is at or behind a break: what broke with its numbers, and what
    history did about it.
    """

    title: str
    text: str
    number: int
    count: int
    question: str | None = None
    options: tuple[str, ...] = ()
    chosen: int | None = None
    answer: tuple[int, ...] | None = None
    reply: str = ""
    break_text: str = ""
    history_text: str = ""


@dataclass(frozen=True)
class Knob:
    """A knob as it stands now."""

    name: str
    param: Param
    value: Any
    live: bool


class Lane:
    """One run on stage: `id`, `title`, `era` (Manifest), `recording`, `playhead`, `ghost` (Recording | None)."""

    id: str
    title: str
    era: Manifest


class Stage:
    """See the module's text. Made by `Stage.open(SCENARIO, ...)` or `Stage.replay(FILE)`."""

    lanes: tuple[Lane, ...]
    selected: int

    def update(self, now: float) -> bool:
        """Take what the runner sent, move the playhead to time `now` (seconds), grant credit. True: redraw."""
        raise NotImplementedError

    def act(self, action: str) -> str:
        """Do one of `ACTIONS`. Returns a short message for the status line ("" if there is nothing to say)."""
        raise NotImplementedError

    def choose(self, option: int) -> str:
        """Wager on answer `option` (0-based) of the present question."""
        raise NotImplementedError

    def turn(self, knob: str, value: Any) -> str:
        """Turn a knob: live ones at the next step boundary, others restart the run. BadInput if out of range."""
        raise NotImplementedError

    def fork(self, knob: str, value: Any) -> str:
        """From the playhead's step on with this setting; the old future stays as ghost."""
        raise NotImplementedError

    def seek(self, place: float) -> None:
        """Move the playhead to `place` (0..1 of the time line)."""
        raise NotImplementedError

    def scene(self, size: Size, lane: int | None = None) -> Scene:
        """The scene at the playhead of the selected lane (or of `lane`). A study's scene is its chart, table and board."""
        raise NotImplementedError

    def xray(self) -> Panel | None:
        """This step's arithmetic, or None if the era has none for this moment."""
        raise NotImplementedError

    @property
    def story(self) -> Story:
        raise NotImplementedError

    @property
    def status(self) -> Status:
        raise NotImplementedError

    @property
    def timeline(self) -> Timeline:
        raise NotImplementedError

    @property
    def knobs(self) -> Mapping[str, Knob]:
        """The selected lane's knobs."""
        raise NotImplementedError

    def save(self, file: str) -> str:
        """Save the selected lane's scenario with every turn made by hand, as a new scenario file."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the child (within 0.5 s). Safe to call twice."""
        raise NotImplementedError
