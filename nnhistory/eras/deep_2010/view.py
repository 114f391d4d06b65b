"""What there is to see of a deep net: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Scene, Size
from nnhistory.eras.deep_2010 import bowl_view, charts, pictures, preparing
from nnhistory.eras.deep_2010.activations import RECTIFIERS
from nnhistory.eras.deep_2010.early import early
from nnhistory.eras.deep_2010.frames import depth, planar, side
from nnhistory.eras.deep_2010.ladder_view import cost, ladder, rungs

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    hidden, config = depth(frame) - 1, recording.header.config
    if config["ladder"]:
        steps = (ladder(frame, recording), rungs(frame, recording), cost(frame, recording))
        return Scene("Hardware", steps, steps[0].sentence)
    panels = []
    if config["prepared"]:
        panels.append(preparing.prepared(frame, recording))
    if bowl_view.has_bowl(frame, recording):
        panels.append(bowl_view.bowl(frame, recording, ghost))
    if recording.scalar("distance", frame.tick) is not None:
        panels.append(bowl_view.descent(frame, recording, ghost))
        if frame.arrays["weights/0"].shape == (2, 1) and not config["race"]:
            panels.append(bowl_view.moves(frame, recording))
    elif config["race"] and recording.scalar("rule_accuracy/sgd", frame.tick) is not None:
        panels.append(bowl_view.race(frame, recording))
    if hidden:
        if planar(frame):
            panels.append(pictures.halfplanes(frame, recording))
        if hidden > 1 or not planar(frame):
            panels.append(pictures.layers(frame, recording))
    if recording.scalar("distance", frame.tick) is None:
        panels.append(charts.curve(frame, recording, ghost))
    if hidden:
        if hidden > 1:
            panels += [pictures.signal(frame, recording), pictures.spread(frame, recording)]
        if config["unit"] in RECTIFIERS:
            panels.append(pictures.units(frame, recording))
    if recording.scalar("test_accuracy", frame.tick) is not None and config["steps"]:
        panels += [charts.accuracy(frame, recording, ghost), charts.gap(frame, recording)]
    if hidden:
        panels.append(pictures.function(frame, recording))
    if config["batchnorm"] and hidden:
        panels.append(charts.norm(frame, recording))
    if config["set_in"]:
        panels.append(early(frame, recording))
    stepped = recording.scalar("update_ratio/0", frame.tick) is not None  # from the first count on
    if hidden and stepped and recording.scalar("distance", frame.tick) is None:
        panels.append(pictures.updates(frame, recording))
    if config["steps"] or not hidden:  # a net that is only looked at has no step to take apart, and no curves
        panels.append(charts.step(frame, recording))
    if side(frame, recording):
        panels.append(charts.answer(frame, recording))
    if not planar(frame):
        panels.append(charts.weights(frame, recording))
    return Scene("Deep nets", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: what the units put out, a row for each hidden layer; without one, the weights."""
    hidden, unit = depth(frame) - 1, recording.header.config["unit"]
    rows = [_put_out(frame.arrays[f"act/{k}"], unit) for k in reversed(range(hidden))]
    if not rows or not all(len(row) for row in rows):
        w = np.nan_to_num(frame.arrays["weights/0"][:64, :64])
        scale = float(np.abs(w).max()) or 1.0
        return HeatMap(values=w, lo=-scale, hi=scale, name="its weights", hint="a row for each input")
    wide = max(map(len, rows))
    image = np.array([np.pad(row, (0, wide - len(row))) for row in rows])
    return HeatMap(values=image, lo=-1.0, hi=1.0, name="what its units put out", hint=(
        "a row for each hidden layer, the last on top, a cell for each unit: how far it is from rest, root mean square "
        "over the patterns at hand; blue above, orange below, grey: at rest (0, of a sigmoid a half)"))  # fmt: skip


def _put_out(act: Array, unit: str) -> Array:
    """How far each unit is from rest, root mean square over the patterns, with the sign of its mean; highest first.

    act : (patterns, units). Returns 64 of them at most, -1 to 1: of units without a limit 2 is full. A sigmoid's rest
    is a half.
    """
    if not act.size:
        return np.empty(0)
    away = np.clip(np.nan_to_num(act.astype(float)), -1e6, 1e6)
    away = 2.0 * away - 1.0 if unit == "sigmoid" else away if unit in ("tanh", "step") else 0.5 * away
    size = np.sort(np.sqrt((away * away).mean(axis=0)) * np.where(away.mean(axis=0) < 0, -1.0, 1.0))[::-1]
    some = np.linspace(0, len(size) - 1, min(64, len(size))).round().astype(int)
    found: Array = np.clip(size[some], -1.0, 1.0)
    return found
