"""The bowl: least squares as an oracle, thresholds from eigenvalues, time constants, averages, events."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.eras.adaline_1960.scribe import plane
from nnhistory.eras.adaline_1960.task import Task, misadjustment

from .helpers import config, data, detected, last, moments, two_classes

ROUND5 = {"name": "gaussian_bowl", "points": 20_000, "inputs": 5, "spread": 1.0, "power": 1.0, "noise": 1.0}


def bowl(**settings: Any) -> dict[str, Any]:
    return {"name": "gaussian_bowl", **settings}


def _task(spec: Any, **settings: Any) -> Task:
    return Task(config(**settings), data(spec), Streams(0))


@pytest.mark.parametrize("spec", ["and", "xor", "blobs", "gaussian_bowl", "letters4"])
def test_the_wiener_solution_is_that_of_least_squares(spec: str) -> None:
    task = _task(spec)
    X = np.column_stack([task.x, np.ones(len(task.x))])
    w, *_ = np.linalg.lstsq(X, task.d, rcond=None)
    np.testing.assert_allclose(task.wiener, w, atol=1e-12)
    assert task.least == pytest.approx(float(((task.d - X @ w) ** 2).mean()), abs=1e-12)
    # It is the bottom: R w* = P, and the bowl is at least as high everywhere around it.
    np.testing.assert_allclose(task.R @ w, task.P, atol=1e-12)
    for step in np.random.default_rng(0).standard_normal((20, len(w))):
        level = float(((task.d - X @ (w + step)) ** 2).mean())
        assert level == pytest.approx(task.least + task.excess(w + step), rel=1e-9)
        assert level >= task.least


def test_steepest_descent_ends_at_the_wiener_solution() -> None:
    task = _task("blobs")
    mu = 0.5 / task.eigenvalues[-1]
    for moment in moments("blobs", rule="steepest", mu=float(mu), steps=4000):
        end = np.append(moment.array("weights/0"), moment.array("bias/0"))
    np.testing.assert_allclose(end, task.wiener, atol=1e-9)


@pytest.mark.parametrize("spread", [1.0, 10.0, 300.0])
@pytest.mark.parametrize("inputs", [2, 5])
def test_the_made_bowl_has_exactly_the_eigenvalues_asked_for(spread: float, inputs: int) -> None:
    made = data(bowl(points=200, inputs=inputs, spread=spread, power=3.0, noise=0.5))
    lam = np.linalg.eigvalsh(made.train_x.T @ made.train_x / 200)
    assert lam.sum() == pytest.approx(3.0, rel=1e-12)
    assert lam[-1] / lam[0] == pytest.approx(spread, rel=1e-9)
    assert made.targets is not None
    assert made.truth is not None
    noise = made.targets - made.truth
    assert (noise * noise).mean() == pytest.approx(0.25, rel=1e-12)
    np.testing.assert_allclose(made.train_x.T @ noise, 0.0, atol=1e-10)


@pytest.mark.parametrize("lam", [(1.0, 10.0), (0.3, 0.7), (2.0, 2.0)])
def test_steepest_descent_is_stable_just_below_one_over_lambda_max(lam: tuple[float, float]) -> None:
    # A01: 0 < mu < 1/lambda_max.
    spec = bowl(spread=lam[1] / lam[0], power=sum(lam), noise=0.0)
    fate = {}
    for share in (0.99, 1.01):
        _, scalars = last(spec, rule="steepest", mu=share / lam[1], bias=False, steps=500)
        assert scalars["lambda_max"] == pytest.approx(lam[1], rel=1e-9)
        fate[share] = scalars
    assert fate[0.99]["excess"] < 1e-6
    assert fate[1.01]["excess"] > 1e6
    # .98^500 = 4.1e-5 and 1.02^500 = 2.0e4 of the distance on the steepest axis.
    assert fate[0.99]["diverged"] == 0.0
    assert fate[1.01]["diverged"] == 1.0


def test_time_constants() -> None:
    # A02: exactly −1/ln(1 − 2 mu lambda), nearly 1/(2 mu lambda).
    _, scalars = last(bowl(spread=10.0, power=1.1), rule="steepest", mu=0.01, bias=False, steps=300)
    for name, lam in (("tau_fast", 1.0), ("tau_slow", 0.1)):
        assert scalars[name] == pytest.approx(-1 / np.log(1 - 0.02 * lam), rel=1e-9)
        assert scalars[name] == pytest.approx(1 / (0.02 * lam), rel=0.02)


def test_the_ensembles_theory_is_the_second_moment() -> None:
    # A03: for n equal eigenvalues the excess shrinks by 1 − 4 mu l + 4 mu^2 l^2 (n + 2) a step: 26.38 steps to 1/e.
    spec = bowl(points=4000, inputs=5, spread=1.0, power=5.0, noise=0.0)
    _, scalars = last(spec, mu=0.01, bias=False, steps=150, ensemble=10)
    assert scalars["tau_mse_exact"] == pytest.approx(-1 / np.log(1 - 0.04 + 4e-4 * 7), rel=1e-9)
    assert scalars["tau_mse_rule"] == pytest.approx(25.0, rel=1e-12)


@pytest.mark.parametrize(("mu", "record"), [(0.02, 0.0206), (0.05, 0.0538), (0.1, 0.116), (0.2, 0.278)])
def test_the_exact_misadjustment(mu: float, record: float) -> None:
    # A04: the record's exact values for five equal eigenvalues, tr R = 1.
    assert misadjustment(mu, np.full(5, 0.2)) == pytest.approx(record, abs=5e-4)


@pytest.mark.parametrize("mu", [0.02, 0.2])
def test_the_exact_misadjustment_is_where_the_second_moments_rest(mu: float) -> None:
    # Oracle: the fixed point of c <- (1 − 4 mu l + 8 mu^2 l^2) c + 4 mu^2 l (l.c + 1), by a linear system. 40:1.
    lam = 40.0 ** (-np.arange(5) / 4)
    lam /= lam.sum()
    A = np.diag(1 - 4 * mu * lam + 8 * (mu * lam) ** 2) + 4 * mu**2 * np.outer(lam, lam)
    rest = np.linalg.solve(np.eye(5) - A, 4 * mu**2 * lam)
    assert misadjustment(mu, lam) == pytest.approx(float(lam @ rest), rel=1e-9)


def test_the_exact_misadjustment_ends_at_the_critical_mu() -> None:
    # A05: n equal eigenvalues l: 1/((n + 2) l), below 1/tr R = 1/(n l) and above 1/(3 tr R).
    lam = np.full(5, 0.2)
    assert misadjustment(0.999 / 1.4, lam) is not None
    assert misadjustment(1.001 / 1.4, lam) is None
    assert misadjustment(1 / 3, lam) is not None


def test_measured_misadjustment_of_one_run() -> None:
    _, scalars = last(ROUND5, mu=0.1, bias=False, steps=20_000, settle=2000)
    assert scalars["misadjustment"] == pytest.approx(scalars["misadjustment_theory"], rel=0.25)
    _, slow = last(ROUND5, mu=0.02, bias=False, steps=20_000, settle=2000)
    assert slow["misadjustment"] < 0.3 * scalars["misadjustment"]


@pytest.mark.parametrize(("inputs", "output"), [(2, 0.5), (3, 0.0), (4, -0.375), (5, -0.625)])
def test_the_least_mean_square_of_and(inputs: int, output: float) -> None:
    # A07: the Wiener output at the all-ones pattern is −1 + (n + 1) 2^(1 − n).
    task = _task({"name": "and", "inputs": inputs})
    assert float(task.seen[-1] @ task.wiener) == pytest.approx(output, abs=1e-12)
    assert output == -1 + (inputs + 1) * 2.0 ** (1 - inputs)


@pytest.mark.parametrize(("inputs", "separable", "wrong", "ties"), [(2, 14, 0, 0), (3, 104, 0, 64)])
def test_separable_functions_and_wiener_failures(inputs: int, separable: int, wrong: int, ties: int) -> None:
    # A08, all functions of two and of three inputs; a plane in hand is the proof that there is one.
    X = np.array([[*row, 1.0] for row in itertools.product((-1.0, 1.0), repeat=inputs)])
    counts = [0, 0, 0]
    for signs in itertools.product((-1.0, 1.0), repeat=len(X)):
        d = np.array(signs)
        # Of these, all that are separable are found within 60 sweeps (104 of them, as counted in the record).
        if plane(X, d, most=200) is None:
            continue
        margins = d * (X @ np.linalg.lstsq(X, d, rcond=None)[0])
        counts[0] += 1
        counts[1] += bool((margins < -1e-9).any())
        counts[2] += bool((np.abs(margins) <= 1e-9).any() and not (margins < -1e-9).any())
    assert counts == [separable, wrong, ties]


@pytest.mark.slow
def test_separable_functions_of_four_inputs() -> None:
    # A08, all 65,536 functions at once: the perceptron rule finds a plane for 1882 of them, and none but those.
    X = np.array([[*row, 1.0] for row in itertools.product((-1.0, 1.0), repeat=4)])
    D = np.where((np.arange(1 << 16)[:, None] >> np.arange(16)) & 1, 1.0, -1.0)
    W = np.zeros((len(D), 5))
    for _ in range(120):
        for k, x in enumerate(X):
            wrong = D[:, k] * (W @ x) <= 0
            W[wrong] += D[wrong, k][:, None] * x
    found = (D * (W @ X.T) > 0).all(axis=1)
    margins = D * (D @ np.linalg.pinv(X).T @ X.T)
    wrong = (margins < -1e-9).any(axis=1)
    ties = (np.abs(margins) <= 1e-9).any(axis=1) & ~wrong
    assert (int(found.sum()), int((wrong & found).sum()), int((ties & found).sum())) == (1882, 160, 320)


def test_the_event_comes_for_and_of_four_and_not_for_three() -> None:
    def events(inputs: int, **settings: Any) -> list[dict[str, Any]]:
        run = moments({"name": "and", "inputs": inputs}, mu=0.005, steps=1600, **settings)
        return [e for moment in run for kind, e in moment.events if kind == "misclassifies_separable"]

    (evidence,) = events(4)
    assert (evidence["pattern"], evidence["wanted"], evidence["perceptron_mistakes"]) == (16, 1.0, 3)
    assert evidence["wiener_output"] == pytest.approx(-0.375)
    assert evidence["output"] < 0
    assert events(2) == []
    assert events(3) == []
    # Points that no plane separates are wrong as well, and nothing is claimed.
    xor = [e for moment in moments("xor_clouds", mu=0.01, steps=1000) for kind, e in moment.events]
    assert xor == []


def test_a_plane_is_a_proof() -> None:
    made = data("gaussian_margin")
    found = plane(made.train_x, made.signs(made.train_y))
    assert found is not None
    assert (made.signs(made.train_y) * (made.train_x @ found[0]) > 0).all()
    assert plane(np.array([[1.0], [1.0]]), np.array([1.0, -1.0]), most=50) is None


def test_lms_settles_where_the_perceptron_rule_walks_on() -> None:
    clouds = {"name": "blobs", "points": 60, "gap": 1.0}
    assert len(detected("settled", moments(clouds, mu=0.005, steps=2000))) == 1
    moves = {}
    for rule in ("mu_lms", "perceptron"):
        ends = []
        for moment in moments(clouds, rule=rule, mu=0.005, alpha=1.0, steps=3000):
            if moment.phase == "update" and moment.step % 60 == 0 and moment.step > 1500:
                w = np.append(moment.array("weights/0"), moment.array("bias/0"))
                ends.append(w / np.sqrt(w @ w))
        moves[rule] = float(np.abs(np.diff(ends, axis=0)).max())
    assert moves["mu_lms"] < 1e-3 < 0.05 < moves["perceptron"]


def test_nothing_diverges_or_settles_without_cause() -> None:
    assert detected("mse_divergence", moments("and", mu=0.01, steps=400)) == []
    assert detected("settled", moments("and", mu=1e-5, steps=400)) == []
    (evidence,) = detected("mse_divergence", moments("and", mu=1.2, rule="steepest", steps=400))
    assert evidence["factor"] >= 1000


def test_hum_is_made_as_said() -> None:
    made = load({"name": "hum", "points": 1000, "change": False}, Streams(0))
    assert made.targets is not None
    assert made.truth is not None
    # The newest sample comes first, and each row is the one before, moved on by one.
    np.testing.assert_array_equal(made.train_x[1:, 1:], made.train_x[:-1, :-1])
    # The hum is a filtered copy of the wire: eight taps predict all of it, none of the clean signal.
    hum = made.targets - made.truth
    w = np.linalg.lstsq(made.train_x, hum, rcond=None)[0]
    assert ((hum - made.train_x @ w) ** 2).mean() < 1e-20 * (hum * hum).mean() + 1e-20
    noise = load({"name": "hum", "points": 1000, "change": False, "reference": "unrelated"}, Streams(0))
    assert noise.targets is not None
    w = np.linalg.lstsq(noise.train_x, noise.targets, rcond=None)[0]
    assert ((noise.targets - noise.train_x @ w) ** 2).mean() > 0.9 * (noise.targets**2).mean()


def test_letters_are_four_letters_in_four_places() -> None:
    made = load("letters4", Streams(0))
    assert made.train_x.shape == (16, 16)
    assert made.train_y.sum() == 4
    assert len(np.unique(made.train_x, axis=0)) == 16
    np.testing.assert_array_equal(
        made.train_x[0].reshape(4, 4),
        [[1, 1, 1, -1], [-1, 1, -1, -1], [-1, 1, -1, -1], [-1, -1, -1, -1]],
    )


def test_two_classes_with_the_same_points_have_a_bowl_with_one_bottom() -> None:
    both = two_classes([[1.0, 0.0], [1.0, 0.0]], [1, -1])
    _, scalars = last(both, mu=0.05, steps=400)
    assert scalars["mse_min"] == pytest.approx(1.0)
