"""Many ADALINEs beside each other, each with its own patterns: their mean is the learning curve of the theory."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.adaline_1960.task import Task

__all__ = ["Ensemble"]


class Ensemble:
    """`members` ADALINEs under mu-LMS from weights 0, and what the second moments say about their mean.

    With c_i = E (v_i)^2 along the bowl's axes, Gaussian inputs and least error xi (Feuer and Weinstein 1985):
    c <- (1 − 4 mu l + 8 mu^2 l^2) c + 4 mu^2 l (sum l c) + 4 mu^2 l xi, and the excess error is sum l c.
    """

    def __init__(self, task: Task, members: int, rng: np.random.Generator) -> None:
        self.task, self.members, self.rng = task, members, rng
        self.W = np.zeros((members, len(task.R)))
        self.c = (task.modes.T @ task.wiener) ** 2
        self.curve, self.theory = [task.excess(self.W[0])], [float(task.eigenvalues @ self.c)]

    def step(self, mu: float) -> dict[str, float]:
        """Everybody takes one pattern and corrects itself."""
        task, lam = self.task, self.task.eigenvalues
        picked = self.rng.integers(0, len(task.d), self.members)
        x = task.seen[picked]
        e = task.d[picked] - (x * self.W).sum(axis=1)
        self.W += 2 * mu * e[:, None] * x
        off = self.W - task.wiener
        self.curve.append(float(((off @ task.R) * off).sum() / self.members))
        total = float(lam @ self.c)
        self.c = (1 - 4 * mu * lam + 8 * (mu * lam) ** 2) * self.c + 4 * mu**2 * lam * (total + task.least)
        self.theory.append(float(lam @ self.c))
        return {"ensemble_excess": self.curve[-1], "ensemble_theory": self.theory[-1]}

    def time_constant(self, mu: float) -> dict[str, float]:
        """Steps in which the ensemble's excess falls to 1/e: a line through its logarithm, down to a tenth."""
        high = np.array(self.curve)
        low = np.flatnonzero(high < 0.1 * high[0])
        end = int(low[0]) if len(low) else len(high)
        if end < 10:
            return {}
        slope = np.polyfit(np.arange(end), np.log(high[:end]), 1)[0]
        exact = np.log(self.theory[: end + 1])
        shrinks = float(exact[-1] - exact[0]) / (len(exact) - 1)
        found = {"tau_mse_rule": 1.0 / (4 * mu * float(self.task.eigenvalues.mean()))}
        if slope < 0 and shrinks < 0:
            found |= {"tau_mse": -1.0 / float(slope), "tau_mse_exact": -1.0 / shrinks}
        return found


def mode_times(task: Task, w: Array, first: Array, steps: int) -> dict[str, float]:
    """Steps in which the distance along the steepest and the flattest axis falls to 1/e, measured so far."""
    found: dict[str, float] = {}
    for name, place in (("tau_fast", -1), ("tau_slow", 0)):
        axis = task.modes[:, place]
        start, now = abs(float(axis @ (first - task.wiener))), abs(float(axis @ (w - task.wiener)))
        if start > 0 and 1e-9 * start < now < start:
            found[name] = steps / float(np.log(start / now))
    return found
