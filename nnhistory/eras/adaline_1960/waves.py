"""The adaptive noise canceller: the signal before and after, and the weights as what they are, a filter."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, Mark, Panel, Polyline, Rect, Role, Size, TextBlock
from nnhistory.core.scene import Line as TextLine

__all__ = ["response", "signal", "taps"]

SAMPLING = 500.0
"""Samples a second, as in the data set."""
_MAINS = 50.0


def signal(frame: Frame, recording: Recording) -> Panel:
    """Above what is heard, below what the canceller lets through, each over the clean signal."""
    heard, output = frame.arrays["state/heard"].astype(float), frame.arrays["state/output"].astype(float)
    clean = frame.arrays.get("state/clean")
    half = 1.1 * max(1.2, float(np.abs(heard).max()))
    across = (np.arange(len(heard)) + 0.5) / len(heard)
    seconds = len(heard) / SAMPLING

    def wave(values: Array, rect: Rect, role: Role, name: str, width: int = 1) -> Mark:
        height = np.clip(0.5 + values.astype(float) / (2 * half), 0.0, 1.0)
        return Polyline(rect=rect, xy=np.column_stack([across, height]), role=role, width=width, name=name)

    top, bottom = (0.06, 0.56, 0.98, 0.96), (0.06, 0.1, 0.98, 0.5)
    marks: list[Mark] = [
        Axes(rect=top, yticks=((0.5, "0"),), ylabel="before"),
        Axes(rect=bottom, yticks=((0.5, "0"),), xticks=((0.0, f"{plain(-seconds)} s"), (1.0, "now")), ylabel="after"),
        wave(heard, top, "error", "heard: signal and hum"),
    ]
    if clean is not None:
        marks.append(wave(clean, bottom, "muted", "the clean signal, known because it is synthetic", 3))
    marks.append(wave(output, bottom, "positive", "output: the error"))
    before, after = recording.scalar("snr_before", frame.tick), recording.scalar("snr_after", frame.tick)
    sentence = "Synthetic signal and hum. Above: what is heard. Below: the error, which is the output."
    if before is not None and after is not None:
        sentence += f" Signal to hum: {plain(before)} dB before, {plain(after)} dB after."
    return Panel("signal", "before and after (synthetic)", sentence, tuple(marks), least=Size(40, 10), weight=1.7)


def response(weights: Array, frequencies: Array) -> Array:
    """How much of each frequency the weights let through, |sum w_k exp(−2 pi i f k / sampling)|."""
    turns = np.exp(-2j * np.pi * np.outer(frequencies / SAMPLING, np.arange(len(weights))))
    passed: Array = np.abs(turns @ weights)
    return passed


def taps(frame: Frame, recording: Recording) -> Panel:
    """The weights one beside the other, the newest sample first, and what they do to each frequency."""
    w = frame.arrays["weights/0"][:, 0].astype(float)
    scale = float(np.abs(w).max()) or 1.0
    frequencies = np.linspace(0.0, SAMPLING / 2, 101)
    passed = response(w, frequencies)
    tall = 1.15 * max(float(passed.max()), 1e-9)
    room: Rect = (0.1, 0.16, 0.98, 0.56)
    marks = (
        Bars(rect=(0.0, 0.66, 1.0, 1.0), values=w, labels=tuple(str(k) for k in range(len(w))) if len(w) <= 16 else (),
             lo=-scale, hi=scale, texts=("",) * len(w), name="weights: newest sample first"),
        Axes(rect=room, xlabel="Hz", yticks=((0.0, "0"), (1.0, plain(tall))),
             xticks=tuple((place / 250, str(place)) for place in (0, 50, 150, 250))),
        Polyline(rect=room, xy=np.array([[0.2, 0.0], [0.2, 1.0]]), role="attention", style="dotted", name="50 Hz"),
        Polyline(rect=room, xy=np.column_stack([frequencies / 250, passed / tall]), role="positive", width=2,
                 name="what passes"),
    )  # fmt: skip
    at_mains = float(response(w, np.array([_MAINS]))[0])
    sentence = (
        f"The {len(w)} weights are a filter: 50 Hz of the second wire comes through {plain(at_mains)} times as large."
    )
    if not w.any():
        sentence = f"All {len(w)} weights are 0: the filter lets nothing through yet."
        marks = (
            *marks[:1],
            TextBlock(rect=(0.0, 0.0, 1.0, 0.5), lines=(TextLine("no filter yet: all weights are 0"),)),
        )  # type: ignore[assignment]
    return Panel("filter", "the weights as a filter", sentence, marks, least=Size(34, 9), weight=1.1)
