"""What a front end may know of a stage at one instant: plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from nnhistory.core.events import Event
from nnhistory.core.params import Param

__all__ = ["Knob", "State", "Status", "Story", "Tick", "Timeline"]

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
    counts: str = ""
    """What `step` and `planned` count, where they are no steps: `runs`, `nets`."""


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

    @property
    def latest(self) -> Tick | None:
        """The event at or before the playhead, None if nothing has happened yet."""
        return next((tick for tick in reversed(self.ticks) if tick.place <= self.place + 1e-9), None)


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
    done: bool = False
    """What settles the question is there, and waits for a wager."""
    break_text: str = ""
    history_text: str = ""
    broke: bool = False
    """It tells of a failure that is over and known: the frame says so, no sentence of its own."""


@dataclass(frozen=True)
class Knob:
    """A knob as it stands now."""

    name: str
    param: Param
    value: Any
    live: bool
