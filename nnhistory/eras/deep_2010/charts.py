"""The pictures over time and of one step: the error, test patterns right, this step's numbers, weights, one answer."""

from __future__ import annotations

import numpy as np

from nnhistory.core.event_lines import event_lines
from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import (
    Axes,
    Bars,
    HeatMap,
    Histogram,
    ImageGrid,
    Lamps,
    Line,
    Mark,
    Panel,
    Polyline,
    Rect,
    Role,
    Size,
    TextBlock,
)
from nnhistory.eras.deep_2010.frames import depth, happened, line, short, side
from nnhistory.eras.deep_2010.norm import EPS

__all__ = ["accuracy", "answer", "curve", "gap", "norm", "step", "weights"]

_FRAME: Rect = (0.12, 0.16, 0.97, 0.95)


def _budget(frame: Frame, recording: Recording) -> float:
    return float(max(1, recording.header.planned or frame.step))


def curve(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The error over the steps of the whole budget, against that of guessing."""
    top, chance = _budget(frame, recording), recording.scalar("chance_loss", frame.tick) or 0.0
    now = recording.scalar("train_loss", frame.tick) or 0.0
    if not recording.header.config["steps"] and np.isfinite(now):
        return _at_the_start(frame, recording, ghost)
    high = 1.5 * max(chance, 1e-9)
    level = chance / high
    yticks = [(0.0, "0"), (level, plain(chance))]
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))),
             yticks=tuple(yticks)),
        Polyline(rect=_FRAME, xy=np.array([[0.0, level], [1.0, level]]), role="muted", style="dashed", name="guessing"),
        Polyline(rect=_FRAME, xy=np.array([[0.84, level + 0.07]]), role="muted", labels=("guessing",)),
    ]  # fmt: skip
    if ghost is not None:
        other = line(ghost, "train_loss", frame, top, high, ghost=True)
        marks.append(Polyline(rect=_FRAME, xy=other, role="muted", style="dashed", name="ghost: error"))
    if recording.scalar("cost", frame.tick) is not None:
        added = line(recording, "cost", frame, top, high)
        marks.append(Polyline(rect=_FRAME, xy=added, role="attention", style="dashed", dots=len(added) < 8,
                              name="error with the penalty"))  # fmt: skip
    xy = line(recording, "train_loss", frame, top, high)
    marks.append(Polyline(rect=_FRAME, xy=xy, role="error", width=2, dots=len(xy) < 8, name="error E"))
    marks += event_lines(
        recording.events, frame.tick, top, _FRAME, good=("leaves_chance",), breaks=("dead_units", "non_finite")
    )
    if not np.isfinite(now):
        sentence = f"After {frame.step} steps the error is no number any more."
    elif frame.step == 0:
        sentence = f"Before the first step the error is {plain(now)}; guessing gets {plain(chance)}."
    else:
        sentence = f"Step {frame.step} of {plain(top)}: the error is {plain(now)}; guessing gets {plain(chance)}."
    sentence += _beside_the_error(frame, recording, "With the penalty (dashed)")
    broken = happened(recording, frame, "plateau", "non_finite", "divergence")
    broken = broken and not happened(recording, frame, "leaves_chance")
    return Panel("curve", "the error so far", sentence, tuple(marks), broken=broken, least=Size(28, 7))


def _at_the_start(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """A net that makes no step has one error: bars from 0, beside that of guessing."""
    found: list[tuple[str, float | None, Role]] = [
        ("error E", recording.scalar("train_loss", frame.tick), "error"),
        ("with the penalty", recording.scalar("cost", frame.tick), "attention"),
        ("guessing", recording.scalar("chance_loss", frame.tick), "muted"),
        ("ghost: error E", None if ghost is None else ghost.scalar("train_loss", frame.tick), "muted"),
    ]
    known = [(name, value, role) for name, value, role in found if value is not None and np.isfinite(value)]
    values = np.array([value for _, value, _ in known])
    bars = Bars(
        values=values, labels=tuple(name for name, _, _ in known), lo=0.0, hi=1.15 * float(values.max()) or 1.0,
        roles=tuple(role for _, _, role in known), horizontal=True, name="errors before any step",
        texts=tuple(plain(float(value)) for value in values),
    )  # fmt: skip
    now, chance = (plain(recording.scalar(name, frame.tick) or 0.0) for name in ("train_loss", "chance_loss"))
    sentence = f"Before any step the error is {now}; guessing gets {chance}."
    sentence += _beside_the_error(frame, recording, "With the penalty")
    return Panel("curve", "the error before any step", sentence, (bars,), least=Size(28, 5))


def _beside_the_error(frame: Frame, recording: Recording, penalised: str) -> str:
    """What else is told of that count: the error with the penalty, and the test patterns."""
    cost = recording.scalar("cost", frame.tick)
    right = recording.scalar("test_accuracy", frame.tick)
    told = "" if cost is None else f" {penalised} it is {plain(cost)}."
    return told + ("" if right is None else f" {plain(100 * right)} % of the test patterns are right.")


def accuracy(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The share of test patterns right; with BatchNorm also that in train mode, dashed."""
    top = _budget(frame, recording)
    xy = line(recording, "test_accuracy", frame, top, 1.0)
    now = recording.scalar("test_accuracy", frame.tick) or 0.0
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))),
             yticks=((0.0, "0"), (0.5, ".5"), (0.9, ".9"))),
        Polyline(rect=_FRAME, xy=np.array([[0.0, 0.9], [1.0, 0.9]]), role="muted", style="dotted", name="nine in ten"),
    ]  # fmt: skip
    if ghost is not None:
        other = line(ghost, "test_accuracy", frame, top, 1.0, ghost=True)
        marks.append(Polyline(rect=_FRAME, xy=other, role="muted", style="dashed", name="ghost"))
    batch = recording.scalar("test_accuracy_batch", frame.tick)
    sentence = f"{plain(100 * now)} % of the test patterns are right after {frame.step} steps."
    if batch is not None:
        own = line(recording, "test_accuracy_batch", frame, top, 1.0)
        marks.append(Polyline(rect=_FRAME, xy=own, role="negative", style="dashed", name="train mode"))
        sentence = f"{plain(100 * now)} % of the test patterns are right with running averages (solid),"
        sentence += f" {plain(100 * batch)} % with each batch's own (dashed)."
    marks.append(Polyline(rect=_FRAME, xy=xy, role="good", width=2, dots=len(xy) < 8, name="test patterns right"))
    return Panel("accuracy", "test patterns right so far", sentence, tuple(marks), least=Size(28, 7))


def gap(frame: Frame, recording: Recording) -> Panel:
    """The shares of training patterns and of test patterns right over the steps; between them lies the gap."""
    top = _budget(frame, recording)
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))),
             yticks=((0.0, "0"), (0.5, ".5"), (1.0, "1"))),
    ]  # fmt: skip
    trained = line(recording, "train_error", frame, top, 1.0) * (1.0, -1.0) + (0.0, 1.0)
    tested = line(recording, "test_accuracy", frame, top, 1.0)
    marks.append(Polyline(rect=_FRAME, xy=trained, role="positive", style="dotted", dots=len(trained) < 8,
                          name="training"))  # fmt: skip
    marks.append(Polyline(rect=_FRAME, xy=tested, role="good", width=2, dots=len(tested) < 8,
                          name="test"))  # fmt: skip
    known = 1.0 - (recording.scalar("train_error", frame.tick) or 0.0)
    fresh = recording.scalar("test_accuracy", frame.tick) or 0.0
    sentence = f"{plain(100 * known)} % of the training patterns (dotted) and {plain(100 * fresh)} % of the test"
    sentence += f" patterns are right: {plain(100 * abs(known - fresh), 2)} points apart."
    return Panel("gap", "training and test: right", sentence, tuple(marks), least=Size(28, 7))


def norm(frame: Frame, recording: Recording) -> Panel:
    """The sums of the first hidden layer as they come, and as the norm of this batch hands them on."""
    z = np.nan_to_num(frame.arrays["pre/0"].astype(float))
    gamma, beta = (frame.arrays[f"state/{name}_0"].astype(float) for name in ("gamma", "beta"))
    title = "the norm: before and after"
    if not len(z):
        note = "No sums are shown in this moment."
        return Panel("norm", title, note, (TextBlock(lines=(Line(note),)),), least=Size(28, 3))
    out = gamma * (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + EPS) + beta
    reach = 4.0
    marks: list[Mark] = []
    for place, (what, values) in enumerate((("before", z), ("after", out))):
        counts, edges = np.histogram(np.clip(values, -reach, reach), bins=33, range=(-reach, reach))
        rect: Rect = (place / 2 + 0.01, 0.36, place / 2 + 0.49, 0.99)
        marks.append(Histogram(rect=rect, counts=counts, edges=edges, role="positive" if place else "muted",
                               name=f"sums {what} the norm"))  # fmt: skip
        text = f"mean {short(float(values.mean()))}, sd {plain(float(values.std()), 2)}"
        marks.append(TextBlock(rect=(rect[0], 0.24, rect[2], 0.34), lines=(Line(text, "muted"),)))
    text = f"learned γ {short(float(gamma.min()))} to {short(float(gamma.max()))}, β {short(float(beta.min()))} to "
    text += short(float(beta.max()))
    marks.append(TextBlock(rect=(0.0, 0.02, 1.0, 0.18), lines=(Line(text),)))
    sentence = f"Hidden layer 1 from −{plain(reach)} to {plain(reach)}: the sums spread by {plain(float(z.std()), 2)}"
    sentence += f" before the norm and by {plain(float(out.std()), 2)} after it."
    return Panel("norm", title, sentence, tuple(marks), least=Size(36, 8))


def step(frame: Frame, recording: Recording) -> Panel:
    """This step with its numbers; what happens now is lit."""
    arrays, phase, config = frame.arrays, frame.phase, recording.header.config
    wrong = recording.scalar("train_error", frame.tick)
    if phase not in ("present", "forward", "backward", "update"):
        sentence = f"All patterns are counted: the error is {plain(recording.scalar('train_loss', frame.tick) or 0.0)}."
        if wrong is not None:
            sentence = f"All patterns are counted: {plain(100 * wrong)} % are wrong."
        if frame.step == 0:
            sentence = "Nothing has been presented yet. " + sentence
        counted = (Line("count", "muted"), Line(sentence, lit=True))
        return Panel("step", "this step", sentence, (TextBlock(lines=counted),), least=Size(30, 6))
    compared = phase in ("backward", "update") or "batch_loss" in frame.scalars
    order = ("present", "forward", "compare", "backward", "update")
    here = order.index("compare" if phase == "forward" and compared else phase)
    count = depth(frame)
    rate, error = (recording.scalar(name, frame.tick) for name in ("rate_now", "batch_loss"))
    made_of = f"{count} layers, {config['unit'].replace('_', ' ')}" if count > 1 else "one layer"
    said = [f"{config['batch'] or 'all'} patterns", made_of]
    said.append(f"E = {plain(error)} a pattern" if here >= 2 and error is not None else "…")
    sizes = np.array([float(np.sqrt(np.mean(arrays[f"grad/{k}"].astype(float) ** 2))) for k in (0, count - 1)])
    ends = " and ".join(plain(float(size), 2) if np.isfinite(size) else "not a number" for size in sizes)
    said.append(f"dE/dw {ends} (first, last layer)" if here >= 3 else "…")
    moved = np.abs(np.nan_to_num(arrays["state/0"].astype(float)))
    place = np.unravel_index(int(moved.argmax()), moved.shape)
    change = float(np.nan_to_num(arrays["state/0"])[place])
    new = f"w {'+' if change >= 0 else '−'} {plain(abs(change), 2)} at most, in the first layer"
    said.append(new if here >= 4 else "…")
    lines = [
        Line(f"{number + 1} {name:9} {text}", lit=number == here)
        for number, (name, text) in enumerate(zip(order, said, strict=True))
    ]
    tail = f"{config['optimiser']}, rate {plain(rate if rate is not None else config['rate'])}"
    lines.append(Line(f"  {tail}", "muted"))
    sentence = f"Step {frame.step}, {order[here]}: {said[here]}."
    return Panel("step", "this step", sentence, (TextBlock(lines=tuple(lines)),), least=Size(38, 7))


def weights(frame: Frame, recording: Recording) -> Panel:
    """The weights into the first hidden layer, as pictures where the input is one."""
    w = np.nan_to_num(frame.arrays["weights/0"].astype(float))
    scale, edge = float(np.abs(w).max()) or 1.0, side(frame, recording)
    if edge:
        if recording.header.config["conv"]:  # a filter sees a small square of the picture
            edge = round(float(np.sqrt(len(w))))
        count = min(w.shape[1], 24)
        images = w[:, :count].T.reshape(count, edge, edge)
        marks: tuple[Mark, ...] = (ImageGrid(images=images, lo=-scale, hi=scale, scale="diverging"),)
        sentence = f"What {count} of {w.shape[1]} first units look for: blue pixels push, orange ones hold back."
    else:
        marks = (HeatMap(values=w[:64, :64], lo=-scale, hi=scale, name="weights"),)
        sentence = f"Rows are inputs, columns first units; the largest weight is {plain(scale)} in size."
    return Panel("weights", "first units: what they look for", sentence, marks, least=Size(26, 8))


def answer(frame: Frame, recording: Recording) -> Panel:
    """The picture at hand, and what each output says to it."""
    arrays, edge, last = frame.arrays, side(frame, recording), depth(frame) - 1
    known = frame.phase != "present" and arrays[f"act/{last}"].size > 0
    y = arrays[f"act/{last}"][0].astype(float) if known else np.zeros(arrays["target"].shape[1])
    y = np.nan_to_num(y)
    first = 5 if recording.header.dataset.get("classes") == "5-9" else 0
    wanted = int(arrays["target"][0].argmax())
    image = arrays["input"][0].reshape(edge, edge)
    marks: tuple[Mark, ...] = (
        HeatMap(rect=(0.0, 0.0, 0.46, 1.0), values=image, lo=float(image.min()), hi=float(image.max()) or 1.0,
                scale="sequential", square=True, name="input"),
        Lamps(rect=(0.52, 0.1, 1.0, 0.95), states=np.clip(y, 0, 1), labels=tuple(str(first + k) for k in range(len(y))),
              want=wanted),
    )  # fmt: skip
    says = int(y.argmax())
    sentence = f"A {first + wanted} is shown"
    sentence += f"; output {first + says} says most, {short(float(y[says]))}." if known else "."
    return Panel("answer", "what it sees, what it says", sentence, marks, least=Size(26, 6))
