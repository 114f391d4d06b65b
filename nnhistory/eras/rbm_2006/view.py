"""What there is to see of a machine: the panels that fit the run, most important first."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import HeatMap, Mark, Panel, Scene, Size
from nnhistory.eras.rbm_2006 import charts, pictures
from nnhistory.eras.rbm_2006.frames import machine, side, tiny

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. `ghost` is another future, drawn dashed where it can be compared."""
    config = recording.header.config
    panels: list[Panel | None]
    if config["mode"] == "gibbs":
        panels = [
            pictures.completion(frame, recording),
            pictures.mask(frame, recording),
            pictures.film(frame, recording),
            pictures.layers(frame, recording),
            charts.step(frame, recording),
        ]
    else:
        panels = [
            pictures.filters(frame, recording),
            pictures.rows(frame, recording),
            charts.likelihood(frame, recording, ghost),
            pictures.layers(frame, recording),
            charts.free_energy(frame, recording),
            charts.step(frame, recording),
        ]
        if tiny(frame, recording):
            panels = [charts.energy(frame, recording), charts.states(frame, recording), *panels[2:]]
    shown = tuple(panel for panel in panels if panel is not None)
    return Scene("Restricted Boltzmann machine", shown, shown[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """A small picture: what is being completed, or what the first unit looks for."""
    if recording.header.config["mode"] == "gibbs":
        edge = side(len(frame.arrays["input"]))
        now = frame.arrays["state/model"].reshape(edge, edge)
        return HeatMap(values=now, lo=0.0, hi=1.0, scale="sequential", square=True, name="what it fills in",
                       hint="the visible units now")  # fmt: skip
    W = machine(frame, recording)[0]
    edge = side(len(W))
    image = W[:, 0].reshape(edge, edge) if edge else W[:64, :64]
    scale = float(np.abs(image).max()) or 1.0
    if edge:
        return HeatMap(
            values=image, lo=-scale, hi=scale, square=True, name="first unit's weights", hint="where the inputs lie"
        )
    return HeatMap(values=image, lo=-scale, hi=scale, name="its weights", hint="a row for each visible unit")
