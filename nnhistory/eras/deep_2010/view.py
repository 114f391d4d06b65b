"""What there is to see of a deep net: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
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
    """A small picture: which units are ever on, a row for each hidden layer; without one, the weights."""
    hidden = depth(frame) - 1
    shares = [np.sort(frame.arrays[f"hidden/{k}"].astype(float))[::-1] for k in range(hidden)]
    if not shares:
        w = np.nan_to_num(frame.arrays["weights/0"][:64, :64])
        scale = float(np.abs(w).max()) or 1.0
        return HeatMap(values=w, lo=-scale, hi=scale, name="its weights", hint="a row for each input")
    wide = min(64, max(len(share) for share in shares))
    rows = [np.pad(np.where(share[:wide] > 0, 0.15 + 0.85 * share[:wide], -1.0), (0, wide - len(share[:wide])))
            for share in reversed(shares)]  # fmt: skip
    return HeatMap(values=np.array(rows), lo=-1.0, hi=1.0, name="units that are on", hint=(
        "a row for each hidden layer, the last on top; blue: units that put out more than 0, the stronger the more "
        "patterns they do it for; orange: units that never do"))  # fmt: skip
