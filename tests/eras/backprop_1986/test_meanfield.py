"""Mean-field theory against closed forms, an independent integral, the record, and nets that were measured."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nnhistory.core.moment import Array
from nnhistory.engine.registry import resolve_config
from nnhistory.eras.backprop_1986.meanfield import STEEPEST, average, fixed_point, spread
from nnhistory.eras.backprop_1986.net import Net, backward, forward, slope

from .deep import MANIFEST, first


def test_steepest_slopes() -> None:
    # D01: sigma'(0) = 1/4, sigma'(10) = 4.54e-5, tanh'(10) = 8.24e-9.
    at = np.array([0.0, 10.0])
    sigmoid, tangent = 0.5 + 0.5 * np.tanh(0.5 * at), np.tanh(at)
    assert slope("sigmoid", sigmoid) == pytest.approx([0.25, 4.5396e-5], rel=1e-4)
    assert slope("tanh", tangent) == pytest.approx([1.0, 8.2446e-9], rel=1e-4)
    assert STEEPEST["sigmoid"] == 0.25


def test_one_unit_that_keeps_a_state() -> None:
    # D09: y = tanh(w y) has a stable state y* with |w f'| < 1, however strong the weight: .619, .166, .0054.
    for w, expected in ((1.25, 0.619), (2.0, 0.166), (4.0, 0.0054)):
        y = 1.0
        for _ in range(200):
            y = math.tanh(w * y)
        assert w * float(slope("tanh", np.array([y]))[0]) == pytest.approx(expected, abs=1e-3)


def test_quadrature_by_hand() -> None:
    # E[1] = 1, E[z^2] = 1, E[z^4] = 3, E[cos z] = e^(-1/2) for a standard normal z.
    z = np.polynomial.hermite_e.hermegauss(101)[0]
    found = [average(values) for values in (np.ones_like(z), z**2, z**4, np.cos(z))]
    assert found == pytest.approx([1.0, 1.0, 3.0, math.exp(-0.5)], abs=1e-10)


@pytest.mark.parametrize(("function", "weights", "bias"), [("sigmoid", 1 / 3, 0.0), ("tanh", 2.5, 0.05)])
def test_quadrature_against_an_independent_integral(function: str, weights: float, bias: float) -> None:
    from scipy.integrate import quad

    theory = fixed_point(function, weights, bias)

    def f(x: float) -> float:
        return math.tanh(x) if function == "tanh" else 1.0 / (1.0 + math.exp(-x))

    def normal(z: float) -> float:
        return math.exp(-z * z / 2) / math.sqrt(2 * math.pi)

    def derivative(x: float) -> float:
        return 1 - f(x) ** 2 if function == "tanh" else f(x) * (1 - f(x))

    root = math.sqrt(theory.q)
    q = weights * quad(lambda z: f(root * z) ** 2 * normal(z), -12, 12)[0] + bias
    chi = weights * quad(lambda z: derivative(root * z) ** 2 * normal(z), -12, 12)[0]
    assert q == pytest.approx(theory.q, rel=1e-8)
    assert chi == pytest.approx(theory.chi, rel=1e-8)


def test_the_record_of_sigmoids() -> None:
    # D02: .1414 for U(-1/sqrt n, 1/sqrt n), .2361 for variance 1/n, .6316 for four times Glorot's.
    factors = [fixed_point("sigmoid", variance).factor for variance in (1 / 3, 1.0, 16.0)]
    assert factors == pytest.approx([0.1414, 0.2361, 0.6316], abs=5e-5)
    # The slope is 1/4 at most: the factor can come near the bound, not beyond it.
    for variance in (1 / 3, 1.0, 16.0):
        theory = fixed_point("sigmoid", variance)
        assert theory.factor < theory.bound == 0.25 * math.sqrt(variance)


def test_the_record_of_rectified_units() -> None:
    # D02: .7071 for variance 1/n, 1 for He's 2/n, both closed forms.
    assert fixed_point("relu", 1.0).factor == pytest.approx(math.sqrt(0.5))
    assert fixed_point("relu", 2.0).factor == pytest.approx(1.0)
    assert fixed_point("relu", 1.0, 0.1).q == pytest.approx(0.1 / (1 - 0.5))


RECORD = [  # D03, s_b^2 = .05: s_w^2, q*, chi1, depth scale (none beyond criticality)
    (0.5, 0.0876, 0.432, 1.19),
    (1.0, 0.1936, 0.759, 3.63),
    (1.5, 0.4180, 0.939, 15.8),
    (2.5, 1.064, 1.134, math.nan),
    (4.0, 2.195, 1.342, math.nan),
]


@pytest.mark.parametrize(("weights", "q", "chi", "scale"), RECORD)
def test_the_record_of_tanh(weights: float, q: float, chi: float, scale: float) -> None:
    theory = fixed_point("tanh", weights, 0.05)
    assert theory.q == pytest.approx(q, rel=2e-3)
    assert theory.chi == pytest.approx(chi, abs=6e-4)
    assert theory.depth_scale == pytest.approx(scale, rel=5e-3, nan_ok=True)


def test_small_weights_leave_nothing() -> None:
    # tanh without biases below s_w^2 = 1: every signal dies out, and near 0 the slope is 1, so chi1 = s_w^2.
    theory = fixed_point("tanh", 1 / 3)
    assert theory.q == pytest.approx(0.0, abs=1e-9)
    assert theory.chi == pytest.approx(1 / 3, abs=1e-6)
    assert theory.factor == pytest.approx(theory.bound, abs=1e-6)


def test_linear_units_grow_without_end() -> None:
    assert math.isinf(fixed_point("linear", 1.5).q)
    assert fixed_point("linear", 1.5).chi == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("settings", "weights", "bias"),
    [
        ({"init": "fan_uniform", "init_scale": 1.0, "bias_init": "zero"}, 1 / 3, 0.0),
        ({"init": "fan_uniform", "init_scale": 1.0}, 1 / 3, 1 / 3 / 50),
        ({"init": "fan_normal", "init_scale": 2.0, "bias_init": "normal", "bias_scale": 0.5}, 4.0, 0.25),
        ({"init": "glorot", "init_scale": 4.0, "bias_init": "zero"}, 16.0, 0.0),
        ({"init": "uniform", "init_scale": 0.3, "bias_init": "zero"}, 50 * 0.09 / 3, 0.0),
        ({"init": "normal", "init_scale": 0.1, "bias_init": "zero"}, 0.5, 0.0),
    ],
)
def test_variances_of_the_first_weights(settings: dict[str, object], weights: float, bias: float) -> None:
    found = spread(resolve_config(MANIFEST, settings), 50, 50)
    assert found == pytest.approx((weights, bias))


def test_there_is_no_theory_of_equal_weights() -> None:
    assert spread(resolve_config(MANIFEST, {"init": "constant"}), 50, 50) is None
    assert "sqrt_chi1" not in first("xor", layers=3, units=4, init="constant", theory=True)


def random_net(unit: str, width: int, layers: int, weights: float, bias: float, seed: int) -> tuple[Net, Array]:
    """A net of equal layers with a linear output of the same width, and Gaussian inputs with the fixed point's size."""
    rng = np.random.default_rng(seed)
    q = fixed_point(unit, weights, bias).q
    W = [rng.normal(0.0, math.sqrt(weights / width), (width, width)) for _ in range(layers)]
    b = [rng.normal(0.0, math.sqrt(bias), width) for _ in range(layers)]
    x = rng.normal(0.0, math.sqrt(max(1e-12, (q - bias) / weights)), (64, width))
    return Net(W, b, unit=unit, output="linear"), x


@pytest.mark.parametrize(("weights", "q", "chi"), [(0.5, 0.0876, 0.432), (1.0, 0.1936, 0.759), (1.5, 0.4180, 0.939)])
def test_nets_of_the_ordered_phase_are_as_theory_says(weights: float, q: float, chi: float) -> None:
    # D03: q within 8 %, chi1 within 4 %, on the mean of a few nets of width 400.
    squares, factors = [], []
    for seed in range(4):
        net, x = random_net("tanh", 400, 12, weights, 0.05, seed)
        p = forward(net, x)
        backward(net, p, np.random.default_rng(seed + 100).standard_normal(p.act[-1].shape))
        squares.append(float((p.pre[9] ** 2).mean()))
        sizes = [float((delta**2).mean()) for delta in p.delta[:11]]
        factors.append((sizes[0] / sizes[10]) ** (1 / 10))
    assert np.mean(squares) == pytest.approx(q, rel=0.08)
    assert np.mean(factors) == pytest.approx(chi, rel=0.04)


def test_ten_layers_on_digits_are_as_theory_says() -> None:
    # D02: the mean over seeds within 5 % of sqrt(chi1), for three sizes of the first weights.
    for settings in (
        {"init": "fan_uniform", "init_scale": 1.0},
        {"init": "fan_normal", "init_scale": 1.0},
        {"init": "glorot", "init_scale": 4.0},
    ):
        seen = [
            first({"name": "digits8", "train": 256}, seed, layers=10,
                  units=128, output="softmax", loss="cross_entropy", reduce="mean",
                  bias_init="zero", theory=True, **settings)
            for seed in range(5)
        ]  # fmt: skip
        measured = np.mean([one["backward_factor"] for one in seen])
        assert measured == pytest.approx(seen[0]["sqrt_chi1"], rel=0.05), settings
        # Negative control: twice the factor is not what is measured.
        assert measured != pytest.approx(2 * seen[0]["sqrt_chi1"], rel=0.05)
