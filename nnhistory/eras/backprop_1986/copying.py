"""An autoencoder beside principal components: the net is to put out what was put in, by way of a narrow code.

    mean of the training pictures      the error of a net that never looks
    x' = m + V V' (x - m)              V: the first k principal components, as many as the code has units

Source: Hinton and Salakhutdinov 2006, Science 313, 504-507, who compared a deep autoencoder with principal components:
no linear code of so many numbers has a smaller squared error on the training pictures.
"""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Offer
from nnhistory.eras.backprop_1986.net import Net, Pass
from nnhistory.eras.backprop_1986.task import Task

__all__ = ["Copying", "components"]

_CODES = 300
"""Test patterns whose codes are shown."""
_ROW = 5
"""Test patterns that are shown as they come back."""


def components(x: Array, count: int) -> tuple[Array, Array]:
    """Mean (d,) and the first `count` principal components (d, count) of rows x (n, d)."""
    mean = x.mean(axis=0)
    return mean, np.linalg.svd(x - mean, full_matrices=False)[2][:count].T


class Copying:
    """What does not change while the net learns is computed once, on the test patterns: shapes (m, d)."""

    def __init__(self, task: Task, net: Net) -> None:
        self.code = net.code or 1 + int(np.argmin([W.shape[1] for W in net.W[:-1]] or [0]))
        self.width = net.W[self.code - 1].shape[1]
        mean, V = components(task.x, self.width)
        test = task.test_x
        flat = (test - mean) @ V
        again = mean + flat @ V.T
        self._fixed = {"pca_loss": _error(test, again), "mean_loss": _error(test, np.broadcast_to(mean, test.shape))}
        self._statics = {
            "data/kind": np.array(task.data.test_y[:_CODES]), "data/flat": flat[:_CODES], "data/test": test[:_ROW],
            "data/flat_again": again[:_ROW],
        }  # fmt: skip

    def statics(self) -> dict[str, Array]:
        """For the pictures: data/kind (P,) classes, data/flat (P, k) by PCA, data/test data/flat_again (5, d)."""
        return self._statics

    def measure(self, live: dict[str, Offer], tested: Pass) -> dict[str, float]:
        """Adds state/code (P, k) and state/again (5, d) of the test patterns to `live`."""
        live["state/code"], live["state/again"] = tested.act[self.code - 1][:_CODES], tested.act[-1][:_ROW]
        return self._fixed


def _error(x: Array, again: Array) -> float:
    """As eq. 3: half the squared distance, for each pattern on average."""
    return float(0.5 * ((x - again) ** 2).sum(axis=1).mean())
