"""Pictures of the Mark I and of masks: retina, lamps, plugboard, weights seen as pictures."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Bars, Edit, Graph, HeatMap, ImageGrid, Lamps, Line, Panel, Size, TextBlock

__all__ = ["lamps", "mask_names", "masks", "retina", "seen_weights", "unit_pictures", "wiring"]

_SHOWN_UNITS = 10


def side(recording: Recording, frame: Frame) -> int:
    """The side of the square picture an input is, or 0."""
    count = len(frame.arrays["input"])
    root = round(count**0.5)
    return root if root * root == count and count >= 16 else 0


def retina(frame: Frame, recording: Recording) -> Panel:
    """What the photocells see; in the window and in the terminal one can draw on it."""
    root = side(recording, frame)
    picture = frame.arrays["input"].reshape(root, root).astype(float)
    labels = tuple(range(-1, len(frame.arrays["target"]) if len(frame.arrays["target"]) > 1 else 2))
    edit = Edit("retina", "draw", labels=labels) if root == 20 else None
    low, high = float(min(0.0, picture.min())), float(max(1.0, picture.max()))
    lit = int(np.count_nonzero(picture > 0.5))
    sentence = f"{lit} of {root * root} photocells are lit." if root == 20 else f"A picture of {root} x {root} pixels."
    if not picture.any():
        sentence = "The retina is dark."
    hint = "Draw here: the machine looks at your picture" if edit else ""
    mark = HeatMap(
        values=picture, lo=low, hi=high, scale="sequential", square=True, edit=edit, name="retina", hint=hint
    )
    return Panel("retina", "the retina", sentence, (mark,), least=Size(20, 10), square=True)


def lamps(frame: Frame, recording: Recording) -> Panel:
    """Which response units are lit, which should be, and their sums."""
    s, y = frame.arrays["pre/0"].astype(float), frame.arrays["target"]
    known = frame.phase != "present"
    states = (s > 0).astype(float) if known else np.zeros(len(s))
    labels = tuple(str(k) for k in range(len(s))) if len(s) > 1 else ("answer",)
    want = int(y.argmax()) if len(y) > 1 and y.max() > 0 else (0 if len(y) == 1 and y[0] > 0 else None)
    scale = float(np.abs(s).max()) or 1.0
    marks = (
        Lamps(rect=(0.0, 0.62, 1.0, 1.0), states=states, labels=labels, want=want, name="response units"),
        Bars(rect=(0.0, 0.0, 1.0, 0.58), values=s if known else 0 * s, labels=labels, lo=-scale, hi=scale, name="sums",
             texts=("",) * len(s)),
    )  # fmt: skip
    on = [labels[int(i)] for i in np.flatnonzero(states)]
    sentence = f"Lit: {', '.join(on) if on else 'none'}."
    if want is not None and len(s) > 1:
        sentence += f" Wanted: {want}. Largest sum: {int(s.argmax())}."
    return Panel(
        "lamps",
        "the response units",
        sentence if known else "The units have not answered yet.",
        marks,
        least=Size(30, 6),
    )


def unit_pictures(weights: Array, taps: Array | None, root: int) -> Array:
    """Each response unit's weights as a picture (R, root, root): what it would like to see.

    Behind A-units: the taps of every A-unit, weighted. The step in the A-units is left out, so it is a shadow.
    """
    seen = weights if taps is None else taps.T.astype(np.float32) @ weights
    return np.ascontiguousarray(seen.T).reshape(-1, root, root)


def seen_weights(frame: Frame, recording: Recording) -> Panel:
    """One picture for each response unit."""
    taps = recording.array("data/taps", frame.tick)
    images = unit_pictures(frame.arrays["weights/0"], taps, side(recording, frame)).astype(float)
    scale = float(np.abs(images).max()) or 1.0
    count = len(images)
    labels = tuple(str(k) for k in range(count)) if count > 1 else ("weights",)
    target = frame.arrays["target"]
    ring = (int(target.argmax()),) if count > 1 and target.max() > 0 else ()
    through = " through the plugboard" if taps is not None else ""
    who = f"{count} units" if count > 1 else "the unit"
    sentence = f"The weights of {who}, seen{through} as pictures: blue speaks for, orange against."
    grid = ImageGrid(images=images, lo=-scale, hi=scale, scale="diverging", labels=labels, ring=ring, name="weights")
    return Panel("weights", "what each unit looks for", sentence, (grid,), least=Size(30, 8), weight=1.3)


def wiring(frame: Frame, recording: Recording) -> Panel:
    """Ten of the A-units with their wires: which carry a signal now, which unit fires."""
    taps = recording.array("data/taps", frame.tick)
    assert taps is not None
    root = side(recording, frame)
    shown = taps[:_SHOWN_UNITS]
    units, cells = np.nonzero(shown)
    used, place = np.unique(cells, return_inverse=True)
    xy = np.column_stack([0.02 + 0.5 * (used % root) / root, 0.98 - 0.96 * (used // root) / root])
    unit_xy = np.column_stack([np.full(len(shown), 0.95), np.linspace(0.95, 0.05, len(shown))])
    light = frame.arrays["input"][used]
    fires = frame.arrays["act/0"][: len(shown)]
    values = np.concatenate([np.where(light > 0.5, 1.0, 0.0), np.where(fires > 0, 1.0, -0.3)])
    # A wire whose photocell is dark is drawn faint.
    carried = shown[units, cells] * np.where(light[place] > 0.5, 1.0, 0.08)
    edges = np.column_stack([place, len(used) + units])
    graph = Graph(
        xy=np.concatenate([xy, unit_xy]), edges=edges, weights=carried, values=values, name="wires", weight_scale=2.0
    )
    firing = int(np.count_nonzero(frame.arrays["act/0"]))
    sentence = f"Ten of {len(taps)} A-units with their fixed random wires; {firing} of all A-units fire now."
    return Panel("wiring", "the plugboard", sentence, (graph,), least=Size(30, 9))


def mask_names(inputs: int, degree: int) -> tuple[str, ...]:
    """1, a, b, c, ab, ac, ... in the order of `masks.monomials`."""
    letters = "abcdefghij"[:inputs]
    return tuple(
        "".join(chosen) or "1" for size in range(degree + 1) for chosen in itertools.combinations(letters, size)
    )


def masks(frame: Frame, recording: Recording) -> Panel:
    """The products the unit may look at, and the weight it gives them."""
    config = recording.header.config
    inputs, degree = len(frame.arrays["input"]), config["degree"]
    names = mask_names(inputs, degree)
    w = frame.arrays["weights/0"][:, 0].astype(float)
    scale = float(np.abs(w).max()) or 1.0
    correlation = recording.scalar("label_correlation", frame.tick) or 0.0
    sentence = (
        f"Products of at most {degree} of {inputs} inputs. Largest correlation with the answer: {plain(correlation)}."
    )
    marks = (
        Bars(rect=(0.0, 0.3, 1.0, 1.0), values=w[:64], labels=names if len(names) <= 16 else (), lo=-scale, hi=scale,
             texts=("",) * len(w[:64]), name="weights of the products"),
        TextBlock(rect=(0.0, 0.0, 1.0, 0.26), lines=(
            Line(f"{len(names)} products, degree ≤ {degree} of {inputs}"),
            Line(f"correlation with the answer: {plain(correlation)}", "error" if correlation == 0 else "good"),
        )),
    )  # fmt: skip
    return Panel("masks", "products of inputs", sentence, marks, least=Size(30, 8), weight=1.4)
