"""What came out of a run, in numbers: every metric's first, last, smallest and largest value, and the events.

Counted over *every* moment, whatever the recording keeps. No NumPy: expectations and `run --json` read this.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from nnhistory.core.events import Event

__all__ = ["RunOutcome", "Tally"]


class Tally(msgspec.Struct):
    """One metric over a run. `at` holds its value at the steps that expectations asked for beforehand."""

    first: float
    final: float
    min: float
    max: float
    at: dict[int, float] = {}

    @classmethod
    def of(cls, value: float) -> Tally:
        return cls(value, value, value, value, {})


class RunOutcome(msgspec.Struct):
    """A run's result. `steps` begun, `moments` seen, `seconds` of computing."""

    id: str
    era: str
    seed: int
    device: str = "cpu"
    steps: int = 0
    moments: int = 0
    seconds: float = 0.0
    metrics: dict[str, Tally] = {}
    events: list[Event] = []
    config: dict[str, Any] = {}

    def first_event(self, kind: str) -> Event | None:
        """The first event of this kind, or None."""
        return next((event for event in self.events if event.kind == kind), None)

    def to_json(self) -> dict[str, Any]:
        """The shape that `run --json` prints."""
        return {
            "id": self.id,
            "era": self.era,
            "seed": self.seed,
            "device": self.device,
            "steps": self.steps,
            "metrics": {name: finite(tally.final) for name, tally in self.metrics.items()},
            "events": [
                {"step": event.step, "kind": event.kind, "evidence": {k: finite(v) for k, v in event.evidence.items()}}
                for event in self.events
            ],
        }


def finite(value: Any) -> Any:
    """JSON has no NaN: a number that is not finite is printed as a string."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value
