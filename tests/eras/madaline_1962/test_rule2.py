"""Rule II against an enumeration of all flips, and the evidence of a hang-up against what nets do afterwards."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array
from nnhistory.eras.madaline_1962 import hangup, rule2
from nnhistory.eras.madaline_1962.task import sgn

from .helpers import config, hang_ups, last, net


def present(live: dict[str, Array], x: Any, d: Any, **knobs: Any) -> dict[str, float]:
    """One presentation under Rule II; the counters after it."""
    live["input"][:], live["target"][:] = x, d
    chosen = config(rule="rule_2", **knobs)
    count = dict.fromkeys(("mistakes", "adapted", "trials", "accepted", "output_changes"), 0.0)
    for _ in rule2.present(1, live, Knobs(chosen), chosen, count):
        pass
    return count


def test_one_trial_by_hand() -> None:
    # x = (1, 1), s = (0.3, −0.6), o = (+1, −1), q = 0.5·1 + 1·(−1) + 0 = −0.5 -> −1, wanted +1: one output is wrong.
    # Nearest 0 is unit 1: flipped, q = −0.5 − 1 = −1.5, no help. Then unit 2: q = 0.5 + 1 = 1.5, helps: kept.
    #   w2 <- w2 + 0.5 (1 − (−0.6)) / 3 · x = w2 + 0.8/3 x. Unit 1 and the output stay.
    live = net([[0.1, -0.2], [0.1, -0.2]], [0.1, -0.2], [[0.5], [1.0]], [0.0])
    count = present(live, (1.0, 1.0), 1.0, alpha=0.5)
    np.testing.assert_allclose(live["weights/0"], [[0.1, -0.2 + 0.8 / 3]] * 2, atol=1e-15)
    np.testing.assert_allclose(live["bias/0"], [0.1, -0.2 + 0.8 / 3], atol=1e-15)
    assert live["weights/1"].ravel().tolist() == [0.5, 1.0]
    assert (count["trials"], count["accepted"], count["output_changes"]) == (2, 1, 0)


def test_no_flip_helps_so_the_output_learns() -> None:
    # The output's bias outshouts everything: q = −5 + small. No flip, no pair; only the output moves.
    live = net([[0.1, -0.2], [0.1, -0.2]], [0.1, -0.2], [[0.5], [1.0]], [-5.0])
    before = live["weights/0"].copy()
    count = present(live, (1.0, 1.0), 1.0, alpha=0.5)
    assert (live["weights/0"] == before).all()
    # q = 0.5 − 1 − 5 = −5.5; delta = 0.5 (1 + 5.5) / 3
    np.testing.assert_allclose(live["bias/1"], [-5.0 + 0.5 * 6.5 / 3], atol=1e-15)
    assert (count["trials"], count["accepted"], count["output_changes"]) == (3, 0, 1)


def oracle(live: dict[str, Array], x: Array, d: Array, size: int) -> tuple[list[tuple[int, ...]], int]:
    """Which groups the rule must keep, by going through all of them; and how many it must try."""
    W, b, V, c = (live[name].copy() for name in ("weights/0", "bias/0", "weights/1", "bias/1"))
    s = x @ W + b
    o = {unit: float(sgn(s)[unit]) for unit in range(len(s))}

    def wrong(answers: dict[int, float]) -> int:
        return int((sgn(np.array([answers[k] for k in range(len(s))]) @ V + c) != d).sum())

    kept, tried = [], 0
    for many in range(1, size + 1):
        ordered = sorted(combinations(range(len(s)), many), key=lambda g: sum(abs(float(s[k])) for k in g))
        for group in ordered:
            if wrong(o) == 0:
                return kept, tried
            flipped = {unit: -answer if unit in group else answer for unit, answer in o.items()}
            tried += 1
            if wrong(flipped) < wrong(o):
                kept.append(group)
                for unit in group:
                    move = 0.5 * (flipped[unit] - float((x @ W + b)[unit])) / (float(x @ x) + 1)
                    W[:, unit] += move * x
                    b[unit] += move
                o = flipped
    return kept, tried


@pytest.mark.parametrize("seed", range(40))
def test_trials_by_enumeration(seed: int) -> None:
    # One or three outputs, three hidden units, weights by chance: what is tried and kept is what the oracle says.
    random = np.random.default_rng(seed)
    outputs = 1 + 2 * (seed % 2)
    live = net(random.normal(size=(2, 3)), random.normal(size=3), random.normal(size=(3, outputs)),
               random.normal(size=outputs))  # fmt: skip
    x, d = random.choice((-1.0, 1.0), 2), random.choice((-1.0, 1.0), outputs)
    kept, tried = oracle(live, x, d, 2)
    count = present(live, x, d, alpha=0.5)
    assert count["accepted"] == len(kept)
    assert count["trials"] == tried
    assert set(np.flatnonzero(live["state/lit"]).tolist()) == {unit for group in kept for unit in group}


def test_order_of_trials() -> None:
    s = np.array([0.5, -0.1, 0.3])
    assert list(rule2.groups(s, 2)) == [(1,), (2,), (0,), (1, 2), (1, 0), (2, 0)]
    assert list(rule2.groups(s, 0)) == []


def test_frozen_units_stay() -> None:
    live = net([[0.1, -0.2], [0.1, -0.2]], [0.1, -0.2], [[0.5], [1.0]], [0.0])
    before = live["weights/0"].copy()
    count = present(live, (1.0, 1.0), 1.0, alpha=0.5, trial=0)
    assert (live["weights/0"] == before).all()
    assert (count["trials"], count["output_changes"]) == (0, 1)


def test_heard_by_hand() -> None:
    # sgn(2 o1 + 0.5 o2 + 0.1): unit 2 can never turn it. sgn(o1 + o2 + 0.1): both can. sgn(o1 + o2 + 5): neither.
    for V, c, heard in (((2.0, 0.5), 0.1, [0]), ((1.0, 1.0), 0.1, [0, 1]), ((1.0, 1.0), 5.0, [])):
        live = net(np.eye(2), [0, 0], [[v] for v in V], [c])
        assert hangup.heard(live, 1) == heard
    assert hangup.cures_everything(net(np.eye(2), [0, 0], [[2.0], [0.5]], [0.1]), 1)
    assert not hangup.cures_everything(net(np.eye(2), [0, 0], [[1.0], [1.0]], [5.0]), 2)


def test_expressible() -> None:
    corners = np.array(list(product((-1.0, 1.0), repeat=2)))
    xor = np.where(corners[:, 0] != corners[:, 1], 1.0, -1.0)
    deaf = net(np.eye(2), [0, 0], [[2.0], [0.5]], [0.1])
    both = net(np.eye(2), [0, 0], [[1.0], [1.0]], [1.0])  # OR
    assert not hangup.expressible(deaf, [0], corners, xor)
    assert hangup.expressible(deaf, [0], corners, corners[:, 0])
    assert hangup.expressible(both, [0, 1], corners, xor)
    cube = np.array(list(product((-1.0, 1.0), repeat=3)))
    assert len(hangup._dichotomies(cube.tobytes(), cube.shape)) == 104  # threshold functions of three inputs
    assert not hangup.expressible(both, [0, 1], cube, cube.prod(axis=1))


def test_a_hung_net() -> None:
    found, error = hang_ups("xor", 3, rule="rule_2", hidden=2, alpha=0.5)
    (evidence,) = found
    assert error > 0
    assert evidence["best"] >= evidence["errors"]
    assert evidence["tried"] == 6 * evidence["errors"]  # two singles, a pair, at two rates, for each wrong pattern
    assert (evidence["heard"], evidence["proved"]) == (1, 1)


def test_what_is_proved_stays() -> None:
    proved = free = 0
    for seed in range(200, 240):
        found, error = hang_ups("xor", seed, rule="rule_2", hidden=2, alpha=0.5, steps=800)
        proved += any(one["proved"] for one in found)
        free += error == 0
        assert not (error == 0 and any(one["proved"] for one in found))
        if error > 0:
            assert found, f"seed {seed} neither converges nor shows that it hangs"
    assert proved > 5
    assert free > 5


def test_a_net_that_learns_is_not_called_hung() -> None:
    assert hang_ups("or", 0, rule="rule_2", hidden=2, alpha=0.5) == ([], 0.0)
    assert hang_ups("xor", 3, rule="rule_2", hidden=2, alpha=0.5, patience=0)[0] == []


def test_a_teacher_net() -> None:
    moment = last("signum_teacher", rule="rule_2", hidden=12, alpha=0.5, code="bits", steps=64 * 60)
    assert moment.scalars["train_error"] == 0.0
