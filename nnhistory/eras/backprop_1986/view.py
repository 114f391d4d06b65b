"""What there is to see of a net: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Scene, Size
from nnhistory.eras.backprop_1986 import charts, coding, graph, pictures
from nnhistory.eras.backprop_1986.depth import arrange
from nnhistory.eras.backprop_1986.frames import depth, side

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    panels = [graph.net(frame, recording)]
    if _planar(frame):
        panels.append(pictures.surface(frame, recording))
    panels += [pictures.step(frame, recording), charts.curve(frame, recording, ghost)]
    planar, listed, layers = _planar(frame), pictures.outputs(frame, recording) is not None, depth(frame)
    if listed and layers > 1 and not planar:
        panels.append(pictures.units(frame, recording))
    if listed:
        panels.append(pictures.table(frame, recording))
    if recording.header.config["wanted"] == "inputs":
        panels += coding.panels(frame, recording)
    elif side(frame, recording):
        panels.append(pictures.answer(frame, recording))
    if not planar:
        panels.append(pictures.weights(frame, recording))
    if layers > 1:
        panels.append(charts.profile(frame, recording))
    if layers > 2 or not listed:
        panels.append(charts.histogram(frame, recording))
    panels = arrange(frame, recording, panels)
    return Scene("Backpropagation", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: the output over the plane, what the first unit looks for, or the first weights."""
    planes = graph.surfaces(frame, recording, 16) if _planar(frame) else None
    if planes is not None:
        half = 0.5 if recording.header.config["output"] == "sigmoid" else 0.0
        answer = planes[-1][0] - half
        # Which side a place is on is seen however near to undecided a small net of 1986 is there.
        seen = np.sign(answer) * (0.3 * (1.0 - half) + 0.7 * np.abs(answer))
        return HeatMap(values=seen, lo=half - 1.0, hi=1.0 - half, name="its answer",
                       hint="at each place of the plane of inputs; the paler, the less decided")  # fmt: skip
    weights = frame.arrays["weights/0"]
    edge = side(frame, recording)
    image = weights[:, 0].reshape(edge, edge) if edge else weights[:64, :64]
    scale = float(abs(image).max()) or 1.0
    if edge:
        return HeatMap(values=image, lo=-scale, hi=scale, square=True, name="first unit's weights",
                       hint="of its first hidden unit, where the inputs lie")  # fmt: skip
    return HeatMap(values=image, lo=-scale, hi=scale, name="first weights", hint="a row for each input")


def _planar(frame: Frame) -> bool:
    return len(frame.arrays["input"][0]) == 2 and len(frame.arrays["target"][0]) == 1
