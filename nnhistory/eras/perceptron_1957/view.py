"""What there is to see of a perceptron: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Panel, Scene, Size
from nnhistory.eras.perceptron_1957 import charts, mark_i, pictures

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    config = recording.header.config
    panels: list[Panel]
    if _planar(frame, recording):
        panels = [
            pictures.plane(frame, recording, ghost),
            pictures.step(frame, recording),
            pictures.trajectory(frame, recording),
            charts.curve(frame, recording, ghost),
        ]
    elif config["machine"] == "mark_i" or mark_i.side(recording, frame):
        panels = [
            mark_i.retina(frame, recording),
            mark_i.lamps(frame, recording),
            mark_i.seen_weights(frame, recording),
            charts.curve(frame, recording, ghost),
            pictures.step(frame, recording),
        ]
        if config["machine"] == "mark_i":
            panels.insert(1, mark_i.machine(frame, recording))
    elif config["degree"] > 0:
        panels = [
            mark_i.masks(frame, recording),
            charts.curve(frame, recording, ghost),
            pictures.step(frame, recording),
        ]
    else:
        panels = [
            charts.curve(frame, recording, ghost),
            pictures.weight_bars(frame),
            pictures.step(frame, recording),
        ]
    if recording.scalar("bound", frame.tick) is not None:
        panels.insert(1, charts.gauge(frame, recording))
    return Scene("Perceptron", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: the plane, the first unit's weights, or the weights in a row."""
    weights, bias = frame.arrays["weights/0"], frame.arrays["bias/0"]
    if _planar(frame, recording):
        x = recording.array("data/x", frame.tick)
        assert x is not None
        sides = pictures.sides(weights, bias, pictures.window(x), 16, 16)
        return HeatMap(values=sides, scale="sides", name="its two sides", hint="which side of the plane gets +1")
    root = mark_i.side(recording, frame)
    if root and recording.header.config["degree"] == 0:
        image = mark_i.unit_pictures(weights, recording.array("data/taps", frame.tick), root)[0]
        scale = float(np.abs(image).max()) or 1.0
        return HeatMap(
            values=image, lo=-scale, hi=scale, square=True, name="first unit's weights", hint="where the pixels lie"
        )
    scale = float(np.abs(weights).max()) or 1.0
    return HeatMap(values=weights[:64, :1].T, lo=-scale, hi=scale, name="its weights", hint="a cell for each weight")


def _planar(frame: Frame, recording: Recording) -> bool:
    plain_inputs = recording.header.config["machine"] == "none" and recording.header.config["degree"] == 0
    return plain_inputs and len(frame.arrays["input"]) == 2 and len(frame.arrays["target"]) == 1
