"""The machine of 1960: a board of switches, a knob for each, and a meter with the quantiser beside it."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Dial, Edit, HeatMap, Lamps, Line, Mark, Panel, Role, Size, TextBlock
from nnhistory.eras.adaline_1960.arithmetic import now

__all__ = ["knobs", "meter", "switches"]

_TURNED = "times its switch it goes into the sum; turn it the way of the arrow, by what 'this step' says"


def switches(frame: Frame, recording: Recording) -> Panel:
    """The pattern on the board: a switch that is up counts +1, one that is down −1."""
    x, d = frame.arrays["input"].astype(float), float(frame.arrays["target"][0])
    mark = HeatMap(values=x.reshape(4, 4), square=True, name="switches", hint="blue: up, +1; orange: down, −1")
    sentence = f"{int((x > 0).sum())} of 16 switches are up; wanted is {signed(d)}."
    if not x.any():
        sentence = "No switch has been set yet."
    return Panel("board", "the switches", sentence, (mark,), least=Size(16, 8), square=True, weight=0.7)


def _scale(frame: Frame) -> float:
    """Where the knobs' scales end: a power of two that all fit into, and not less than one half."""
    size = max(float(np.abs(frame.arrays["weights/0"]).max()), float(np.abs(frame.arrays["bias/0"]).max()), 0.5)
    return min(10.0, float(2.0 ** np.ceil(np.log2(size))))


def _look(frame: Frame, place: int) -> tuple[str, Role]:
    """An arrow for what a knob has still to do, and its colour. Of a new pattern that is known from compare on."""
    wanted, done = frame.arrays["state/wanted"].astype(float), frame.arrays["state/done"].astype(float)
    if frame.step == 0 or place >= len(wanted):
        return "", "ink"
    left, scale = float(wanted[place] - done[place]), float(np.abs(wanted).max())
    if scale < 1e-9:
        return "", "ink"
    if abs(left) <= 0.25 * scale:
        return "", "ink" if frame.phase == "backward" else "good"
    wrong = wanted[place] * done[place] < 0 or abs(done[place]) > 2 * abs(wanted[place]) + 0.25 * scale
    return "▲" if left > 0 else "▼", "error" if wrong else "attention"


def knobs(frame: Frame, recording: Recording) -> Panel:
    """Sixteen potentiometers; each can be turned."""
    weights, bias = frame.arrays["weights/0"][:, 0].astype(float), frame.arrays["bias/0"]
    x = frame.arrays["input"].astype(float)
    scale, to_go = _scale(frame), 0
    marks: list[Mark] = []
    for k, weight in enumerate(weights):
        row, column = divmod(k, 4)
        arrow, role = _look(frame, k)
        to_go += bool(arrow)
        left, low, high = column / 4 + 0.006, 1 - (row + 0.95) / 4, 1 - (row + 0.05) / 4
        marks += [
            # The switch stands beside its knob, so that the letter is seen in the knobs, too.
            HeatMap(rect=(left, low, left + 0.02, high), values=x[k : k + 1, None], name=f"switch {k + 1}"),
            _knob(f"{k + 1}{arrow}", float(weight), scale, role, f"w{k + 1}", (left + 0.026, low, left + 0.243, high)),
        ]
    yours = now(recording, frame, "hands") == "yours"
    least, most = plain(float(weights.min())), plain(float(weights.max()))
    sentence = f"16 knobs between {least} and {most}, bias {plain(float(bias[0]))}."
    if yours and frame.step and frame.arrays["state/wanted"].any():
        sentence += (
            f" Your turn: {to_go} of them have still to be turned." if to_go else " All are where the rule wants them."
        )
    elif frame.phase == "update":
        sentence += " The machine has turned all of them a little."
    return Panel(
        "knobs",
        "the knobs" + (": yours to turn" if yours else ""),
        sentence,
        tuple(marks),
        least=Size(38, 8),
        weight=2.2,
    )


def _knob(
    label: str, value: float, scale: float, role: Role, knob: str, rect: tuple[float, float, float, float]
) -> Mark:  # fmt: skip
    return Dial(rect=rect, value=value, lo=-scale, hi=scale, label=label, role=role, name=f"knob {knob}", hint=_TURNED,
                edit=Edit(knob, "turn", (-scale, scale)))  # fmt: skip


def meter(frame: Frame, recording: Recording) -> Panel:
    """The needle shows the sum; the mark on its scale is where it should be. Behind it the quantiser's two lamps."""
    arrays = frame.arrays
    s, d = float(arrays["pre/0"][0]), float(arrays["target"][0])
    known = frame.phase not in ("present",) and frame.step > 0
    shown = s if known else 0.0
    end = max(2.0, float(2.0 ** np.ceil(np.log2(max(1.0, abs(shown), abs(d))))))
    # First the needle swings, then the quantiser clicks: the error is that of the sum, and the answer comes too late.
    clicked = known and frame.phase != "forward"
    answer = float(np.sign(s)) if clicked else 0.0
    sum_of = "sum s" if known else "sum s: not yet"
    marks: list[Mark] = [
        Dial(rect=(0.0, 0.34, 0.58, 1.0), value=shown, lo=-end, hi=end, limit=d if arrays["target"].any() else None,
             label=sum_of, role="positive" if shown >= 0 else "negative", name="meter",
             hint="the needle is the sum; the mark is the number wanted, +1 or −1"),
        Lamps(rect=(0.64, 0.5, 1.0, 1.0), states=np.array([float(answer > 0), float(answer < 0)]), labels=("+1", "−1"),
              want=0 if d > 0 else 1 if d < 0 else None, name="quantiser: which side of 0 the sum is on"),
    ]  # fmt: skip
    bias = len(arrays["state/wanted"]) > len(arrays["input"])
    if bias:
        arrow, role = _look(frame, len(arrays["input"]))
        marks.append(
            _knob(f"bias{arrow}", float(arrays["bias/0"][0]), _scale(frame), role, "b0", (0.0, 0.0, 0.48, 0.3))
        )
    wrong = clicked and answer * d <= 0
    wanted, error = signed(d) if frame.step > 0 else "…", plain(d - s) if known else "…"
    lines = [Line(f"wanted {wanted}"), Line(f"error {error}", "ink", bold=True)]
    marks.append(TextBlock(rect=(0.52 if bias else 0.0, 0.0, 1.0, 0.3), lines=tuple(lines)))
    sentence = "The needle rests: the sum is not known yet."
    if known:
        sentence = f"The needle shows {plain(s)} and should show {plain(d)}."
    if clicked:
        verdict = "wrong" if wrong else "right"
        sentence += f" The quantiser says {signed(answer) if answer else 'nothing'}, which is {verdict}."
    return Panel("meter", "the meter", sentence, tuple(marks), least=Size(30, 6), weight=0.9)
