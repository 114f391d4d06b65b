"""The net: forward and backward beside each other, on a batch of patterns at once.

    forward                                          backward
    x_j = sum_i y_i w_ij + b_j            (eq. 1)    dE/dx_j  = dE/dy_j  f'(x_j)              (eq. 5)
    y_j = f(x_j), f(x) = 1 / (1 + e^-x)   (eq. 2)    dE/dw_ij = sum over patterns dE/dx_j y_i (eq. 6)
    E   = 1/2 sum (y_j - d_j)^2           (eq. 3)    dE/dy_i  = sum_j dE/dx_j w_ij            (eq. 7)
                                                     dE/dy_j  = y_j - d_j at the output       (eq. 4)

Source: Rumelhart, Hinton and Williams 1986, Nature 323, 533-536. There w_ji is the weight from i to j; here W has a
row for each sender and a column for each receiver. Modern here: a batch of patterns as one matrix product; tanh
units; cross-entropy, whose slope at a sigmoid or softmax output is y - d without f' (1988 to 1990).

Nets of one shape beside each other are written the same way, with an axis of nets before all others: see stacked.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from math import prod

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["Net", "Pass", "activate", "answers", "backward", "error_of", "forward", "in_one_row", "parts", "slope"]


_BLOCK = 256
"""Patterns that go forward at once where only the answers are wanted: what lies between them stays near at hand."""
_LEAST = 32
"""The same of each of many nets."""
_LARGEST = 709.0
"""e to the power of more than this overflows. The sigmoid of less than its negative is 0 to 308 places."""
_TINY = np.finfo(np.float64).tiny


@dataclass
class Net:
    """Weights and what is fixed about a net of L layers of weights.

    Shapes: W[l] (n_in, n_out), b[l] (n_out,), counted from the input side. With `direct` the last layer sees the
    layer below and, in further rows, the inputs. mask[l] (n_in, n_out) of 0 and 1, or None: which links exist.
    """

    W: list[Array]
    b: list[Array]
    unit: str = "sigmoid"
    output: str = "sigmoid"
    loss: str = "squared"
    direct: bool = False
    mask: list[Array | None] = field(default_factory=list)
    code: int = 0
    """Which hidden layer, from 1, has linear units: the code of an autoencoder. 0: none."""
    times: Callable[..., Array] = np.dot
    """The matrix product, of matrices and of where it is put."""

    @property
    def depth(self) -> int:
        return len(self.W)

    def function(self, layer: int) -> str:
        """Which f the units of this layer have."""
        if layer == self.code - 1:
            return "linear"
        return self.output if layer == self.depth - 1 else self.unit


@dataclass
class Pass:
    """One batch on its way through the net and back. Shapes: seen[l] (B, n_in), pre[l] act[l] delta[l] (B, n_out),
    grad[l] as W[l], grad_b[l] as b[l]."""

    seen: list[Array]
    pre: list[Array]
    act: list[Array]
    delta: list[Array] = field(default_factory=list)
    grad: list[Array] = field(default_factory=list)
    grad_b: list[Array] = field(default_factory=list)

    def of(self, which: Array) -> Pass:
        """That of these, of several nets."""
        kinds = (self.seen, self.pre, self.act, self.delta, self.grad, self.grad_b)
        return Pass(*([array[which] for array in kind] for kind in kinds))


def activate(function: str, x: Array) -> Array:
    """y = f(x)."""
    match function:
        case "sigmoid":
            y: Array = np.negative(x)
            np.minimum(y, _LARGEST, out=y)
            np.exp(y, out=y)
            y += 1.0
            np.reciprocal(y, out=y)
        case "tanh":
            y = np.tanh(x)
        case "softmax":
            y = np.exp(x - np.maximum.reduce(x, axis=-1, keepdims=True))
            y /= np.add.reduce(y, axis=-1, keepdims=True)
        case _:
            y = x
    return y


def slope(function: str, y: Array) -> Array:
    """f'(x), written with y = f(x) as in the paper: y (1 - y) for the sigmoid."""
    match function:
        case "sigmoid":
            d: Array = 1.0 - y
            d *= y
        case "tanh":
            d = 1.0 - y * y
        case _:
            d = np.ones_like(y)
    return d


def forward(net: Net, x: Array) -> Pass:
    """Eq. 1 and 2, layer by layer. x (B, d)."""
    p = Pass([], [], [])
    y = x
    for layer, (W, b) in enumerate(zip(net.W, net.b, strict=True)):
        if net.direct and layer == net.depth - 1 and layer > 0:
            y = np.concatenate([y, x], axis=-1)
        p.seen.append(y)
        x_j = net.times(y, W)
        x_j += b
        y = activate(net.function(layer), x_j)
        p.pre.append(x_j)
        p.act.append(y)
    return p


def answers(net: Net, x: Array) -> Array:
    """What `forward` puts out at the end, for many patterns. x (n, d), found (n, k)."""
    size = max(_LEAST, _BLOCK // prod(x.shape[:-2]))
    blocks = (x[..., at : at + size, :] for at in range(0, x.shape[-2], size))
    return np.concatenate([forward(net, block).act[-1] for block in blocks], axis=-2)


def in_one_row(arrays: Sequence[Array]) -> tuple[Array, list[Array]]:
    """The same numbers one behind another, and each array as a part of that row: one change then changes them all."""
    row = np.concatenate([array.ravel() for array in arrays])
    return row, parts(row, [array.shape for array in arrays])


def parts(row: Array, shapes: Sequence[tuple[int, ...]]) -> list[Array]:
    """Arrays of these shapes as parts of a row that they follow each other in."""
    ends = accumulate((prod(shape) for shape in shapes), initial=0)
    cut = zip(pairwise(ends), shapes, strict=True)
    return [row[..., begin:end].reshape(*row.shape[:-1], *shape) for (begin, end), shape in cut]


def backward(
    net: Net, p: Pass, slope_at_output: Array, mean: bool = False, into: Sequence[Array | None] | None = None
) -> Pass:
    """Eq. 4 to 7: fills delta = dE/dx, grad = dE/dw and grad_b = dE/db of the pass, from the output layer down.

    slope_at_output (B, k) : dE/dy; with cross-entropy it is dE/dx already. mean : divide by the batch (modern),
    instead of adding up over its patterns as in 1986. into : where dE/dw of all layers, then dE/db, are put.
    """
    count = net.depth
    into = into or [None] * (2 * count)
    p.delta, p.grad, p.grad_b = [p.act[-1]] * count, [p.act[-1]] * count, [p.act[-1]] * count
    dE_dy = slope_at_output / slope_at_output.shape[-2] if mean else slope_at_output
    for layer in range(count - 1, -1, -1):
        crossed = layer == count - 1 and net.loss == "cross_entropy"
        p.delta[layer] = dE_dy if crossed else dE_dy * slope(net.function(layer), p.act[layer])
        p.grad[layer] = net.times(p.seen[layer].mT, p.delta[layer], into[layer])
        p.grad_b[layer] = np.add.reduce(p.delta[layer], axis=-2, out=into[count + layer])
        mask = net.mask[layer] if net.mask else None
        if mask is not None:
            p.grad[layer] *= mask
        if layer:
            below = p.act[layer - 1].shape[-1]
            dE_dy = net.times(p.delta[layer], net.W[layer][..., :below, :].mT)
    return p


def error_of(net: Net, y: Array, d: Array) -> tuple[Array, Array]:
    """The error of each pattern (B,), and its slope (B, k): dE/dy, with cross-entropy dE/dx.

    Squared: 1/2 sum (y - d)^2. Cross-entropy of sigmoids: -sum d ln y + (1 - d) ln(1 - y); of a softmax: -sum d ln y.
    """
    difference = y - d
    if net.loss == "squared":
        return 0.5 * np.add.reduce(difference * difference, axis=-1), difference
    each = -d * np.log(np.maximum(y, _TINY))
    if net.output == "sigmoid":
        each = each - (1.0 - d) * np.log(np.maximum(1.0 - y, _TINY))
    return np.add.reduce(each, axis=-1), difference
