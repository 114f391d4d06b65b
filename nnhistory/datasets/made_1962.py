"""Data of the MADALINE experiments: what another net of step units answers, for a net to imitate."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.datasets.dataset import Dataset

__all__ = ["signum_teacher"]


def signum_teacher(points: int, inputs: int, hidden: int, outputs: int, rng: np.random.Generator) -> Dataset:
    """−1/+1 inputs by coin, answered by a random net inputs-hidden-outputs of step units.

    Classes are the numbers that the outputs write in bits, the first output the highest. Teachers whose outputs are
    nearly always the same are drawn again: every output is + for 20 to 80 % of the points.
    """
    while True:
        x = rng.choice((-1.0, 1.0), (points, inputs))
        first, second = rng.standard_normal((inputs + 1, hidden)), rng.standard_normal((hidden + 1, outputs))
        answers = _layer(_layer(x, first), second) > 0
        share = answers.mean(axis=0)
        if points < 10 or ((share >= 0.2) & (share <= 0.8)).all():
            break
    labels = (answers * (1 << np.arange(outputs)[::-1])).sum(axis=1)
    names = tuple(format(number, f"0{outputs}b").replace("0", "−").replace("1", "+") for number in range(1 << outputs))
    return Dataset("signum_teacher", x, labels, names)


def _layer(x: Array, weights: Array) -> Array:
    return np.where(x @ weights[:-1] + weights[-1] >= 0.0, 1.0, -1.0)
