"""What everybody may know of a recording: a header and frames, read-only, still growing or complete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import msgspec

from nnhistory.core.events import Event
from nnhistory.core.moment import Array, Frame

__all__ = ["FORMAT", "Header", "Recording", "Series"]

FORMAT = 1
"""The file format's number. A reader of a later number refuses; an earlier one is converted."""


class Header(msgspec.Struct, frozen=True):
    """What was run: enough to run it again.

    `streams` is a fingerprint of the random streams' first draws: another NumPy that draws otherwise shows here.
    `planned` is the number of steps the run takes at most, 0 if unknown.
    """

    run: str
    era: str
    seed: int
    config: dict[str, Any]
    dataset: dict[str, Any]
    device: str = "cpu"
    scenario: str = ""
    planned: int = 0
    streams: str = ""
    versions: dict[str, str] = {}
    format: int = FORMAT


class Series(msgspec.Struct, frozen=True):
    """One metric over the run: `ticks`, `steps` and `values`, each (n,). Thinned to a few thousand true points."""

    ticks: Array
    steps: Array
    values: Array


class Recording(Protocol):
    """An append-only sequence of frames; live and loaded recordings are the same to a reader."""

    @property
    def header(self) -> Header: ...

    @property
    def frames(self) -> Sequence[Frame]:
        """By `tick`, ascending. Kept frames and the rolling tail."""
        ...

    @property
    def events(self) -> Sequence[Event]:
        """All of them, in order of `tick`."""
        ...

    @property
    def complete(self) -> bool:
        """True once the run has ended and every frame is here."""
        ...

    def at(self, tick: int) -> Frame:
        """The last frame at or before `tick` (the first frame if there is none)."""
        ...

    def array(self, name: str, tick: int) -> Array | None:
        """The newest value of array `name` at or before `tick`, or None: `data/x` is offered only now and then."""
        ...

    def scalar(self, name: str, tick: int) -> float | None:
        """The newest value of metric `name` at or before `tick`, or None."""
        ...

    def series(self, name: str) -> Series:
        """The metric over the run so far (empty if it never came)."""
        ...
