"""Knobs turned by hand: what is asked, what counts as right and wrong, and that the machine keeps its hands off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Moment

from .helpers import MANIFEST, config, moments

Told = tuple[int, str, dict[str, Any]]
UPDATE = 1 / 17
"""What the rule asks of each knob at first: error 1, alpha 1, over |x|^2 = 17."""


def play(turns: dict[int, dict[str, Any]], **settings: Any) -> tuple[list[Told], list[Moment], list[np.ndarray]]:
    """Let the hands do `turns` (after these steps). Returns events, update moments, the weights at each of them."""
    chosen = {"rule": "alpha_lms", "alpha": 1.0, "hands": "yours", "steps": 20, **settings}
    knobs = Knobs(config(**chosen))
    told: list[Told] = []
    updates: list[Moment] = []
    weights = []
    for moment in moments("letters4", knobs=knobs, **chosen):
        told += [(moment.step, kind, evidence) for kind, evidence in moment.events]
        if moment.phase == "update":
            updates.append(
                Moment(moment.step, moment.phase, dict(moment.scalars), {"input": moment.array("input").copy()})
            )
            weights.append(np.append(moment.array("weights/0"), moment.array("bias/0")))
            for name, value in turns.get(moment.step, {}).items():
                knobs._turn(name, value)
    return told, updates, weights


def whole(size: float, x: np.ndarray) -> dict[str, float]:
    """Every knob set by hand to `size` towards its switch."""
    return {f"w{k + 1}": float(size * x[k]) for k in range(16)} | {"b0": size}


def test_without_hands_nothing_changes_and_the_pattern_stays() -> None:
    told, updates, weights = play({})
    assert told == []
    assert not np.any(weights)
    assert len({moment.array("input").tobytes() for moment in updates}) == 1
    assert updates[-1].scalars["hand_left"] == 17.0
    assert updates[-1].scalars["hand_error"] == 1.0


def test_seventeen_right_turns_are_an_update() -> None:
    _, updates, _ = play({})
    x = updates[0].array("input")
    told, updates, weights = play({2: whole(0.06, x)})
    ((step, kind, evidence),) = told
    assert (step, kind) == (3, "hand_right")
    assert evidence["largest_difference"] == pytest.approx(0.06 - UPDATE)
    np.testing.assert_allclose(weights[2], 0.06 * np.append(x, 1.0))
    # The pattern is shown once more, with the needle where the hands have put it, and then the next one comes.
    assert updates[2].scalars["hand_error"] == pytest.approx(17 * 0.06 - 1)
    assert (updates[2].array("input") == x).all()
    assert (updates[3].array("input") != x).any()
    assert updates[-1].scalars["hand_right"] == 1.0


def test_an_update_may_be_made_knob_by_knob() -> None:
    x = play({})[1][0].array("input")
    one_each = {step: {name: value} for step, (name, value) in enumerate(whole(UPDATE, x).items(), 1)}
    told, updates, _ = play(one_each, steps=30)
    assert [(step, kind) for step, kind, _ in told] == [(18, "hand_right")]
    assert [moment.scalars["hand_left"] for moment in updates[:18]] == [float(left) for left in range(17, -1, -1)]


def test_the_lever_turns_all_at_once() -> None:
    told, _, weights = play({2: {"turn_all": UPDATE}, 5: {"turn_all": UPDATE - 2 * UPDATE}})
    assert told[0][1] == "hand_right"
    assert np.abs(weights[2]) == pytest.approx(np.full(17, UPDATE))


@pytest.mark.parametrize(("value", "how"), [(-0.06, "the wrong way"), (0.3, "too far")])
def test_a_wrong_turn_is_told_once_and_can_be_turned_back(value: float, how: str) -> None:
    x = play({})[1][0].array("input")
    assert x[0] == 1.0
    told, updates, _ = play({1: {"w1": value}, 3: {"w2": UPDATE}, 5: whole(UPDATE, x)})
    assert [(step, kind) for step, kind, _ in told] == [(2, "hand_wrong"), (6, "hand_right")]
    evidence = told[0][2]
    assert (evidence["knob"], evidence["turned"], evidence["how"]) == ("w1", value, how)
    assert evidence["rule"] == pytest.approx(UPDATE)
    assert updates[-1].scalars["hand_wrong"] == 1.0


def test_a_turn_away_from_a_switch_that_is_down_is_right() -> None:
    # Switch 4 is down for this pattern: its knob must be turned down.
    x = play({})[1][0].array("input")
    assert x[3] == -1.0
    assert play({1: {"w4": -UPDATE}})[0] == []
    assert [kind for _, kind, _ in play({1: {"w4": UPDATE}})[0]] == ["hand_wrong"]


def test_events_carry_what_the_manifest_says() -> None:
    told = play({1: {"w1": -0.06}, 3: {"w1": 0.0}, 5: {"turn_all": UPDATE}})[0]
    for _, kind, evidence in told:
        assert set(evidence) == set(MANIFEST.events[kind].evidence)


def test_the_machine_goes_on_from_where_your_hands_have_left_it() -> None:
    told, updates, weights = play({2: {"turn_all": UPDATE}, 6: {"hands": "machine"}}, steps=12)
    assert len(told) == 1
    np.testing.assert_array_equal(weights[5], weights[3])
    assert (weights[6] != weights[5]).any()
    assert "hand_error" not in updates[-1].scalars


def test_a_knob_turned_while_the_machine_works_sets_its_weight() -> None:
    _, _, weights = play({4: {"w3": 0.75}}, hands="machine", alpha=0.0)
    assert weights[3][2] == 0.0
    assert weights[4][2] == 0.75


def test_hands_doing_the_rule_end_where_the_machine_ends() -> None:
    # The hands make each update exactly; the weights after n patterns are the machine's after n presentations.
    chosen: dict[str, Any] = {"rule": "alpha_lms", "alpha": 1.0, "hands": "yours", "steps": 40}
    knobs, by_hand, lever = Knobs(config(**chosen)), [], 0.0
    for moment in moments("letters4", knobs=knobs, **chosen):
        if moment.phase == "update":
            wanted, done = moment.array("state/wanted"), moment.array("state/done")
            if not done.any() and np.abs(wanted).max() >= 1e-3:
                lever += float(wanted[-1])  # the bias's input is +1
                knobs._turn("turn_all", lever)
            else:
                by_hand.append(np.append(moment.array("weights/0"), moment.array("bias/0")))
    settings: dict[str, Any] = {"rule": "alpha_lms", "alpha": 1.0, "steps": 40}
    machine = [
        np.append(moment.array("weights/0"), moment.array("bias/0"))
        for moment in moments("letters4", **settings)
        if moment.phase == "update"
    ]
    assert len(by_hand) >= 10
    np.testing.assert_allclose(by_hand, machine[: len(by_hand)], atol=1e-12)
