"""What is noted beside the learning: averages, time constants, signal to noise, and whether it broke."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.eras.adaline_1960.ensemble import Ensemble, mode_times
from nnhistory.eras.adaline_1960.task import Task

__all__ = ["Scribe", "plane"]

LOST = 1e12
"""The run ends where the mean square error is so many times the first: the needle has left the scale for good."""
_UPDATES = 20_000


class Scribe:
    """Looks over the shoulder of one run. It changes nothing."""

    def __init__(
        self, task: Task, config: Mapping[str, Any], streams: Streams, knobs: Knobs, weights: Array, bias: Array
    ) -> None:  # fmt: skip
        self.task, self.config, self._knobs = task, config, knobs
        self._weights, self._bias = weights, bias
        self._first = task.joined(weights, bias).copy()
        self.ensemble = Ensemble(task, config["ensemble"], streams["sampling"]) if config["ensemble"] else None
        self.scalars: dict[str, float] = {}
        self.lost = False
        self._count, self._sum, self._excess = 0, np.zeros(len(task.R)), 0.0
        self._start: float | None = None
        self._told = False
        self._taken = task.d
        room = config["trace"]
        self.traces: dict[str, Array] = {}
        self._square = np.zeros((2, 2))
        if room:
            self.traces = {"state/heard": np.zeros(room), "state/output": np.zeros(room)}
            if task.truth is not None:
                self.traces["state/clean"] = np.zeros(room)
        self._step = 0

    def write(self, step: int, x: Array, d: float, e: float, mu: float) -> None:
        """After one presentation."""
        self._step = step
        if self.ensemble is not None:
            self.scalars = self.ensemble.step(mu)
        if not abs(e) < 1e6 * (1.0 + abs(d)):
            self.lost = True
        if self.config["settle"] and step > self.config["settle"]:
            w = self.task.joined(self._weights, self._bias)
            self._count += 1
            self._sum += w
            self._excess += self.task.excess(w)
        if self.traces:
            place = (step - 1) % len(self.task.d)
            clean = float(self.task.truth[place]) if self.task.truth is not None else 0.0
            for name, value in (("state/heard", d), ("state/output", e), ("state/clean", clean)):
                if name in self.traces:
                    trace = self.traces[name]
                    trace[:-1] = trace[1:]
                    trace[-1] = value

    def evaluate(self, step: int) -> dict[str, float]:
        """All that is known now."""
        task = self.task
        if self._taken is not task.d:  # other points: what was averaged belonged to the old ones
            self._taken, self._count, self._excess, self._start = task.d, 0, 0.0, None
            self._sum[:] = 0.0
            self._told = False
        w = task.joined(self._weights, self._bias)
        scalars = task.evaluate(self._weights, self._bias) | task.facts(
            self._knobs["mu"] if self.config["rule"] == "mu_lms" else None
        )
        if self._start is None:
            self._start = max(scalars["mse"], 1e-300)
        if not scalars["mse"] < LOST * self._start:
            self.lost = True
        scalars["diverged"] = float(not scalars["mse"] < 1000 * self._start)
        if step and self.config["rule"] == "steepest":
            scalars |= mode_times(task, w, self._first, step)
        if self.ensemble is not None and step:
            scalars |= self.ensemble.time_constant(self.config["mu"])
        if self._count and not scalars["diverged"] and not self.lost:
            if task.least > 0:
                scalars["misadjustment"] = self._excess / self._count / task.least
            if not task.numbers:
                scalars["average_margin"] = float((task.d * (task.seen @ (self._sum / self._count))).min())
        if len(self.traces) == 3 and step >= len(self.traces["state/heard"]):
            scalars |= self._signal_to_noise()
        return scalars

    def _signal_to_noise(self) -> dict[str, float]:
        """Clean signal over what is left of the hum, in decibels, over the newest samples kept."""
        heard, output, clean = (self.traces[f"state/{name}"] for name in ("heard", "output", "clean"))
        signal = float((clean * clean).mean())
        before = float(10 * np.log10(signal / max(1e-30, ((heard - clean) ** 2).mean())))
        after = float(10 * np.log10(signal / max(1e-30, ((output - clean) ** 2).mean())))
        return {"snr_before": before, "snr_after": after, "snr_gain": after - before}

    def finished(self, summary: Mapping[str, float]) -> bool:
        return self.lost or (self.config["stop_when_converged"] and summary.get("train_error") == 0.0)

    def events(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """`misclassifies_separable`, once: near the bottom of the bowl, a pattern is wrong, and yet a plane exists.

        Evidence: the pattern, its wanted answer and its sum, the sum at the very bottom, and the mistakes after which a
        perceptron held a plane that gets all right. Without such a plane in hand nothing is claimed.
        """
        task = self.task
        if self._told or task.numbers or self.lost:
            return ()
        w = task.joined(self._weights, self._bias)
        if task.excess(w) > 0.02 * task.power:
            return ()
        margins, best = task.d * (task.seen @ w), task.d * (task.seen @ task.wiener)
        wrong = np.flatnonzero((margins < 0) & (best < 0))
        if not len(wrong):
            return ()
        self._told = True
        found = plane(task.seen, task.d)
        if found is None:
            return ()
        place = int(wrong[margins[wrong].argmin()])
        evidence = {
            "pattern": place + 1, "wanted": float(task.d[place]), "output": float(task.seen[place] @ w),
            "wiener_output": float(task.seen[place] @ task.wiener), "perceptron_mistakes": found[1],
        }  # fmt: skip
        return (("misclassifies_separable", evidence),)


def plane(x: Array, d: Array, most: int = _UPDATES) -> tuple[Array, int] | None:
    """A plane that gets every pattern right, and the perceptron's mistakes on the way to it; None if none was found.

    A plane that is found is a proof that there is one. None proves nothing.
    """
    w, mistakes = np.zeros(x.shape[1]), 0
    while mistakes < most:
        before = mistakes
        for row, sign in zip(x, d, strict=True):
            if sign * (row @ w) <= 0:
                w += sign * row
                mistakes += 1
        if mistakes == before:
            return w, mistakes
    return None
