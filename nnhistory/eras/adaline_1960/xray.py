"""One update taken apart: in symbols, with numbers, and computed again from what the run recorded."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.core.updates import how_far_back, steps_back, whole_update
from nnhistory.eras.adaline_1960.arithmetic import now

__all__ = ["recompute", "xray"]

_FORMULAS = {
    "mu_lms": "w ← w + 2 µ e x",
    "alpha_lms": "w ← w + α e x / |x|²",
    "steepest": "w ← w + 2 µ (P − R w)",
    "perceptron": "w ← w + α (d − sign s) x / 2",
}


def _joined(frame: Frame) -> Array:
    weights = frame.arrays["weights/0"][:, 0].astype(float)
    extra = len(frame.arrays["state/wanted"]) > len(weights)
    return np.append(weights, frame.arrays["bias/0"].astype(float)) if extra else weights


def recompute(frame: Frame, before: Frame, recording: Recording) -> Array:
    """The rule applied once more, in NumPy, to the weights before: the weights (m,) as they should be now."""
    w = _joined(before)
    x = np.append(frame.arrays["input"].astype(float), np.ones(len(w) - len(frame.arrays["input"])))
    d = float(frame.arrays["target"][0])
    mu, alpha = (float(now(recording, before, name)) for name in ("mu", "alpha"))
    again: Array
    match recording.header.config["rule"]:
        case "steepest":
            R, wiener = (recording.array(f"data/{name}", frame.tick) for name in ("bowl", "wiener"))
            assert R is not None
            assert wiener is not None
            again = w + 2 * mu * (R.astype(float) @ (wiener.astype(float) - w))
        case "mu_lms":
            again = w + 2 * mu * (d - w @ x) * x
        case "alpha_lms":
            again = w + alpha * (d - w @ x) * x / (x @ x)
        case _:
            again = w + (alpha * d if d * (w @ x) <= 0 else 0.0) * x
    return again


def xray(frame: Frame, recording: Recording) -> Panel | None:
    """The newest update at or before this frame of which the moment before is recorded, too. None if there is none."""
    found = whole_update(recording, frame.tick)
    if found is None:
        return None
    before, this = found
    rule = recording.header.config["rule"]
    if rule == "steepest" and recording.array("data/bowl", this.tick) is None:
        return None
    w_before, w_after, again = _joined(before), _joined(this), recompute(this, before, recording)
    yours = now(recording, this, "hands") == "yours"
    moved = np.abs(again - w_before)
    k = int(moved.argmax())
    d, s = float(this.arrays["target"][0]), float(this.arrays["pre/0"][0])
    x = np.append(this.arrays["input"].astype(float), np.ones(len(w_before) - len(this.arrays["input"])))
    name = "bias" if k >= len(this.arrays["input"]) else f"weight {k + 1}"
    lines = [Line(f"step {this.step}{steps_back(this, frame)}", bold=True), Line(_FORMULAS[rule], "muted")]
    if rule != "steepest":
        lines.append(Line(f"e = d − s = {plain(d)} − {plain(s)} = {plain(d - s)}"))
        lines.append(Line(f"slope of e² for {name}: −2 e x = {plain(-2 * (d - s) * float(x[k]))}", "gradient"))
    lines.append(
        Line(f"{name}:  {plain(w_before[k])} → {plain(again[k])}, a change of {plain(again[k] - w_before[k])}")
    )
    if rule != "steepest" and not yours:
        left = d - float(x @ w_after)
        lines.append(Line(f"after:  the error on this pattern is {plain(left)}", "muted"))
    off = float(np.abs(again - w_after).max())
    if yours:
        lines.append(Line("your hands do the update: the machine has changed nothing", "attention"))
    else:
        # The frames hold four bytes a number; what is computed from them agrees to about seven digits.
        close = off <= 2e-6 * (1.0 + float(np.abs(w_after).max()) + float(np.abs(moved).max()))
        lines.append(
            Line(f"computed again from the recording: largest difference {plain(off)}", "good" if close else "error")
        )
    if rule == "perceptron":
        lines.append(Line("The error is taken behind the step, which has no slope.", "muted"))
    else:
        lines.append(
            Line("The error is taken before the step, so e² has a slope, and the rule walks against it.", "muted")
        )
    sentence = (
        f"{how_far_back(this, frame)}At step {this.step} {name} goes from {plain(w_before[k])} to {plain(again[k])}."
    )
    return Panel("xray", "X-ray: this update", sentence, (TextBlock(lines=tuple(lines)),), least=Size(44, 8))
