"""What there is to see of a MADALINE: the panels that fit the rule and the data, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Panel, Scene, Size
from nnhistory.eras.madaline_1962 import pictures
from nnhistory.eras.madaline_1962.network import net
from nnhistory.eras.madaline_1962.steps import step

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    rule = recording.header.config["rule"]
    small = frame.arrays["weights/0"].shape[0] <= 12 and frame.arrays["weights/0"].shape[1] <= 12
    panels: list[Panel] = []
    if rule == "rule_3":
        panels.append(pictures.slopes(frame, recording))
    if _planar(frame):
        panels.append(pictures.plane(frame, recording, ghost))
    if small:
        panels.append(net(frame, recording))
    elif _square(frame):
        panels.append(pictures.filters(frame, recording))
    panels.append(step(frame, recording))
    if rule == "rule_2" and "weights/1" in frame.arrays:
        panels.append(pictures.trials(frame, recording))
    panels.append(pictures.curve(frame, recording, ghost))
    return Scene("MADALINE", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: the plane, the first unit's weights, or all weights."""
    x = recording.array("data/x", frame.tick)
    if _planar(frame) and x is not None:
        regions = pictures.regions(frame, recording, pictures.window(x), 16, 16)
        return HeatMap(values=regions, scale="sides", name="its answer", hint="where in the plane it says +1")
    weights = frame.arrays["weights/0"].astype(float)
    image = weights[:, 0].reshape(_square(frame), -1) if _square(frame) else weights[:64].T
    scale = float(np.abs(image).max()) or 1.0
    if _square(frame):
        return HeatMap(
            values=image, lo=-scale, hi=scale, square=True, name="first unit's weights", hint="where the inputs lie"
        )
    return HeatMap(values=image, lo=-scale, hi=scale, name="first weights", hint="a row for each unit")


def _planar(frame: Frame) -> bool:
    return len(frame.arrays["input"]) == 2 and len(frame.arrays["target"]) == 1


def _square(frame: Frame) -> int:
    """The side of a square picture with as many pixels as there are inputs, from 4 x 4 on; else 0."""
    inputs = len(frame.arrays["input"])
    side = round(inputs**0.5)
    return side if side >= 4 and side * side == inputs else 0
