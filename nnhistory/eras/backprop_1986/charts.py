"""The pictures that are curves and bars: the error, the gradient of each layer, the activations."""

from __future__ import annotations

import numpy as np

from nnhistory.core.event_lines import event_lines
from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, Histogram, Line, Mark, Panel, Polyline, Rect, Role, Size, TextBlock
from nnhistory.eras.backprop_1986.frames import depth, layer_names, low_end, net_of
from nnhistory.eras.backprop_1986.net import slope

__all__ = ["curve", "histogram", "profile"]

_FRAME: Rect = (0.12, 0.16, 0.98, 0.95)


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The error over the steps, with a mark where something happened; on a right-hand scale the share that is wrong."""
    top = max(1, frame.step)
    loss = recording.series("train_loss")
    known = loss.ticks <= frame.tick
    mean = recording.scalar("mean_loss", frame.tick) or 0.0
    high = float(loss.values[known & np.isfinite(loss.values)].max(initial=max(1e-12, mean))) * 1.08

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
    copying = recording.header.config["wanted"] == "inputs"  # then no pattern is ever right to the last pixel
    accuracy = line(recording, "test_accuracy", 1.0)
    parts = []
    levels: tuple[tuple[str, str, Role], ...] = (
        ("mean_loss", "the mean picture", "muted"),
        ("pca_loss", "PCA", "attention"),
    )
    for name, words, level in levels:
        value = recording.scalar(name, frame.tick)
        if value is not None:
            flat = np.array([[0.0, value / high], [1.0, value / high]])
            marks.append(Polyline(rect=_FRAME, xy=flat, role=level, style="dashed", name=words))
            parts.append(f"{words} has {plain(value)}")
    if len(accuracy) and not copying:
        marks.append(Polyline(rect=_FRAME, xy=accuracy, role="good", dots=len(accuracy) < 12, name="test accuracy"))
        parts.append(f"test accuracy {plain(float(accuracy[-1, 1]))}")
    error = line(recording, "train_loss", high)
    marks.append(Polyline(rect=_FRAME, xy=error, role="error", width=2, dots=len(error) < 12, name="error E"))
    marks += event_lines(recording.events, frame.tick, top, _FRAME)
    now = recording.scalar("train_loss", frame.tick) or 0.0
    wrong = recording.scalar("train_error", frame.tick) or 0.0
    sentence = f"The error is {plain(now)} after {plain(frame.step)} steps"
    if not copying:
        sentence += f"; {plain(100 * wrong)} % of the patterns wrong"
    sentence = "; ".join([sentence, *parts]) + "."
    return Panel("curve", "the error so far", sentence, tuple(marks), least=Size(26, 7))


def theory(frame: Frame, recording: Recording) -> Array:
    """The error signal of each layer as mean-field theory has it, from the last layer down: (L,).

    |delta_l|^2 = |delta_(l+1)|^2 n_out var(w_(l+1)) E f'(x_l)^2 per unit (Schoenholz et al. 2017): weights are taken
    as independent draws, so it holds at the start, and learning makes it wrong. f' is taken from the sums in the frame.
    """
    net = net_of(frame, recording)
    signal = np.full(net.depth, np.nan)
    signal[-1] = recording.scalar(f"delta_rms/{net.depth - 1}", frame.tick) or np.nan
    for layer in range(net.depth - 2, -1, -1):
        above = net.W[layer + 1][: net.W[layer].shape[1]]
        slopes = slope(net.function(layer), frame.arrays[f"act/{layer}"].astype(float))
        signal[layer] = signal[layer + 1] * np.sqrt(above.shape[1] * (above**2).mean() * (slopes**2).mean())
    return signal


def profile(frame: Frame, recording: Recording) -> Panel:
    """The error signal dE/dx at each layer on a log scale, the first layer at the bottom; ticks are theory."""
    count = depth(frame)
    sizes = np.array([recording.scalar(f"delta_rms/{layer}", frame.tick) or 0.0 for layer in range(count)])
    good = sizes[sizes > 0]
    title = "the error signal: how much each layer gets"
    if not len(good):
        note = "No error signal is left in any layer."
        return Panel("profile", title, note, (TextBlock(lines=(Line(note),)),))
    ticks = theory(frame, recording) if count > 2 else np.full(count, np.nan)
    high = float(good.max()) * 3
    low = min(float(good.min()), float(np.nanmin(ticks, initial=high)), float(good.max()) * 1e-2) / 3
    gradient: Role = "gradient"
    bars = Bars(
        values=np.maximum(sizes, low)[::-1], labels=layer_names(count)[::-1], lo=low, hi=high,
        roles=(gradient,) * count, log=True, horizontal=True, name="size of dE/dx",
        texts=tuple(plain(float(v), 2) for v in sizes[::-1]), ticks=ticks[::-1],
    )  # fmt: skip
    ratio = sizes[0] / sizes[-1] if sizes[-1] else 0.0
    sentence = f"The first layer gets {plain(ratio, 2)} of the error signal of the last one"
    if count > 2 and ratio > 0:
        sentence += f": a factor of {plain(float(ratio ** (1 / (count - 1))), 2)} for each layer"
    gone = any(e.kind == "vanishing" and e.tick <= frame.tick for e in recording.events)
    broken = gone and (recording.scalar("train_error", frame.tick) or 0.0) > 0.1
    return Panel("profile", title, sentence + ".", (bars,), least=Size(26, max(5, min(count + 1, 12))), broken=broken)


def histogram(frame: Frame, recording: Recording) -> Panel:
    """The outputs of the units of each hidden layer and of the output, as histograms side by side."""
    count = depth(frame)
    shown = list(range(count)) if count <= 6 else [0, 1, count // 2, count - 3, count - 2, count - 1]
    low = low_end(recording)
    marks: list[Mark] = []
    width = 1.0 / len(shown)
    for place, layer in enumerate(shown):
        values = frame.arrays[f"act/{layer}"].ravel() if f"act/{layer}" in frame.arrays else np.empty(0)
        counts, edges = np.histogram(np.clip(values, low, 1.0), bins=20, range=(low, 1.0))
        rect = (place * width + 0.01, 0.16, (place + 1) * width - 0.01, 0.98)
        name = "output" if layer == count - 1 else f"hidden {layer + 1}"
        if len(shown) > 3:
            name = "out" if layer == count - 1 else f"h{layer + 1}"
        marks.append(Histogram(rect=rect, counts=counts, edges=edges, name=f"outputs of layer {layer + 1}"))
        below = (place * width, 0.0, (place + 1) * width, 0.14)
        marks.append(TextBlock(rect=below, lines=(Line(name, "muted"),), monospace=False))
    means = [recording.scalar(f"act_mean/{layer}", frame.tick) or 0.0 for layer in range(count)]
    sentence = f"Mean output: {', '.join(plain(m) for m in means)}, layer by layer."
    return Panel("histogram", "the activations of each layer", sentence, tuple(marks), least=Size(30, 6))
