"""The bowl from above with the ways down, how far from the bottom, and a race of all rules. Frames only."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, HeatMap, Mark, Panel, Points, Polyline, Rect, Role, Size
from nnhistory.eras.deep_2010.bowl import NEAR, RULES
from nnhistory.eras.deep_2010.frames import happened, short

__all__ = ["bowl", "descent", "has_bowl", "moves", "race"]

_FRAME: Rect = (0.12, 0.16, 0.5, 0.95)
_WIDE: Rect = (0.12, 0.16, 0.97, 0.95)
_BESIDE: Rect = (0.52, 0.05, 1.0, 0.97)
_ROUND = np.linspace(0.0, 2 * np.pi, 73)
_LEVELS = (0.01, 0.04, 0.1, 0.2, 0.36, 0.6, 0.9)
_FRESH = 120
"""So many of the newest places of a way are drawn in full."""
_LOOKS: dict[str, tuple[Role, str]] = {
    "sgd": ("error", "solid"),
    "momentum": ("negative", "solid"),
    "nesterov": ("negative", "dashed"),
    "adagrad": ("gradient", "solid"),
    "rmsprop": ("positive", "solid"),
    "adam": ("positive", "dashed"),
}


def has_bowl(frame: Frame, recording: Recording) -> bool:
    """Is the surface a bowl over two weights?"""
    return recording.array("data/bowl", frame.tick) is not None and frame.arrays["weights/0"].shape == (2, 1)


def _rules(recording: Recording) -> tuple[str, ...]:
    return RULES if recording.header.config["race"] else (str(recording.header.config["optimiser"]),)


def _ways(recording: Recording, tick: int) -> Array:
    """Where the weights of each rule have been, (steps, rules, 2)."""
    places: list[Array] = []
    steps: list[int] = []
    for one in recording.frames:
        if one.tick > tick:
            break
        if one.phase in ("update", "eval", "done") and (not steps or one.step != steps[-1]):
            places.append(one.arrays["state/race"] if "state/race" in one.arrays else one.arrays["weights/0"].T)
            steps.append(one.step)
    return np.array(places, dtype=float)[-400:]


def bowl(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Contours of equal error, the bottom as a cross, and the way of every rule from the common start."""
    R, bottom = recording.array("data/bowl", frame.tick), recording.array("data/bottom", frame.tick)
    assert R is not None
    assert bottom is not None
    R, bottom = R.astype(float), bottom.astype(float)
    ways = _ways(recording, frame.tick)
    half = 1.25 * max(1e-9, float(np.abs(ways[0] - bottom).max()))
    low, size = bottom - half, 2.0 * half
    lam, modes = np.linalg.eigh(R)
    x, y = np.meshgrid(np.linspace(-half, half, 48), np.linspace(half, -half, 32))
    height = np.sqrt(np.maximum(R[0, 0] * x * x + 2 * R[0, 1] * x * y + R[1, 1] * y * y, 0.0))
    top = float(height.max())
    marks: list[Mark] = [
        Axes(xlabel="weight w1", ylabel="weight w2"),
        HeatMap(values=height, lo=0.0, hi=2.2 * top, scale="sequential", name="error"),
    ]
    circle = np.column_stack([np.cos(_ROUND), np.sin(_ROUND)])
    rings: list[Mark] = []
    for level in _LEVELS:
        ring = bottom + (circle * np.sqrt(level * top**2 / np.maximum(lam, 1e-12 * lam.max()))) @ modes.T
        rings.append(Polyline(xy=(ring - low) / size, role="muted", name="equal error: all along this line"))
    marks += rings
    if ghost is not None:
        other = (_ways(ghost, frame.tick)[:, 0] - low) / size
        marks.append(Polyline(xy=other, role="muted", style="dashed", name="ghost: the other future's way"))
    rules = _rules(recording)
    for k, rule in enumerate(rules):
        path, (role, style) = (ways[:, k] - low) / size, _LOOKS[rule]
        if len(path) > _FRESH + 20:  # a long walk at random: what is old only as a trace
            marks.append(Polyline(xy=path[: 1 - _FRESH], role="muted", name="its way before"))
            path = path[-_FRESH:]
        marks.append(Polyline(xy=path, role=role, style=style, width=2, name=rule,  # type: ignore[arg-type]
                              dots=len(path) < 40))  # fmt: skip
    for arm in (np.array([0.02, 0.0]), np.array([0.0, 0.03])):
        marks.append(Polyline(xy=np.array([0.5 - arm, 0.5 + arm]), role="good", width=3, name="the bottom"))
    here = (ways[-1] - low) / size
    names = tuple(f"{rule} now: w = ({plain(w[0])}, {plain(w[1])})" for rule, w in zip(rules, ways[-1], strict=True))
    marks.append(Points(xy=here, labels=np.ones(len(here)), names=names))
    ratio = recording.scalar("bowl_ratio", frame.tick) or 1.0
    sentence = f"Seen from above: {plain(ratio)} times as steep one way as the other. The cross is the bottom."
    out = [rule for rule, place in zip(rules, here, strict=True) if not ((place > 0) & (place < 1)).all()]
    if out:
        sentence += f" Outside the picture: {', '.join(out)}."
    return Panel("bowl", "the bowl from above", sentence, tuple(marks), least=Size(24, 10),
                 broken=happened(recording, frame, "divergence", "non_finite"), square=True, weight=1.6)  # fmt: skip


def _standing(rules: tuple[str, ...], places: Array, said: list[str], name: str) -> Bars:
    """Where each rule stands now, in its colour: places (rules,) from 0 to 1, and the numbers beside them."""
    roles = tuple(_LOOKS[rule][0] for rule in rules)
    return Bars(rect=_BESIDE, values=np.nan_to_num(places), labels=rules, lo=0.0, hi=1.0, roles=roles,
                texts=tuple(said), horizontal=True, name=name)  # fmt: skip


def descent(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """Powers of ten of the distance from the bottom over the steps; with noise, of the error over the least."""
    least = recording.scalar("least_loss", frame.tick) or 0.0
    noisy = least > 1e-9
    rules = _rules(recording)
    frame_of = _FRAME if len(rules) > 1 else _WIDE
    names = ["excess"] if noisy else ["distance"]
    if recording.header.config["race"]:
        names = [f"rule_distance/{rule}" for rule in rules]
    top = float(max(1, recording.header.planned or frame.step))
    first = max(recording.series(names[0]).values[0] if noisy else 1.0, 1e-12)
    low = -6.0

    def unit(values: Array) -> Array:
        shares = np.where(np.isfinite(values), np.abs(values), np.nan) / first
        places: Array = 1.0 - np.clip(np.log10(np.maximum(shares, 1e-30)), low, 0.3) / low
        return places

    kept = "the error over the least" if noisy else "distance left"
    ticks = tuple((1.0 - power / low, "1" if power == 0 else plain(10.0**power)) for power in (-6, -4, -2, 0))
    marks: list[Mark] = [
        Axes(rect=frame_of, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))), yticks=ticks, ylabel=kept)
    ]
    theory = recording.scalar("theory_steps", frame.tick)
    if theory is not None and not recording.header.config["race"] and not noisy:
        marks.append(Polyline(rect=frame_of, xy=np.array([[0.0, 1.0], [theory / top, 0.0]]), role="attention",
                              style="dashed", name="theory: the long-run factor"))  # fmt: skip
    if ghost is not None:
        series = ghost.series(names[0])
        xy = np.column_stack([series.steps / top, unit(series.values)])
        marks.append(Polyline(rect=frame_of, xy=xy, role="muted", style="dashed", name="ghost"))
    left = []
    for rule, name in zip(rules, names, strict=True):
        series = recording.series(name)
        shown = series.ticks <= frame.tick
        role, style = _LOOKS[rule]
        xy = np.column_stack([series.steps[shown] / top, unit(series.values[shown])])
        marks.append(Polyline(rect=frame_of, xy=xy, role=role, style=style, width=2, name=rule))  # type: ignore[arg-type]
        left.append(float(series.values[shown][-1]))
    said = [plain(value, 2) if value > NEAR or noisy else "there" for value in left]
    if len(rules) > 1:
        marks.append(_standing(rules, unit(np.array(left)), said, kept))
    near, far = int(np.argmin(left)), int(np.argmax(left))
    there = [rule for rule, value in zip(rules, left, strict=True) if value <= NEAR]
    sentence = f"Step {frame.step}: {rules[near]} has {plain(left[near], 2)} of the first distance to go"
    sentence += f", {rules[far]} {plain(left[far], 2)}." if len(rules) > 1 else "."
    if there:
        sentence = f"Step {frame.step}: a millionth of the way is left to {', '.join(there)}"
        sentence += "." if len(there) == len(rules) else f"; {rules[far]} has {said[far]} of the distance to go."
    if noisy:
        sentence = f"Step {frame.step}: the error is {plain(left[0], 2)} above the least there can be, {plain(least)}."
    elif theory is not None and len(rules) == 1:
        sentence += f" By theory (dashed) {plain(theory)} steps leave a millionth."
    return Panel("descent", "how far it is from the bottom", sentence, tuple(marks), least=Size(34, 7))


def moves(frame: Frame, recording: Recording) -> Panel:
    """How far each step moves the two weights, in units of the learning rate."""
    config = recording.header.config
    rate, top = config["rate"] or 1.0, float(max(1, recording.header.planned or frame.step))
    series = [recording.series(f"moved/{k}") for k in (0, 1)]
    high = 1.15 * max(1e-30, *(float(np.nanmax(one.values, initial=0.0)) / rate for one in series))
    places = (0.0, 1.0 / 1.15)
    marks: list[Mark] = [
        Axes(rect=_WIDE, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))), ylabel="step / rate",
             yticks=tuple((place, plain(place * high)) for place in places)),
    ]  # fmt: skip
    for k, one in enumerate(series):
        shown = one.ticks <= frame.tick
        xy = np.column_stack([one.steps[shown] / top, one.values[shown] / rate / high])
        marks.append(Polyline(rect=_WIDE, xy=xy, role="negative" if k else "positive", width=2 - k, dots=len(xy) < 30,
                              style="dashed" if k else "solid", name=f"weight w{k + 1}"))  # fmt: skip
    now = [recording.scalar(f"moved/{k}", frame.tick) for k in (0, 1)]
    sentence = "No step has been taken yet."
    if now[0] is not None and now[1] is not None:
        first, second = (plain(value / rate) for value in now if value is not None)
        sentence = f"Step {frame.step} moves w1 by {first} and w2 by {second} times the rate."
    return Panel("moves", "how far each step goes", sentence, tuple(marks), least=Size(30, 7))


def race(frame: Frame, recording: Recording) -> Panel:
    """The share of test patterns that each rule's net has right, over the steps."""
    top = float(max(1, recording.header.planned or frame.step))
    marks: list[Mark] = [
        Axes(rect=_FRAME, xlabel="steps", xticks=((0.0, "0"), (1.0, plain(top))),
             yticks=((0.0, "0"), (0.5, ".5"), (0.9, ".9"))),
        Polyline(rect=_FRAME, xy=np.array([[0.0, 0.9], [1.0, 0.9]]), role="muted", style="dotted", name="nine in ten"),
    ]  # fmt: skip
    now: list[float] = []
    for rule in RULES:
        series = recording.series(f"rule_accuracy/{rule}")
        shown = series.ticks <= frame.tick
        role, style = _LOOKS[rule]
        xy = np.column_stack([series.steps[shown] / top, series.values[shown]])
        marks.append(Polyline(rect=_FRAME, xy=xy, role=role, style=style, width=2, name=rule))  # type: ignore[arg-type]
        now.append(float(series.values[shown][-1]))
    marks.append(_standing(RULES, np.array(now), [short(value) for value in now], "test patterns right"))
    best, worst = int(np.argmax(now)), int(np.argmin(now))
    sentence = f"Step {frame.step}: {RULES[best]} has {plain(100 * now[best])} % of the test patterns right,"
    sentence += f" {RULES[worst]} {plain(100 * now[worst])} %."
    return Panel("race", "six rules, one net: test patterns right", sentence, tuple(marks), least=Size(34, 7),
                 weight=1.6)  # fmt: skip
