"""Rule III against the chain rule and against central differences, with a check that can fail."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.moment import Array
from nnhistory.eras.madaline_1962 import rule3

from .helpers import last, moments


def case(seed: int) -> tuple[Array, Array, Array, Array]:
    """Hidden sums, output weights and biases, targets of a 6-2 net."""
    random = np.random.default_rng(seed)
    return random.normal(size=6), random.normal(size=(6, 2)), random.normal(size=2), random.choice((-1.0, 1.0), 2)


def central(s: Array, V: Array, c: Array, d: Array, eps: float) -> tuple[Array, Array]:
    low = [rule3.squared_error(s + sign * eps * np.eye(len(s)), V, c, d) for sign in (1, -1)]
    top = [rule3.squared_error(s, V, c, d, sign * eps * np.eye(len(c))) for sign in (1, -1)]
    return (low[0] - low[1]) / (2 * eps), (top[0] - top[1]) / (2 * eps)


@pytest.mark.parametrize("seed", range(10))
def test_true_slopes_are_true(seed: int) -> None:
    for true, measured in zip(rule3.true_slopes(*case(seed)), central(*case(seed), eps=1e-5), strict=True):
        np.testing.assert_allclose(true, measured, rtol=1e-6, atol=1e-8)


def test_the_check_can_fail() -> None:
    s, V, c, d = case(0)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(rule3.true_slopes(s, V, c, d)[0], central(s, V, c, d, 0.5)[0], rtol=1e-6)
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(rule3.true_slopes(s, V, c, -d)[0], central(s, V, c, d, 1e-5)[0], rtol=1e-6)


def test_tenfold_in_every_decade() -> None:
    # M05: 5-6-2 tanh net, 10 seeds; the difference falls 10x (within 10 %) per decade of ds.
    spec = {"name": "signum_teacher", "points": 32, "inputs": 5, "hidden": 3, "outputs": 2}
    for seed in range(10):
        off = []
        for ds in (0.1, 0.01, 0.001, 0.0001):
            first = next(moments(spec, seed, rule="rule_3", hidden=6, ds=ds, code="bits", init_scale=1.0))
            off.append(first.scalars["gradient_error"])
            assert 9.0 <= first.scalars["decade"] <= 11.0
        ratios = np.array(off[:-1]) / np.array(off[1:])
        assert ((ratios >= 9.0) & (ratios <= 11.0)).all(), ratios


def test_one_update_by_hand() -> None:
    # The update is mu times the measured quotient times the input, for hidden and output weights alike.
    before = after = {}
    for moment in moments("xor", rule="rule_3", hidden=3, ds=0.01, mu=0.1, steps=1):
        copy = {name: np.array(moment.array(name)) for name in moment.arrays}
        if moment.phase == "forward":
            before = copy
        if moment.phase == "update":
            after = copy
    x, d = before["input"], before["target"]
    s = before["pre/0"]
    for unit in range(3):
        nudged = s.copy()
        nudged[unit] += 0.01
        e = [
            float(((d - np.tanh(np.tanh(one) @ before["weights/1"] + before["bias/1"])) ** 2).sum())
            for one in (nudged, s)
        ]
        slope = (e[0] - e[1]) / 0.01
        moved = after["weights/0"][:, unit] - before["weights/0"][:, unit]
        np.testing.assert_allclose(moved, -0.1 * slope * x, rtol=1e-9)


def test_xor_is_learned() -> None:
    assert last("xor", 5, rule="rule_3", hidden=3, ds=0.01, mu=0.2, init_scale=1.0).scalars["train_error"] == 0.0


def test_only_a_step_down_lowers_the_error() -> None:
    # Negative control: without a step nothing changes.
    first = next(moments("xor", 5, rule="rule_3", hidden=3, init_scale=1.0)).scalars["squared_error"]
    still = last("xor", 5, rule="rule_3", hidden=3, mu=0.0, init_scale=1.0, steps=40).scalars["squared_error"]
    assert still == first
    down = last("xor", 5, rule="rule_3", hidden=3, mu=0.1, init_scale=1.0, steps=40).scalars["squared_error"]
    assert down < first
