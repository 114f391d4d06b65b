"""Exact answers: the linear programme, the widest margin, Cover's count."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from nnhistory.core.moment import Array
from nnhistory.eras.perceptron_1957.separability import cover_share, max_margin, separable

from .helpers import last, two_classes


def _with_threshold(x: Array) -> Array:
    return np.column_stack([x, np.ones(len(x))])


def test_logic_tables() -> None:
    x = _with_threshold(np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]))
    can = [bool(separable(x, np.array(signs, dtype=float))) for signs in itertools.product((-1, 1), repeat=4)]
    # All of the 16 functions of two inputs but XOR and its opposite.
    assert can.count(False) == 2
    assert not separable(x, np.array([-1.0, 1.0, 1.0, -1.0]))
    assert not separable(x, np.array([1.0, -1.0, -1.0, 1.0]))


@pytest.mark.parametrize(
    ("inputs", "points", "expected"), [(2, 4, 8), (3, 6, 32), pytest.param(3, 8, 58, marks=pytest.mark.slow)]
)
def test_number_of_separable_labellings(inputs: int, points: int, expected: int) -> None:
    # P03: every labelling of points in general position, exact test. Equality with Cover's formula.
    for seed in range(3):
        x = np.random.default_rng(seed).standard_normal((points, inputs))
        found = sum(separable(x, np.array(signs, dtype=float)) for signs in itertools.product((-1, 1), repeat=points))
        assert found == expected
    assert cover_share(points, inputs) * 2**points == expected


@pytest.mark.slow
@pytest.mark.parametrize(("inputs", "points", "expected"), [(4, 8, 128), (5, 10, 512)])
def test_number_of_separable_labellings_of_more_points(inputs: int, points: int, expected: int) -> None:
    x = np.random.default_rng(0).standard_normal((points, inputs))
    # A labelling and its opposite go together, so half of them suffice.
    found = 2 * sum(
        separable(x, np.array((1, *signs), dtype=float)) for signs in itertools.product((-1, 1), repeat=points - 1)
    )
    assert found == expected == round(cover_share(points, inputs) * 2**points)


def test_cover_by_hand() -> None:
    # C(4, 2) = 2 (binom(3,0) + binom(3,1)) = 2 (1 + 3) = 8 of 16.
    assert cover_share(4, 2) == 0.5
    # Up to N points every labelling can be made; at 2N just half.
    for inputs in (1, 3, 20):
        assert cover_share(inputs, inputs) == 1.0
        assert cover_share(2 * inputs, inputs) == 0.5
    # The record's curve at N = 20.
    curve = [cover_share(points, 20) for points in (20, 30, 36, 40, 44, 50, 60)]
    assert curve == pytest.approx([1, 0.969, 0.750, 0.5, 0.271, 0.076, 0.004], abs=6e-4)


def test_a_capped_perceptron_is_no_separability_test() -> None:
    # P03b, the negative control of the exact test: points so close to the plane that 200 presentations do not do.
    near = two_classes([[1.0, 0.0], [1.0, 0.05], [-1.0, -0.03]], [1, -1, 1])
    signs = np.array([1.0, -1.0, 1.0])
    assert separable(near.train_x, signs)
    assert last(near, bias=False, steps=200)[1]["train_error"] > 0.0
    assert last(near, bias=False, steps=100_000)[1]["train_error"] == 0.0


def test_widest_margin_by_hand() -> None:
    # OR, threshold included: w = (1, 1), b = 1 has y s = 1, 1, 1, 3 and length sqrt(3), so gamma = 1/sqrt(3).
    x = _with_threshold(np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]))
    gamma = max_margin(x, np.array([-1.0, 1.0, 1.0, 1.0]))
    assert gamma == pytest.approx(1 / math.sqrt(3))
    # Two points on a line: +3 and −1 from 0, the nearer one decides.
    assert max_margin(np.array([[3.0], [-1.0]]), np.array([1.0, -1.0])) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(12))
def test_widest_margin_against_an_independent_solver(seed: int) -> None:
    # The same least-length problem, solved in another way (SLSQP on 1/2 |v|^2 under y (v x) >= 1).
    from scipy.optimize import minimize

    rng = np.random.default_rng(seed)
    x, w = rng.standard_normal((30, 4)), rng.standard_normal(4)
    signs = np.sign(x @ w)
    z = signs[:, None] * x
    start = w / (z @ w).min()
    found = minimize(
        lambda v: 0.5 * v @ v, start, jac=lambda v: v, method="SLSQP",
        constraints={"type": "ineq", "fun": lambda v: z @ v - 1, "jac": lambda v: z}, options={"maxiter": 2000},
    )  # fmt: skip
    assert max_margin(x, signs) == pytest.approx(1 / np.linalg.norm(found.x), rel=1e-4)


@pytest.mark.parametrize("seed", range(40))
def test_margin_and_programme_agree_on_whether_there_is_a_plane(seed: int) -> None:
    # Around P = 2N either answer is likely. A margin of 0 says no, and only then.
    rng = np.random.default_rng(seed)
    x, signs = rng.standard_normal((20, 10)), rng.choice((-1.0, 1.0), 20)
    assert (max_margin(x, signs) > 0) == separable(x, signs)


def test_no_margin_where_no_plane_separates() -> None:
    x = _with_threshold(np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]))
    assert max_margin(x, np.array([-1.0, 1.0, 1.0, -1.0])) == 0.0
    # The same pattern on both sides.
    assert max_margin(np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([1.0, -1.0])) == 0.0
    assert not separable(np.array([[1.0, 2.0], [1.0, 2.0]]), np.array([1.0, -1.0]))


def test_a_pattern_of_zeros_is_on_no_side() -> None:
    assert not separable(np.array([[0.0, 0.0]]), np.array([1.0]))
    assert max_margin(np.array([[0.0, 0.0]]), np.array([1.0])) == 0.0


def test_the_era_reports_what_the_programme_finds() -> None:
    assert last("xor", steps=4, separability=True)[1]["separable"] == 0.0
    assert last("or", separability=True)[1]["separable"] == 1.0
    assert "bound" not in last("xor", steps=4, bound=True)[1]
