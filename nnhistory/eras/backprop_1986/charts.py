"""The pictures that are curves and bars: the error, the gradient of each layer, the activations."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, Histogram, Line, Mark, Panel, Polyline, Rect, Role, Size, TextBlock

__all__ = ["curve", "depth", "histogram", "profile"]

_FRAME: Rect = (0.12, 0.16, 0.98, 0.95)


def depth(frame: Frame) -> int:
    """How many layers of weights there are."""
    return sum(name.startswith("weights/") for name in frame.arrays)


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The error over the steps, with a mark where something happened; on a right-hand scale the share that is wrong."""
    top = max(1, frame.step)
    loss = recording.series("train_loss")
    known = loss.ticks <= frame.tick
    high = float(loss.values[known & np.isfinite(loss.values)].max(initial=1e-12)) * 1.08

    def line(source: Recording, name: str, unit: float) -> Array:
        series = source.series(name)
        shown = series.ticks <= frame.tick if source is recording else series.steps <= top
        values = np.where(np.isfinite(series.values), series.values, np.nan)
        return np.column_stack([series.steps[shown] / top, values[shown] / unit])

    marks: list[Mark] = [
        Axes(
            rect=_FRAME,
            xticks=((0.0, "0"), (1.0, plain(top))),
            yticks=((0.0, "0"), (0.926, plain(high / 1.08))),
            xlabel="steps",
        )
    ]
    if ghost is not None:
        marks.append(
            Polyline(rect=_FRAME, xy=line(ghost, "train_loss", high), role="muted", style="dashed", name="ghost: error")
        )
    accuracy = line(recording, "test_accuracy", 1.0)
    parts = []
    if len(accuracy):
        marks.append(
            Polyline(
                rect=_FRAME, xy=accuracy, role="good", dots=len(accuracy) < 12, name="share of test patterns right"
            )
        )
        parts.append(f"test accuracy {plain(float(accuracy[-1, 1]))}")
    error = line(recording, "train_loss", high)
    marks.append(Polyline(rect=_FRAME, xy=error, role="error", width=2, dots=len(error) < 12, name="error E"))
    for event in recording.events:
        if event.tick <= frame.tick and (event.is_break or event.kind == "converged"):
            role: Role = "error" if event.is_break else "good"
            place = np.array([[event.step / top, 0.0], [event.step / top, 1.0]])
            marks.append(Polyline(rect=_FRAME, xy=place, role=role, style="dotted", labels=("", "◆"), name=event.kind))
    now = recording.scalar("train_loss", frame.tick) or 0.0
    wrong = recording.scalar("train_error", frame.tick) or 0.0
    sentence = (
        f"The error is {plain(now)} after {plain(frame.step)} steps; {plain(100 * wrong)} % of the patterns wrong"
    )
    sentence = "; ".join([sentence, *parts]) + "."
    return Panel("curve", "the error so far", sentence, tuple(marks), least=Size(26, 7))


def layer_names(count: int) -> tuple[str, ...]:
    """first, 2, 3, ..., last."""
    return tuple("first" if k == 0 else "last" if k == count - 1 else str(k + 1) for k in range(count))


def profile(frame: Frame, recording: Recording) -> Panel:
    """The gradient of each layer on a log scale, the first layer at the bottom."""
    count = depth(frame)
    sizes = np.array([recording.scalar(f"grad_rms/{layer}", frame.tick) or 0.0 for layer in range(count)])
    good = sizes[sizes > 0]
    if not len(good):
        note = "No gradient reaches any weight."
        return Panel("profile", "the gradient in each layer", note, (TextBlock(lines=(Line(note),)),))
    high, low = float(good.max()) * 2, min(float(good.min()), float(good.max()) * 1e-2) / 2
    shown = np.maximum(sizes, low)[::-1]
    ratio = sizes[0] / sizes[-1] if sizes[-1] else 0.0
    names = layer_names(count)
    gradient: Role = "gradient"
    bars = Bars(
        values=shown, labels=names[::-1], lo=low, hi=high, roles=(gradient,) * count, log=True, horizontal=True, name="size of dE/dw",
        texts=tuple(plain(float(v)) for v in sizes[::-1]),
    )  # fmt: skip
    sentence = f"The first layer gets {plain(ratio)} times the gradient of the last one."
    return Panel("profile", "the gradient in each layer", sentence, (bars,), least=Size(26, 6))


def histogram(frame: Frame, recording: Recording) -> Panel:
    """The outputs of the units of each hidden layer and of the output, as histograms side by side."""
    count = depth(frame)
    shown = list(range(count)) if count <= 6 else [0, 1, count // 2, count - 3, count - 2, count - 1]
    low = -1.0 if recording.header.config["unit"] == "tanh" else 0.0
    marks: list[Mark] = []
    width = 1.0 / len(shown)
    for place, layer in enumerate(shown):
        values = frame.arrays[f"act/{layer}"].ravel() if f"act/{layer}" in frame.arrays else np.empty(0)
        counts, edges = np.histogram(np.clip(values, low, 1.0), bins=20, range=(low, 1.0))
        rect = (place * width + 0.01, 0.16, (place + 1) * width - 0.01, 0.98)
        name = "output" if layer == count - 1 else f"hidden {layer + 1}"
        marks.append(Histogram(rect=rect, counts=counts, edges=edges, name=f"outputs of layer {layer + 1}"))
        marks.append(TextBlock(rect=(rect[0], 0.0, rect[2], 0.14), lines=(Line(name, "muted"),)))
    means = [recording.scalar(f"act_mean/{layer}", frame.tick) or 0.0 for layer in range(count)]
    sentence = f"Mean output: {', '.join(plain(m) for m in means)}, layer by layer."
    return Panel("histogram", "the activations of each layer", sentence, tuple(marks), least=Size(30, 6))
