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
from nnhistory.eras.backprop_1986.numbers import Number, if_so, mean, rms
from nnhistory.eras.backprop_1986.task import Task

__all__ = ["Beside", "known_before", "one_sign"]


def known_before(config: Mapping[str, Any], task: Task, net: Net) -> dict[str, float]:
    """What is known before the first step, and does not change."""
    fixed = {"chance_loss": chance_loss(task, net), "round_steps": float(task.sweep_steps)}
    fixed |= {f"one_sign_chance/{k}": 2.0 ** (1 - W.shape[0]) for k, W in enumerate(net.W)}
    widths = {W.shape[1] for W in net.W[:-1]}
    found = theory(config, widths.pop()) if len(widths) == 1 and net.depth > 2 else None
    if found is not None:
        fixed |= {"sqrt_chi1": found.factor, "slope_bound": found.bound, "q_star": found.q}
    return fixed


class Beside:
    """Theory of the first weights, computed once, and the same quantities of a net, or of several, as they are now."""

    def __init__(self, fixed: Mapping[str, Number], net: Net) -> None:
        """fixed : of `known_before`."""
        self.fixed = fixed
        self._first = self._last = _flat(net)
        self._way = np.zeros(self._first.shape[:-1])

    def keep(self, fixed: Mapping[str, Number], which: Array) -> None:
        """Only these of several nets, from here on."""
        self.fixed = fixed
        self._first, self._last, self._way = self._first[which], self._last[which], self._way[which]

    def measure(self, net: Net, p: Pass) -> dict[str, Number]:
        """From one pass forward and back."""
        found: dict[str, Number] = dict(self.fixed)
        for layer in range(net.depth):
            found[f"one_sign/{layer}"] = one_sign(p.seen[layer], p.delta[layer])
            steepest = STEEPEST.get(net.function(layer))
            if steepest is not None:
                slopes = slope(net.function(layer), p.act[layer])
                found[f"slope_left/{layer}"] = mean(slopes, (-2, -1)) / steepest
        top = net.depth - 2
        if top >= 1:
            low, high = rms(p.delta[0]), rms(p.delta[top])
            both = (low > 0.0) & (high > 0.0)
            found["backward_factor"] = if_so(both, (low / (high + ~both)) ** (1.0 / top))
            found["q"] = mean(p.pre[top] ** 2, (-2, -1))
        here = _flat(net)
        self._way = self._way + _length(here - self._last)
        self._last = here
        straight = _length(here - self._first)
        moved = straight > 0.0
        found["detour"] = if_so(moved, self._way / (straight + ~moved))
        return found


def _flat(net: Net) -> Array:
    """All weights in a row, without thresholds."""
    return np.concatenate([W.reshape(*W.shape[:-2], -1) for W in net.W], axis=-1)


def _length(way: Array) -> Array:
    found: Array = np.sqrt(np.vecdot(way, way))
    return found


def one_sign(seen: Array, delta: Array) -> Array:
    """Share of patterns for which every weight into the first unit of a layer would move the same way. D08.

    seen (B, n_in) : what the layer sees; delta (B, n_out). dE/dw_ij = delta_j seen_i, pattern by pattern.
    """
    each = seen * delta[..., :1]
    return mean(np.asarray((each > 0.0).all(axis=-1) | (each < 0.0).all(axis=-1)))


def chance_loss(task: Task, net: Net) -> float:
    """The error of the best answer that does not look at the pattern: the mean of what is wanted."""
    guess = np.broadcast_to(task.t.mean(axis=0), task.t.shape)
    return float(task.error(net, guess, task.t)[0].mean())
