"""Many small nets beside each other, each with knobs of its own: NumPy, batched products, float64.

    h = relu(x W1 + b1), some of it dropped where asked; a second layer where depth is 2;   y = softmax(h V + c)

All nets see the same batches, and the same random numbers decide what is dropped. Widths are a mask: units beyond a
net's width stay 0. The rules for a step are those of sgd, momentum (0.9) and Adam (0.9, 0.999).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.search_2012.space import AXES

__all__ = ["Nets", "rates_at"]

_UPDATE, _SCHEDULE = AXES[4].names, AXES[5].names
_ADAM, _MOMENTUM = _UPDATE.index("adam"), _UPDATE.index("momentum")


def rates_at(rate: Array, schedule: Array, t: int, steps: int) -> Array:
    """The learning rates (N,) of step t = 0, 1, ...: constant; a tenth after two thirds; 1/(1 + 10 t/steps); cosine."""
    part = t / steps
    shares = np.array([1.0, 0.1 if part >= 2 / 3 else 1.0, 1.0 / (1.0 + 10.0 * part), 0.5 * (1 + np.cos(np.pi * part))])
    found: Array = rate * shares[schedule.astype(int)]
    return found


class Nets:
    """N nets with the first weights. knobs : a value (N,) of every axis; inputs : how many there are.

    One draw of the largest net, from which all are cut: nets differ by their knobs, not by their first weights.
    """

    def __init__(self, knobs: Mapping[str, Array], inputs: int, init: np.random.Generator) -> None:
        self.knobs, wide = knobs, int(knobs["width"].max())
        self.deep = (knobs["depth"] > 1)[:, None, None]
        self.mask = (np.arange(wide) < knobs["width"][:, None])[:, None, :]
        narrow = self.mask.mT * np.sqrt(2.0 / knobs["width"])[:, None, None]
        count = len(knobs["width"])
        self.learned = [
            np.sqrt(2.0 / inputs) * init.standard_normal((inputs, wide)) * self.mask, np.zeros((count, 1, wide)),
            init.standard_normal((wide, 10)) * narrow, np.zeros((count, 1, 10)),
        ]  # fmt: skip
        second = init.standard_normal((wide, wide)) * narrow * self.mask
        if self.deep.any():
            self.learned += [second, np.zeros((count, 1, wide))]

    def train(
        self, x: Array, labels: Array, steps: int, batch: int, order: np.random.Generator, noise: np.random.Generator
    ) -> None:
        """So many steps of `batch` patterns. x (n, d); labels (n,). noise : what is dropped."""
        rule, wanted = _Rule(self.knobs["update"], self.learned), np.eye(10)[labels]
        kept, l2 = (1.0 - self.knobs["dropout"])[:, None, None], self.knobs["l2"][:, None, None]
        rows = np.empty(0, dtype=int)
        with np.errstate(all="ignore"):  # a rate that is too high ends out of range: it will count as one in ten right
            for t in range(steps):
                if len(rows) < batch:
                    rows = order.permutation(len(x))
                now, rows = rows[:batch], rows[batch:]
                dropped = (noise.random((len(now), self.mask.shape[2])) < kept) / kept
                slopes = self._slopes(x[now], wanted[now], dropped)
                for place in range(0, len(slopes), 2):
                    slopes[place] = slopes[place] + l2 * self.learned[place]
                rates = rates_at(self.knobs["rate"], self.knobs["schedule"], t, steps)
                rule.step(slopes, rates[:, None, None])

    def right(self, x: Array, labels: Array, which: Array | None = None) -> Array:
        """The share of x (n, d) that each net has right; `which` : of these nets alone."""
        chosen = np.arange(len(self.deep)) if which is None else which
        with np.errstate(all="ignore"):
            _, last = self._hidden(x, None, chosen)
            answers = (last @ self.learned[2][chosen] + self.learned[3][chosen]).argmax(axis=2)
        found: Array = (answers == labels).mean(axis=1)
        return found

    def _hidden(self, x: Array, dropped: Array | None, which: Array | slice) -> tuple[Array, Array]:
        W, b = self.learned[0][which], self.learned[1][which]
        first = np.maximum(x @ W + b, 0.0) * self.mask[which]
        first = first if dropped is None else first * dropped
        if len(self.learned) == 4:
            return first, first
        second = np.maximum(first @ self.learned[4][which] + self.learned[5][which], 0.0) * self.mask[which]
        return first, np.where(self.deep[which], second, first)

    def _slopes(self, x: Array, wanted: Array, dropped: Array) -> list[Array]:
        """dE/d of everything that is learned, E the mean cross-entropy of the batch."""
        V, c = self.learned[2:4]
        h, last = self._hidden(x, dropped, slice(None))
        e = (_softmax(last @ V + c) - wanted) / len(x)
        back = e @ V.mT
        slopes = [last.mT @ e, e.sum(axis=1, keepdims=True)]
        if len(self.learned) > 4:
            upper = np.where(self.deep, back * (last > 0), 0.0)
            slopes += [h.mT @ upper, upper.sum(axis=1, keepdims=True)]
            back = np.where(self.deep, upper @ self.learned[4].mT, back)
        dz = back * (h > 0) * dropped
        return [x.T @ dz, dz.sum(axis=1, keepdims=True), *slopes]


def _softmax(z: Array) -> Array:
    e = np.exp(z - z.max(axis=2, keepdims=True))
    return np.asarray(e / e.sum(axis=2, keepdims=True))


class _Rule:
    """How each net takes a step: its own of the three rules. Changes arrays in place."""

    def __init__(self, update: Array, values: list[Array]) -> None:
        self.values, self.t = values, 0
        self.adam = (update == _ADAM)[:, None, None]
        self.memory = np.where(update == _MOMENTUM, 0.9, 0.0)[:, None, None]
        self.m = [np.zeros_like(w) for w in values] if self.memory.any() else []
        self.v = [np.zeros_like(w) for w in values] if self.adam.any() else []
        self.s = [np.zeros_like(w) for w in values] if self.adam.any() else []

    def step(self, slopes: list[Array], rates: Array) -> None:
        self.t += 1
        for k, (w, g) in enumerate(zip(self.values, slopes, strict=True)):
            change = g
            if self.m:
                self.m[k] = self.memory * self.m[k] + g
                change = self.m[k]
            if self.v:
                self.v[k] = 0.9 * self.v[k] + 0.1 * g
                self.s[k] = 0.999 * self.s[k] + 0.001 * g * g
                size = np.sqrt(self.s[k] / (1.0 - 0.999**self.t)) + 1e-8
                change = np.where(self.adam, self.v[k] / (1.0 - 0.9**self.t) / size, change)
            w -= rates * change
