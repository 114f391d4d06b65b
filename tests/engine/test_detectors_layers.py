"""Detectors for nets with layers, on numbers made by hand. Three of them are cases in which others judge wrongly."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnhistory.core.moment import Moment
from nnhistory.engine.detectors import DETECTORS


def told(name: str, moments: list[Moment]) -> list[dict[str, Any]]:
    """The evidence of every report."""
    state: Any = None
    found = []
    for moment in moments:
        state, some = DETECTORS[name].fold(state, moment)
        found += [evidence for _, evidence in some]
    return found


def count(step: int, loss: float, wrong: float = 0.5, **layers: list[float]) -> Moment:
    scalars = {"train_loss": loss, "train_error": wrong}
    for kind, values in layers.items():
        scalars |= {f"{kind}/{layer}": value for layer, value in enumerate(values)}
    return Moment(step, "eval", scalars)


def test_a_large_spread_of_gradients_is_vanishing_and_not_exploding() -> None:
    # 5 x 32 sigmoid: first and last layer 1.2e-5 and 9e-2. A test of largest over smallest alone says exploding.
    slopes = [1.2e-5, 1e-4, 7e-4, 5e-3, 2e-2, 9e-2]
    start = count(0, 2.3, 0.9, grad_rms=slopes, delta_rms=slopes)
    assert [one["when"] for one in told("vanishing", [start])] == ["start"]
    assert told("exploding", [start]) == []


def test_a_signal_that_grows_on_its_way_back_is_exploding_and_not_vanishing() -> None:
    slopes = [90.0, 5.0, 0.3, 0.02]
    start = count(0, 2.3, 0.9, grad_rms=slopes, delta_rms=slopes)
    assert told("vanishing", [start]) == []
    assert len(told("exploding", [start])) == 1


def test_a_stall_in_which_all_layers_shrank_together_is_still_vanishing() -> None:
    # 4 x 8 sigmoid at loss .693: first over last is no longer tiny, but each layer still passes on a fraction.
    grads, deltas = [3e-6, 8e-6, 2e-5, 5e-5, 1e-4], [2e-7, 2e-6, 2e-5, 2e-4, 2e-3]
    run = [count(step, 0.693, 0.5, grad_rms=grads, delta_rms=deltas) for step in range(100, 20_000, 100)]
    assert [one["when"] for one in told("vanishing", run)] == ["stalled"]


def test_healthy_layers_are_left_alone() -> None:
    slopes = [0.1, 0.09, 0.11, 0.1]
    run = [count(step, 0.7, 0.5, grad_rms=slopes, delta_rms=slopes) for step in range(0, 20_000, 100)]
    assert told("vanishing", run) == []
    assert told("exploding", run) == []


def test_a_plateau_is_flat_and_wrong() -> None:
    flat = [count(step, 0.125) for step in range(0, 400, 4)]
    assert len(told("plateau", flat)) == 1
    assert told("plateau", [count(step, 0.125, wrong=0.0) for step in range(0, 400, 4)]) == []
    assert told("plateau", [count(step, 0.125 * 0.999**step) for step in range(0, 400, 4)]) == []
    swinging = [count(step, 0.125 * (1.2 if step % 8 else 1.0)) for step in range(0, 400, 4)]
    assert told("plateau", swinging) == []


def xor(step: int, loss: float, outputs: list[float], wrong: float) -> Moment:
    scalars = {"train_loss": loss, "train_error": wrong, "grad_rms/0": 1e-5}
    wanted = np.array([[0.0], [1.0], [1.0], [0.0]])
    arrays = {"answer": np.array(outputs)[:, None], "target": wanted} | ({"data/t": wanted} if step == 0 else {})
    return Moment(step, "eval", scalars, arrays)


def test_xor_at_one_half_is_stuck_and_says_so() -> None:
    run = [xor(step, 0.0625, [0.01, 0.5, 0.99, 0.5], 0.5) for step in range(0, 4000, 10)]
    (evidence,) = told("local_minimum", run)
    assert evidence["outputs"] == "0.010 0.500 0.990 0.500"
    assert evidence["wanted"] == "0 1 1 0"
    assert evidence["near_half"] == 2
    assert evidence["wrong"] == 2


def test_guessing_is_no_local_minimum() -> None:
    run = [xor(step, 0.125, [0.49, 0.5, 0.5, 0.51], 0.5) for step in range(0, 4000, 10)]
    assert told("local_minimum", run) == []


def test_a_solved_net_is_not_stuck() -> None:
    run = [xor(step, 0.0001, [0.01, 0.99, 0.99, 0.01], 0.0) for step in range(0, 4000, 10)]
    assert told("local_minimum", run) == []


def test_a_saturated_layer_is_told_once_for_each_layer() -> None:
    run = [count(step, 2.0, 0.9, saturated=[0.2, 0.95, 1.0], act_mean=[0.5, 0.004, 0.1]) for step in range(5)]
    assert [(one["layer"], one["mean"]) for one in told("saturated", run)] == [(2, 0.004)]


def twins(step: int, W: np.ndarray, phase: str = "eval") -> Moment:
    units = W.shape[1]
    arrays = {"weights/0": W, "bias/0": np.zeros(units), "weights/1": np.ones((units, 1)), "bias/1": np.zeros(1)}
    return Moment(step, phase, {"train_loss": 1.0}, arrays)


def test_units_with_the_same_weights_are_twins() -> None:
    alike = np.array([[0.1, 0.1, 0.7], [0.2, 0.2, -0.3]])
    (evidence,) = told("symmetric_units", [twins(0, alike), twins(1, alike, "done")])
    assert (evidence["units"], evidence["of"], evidence["layer"]) == (2, 3, 1)
    different = np.array([[0.1, 0.11, 0.7], [0.2, 0.2, -0.3]])
    assert told("symmetric_units", [twins(0, different), twins(1, different, "done")]) == []
