"""The pictures of a perceptron, one function for each panel. They read frames and never a model."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import counted, plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Bars,
    Edit,
    HeatMap,
    Line,
    Mark,
    Panel,
    Points,
    Polyline,
    Role,
    Size,
    TextBlock,
)

__all__ = ["Window", "plane", "sides", "step", "trajectory", "weight_bars", "window"]


class Window(NamedTuple):
    """The piece of the plane that is shown."""

    low: Array
    high: Array

    def unit(self, xy: Array) -> Array:
        """Data coordinates (n, 2) to unit coordinates."""
        unit: Array = (xy - self.low) / (self.high - self.low)
        return unit


def window(x: Array) -> Window:
    """Room around the points, the same on both axes so that a right angle looks like one."""
    middle = (x.max(axis=0) + x.min(axis=0)) / 2
    half = max(1e-9, float((x.max(axis=0) - x.min(axis=0)).max()) / 2) * 1.45
    return Window(middle - half, middle + half)


def sides(weights: Array, bias: Array, view: Window, columns: int, rows: int) -> Array:
    """Which side each cell of the plane is on: −1, 0 or +1. Shape (rows, columns), top row first."""
    x = np.linspace(view.low[0], view.high[0], 2 * columns + 1)[1::2]
    y = np.linspace(view.high[1], view.low[1], 2 * rows + 1)[1::2]
    signs: Array = np.sign(weights[0, 0] * x[None, :] + weights[1, 0] * y[:, None] + bias[0])
    return signs


def _boundary(weights: Array, bias: Array, view: Window) -> Array | None:
    """The separating line inside the window, in unit coordinates (2, 2), or None if there is none."""
    w, b = weights[:, 0].astype(float), float(bias[0])
    length = float(w @ w)
    if length == 0:
        return None
    foot, along = -b * w / length, np.array([-w[1], w[0]]) / np.sqrt(length)
    reach = 3 * float(np.abs(view.high - view.low).max()) + float(np.abs(foot).max())
    return view.unit(np.array([foot - reach * along, foot + reach * along]))


def plane(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Which side of the line each point is on, and which it should be on."""
    x, labels = recording.array("data/x", frame.tick), recording.array("data/y", frame.tick)
    assert x is not None
    assert labels is not None
    weights, bias = frame.arrays["weights/0"], frame.arrays["bias/0"]
    view, signs = window(x), np.where(labels > 0, 1.0, -1.0)
    wrong = tuple(int(i) for i in np.flatnonzero(signs * (x @ weights[:, 0] + bias[0]) <= 0))
    presenting = frame.phase in ("present", "forward", "update")
    here = np.flatnonzero((x == frame.arrays["input"]).all(axis=1)) if presenting else np.empty(0, dtype=int)
    edit = Edit(
        "points", "points", (float(view.low[0]), float(view.high[0])), (float(view.low[1]), float(view.high[1]))
    )
    marks: list[Mark] = [HeatMap(values=sides(weights, bias, view, 64, 40), scale="sides", name="answer")]
    line = _boundary(weights, bias, view)
    if ghost is not None:
        other = ghost.at(frame.tick)
        old = _boundary(other.arrays["weights/0"], other.arrays["bias/0"], view)
        if old is not None:
            marks.append(Polyline(xy=old, role="muted", style="dashed", name="ghost: the other future's line"))
    if line is not None:
        marks.append(Polyline(xy=line, role="ink", width=2, name="where the sum is 0"))
    names = tuple(map(_name, x, signs)) if len(x) <= 400 else ()
    marks.append(
        Points(xy=view.unit(x), labels=signs, ring=tuple(map(int, here[:1])), wrong=wrong, names=names, edit=edit)
    )
    right = len(x) - len(wrong)
    if line is None:
        sentence = "All weights are 0: there is no line yet, and no answer."
        if bias[0] != 0:
            sentence = f"Only the threshold has moved: every point gets {'+1' if bias[0] > 0 else '−1'}."
    else:
        sentence = f"{right} of {len(x)} points are on the right side of the line."
    broken = _looping(recording, frame.tick)
    return Panel(
        "plane",
        "who gets which side",
        sentence,
        tuple(marks),
        broken=broken,
        least=Size(22, 8),
        square=True,
        weight=1.6,
    )


def _name(point: Array, sign: float) -> str:
    return f"({', '.join(plain(float(value)) for value in point)}) wants {signed(float(sign))}"


def _looping(recording: Recording, tick: int) -> bool:
    return any(event.kind == "limit_cycle" and event.tick <= tick for event in recording.events)


def step(frame: Frame, recording: Recording) -> Panel:
    """This presentation with its numbers plugged in; the phase that happens now is lit."""
    arrays = frame.arrays
    if frame.phase not in ("present", "forward", "update"):
        error = frame.scalars.get("train_error", 0.0)
        sentence = f"All patterns are counted: {plain(100 * error)} % get a wrong answer."
        if frame.step == 0:
            sentence = "Nothing has been presented yet. " + sentence
        counted = (Line("count", "muted"), Line(sentence, lit=True))
        return Panel("step", "this step", sentence, (TextBlock(lines=counted),), least=Size(26, 5))
    x, y, s, answer = (arrays[name].astype(float) for name in ("input", "target", "pre/0", "answer"))
    delta, weights, bias = arrays["delta/0"].astype(float), arrays["weights/0"], arrays["bias/0"]
    known, updated = frame.phase != "present", frame.phase == "update"
    if len(y) > 1 or len(arrays["act/0"]) > 3:
        return _step_of_many(frame, recording, known, updated)
    before = weights[:, 0] - arrays["act/0"] * delta[0] if updated else weights[:, 0]
    b_before = float(bias[0] - delta[0]) if updated and recording.header.config["bias"] else float(bias[0])
    act = arrays["act/0"].astype(float)
    terms = " ".join(f"{signed(float(w * a))}" for w, a in zip(before, act, strict=True))
    lines = [
        Line(
            f"1 present x = ({', '.join(signed(float(v)) for v in x)})  want {signed(y[0])}",
            lit=frame.phase == "present",
        ),
        Line(
            f"2 sum     w·x + b = {terms} {signed(b_before)} = {plain(s[0])}" if known else "2 sum     w·x + b = …",
            lit=frame.phase == "forward",
        ),
    ]
    if not known:
        lines += [Line("3 answer  …", "muted"), Line("4 compare …", "muted"), Line("5 change  …", "muted")]
        sentence = f"A pattern is presented; the right answer is {signed(y[0])}."
    else:
        wrong = y[0] * s[0] <= 0 and y[0] != 0
        said = signed(answer[0]) if answer[0] else "none (the sum is 0)"
        lines.append(Line(f"3 answer  {said}", lit=frame.phase == "forward"))
        lines.append(
            Line(
                f"4 compare want {signed(y[0])}: {'wrong' if wrong else 'right'}",
                "error" if wrong else "good",
                lit=frame.phase == "forward",
            )
        )
        sentence = f"The sum is {plain(s[0])}, the answer {said}: {'wrong' if wrong else 'right'}."
        if not updated:
            lines.append(Line("5 change  …", "muted"))
        elif delta[0]:
            lines.append(
                Line(
                    f"5 change  w ← w {signed(delta[0])}·x = ({', '.join(plain(float(w)) for w in weights[:, 0])})",
                    lit=True,
                )
            )
            lines.append(Line(f"          b ← b {signed(delta[0])} = {plain(float(bias[0]))}", lit=True))
            sentence += f" So the weights move by {signed(delta[0])} times the pattern."
        else:
            lines.append(Line("5 change  nothing: the answer was right", lit=True))
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(36, 6))


def _step_of_many(frame: Frame, recording: Recording, known: bool, updated: bool) -> Panel:
    """The same in words and counts, for a machine with many weights or many answers."""
    arrays = frame.arrays
    y, s, delta = arrays["target"], arrays["pre/0"], arrays["delta/0"]
    lit = int(np.count_nonzero(arrays["input"]))
    firing = int(np.count_nonzero(arrays["act/0"]))
    units = len(y)
    hand = frame.scalars.get("by_hand")
    wanted = int(y.argmax()) if units > 1 and y.max() > 0 else None
    what = "your picture" if hand else "a pattern"
    want = (
        f"want unit {wanted}"
        if wanted is not None
        else (f"want {signed(float(y[0]))}" if units == 1 and y[0] else "only answer")
    )
    machine = recording.header.config["machine"] == "mark_i"
    seen = f"{lit} of {len(arrays['input'])} photocells lit" if machine else f"{len(arrays['input'])} inputs"
    lines = [Line(f"1 present {what}: {seen}, {want}", lit=frame.phase == "present")]
    sentence = f"A pattern is presented: {seen}."
    if known:
        inside = f"{firing} of {len(arrays['act/0'])} A-units fire" if machine else "weights times inputs"
        best = int(s.argmax())
        total = f"largest sum {plain(float(s.max()))} at unit {best}" if units > 1 else f"sum {plain(float(s[0]))}"
        lines.append(Line(f"2 sum     {inside}; {total}", lit=frame.phase == "forward"))
        wrong = np.flatnonzero((y * s <= 0) & (y != 0))
        on = np.flatnonzero(s > 0)
        one = signed(float(np.sign(s[0]))) if s[0] else "none (the sum is 0)"
        answer = "lamps lit: " + (" ".join(map(str, on)) or "none") if units > 1 else one
        lines.append(Line(f"3 answer  {answer}", lit=frame.phase == "forward"))
        verdict = (
            f"wrong: {' '.join(map(str, wrong))}" if len(wrong) and units > 1 else ("wrong" if len(wrong) else "right")
        )
        if not y.any():
            verdict = "nothing: no answer is wanted"
        role: Role = "error" if len(wrong) else "good" if y.any() else "muted"
        lines.append(Line(f"4 compare {verdict}", role, lit=frame.phase == "forward"))
        if updated and delta.any():
            moved = (
                " ".join(f"{i}: {signed(float(delta[i]))}" for i in np.flatnonzero(delta))
                if units > 1
                else signed(float(delta[0]))
            )
            links = firing if machine else len(arrays["act/0"])
            of = " of each wrong unit" if units > 1 else ""
            lines.append(Line(f"5 change  {links} weights{of} move ({moved})", lit=True))
        elif updated:
            lines.append(Line("5 change  nothing", lit=True))
        sentence = f"{inside[0].upper()}{inside[1:]}; {total}."
        if y.any():
            sentence = f"{sentence[:-1]}; the answer is {'wrong' if len(wrong) else 'right'}."
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(36, 6))


def trajectory(frame: Frame, recording: Recording) -> Panel:
    """Where the weights have been: w1 to the right, w2 up, the threshold b slanting."""
    states: list[tuple[float, ...]] = []
    steps: list[int] = []
    for one in recording.frames:
        if one.tick > frame.tick:
            break
        if one.phase in ("update", "eval") and (not steps or one.step != steps[-1]):
            states.append((*one.arrays["weights/0"][:2, 0], one.arrays["bias/0"][0]))
            steps.append(one.step)
    path = np.array(states[-400:], dtype=float)
    moved = np.concatenate([[True], np.abs(np.diff(path, axis=0)).sum(axis=1) > 0])
    path = path[moved]
    tilt = np.array([[1.0, 0.0], [0.0, 1.0], [0.42, 0.6]])
    flat = path @ tilt
    # A square window around all that was visited, the origin and the beginning of each axis.
    known = np.concatenate([flat, 1.2 * tilt, [[0.0, 0.0]]])
    low, high = known.min(axis=0), known.max(axis=0)
    half = 0.64 * float((high - low).max())
    corner = (low + high) / 2 - half
    unit = (flat - corner) / (2 * half)
    origin = -corner / (2 * half)
    axes = []
    for k, name in enumerate(("w1", "w2", "b")):
        end = (float(np.abs(path[:, k]).max()) * 1.15 + 0.2) * tilt[k]
        tip = np.clip((end - corner) / (2 * half), 0.05, 0.92)
        line = np.array([origin, tip])
        axes.append(Polyline(xy=line, role="muted", arrow=True, labels=("", name)))
    loop = next((event for event in recording.events if event.kind == "limit_cycle" and event.tick <= frame.tick), None)
    labels: tuple[str, ...] = ()
    w = frame.arrays["weights/0"][:, 0]
    now = f"w = ({', '.join(plain(float(v)) for v in w)}), b = {plain(float(frame.arrays['bias/0'][0]))}"
    # Every wrong answer changes the weights. The path may be of fewer: frames of a long run are thinned.
    changes = int(recording.scalar("mistakes", frame.tick) or 0)
    sentence = f"{now}, after {counted(changes, 'change')}."
    if loop is not None:
        changes = min(int(loop.evidence["changes"]), len(unit) - 1)
        first = len(path) - 1 - changes
        unit = unit[-changes - 1 :]
        # Numbered by place in the loop, so that a number stays with its state while the playhead goes round.
        labels = (*(str((first + k - 1) % changes + 1) for k in range(changes)), "")
        sentence = (
            f"{now}. The same {changes} states come again and again: {loop.evidence['period']} presentations a round."
        )
    marks = (
        *axes,
        Polyline(xy=unit, role="error" if loop else "positive", width=2, dots=True, labels=labels, name=now),
    )
    return Panel(
        "weights",
        "the weights: where they have been",
        sentence,
        marks,
        broken=loop is not None,
        least=Size(22, 7),
        square=True,
    )


def weight_bars(frame: Frame, names: tuple[str, ...] = ()) -> Panel:
    """The weights as bars, up to 48 of them."""
    w = frame.arrays["weights/0"][:, 0].astype(float)[:48]
    largest = float(np.abs(w).max())
    scale = largest or 1.0
    labels = names[: len(w)] or tuple(str(k + 1) for k in range(len(w)))
    sentence = f"{len(frame.arrays['weights/0'])} weights, the largest {plain(largest)} in size."
    if not largest:
        sentence = f"{len(frame.arrays['weights/0'])} weights, all of them 0."
    mark = Bars(
        values=w,
        labels=labels if len(w) <= 16 else (),
        lo=-scale,
        hi=scale,
        name="weights",
        texts=("",) * len(w) if len(w) > 8 else (),
    )
    return Panel("weights", "the weights", sentence, (mark,), least=Size(24, 6))
