"""What theory says, measured beside it: the factor of the error per layer, one-sign changes, the error of guessing.

Only where the knob `theory` asks for it: none of it was known in 1986, and the rule does not use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.meanfield import STEEPEST, theory
from nnhistory.eras.backprop_1986.net import Net, Pass, slope
from nnhistory.eras.backprop_1986.task import Task

__all__ = ["Beside", "one_sign"]


class Beside:
    """Theory of the first weights, computed once, and the same quantities of a net as it is now."""

    def __init__(self, config: Mapping[str, Any], task: Task, net: Net) -> None:
        self.fixed = {"chance_loss": chance_loss(task, net), "round_steps": float(task.sweep_steps)}
        self.fixed |= {f"one_sign_chance/{k}": 2.0 ** (1 - W.shape[0]) for k, W in enumerate(net.W)}
        widths = {W.shape[1] for W in net.W[:-1]}
        found = theory(config, widths.pop()) if len(widths) == 1 and net.depth > 2 else None
        if found is not None:
            self.fixed |= {"sqrt_chi1": found.factor, "slope_bound": found.bound, "q_star": found.q}
        self._first, self._last, self._way = _flat(net), _flat(net), 0.0

    def measure(self, net: Net, p: Pass) -> dict[str, float]:
        """From one pass forward and back."""
        found = dict(self.fixed)
        for layer in range(net.depth):
            found[f"one_sign/{layer}"] = one_sign(p.seen[layer], p.delta[layer])
            steepest = STEEPEST.get(net.function(layer))
            if steepest is not None:
                slopes = slope(net.function(layer), p.act[layer])
                found[f"slope_left/{layer}"] = float(slopes.mean()) / steepest
        top = net.depth - 2
        if top >= 1:
            low, high = (float(np.sqrt((p.delta[k] ** 2).mean())) for k in (0, top))
            if low > 0.0 and high > 0.0:
                found["backward_factor"] = (low / high) ** (1.0 / top)
            found["q"] = float((p.pre[top] ** 2).mean())
        here = _flat(net)
        self._way += float(np.linalg.norm(here - self._last))
        self._last = here
        straight = float(np.linalg.norm(here - self._first))
        if straight > 0.0:
            found["detour"] = self._way / straight
        return found


def _flat(net: Net) -> Array:
    """All weights in a row, without thresholds."""
    return np.concatenate([W.ravel() for W in net.W])


def one_sign(seen: Array, delta: Array) -> float:
    """Share of patterns for which every weight into the first unit of a layer would move the same way. D08.

    seen (B, n_in) : what the layer sees; delta (B, n_out). dE/dw_ij = delta_j seen_i, pattern by pattern.
    """
    each = seen * delta[:, :1]
    return float(((each > 0.0).all(axis=1) | (each < 0.0).all(axis=1)).mean())


def chance_loss(task: Task, net: Net) -> float:
    """The error of the best answer that does not look at the pattern: the mean of what is wanted."""
    guess = np.broadcast_to(task.t.mean(axis=0), task.t.shape)
    return float(task.error(net, guess, task.t)[0].mean())
