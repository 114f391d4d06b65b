"""Something that happened in a run, with the evidence for it."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["BREAKS", "Event"]

BREAKS = frozenset(
    {
        "limit_cycle", "not_separable", "vanishing", "exploding", "saturated", "saturating", "dead_units",
        "symmetric_units", "plateau", "divergence", "local_minimum", "misclassifies_separable", "hang_up",
        "likelihood_falls", "non_finite",
    }
)  # fmt: skip
"""Kinds of event that mean *it broke here*: ◆ on the time line and a vermilion frame."""


class Event(msgspec.Struct, frozen=True):
    """One event.

    Attributes
    ----------
    step : the training step (for the perceptron: presentations so far).
    tick : the number of the moment it was seen in, counted from 0 over the whole run.
    kind : `converged`, `turned`, or one of `BREAKS`.
    evidence : numbers and short strings that a reader can check. JSON values only.
    """

    step: int
    tick: int
    kind: str
    evidence: dict[str, Any] = {}

    @property
    def is_break(self) -> bool:
        return self.kind in BREAKS
