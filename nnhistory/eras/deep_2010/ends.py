"""What a count brings about: marks that are told once, and the end of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.eras.deep_2010.bowl import NEAR, RULES

__all__ = ["finished", "reached"]

_GOOD = 0.9
"""Share of test patterns right that is told."""


def reached(
    config: Mapping[str, Any], summary: Mapping[str, float], step: int, told: set[str]
) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What is told once: nine in ten test patterns right, the goal that was set for the training patterns, and which
    rule is at the bottom of a bowl.

    summary : what was counted at this step. told : what this run has told already; it is added to.
    """
    found: list[tuple[str, dict[str, Any]]] = []
    right, wrong = summary.get("test_accuracy", 0.0), summary.get("train_error", 1.0)
    if right >= _GOOD and "nine_in_ten" not in told:
        found.append(("nine_in_ten", {"step": step, "accuracy": right}))
    if config["goal"] and wrong <= config["goal"] and "goal" not in told:
        found.append(("goal", {"step": step, "error": wrong, "goal": config["goal"]}))
    told.update(kind for kind, _ in found)
    for rule in RULES if config["race"] else (config["optimiser"],):
        share = summary.get(f"rule_distance/{rule}" if config["race"] else "distance", 1.0)
        if share <= NEAR and f"bottom {rule}" not in told:
            told.add(f"bottom {rule}")
            found.append(("bottom", {"step": step, "rule": rule, "distance": share}))
    return tuple(found)


def finished(config: Mapping[str, Any], summary: Mapping[str, float], step: int) -> bool:
    """Whether the run is over: its steps are used up, it is solved and may stop, or a number has run out of range."""
    solved = summary.get("train_error", 1.0) <= config["goal"] or summary.get("distance", 1.0) <= NEAR
    enough = step >= config["steps"] or (config["stop_when_solved"] and solved)
    return enough or not np.isfinite(summary["train_loss"])
