"""Exact numbers by summing over every state of one layer: possible for small machines only.

    Z = sum_v exp(-F(v)) = sum_h exp(c'h) prod_i (1 + exp(b_i + W_i h))

Summing over the smaller layer costs 2^min(d, h) rows. For 784 pixels and 500 hidden units that would be 2^500.
"""

from __future__ import annotations

import itertools
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import softplus

from nnhistory.eras.rbm_2006.machine import Machine

__all__ = ["LIMIT", "finite_differences", "gradient", "log_likelihood", "log_z", "possible", "states"]

LIMIT = 16
"""Units of the smaller layer up to which the sum is taken."""


def possible(machine: Machine) -> bool:
    return min(machine.sizes) <= LIMIT


def states(count: int, like: Tensor) -> Tensor:
    """All rows of 0 and 1 in counting order, the first unit the highest: (2^count, count). To read, not to change."""
    return _states(count, like.dtype, like.device)


@cache
def _states(count: int, kind: torch.dtype, device: torch.device) -> Tensor:
    numbers = torch.arange(2**count, device=device)
    return ((numbers[:, None] >> torch.arange(count - 1, -1, -1, device=device)) & 1).to(kind)


def log_z(machine: Machine, layer: str = "smaller") -> float:
    """ln Z, summing over `visible`, `hidden` or the smaller layer."""
    d, h = machine.sizes
    if layer == "visible" or (layer == "smaller" and d < h):
        return float(torch.logsumexp(-machine.free_energy(states(d, machine.W)), 0))
    return float(torch.logsumexp(_minus_free_energy_of_hidden(machine, states(h, machine.W)), 0))


def _minus_free_energy_of_hidden(machine: Machine, h: Tensor) -> Tensor:
    return h @ machine.c + softplus(torch.addmm(machine.b, h, machine.W.T)).sum(1)


def log_likelihood(machine: Machine, v: Tensor, z: float) -> float:
    """Mean of ln p(v) over the rows."""
    return -float(machine.free_energy(v).mean()) - z


def gradient(machine: Machine, v: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """<.>_data - <.>_model for W, b and c, with the model's side summed over every state. No sampling at all."""
    d, h = machine.sizes
    p = machine.hidden(v)
    if d < h:
        every_v = states(d, machine.W)
        share = torch.softmax(-machine.free_energy(every_v), 0)[:, None]
        every_h = machine.hidden(every_v)
    else:
        every_h = states(h, machine.W)
        sums = torch.addmm(machine.b, every_h, machine.W.T)  # of the visible units: both lines below need them
        share = torch.softmax(torch.addmv(softplus(sums).sum(1), every_h, machine.c), 0)[:, None]
        every_v = sums.sigmoid_()
    n = len(v)
    return (
        v.T @ p / n - (every_v * share).T @ every_h,
        v.mean(0) - (every_v * share).sum(0),
        p.mean(0) - (every_h * share).sum(0),
    )


def finite_differences(machine: Machine, v: Tensor, step: float = 1e-5) -> tuple[Tensor, Tensor, Tensor]:
    """The same slopes by moving each weight a little to either side and measuring the log-likelihood."""

    def value() -> float:
        return log_likelihood(machine, v, log_z(machine))

    found = []
    for weights in (machine.W, machine.b, machine.c):
        slopes = torch.zeros_like(weights)
        for place in itertools.product(*(range(size) for size in weights.shape)):
            kept = float(weights[place])
            weights[place] = kept + step
            above = value()
            weights[place] = kept - step
            slopes[place] = (above - value()) / (2 * step)
            weights[place] = kept
        found.append(slopes)
    return found[0], found[1], found[2]
