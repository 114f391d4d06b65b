"""One update taken apart: in symbols, with numbers, and checked against what the run recorded."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.core.updates import how_far_back, steps_back, whole_update
from nnhistory.eras.perceptron_1957.mark_i import busy_unit

__all__ = ["recompute", "xray"]


def recompute(frame: Frame, before: Frame, recording: Recording) -> tuple[np.ndarray, np.ndarray]:
    """The rule applied once more, in NumPy, to the weights before: (weights, bias) as they should be now.

    Shapes: weights (A, R), bias (R,).
    """
    config = recording.header.config
    weights, bias = before.arrays["weights/0"].astype(float), before.arrays["bias/0"].astype(float)
    a, y = frame.arrays["act/0"].astype(float), frame.arrays["target"].astype(float)
    s = a @ weights + bias
    wrong = (y * s <= 0) & (y != 0)
    delta = np.where(wrong, _rate(recording, frame.step) * y, 0.0)
    return weights + np.outer(a, delta), bias + (delta if config["bias"] else 0.0)


def _rate(recording: Recording, step: int) -> float:
    """The learning rate in this step: the run's, or the newest turn of it."""
    rate = float(recording.header.config["rate"])
    for event in recording.events:
        if event.kind == "turned" and event.evidence.get("knob") == "rate" and event.evidence.get("after", 0) < step:
            rate = float(event.evidence["value"])
    return rate


def xray(frame: Frame, recording: Recording) -> Panel | None:
    """The newest update at or before this frame of which the moment before is recorded, too. None if there is none."""
    found = whole_update(recording, frame.tick)
    if found is None:
        return None
    before, now = found
    weights, bias = recompute(now, before, recording)
    y, s = now.arrays["target"].astype(float), now.arrays["pre/0"].astype(float)
    unit = busy_unit(now) if len(y) > 1 else 0
    a = now.arrays["act/0"].astype(float)
    w_before, w_after = (
        before.arrays["weights/0"][:, unit].astype(float),
        now.arrays["weights/0"][:, unit].astype(float),
    )
    rate = _rate(recording, now.step)
    wrong = bool(y[unit] * s[unit] <= 0 and y[unit] != 0)
    k = int(np.abs(w_after - w_before).argmax()) if wrong else int(np.abs(a).argmax())
    verdict = "≤ 0: correct it" if wrong else "> 0: leave it" if y[unit] else "no answer is wanted: leave it"
    lines = [
        Line(f"step {now.step}{steps_back(now, frame)}" + (f", response unit {unit}" if len(y) > 1 else ""), bold=True),
        Line("if y·s ≤ 0:   w ← w + rate · y · a", "muted"),
        Line(f"y·s = {signed(y[unit])} · {plain(s[unit])} = {plain(y[unit] * s[unit])}   {verdict}",
             "error" if wrong else "good"),
    ]  # fmt: skip
    again = float(y[unit] * (a @ w_after + now.arrays["bias/0"][unit]))
    if wrong:
        lines += [
            Line(
                f"weight {k + 1}:  {plain(w_before[k])} + {plain(rate)} · {signed(y[unit])} · {plain(a[k])}"
                f" = {plain(w_after[k])}"
            ),
            Line(
                f"after:  y·s would be {plain(again)} on this pattern",
                "muted",
            ),
        ]
    off = max(float(np.abs(weights - now.arrays["weights/0"]).max()), float(np.abs(bias - now.arrays["bias/0"]).max()))
    lines.append(
        Line(f"computed again from the recording: largest difference {plain(off)}", "good" if off < 1e-3 else "error")
    )
    lines.append(Line("There is no derivative here: the step has none. The rule is error times input.", "muted"))
    moved = f"weight {k + 1} moves from {plain(w_before[k])} to {plain(w_after[k])}" if wrong else "nothing moves"
    sentence = f"{how_far_back(now, frame)}At step {now.step} {moved}."
    return Panel("xray", "X-ray: this update", sentence, (TextBlock(lines=tuple(lines)),), least=Size(40, 8))
