"""The pocket: the best weights a perceptron has walked through."""

from __future__ import annotations

from nnhistory.core.moment import Array
from nnhistory.eras.perceptron_1957.task import Task

__all__ = ["Pocket"]


class Pocket:
    """Keep the best weights seen (Gallant 1990): those with the longest correct run, if they also make fewer errors.

    Beside it, the plain rule's time average: how good its weights are at a moment picked at random.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        self.run = self.best_run = 0
        self.best = self._now = 0.0
        self.total, self.count = 0.0, 0

    def after(self, weights: Array, bias: Array, corrected: bool) -> dict[str, float]:
        if corrected or self.count == 0:
            self._now = float((self.task.targets * (self.task.features @ weights + bias) > 0).all(axis=1).mean())
        self.run = 0 if corrected else self.run + 1
        if self.run > self.best_run and self._now > self.best:
            self.best, self.best_run = self._now, self.run
        self.total += self._now
        self.count += 1
        return self.scalars()

    def scalars(self) -> dict[str, float]:
        return {"pocket_accuracy": self.best, "mean_accuracy": self.total / max(1, self.count)}
