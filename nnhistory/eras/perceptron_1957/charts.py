"""How a perceptron fared over the presentations: its errors, and its mistakes against their bound."""

from __future__ import annotations

import numpy as np

from nnhistory.core.event_lines import event_lines
from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import counted, plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Dial, Line, Mark, Panel, Polyline, Rect, Size, TextBlock

__all__ = ["curve", "gauge"]

_FRAME: Rect = (0.1, 0.14, 0.98, 0.96)
_STRETCHES = 20
"""Stretches of the run, of each of which the least and the most is drawn where the error jumps for ever."""


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Errors over the presentations, with a mark where something happened."""
    top = max(1, frame.step)

    def line(source: Recording, name: str) -> Array:
        series = source.series(name)
        shown = series.ticks <= frame.tick if source is recording else series.steps <= top
        return np.column_stack([series.steps[shown] / top, series.values[shown]])

    marks: list[Mark] = [
        Axes(
            rect=_FRAME,
            xticks=((0.0, "0"), (1.0, plain(top))),
            yticks=((0.0, "0"), (0.5, ".5"), (1.0, "1")),
            xlabel="presentations",
        ),
    ]
    if ghost is not None:
        marks.append(
            Polyline(
                rect=_FRAME, xy=line(ghost, "train_error"), role="muted", style="dashed", name="ghost: training error"
            )
        )
    error = line(recording, "train_error")
    pocket = line(recording, "pocket_accuracy")
    calm = Polyline(rect=_FRAME, xy=error, role="error", width=2, dots=len(error) < 12, name="training error")
    if len(pocket):
        # Without an end the error jumps up and down for ever: it lies under the lines that it would hide.
        marks.append(_wild(error))
    parts = []
    test = line(recording, "test_accuracy")
    if len(test):
        marks.append(Polyline(rect=_FRAME, xy=test, role="good", dots=len(test) < 12, name="test accuracy"))
        parts.append(f"test accuracy {plain(float(test[-1, 1]))}")
    if len(pocket):
        marks.append(Polyline(rect=_FRAME, xy=pocket, role="good", width=3, name="pocket: its accuracy"))
        mean = line(recording, "mean_accuracy")
        marks.append(
            Polyline(rect=_FRAME, xy=mean, role="attention", style="dotted", width=3,
                     name="walker: accuracy of the plain rule on average")
        )  # fmt: skip
        parts.append(f"pocket {plain(float(pocket[-1, 1]))}, the plain rule on average {plain(float(mean[-1, 1]))}")
    else:
        marks.append(calm)
    marks += event_lines(recording.events, frame.tick, top, _FRAME)
    now = float(error[-1, 1]) if len(error) else 1.0
    parts.insert(0, f"training error {plain(now)}")
    mistakes = recording.scalar("mistakes", frame.tick)
    sentence = "; ".join(parts) + f"; {counted(mistakes or 0, 'mistake')} in {counted(frame.step, 'presentation')}."
    # The lines of pocket and walker rise where the error falls: a title of errors alone would turn them round.
    title = "error; right answers" if len(pocket) else "errors so far"
    return Panel("curve", title, sentence[0].upper() + sentence[1:], tuple(marks), least=Size(26, 7))


def _wild(error: Array) -> Polyline:
    """An error that never settles; where it jumps too often to be drawn, the outline of what it covers.

    error : (n, 2), place from 0 to 1 and value, places ascending.
    """
    name = "training error"
    if len(error) > 2 * _STRETCHES:
        stretches = np.minimum((error[:, 0] * _STRETCHES).astype(int), _STRETCHES - 1)
        begins = np.flatnonzero(np.diff(stretches, prepend=-1))
        middles = (stretches[begins] + 0.5) / _STRETCHES
        least, most = (np.column_stack([middles, of.reduceat(error[:, 1], begins)]) for of in (np.minimum, np.maximum))
        error, name = np.concatenate([least, most[::-1]]), "training error: from its least to its most"
    return Polyline(rect=_FRAME, xy=error, role="muted", width=1, name=name)


def gauge(frame: Frame, recording: Recording) -> Panel:
    """Mistakes against the bound that Novikoff proved: a gauge that cannot run out."""
    mistakes = recording.scalar("mistakes", frame.tick) or 0.0
    bound = recording.scalar("bound", frame.tick) or 1.0
    gamma = recording.scalar("margin", frame.tick) or 0.0
    most = float(np.floor(bound + 1e-6))  # mistakes come whole
    sentence = f"{counted(mistakes, 'mistake')} of at most {plain(most)} that the theorem allows."
    end = max(1.0, most)
    marks = (
        Dial(rect=(0.05, 0.45, 0.95, 0.95), value=mistakes, lo=0.0, hi=end, limit=end, label="mistakes",
             role="attention"),
        TextBlock(rect=(0.05, 0.0, 0.95, 0.42), lines=(
            Line(f"bound (R/γ)² = {plain(bound, 4)}"), Line(f"margin γ = {plain(gamma)}", "muted"),
        )),
    )  # fmt: skip
    return Panel("gauge", "mistakes and bound", sentence, marks, least=Size(24, 5), weight=0.7)
