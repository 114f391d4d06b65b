"""The rule itself: by hand, against theory, the same rule elsewhere, and shown to fail when it is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layer, Layers
from nnhistory.core.moment import PHASES
from nnhistory.core.streams import Streams
from nnhistory.eras.adaline_1960 import model
from nnhistory.eras.perceptron_1957.model import run as perceptron
from tests.eras.perceptron_1957 import helpers as perceptron_helpers

from .helpers import config, data, detected, last, moments, seen, two_classes


def _states(spec: Any, **settings: Any) -> list[tuple[float, ...]]:
    """(w1, w2, b) after each presentation."""
    return [
        (*arrays["weights/0"][:, 0].tolist(), float(arrays["bias/0"][0]))
        for _, phase, _, arrays in seen(spec, **settings)
        if phase == "update"
    ]


def test_mu_lms_by_hand() -> None:
    # AND, inputs −1/+1, rows (−,−) (−,+) (+,−) (+,+), wanted −1 −1 −1 +1, from w = (0, 0), b = 0, mu = 1/8, 2 mu = 1/4.
    # 1. x = (−1,−1), d = −1: s = 0,                  e = −1:    w = (1/4, 1/4),     b = −1/4
    # 2. x = (−1,+1), d = −1: s = −1/4+1/4−1/4 = −1/4, e = −3/4: w = (7/16, 1/16),   b = −7/16
    # 3. x = (+1,−1), d = −1: s = 7/16−1/16−7/16 = −1/16, e = −15/16:
    #                                          w = (7/16 − 15/64, 1/16 + 15/64) = (13/64, 19/64), b = −43/64
    # 4. x = (+1,+1), d = +1: s = (13 + 19 − 43)/64 = −11/64, e = 75/64:
    #                                          w = (13/64 + 75/256, 19/64 + 75/256) = (127/256, 151/256), b = −97/256
    expected = [
        (1 / 4, 1 / 4, -1 / 4),
        (7 / 16, 1 / 16, -7 / 16),
        (13 / 64, 19 / 64, -43 / 64),
        (127 / 256, 151 / 256, -97 / 256),
    ]
    assert _states("and", mu=0.125, steps=4) == expected  # all of them exact in binary


def test_alpha_lms_by_hand() -> None:
    # The same with alpha = 3/4: |x|^2 = 3 with the bias's +1, so each weight moves by e x / 4.
    # It is the walk above: 2 mu = 1/4 = alpha/|x|^2.
    assert _states("and", rule="alpha_lms", alpha=0.75, steps=4) == _states("and", mu=0.125, steps=4)


def test_alpha_lms_takes_a_share_of_the_error_whatever_the_pattern() -> None:
    # A06: the error on the pattern shrinks by 1 − alpha, for inputs of any length.
    for alpha in (0.3, 1.0, 1.9):
        frames = [f for f in seen("gaussian_margin", rule="alpha_lms", alpha=alpha, steps=40) if f[1] == "update"]
        for _, _, scalars, arrays in frames:
            s = arrays["input"] @ arrays["weights/0"][:, 0] + arrays["bias/0"][0]
            assert arrays["target"][0] - s == pytest.approx((1 - alpha) * scalars["error"], abs=1e-12)


@pytest.mark.parametrize(("alpha", "holds"), [(1.9, True), (2.1, False)])
def test_alpha_lms_is_stable_below_two(alpha: float, holds: bool) -> None:
    # A06. Noise-free targets, so that the error can vanish.
    bowl = {"name": "gaussian_bowl", "inputs": 5, "spread": 1.0, "power": 5.0, "noise": 0.0}
    _, scalars = last(bowl, rule="alpha_lms", alpha=alpha, bias=False, steps=1000)
    assert (scalars["mse"] < 1e-6) == holds
    assert bool(scalars["diverged"]) != holds


def test_the_error_is_taken_before_the_quantiser() -> None:
    # A right answer is corrected as well, as long as the sum is not what is wanted.
    corrected_though_right = 0
    before = np.zeros(3)
    for _, phase, _, arrays in seen("or", mu=0.05, steps=40):
        if phase == "update":
            now = np.append(arrays["weights/0"], arrays["bias/0"])
            right = arrays["target"][0] * arrays["pre/0"][0] > 0
            corrected_though_right += right and bool((now != before).any())
            assert arrays["delta/0"][0] == arrays["target"][0] - arrays["pre/0"][0]
            before = now
    assert corrected_though_right > 20


def test_the_wrong_sign_climbs_out_of_the_bowl(monkeypatch: pytest.MonkeyPatch) -> None:
    # Negative control: uphill instead of down, and neither error nor event is what it was.
    assert last("and", mu=0.05, steps=200)[1]["mse"] < 0.5
    right = model.change
    monkeypatch.setattr(model, "change", lambda *arguments: -right(*arguments))
    assert last("and", mu=0.05, steps=200)[1]["diverged"] == 1.0
    assert len(detected("mse_divergence", moments("and", mu=0.05, steps=200))) == 1


def test_an_error_after_the_quantiser_is_the_perceptron_rule() -> None:
    # The rule for comparison gives the weights of the perceptron's own era, pattern for pattern, on XOR's loop, too.
    for spec in ("or", "xor", {"name": "and", "inputs": 4}):
        settings = perceptron_helpers.config(steps=32, stop_when_converged=False)
        theirs = [
            np.append(moment.array("weights/0"), moment.array("bias/0"))
            for moment in perceptron(settings, data(spec), Streams(0), Knobs(settings), None, "cpu")
            if moment.phase == "update"
        ]
        ours = [
            np.append(arrays["weights/0"], arrays["bias/0"])
            for _, phase, _, arrays in seen(spec, rule="perceptron", alpha=1.0, steps=32)
            if phase == "update"
        ]
        np.testing.assert_array_equal(ours, theirs)


def test_steepest_by_hand() -> None:
    # AND of two: R = I (with the bias), P = E d x = (1/2, 1/2, −1/2). From 0 with mu = 1/4: w <- w + (P − w)/2.
    # Step 1: (1/4, 1/4, −1/4). Step 2: (3/8, 3/8, −3/8).
    assert _states("and", rule="steepest", mu=0.25, steps=2) == [(0.25, 0.25, -0.25), (0.375, 0.375, -0.375)]


def test_phases_come_in_order_and_show_only_what_has_happened() -> None:
    frames = seen("and", mu=0.125, steps=3, eval_every=4)
    assert [phase for _, phase, _, _ in frames[1:5]] == ["present", "forward", "backward", "update"]
    assert all(phase in PHASES for _, phase, _, _ in frames)
    second = {phase: arrays for step, phase, _, arrays in frames if step == 2}
    assert second["present"]["input"].tolist() == [-1.0, 1.0]
    assert second["present"]["pre/0"].tolist() == [0.0]  # the sum before is still on the meter
    assert second["forward"]["pre/0"].tolist() == [-0.25]
    assert second["backward"]["delta/0"].tolist() == [-0.75]
    assert second["backward"]["weights/0"][:, 0].tolist() == [0.25, 0.25]
    assert second["backward"]["state/wanted"].tolist() == [3 / 16, -3 / 16, -3 / 16]
    assert second["update"]["weights/0"][:, 0].tolist() == [7 / 16, 1 / 16]


def test_the_slope_that_is_shown_is_the_slope() -> None:
    # Central differences of e^2 as a function of each weight.
    for _, phase, _, arrays in seen({"name": "gaussian_bowl", "inputs": 3}, bias=False, steps=5):
        if phase == "backward":
            w, x, d = arrays["weights/0"][:, 0], arrays["input"], arrays["target"][0]
            for k in range(3):
                step = 1e-5 * np.eye(3)[k]
                slope = ((d - (w + step) @ x) ** 2 - (d - (w - step) @ x) ** 2) / 2e-5
                assert arrays["grad/0"][k, 0] == pytest.approx(slope, rel=1e-6, abs=1e-9)


def test_two_runs_are_equal_and_another_seed_is_not() -> None:
    def trace(seed: int) -> list[bytes]:
        return [a["weights/0"].tobytes() for _, _, _, a in seen("gaussian_bowl", seed, steps=50, order="random")]

    assert trace(3) == trace(3)
    assert trace(3) != trace(4)


def test_the_budget_of_steps_is_kept_and_a_converged_run_stops_if_asked() -> None:
    assert last("xor", steps=7)[0] == 7
    assert last("or", steps=500)[0] == 500
    step, scalars = last("or", steps=500, stop_when_converged=True)
    assert step < 100
    assert scalars["train_error"] == 0.0


def test_a_start_is_copied_and_another_shape_refused() -> None:
    W = np.zeros((2, 1))
    last("or", start=Layers((Layer(W, np.zeros(1)),)), steps=10)
    assert not W.any()
    with pytest.raises(BadInput, match=r"^this ADALINE has weights \(2, 1\), the run it starts from \(3, 1\)"):
        last("or", start=Layers((Layer(np.zeros((3, 1)), np.zeros(1)),)))


def test_ten_classes_are_refused() -> None:
    with pytest.raises(BadInput, match="an ADALINE has one output and tells two classes apart, digits8 has 10"):
        last("digits8")


def test_no_bias_stays_at_zero() -> None:
    assert all(arrays["bias/0"][0] == 0.0 for _, _, _, arrays in seen("or", bias=False, steps=20))


def test_a_live_mu_takes_effect_at_the_next_correction() -> None:
    knobs = Knobs(config(mu=0.125, steps=8))
    ratios = []
    for moment in moments("xor", knobs=knobs, steps=8):
        if moment.phase == "backward":
            e, x = moment.array("delta/0")[0], moment.array("input")[0]
            ratios.append(float(moment.array("state/wanted")[0] / (2 * e * x)))
        if moment.phase == "update" and moment.step == 4:
            knobs._turn("mu", 0.5)
    assert ratios == [0.125] * 4 + [0.5] * 4


def test_points_drawn_by_hand_replace_the_data_and_the_bowl() -> None:
    knobs = Knobs(config(mu=0.05, steps=600))
    drawn = [[0.0, 3.0, -1], [0.0, 1.0, 1], [2.0, 0.0, 1]]
    news, error = [], 1.0
    for moment in moments("xor", knobs=knobs, mu=0.05, steps=600):
        if moment.step and "data/x" in moment.arrays:
            news.append(np.array(moment.array("data/y")).tolist())
        if moment.phase == "update" and moment.step == 6:
            knobs._turn("points", drawn)
        error = moment.scalars.get("train_error", error)
    assert news == [[0, 1, 1]]
    assert error == 0.0


def test_a_run_that_has_left_the_scale_ends_with_finite_numbers() -> None:
    step, scalars = last("and", mu=5.0, steps=10_000)
    assert step < 200
    assert all(np.isfinite(value) for value in scalars.values())


def test_a_lone_pattern_is_learned_exactly() -> None:
    lone = two_classes([[3.0, -4.0]], [1])
    _, scalars = last(lone, rule="alpha_lms", alpha=1.0, steps=2)
    assert scalars["mse"] == pytest.approx(0.0, abs=1e-20)
