"""This presentation with its numbers plugged in, phase by phase; the phase that happens now is lit."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Role, Size, TextBlock
from nnhistory.eras.madaline_1962.pictures import LOGIC, knob

__all__ = ["step"]

_SIZE = Size(38, 6)


def step(frame: Frame, recording: Recording) -> Panel:
    """Present, sum, answer, then what this rule does about an error."""
    if frame.phase not in ("present", "forward", "backward", "update"):
        error = frame.scalars.get("train_error", 0.0)
        sentence = f"All patterns are counted: {plain(100 * error)} % get a wrong answer."
        if frame.step == 0:
            sentence = "Nothing has been presented yet. " + sentence
        return _panel(sentence, [Line("count", "muted"), Line(sentence, lit=True)])
    a, rule = frame.arrays, recording.header.config["rule"]
    lines = [Line(f"1 present {_inputs(a['input'])}   want {_signs(a['target'])}", lit=frame.phase == "present")]
    if frame.phase == "present":
        lines += [Line(f"{n} {word} …", "muted") for n, word in ((2, "sums   "), (3, "answer "), (4, "who    "))]
        lines.append(Line("5 change  …", "muted"))
        return _panel(f"A pattern is presented; the right answer is {_signs(a['target'])}.", lines)
    forward = frame.phase == "forward"
    lines.append(Line(f"2 sums    {_sums(a['pre/0'])}", lit=forward))
    if rule == "rule_3":
        return _smooth(frame, recording, lines)
    wrong = int((a["answer"] != a["target"]).sum())
    lines.append(Line(f"3 answer  {_answer(frame, recording)}", "error" if wrong else "good", lit=forward))
    if not wrong:
        lines += [Line("4 who     nobody", "muted"), Line("5 change  nothing: the answer was right", lit=not forward)]
        return _panel("The answer is right, so nothing changes.", lines)
    sentence = "The answer is wrong. Somebody has to change."
    if forward:
        lines += [Line("4 who     …", "muted"), Line("5 change  …", "muted")]
        return _panel(sentence, lines)
    who, sentence = _job(frame, recording) if rule == "rule_1" else _trial(frame)
    lines.append(Line(f"4 {who}", "attention", lit=frame.phase == "backward"))
    if frame.phase != "update":
        lines.append(Line("5 change  …", "muted"))
        return _panel(sentence, lines)
    changes = _changes(frame)
    lines += [Line(("5 change  " if k == 0 else "          ") + text, lit=True) for k, text in enumerate(changes)]
    return _panel(sentence, lines)


def _panel(sentence: str, lines: list[Line]) -> Panel:
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=_SIZE)


def _inputs(x: Array) -> str:
    if len(x) > 6:
        return f"{len(x)} inputs"
    return "x = (" + ", ".join(signed(float(v)) for v in x) + ")"


def _signs(values: Array) -> str:
    if len(values) > 4:
        on = np.flatnonzero(values > 0)
        return "output " + (" ".join(map(str, on)) or "none")
    return " ".join(signed(float(v)) for v in values)


def _sums(s: Array) -> str:
    if len(s) > 5:
        near = int(np.abs(s).argmin())
        return f"of {len(s)}; nearest 0: s{near + 1} {signed(float(s[near]), 2)}"
    return "  ".join(f"s{k + 1} {signed(float(v), 2)}" for k, v in enumerate(s))


def _answer(frame: Frame, recording: Recording) -> str:
    a, config = frame.arrays, recording.header.config
    wrong = int((a["answer"] != a["target"]).sum())
    verdict = "wrong" if wrong else "right"
    if config["rule"] == "rule_1":
        told = ", ".join(signed(float(o)) for o in a["act/0"]) if len(a["act/0"]) <= 5 else f"{len(a['act/0'])} answers"
        return f"{LOGIC[config['logic']]}({told}) = {signed(float(a['answer'][0]))}: {verdict}"
    if len(a["target"]) == 1:
        return f"out = {signed(float(a['answer'][0]))}: {verdict}"
    return f"{wrong} of {len(a['target'])} outputs are wrong" if wrong else f"all {len(a['target'])} outputs are right"


def _job(frame: Frame, recording: Recording) -> tuple[str, str]:
    """Rule I: who gets the job."""
    lit = np.flatnonzero(frame.arrays["state/lit"])
    s = frame.arrays["pre/0"]
    names = " and ".join(str(unit + 1) for unit in lit)
    sizes = ", ".join(f"|s{unit + 1}| = {plain(abs(float(s[unit])), 2)}" for unit in lit[:3])
    how = {"nearest": "nearest 0", "random": "drawn by lot", "farthest": "farthest from 0"}[
        knob("pick", recording, frame.step)
    ]
    if len(lit) > 1:
        return f"who     units {names}: all are needed", f"Units {names} must all turn to put the answer right."
    return f"who     unit {names}, {how}: {sizes}", f"Unit {names} gets the job: among those that can help it is {how}."


def _trial(frame: Frame) -> tuple[str, str]:
    """Rule II: which flip is on trial, or which were kept."""
    a = frame.arrays
    flipped = np.flatnonzero(a["state/flip"])
    if len(flipped):
        left = frame.scalars.get("wrong_outputs", 0.0)
        was = int((a["answer"] != a["target"]).sum())
        names = "+".join(str(unit + 1) for unit in flipped)
        keep = "keep" if left < was else "no"
        return (
            f"flip    unit {names}: {was} → {plain(left)} wrong: {keep}",
            f"On trial, unit {names} answers the opposite: {plain(left)} wrong outputs where {was} were.",
        )
    kept = np.flatnonzero(a["state/lit"])
    if "weights/1" not in a:
        names = " ".join(map(str, kept))
        return (
            f"who     the wrong ones: {names}",
            f"There is no hidden unit; outputs {names} are adapted.",
        )
    if not len(kept):
        return "flip    no flip helped", "No flip on trial lowered the count of wrong outputs."
    names = " ".join(str(unit + 1) for unit in kept[:8])
    return f"flip    kept: unit {names}", f"The flip of unit {names} helped and is kept."


def _changes(frame: Frame) -> list[str]:
    a = frame.arrays
    lines = []
    moved = np.flatnonzero(a["delta/0"])
    first = 1 if "delta/1" in a or len(a["target"]) == 1 else 0  # outputs are counted from 0, as digits are
    for unit in moved[:3]:
        lines.append(f"w{unit + first} ← w{unit + first} {signed(float(a['delta/0'][unit]))}·x")
    if len(moved) > 3:
        lines[-1] = f"and {len(moved) - 2} units more"
    above = np.flatnonzero(a["delta/1"]) if "delta/1" in a else np.empty(0, dtype=int)
    if len(above):
        size = f" {signed(float(a['delta/1'][above[0]]))}·o" if len(above) == 1 else ""
        lines.append(f"output {' '.join(map(str, above))}: v ← v{size}")
    return lines or ["nothing"]


def _smooth(frame: Frame, recording: Recording, lines: list[Line]) -> Panel:
    """Rule III: nudge, measure, divide."""
    a = frame.arrays
    ds, forward = float(knob("ds", recording, frame.step)), frame.phase == "forward"
    error = float(((a["target"] - a["answer"]) ** 2).sum())
    outs = ", ".join(signed(float(v), 2) for v in a["answer"][:4])
    lines.append(Line(f"3 error   out = {outs}   e² = {plain(error)}", lit=forward))
    if forward:
        lines += [Line("4 nudge   …", "muted"), Line("5 change  …", "muted")]
        return _panel(f"The squared error is {plain(error)}. Which way is down?", lines)
    nudged = np.flatnonzero(a["state/flip"])
    unit = int(nudged[0]) if len(nudged) else 0
    slope, true = float(a["delta/0"][unit]), float(a["grad/0"][unit])
    role: Role = "gradient"
    lines += [
        Line(f"4 nudge   s{unit + 1} + {plain(ds)}: e² moves {signed(ds * slope)}", role, lit=bool(len(nudged))),
        Line(f"          ÷ {plain(ds)} = {plain(slope)} (true {plain(true)})", role, lit=bool(len(nudged))),
    ]
    if frame.phase == "update":
        lines.append(
            Line(f"5 change  every w ← w − {plain(float(knob('mu', recording, frame.step)))} · its slope · x", lit=True)
        )
        return _panel("All units are measured; every weight moves against its unit's slope.", lines)
    lines.append(Line("5 change  …", "muted"))
    if len(nudged):
        return _panel(f"Unit {unit + 1} is nudged: measured slope {plain(slope)}, true slope {plain(true)}.", lines)
    return _panel("All units have been measured, one forward pass each.", lines)
