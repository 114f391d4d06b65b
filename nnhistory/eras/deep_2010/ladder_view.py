"""The picture of the hardware ladder: milliseconds a step, a row for each rung, a column for each width."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Bars, Line, Panel, Role, Size, Table, TextBlock
from nnhistory.eras.deep_2010.ladder import RUNGS

__all__ = ["cost", "ladder", "rungs"]

_NAMES = {
    "python": "Python loop", "numpy": "NumPy, one thread", "torch_one": "torch, one thread",
    "torch_all": "torch, all threads", "gpu": "GPU",
}  # fmt: skip


def ladder(frame: Frame, recording: Recording) -> Panel:
    """All that has been measured so far, as a table."""
    widths = list(recording.header.config["ladder"])
    rows = []
    for rung in RUNGS:
        series = recording.series(f"clock/{rung}")
        known = dict(zip(series.steps.tolist(), series.values.tolist(), strict=True))
        cells = []
        for step in range(1, len(widths) + 1):
            cells.append(plain(known[step], 3) if step in known and step <= frame.step else "·")
        if rung == "gpu" and not recording.scalar("gpu_measured", frame.tick):
            cells = ["none"] + ["" for _ in widths[1:]]
        rows.append((_NAMES[rung], *cells))
    table = Table(
        columns=("ms a step, width", *(str(width) for width in widths)), rows=tuple(rows), align="l" + "r" * len(widths)
    )
    sentence = f"Milliseconds for one step of learning, {len(widths)} widths; a dot: not measured."
    if not recording.scalar("gpu_measured", frame.tick):
        sentence += " No GPU was measured: this machine has none that torch finds, and no figures are on record."
    return Panel("ladder", "one step on every rung", sentence, (table,), least=Size(44, 7), weight=2.0)


def rungs(frame: Frame, recording: Recording) -> Panel:
    """The rungs of the present width as bars, log scale."""
    found = [(rung, frame.scalars.get(f"clock/{rung}")) for rung in RUNGS]
    known = [(rung, value) for rung, value in found if value is not None]
    width = int(recording.scalar("width", frame.tick) or 0)
    if not known:
        note = "Nothing has been timed yet."
        return Panel("rungs", "this width", note, (TextBlock(lines=(Line(note),)),), least=Size(24, 3))
    values, roles = np.array([value for _, value in known]), _roles("positive", len(known))
    bars = Bars(
        values=values, labels=tuple(_NAMES[rung] for rung, _ in known), lo=float(values.min()) / 4,
        hi=float(values.max()) * 2, roles=roles, log=True, horizontal=True, name="milliseconds",
        texts=tuple(f"{plain(float(value), 2)} ms" for value in values),
    )  # fmt: skip
    quickest = min(known, key=lambda pair: pair[1])
    sentence = f"Width {width}: {_NAMES[quickest[0]]} is quickest, {plain(quickest[1], 2)} ms a step."
    ratio = frame.scalars.get("clock/python_over_numpy")
    if ratio is not None:
        sentence += f" The Python loop takes {plain(ratio, 2)} times as long as NumPy."
    return Panel("rungs", f"width {width}, log scale", sentence, (bars,), least=Size(36, 6), weight=1.5)


def cost(frame: Frame, recording: Recording) -> Panel:
    """What a unit costs: nanoseconds a number for each function."""
    names = [name for name in frame.scalars if name.startswith("clock/each_")]
    values = np.array([frame.scalars[name] for name in names])
    bars = Bars(
        values=values, labels=tuple(name.removeprefix("clock/each_") for name in names), lo=0.0,
        hi=float(values.max()) * 1.2, roles=_roles("muted", len(names)), horizontal=True, name="nanoseconds",
        texts=tuple(f"{plain(float(value), 2)} ns" for value in values),
    )  # fmt: skip
    sentence = "What a unit's function costs for each number: "
    sentence += ", ".join(
        f"{name.removeprefix('clock/each_')} {plain(float(v), 2)} ns" for name, v in zip(names, values, strict=True)
    )
    return Panel("cost", "what e^x costs", sentence + ".", (bars,), least=Size(30, 5))


def _roles(role: Role, count: int) -> tuple[Role, ...]:
    return (role,) * count
