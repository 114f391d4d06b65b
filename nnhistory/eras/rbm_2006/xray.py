"""One change of the weights taken apart: in symbols, with numbers, and checked against what the run recorded."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.core.updates import how_far_back, steps_back, whole_update
from nnhistory.eras.rbm_2006.frames import knob, sigma

__all__ = ["recompute", "xray"]


def recompute(now: Frame, before: Frame, recording: Recording) -> tuple[Array, Array, Array]:
    """CD-k once more, in NumPy, from the recorded batch: W, b, c as they should be now.

    The coins are taken as they fell (input, state/model); probabilities are computed anew. Without momentum of the
    biases: of their last change nothing is recorded, so b and c are those of a run without momentum.
    """
    step = now.step
    rate, decay = float(knob("rate", recording, step)), float(knob("decay", recording, step))
    late = step > recording.header.config["momentum_after"]
    momentum = float(knob("momentum" if late else "momentum_first", recording, step))
    W, b, c = (before.arrays[name].astype(float) for name in ("weights/0", "bias/visible", "bias/0"))
    v0, v1 = now.arrays["input"].astype(float), now.arrays["state/model"].astype(float)
    p0, p1 = sigma(c + v0 @ W), sigma(c + v1 @ W)
    n = len(v0)
    slope = (v0.T @ p0 - v1.T @ p1) / n
    moved = momentum * before.arrays["state/0"].astype(float) + rate * (slope - decay * W)
    return W + moved, b + rate * (v0 - v1).mean(axis=0), c + rate * (p0 - p1).mean(axis=0)


def _whole(now: Frame, recording: Recording) -> bool:
    """Is all of the batch in the frame? Of a large one only the first rows are."""
    config = recording.header.config
    data = recording.array("data/x", now.tick)
    rows = config["batch"] or (len(data) if data is not None else 0)
    return len(now.arrays["input"]) == rows


def xray(frame: Frame, recording: Recording) -> Panel | None:
    """The newest change at or before this frame, for machines whose weights are in every frame. None elsewhere,
    and for linear units, whose coins are noise that is not recorded."""
    config = recording.header.config
    if config["mode"] == "gibbs" or config["rule"] == "exact" or config["units"] == "linear":
        return None
    found = whole_update(recording, frame.tick)
    if found is None:
        return None
    before, now = found
    if "weights/0" not in now.arrays or not _whole(now, recording):
        return None
    W, _, _ = recompute(now, before, recording)
    true = now.arrays["weights/0"].astype(float)
    old = before.arrays["weights/0"].astype(float)
    i, j = np.unravel_index(int(np.abs(true - old).argmax()), true.shape)
    v0, v1 = now.arrays["input"].astype(float), now.arrays["state/model"].astype(float)
    c = before.arrays["bias/0"].astype(float)
    p0, p1 = sigma(c + v0 @ old), sigma(c + v1 @ old)
    plus, minus = float((v0[:, i] * p0[:, j]).mean()), float((v1[:, i] * p1[:, j]).mean())
    rate = float(knob("rate", recording, now.step))
    up = float(c[j] + v0[0] @ old[:, j])
    coins = now.arrays["hidden/sample"][0]
    off = float(np.abs(W - true).max())
    lines = [
        Line(
            f"step {now.step}{steps_back(now, frame)}: pixel {i + 1} and hidden unit {j + 1}, {len(v0)} rows", bold=True
        ),
        Line(f"up     p(h{j + 1} | v0) = σ(c + v0 W) = σ({plain(up)}) = {plain(float(p0[0, j]))}  (first row)"),
        Line(f"coins  h0 = {' '.join(str(int(one)) for one in coins[:8])}", "muted"),
        Line(f"down   v1 = {' '.join(plain(float(one), 2) for one in v1[0][:8])}", "muted"),
        Line(f"again  p(h{j + 1} | v1) = {plain(float(p1[0, j]))}"),
        Line(f"⟨v h⟩ data = {plain(plus)}    ⟨v h⟩ model = {plain(minus)}    (means over rows)", "gradient"),
        Line(
            f"slope  {plain(plus)} − {plain(minus)} = {plain(plus - minus)}, times the rate {plain(rate)}", "gradient"
        ),
        Line(f"weight {plain(float(old[i, j]))} → {plain(float(true[i, j]))}"),
        Line(f"computed again from the recording: largest difference {plain(off)}", "good" if off < 1e-3 else "error"),
    ]
    moved = f"from {plain(float(old[i, j]))} to {plain(float(true[i, j]))}"
    sentence = (
        f"{how_far_back(now, frame)}At step {now.step} the weight of pixel {i + 1} and unit {j + 1} moves {moved}."
    )
    return Panel("xray", "X-ray: this change", sentence, (TextBlock(lines=tuple(lines)),), least=Size(56, 9))
