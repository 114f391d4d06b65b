"""The knobs turned by hand: what the user did, against what the rule would have done."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["Hands"]

CLOSE = 0.25
"""How far from the rule's change a knob may be left, as a share of the largest change."""
FAR = 2.0
"""A knob turned further than so many times the rule's change was turned too far."""

Found = list[tuple[str, dict[str, Any]]]


class Hands:
    """Seventeen knobs that a hand can turn, a lever that turns all of them, and the check of one update.

    A knob counts as turned when its value differs from the last one seen; it then sets the weight it belongs to.
    `turn_all` is how far all knobs together have been turned, each towards its switch: Widrow's quick way.
    Shapes: wanted, done (m,), the bias last.
    """

    def __init__(self, knobs: Mapping[str, Any], inputs: int, bias: bool) -> None:
        self.names = [f"w{k + 1}" for k in range(min(inputs, 16))]
        self.inputs, self.bias = inputs, bias
        size = inputs + bias
        self.wanted, self.done = np.zeros(size), np.zeros(size)
        self.right = self.wrong = 0
        self.none = np.zeros(size)
        self.finished = True
        self._base = np.zeros(size)
        self._blamed: frozenset[int] = frozenset()
        self._seen = self._values(knobs)

    def _values(self, knobs: Mapping[str, Any]) -> dict[str, float]:
        return {name: float(knobs[name]) for name in (*self.names, "b0", "turn_all")}

    def take(self, knobs: Mapping[str, Any], weights: Array, bias: Array, x: Array) -> bool:
        """Set the weights whose knobs were turned. True if any was."""
        now, before = self._values(knobs), self._seen
        turned = [name for name in now if now[name] != before[name]]
        for name in turned:
            if name == "turn_all":
                by = now[name] - before[name]
                weights[:, 0] += by * x
                bias += by * self.bias
            elif name == "b0":
                if self.bias:
                    bias[0] = now[name]
            else:
                weights[int(name[1:]) - 1, 0] = now[name]
        self._seen = now
        return bool(turned)

    def ask(self, w: Array, wanted: Array) -> None:
        """A new pattern: from these weights (m,), the rule wants this change (m,)."""
        self._base, self.wanted, self.done = w.copy(), wanted.copy(), np.zeros(len(w))
        self._blamed = frozenset()
        self.finished = bool(np.abs(wanted).max() < 1e-3)

    def check(self, w: Array, pattern: int) -> Found:
        """After a turn: is the update made, and was any knob turned the wrong way or too far?"""
        self.done = w - self._base
        scale = float(np.abs(self.wanted).max())
        along = np.where(self.wanted != 0, self.done * np.sign(self.wanted), -np.abs(self.done))
        off = (along < -CLOSE * scale) | (along > FAR * np.abs(self.wanted) + CLOSE * scale)
        wrong = frozenset(int(k) for k in np.flatnonzero(off))
        found: Found = []
        if wrong - self._blamed:
            self.wrong += 1
            worst = min(wrong - self._blamed)
            found.append(("hand_wrong", self._evidence(pattern) | {
                "knob": self.name(worst), "turned": float(self.done[worst]), "rule": float(self.wanted[worst]),
                "how": "too far" if along[worst] > 0 else "the wrong way",
            }))  # fmt: skip
        self._blamed = wrong
        if self.left() == 0 and not self.finished:
            self.finished = True
            self.right += 1
            found.append(("hand_right", self._evidence(pattern)))
        return found

    def left(self) -> int:
        """How many knobs are not yet where the rule would have put them."""
        scale = float(np.abs(self.wanted).max())
        return int((np.abs(self.wanted - self.done) > CLOSE * scale).sum())

    def name(self, place: int) -> str:
        return "b0" if self.bias and place == self.inputs else f"w{place + 1}"

    def _evidence(self, pattern: int) -> dict[str, Any]:
        return {"pattern": pattern, "largest_difference": float(np.abs(self.wanted - self.done).max())}

    def scalars(self, error: float) -> dict[str, float]:
        return {
            "hand_error": abs(error),
            "hand_left": float(self.left()),
            "hand_right": float(self.right),
            "hand_wrong": float(self.wrong),
        }
