"""Annealed importance sampling: ln Z where no sum over states is possible.

From a machine without links, whose Z is known, through many temperatures beta to the machine in question; on the way
each chain adds up ln w = sum_k [ln p*_k+1(v_k) - ln p*_k(v_k)], and the mean of w estimates Z / Z_0 without bias.

    p*_beta(v) = exp((1 - beta) b0'v + beta b'v) prod_j (1 + exp(beta (c_j + v'W_j)))

Source: Neal 2001, Statistics and Computing 11; Salakhutdinov and Murray 2008, ICML.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import softplus

from nnhistory.eras.rbm_2006.machine import Machine, sample

__all__ = ["base_biases", "log_z"]


def base_biases(v: Tensor) -> Tensor:
    """Biases b0 of a machine without links that has the data's mean for each unit, smoothed. v (n, d) -> (d,)."""
    mean = (v.sum(0) + 0.5) / (len(v) + 1.0)
    return torch.log(mean) - torch.log1p(-mean)


def log_z(machine: Machine, base: Tensor, temperatures: int, chains: int, rng: torch.Generator) -> tuple[float, float]:
    """(ln Z, its standard error), estimated with so many temperatures and chains."""
    b, c, W = machine.b, machine.c, machine.W
    rows = base.expand(chains, -1)
    v = sample(torch.sigmoid(rows), rng)
    weight = torch.zeros(chains, dtype=W.dtype, device=W.device)
    betas = torch.linspace(0.0, 1.0, temperatures + 1, dtype=torch.float64).tolist()
    for before, beta in pairwise(betas):
        up = torch.addmm(c, v, W)
        weight += (beta - before) * (v @ (b - base)) + (softplus(beta * up) - softplus(before * up)).sum(1)
        h = sample(torch.sigmoid(beta * up), rng)
        v = sample(torch.sigmoid((1.0 - beta) * base + beta * torch.addmm(b, h, W.T)), rng)
    start = float(softplus(base).sum()) + machine.sizes[1] * math.log(2.0)
    mean = float(torch.logsumexp(weight, 0)) - math.log(chains)
    shares = torch.exp(weight - weight.max())
    error = float(shares.std() / shares.mean()) / math.sqrt(chains) if chains > 1 else 0.0
    return start + mean, error
