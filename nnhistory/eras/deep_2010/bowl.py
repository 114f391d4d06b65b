"""The bowl of a linear unit: where its bottom is, and how fast a rule gets there by theory. NumPy, closed form.

    E(w) = 1/2 mean (w x - d)^2 = E_min + 1/2 (w - w*) R (w - w*),   R = mean x x      (x with a 1 for the bias)

Along each axis of R, with eigenvalue l, the distance follows a linear recursion; the largest root decides in the end:

    sgd        z = 1 - r l                                   best 1 - 2/(kappa + 1)
    momentum   z^2 - (1 + m - r l) z + m = 0                 best 1 - 2/(sqrt(kappa) + 1), Polyak 1964
    nesterov   z^2 - (1 + m)(1 - r l) z + m (1 - r l) = 0    1 - 1/sqrt(kappa) with r = 1/l_max, Nesterov 1983
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.deep_2010.task import Task

__all__ = ["NEAR", "RULES", "Bowl", "best", "factor"]

RULES = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
"""What a race has, in the order of its nets."""
NEAR = 1e-6
"""A rule is at the bottom when this share of its first distance is left."""


def factor(rule: str, eigenvalues: Array, rate: float, momentum: float) -> float:
    """What one step leaves of the distance in the long run; 1 or more: it stays. NaN: no such theory for the rule."""
    shares = 1.0 - rate * eigenvalues
    match rule:
        case "sgd":
            return float(np.abs(shares).max())
        case "momentum":
            middle, last = momentum + shares, np.full(len(shares), momentum)
        case "nesterov":
            middle, last = (1.0 + momentum) * shares, momentum * shares
        case _:
            return math.nan
    root = np.sqrt((middle * middle - 4.0 * last).astype(complex))
    return float(np.maximum(np.abs(middle + root), np.abs(middle - root)).max() / 2.0)


def best(rule: str, eigenvalues: Array) -> dict[str, float]:
    """The rate and momentum that theory gives for this bowl; empty for rules without such a theory.

    Sources: Polyak 1964 (sgd and momentum); for nesterov, Nesterov's constant-step scheme.
    """
    high, low = float(eigenvalues.max()), float(eigenvalues.min())
    root = math.sqrt(high / low)
    match rule:
        case "sgd":
            return {"rate": 2.0 / (high + low)}
        case "momentum":
            return {"rate": 4.0 / (math.sqrt(high) + math.sqrt(low)) ** 2, "momentum": ((root - 1) / (root + 1)) ** 2}
        case "nesterov":
            return {"rate": 1.0 / high, "momentum": (root - 1) / (root + 1)}
    return {}


class Bowl:
    """What is known of the bowl of a net without hidden layers, and of how far each of N nets is from its bottom."""

    def __init__(self, task: Task, weights: Array, biases: Array) -> None:
        """weights (N, d, k), biases (N, 1, k) : the first ones."""
        x = np.hstack([task.x, np.ones((len(task.x), 1))])
        self.R: Array = x.T @ x / len(x)
        self.bottom: Array = np.linalg.lstsq(x, task.t, rcond=None)[0]
        least = float(0.5 * ((x @ self.bottom - task.t) ** 2).sum(axis=1).mean())
        self.least = least if least > 1e-12 * float((task.t**2).mean()) else 0.0
        off = np.concatenate([weights, biases], axis=1) - self.bottom
        self.first = np.sqrt((off**2).sum(axis=(1, 2)))
        eigenvalues, axes = np.linalg.eigh(self.R)
        there = np.abs(axes.T @ off[0]).sum(axis=1) > 1e-9 * self.first[0]
        self.eigenvalues: Array = eigenvalues[there]
        """Along axes on which there is a way to go."""

    @staticmethod
    def known(config: Mapping[str, Any], depth: int) -> bool:
        """One linear layer and squared errors: only then the surface is a bowl."""
        return depth == 1 and config["output"] == "linear" and config["loss"] == "squared"

    def tuned(self, config: Mapping[str, Any]) -> dict[str, float]:
        """Rate and momentum in place of the knobs', if the run asks for the best ones."""
        return best(config["optimiser"], self.eigenvalues) if config["tuned"] else {}

    def theory(self, config: Mapping[str, Any]) -> dict[str, float]:
        """`bowl_ratio`, and how many steps the rule takes by theory, where there is one."""
        found = {"bowl_ratio": float(self.eigenvalues.max() / max(self.eigenvalues.min(), 1e-300))}
        used = {**config, **self.tuned(config)}
        share = factor(config["optimiser"], self.eigenvalues, used["rate"], used["momentum"])
        if config["batch"] == 0 and config["schedule"] == "constant" and 0.0 < share < 1.0:
            found["theory_steps"] = math.log(NEAR) / math.log(share)
        return found

    def distances(self, weights: Array, biases: Array) -> Array:
        """|w - w*| of each net, as a share of the first. (N,)"""
        off = np.concatenate([weights, biases], axis=1) - self.bottom
        shares: Array = np.sqrt((off**2).sum(axis=(1, 2))) / np.maximum(self.first, 1e-300)
        return shares

    def statics(self) -> dict[str, Array]:
        """For the picture: the curvature over the weights (d, d), and the weights at the bottom (d,)."""
        return {"data/bowl": self.R[:-1, :-1].copy(), "data/bottom": self.bottom[:-1, 0].copy()}
