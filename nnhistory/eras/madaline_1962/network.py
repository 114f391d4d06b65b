"""The machine as a network: inputs, ADALINEs with their sums, and what decides. It reads frames and never a model."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Graph, Mark, Panel, Role, Size
from nnhistory.eras.madaline_1962.pictures import HOW, LOGIC, SHOWN, answers, knob, lit_units, window

__all__ = ["net"]


def net(frame: Frame, recording: Recording) -> Panel:
    """Units as nodes: inputs, ADALINEs with their sums, and what decides."""
    arrays, config = frame.arrays, recording.header.config
    weights = arrays["weights/0"].astype(float)
    d, h = weights.shape
    outputs = len(arrays["target"])
    known = frame.phase in ("forward", "backward", "update")
    shown = frame.phase in SHOWN
    columns = [_column(0.07, d), _column(0.5, h, 0.12 if h > 2 else 0.0), _column(0.93, outputs)]
    lit, role = lit_units(frame)
    values = np.concatenate([
        np.clip(arrays["input"], -1, 1) if shown else np.zeros(d),
        np.where(arrays["state/flip"] > 0, -1, 1) * arrays["act/0"] if known and config["rule"] == "rule_2"
        else arrays["act/0"] if known else np.zeros(h),
        _output_now(frame) if known else np.zeros(outputs),
    ])  # fmt: skip
    marks = {True: "flip" if role == "attention" else "job"}
    if config["rule"] == "rule_3":
        marks[True] = "nudge" if role == "attention" else ""
    hidden = [
        (f"{marks[True]} " if unit in lit and marks[True] else "")
        + (f"{unit + 1}: {signed(float(arrays['pre/0'][unit]), 2)}" if known else f"{unit + 1}")
        for unit in range(h)
    ]
    top = LOGIC[config["logic"]] if config["rule"] == "rule_1" else "out"
    heads = [top if outputs == 1 else f"out {k + 1}" for k in range(outputs)]
    labels = (*(f"x{k + 1}" for k in range(d)), *hidden, *heads)
    below = [(a, d + unit) for a in range(d) for unit in range(h)]
    above = [(d + unit, d + h + k) for unit in range(h) for k in range(outputs)]
    upper = arrays["weights/1"].astype(float) if "weights/1" in arrays else np.zeros((h, outputs))
    strengths = np.concatenate([weights.ravel(), upper.ravel()])
    xy, scale = np.concatenate(columns), float(np.abs(strengths).max()) or 1.0
    small = _small_pictures(frame, recording)
    whole = Graph(
        xy=xy, edges=np.array(below + above), weights=strengths, values=values, labels=labels, pictures=small,
        weight_scale=scale, hint="a weight: how much the unit behind it hears of the one before",
        node_hint="an input, or a unit's sum; its answer is the sum's sign, and the picture is its answer everywhere",
    )  # fmt: skip
    drawn: list[Mark] = [whole]
    if lit and len(lit) < h:
        chosen = [k for k, (_, unit) in enumerate(below) if unit - d in lit]
        strong = np.where(weights.ravel()[chosen] < 0, -1, 1) * scale * 0.6
        drawn.append(msgspec.structs.replace(whole, edges=np.array(below)[chosen], weights=strong, flow=role))
    return Panel("net", "the machine", _net_sentence(frame, recording, lit, role, known), tuple(drawn),
                 least=Size(24, 7), weight=1.2)  # fmt: skip


def _small_pictures(frame: Frame, recording: Recording) -> tuple[Any, ...]:
    """For points in a plane: what every ADALINE and the output answer at each place. None for the inputs."""
    x, arrays = recording.array("data/x", frame.tick), frame.arrays
    if x is None or x.shape[1] != 2 or len(arrays["target"]) != 1:
        return ()
    view = window(x)
    across, down = np.linspace(view.low[0], view.high[0], 14), np.linspace(view.high[1], view.low[1], 14)
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2)
    s = grid @ arrays["weights/0"] + arrays["bias/0"]
    sides = np.tanh(s) if recording.header.config["rule"] == "rule_3" else np.where(s >= 0, 1.0, -1.0)
    units = [side.reshape(14, 14) for side in sides.T]
    return (None, None, *units, answers(frame, recording, grid).reshape(14, 14))


def _output_now(frame: Frame) -> Array:
    """The answers with the flip on trial, else as they were."""
    if frame.phase == "backward" and frame.arrays["state/flip"].any() and "pre/1" in frame.arrays:
        return np.clip(np.sign(frame.arrays["pre/1"]), -1, 1)
    return np.clip(frame.arrays["answer"], -1, 1)


def _net_sentence(frame: Frame, recording: Recording, lit: list[int], role: Role, known: bool) -> str:
    config, arrays = recording.header.config, frame.arrays
    h = arrays["weights/0"].shape[1]
    names = " and ".join(str(unit + 1) for unit in lit)
    if not known:
        return (
            f"{h} ADALINEs side by side, {'fixed logic' if config['rule'] == 'rule_1' else 'units that learn'} on top."
        )
    if config["rule"] == "rule_3":
        if role == "attention" and lit:
            ds = plain(float(knob("ds", recording, frame.step)))
            return f"The sum of unit {names} is nudged by {ds}, and the error is measured again."
        return "Every unit answers smoothly, so a small nudge shows in the error."
    if role == "attention" and lit:
        cured = frame.scalars.get("wrong_outputs", 1.0)
        return f"What if unit {names} answered otherwise? {plain(cured)} outputs would be wrong."
    if lit:
        if config["rule"] == "rule_1":
            how = HOW[knob("pick", recording, frame.step)]
            return f"The answer is wrong. The job goes to unit {names}: its sum is {how}."
        return f"The flip of unit {names} helped, so its weights move toward it."
    return f"The answer is {signed(float(arrays['answer'][0]))}, wanted is {signed(float(arrays['target'][0]))}."


def _column(x: float, count: int, aside: float = 0.0) -> Array:
    """Places one above the other, every second one a little `aside` so that names have room."""
    y = np.linspace(0.88, 0.12, count) if count > 1 else np.array([0.5])
    return np.column_stack([x + aside * np.where(np.arange(count) % 2, 1.0, -1.0), y])
