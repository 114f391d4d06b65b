"""The rule itself: by hand, against its theorems, and shown to fail when it is changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layer, Layers
from nnhistory.core.moment import PHASES
from nnhistory.eras.perceptron_1957 import model

from .helpers import config, data, detected, last, moments, seen, two_classes


def _states(spec: Any, **settings: Any) -> list[tuple[float, ...]]:
    """(w1, w2, b) after each presentation."""
    return [
        (*arrays["weights/0"][:, 0].tolist(), float(arrays["bias/0"][0]))
        for _, phase, _, arrays in seen(spec, **settings)
        if phase == "update"
    ]


def test_or_by_hand() -> None:
    # OR, inputs −1/+1, rows (−,−) (−,+) (+,−) (+,+), answers −1 +1 +1 +1, from w = (0, 0), b = 0, rate 1.
    # 1. x = (−1,−1), y = −1: s = 0, no answer, so correct: w = (0,0) − (−1,−1) = (1, 1),   b = 0 − 1 = −1
    # 2. x = (−1,+1), y = +1: s = −1 + 1 − 1 = −1, wrong:    w = (1,1) + (−1,1) = (0, 2),   b = −1 + 1 = 0
    # 3. x = (+1,−1), y = +1: s =  0 − 2 + 0 = −2, wrong:    w = (0,2) + (1,−1) = (1, 1),   b =  0 + 1 = 1
    # 4. x = (+1,+1), y = +1: s =  1 + 1 + 1 =  3, right:    nothing changes
    # Count: (−,−) −1, (−,+) 1, (+,−) 1, (+,+) 3: all right after 3 mistakes.
    assert _states("or") == [(1, 1, -1), (0, 2, 0), (1, 1, 1), (1, 1, 1)]
    step, scalars = last("or")
    assert (step, scalars["train_error"], scalars["mistakes"]) == (4, 0.0, 3.0)


def test_or_in_zeros_and_ones_by_hand() -> None:
    # Inputs 0/1: an input of 0 moves no weight.
    # 1. (0,0), −1: s =  0, correct: w = (0,0), b = −1      2. (0,1), +1: s = −1, wrong: w = (0,1), b = 0
    # 3. (1,0), +1: s =  0, correct: w = (1,1), b = 1       4. (1,1), +1: s =  3, right
    # 5. (0,0), −1: s =  1, wrong:   w = (1,1), b = 0       6. (0,1), +1: s =  1, right    7. 8. right
    # 9. (0,0), −1: s =  0, correct: w = (1,1), b = −1     10. (0,1), +1: s =  0, correct: w = (1,2), b = 0
    # 11. (1,0), +1: s = 1, right                          12. (1,1), +1: s =  3, right
    # 13. (0,0), −1: s = 0, correct: w = (1,2), b = −1     14. (0,1): s = 1, right
    # 15. (1,0), +1: s = 0, correct: w = (2,2), b = 0      16. right
    # 17. (0,0), −1: s = 0, correct: w = (2,2), b = −1     and then every sum has the right sign.
    states = _states({"name": "or", "coding": "binary"})
    assert states[:5] == [(0, 0, -1), (0, 1, 0), (1, 1, 1), (1, 1, 1), (1, 1, 0)]
    assert states[8:10] == [(1, 1, -1), (1, 2, 0)]
    assert states[-1] == (2, 2, -1)
    assert last({"name": "or", "coding": "binary"})[1]["mistakes"] == 9.0


def test_xor_by_hand_comes_back() -> None:
    # P05. XOR: (−,−) −1, (−,+) +1, (+,−) +1, (+,+) −1, from 0, rate 1.
    # 1. y = −1: s = 0:                 w = (1, 1),  b = −1
    # 2. y = +1: s = −1 + 1 − 1 = −1:   w = (0, 2),  b = 0
    # 3. y = +1: s = 0 − 2 + 0 = −2:    w = (1, 1),  b = 1
    # 4. y = −1: s = 1 + 1 + 1 = 3:     w = (0, 0),  b = 0     back at the start: a loop of 4
    loop = [(1, 1, -1), (0, 2, 0), (1, 1, 1), (0, 0, 0)]
    assert _states("xor", steps=12) == loop * 3
    (evidence,) = detected("limit_cycle", moments("xor", steps=40))
    assert evidence == {"period": 4, "first": 1, "again": 5, "changes": 4, "max_norm": 2.0}


def test_xor_in_zeros_and_ones_comes_back_every_sweep() -> None:
    # P05: with 0/1 inputs the loop is again one sweep, and no state is longer than sqrt(3).
    (evidence,) = detected("limit_cycle", moments({"name": "xor", "coding": "binary"}, steps=40))
    assert evidence["period"] == 4
    assert evidence["max_norm"] == np.sqrt(3.0)


def test_or_is_no_limit_cycle() -> None:
    # After convergence the weights are the same for ever; that is not a loop, nothing changes on the way.
    assert detected("limit_cycle", moments("or", steps=400, stop_when_converged=False)) == []
    assert len(detected("converged", moments("or", steps=400, stop_when_converged=False))) == 1


@pytest.mark.parametrize("order", ["random", "picks"])
def test_no_loop_is_claimed_without_a_fixed_order(order: str) -> None:
    # The weights do come back, but the next pattern is not given by the state: it would prove nothing.
    assert detected("limit_cycle", moments("xor", order=order, steps=400)) == []


@pytest.mark.parametrize("points", [5, 10, 50])
def test_mistake_bound_is_attained(points: int) -> None:
    # P01. x_i = e_i, random labels: R = 1, gamma = 1/sqrt(N), and every point is wrong exactly once.
    _, scalars = last({"name": "basis", "points": points}, bias=False, bound=True)
    assert scalars["train_error"] == 0.0
    assert scalars["mistakes"] == points
    assert scalars["bound"] == pytest.approx(points, rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_mistakes_never_exceed_the_bound(seed: int) -> None:
    # P02. d = 10, n = 200, |margin| >= 0.2 to a unit w*.
    made = data("gaussian_margin", seed)
    assert made.separator is not None
    step, scalars = last("gaussian_margin", seed, order="random", bias=False, bound=True, steps=100_000)
    assert scalars["train_error"] == 0.0
    assert step < 100_000
    assert scalars["mistakes"] <= scalars["bound"]
    # The widest margin is at least that of the plane the points were made around.
    signs = made.signs(made.train_y)
    assert scalars["margin"] >= (signs * (made.train_x @ made.separator)).min() - 1e-9


def test_wrong_sign_breaks_convergence(monkeypatch: pytest.MonkeyPatch) -> None:
    # Negative control: corrections in the wrong direction, and neither OR nor the bound survive.
    assert last("or", steps=2000)[1]["train_error"] == 0.0
    assert last("gaussian_margin", bias=False, bound=True, steps=4000)[1]["train_error"] == 0.0
    for name in ("or", "gaussian_margin"):
        knobs = Knobs({**config(steps=4000), "rate": -1.0})
        wrong = last(name, knobs=knobs, bias=name == "or", bound=True, steps=4000)[1]
        assert wrong["train_error"] > 0.0
        assert wrong["mistakes"] > wrong["bound"]


@pytest.mark.parametrize("rate", [0.25, 0.5, 2.0, 8.0])
def test_rate_only_scales_weights_that_began_at_zero(rate: float) -> None:
    # A dyadic rate scales every number exactly, so no answer depends on it.
    one, other = seen("gaussian_margin", bias=True), seen("gaussian_margin", bias=True, rate=rate)
    assert len(one) == len(other)
    for (_, _, _, a), (_, _, _, b) in zip(one, other, strict=True):
        assert (rate * a["weights/0"] == b["weights/0"]).all()
        assert (a["answer"] == b["answer"]).all()


def test_phases_come_in_order_and_steps_count_presentations() -> None:
    frames = seen("or")
    assert [phase for _, phase, _, _ in frames[:5]] == ["eval", "present", "forward", "update", "present"]
    assert [phase for _, phase, _, _ in frames[-3:]] == ["update", "eval", "done"]
    by_step: dict[int, list[str]] = {}
    for step, phase, _, _ in frames:
        by_step.setdefault(step, []).append(phase)
    assert sorted(by_step) == list(range(5))
    for phases in by_step.values():
        places = [PHASES.index(phase) for phase in phases]  # type: ignore[arg-type]
        assert places == sorted(places)


def test_each_phase_shows_only_what_has_happened() -> None:
    frames = seen("or")
    step3 = {phase: arrays for step, phase, _, arrays in frames if step == 3}
    assert step3["present"]["input"].tolist() == [1.0, -1.0]
    assert step3["present"]["weights/0"][:, 0].tolist() == [0.0, 2.0]
    assert step3["forward"]["pre/0"].tolist() == [-2.0]
    assert step3["forward"]["answer"].tolist() == [-1.0]
    assert step3["forward"]["weights/0"][:, 0].tolist() == [0.0, 2.0]
    assert step3["update"]["delta/0"].tolist() == [1.0]
    assert step3["update"]["weights/0"][:, 0].tolist() == [1.0, 1.0]
    assert "data/x" in frames[0][3]
    assert "data/x" not in frames[1][3]


def test_two_runs_are_equal_and_another_seed_is_not() -> None:
    def trace(seed: int) -> list[Any]:
        return [
            (step, phase, scalars, arrays["weights/0"].tobytes())
            for step, phase, scalars, arrays in seen("gaussian_margin", seed, order="random")
        ]

    assert trace(3) == trace(3)
    assert trace(3) != trace(4)


def test_the_budget_of_steps_is_kept() -> None:
    step, scalars = last("xor", steps=7)
    assert step == 7
    assert scalars["mistakes"] == 7.0
    assert seen("xor", steps=7)[-2][1] == "eval"


def test_it_goes_on_after_convergence_if_asked() -> None:
    step, scalars = last("or", steps=50, stop_when_converged=False)
    assert step == 50
    assert scalars["mistakes"] == 3.0


def test_weights_that_are_right_at_the_start_are_left_alone() -> None:
    good = Layers((Layer(np.array([[1.0], [1.0]]), np.array([1.0])),))
    step, scalars = last("or", start=good)
    assert step == 0
    assert scalars["mistakes"] == 0.0


def test_start_of_another_shape_is_refused() -> None:
    with pytest.raises(BadInput, match=r"^this perceptron has weights \(2, 1\), the run it starts from \(3, 1\)"):
        last("or", start=Layers((Layer(np.zeros((3, 1)), np.zeros(1)),)))


def test_the_start_is_copied() -> None:
    W = np.zeros((2, 1))
    last("or", start=Layers((Layer(W, np.zeros(1)),)))
    assert not W.any()


def test_no_bias_stays_at_zero() -> None:
    for _, _, _, arrays in seen("or", bias=False, steps=40):
        assert arrays["bias/0"][0] == 0.0


def test_ten_units_each_correct_themselves() -> None:
    # Three classes on three unit vectors, all weights 0: every sum is 0, so every unit corrects, +x for its own class
    # and −x for the others. With a bias: unit k sees class k once (+1) and each other class once (−1).
    from nnhistory.datasets.dataset import Dataset

    three = Dataset("three", np.eye(3), np.arange(3), ("a", "b", "c"))
    frames = [arrays for _, phase, _, arrays in seen(three, steps=3) if phase == "update"]
    assert frames[0]["delta/0"].tolist() == [1.0, -1.0, -1.0]
    # 2. x = e_2: sums are b = (1, −1, −1); wanted (−1, +1, −1): unit 0 and 1 are wrong, unit 2 is right.
    assert frames[1]["pre/0"].tolist() == [1.0, -1.0, -1.0]
    assert frames[1]["delta/0"].tolist() == [-1.0, 1.0, 0.0]
    assert frames[1]["weights/0"].tolist() == [[1.0, -1.0, -1.0], [-1.0, 1.0, 0.0], [0.0, 0.0, 0.0]]
    assert frames[1]["bias/0"].tolist() == [0.0, 0.0, -1.0]


def test_a_mistake_of_any_unit_counts_once() -> None:
    from nnhistory.datasets.dataset import Dataset

    three = Dataset("three", np.eye(3), np.arange(3), ("a", "b", "c"))
    assert last(three, steps=2)[1]["mistakes"] == 2.0


# -- live knobs -------------------------------------------------------------------------------------------------------


def test_a_live_rate_takes_effect_at_the_next_correction() -> None:
    knobs = Knobs(config(steps=8))
    steps: dict[int, float] = {}
    for moment in moments("xor", knobs=knobs, steps=8):
        if moment.phase == "update":
            steps[moment.step] = abs(float(moment.array("delta/0")[0]))
            if moment.step == 4:
                knobs._turn("rate", 4.0)
    assert [steps[n] for n in (3, 4, 5, 6)] == [1.0, 1.0, 4.0, 4.0]


def test_points_drawn_by_hand_replace_the_data() -> None:
    knobs = Knobs(config())
    drawn = [[0.0, 3.0, -1], [0.0, 1.0, 1], [2.0, 0.0, 1]]
    frames = []
    for moment in moments("xor", knobs=knobs, steps=400):
        frames.append(
            (moment.phase, {name: np.array(moment.array(name)) for name in moment.arrays}, dict(moment.scalars))
        )
        if moment.phase == "update" and moment.step == 6:
            knobs._turn("points", drawn)
    news = [arrays for _, arrays, _ in frames[1:] if "data/x" in arrays]
    assert len(news) == 1
    assert news[0]["data/x"].tolist() == [[0.0, 3.0], [0.0, 1.0], [2.0, 0.0]]
    assert news[0]["data/y"].tolist() == [0, 1, 1]
    assert frames[-1][2]["train_error"] == 0.0


def test_a_picture_drawn_by_hand_is_answered_and_without_label_nothing_is_learned() -> None:
    knobs = Knobs(config(machine="mark_i", a_units=64))
    picture = np.zeros((20, 20))
    picture[:, 8:12] = 1.0
    shown, before = [], None
    for moment in moments({"name": "bars", "points": 40, "test_points": 20}, knobs=knobs, machine="mark_i", a_units=64,
                          steps=120, stop_when_converged=False):  # fmt: skip
        if moment.phase == "update" and moment.step == 60:
            knobs._turn("retina", picture.tolist())
            before = np.array(moment.array("weights/0"))
        if moment.scalars.get("by_hand"):
            shown.append(moment.step)
            assert (moment.array("input") == picture.ravel()).all()
            assert not moment.array("target").any()
            assert (moment.array("weights/0") == before).all()
    assert shown == [61]


def test_a_picture_with_a_label_is_trained_on() -> None:
    settings: dict[str, Any] = {"machine": "mark_i", "a_units": 64, "steps": 120, "stop_when_converged": False}
    knobs = Knobs(config(**settings))
    picture = np.zeros((20, 20))
    picture[:, 8:12] = 1.0
    found = False
    for moment in moments({"name": "bars", "points": 40, "test_points": 20}, knobs=knobs, **settings):
        if moment.phase == "update" and moment.step == 60:
            knobs._turn("retina_label", 0)  # an upright bar, called lying
            knobs._turn("retina", picture.tolist())
        if moment.scalars.get("by_hand"):
            found = True
            assert moment.array("target").tolist() == [-1.0]
            expected = -1.0 if moment.array("pre/0")[0] >= 0 else 0.0
            assert moment.array("delta/0").tolist() == [expected]
    assert found


# -- behaviour on classes that no plane separates -------------------------------------------------------------------


@pytest.mark.slow
def test_weights_stay_bounded() -> None:
    # P06: N = 10, P = 60 random −1/+1 data, 10 seeds: late-max / early-max <= 1.15 and no weights longer than 20.
    for seed in range(10):
        norms = []
        for moment in moments("random_signs", seed, bias=False, steps=60_000, eval_every=1_000_000):
            if moment.phase == "update":
                w = moment.array("weights/0")[:, 0]
                norms.append(float(np.sqrt(w @ w)))
        early, late = max(norms[:30_000]), max(norms[30_000:])
        assert late / early <= 1.15
        assert max(norms) < 20


def test_module_names_what_it_offers() -> None:
    assert model.__all__ == ["run"]


def test_a_sum_of_exactly_zero_is_no_answer() -> None:
    lone = two_classes([[0.0, 0.0]], [1])
    _, scalars = last(lone, bias=False, steps=3)
    assert scalars["train_error"] == 1.0
    assert scalars["mistakes"] == 3.0
