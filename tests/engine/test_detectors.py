"""Detectors claim what their evidence proves, and nothing where the argument does not hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.moment import Moment
from nnhistory.engine.detectors import DETECTORS
from tests.engine.helpers import update


def found_by(name: str, moments: list[Moment]) -> list[tuple[str, dict[str, Any]]]:
    detector, state, found = DETECTORS[name], None, []
    for moment in moments:
        state, new = detector.fold(state, moment)
        found.extend(new)
    return found


LOOP = [[0.0], [1.0], [2.0], [1.0]]


def looping(rounds: int, *, period: int = 4, start: int = 0) -> list[Moment]:
    """Weights that go round with the given period after `start` steps of something else; one mistake a step."""
    moments = []
    for step in range(1, start + rounds * period + 1):
        weights = [100.0 + step] if step <= start else [float(min(step % period, period - step % period))]
        moments.append(update(step, weights, mistakes=step, position=step % period))
    return moments


def test_a_state_that_returns_is_reported_once_with_its_period() -> None:
    [(kind, evidence)] = found_by("limit_cycle", looping(10))
    assert kind == "limit_cycle"
    assert evidence["period"] == 4
    assert (evidence["first"], evidence["again"]) == (1, 5)
    assert evidence["changes"] == 4
    assert evidence["max_norm"] == 2.0


def test_equal_weights_at_another_place_in_the_order_are_no_cycle() -> None:
    # 1, 2, 1: the weights come back at once, but another pattern is next, so nothing is proved by it.
    [(_, evidence)] = found_by("limit_cycle", looping(3))
    assert evidence["period"] == 4
    assert evidence["period"] != 2


def test_no_position_no_claim() -> None:
    """With a random order the same weights prove nothing."""
    moments = [update(step, [0.0], mistakes=step) for step in range(1, 50)]
    assert found_by("limit_cycle", moments) == []


def test_standing_still_without_a_mistake_is_no_cycle() -> None:
    moments = [update(step, [1.0], mistakes=3, position=step % 4) for step in range(1, 50)]
    assert found_by("limit_cycle", moments) == []


def test_a_period_beyond_the_memory_is_still_found() -> None:
    """Past 4,096 remembered states one anchor at powers of two finds any period."""
    [(_, evidence)] = found_by("limit_cycle", looping(12, period=1000, start=5000))
    assert evidence["period"] == 1000


def test_so_it_is_where_many_weights_are_measured_now_and_then_only() -> None:
    """300 weights: beyond the memory only every eighth length is taken, but no return is missed."""
    large = [
        update(one.step, [float(one.array("weights/0")[0])] * 300, **one.scalars)
        for one in looping(12, period=1000, start=5000)
    ]
    [(_, evidence)] = found_by("limit_cycle", large)
    assert evidence["period"] == 1000
    longest = 5100.0 * np.sqrt(300)  # before the loop
    assert 0.99 * longest < evidence["max_norm"] <= longest


def test_growing_weights_are_never_a_cycle() -> None:
    moments = [update(step, [float(step)], mistakes=step, position=step % 2) for step in range(1, 9000)]
    assert found_by("limit_cycle", moments) == []


def test_minus_zero_is_zero() -> None:
    moments = [
        update(1, [0.0], mistakes=1, position=0),
        update(2, [1.0], mistakes=2, position=1),
        update(3, [-0.0], mistakes=3, position=0),
    ]
    [(_, evidence)] = found_by("limit_cycle", moments)
    assert evidence["period"] == 2


def evaluation(step: int, **scalars: float) -> Moment:
    return Moment(step, "eval", scalars)


def test_converged_carries_mistakes_and_bound() -> None:
    moments = [
        evaluation(0, train_error=0.5),
        evaluation(4, train_error=0.25, mistakes=2.0, bound=8.0),
        evaluation(8, train_error=0.0, mistakes=2.0, bound=8.0),
        evaluation(12, train_error=0.0, mistakes=2.0, bound=8.0),
    ]
    assert found_by("converged", moments) == [("converged", {"step": 8, "mistakes": 2.0, "bound": 8.0, "ratio": 0.25})]


def test_converged_is_said_again_after_it_was_lost() -> None:
    moments = [evaluation(step, train_error=error) for step, error in enumerate([0.0, 0.1, 0.0])]
    assert [evidence["step"] for _, evidence in found_by("converged", moments)] == [0, 2]


def test_one_error_left_is_not_converged() -> None:
    assert found_by("converged", [evaluation(4, train_error=1e-9)]) == []


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_non_finite_names_the_metric(value: float) -> None:
    [(kind, evidence)] = found_by("non_finite", [evaluation(1, train_loss=1.0), evaluation(2, train_loss=value)])
    assert (kind, evidence["metric"], evidence["step"]) == ("non_finite", "train_loss", 2)


def test_finite_numbers_are_left_alone() -> None:
    assert found_by("non_finite", [evaluation(1, train_loss=1e300)]) == []


def test_large_weights_are_not_hoarded() -> None:
    """A machine with many weights: few states are kept, and a loop is found all the same."""
    rng = np.random.default_rng(0)
    states = [rng.normal(size=20_000).tolist() for _ in range(100)]
    state: Any = None
    found: list[Any] = []
    for step in range(1, 1000):
        state, new = DETECTORS["limit_cycle"].fold(
            state, update(step, states[step % 100], mistakes=step, position=step % 4)
        )
        found += new
        if not found:
            assert sum(len(key[1]) for key in state.seen) < 5 * 2**20
    assert found[0][1]["period"] == 100
