"""The toy's pictures."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Line, Mark, Panel, Polyline, Scene, Size, TextBlock

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The distance over the steps, and the number itself."""
    series = recording.series("distance")
    shown = series.values[series.ticks <= frame.tick]
    x = np.linspace(0, 1, len(shown)) if len(shown) > 1 else np.zeros(len(shown))
    top = max(1e-9, float(shown.max())) if len(shown) else 1.0
    w = float(frame.arrays["weights/0"][0, 0])
    sentence = f"The number is {plain(w)}, its target 3."
    marks: list[Mark] = [Polyline(xy=np.column_stack([x, shown / top]), role="positive")]
    if ghost is not None:
        other = ghost.series("distance").values
        marks.append(Polyline(xy=np.column_stack([np.linspace(0, 1, len(other)), other / top]), style="dashed"))
    panels = (
        Panel("way", "where the number is", sentence, tuple(marks)),
        Panel("number", "the number", sentence, (TextBlock(lines=(Line(plain(w)),)),)),
    )
    return Scene("Toy", panels, sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """One cell."""
    return HeatMap(values=np.array(frame.arrays["weights/0"]), lo=-3, hi=3, name="the number")
