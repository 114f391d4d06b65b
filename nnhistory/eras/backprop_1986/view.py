"""What there is to see of a net: the panels that fit the run, most important first."""

from __future__ import annotations

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Scene, Size
from nnhistory.eras.backprop_1986 import charts

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    panels = [charts.curve(frame, recording, ghost), charts.profile(frame, recording)]
    return Scene("Backpropagation", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: the first weights."""
    weights = frame.arrays["weights/0"]
    scale = float(abs(weights).max()) or 1.0
    return HeatMap(values=weights[:64, :64], lo=-scale, hi=scale)
