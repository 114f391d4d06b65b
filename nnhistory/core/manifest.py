"""`era.toml`, decoded: what an era is called, where it comes from, what can be turned and what it measures."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

import msgspec

from nnhistory.core.params import Param

__all__ = ["EventSpec", "Manifest", "Metric", "Paper", "Stacks", "Statement"]


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A source. `read` says how we know it: `original`, `secondary` or `unverified`."""

    author: str
    year: int
    title: str
    venue: str
    note: str = ""
    read: str = "unverified"


class Statement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A historical sentence and the papers (by key) it rests on."""

    text: str
    sources: tuple[str, ...]
    popular: str = ""
    """What popular history says instead, where it errs. Empty: nothing to correct."""


class Metric(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A scalar the era reports. `help` is one sentence."""

    help: str
    unit: str = "dimensionless"
    fixed: bool = False
    """It is the same from the first moment to the last: a bound, not something that is learned."""
    passing: bool = False
    """It says what a moment is about, as the number of the pattern at hand: frames have it, but it is not counted."""


class EventSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of event this era can show: the sentence (with {evidence} filled in) and the evidence it carries."""

    text: str
    evidence: dict[str, str] = {}
    history: str = ""
    """What history did about it: shown under a break."""


class Stacks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which runs of an era can be computed beside each other, by `run_stacked` of its module `stacked`.

    Runs on the same data set, with other seeds, that differ in these knobs alone.
    """

    differ: tuple[str, ...]
    only: dict[str, list[Any]] = {}
    """Knobs that must have one of these values."""
    turned: tuple[str, ...] = ()
    """Knobs that may be turned on the way."""


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An era's `era.toml`."""

    id: str
    year: int
    title: str
    believed: str
    broke: str
    papers: dict[str, Paper]
    history: tuple[Statement, ...]
    knobs: dict[str, Param]
    metrics: dict[str, Metric]
    events: dict[str, EventSpec]
    detectors: tuple[str, ...] = ()
    panels: dict[str, str] = {}
    """Pictures this era can draw: id -> title."""
    accepts: tuple[str, ...] = ()
    """Which of `start`, `freeze`, `input` its runs understand."""
    steps_knob: str = ""
    """The knob that bounds the number of steps, if there is one."""
    torch: bool = False
    stacks: Stacks | None = None
    """Empty: every run is computed by itself."""

    def explained(self, metric: str) -> Metric | None:
        """What a metric is: of a layer's (`act_sd/3`) what is said of all of them (`act_sd/*`)."""
        if metric in self.metrics:
            return self.metrics[metric]
        return next((spec for name, spec in self.metrics.items() if fnmatchcase(metric, name)), None)

    @property
    def counted(self) -> tuple[str, ...]:
        """The metrics that have a tally and a curve: all but the passing ones."""
        return tuple(name for name, metric in self.metrics.items() if not metric.passing)
