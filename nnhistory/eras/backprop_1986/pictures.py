"""The pictures that are not curves: the output over the plane, patterns and their codes, weights, this step."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    Edit,
    HeatMap,
    ImageGrid,
    Line,
    Mark,
    Panel,
    Points,
    Size,
    Table,
    TextBlock,
)
from nnhistory.eras.backprop_1986.frames import depth, low_end, net_of, pattern, short, side, window
from nnhistory.eras.backprop_1986.graph import surfaces
from nnhistory.eras.backprop_1986.net import forward

__all__ = ["answer", "step", "surface", "table", "units", "weights"]


def outputs(frame: Frame, recording: Recording) -> tuple[Array, Array, Array, list[Array]] | None:
    """All patterns as the weights in this frame answer them: x (n, d), wanted (n, k), output (n, k), act[l] (n, .)."""
    x, wanted = recording.array("data/x", frame.tick), recording.array("data/t", frame.tick)
    if x is None or wanted is None or len(x) > 128:
        return None
    act = forward(net_of(frame, recording), x.astype(np.float64)).act
    return x, wanted, act[-1], act


def _right(recording: Recording, y: Array, wanted: Array) -> Array:
    config = recording.header.config
    if config["judge"] == "largest" and wanted.shape[1] > 1:
        found: Array = y.argmax(axis=1) == wanted.argmax(axis=1)
        return found
    low = -1.0 if config["output"] == "tanh" else 0.0
    ends = np.where(wanted > (1.0 + low) / 2, 1.0, low)
    near: Array = (np.abs(y - ends) < config["tolerance"] * (1.0 - low)).all(axis=1)
    return near


def _row(values: Array) -> str:
    return " ".join(short(float(v)) for v in values)


def surface(frame: Frame, recording: Recording) -> Panel:
    """The output everywhere in the plane, and the patterns in it."""
    view, planes = window(frame, recording), surfaces(frame, recording, 48)
    x, wanted = recording.array("data/x", frame.tick), recording.array("data/t", frame.tick)
    assert view is not None
    assert planes is not None
    assert x is not None
    assert wanted is not None
    half = 0.5 if recording.header.config["output"] == "sigmoid" else 0.0
    image = planes[-1][0] - half
    y = forward(net_of(frame, recording), x.astype(np.float64)).act[-1]
    right = _right(recording, y, wanted)
    edit = Edit(
        "points", "points", (float(view.low[0]), float(view.high[0])), (float(view.low[1]), float(view.high[1]))
    )
    names = tuple(f"{pattern(a)} wants {plain(float(t[0]))}, gets {short(float(o[0]))}"
                  for a, t, o in zip(x, wanted, y, strict=True)) if len(x) <= 400 else ()  # fmt: skip
    marks: tuple[Mark, ...] = (
        HeatMap(values=image, lo=-0.5 if half else -1.0, hi=0.5 if half else 1.0, name="output"),
        Points(
            xy=view.unit(x), labels=np.where(wanted[:, 0] > half, 1.0, -1.0), names=names, edit=edit,
            wrong=tuple(int(k) for k in np.flatnonzero(~right)),
        ),
    )  # fmt: skip
    sentence = f"{int(right.sum())} of {len(x)} patterns are right; the output runs from "
    sentence += f"{short(float(y.min()))} to {short(float(y.max()))}."
    stuck = any(e.kind == "local_minimum" and e.tick <= frame.tick for e in recording.events)
    return Panel(
        "surface",
        "the output: at each place of the plane",
        sentence,
        marks,
        least=Size(20, 8),
        square=True,
        broken=stuck,
    )


def table(frame: Frame, recording: Recording) -> Panel:
    """Every pattern: the outputs of the hidden units, what is wanted, what comes out. The worst first, of many."""
    found = outputs(frame, recording)
    if found is None:
        return step(frame, recording)
    x, wanted, y, act = found
    right = _right(recording, y, wanted)
    off = np.abs(y - wanted).max(axis=1)
    order = np.argsort(-off, kind="stable") if len(x) > 16 else np.arange(len(x))
    code = act[-2] if len(act) > 1 and act[-2].shape[1] <= 4 else None
    many = wanted.shape[1] > 4
    rows = []
    for k in order[:32]:
        top = int(y[k].argmax())
        on = np.flatnonzero(wanted[k] > wanted.min())
        want = _row(wanted[k])
        if many:
            want = f"y{on[0] + 1}" if len(on) == 1 else pattern((wanted[k] > wanted.min()).astype(float))
        got = f"y{top + 1} {short(float(y[k, top]))}" if many else _row(y[k])
        hidden = (_row(code[k]),) if code is not None else ()
        lit = np.flatnonzero(x[k])
        shown = f"x{lit[0] + 1}" if many and len(lit) == 1 else pattern(x[k])
        rows.append((shown, *hidden, want, got, "✓" if right[k] else "×"))
    columns = ("input", *(("hidden",) if code is not None else ()), "want", "out", "")
    mark = Table(columns=columns, rows=tuple(rows), align="l" + "r" * (len(columns) - 2) + "l")
    sentence = (
        f"{int(right.sum())} of {len(x)} patterns are right; the worst output is off by {short(float(off.max()))}."
    )
    return Panel("table", "every pattern", sentence, (mark,), least=Size(26, 7))


def units(frame: Frame, recording: Recording) -> Panel:
    """The outputs of the narrowest hidden layer, a row for each pattern: the code that was found."""
    found = outputs(frame, recording)
    if found is None or depth(frame) < 2:
        return weights(frame, recording)
    x, wanted, _, act = found
    code = min(act[:-1], key=lambda layer: layer.shape[1])
    order = np.argsort(wanted[:, 0], kind="stable") if wanted.shape[1] == 1 else np.arange(len(x))
    low = low_end(recording)
    few = len(x) <= 16
    image = code[order] if few else code[order].T
    patterns = "patterns, by answer" if wanted.shape[1] == 1 else "patterns"
    across, up = ("hidden units", patterns) if few else (patterns, "hidden units")
    marks = (
        Axes(xlabel=across, ylabel=up),
        HeatMap(values=image, lo=low, hi=1.0, scale="sequential", name="hidden units", hint="filled: 1, empty: 0"),
    )
    codes = {tuple(row) for row in code > (1 + low) / 2}
    rows = "A row for each pattern" if few else "A column for each pattern"
    sentence = f"{rows}: {len(codes)} different codes in {code.shape[1]} hidden units, for {len(x)} patterns."
    title = "what hidden units put out: filled 1, empty 0"
    return Panel("units", title, sentence, marks, least=Size(18, 8), weight=1.2)


def weights(frame: Frame, recording: Recording) -> Panel:
    """The weights into the first hidden layer: as pictures, as bars, or as a table of colours."""
    w = frame.arrays["weights/0"].astype(float)
    scale = float(np.abs(w).max()) or 1.0
    edge = side(frame, recording)
    if edge:
        count = min(w.shape[1], 36)
        images = w[:, :count].T.reshape(count, edge, edge)
        marks: tuple[Mark, ...] = (ImageGrid(images=images, lo=-scale, hi=scale, scale="diverging"),)
        sentence = f"What {count} of {w.shape[1]} hidden units look for: blue pixels push, orange ones hold back."
    elif recording.header.dataset.get("name") == "family_trees" and w.shape[0] == 36:
        units = min(6, w.shape[1])
        images = w[:24, :units].T.reshape(units, 2, 12)
        marks = (ImageGrid(images=images, columns=1, lo=-scale, hi=scale, scale="diverging"),)
        sentence = f"The weights from people into {units} units: the upper row English, the lower one Italian."
    elif w.size <= 24:
        n_in, units = w.shape
        bars = []
        for unit in range(units):
            rect = (0.0, 1 - (unit + 1) / units + 0.02, 1.0, 1 - unit / units - 0.02)
            bars.append(
                Bars(rect=rect, values=w[:, unit], lo=-scale, hi=scale, name=f"weights into h{unit + 1}",
                     labels=tuple(f"x{k + 1}" for k in range(n_in)),
                     texts=tuple(short(float(v)) for v in w[:, unit]))
            )  # fmt: skip
        marks = tuple(bars)
        sentence = f"The weights into {units} hidden units; the largest is {plain(scale)} in size."
        if recording.header.dataset.get("name") == "symmetry":
            size = np.sort(np.abs(w[: n_in // 2, 0]))
            ratio = " : ".join(plain(float(v / size[0])) for v in size) if size[0] > 0 else "…"
            sentence = f"Sizes in the first half of h1 are {ratio}; the second half mirrors them with the other sign."
            off = float(np.abs(w + w[::-1]).max()) / scale
            if off > 0.05:
                sentence = f"Sizes in the first half of h1 are {ratio}; the halves do not cancel yet."
    else:
        marks = (HeatMap(values=w[:64, :64], lo=-scale, hi=scale, name="weights"),)
        sentence = f"Rows are inputs, columns hidden units; the largest weight is {plain(scale)} in size."
    return Panel("weights", "the weights: into each hidden unit", sentence, marks, least=Size(26, 8), weight=1.5)


def answer(frame: Frame, recording: Recording) -> Panel:
    """The picture at hand, and what each output says to it."""
    arrays, edge = frame.arrays, side(frame, recording)
    known = frame.phase != "present" and f"act/{depth(frame) - 1}" in arrays
    y = arrays[f"act/{depth(frame) - 1}"][0].astype(float) if known else np.zeros(arrays["target"].shape[1])
    wanted = int(arrays["target"][0].argmax())
    image = arrays["input"][0].reshape(edge, edge)
    low, high = float(image.min()), float(image.max()) or 1.0
    says = int(y.argmax())
    marks: tuple[Mark, ...] = (
        HeatMap(
            rect=(0.0, 0.0, 0.46, 1.0), values=image, lo=low, hi=high, scale="sequential", square=True, name="input"
        ),
        Bars(
            rect=(0.52, 0.0, 1.0, 1.0), values=y, lo=0.0, hi=1.0, labels=tuple(str(k) for k in range(len(y))),
            roles=tuple("good" if k == wanted else "positive" for k in range(len(y))), texts=("",) * len(y),
            name=f"outputs, {wanted} is wanted",
        ),
    )  # fmt: skip
    sentence = f"A {wanted} is shown."
    if known:
        sentence = f"A {wanted} is shown; output {says} says most, {short(float(y[says]))}."
    return Panel("answer", "what it sees, what it says", sentence, marks, least=Size(26, 6))


def step(frame: Frame, recording: Recording) -> Panel:
    """This step with its numbers, for the pattern of the batch with the worst output; what happens now is lit."""
    arrays, phase = frame.arrays, frame.phase
    if phase not in ("present", "forward", "backward", "update"):
        wrong = 100 * (recording.scalar("train_error", frame.tick) or 0.0)
        sentence = f"All patterns are counted: {plain(wrong)} % are wrong."
        if recording.header.config["wanted"] == "inputs":
            loss = recording.scalar("train_loss", frame.tick) or 0.0
            sentence = f"All patterns are counted: what comes back is off by {plain(loss)} on average."
        if frame.step == 0:
            sentence = "Nothing has been presented yet. " + sentence
        counted = (Line("count", "muted"), Line(sentence, lit=True))
        return Panel("step", "this step", sentence, (TextBlock(lines=counted),), least=Size(30, 6))
    count = depth(frame)
    x, t = arrays["input"].astype(float), arrays["target"].astype(float)
    known, back, moved = phase != "present", phase in ("backward", "update"), phase == "update"
    compared = back or "batch_loss" in frame.scalars
    every = f"{len(x)} patterns" if len(x) > 1 else "a pattern"
    y = arrays[f"act/{count - 1}"].astype(float) if known else t
    row = int(np.abs(y - t).max(axis=1).argmax()) if known else 0
    k = int(np.abs(y[row] - t[row]).argmax())
    lines = [Line(f"1 present   {every}, here {pattern(x[row])}", lit=phase == "present")]
    sentence = f"Step {frame.step}: {every} on the input."
    wait = "…"
    hidden = arrays["act/0"].astype(float)[row] if known and count > 1 else np.empty(0)
    seen = (
        f"h = ({', '.join(short(float(v)) for v in hidden[:4])}{', …' if len(hidden) > 4 else ''})   "
        if len(hidden)
        else ""
    )
    out = f"{seen}y{'' if y.shape[1] == 1 else k + 1} = {short(float(y[row, k]))}"
    lines.append(Line(f"2 forward   {out if known else wait}", lit=phase == "forward" and not compared))
    off = float(y[row, k] - t[row, k])
    told = f"want {short(float(t[row, k]))}, so y − d = {short(off)}"
    lines.append(Line(f"3 compare   {told if compared else wait}", "error" if compared and abs(off) >= 0.5 else "ink",
                      lit=phase == "forward" and compared))  # fmt: skip
    if known:
        sentence = f"Input {pattern(x[row])} gives {short(float(y[row, k]))}, wanted is {short(float(t[row, k]))}."
    if back:
        delta = arrays[f"delta/{count - 1}"].astype(float)
        lines.append(Line(f"4 backward  y:  δ = {signed(float(delta[row, k]))}", lit=phase == "backward"))
        for layer in range(count - 2, max(-1, count - 4), -1):
            d = arrays[f"delta/{layer}"].astype(float)[row]
            worst = int(np.abs(d).argmax())
            lines.append(Line(f"            hidden {layer + 1}:  δ = {signed(float(d[worst]))} at h{worst + 1}",
                              lit=phase == "backward"))  # fmt: skip
        sentence = f"The output is off by {short(off)}; the blame at its sum is {signed(float(delta[row, k]))}."
    else:
        lines.append(Line(f"4 backward  {wait}"))
    if moved:
        change = arrays["state/0"].astype(float)
        i, j = np.unravel_index(int(np.abs(change).argmax()), change.shape)
        new = float(arrays["weights/0"][i, j])
        lines.append(
            Line(f"5 update    w ← w {signed(float(change[i, j]))} = {plain(new)}  (x{i + 1} → h{j + 1})", lit=True)
        )
        sentence = (
            f"All weights move; of the first layer x{i + 1} to h{j + 1} the most, by {plain(float(change[i, j]))}."
        )
    else:
        lines.append(Line(f"5 update    {wait}"))
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(36, 7))
