"""Batch normalisation: each unit's sums are centred and scaled over the batch, then stretched and moved as learned.

    m = mean over the batch    v = mean of (z - m)^2    z^ = (z - m) / sqrt(v + eps)    out = gamma z^ + beta

While it learns, m and v are those of the batch at hand (train mode). To answer one pattern they must be fixed numbers:
running averages, m_run <- (1 - r) m_run + r m, likewise for v, with v as of n - 1 (test mode).

Source: Ioffe and Szegedy 2015 (ICML), algorithms 1 and 2. They average over many batches after training; a running
average, as all libraries keep it, is *modern*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

__all__ = ["EPS", "Norm", "normalise"]

EPS = 1e-5
SHARE = 0.1
"""r: how much of the newest batch goes into the running averages."""


@dataclass
class Norm:
    """One layer's numbers. Shapes: all (N, 1, n), n units."""

    gamma: Tensor
    beta: Tensor
    mean: Tensor
    var: Tensor


def normalise(norm: Norm, z: Tensor, *, of_batch: bool, remember: bool) -> Tensor:
    """z (N, B, n) normalised. of_batch : by this batch (train mode), else by the running averages (test mode)."""
    if of_batch:
        count = z.shape[-2]
        var, mean = z.var(dim=-2, keepdim=True, correction=0), z.mean(dim=-2, keepdim=True)
        if remember:
            unbiased = var.detach() * (count / (count - 1)) if count > 1 else var.detach()
            norm.mean.mul_(1.0 - SHARE).add_(mean.detach(), alpha=SHARE)
            norm.var.mul_(1.0 - SHARE).add_(unbiased, alpha=SHARE)
    else:
        mean, var = norm.mean, norm.var
    stretch = norm.gamma * (var + EPS).rsqrt()  # gamma z^ + beta as one product and one sum over the batch
    return (norm.beta - mean * stretch).addcmul(z, stretch)
