"""What the pictures need to know of a recording: sizes, sides, newest arrays, knobs as they stand."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Recording

__all__ = ["knob", "machine", "newest", "side", "sigma", "softplus", "tiny"]

_TINY = 6
"""Units in all up to which every state is written down."""


def newest(frame: Frame, recording: Recording, name: str) -> Array | None:
    """The array in this frame, or the newest one before it: large weights come at counts only."""
    found = frame.arrays.get(name)
    return found if found is not None else recording.array(name, frame.tick)


def machine(frame: Frame, recording: Recording) -> tuple[Array, Array, Array]:
    """W (d, h), b (d,), c (h,) as they were recorded last, in float64."""
    parts = [newest(frame, recording, name) for name in ("weights/0", "bias/visible", "bias/0")]
    W, b, c = (np.zeros((1, 1)) if part is None else part.astype(float) for part in parts)
    return W, b.ravel(), c.ravel()


def side(count: int) -> int:
    """The side of a square picture of so many pixels, or 0."""
    root = round(count**0.5)
    return root if root * root == count and count >= 9 else 0


def tiny(frame: Frame, recording: Recording) -> bool:
    """Few enough units to write down every state?"""
    return sum(machine(frame, recording)[0].shape) <= _TINY


def knob(name: str, recording: Recording, step: int) -> Any:
    """The knob in this step: the run's, or the newest turn of it."""
    value = recording.header.config[name]
    for event in recording.events:
        if event.kind == "turned" and event.evidence.get("knob") == name and event.evidence.get("after", 0) < step:
            value = event.evidence["value"]
    return value


def sigma(x: Array) -> Array:
    """1 / (1 + exp(-x)), written so that it cannot overflow."""
    y: Array = 0.5 + 0.5 * np.tanh(0.5 * x)
    return y


def softplus(x: Array) -> Array:
    """ln(1 + exp(x))."""
    y: Array = np.logaddexp(0.0, x)
    return y
