"""What an ADALINE is given: patterns, the numbers wanted, and the bowl that its mean square error is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset

__all__ = ["Task"]


class Task:
    """Patterns x, wanted numbers d, and xi(w) = E d^2 − 2 P'w + w'R w over all of them (Widrow and Lehr 1990).

    The bias is the weight of one more input that is always +1, so w, R and P have m = n + 1 places (n without).
    Attributes: x (N, n), d (N,), seen (N, m), R (m, m), P (m,), wiener (m,), eigenvalues (m,) ascending, modes (m, m).
    """

    def __init__(self, config: Mapping[str, Any], data: Dataset, streams: Streams) -> None:
        if data.n_classes != 2:
            raise BadInput(
                f"an ADALINE has one output and tells two classes apart, {data.name} has {data.n_classes}",
                remedy="Choose data of two classes",
            )
        self.config, self.data = config, data
        self.order = streams["order"]
        self.truth = data.truth
        self.numbers = data.targets is not None
        if data.targets is not None:
            self.take(data.train_x, data.targets)
        else:
            self.take(data.train_x, Dataset.signs(data.train_y))

    def take(self, x: Array, d: Array) -> None:
        """Learn these patterns from here on."""
        self.x, self.d = x, d
        self.labels = (d > 0).astype(np.int64)
        count, self.n_inputs = x.shape
        self.seen = np.column_stack([x, np.ones(count)]) if self.config["bias"] else x
        self.R = self.seen.T @ self.seen / count
        self.P = self.seen.T @ d / count
        self.power = float(d @ d) / count
        # lstsq and not R^-1 P: where patterns are fewer than weights there are many bottoms, and this is the nearest.
        self.wiener = np.linalg.lstsq(self.seen, d, rcond=None)[0]
        self.least = float(((d - self.seen @ self.wiener) ** 2).mean())
        if self.least < 1e-20 * self.power:
            self.least = 0.0
        self.eigenvalues, self.modes = np.linalg.eigh(self.R)
        self.eval_every = self.config["eval_every"] or count

    def replace_points(self, points: list[list[float]]) -> bool:
        """Train on points the user drew, from here on. False if they do not fit or are no news."""
        if self.n_inputs != 2 or self.numbers or not points:
            return False
        drawn = np.array(points, dtype=np.float64)
        x, d = drawn[:, :2], np.where(drawn[:, 2] > 0, 1.0, -1.0)
        if x.shape == self.x.shape and (x == self.x).all() and (d == self.d).all():
            return False
        self.take(x, d)
        return True

    def patterns(self) -> Iterator[int]:
        """Which pattern comes next, for ever: as the data stand, mixed anew in each sweep, or picked one by one."""
        while True:
            count = len(self.x)
            match self.config["order"]:
                case "cyclic":
                    yield from range(count)
                case "random":
                    yield from self.order.permutation(count).tolist()
                case _:
                    yield from self.order.integers(0, count, count).tolist()

    def joined(self, weights: Array, bias: Array) -> Array:
        """Weights and bias as one vector (m,)."""
        return np.append(weights[:, 0], bias) if self.config["bias"] else weights[:, 0]

    def excess(self, w: Array) -> float:
        """How far above the bottom of the bowl w stands: (w − w*)'R(w − w*)."""
        off = w - self.wiener
        return float(off @ self.R @ off)

    def facts(self, mu: float | None) -> dict[str, float]:
        """What is known of the bowl without learning; with mu also what LMS will make of it."""
        steepest = float(self.eigenvalues[-1])
        facts = {
            "mse_min": self.least,
            "lambda_max": steepest,
            "mu_max": 1.0 / steepest if steepest > 0 else 0.0,
            "trace": float(self.eigenvalues.sum()),
        }
        if mu is not None and self.least > 0:
            facts["rule_of_thumb"] = mu * facts["trace"]
            share = misadjustment(mu, self.eigenvalues)
            if share is not None:
                facts["misadjustment_theory"] = share
        if not self.numbers:
            facts["wiener_margin"] = float((self.d * (self.seen @ self.wiener)).min())
        return facts

    def evaluate(self, weights: Array, bias: Array) -> dict[str, float]:
        """The mean square error before the quantiser, and the errors behind it. A sum of 0 is a wrong answer."""
        w = self.joined(weights, bias)
        with np.errstate(over="ignore", invalid="ignore"):
            excess = self.excess(w)
            scalars = {"mse": self.least + excess, "excess": excess if excess > 1e-12 else 0.0}
            scalars["weight_norm"] = float(np.sqrt(w @ w))
            if not self.numbers:
                margins = self.d * (self.seen @ w)
                scalars["train_error"] = float((margins <= 0).mean())
                scalars["margin"] = float(margins.min())
                if len(self.data.test_x):
                    bias_term = w[-1] if self.config["bias"] else 0.0
                    sums = self.data.test_x @ w[: self.n_inputs] + bias_term
                    scalars["test_accuracy"] = float((Dataset.signs(self.data.test_y) * sums > 0).mean())
        return scalars

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set only a part of the points."""
        rows = max(1, min(len(self.x), 20_000 // self.n_inputs))
        statics = {"data/y": self.labels[:rows], "data/x": np.asarray(self.x[:rows]), "data/wiener": self.wiener}
        if self.numbers:
            statics["data/d"] = np.asarray(self.d[:rows])
        if len(self.R) <= 32:
            statics["data/bowl"] = self.R
        return statics


def misadjustment(mu: float, eigenvalues: Array) -> float | None:
    """Excess over least mean square error once LMS has settled: S/(1−S), S = sum mu l/(1 − 2 mu l), Gaussian inputs.

    None where it does not settle in the mean square. Source: Feuer and Weinstein 1985, in the convention of a factor
    2 mu in the rule; mu tr R (Widrow and Hoff 1960) is its first term.
    """
    if (2 * mu * eigenvalues >= 1).any():
        return None
    total = float((mu * eigenvalues / (1 - 2 * mu * eigenvalues)).sum())
    return total / (1 - total) if total < 1 else None
