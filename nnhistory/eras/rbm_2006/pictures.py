"""Pictures of a machine that learns: filters, rows of pictures, two layers, what is erased and filled in."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Edit,
    HeatMap,
    ImageGrid,
    Lamps,
    Line,
    Mark,
    Panel,
    Rect,
    Size,
    TextBlock,
)
from nnhistory.eras.rbm_2006.frames import knob, machine, newest, side

__all__ = ["completion", "film", "filters", "layers", "mask", "rows"]

_WALL = 64
_FILM = 16
_LAMPS = 8
"""Units of a layer up to which each is a lamp; more are a picture."""
_DRAWN = 28
"""Side of the pictures that can be drawn on."""


def filters(frame: Frame, recording: Recording) -> Panel:
    """The weights of the first hidden units as pictures; of a machine above another, as a table of numbers."""
    W = machine(frame, recording)[0]
    title = "what the hidden units look for"
    size = float(np.sqrt((W * W).mean()))
    edge = side(len(W))
    scale = float(np.quantile(np.abs(W), 0.995)) or 1.0
    if not edge or recording.header.config["hidden"] < 2:
        mark: Mark = HeatMap(values=W[:96, :96], lo=-scale, hi=scale, name="weights: input by hidden unit")
        sentence = f"{W.shape[0]} by {W.shape[1]} weights, root mean square {plain(size)}."
        return Panel("filters", title, sentence, (mark,), least=Size(24, 8))
    # Early on all are noise: then the scale is that of the noise, and shapes come out of it as in a developing bath.
    images = np.ascontiguousarray(W.T[:_WALL]).reshape(-1, edge, edge)
    mark = ImageGrid(images=images, lo=-scale, hi=scale, scale="diverging", name="filters")
    shown = f"{len(images)} of {W.shape[1]}" if W.shape[1] > len(images) else str(len(images))
    drawn = "noise so far" if frame.step == 0 else f"weights grown to {plain(size)} on average"
    sentence = f"{shown} hidden units, each by its weights: blue wants a pixel on, orange off; {drawn}."
    return Panel("filters", title, sentence, (mark,), least=Size(30, 10), weight=1.4)


def rows(frame: Frame, recording: Recording) -> Panel | None:
    """Data, what comes back after once up and down, and what the machine makes up. None where nothing is a picture."""
    parts = [newest(frame, recording, f"state/{name}") for name in ("seen", "again", "fantasy")]
    if any(part is None for part in parts):
        return None
    edge = side(parts[0].shape[1])  # type: ignore[union-attr]
    if not edge:
        return None
    marks: list[Mark] = []
    names = ("data", "back again", "made up")
    for place, (part, name) in enumerate(zip(parts, names, strict=True)):
        assert part is not None
        high, low = 1.0 - place / 3, 1.0 - (place + 1) / 3 + 0.02
        images = np.clip(part.astype(float), 0.0, 1.0).reshape(-1, edge, edge)
        marks.append(TextBlock(rect=(0.0, low, 0.17, high - 0.08), lines=(Line(name, bold=True),), name=name))
        marks.append(ImageGrid(rect=(0.18, low, 1.0, high), images=images, name=name))
    error = recording.scalar("recon_error", frame.tick) or 0.0
    sentence = (
        f"Above data, then what comes back after once up and down (error {plain(error)} a pixel); "
        "below what the machine makes up."
    )
    return Panel("rows", "data, reconstructions, fantasies", sentence, tuple(marks), least=Size(44, 9), weight=1.3)


def _wall(values: Array) -> Array:
    """Numbers of a layer as a picture: square if they can be, else as near to it as whole rows go."""
    count = len(values)
    edge = side(count)
    columns = edge or next(n for n in range(int(np.ceil(count**0.5)), count + 1) if count % n == 0)
    return values.astype(float).reshape(-1, columns)


def layers(frame: Frame, recording: Recording) -> Panel:
    """The two layers: pixels below, hidden units above, and the same again one step on."""
    a = frame.arrays
    gibbs = recording.header.config["mode"] == "gibbs"
    row = 0 if gibbs else int(np.argmax(a["input"].sum(axis=1) > 0))  # a row with something in it
    v = a["input"] if gibbs else a["input"][row]
    p = newest(frame, recording, "act/0")
    h = newest(frame, recording, "hidden/sample")
    assert p is not None
    assert h is not None
    p, h = (p, h) if gibbs else (p[row], h[row])
    marks: list[Mark] = []
    known = gibbs or frame.phase != "present"

    def put(rect: Rect, values: Array, name: str, lit: bool) -> None:
        x0, y0, x1, y1 = rect
        picture = _wall(values)
        if values.size <= _LAMPS:
            labels = tuple(str(k + 1) for k in range(values.size))
            marks.append(Lamps(rect=(x0, y0 + 0.12, x1, y1), states=values.astype(float), labels=labels, name=name))
        else:
            shown = HeatMap(
                rect=(x0, y0 + 0.12, x1, y1), values=picture, lo=0.0, hi=1.0, scale="sequential", square=True, name=name
            )
            marks.append(shown)
        role = "attention" if lit else "muted"
        marks.append(TextBlock(rect=(x0, y0, x1, y0 + 0.11), lines=(Line(name, role),)))  # type: ignore[arg-type]

    if gibbs:
        put((0.0, 0.0, 0.32, 1.0), v, "pixels", frame.phase == "update")
        put((0.34, 0.0, 0.66, 1.0), p if known else 0 * p, "p(h | v)", frame.phase == "forward")
        put((0.68, 0.0, 1.0, 1.0), h if known else 0 * h, "h: coins", frame.phase == "forward")
        sentence = f"Up and down: {int(h.sum())} of {len(h)} hidden units are on after sweep {frame.step}."
        return Panel("layers", "up and down between the layers", sentence, tuple(marks), least=Size(44, 9))
    back = "state/model" in a
    v1 = a["state/model"][row] if back else 0 * v
    p1 = a["hidden/model"][row] if back else 0 * p
    put((0.02, 0.5, 0.48, 1.0), h if known else 0 * h, "h0: coins", frame.phase == "forward")
    put((0.02, 0.0, 0.48, 0.5), v, "v0: data", frame.phase == "present")
    put((0.52, 0.5, 0.98, 1.0), p1, "h1: up again", back)
    put((0.52, 0.0, 0.98, 0.5), v1, "v1: down again", back)
    sentence = f"From the data up: {int(h.sum()) if known else 0} of {len(h)} hidden units are on"
    sentence += "; and down again, what the machine makes of it." if back else "."
    return Panel("layers", "up and down between the layers", sentence, tuple(marks), least=Size(40, 12), weight=1.1)


def completion(frame: Frame, recording: Recording) -> Panel:
    """The true picture, and what is there now: held pixels as given, the others as the machine has them."""
    a = frame.arrays
    edge = side(len(a["input"]))
    edit = Edit("picture", "draw") if edge == _DRAWN else None
    now = np.clip(a["state/model"].astype(float), 0, 1).reshape(edge, edge)
    held = a["state/held"].reshape(edge, edge)
    true = a["target"].astype(float).reshape(edge, edge)
    hint = "Draw here: the machine completes your digit" if edit else ""
    free = int((held < 0.5).sum())
    if frame.step == 0:
        now = np.where(held > 0.5, true, a["input"].reshape(edge, edge))
    marks = (
        HeatMap(rect=(0.0, 0.13, 0.48, 1.0), values=now, lo=0.0, hi=1.0, scale="sequential", square=True, edit=edit,
                name="now", hint=hint),
        TextBlock(rect=(0.0, 0.0, 0.48, 0.12), lines=(Line("now: draw here", bold=True),)),
        HeatMap(rect=(0.54, 0.13, 1.0, 1.0), values=np.where(held > 0.5, true, 0.0), lo=0.0, hi=1.0,
                scale="sequential", square=True, name="what it is given"),
        TextBlock(rect=(0.54, 0.0, 1.0, 0.12), lines=(Line("all it is given", "muted"),)),
    )  # fmt: skip
    off = recording.scalar("off", frame.tick) or 0.0
    sentence = (
        f"{free} of {edge * edge} pixels are erased; after {frame.step} sweeps they are {plain(off)} "
        "from the true picture."
    )
    return Panel("completion", "half a digit, completed", sentence, marks, least=Size(40, 12), weight=1.6)


def mask(frame: Frame, recording: Recording) -> Panel:
    """Which pixels are held. Draw to hold, erase to set free."""
    a = frame.arrays
    edge = side(len(a["input"]))
    held = a["state/held"].astype(float).reshape(edge, edge)
    edit = Edit("clamp", "draw") if edge == _DRAWN else None
    mark = HeatMap(values=held, lo=0.0, hi=1.0, scale="sequential", square=True, edit=edit, name="held",
                   hint="Draw to hold pixels, erase to let the machine decide")  # fmt: skip
    free = int((held < 0.5).sum())
    sentence = f"Filled pixels are held, the {free} empty ones are the machine's: draw and erase here."
    return Panel("mask", "hold these, free those", sentence, (mark,), least=Size(20, 10), square=True)


def _ends_a_sweep(frame: Frame) -> bool:
    return frame.phase in ("update", "done") or frame.tick == 0


def film(frame: Frame, recording: Recording) -> Panel:
    """The picture after each of some sweeps so far, as evenly spaced as they are kept, the newest last.

    Which moments there are beside the kept ones depends on the clock: of those, only the one that is shown counts.
    """
    edge = side(len(frame.arrays["input"]))
    ends = [one for one in recording.frames if one.tick < frame.tick and one.kept and _ends_a_sweep(one)]
    ends += [frame] if _ends_a_sweep(frame) or not ends else []
    steps = np.array([one.step for one in ends])
    wanted = np.linspace(steps[0], steps[-1], min(_FILM, len(ends)))
    places = sorted({int(np.abs(steps - step).argmin()) for step in wanted})
    shown = [ends[place] for place in places]
    images = np.stack([np.clip(one.arrays["state/model"].astype(float), 0, 1).reshape(edge, edge) for one in shown])
    grid = ImageGrid(images=images, labels=tuple(str(one.step) for one in shown), ring=(len(shown) - 1,), name="film")
    how = knob("erase", recording, frame.step)
    sentence = f"The picture at sweeps {shown[0].step} to {shown[-1].step}; erased: {how}."
    return Panel("film", "sweep by sweep", sentence, (grid,), least=Size(36, 8))
