"""Charts and tables: likelihood and reconstruction error, free energy, every state of a tiny machine, one step."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, Line, Mark, Panel, Polyline, Rect, Role, Size, Table, TextBlock
from nnhistory.eras.rbm_2006.frames import knob, machine, softplus

__all__ = ["energies", "energy", "free_energy", "likelihood", "states", "step"]

_STEP = {"cd": "one step of CD", "pcd": "one step of PCD", "exact": "one exact step"}

_FRAME: Rect = (0.13, 0.17, 0.85, 0.94)
_BESIDE: Rect = (0.13, 0.17, 0.8, 0.94)
"""The same with room for a second scale on the right."""


def _points(recording: Recording, frame: Frame, name: str, *, ghost: bool = False) -> tuple[Array, Array]:
    series = recording.series(name)
    shown = (series.steps <= frame.step) if ghost else (series.ticks <= frame.tick)
    return series.steps[shown].astype(float), series.values[shown].astype(float)


def likelihood(frame: Frame, recording: Recording, ghost: Recording | None) -> Panel:
    """The log-likelihood (left scale), its peak, and the reconstruction error (right scale, powers of ten)."""
    name = "log_likelihood" if recording.header.config["exact"] else "ais_likelihood"
    top = max(1.0, float(frame.step))
    steps, values = _points(recording, frame, name)
    title = "two numbers: which one to watch?" if len(values) else "the reconstruction error"
    at, errors = _points(recording, frame, "recon_error")
    errors = np.log10(np.maximum(errors, 1e-12))
    low_e, high_e = (np.floor(errors.min()), np.ceil(errors.max() + 1e-9)) if len(errors) else (-1.0, 0.0)
    high_e = max(high_e, low_e + 1)
    marks: list[Mark] = []
    yticks: tuple[tuple[float, str], ...] = ()
    parts = []
    broken = False
    if len(values):
        best = recording.scalar("best_possible", frame.tick)
        ceiling = max(float(values.max()), best if best is not None else -np.inf)
        floor = float(values.min())
        room = max(1e-6, ceiling - floor)
        low, high = floor - 0.06 * room, ceiling + 0.1 * room

        def place(numbers: Array) -> Array:
            return (numbers - low) / (high - low)

        yticks = ((float(place(np.array(floor))), plain(floor)), (float(place(np.array(ceiling))), plain(ceiling)))
        if best is not None:
            flat = np.array([[0.0, best], [1.0, best]])
            flat[:, 1] = place(flat[:, 1])
            marks.append(Polyline(rect=_BESIDE, xy=flat, role="muted", style="dashed", name="best"))
        if ghost is not None and len(other := _points(ghost, frame, name, ghost=True)[1]):
            steps_g = _points(ghost, frame, name, ghost=True)[0]
            xy = np.column_stack([steps_g / top, place(other)])
            marks.append(Polyline(rect=_BESIDE, xy=xy, role="muted", style="dashed", name="ghost"))
        peak = int(values.argmax())
        dots = len(values) < 12
        marks.append(Polyline(rect=_BESIDE, xy=np.column_stack([steps / top, place(values)]), role="positive", width=3,
                              dots=dots, name="likelihood"))  # fmt: skip
        broken = name == "log_likelihood" and values[peak] - values[-1] > 0.3  # an estimate proves no fall
        parts.append(f"The log-likelihood is {plain(float(values[-1]))}")
        if broken:
            x, y = steps[peak] / top, float(place(values[peak : peak + 1])[0])
            line = np.array([[x, 0.0], [x, y]])
            marks.append(
                Polyline(rect=_BESIDE, xy=line, role="attention", style="dotted", labels=("", "peak"), name="peak")
            )
            parts[0] += (
                f", {plain(float(values[peak] - values[-1]))} below its peak in step {plain(float(steps[peak]))}"
            )
    if len(errors):
        xy = np.column_stack([at / top, (errors - low_e) / (high_e - low_e)])
        marks.append(Polyline(rect=_BESIDE, xy=xy, role="error", width=2, dots=len(errors) < 12, name="error"))
        for unit, text in ((0.12, f"1e{int(low_e)}"), (0.97, f"1e{int(high_e)}")):
            rect = (0.82, _BESIDE[1] + unit * 0.77 - 0.05, 1.0, _BESIDE[1] + unit * 0.77 + 0.05)
            marks.append(TextBlock(rect=_inside(rect), lines=(Line(text, "error"),)))
        parts.append(f"the reconstruction error {plain(float(10 ** errors[-1]))}")
    axes = Axes(rect=_BESIDE, xticks=((0.0, "0"), (1.0, plain(top))), yticks=yticks, xlabel="steps")
    sentence = "; ".join(parts) + "." if parts else "Nothing is measured yet."
    sentence = sentence[0].upper() + sentence[1:]
    return Panel("likelihood", title, sentence, (axes, *marks), broken=broken, least=Size(34, 8), weight=1.3)


def _inside(rect: Rect) -> Rect:
    x0, y0, x1, y1 = rect
    return max(0.0, x0), max(0.0, y0), min(1.0, x1), min(1.0, y1)


def free_energy(frame: Frame, recording: Recording) -> Panel | None:
    """Free energy of train and test rows: while they stay together, the machine has not learned rows by heart."""
    steps, train = _points(recording, frame, "free_energy")
    at, test = _points(recording, frame, "free_energy_test")
    if not len(test):
        return None
    top = max(1.0, float(frame.step))
    both = np.concatenate([train, test])
    low, high = float(both.min()), float(both.max())
    room = max(1e-6, high - low)
    low, span = low - 0.08 * room, 1.16 * room
    dots = len(train) < 12
    marks: tuple[Mark, ...] = (
        Axes(rect=_FRAME, xticks=((0.0, "0"), (1.0, plain(top))), xlabel="steps",
             yticks=((0.07, plain(float(both.min()))), (0.93, plain(float(both.max()))))),
        Polyline(rect=_FRAME, xy=np.column_stack([steps / top, (train - low) / span]), role="positive", width=2,
                 dots=dots, name="training rows"),
        Polyline(rect=_FRAME, xy=np.column_stack([at / top, (test - low) / span]), role="attention", width=2,
                 style="dashed", dots=dots, name="test rows"),
    )  # fmt: skip
    gap = float(test[-1] - train[-1])
    sentence = f"Test rows lie {plain(abs(gap))} nats {'above' if gap >= 0 else 'below'} training rows in free energy."
    return Panel("free_energy", "free energy: train and test", sentence, marks, least=Size(26, 7))


def energies(W: Array, b: Array, c: Array) -> tuple[Array, Array, Array, Array]:
    """Every state of a tiny machine: v (2^d, d), h (2^h, h), E (2^d, 2^h), p of the same shape."""
    v = np.array(list(itertools.product((0.0, 1.0), repeat=W.shape[0])))
    h = np.array(list(itertools.product((0.0, 1.0), repeat=W.shape[1])))
    E = -(v @ b)[:, None] - (h @ c)[None, :] - v @ W @ h.T
    p = np.exp(-(E - E.min()))
    return v, h, E, p / p.sum()


def _bits(row: Array) -> str:
    return "".join("1" if bit else "0" for bit in row)


def energy(frame: Frame, recording: Recording) -> Panel:
    """Every state: a row for each v, a column for each h, in each cell the energy and its probability in percent."""
    W, b, c = machine(frame, recording)
    v, h, E, p = energies(W, b, c)
    columns = ("v", *(f"h = {_bits(one)}" for one in h), "p(v)")
    data = recording.array("data/x", frame.tick)
    known = {_bits(row) for row in data} if data is not None else set()
    rows = tuple(
        (_bits(one), *(f"{plain(E[i, j], 2)}  {100 * p[i, j]:.0f}%" for j in range(len(h))), f"{100 * p[i].sum():.1f}%")
        for i, one in enumerate(v)
    )
    ring = tuple(i for i, one in enumerate(v) if _bits(one) in known)
    i, j = np.unravel_index(int(E.argmin()), E.shape)
    sentence = (
        f"{E.size} states; the lowest energy, {plain(float(E.min()))}, has v = {_bits(v[i])}, h = {_bits(h[j])}, "
        f"so it is the likeliest: {100 * p[i, j]:.0f} %. Marked rows are data."
    )
    table = Table(columns=columns, rows=rows, align="l" + "r" * (len(h) + 1), ring=ring, name="states")
    return Panel("energy", "every state: energy and probability", sentence, (table,), least=Size(58, 10), weight=1.4)


def states(frame: Frame, recording: Recording) -> Panel:
    """How likely each picture is: bars the machine, ticks the data."""
    W, b, c = machine(frame, recording)
    v, _, _, p = energies(W, b, c)
    data = recording.array("data/x", frame.tick)
    names = tuple(_bits(row) for row in v)
    share = np.zeros(len(v))
    for row in data if data is not None else ():
        share[names.index(_bits(row))] += 1.0 / len(data)  # type: ignore[arg-type]
    total = p.sum(axis=1)
    roles: tuple[Role, ...] = tuple("positive" if wanted else "muted" for wanted in share)
    bars = Bars(values=total, labels=names, lo=0.0, hi=max(0.5, float(total.max())), roles=roles, ticks=share,
                horizontal=True, texts=tuple(f"{100 * one:.0f}%" for one in total), name="p(v)")  # fmt: skip
    inside = 100 * float(total[share > 0].sum())
    sentence = f"{inside:.0f} % of what the machine expects is data; ticks are how often each occurs in the data."
    return Panel("states", "how likely is each v?", sentence, (bars,), least=Size(26, 9))


def step(frame: Frame, recording: Recording) -> Panel:
    """What one step does, in words, the present phase lit."""
    config = recording.header.config
    phase, exact = frame.phase, config["rule"] == "exact"
    k = knob("k", recording, frame.step)
    if config["mode"] == "gibbs":
        lines = [
            Line("up     p(h = 1 | v) = σ(c + v W), throw a coin for each h", lit=phase == "forward"),
            Line("down   p(v = 1 | h) = σ(b + W h), throw a coin for each pixel", lit=phase == "update"),
            Line("held   pixels that are held are put back as they were", lit=phase == "update"),
            Line("No weight changes: this is what it has learned.", "muted"),
        ]
        return Panel("step", "one sweep", f"Sweep {frame.step}: up, down, and held pixels put back.",
                     (TextBlock(lines=tuple(lines)),), least=Size(36, 5))  # fmt: skip
    rows = config["batch"] or "all"
    times = "once" if k == 1 else f"{k} times"
    away = {"cd": f"from the data {times} down and up", "pcd": f"persistent chains go on, {times}",
            "exact": "summed over every state, no sampling"}[config["rule"]]  # fmt: skip
    lines = [
        Line(f"1 data   {rows} rows v0 are put on the pixels", lit=phase == "present"),
        Line("2 up     p(h | v0), a coin for each hidden unit", lit=phase == "forward"),
        Line(f"3 model  {away}", lit=phase == ("update" if exact else "backward")),
        Line("4 move   W ← W + rate (⟨v h⟩ data − ⟨v h⟩ model)", lit=phase == "update"),
    ]
    values = [
        (name, recording.scalar(name, frame.tick)) for name in ("recon_error", "log_likelihood", "ais_likelihood")
    ]
    told = [f"{name.replace('_', ' ')} {plain(value)}" for name, value in values if value is not None]
    lines.append(Line("; ".join(told), "muted"))
    sentence = f"Step {plain(frame.step)} of {plain(config['steps'])}: {away}."
    return Panel("step", _STEP[config["rule"]], sentence,
                 (TextBlock(lines=tuple(lines)),), least=Size(44, 6))  # fmt: skip


def free_energy_of(v: Array, W: Array, b: Array, c: Array) -> Array:
    """F(v) of rows, in NumPy. (n, d) -> (n,)."""
    total: Array = -(v @ b) - softplus(c + v @ W).sum(axis=1)
    return total
