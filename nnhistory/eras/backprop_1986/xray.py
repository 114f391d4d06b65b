"""One derivative taken apart: in symbols, as numbers multiplied out along the path, beside the finite difference."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Size, TextBlock
from nnhistory.core.updates import how_far_back, steps_back
from nnhistory.eras.backprop_1986.frames import depth, pattern, short, weight_at, weight_name

__all__ = ["derivative", "difference", "xray"]

_STEP = 1e-5
"""Half of the distance over which the finite difference is taken: sums are in float64."""


class _Numbers:
    """The net of a frame in plain NumPy, written once more, apart from the era's own net, as a check of it."""

    def __init__(self, frame: Frame, recording: Recording) -> None:
        self.config, arrays = recording.header.config, frame.arrays
        count = depth(frame)
        self.W = [arrays[f"weights/{layer}"].astype(np.float64) for layer in range(count)]
        self.b = [arrays[f"bias/{layer}"].astype(np.float64) for layer in range(count)]
        self.x, self.t = arrays["input"].astype(np.float64), arrays["target"].astype(np.float64)

    def f(self, layer: int, s: Array) -> Array:
        name = self.config["output"] if layer == len(self.W) - 1 else self.config["unit"]
        if name == "softmax":
            e = np.exp(s - s.max(axis=-1, keepdims=True))
            return np.asarray(e / e.sum(axis=-1, keepdims=True))
        if name == "sigmoid":
            return np.asarray(1 / (1 + np.exp(-np.clip(s, -700, 700))))
        return np.asarray(np.tanh(s) if name == "tanh" else s)

    def slope(self, layer: int, y: Array) -> Array:
        name = self.config["output"] if layer == len(self.W) - 1 else self.config["unit"]
        return np.asarray(y * (1 - y) if name == "sigmoid" else 1 - y * y if name == "tanh" else np.ones_like(y))

    def outputs(self) -> list[Array]:
        """What every layer puts out, the inputs first: L + 1 arrays."""
        y = [self.x]
        for layer in range(len(self.W)):
            y.append(self.f(layer, self._with_inputs(layer, y[-1]) @ self.W[layer] + self.b[layer]))
        return y

    def _with_inputs(self, layer: int, below: Array) -> Array:
        """What comes into a layer: the layer below, and the inputs where they are linked directly."""
        return np.concatenate([below, self.x], axis=1) if below.shape[1] < self.W[layer].shape[0] else below

    def seen(self, layer: int) -> Array:
        """What came into a layer, (B, rows of its weights)."""
        return self._with_inputs(layer, self.outputs()[layer])

    def error(self) -> float:
        """E of the batch, as the run has it."""
        y, t = self.outputs()[-1], self.t
        if self.config["loss"] == "squared":
            e = 0.5 * (self._off(y) ** 2).sum()
        else:
            tiny = 1e-300
            e = -(t * np.log(y + tiny)).sum()
            if self.config["output"] == "sigmoid":
                e -= ((1 - t) * np.log(1 - y + tiny)).sum()
        return float(e / len(y) if self.config["reduce"] == "mean" else e)

    def _off(self, y: Array) -> Array:
        off = y - self.t
        if self.config["dead_band"]:
            middle = 0.0 if self.config["output"] == "tanh" else 0.5
            off = np.where(np.where(self.t > middle, y >= self.t, y <= self.t), 0.0, off)
        return np.asarray(off)

    def blame(self) -> list[Array]:
        """dE/dx of every layer of units, (B, n) each."""
        y = self.outputs()
        top = len(self.W) - 1
        crossed = self.config["loss"] == "cross_entropy"
        delta = [self._off(y[-1]) * (1.0 if crossed else self.slope(top, y[-1]))]
        for layer in range(top - 1, -1, -1):
            back = delta[0] @ self.W[layer + 1][: self.W[layer].shape[1]].T
            delta.insert(0, back * self.slope(layer, y[layer + 1]))
        if self.config["reduce"] == "mean":
            delta = [d / len(self.x) for d in delta]
        return delta


def derivative(frame: Frame, recording: Recording, i: int, j: int, layer: int = 0) -> float:
    """dE/dw of the weight from row i to unit j of a layer, multiplied out along the paths."""
    numbers = _Numbers(frame, recording)
    return float(numbers.blame()[layer][:, j] @ numbers.seen(layer)[:, i])


def difference(frame: Frame, recording: Recording, i: int, j: int, step: float = _STEP, layer: int = 0) -> float:
    """The same by moving this weight a little both ways: (E(w + h) - E(w - h)) / 2h."""
    numbers = _Numbers(frame, recording)
    errors = []
    for sign in (1, -1):
        numbers.W[layer][i, j] += sign * step
        errors.append(numbers.error())
        numbers.W[layer][i, j] -= sign * step
    return (errors[0] - errors[1]) / (2 * step)


def xray(frame: Frame, recording: Recording, weight: str = "") -> Panel | None:
    """A weight's derivative in the newest recorded step: of the weight named, else of the first layer's largest.

    None where no moment of going back is recorded up to here.
    """
    frames = recording.frames
    back = [f for f in frames if f.tick <= frame.tick and f.phase == "backward"]
    if not back:
        return None
    now = back[-1]
    chosen = weight_at(weight, now) if weight else None
    first = now.arrays["grad/0"].astype(np.float64)
    layer, i, j = chosen or (0, *(int(k) for k in np.unravel_index(int(np.abs(first).argmax()), first.shape)))
    grad = now.arrays[f"grad/{layer}"].astype(np.float64)
    numbers = _Numbers(now, recording)
    y, delta, seen = numbers.outputs(), numbers.blame(), numbers.seen(layer)
    top = len(numbers.W) - 1
    above = top - layer
    row = int(np.abs(delta[layer][:, j] * seen[:, i]).argmax())
    a = seen[row, i]
    name = weight_name(layer, i, j, y[layer].shape[1], top + 1)
    sender = name.partition(" ")[0]
    lines = [Line(f"weight {name}, step {now.step}{steps_back(now, frame)}", bold=True)]
    if above == 0:
        lines.append(Line(f"∂E/∂w = (y − d) · f′(y) · {sender[0]}", "muted"))
    elif above == 1:
        lines.append(Line(f"∂E/∂w = Σ (y − d) · f′(y) · v · f′(h) · {sender[0]}", "muted"))
    else:
        lines.append(Line(f"∂E/∂w = Σ (y − d) · f′ · W · f′ · … · f′(h) · {sender[0]}, {above + 1} layers", "muted"))
    lines.append(Line(f"input {pattern(numbers.x[row])}, along the strongest path:"))
    product, factors = _path(numbers, y, delta, row, layer, j)
    for told, value in factors:
        lines.append(Line(f"  {told:<18} {signed(value)}"))
    lines.append(Line(f"  {sender:<18} {signed(float(a))}   = {plain(product * float(a), 4)}"))
    share = float(delta[layer][row, j] * a)
    if above and (numbers.W[-1].shape[1] > 1 or above > 1):
        lines.append(Line(f"all paths of this pattern: {plain(share, 4)}", "muted"))
    shown = len(numbers.x)
    exact = float(delta[layer][:, j] @ seen[:, i])
    seen_all = bool(np.isclose(exact, grad[i, j], rtol=1e-3, atol=1e-9))
    total = f"sum over {shown} pattern{'s' if shown > 1 else ''}:"
    lines.append(Line(f"{total:<21}{plain(exact, 6)}", bold=True))
    moved = difference(now, recording, i, j, layer=layer)
    close = abs(moved - exact) <= 1e-5 * max(abs(exact), 1e-6) + 1e-9
    lines.append(Line(f"finite difference:   {plain(moved, 6)}", "good" if close else "error"))
    if seen_all:
        lines.append(Line(f"in the recording:    {plain(float(grad[i, j]), 6)}", "good"))
    else:
        lines.append(Line(f"in the recording, over the whole batch: {plain(float(grad[i, j]), 6)}", "muted"))
    sentence = how_far_back(now, frame) + (
        f"The slope of the error for the weight {name} is {plain(exact)}; moving it a little gives {plain(moved)}."
    )
    return Panel("xray", "X-ray: one derivative", sentence, (TextBlock(lines=tuple(lines)),), least=Size(42, 12))


def _path(
    numbers: _Numbers, y: list[Array], delta: list[Array], row: int, start: int, j: int
) -> tuple[float, list[tuple[str, float]]]:
    """From unit j of layer `start` up along the strongest link each time: the product, and its factors from above."""
    top = len(numbers.W) - 1
    crossed = numbers.config["loss"] == "cross_entropy"
    way: list[tuple[str, float]] = []
    unit = j
    for layer in range(start, top + 1):
        letter = "y" if layer == top else "h" if top == 1 else f"h{layer + 1}."
        if layer < top or not crossed:
            slope = float(numbers.slope(layer, y[layer + 1])[row, unit])
            way.insert(0, (f"f′({letter}{unit + 1})", slope))
        if layer < top:
            links = numbers.W[layer + 1][unit] * delta[layer + 1][row]
            above = int(np.abs(links).argmax())
            way.insert(0, (f"weight {letter}{unit + 1} ↑ {above + 1}", float(numbers.W[layer + 1][unit, above])))
            unit = above
    scale = 1.0 / len(numbers.x) if numbers.config["reduce"] == "mean" else 1.0
    off = float(numbers._off(y[-1])[row, unit]) * scale
    way.insert(0, (f"y − d = {short(float(y[-1][row, unit]))} − {short(float(numbers.t[row, unit]))}", off))
    product = float(np.prod([value for _, value in way]))
    if len(way) > 9:
        skipped = way[4:-3]
        way = [*way[:4], (f"… {len(skipped)} more", float(np.prod([v for _, v in skipped]))), *way[-3:]]
    return product, way
