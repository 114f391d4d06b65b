"""One update taken apart: in symbols, with numbers, and checked against what the run recorded."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.core.updates import how_far_back, steps_back, whole_update
from nnhistory.eras.madaline_1962.pictures import knob

__all__ = ["recompute", "xray"]

Weights = dict[str, Array]


def recompute(now: Frame, before: Frame, recording: Recording) -> Weights:
    """The rule applied once more, in NumPy, to the weights of `before`, the forward moment: what they should be now."""
    rule = recording.header.config["rule"]
    weights = {
        name: array.astype(float) for name, array in before.arrays.items() if name.startswith(("weights/", "bias/"))
    }
    if rule == "rule_1":
        return _first(now, weights, recording)
    return _second(now, weights, recording) if rule == "rule_2" else _third(now, weights, recording)


def _sign(s: Array) -> Array:
    return np.where(s >= 0, 1.0, -1.0)


def _first(now: Frame, w: Weights, recording: Recording) -> Weights:
    x, d = now.arrays["input"].astype(float), float(now.arrays["target"][0])
    s = x @ w["weights/0"] + w["bias/0"]
    lit = now.arrays["state/lit"] > 0
    delta = np.where(lit, knob("alpha", recording, now.step) * (d - s) / (x @ x + 1), 0.0)
    return {"weights/0": w["weights/0"] + np.outer(x, delta), "bias/0": w["bias/0"] + delta}


def _second(now: Frame, w: Weights, recording: Recording) -> Weights:
    x, d, alpha = now.arrays["input"].astype(float), now.arrays["target"], knob("alpha", recording, now.step)
    W, b = w["weights/0"].copy(), w["bias/0"].copy()
    s = x @ W + b
    if "weights/1" not in w:
        delta = np.where(_sign(s) != d, alpha * (d - s) / (x @ x + 1), 0.0)
        return {"weights/0": W + np.outer(x, delta), "bias/0": b + delta}
    V, c, o = w["weights/1"], w["bias/1"], _sign(s)
    errors = int((_sign(o @ V + c) != d).sum())
    if errors:
        order = list(np.argsort(np.abs(s), kind="stable"))
        # fmt: off
        groups = [g for many in range(1, int(recording.header.config["trial"]) + 1)
                  for g in sorted(combinations(order, many), key=lambda g: float(np.abs(s[list(g)]).sum()))]
        # fmt: on
        first = s.copy()
        for group in groups:
            units = list(group)
            trial = o.copy()
            trial[units] *= -1
            left = int((_sign(trial @ V + c) != d).sum())
            if left < errors:
                move = alpha * (trial[units] - first[units]) / (x @ x + 1)
                W[:, units] += np.outer(x, move)
                b[units] += move
                first, o, errors = x @ W + b, trial, left
            if errors == 0:
                break
    q = o @ V + c
    delta = np.where(_sign(q) != d, alpha * (d - q) / (len(o) + 1), 0.0)
    return {"weights/0": W, "bias/0": b, "weights/1": V + np.outer(o, delta), "bias/1": c + delta}


def _third(now: Frame, w: Weights, recording: Recording) -> Weights:
    x, d = now.arrays["input"].astype(float), now.arrays["target"].astype(float)
    mu, ds = knob("mu", recording, now.step), knob("ds", recording, now.step)
    V, c = w["weights/1"], w["bias/1"]
    s = x @ w["weights/0"] + w["bias/0"]

    def error(s: Array, nudge: Array | float = 0.0) -> float:
        return float(((d - np.tanh(np.tanh(s) @ V + c + nudge)) ** 2).sum())

    e = error(s)
    low = np.array([(error(s + ds * one) - e) / ds for one in np.eye(len(s))])
    top = np.array([(error(s, ds * one) - e) / ds for one in np.eye(len(c))])
    return {"weights/0": w["weights/0"] - mu * np.outer(x, low), "bias/0": w["bias/0"] - mu * low,
            "weights/1": V - mu * np.outer(np.tanh(s), top), "bias/1": c - mu * top}  # fmt: skip


def xray(frame: Frame, recording: Recording) -> Panel | None:
    """The newest update at or before this frame of which the forward moment is recorded, too. None if there is none."""
    found = whole_update(recording, frame.tick, begins="forward")
    if found is None:
        return None
    before, now = found
    again = recompute(now, before, recording)
    off = max(float(np.abs(array - now.arrays[name]).max(initial=0.0)) for name, array in again.items())
    rule = recording.header.config["rule"]
    lines = [Line(f"step {now.step}{steps_back(now, frame)}, {rule.replace('_', ' ')}", bold=True)]
    told, sentence = _smooth(now, recording) if rule == "rule_3" else _steps(now, before, recording, rule)
    lines += told
    lines.append(
        Line(f"computed again from the recording: largest difference {plain(off)}", "good" if off < 1e-3 else "error")
    )
    said = f"{how_far_back(now, frame)}At step {now.step} {sentence}."
    return Panel("xray", "X-ray: this update", said, (TextBlock(lines=tuple(lines)),),
                 least=Size(44, 8))  # fmt: skip


def _steps(now: Frame, before: Frame, recording: Recording, rule: str) -> tuple[list[Line], str]:
    """Rules I and II: there is no gradient, and this is what is done in its place."""
    a, alpha = now.arrays, knob("alpha", recording, now.step)
    instead = "the unit nearest 0 is told" if rule == "rule_1" else "flips are tried until one helps"
    lines = [Line(f"There is no gradient: d sgn(s)/ds is 0 or undefined. Instead {instead}.", "attention"),
             Line("w ← w + α (d − s) x / |x|²", "muted")]  # fmt: skip
    moved = np.flatnonzero(a["delta/0"])
    if not len(moved):
        top = "delta/1" in a and bool(np.any(a["delta/1"]))
        lines.append(Line("only output weights move: no flip helped" if top else "answer right: nothing moves", "good"))
        return lines, "only the output moves" if top else "nothing moves"
    unit = int(moved[0])
    delta, x = float(a["delta/0"][unit]), a["input"].astype(float)
    s = float(before.arrays["pre/0"][unit])
    length = float(x @ x) + 1
    want = s + delta * length / alpha if alpha else s
    k = int(np.abs(x).argmax())
    w = float(before.arrays["weights/0"][k, unit])
    lines += [
        Line(f"unit {unit + 1}: α (d − s) / |x|² = {plain(alpha)} · ({signed(want)} − {plain(s)}) / {plain(length)}"
             f" = {plain(delta)}"),
        Line(f"weight {k + 1}: {plain(w)} + {plain(delta)} · {signed(float(x[k]))}"
             f" = {plain(float(a['weights/0'][k, unit]))}"),
        Line(f"after: s = {plain(s + delta * length)} on this pattern", "muted"),
    ]  # fmt: skip
    return lines, f"unit {unit + 1} moves, its sum from {plain(s)} to {plain(s + delta * length)}"


def _smooth(now: Frame, recording: Recording) -> tuple[list[Line], str]:
    a, mu, ds = now.arrays, knob("mu", recording, now.step), knob("ds", recording, now.step)
    unit = int(np.abs(a["delta/0"]).argmax())
    slope, true = float(a["delta/0"][unit]), float(a["grad/0"][unit])
    lines = [
        Line("w ← w − μ · (D(e²) / ds) · x", "muted"),
        Line(f"unit {unit + 1}: D(e²) / ds = {plain(slope * ds)} / {plain(ds)} = {plain(slope)}", "gradient"),
        Line(f"true slope by the chain rule: {plain(true)}; off by {plain(abs(slope - true))}", "gradient"),
        Line(f"bias {unit + 1} moves by −{plain(mu)} · {plain(slope)} = {plain(-mu * slope)}"),
        Line("tanh has a slope, so it can be measured. A step has none.", "muted"),
    ]
    return lines, f"unit {unit + 1} has measured slope {plain(slope)}, true slope {plain(true)}"
