"""How much memory a net will need, asked before anything is made: too large a net is refused, not killed."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

from nnhistory.core.errors import BadInput

__all__ = ["REMEDY", "check_room", "free_memory"]

_COPIES = {"adam": 5, "nesterov": 4, "adagrad": 4, "rmsprop": 4}
"""Of each weight: itself, its gradient, its change, and what the rule remembers. Three for sgd and momentum."""
REMEDY = "Lower nets, hidden or units, or the batch; or leave --device out"


def free_memory() -> int:
    """Bytes of main memory that are free now; 0 where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return 0


def check_room(config: Mapping[str, Any], shapes: Sequence[tuple[int, int]], free: int) -> None:
    """Raises BadInput if the weights and what goes with them cannot fit into `free` bytes (0: not known)."""
    numbers = sum((n_in + 1) * n_out for n_in, n_out in shapes) * config["nets"]
    size = numbers * (8 if config["precision"] == "double" else 4) * _COPIES.get(config["optimiser"], 3)
    if free and size > free:
        raise BadInput(
            f"this net does not fit: its weights need about {size / 1e9:.1f} GB, {free / 1e9:.1f} GB are free",
            key="hidden" if config["hidden"] else "units",
            why=f"{numbers:,} weights, their gradients and changes", remedy=REMEDY,
        )  # fmt: skip
