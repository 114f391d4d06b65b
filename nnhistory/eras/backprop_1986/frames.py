"""What the pictures read from a frame: the net in it, the plane it lives in, names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Recording
from nnhistory.eras.backprop_1986.net import Net

__all__ = [
    "Window", "depth", "layer_names", "low_end", "net_of", "pattern", "short", "side", "weight_at", "weight_name",
    "window",
]  # fmt: skip


class Window(NamedTuple):
    """The piece of the plane that is shown."""

    low: Array
    high: Array

    def unit(self, xy: Array) -> Array:
        """Data coordinates (n, 2) to unit coordinates."""
        unit: Array = (xy - self.low) / (self.high - self.low)
        return unit


def depth(frame: Frame) -> int:
    """How many layers of weights there are."""
    return sum(name.startswith("weights/") for name in frame.arrays)


def weight_name(layer: int, row: int, unit: int, below: int, depth: int) -> str:
    """`x1 → h2`: the weight W[layer][row, unit]. below : units under it; rows after them are the inputs (`direct`)."""

    def letter(level: int) -> str:
        return "x" if level == 0 else "y" if level == depth else "h" if depth == 2 else f"h{level}."

    sender = f"{letter(layer)}{row + 1}" if row < below or layer == 0 else f"x{row - below + 1}"
    return f"{sender} → {letter(layer + 1)}{unit + 1}"


def weight_at(name: str, frame: Frame) -> tuple[int, int, int] | None:
    """(layer, row, unit) of the weight with this name, None if this net has none."""
    count = depth(frame)
    below = frame.arrays["input"].shape[1]
    for layer in range(count):
        rows, units = frame.arrays[f"weights/{layer}"].shape
        for row in range(rows):
            if weight_name(layer, row, 0, below, count).partition(" ")[0] != name.partition(" ")[0]:
                continue
            for unit in range(units):
                if weight_name(layer, row, unit, below, count) == name:
                    return layer, row, unit
        below = units
    return None


def net_of(frame: Frame, recording: Recording) -> Net:
    """The net as it stands in the frame."""
    config, layers = recording.header.config, range(depth(frame))
    return Net(
        [frame.arrays[f"weights/{layer}"].astype(np.float64) for layer in layers],
        [frame.arrays[f"bias/{layer}"].astype(np.float64) for layer in layers],
        config["unit"], config["output"], config["loss"], config["direct"] and len(layers) > 1,
        code=config["code"],
    )  # fmt: skip


def window(frame: Frame, recording: Recording) -> Window | None:
    """Room around the points, if there are two inputs; the same on both axes."""
    x = recording.array("data/x", frame.tick)
    if x is None or x.shape[1] != 2:
        return None
    middle = (x.max(axis=0) + x.min(axis=0)) / 2
    half = max(1e-9, float((x.max(axis=0) - x.min(axis=0)).max()) / 2) * 1.45
    return Window(middle - half, middle + half)


def side(frame: Frame, recording: Recording) -> int:
    """The side of a square picture that the input is, or 0."""
    if recording.header.dataset.get("name") not in ("digits8", "mnist"):
        return 0
    return round(float(np.sqrt(frame.arrays["input"].shape[1])))


def low_end(recording: Recording) -> float:
    """The lower end of the range of a hidden unit's output."""
    return -1.0 if recording.header.config["unit"] == "tanh" else 0.0


def layer_names(count: int) -> tuple[str, ...]:
    """first, 2, 3, ..., last."""
    return tuple("first" if k == 0 else "last" if k == count - 1 else str(k + 1) for k in range(count))


def short(value: float) -> str:
    """Two decimals, and no leading 0: .51, −.07, 1.20."""
    text = f"{abs(value):.2f}"
    text = text[1:] if text.startswith("0") else text
    return f"−{text}" if value < 0 and text.strip(".0") else text


def pattern(x: Array) -> str:
    """A short row as the bits or numbers it has: `10`, `(.50, −1)`."""
    if len(x) > 12:
        on = np.flatnonzero(x)
        return " ".join(f"x{k + 1}" for k in on[:3]) if len(on) <= 3 else f"{len(x)} numbers"
    if set(np.unique(x)) <= {0.0, 1.0}:
        return "".join(str(int(v)) for v in x)
    if set(np.unique(x)) <= {-1.0, 1.0}:
        return "".join("+" if v > 0 else "−" for v in x)
    return f"({', '.join(short(float(v)) for v in x)})"
