"""Products of inputs: parity needs the one of all n (P08)."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nnhistory.eras.perceptron_1957.masks import count, monomials

from .helpers import data, detected, last, moments


def test_products_by_hand() -> None:
    # x = (2, 3, 5), degree 2: 1, x1, x2, x3, x1 x2, x1 x3, x2 x3
    assert monomials(np.array([[2.0, 3.0, 5.0]]), 2).tolist() == [[1, 2, 3, 5, 6, 10, 15]]


@pytest.mark.parametrize(("inputs", "degree"), [(3, 1), (3, 3), (5, 2), (6, 6)])
def test_count(inputs: int, degree: int) -> None:
    shape = monomials(np.ones((2, inputs)), degree).shape
    assert shape == (2, count(inputs, degree))
    assert count(inputs, inputs) == 2**inputs


@pytest.mark.parametrize("inputs", [3, 4, 5, 6])
def test_parity_is_learned_at_full_order(inputs: int) -> None:
    # P08: k = n. With −1/+1 inputs the 2^n products are orthogonal, so a correction of one pattern moves no other
    # pattern's sum: each of the 2^n patterns is wrong once. 8, 16, 32, 64 updates.
    _, scalars = last({"name": "parity", "inputs": inputs}, degree=inputs, bias=False)
    assert scalars["train_error"] == 0.0
    assert scalars["mistakes"] == 2**inputs
    assert scalars["label_correlation"] == 1.0


@pytest.mark.parametrize(("inputs", "degree"), [(n, k) for n in (3, 4, 5) for k in range(1, n)])
def test_parity_is_not_learned_below(inputs: int, degree: int) -> None:
    # P08: k < n. No product correlates with the labels, no plane exists, and the weights go round in a loop.
    name = {"name": "parity", "inputs": inputs}
    settings = {"degree": degree, "bias": False, "separability": True, "steps": 1000}
    (evidence,) = detected("limit_cycle", moments(name, **settings))
    assert evidence["changes"] > 0
    short = last(name, **{**settings, "steps": 2**inputs})[1]
    assert short["label_correlation"] == 0.0
    assert short["separable"] == 0.0


@pytest.mark.parametrize(("inputs", "degree"), [(3, 2), (4, 3), (5, 3)])
def test_no_correlation_is_more_than_a_bad_search(inputs: int, degree: int) -> None:
    # Why: over all patterns, a product of fewer than n inputs is +1 and −1 equally often with either label.
    parity = data({"name": "parity", "inputs": inputs})
    signs = parity.signs(parity.train_y)
    for size in range(degree + 1):
        for chosen in itertools.combinations(range(inputs), size):
            assert float(np.prod(parity.train_x[:, chosen], axis=1) @ signs) == 0.0
    assert abs(float(np.prod(parity.train_x, axis=1) @ signs)) == 2**inputs


def test_negative_control_a_function_of_lower_order_is_learned() -> None:
    # OR needs no product at all: the same machinery says so.
    scalars = last({"name": "or", "inputs": 4}, degree=1, bias=False, separability=True)[1]
    assert scalars["separable"] == 1.0
    assert scalars["label_correlation"] > 0
    assert math.isclose(scalars["train_error"], 0.0)
