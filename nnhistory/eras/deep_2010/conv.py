"""Convolutions and pooling for N nets at once: one small kernel for all places of a picture.

    z(place) = what the kernel sees there, times W, + b;   pooled: the largest of size x size places

Here a layer's weights are W (N, c k k, n) as in every other layer, and pictures lie as (N, B, rows, columns, c); torch
wants channels first, and the nets as groups of channels. Source: LeCun et al. 1989; pooling by the largest is *modern*
(Riesenhuber and Poggio 1999; Ranzato et al. 2007).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

__all__ = ["convolve", "pooled"]


def convolve(y: Tensor, W: Tensor, b: Tensor, kernel: int) -> Tensor:
    """The sums of a layer, 0 beyond the edge. y (N, B, rows, columns, c), b (N, 1, n); found (N, B places, n)."""
    N, B, rows, columns, c = y.shape
    n = W.shape[2]
    kernels = W.transpose(1, 2).reshape(N * n, c, kernel, kernel)
    z = conv2d(_channels(y), kernels, b.reshape(-1), padding=kernel // 2, groups=N)
    return z.view(B, N, n, rows, columns).permute(1, 0, 3, 4, 2).reshape(N, B * rows * columns, n)


def pooled(y: Tensor, size: int) -> Tensor:
    """The largest of each size x size places; rows and columns left over at the end are left out."""
    N, B, _, _, n = y.shape
    z = max_pool2d(_channels(y), size)
    return z.view(B, N, n, *z.shape[2:]).permute(1, 0, 3, 4, 2)


def _channels(y: Tensor) -> Tensor:
    """(N, B, rows, columns, c) as (B, N c, rows, columns)."""
    N, B, rows, columns, c = y.shape
    return y.permute(1, 0, 4, 2, 3).reshape(B, N * c, rows, columns)
