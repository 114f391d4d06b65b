"""This presentation with its numbers: present, sum, compare, change. The phase that happens now is lit."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Role, Size, TextBlock

__all__ = ["now", "side", "step", "vector"]

_MANY = 3
_ONE_LINE = 26
"""Signs of a formula that stand on one line of half a small terminal."""


def now(recording: Recording, frame: Frame, knob: str) -> Any:
    """A live knob's value at this frame: the run's, or the newest turn of it."""
    value = recording.header.config[knob]
    for event in recording.events:
        if event.tick <= frame.tick and event.kind == "turned" and event.evidence.get("knob") == knob:
            value = event.evidence["value"]
    return value


def side(frame: Frame) -> int:
    """4 where an input is the 4 x 4 board, else 0."""
    return 4 if len(frame.arrays["input"]) == 16 else 0


def vector(values: Array) -> str:
    return f"({', '.join(plain(float(value)) for value in values)})"


def step(frame: Frame, recording: Recording) -> Panel:
    """The step in four lines, with what is known so far."""
    if frame.step == 0:
        return _counted(frame, recording)
    rule = recording.header.config["rule"]
    if rule == "steepest":
        return _downhill(frame, recording)
    # A count of all patterns changes nothing: the step before it stays on view.
    arrays, phase = frame.arrays, "update" if frame.phase in ("eval", "done") else frame.phase
    x, d, s = arrays["input"].astype(float), float(arrays["target"][0]), float(arrays["pre/0"][0])
    known, compared, updated = phase != "present", phase in ("backward", "update"), phase == "update"
    numbers = recording.array("data/d", frame.tick) is not None
    shown = vector(x) if len(x) <= _MANY else f"{len(x)} inputs"
    if side(frame):
        shown = f"{int((x > 0).sum())} switches up"
    lines = [
        Line(f"1 present {shown}, want {signed(d) if not numbers else plain(d)}", lit=phase == "present"),
        Line(f"2 sum     s = {_terms(frame)} = {plain(s)}" if known else "2 sum     …", lit=phase == "forward",
             role="ink" if known else "muted"),
    ]  # fmt: skip
    sentence = f"A pattern is presented; {plain(d)} is wanted."
    if not numbers:
        said = signed(float(np.sign(s))) if s else "none"
        text = f"  answer  {said}  (not used to learn)" if compared else "  answer  …"
        lines.append(Line(text, "muted", lit=False))
    if known:
        sentence = f"The sum is {plain(s)}, wanted is {plain(d)}."
    if not compared:
        lines += [Line("3 compare …", "muted"), Line("4 change  …", "muted")]
    else:
        e = float(arrays["delta/0"][0])
        role: Role = "good" if abs(e) < 0.1 * max(1.0, abs(d)) else "error"
        lines.append(Line(f"3 compare e = {plain(d)} − {_bracket(s)} = {plain(e)}", role, lit=phase == "backward"))
        sentence = f"The sum is {plain(s)}, wanted is {plain(d)}: the error is {plain(e)}."
        lines += _change(frame, recording, e, updated)
        if updated:
            sentence += _said(frame, recording)
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(38, 7))


def _bracket(value: float) -> str:
    return f"({plain(value)})" if value < 0 else plain(value)


def _terms(frame: Frame) -> str:
    """The sum, written out where it is short."""
    arrays = frame.arrays
    x, w, b = arrays["input"].astype(float), arrays["weights/0"][:, 0].astype(float), float(arrays["bias/0"][0])
    if len(x) > _MANY:
        return "w·x + b" if len(arrays["state/done"]) > len(x) else "w·x"
    if frame.phase in ("update", "eval", "done"):
        moved = arrays["state/done"].astype(float)
        w = w - moved[: len(w)]
        b -= float(moved[-1]) if len(moved) > len(w) else 0.0
    terms = " ".join(signed(float(one)) for one in w * x)
    return f"{terms} {signed(b)}" if len(arrays["state/done"]) > len(x) else terms


def _change(frame: Frame, recording: Recording, e: float, updated: bool) -> list[Line]:
    """What the rule makes of the error, and what was done."""
    arrays, rule = frame.arrays, recording.header.config["rule"]
    x, wanted = arrays["input"].astype(float), arrays["state/wanted"].astype(float)
    square = float(x @ x) + float(len(wanted) > len(x))
    yours = now(recording, frame, "hands") == "yours"
    largest = int(np.abs(x).argmax())
    factor = float(wanted[largest] / x[largest]) if x.any() else 0.0
    match rule:
        case "mu_lms":
            mu = now(recording, frame, "mu")
            if yours and mu:
                e = factor / (2 * mu)  # the error when the pattern was set; your turns have changed it since
            formula = f"2 µ e x = 2·{plain(mu)}·{_bracket(e)}·x"
        case "alpha_lms":
            alpha = now(recording, frame, "alpha")
            if yours and alpha:
                e = factor * square / alpha
            formula = f"α e x/|x|² = {plain(alpha)}·{_bracket(e)}·x/{plain(square)}"
        case _:
            formula = "α d x, because the answer is wrong" if factor else "nothing: the answer is right"
    if yours and len(formula) > _ONE_LINE:
        formula = f"{formula.partition('=')[0]}= {plain(factor)}·x"  # what is to be done must not fall off below
    lit = updated and not yours
    lines = [Line(f"4 change  {formula}", lit=lit)]
    if not yours:
        after = ""
        if updated and len(x) <= _MANY:
            after = f" = {vector(arrays['weights/0'][:, 0])}"
            after += f", b = {plain(float(arrays['bias/0'][0]))}" if len(wanted) > len(x) else ""
        return [*lines, Line(f"          w ← w {signed(factor)} · x{after}", lit=lit)]
    lines.append(Line(f"  each knob {plain(abs(factor))} {'to' if factor > 0 else 'from'} its switch"))
    done = arrays["state/done"].astype(float)
    left = int((np.abs(wanted - done) > 0.25 * np.abs(wanted).max()).sum()) if wanted.any() else 0
    text = f"your turn: {left} of {len(wanted)} knobs to go" if left else "done, as the rule would"
    lines.append(Line(f"5 {text}", "attention" if left else "good", lit=True, bold=True))
    return lines


def _said(frame: Frame, recording: Recording) -> str:
    if now(recording, frame, "hands") == "yours":
        left = recording.scalar("hand_left", frame.tick) or 0.0
        return f" It is your turn: {plain(left)} knobs are not where the rule would put them."
    size = float(np.abs(frame.arrays["state/done"]).max())
    return f" The largest change of a knob is {plain(size)}."


def _downhill(frame: Frame, recording: Recording) -> Panel:
    """The true slope, over all patterns at once."""
    arrays, updated = frame.arrays, frame.phase != "backward"
    grad, moved = arrays["grad/0"][:, 0].astype(float), arrays["state/wanted"].astype(float)
    mu = now(recording, frame, "mu")
    few = len(grad) <= _MANY
    slope = vector(grad) if few else f"length {plain(float(np.sqrt(grad @ grad)))}"
    lines = [
        Line("all patterns at once: no noise", "muted"),
        Line(f"1 slope   2(R w − P) = {slope}", "gradient", lit=not updated),
        Line(f"2 change  w ← w − µ · slope, µ = {plain(mu)}", lit=updated),
        Line(f"          by {vector(moved[: len(grad)])}" if few else f"          {len(moved)} weights", lit=updated),
    ]
    sentence = f"The slope of the bowl here is {slope}; the weights move against it."
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(38, 6))


def _counted(frame: Frame, recording: Recording) -> Panel:
    """Between steps: all patterns at once."""
    mse, least = recording.scalar("mse", frame.tick) or 0.0, recording.scalar("mse_min", frame.tick) or 0.0
    sentence = f"Over all patterns the mean square error is {plain(mse)}; the least there can be is {plain(least)}."
    sentence = "Nothing has been presented yet. " + sentence
    lines = [Line("count", "muted"), Line(sentence, lit=True)]
    wrong = recording.scalar("train_error", frame.tick)
    if wrong is not None:
        lines.append(Line(f"Behind the quantiser {plain(100 * wrong)} % of the answers are wrong.", "muted"))
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(38, 6))
