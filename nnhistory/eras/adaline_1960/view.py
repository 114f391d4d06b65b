"""What there is to see of an ADALINE: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Panel, Scene, Size
from nnhistory.eras.adaline_1960 import arithmetic, board, pictures, waves

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    panels: list[Panel]
    step, curve = arithmetic.step(frame, recording), pictures.curve(frame, recording, ghost)
    match kind(frame, recording):
        case "board":
            panels = [
                board.switches(frame, recording),
                board.knobs(frame, recording),
                board.meter(frame, recording),
                step,
                curve,
                pictures.outputs(frame, recording),
            ]
        case "bowl":
            panels = [pictures.bowl(frame, recording, ghost), step, curve]
        case "signal":
            panels = [waves.signal(frame, recording), waves.taps(frame, recording), step]
        case "plane":
            panels = [pictures.plane(frame, recording, ghost), step, curve, board.meter(frame, recording)]
        case "table":
            panels = [
                pictures.outputs(frame, recording),
                step,
                curve,
                pictures.weight_bars(frame),
                board.meter(frame, recording),
            ]
        case _:
            panels = [curve, pictures.weight_bars(frame), step]
    return Scene("ADALINE", tuple(panels), panels[0].sentence)


def kind(frame: Frame, recording: Recording) -> str:
    """Which machine this is, by what it learns."""
    numbers = recording.array("data/d", frame.tick) is not None
    inputs, joined = len(frame.arrays["input"]), len(frame.arrays["state/wanted"])
    x = recording.array("data/x", frame.tick)
    if "state/heard" in frame.arrays:
        return "signal"
    if numbers:
        return "bowl" if joined == 2 else "plain"
    if inputs == 16:
        return "board"
    if inputs == 2:
        return "plane"
    return "table" if x is not None and len(x) <= 32 else "plain"


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: the bowl, the plane, the knobs, or the weights in a row."""
    weights, bias = frame.arrays["weights/0"], frame.arrays["bias/0"]
    match kind(frame, recording):
        case "bowl":
            R, wiener = recording.array("data/bowl", frame.tick), recording.array("data/wiener", frame.tick)
            assert R is not None
            assert wiener is not None
            view = pictures.bowl_window(wiener, recording.frames[0].arrays["weights/0"][:2, 0])
            height = pictures.heights(R, wiener, view, 16, 16)
            place = view.unit(weights[:2, 0][None, :].astype(float))[0]
            row, column = int(16 * (1 - place[1])), int(16 * place[0])
            if 0 <= row < 16 and 0 <= column < 16:
                height[row, column] = 2 * height.max()
            return HeatMap(
                values=height, lo=0.0, hi=float(height.max()), scale="sequential", name="the bowl",
                hint="the mean-square error over two weights; the extreme cell is where the weights are",
            )  # fmt: skip
        case "plane":
            x = recording.array("data/x", frame.tick)
            assert x is not None
            sides = pictures.sides(weights, bias, pictures.window(x), 16, 16)
            return HeatMap(values=sides, scale="sides", name="its two sides", hint="which side of the plane gets +1")
        case "board":
            scale = float(np.abs(weights).max()) or 1.0
            image = weights[:, 0].reshape(4, 4)
            return HeatMap(values=image, lo=-scale, hi=scale, square=True, name="the knobs", hint="a cell for each")
    scale = float(np.abs(weights).max()) or 1.0
    return HeatMap(values=weights[:64, :1].T, lo=-scale, hi=scale, name="its weights", hint="a cell for each weight")
