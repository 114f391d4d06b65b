"""What the pictures read from a frame: layers, names, curves over the steps."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Recording

__all__ = ["chosen", "depth", "happened", "line", "names", "per_layer", "planar", "short", "side", "tame"]


def depth(frame: Frame) -> int:
    """How many layers of weights there are."""
    return sum(name.startswith("bias/") for name in frame.arrays)


def chosen(count: int, most: int) -> list[int]:
    """At most so many of `count` layers, first and last among them."""
    if count <= most:
        return list(range(count))
    return [int(k) for k in np.unique(np.linspace(0, count - 1, most).round())]


def names(count: int) -> tuple[str, ...]:
    """hidden 1, hidden 2, ..., output."""
    return (*(f"hidden {layer + 1}" for layer in range(count - 1)), "output")


def per_layer(frame: Frame, recording: Recording, name: str, count: int) -> Array:
    """One number for each layer, (count,); NaN where it has not been measured or is out of range."""
    values = [recording.scalar(f"{name}/{layer}", frame.tick) for layer in range(count)]
    found = np.array([np.nan if value is None else value for value in values])
    found[~np.isfinite(found)] = np.nan
    return found


def line(recording: Recording, name: str, frame: Frame, top: float, high: float, ghost: bool = False) -> Array:
    """The metric over the steps so far as unit coordinates (n, 2): x of `top` steps, y of `high`."""
    series = recording.series(name)
    shown = series.steps <= frame.step if ghost else series.ticks <= frame.tick
    values = np.where(np.isfinite(series.values), series.values, np.nan)
    return np.column_stack([series.steps[shown] / top, np.minimum(values[shown] / high, 1.2)])


def happened(recording: Recording, frame: Frame, *kinds: str) -> bool:
    """Has one of these been noticed by now?"""
    return any(event.kind in kinds and event.tick <= frame.tick for event in recording.events)


def planar(frame: Frame) -> bool:
    """Are the patterns points in a plane?"""
    return bool(frame.arrays["input"].shape[1] == 2)


def side(frame: Frame, recording: Recording) -> int:
    """The side of a square picture that the input is, or 0."""
    if recording.header.dataset.get("name") not in ("digits8", "digits_placed", "mnist"):
        return 0
    return round(float(np.sqrt(frame.arrays["input"].shape[1])))


def short(value: float) -> str:
    """Two decimals, and no leading 0: .51, −.07, 1.20."""
    text = f"{abs(value):.2f}"
    text = text[1:] if text.startswith("0") else text
    return f"−{text}" if value < 0 and text.strip(".0") else text


def tame(values: Array) -> Array:
    """The same numbers for drawing: what ran out of range is cut at 1e30, so that squares of it are still numbers."""
    cut: Array = np.clip(np.nan_to_num(values.astype(float)), -1e30, 1e30)
    return cut
