"""First weights: the moments of every formula, the draws of 1986, and the theory of signals against wide nets."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.eras.deep_2010.inits import draw, first_weights, variance
from nnhistory.eras.deep_2010.theory import mean_output, moments
from tests.eras.deep_2010.helpers import config, run

N_IN, N_OUT = 300, 200
VARIANCE = {
    "zero": 0.0, "uniform": 1 / 3, "normal": 1.0, "fan_uniform": 1 / 3 / N_IN, "xavier": 1 / N_IN,
    "glorot": 2 / (N_IN + N_OUT), "he": 2 / N_IN, "orthogonal": 1 / N_IN,
}  # fmt: skip


@pytest.mark.parametrize("init", VARIANCE)
@pytest.mark.parametrize("scale", [1.0, 0.1])
def test_moments(init: str, scale: float) -> None:
    chosen = config(init=init, init_scale=scale)
    W = draw(chosen, (N_IN, N_OUT), (N_IN, N_OUT), np.random.default_rng(1))
    wanted = VARIANCE[init] * scale**2
    assert W.mean() == pytest.approx(0.0, abs=4 * np.sqrt(wanted / W.size) + 1e-15)
    assert W.var() == pytest.approx(wanted, rel=0.03)
    assert variance(chosen, N_IN, N_OUT) == pytest.approx(wanted)


def test_a_constant_has_no_variance_and_no_theory() -> None:
    chosen = config(init="constant", init_scale=0.05)
    assert (draw(chosen, (3, 2), (3, 2), np.random.default_rng(1)) == 0.05).all()
    assert variance(chosen, 3, 2) is None


@pytest.mark.parametrize(
    ("init", "limit"), [("uniform", 1.0), ("glorot", np.sqrt(6 / 500)), ("fan_uniform", 300**-0.5)]
)
def test_even_draws_stay_within_their_limit(init: str, limit: float) -> None:
    W = draw(config(init=init), (N_IN, N_OUT), (N_IN, N_OUT), np.random.default_rng(1))
    assert 0.99 * limit < np.abs(W).max() <= limit


@pytest.mark.parametrize(("unit", "a"), [("relu", 0.0), ("leaky_relu", 0.2), ("prelu", 0.25)])
def test_he_knows_the_leak(unit: str, a: float) -> None:
    assert variance(config(init="he", unit=unit, leak=0.2), 50, 50) == pytest.approx(2 / ((1 + a * a) * 50))


@pytest.mark.parametrize("shape", [(60, 40), (40, 60), (50, 50)])
def test_orthogonal_is_an_isometry(shape: tuple[int, int]) -> None:
    W = draw(config(init="orthogonal"), shape, shape, np.random.default_rng(1))
    np.testing.assert_allclose(np.linalg.svd(W)[1], 1.0, rtol=1e-12)  # X20
    assert np.linalg.svd(draw(config(init="xavier"), shape, shape, np.random.default_rng(1)))[1].min() < 0.9


def test_a_product_of_gaussians_collapses_and_one_of_rotations_does_not() -> None:
    rng = np.random.default_rng(2)  # X20: 20 factors of width 100
    products = {init: np.eye(100) for init in ("xavier", "orthogonal")}
    for init in products:
        for _ in range(20):
            products[init] = products[init] @ draw(config(init=init), (100, 100), (100, 100), rng)
    assert np.median(np.linalg.svd(products["xavier"])[1]) < 0.01
    np.testing.assert_allclose(np.linalg.svd(products["orthogonal"])[1], 1.0, rtol=1e-10)


@pytest.mark.parametrize(
    ("kind", "scale", "sd", "mean"),
    [("zero", 0.5, 0.0, 0.0), ("constant", 0.01, 0.0, 0.01), ("normal", 0.5, 0.5, 0.0), ("as_weights", 0.5, 1.0, 0.0)],
)
def test_biases(kind: str, scale: float, sd: float, mean: float) -> None:
    chosen = config(init="normal", bias_init=kind, bias_scale=scale)
    b = first_weights(chosen, [(3, 4000), (4000, 2)], np.random.default_rng(1))[1][0]
    assert b.std() == pytest.approx(sd, rel=0.05, abs=1e-12)
    assert b.mean() == pytest.approx(mean, abs=0.06 * sd + 1e-12)


@pytest.mark.parametrize(
    ("unit", "mean"), [("relu", 0.39894), ("elu", 0.16052), ("leaky_relu", 0.39495), ("tanh", 0.0)]
)
def test_mean_output_in_closed_form(unit: str, mean: float) -> None:
    assert mean_output(unit) == pytest.approx(mean, abs=1e-5)  # X18


def test_moments_of_a_relu() -> None:
    mean, square, steep = moments("relu", 4.0)
    assert (mean, square, steep) == pytest.approx((2 * 0.3989423, 2.0, 0.5), rel=1e-3)


@pytest.mark.parametrize(("unit", "init"), [("tanh", "xavier"), ("relu", "he"), ("elu", "glorot"), ("sigmoid", "he")])
def test_theory_meets_wide_nets(unit: str, init: str) -> None:
    data = {"name": "dichotomy", "points": 300, "inputs": 400}
    scalars = run(data, layers=5, units=400, unit=unit, init=init, steps=0)[0][2]
    for layer in range(5):
        assert scalars[f"act_sd/{layer}"] == pytest.approx(scalars[f"theory_sd/{layer}"], rel=0.12), layer
    assert scalars["backward_factor"] == pytest.approx(scalars["theory_factor"], rel=0.05)
