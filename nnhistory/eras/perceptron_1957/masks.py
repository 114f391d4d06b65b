"""Masks in the sense of Minsky and Papert: products of inputs, of a limited degree."""

from __future__ import annotations

import itertools
import math

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["count", "monomials"]


def monomials(x: Array, degree: int) -> Array:
    """All products of at most `degree` different inputs, the empty one (1) first.

    Shapes: x (n, d) -> (n, count(d, degree)). With −1/+1 inputs a product is the parity of its inputs.
    """
    columns = [np.ones(len(x))]
    for size in range(1, degree + 1):
        for chosen in itertools.combinations(range(x.shape[1]), size):
            columns.append(np.prod(x[:, chosen], axis=1))
    return np.column_stack(columns)


def count(inputs: int, degree: int) -> int:
    """How many monomials there are."""
    return sum(math.comb(inputs, size) for size in range(degree + 1))
