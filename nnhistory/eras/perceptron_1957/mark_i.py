"""Pictures of the Mark I and of masks: retina, lamps, plugboard, weights seen as pictures."""

from __future__ import annotations

import itertools
from functools import lru_cache

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Bars,
    Dial,
    Edit,
    Graph,
    HeatMap,
    ImageGrid,
    Lamps,
    Line,
    Mark,
    Panel,
    Polyline,
    Role,
    Size,
    TextBlock,
)

__all__ = ["busy_unit", "lamps", "machine", "mask_names", "masks", "retina", "seen_weights", "unit_pictures"]

_SHOWN_UNITS = 6


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
    if low < 0:
        sentence += " Each is shown as the units get it: its ink minus what is usual there."
    if not picture.any():
        sentence = "Nothing is on the retina yet." if root != 20 else "No photocell is lit."
    hint = "Draw here: the machine looks at your picture" if edit else ""
    mark = HeatMap(
        values=picture, lo=low, hi=high, scale="sequential", square=True, edit=edit, name="retina", hint=hint
    )
    return Panel("retina", "the retina", sentence, (mark,), least=Size(20, 10), square=True)


_TEACH = {
    True: "click the lamp that should be lit: the machine learns the picture on the retina",
    False: "click: it should be lit; right button: it should not; the machine learns the picture on the retina",
}


def lamps(frame: Frame, recording: Recording) -> Panel:
    """Which response units are lit, which should be, and their sums."""
    s, y = frame.arrays["pre/0"].astype(float), frame.arrays["target"]
    known = frame.phase != "present"
    states = (s > 0).astype(float) if known else np.zeros(len(s))
    labels = tuple(str(k) for k in range(len(s))) if len(s) > 1 else ("answer",)
    want = int(y.argmax()) if len(y) > 1 and y.max() > 0 else (0 if len(y) == 1 and y[0] > 0 else None)
    scale = float(np.abs(s).max()) or 1.0
    retina = recording.header.config["machine"] == "mark_i" and len(frame.arrays["input"]) == 400
    classes = tuple(range(len(s))) if len(s) > 1 else (1, 0)
    teach = Edit("retina_label", "turn", labels=classes) if retina else None
    marks = (
        Lamps(rect=(0.0, 0.62, 1.0, 1.0), states=states, labels=labels, want=want, name="response unit", edit=teach,
              hint=_TEACH[len(s) > 1] if teach else ""),
        Bars(rect=(0.0, 0.0, 1.0, 0.58), values=s if known else 0 * s, labels=labels, lo=-scale, hi=scale, name="sum",
             texts=("",) * len(s), hint="weights of everything that fires, added up; above 0 the lamp is lit"),
    )  # fmt: skip
    on = [labels[int(i)] for i in np.flatnonzero(states)]
    sentence = f"Lit: {', '.join(on) if on else 'none'}."
    if want is not None and len(s) > 1:
        sentence += f" Wanted: {want}. Largest sum: {int(s.argmax())}."
    return Panel(
        "lamps",
        "the response units: lamps, and their sums",
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
    name = "looked for by unit" if count > 1 else ""
    grid = ImageGrid(images=images, lo=-scale, hi=scale, scale="diverging", labels=labels, ring=ring, name=name,
                     hint="blue speaks for this answer, orange against")  # fmt: skip
    return Panel("weights", "what each unit looks for", sentence, (grid,), least=Size(30, 8), weight=1.3)


def machine(frame: Frame, recording: Recording) -> Panel:
    """The Mark I: photocells, plugboard, A-units, behind each its motor-driven weight, and the lamp they feed."""
    taps = recording.array("data/taps", frame.tick)
    assert taps is not None
    shown = taps[:_SHOWN_UNITS]
    count = len(shown)
    fires = frame.arrays["act/0"][:count] > 0
    unit = busy_unit(frame)
    weights, moved = frame.arrays["weights/0"], frame.arrays["delta/0"]
    # A scale that only ever doubles: the pointer moves, not the scale under it.
    scale = 2.0 ** np.ceil(np.log2(max(8.0, float(np.abs(weights[:count, unit]).max()))))
    turning = frame.phase == "update" and bool(moved[unit])
    known = frame.phase != "present"
    marks: list[Mark] = [_plugboard(frame, shown, fires, side(recording, frame))]
    lamp = (0.97, 0.43)
    for k in range(count):
        middle = 0.9 * (1.0 - (k + 0.5) / count)
        turns = turning and bool(fires[k])
        weight = float(weights[k, unit])
        wire = np.array([[0.855, middle], [0.9, middle], [lamp[0], lamp[1]]])
        role: Role = ("positive" if weight > 0 else "negative") if fires[k] and known and weight else "neutral"
        marks.append(Polyline(xy=wire, role=role, width=2 if role != "neutral" else 1, name=f"A{k + 1} to the lamp"))
        marks.append(
            Dial(
                rect=(0.63, middle - 0.43 / count, 0.86, middle + 0.43 / count),
                value=weight,
                lo=-scale,
                hi=scale,
                label=f"A{k + 1}" + (f" to {unit}" if len(moved) > 1 else ""),
                role="attention" if turns else "positive" if weight > 0 else "negative" if weight < 0 else "ink",
                name=f"weight of A{k + 1}" + (f" to unit {unit}" if len(moved) > 1 else ""),
                hint="a potentiometer; a motor turns it when the answer was wrong and this A-unit fired",
            )
        )
    s, y = float(frame.arrays["pre/0"][unit]), float(frame.arrays["target"][unit])
    marks.append(
        Lamps(
            rect=(0.905, 0.27, 1.0, 0.59), states=np.array([1.0 if known and s > 0 else 0.0]),
            labels=(str(unit) if len(moved) > 1 else "lamp",), want=0 if y > 0 else None, name="the lamp",
            hint="lit if the sum over all A-units is above 0; a pointer over it: it should be lit",
        )
    )  # fmt: skip
    for left, right, text in ((0.0, 0.36, "photocells"), (0.36, 0.6, "A-units"), (0.63, 0.87, "weights")):
        line = Line(text, "muted")
        marks.append(TextBlock(rect=(left, 0.915, right, 1.0), lines=(line,), monospace=False))
    firing = int(np.count_nonzero(frame.arrays["act/0"]))
    sentence = f"{count} of {len(taps)} A-units with their fixed random wires; {firing} of all A-units fire."
    if turning:
        sentence += f" Motors turn the weights of those that fire by {plain(float(moved[unit]))}."
    return Panel(
        "wiring",
        f"the machine: {count} of its {len(taps)} A-units",
        sentence,
        tuple(marks),
        least=Size(44, 14),
        weight=1.7,
    )


def _plugboard(frame: Frame, shown: Array, fires: Array, root: int) -> Graph:
    """Photocells, the wires of the A-units that are shown, and these units."""
    count, cells = len(shown), np.arange(root * root)
    column, row = cells % root / (root - 1), cells // root / (root - 1)
    xy = np.concatenate(
        [
            np.column_stack([0.02 + 0.66 * column, 0.9 - 0.8 * row]),
            np.column_stack([np.full(count, 0.98), 1.0 - (np.arange(count) + 0.5) / count]),
        ]
    )
    units, places = np.nonzero(shown)
    light = frame.arrays["input"] > 0.5
    # A wire carries only what its photocell sees; the others are drawn faint, so that the plugboard can be seen.
    carried = shown[units, places] * np.where(light[places], 1.0, 0.08)
    cell_names = _cell_names(root)
    links = tuple(
        f"wire from {cell_names[cell]} to A{unit + 1}, carries" for unit, cell in zip(units, places, strict=True)
    )
    return Graph(
        rect=(0.0, 0.0, 0.6, 0.9),
        xy=xy,
        edges=np.column_stack([places, len(cells) + units]),
        weights=carried,
        values=np.concatenate([np.where(light, 1.0, 0.0), np.where(fires, 1.0, -0.3)]),
        labels=("",) * len(cells) + tuple(f"A{k + 1}" for k in range(count)),
        name="photocells, wires, A-units",
        links=links,
        link_values=shown[units, places] * light[places],
        node_names=(*cell_names, *(f"A{k + 1}" for k in range(count))),
        node_values=(*("lit" if on else "dark" for on in light), *("fires" if on else "silent" for on in fires)),
        weight_scale=2.0,
        hint="blue pushes the unit to fire, orange holds back; drawn by lot, never changed",
        node_hint="an A-unit fires if enough lit photocells push it",
    )


@lru_cache(maxsize=4)
def _cell_names(root: int) -> tuple[str, ...]:
    """What the photocells are called when one points at them."""
    return tuple(f"photocell row {k // root + 1}, column {k % root + 1}" for k in range(root * root))


def busy_unit(frame: Frame) -> int:
    """The response unit to watch: just corrected, else the one that should be lit, else the largest sum."""
    moved = np.flatnonzero(frame.arrays["delta/0"])
    if frame.phase != "present" and frame.arrays["target"].max() <= 0 and not len(moved):
        return int(frame.arrays["pre/0"].argmax())
    wanted = int(frame.arrays["target"].argmax())
    return int(moved[0]) if len(moved) and wanted not in moved else wanted


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
             texts=() if len(w) <= 12 else ("",) * len(w[:64]), name="weights of the products"),
        TextBlock(rect=(0.0, 0.0, 1.0, 0.26), lines=(
            Line(f"{len(names)} products, degree ≤ {degree} of {inputs}"),
            Line(f"correlation with the answer: {plain(correlation)}", "error" if correlation == 0 else "good"),
        )),
    )  # fmt: skip
    return Panel("masks", "products of inputs: the weight of each", sentence, marks, least=Size(30, 8), weight=1.4)
