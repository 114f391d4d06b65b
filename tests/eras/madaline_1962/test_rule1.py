"""Rule I: one update by hand, who gets the job, and what happens if somebody else gets it."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.streams import Streams
from nnhistory.eras.madaline_1962 import model
from nnhistory.eras.madaline_1962.task import decide

from .helpers import config, copied, last, moments, net


def present(live: dict[str, Any], x: Any, d: float, **knobs: Any) -> list[str]:
    """One presentation under Rule I; the phases it went through."""
    live["input"][:], live["target"][:] = x, d
    chosen = config(**knobs)
    count = dict.fromkeys(("mistakes", "adapted"), 0.0)
    return [m.phase for m in model._present(1, live, Knobs(chosen), chosen["logic"], count, Streams(0))]


def test_one_update_by_hand() -> None:
    # OR of two ADALINEs, x = (+1, −1), wanted +1, alpha = 1.
    #   unit 1: w = (−0.2, 0.4), b = −0.1:   s1 = −0.2 − 0.4 − 0.1 = −0.7  -> −1
    #   unit 2: w = (0.1, 0.5),  b = 0.2:    s2 =  0.1 − 0.5 + 0.2 = −0.2  -> −1      OR(−1, −1) = −1, wrong
    # One unit must turn; |s2| = 0.2 is nearest 0. |x|² with the bias's input is 1 + 1 + 1 = 3.
    #   delta = 1 · (1 − (−0.2)) / 3 = 0.4
    #   w2 <- (0.1, 0.5) + 0.4 (1, −1) = (0.5, 0.1),   b2 <- 0.2 + 0.4 = 0.6
    # After: s2 = 0.5 − 0.1 + 0.6 = 1.0 = d exactly. Unit 1 is left alone.
    live = net([[-0.2, 0.1], [0.4, 0.5]], [-0.1, 0.2])
    assert present(live, (1.0, -1.0), 1.0, logic="or") == ["present", "forward", "backward"]
    np.testing.assert_allclose(live["pre/0"], [-0.7, -0.2], atol=1e-15)
    np.testing.assert_allclose(live["weights/0"], [[-0.2, 0.5], [0.4, 0.1]], atol=1e-15)
    np.testing.assert_allclose(live["bias/0"], [-0.1, 0.6], atol=1e-15)
    assert live["state/lit"].tolist() == [0.0, 1.0]


def test_all_units_that_are_needed() -> None:
    # OR says +1 because both units do, and −1 is wanted: both must turn. With AND one is enough.
    for logic, turned in (("or", [1.0, 1.0]), ("and", [0.0, 1.0])):
        live = net([[0.5, 0.1], [0.0, 0.0]], [0.2, 0.1])
        present(live, (1.0, 1.0), -1.0, logic=logic)
        assert live["state/lit"].tolist() == turned


def test_a_right_answer_changes_nothing() -> None:
    live = net([[0.5, 0.1], [0.0, 0.0]], [0.2, 0.1])
    before = copied_weights(live)
    assert present(live, (1.0, 1.0), 1.0, logic="or") == ["present", "forward"]
    assert (copied_weights(live) == before).all()


def copied_weights(live: dict[str, Any]) -> Any:
    return np.concatenate([live["weights/0"].ravel(), live["bias/0"]])


@pytest.mark.parametrize("logic", ["or", "and", "majority"])
@pytest.mark.parametrize("units", [1, 3, 5])
def test_fewest_units_by_enumeration(logic: str, units: int) -> None:
    # The oracle tries all sets of flips and takes the smallest one that puts the answer right.
    for o, d in product(product((-1.0, 1.0), repeat=units), (-1.0, 1.0)):
        state = np.array(o)
        if decide(state, logic) == d:
            continue
        for size in range(1, units + 1):
            flips = [np.where(np.isin(np.arange(units), g), -state, state) for g in combinations(range(units), size)]
            if any(decide(flipped, logic) == d for flipped in flips):
                break
        assert model.needed(state, d, logic) == size


@pytest.mark.parametrize("pick", ["nearest", "farthest"])
def test_who_gets_the_job(pick: str) -> None:
    seen = 0
    for moment in moments({"name": "parity", "inputs": 3}, hidden=5, logic="majority", pick=pick, steps=60):
        if moment.phase != "backward":
            continue
        arrays = copied(moment)
        lit, able = arrays["state/lit"] > 0, arrays["act/0"] != arrays["target"][0]
        assert (able | ~lit).all()
        near, others = np.abs(arrays["pre/0"][lit]), np.abs(arrays["pre/0"][able & ~lit])
        if others.size:
            assert near.max() <= others.min() if pick == "nearest" else near.min() >= others.max()
            seen += 1
    assert seen >= 5


@pytest.mark.parametrize(("logic", "hidden"), [("or", 2), ("and", 2), ("majority", 3)])
def test_xor(logic: str, hidden: int) -> None:
    for seed in range(20):
        moment = last("xor", seed, logic=logic, hidden=hidden, steps=4000, eval_every=1)
        assert moment.scalars["train_error"] == 0.0
        assert moment.step <= 60


def test_one_unit_cannot() -> None:
    # Negative control: an OR of one line is one line.
    assert last("xor", logic="or", hidden=1, steps=2000).scalars["train_error"] > 0.0


def test_no_rate_learns_nothing() -> None:
    first, *_, end = (m for m in moments("xor", 1, alpha=0.0, steps=40) if m.phase in ("eval", "done"))
    assert first.scalars["train_error"] == end.scalars["train_error"]


def test_refusals() -> None:
    for settings, what in (
        ({"logic": "majority", "hidden": 4}, "majority"),
        ({"hidden": 0}, "Rule I needs"),
        ({"rule": "rule_3", "hidden": 0}, "hidden layer"),
    ):
        with pytest.raises(BadInput, match=what):
            next(moments("xor", **settings))
    with pytest.raises(BadInput, match="two classes"):
        next(moments("digits8"))
    with pytest.raises(BadInput, match="bits"):
        next(moments("digits8", rule="rule_2", code="bits"))
