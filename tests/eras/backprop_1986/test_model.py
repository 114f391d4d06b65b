"""The loop: an update worked by hand, momentum, decay, batches, orders, first weights, judgement."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layer, Layers
from nnhistory.datasets.dataset import Dataset
from tests.eras.backprop_1986.helpers import XOR, config, last, moments, seen


def two(x: list[list[float]], t: list[list[float]]) -> Dataset:
    return Dataset("mine", np.array(x), np.zeros(len(x), dtype=np.int64), ("no", "yes"), train_t=np.array(t))


def chain(w: float, v: float) -> Layers:
    """One input, one hidden unit, one output; no thresholds."""
    return Layers((Layer(np.array([[w]]), np.zeros(1)), Layer(np.array([[v]]), np.zeros(1))))


def test_an_update_by_hand() -> None:
    # x = 1, w = 0, v = 1, b = c = 0, d = 1, rate 1:
    #   h = 1/(1 + e^0) = .5            y = 1/(1 + e^-.5) = .622459...
    #   y - d = -.377541                f'(y) = y (1 - y) = .235004        delta_y = -.377541 * .235004 = -.0887235
    #   dE/dv = delta_y h = -.0443617   dE/dc = -.0887235
    #   delta_h = delta_y v h (1 - h) = -.0887235 * .25 = -.0221809
    #   dE/dw = delta_h x = -.0221809   dE/db = -.0221809
    # so v = 1.0443617, c = .0887235, w = b = .0221809.
    data = two([[1.0]], [[1.0]])
    run = seen(data, start=chain(0.0, 1.0), units=1, rate=1.0, momentum=0.0, steps=1, stop_when_solved=False)
    back = next(arrays for _, phase, _, arrays in run if phase == "backward")
    after = next(arrays for _, phase, _, arrays in run if phase == "update")
    assert np.isclose(back["act/0"].item(), 0.5, atol=1e-15)
    assert np.isclose(back["act/1"].item(), 0.6224593312018546, rtol=1e-14)
    assert np.isclose(back["delta/1"].item(), -0.0887234, rtol=1e-5)
    assert np.isclose(back["delta/0"].item(), -0.0221809, rtol=1e-5)
    assert np.isclose(after["weights/1"].item(), 1.0443617, atol=5e-8)
    assert np.isclose(after["bias/1"].item(), 0.0887235, atol=1e-6)
    assert np.isclose(after["weights/0"].item(), 0.0221809, atol=1e-7)
    assert np.isclose(after["bias/0"].item(), 0.0221809, atol=1e-7)


def test_the_phases_of_a_step() -> None:
    phases = [phase for step, phase, _, _ in seen(XOR, steps=1) if step == 1]
    assert phases == ["present", "forward", "forward", "backward", "update", "eval", "done"]


def test_momentum_keeps_a_share_of_the_last_change() -> None:
    # Eq. 9 between two steps: dw(2) = -rate dE/dw(2) + momentum dw(1).
    run = seen(XOR, rate=0.5, momentum=0.7, steps=2)
    back = [arrays for _, phase, _, arrays in run if phase == "backward"]
    after = [arrays for _, phase, _, arrays in run if phase == "update"]
    assert np.array_equal(after[0]["state/0"], -0.5 * back[0]["grad/0"])
    assert np.allclose(after[1]["state/0"], -0.5 * back[1]["grad/0"] + 0.7 * after[0]["state/0"], rtol=1e-14)
    assert np.allclose(after[1]["weights/0"], after[0]["weights/0"] + after[1]["state/0"], rtol=1e-14)


def test_decay_takes_its_share_after_the_change() -> None:
    plain = seen(XOR, steps=1, decay=0.0)
    decayed = seen(XOR, steps=1, decay=0.1)
    assert np.allclose(decayed[-1][3]["weights/0"], 0.9 * plain[-1][3]["weights/0"], rtol=1e-14)
    assert np.array_equal(decayed[-1][3]["bias/0"], plain[-1][3]["bias/0"])


def test_batches_add_up() -> None:
    # The derivative of a whole sweep is the sum of the patterns', or with `mean` their average.
    whole = next(a for _, p, _, a in seen(XOR, steps=1) if p == "backward")
    rows = [a for _, p, _, a in seen(XOR, steps=4, batch=1, rate=0.0) if p == "backward"]
    assert np.allclose(whole["grad/0"], sum(row["grad/0"] for row in rows), rtol=1e-12)
    mean = next(a for _, p, _, a in seen(XOR, steps=1, reduce="mean") if p == "backward")
    assert np.allclose(whole["grad/1"], 4 * mean["grad/1"], rtol=1e-12)


def test_a_sweep_ends_with_a_shorter_batch() -> None:
    sizes = [len(a["input"]) for _, p, _, a in seen(XOR, steps=4, batch=3) if p == "present"]
    assert sizes == [3, 1, 3, 1]


def test_orders() -> None:
    def first(order: str) -> list[bytes]:
        run = seen(XOR, steps=8, batch=1, order=order, stop_when_solved=False)
        return [a["input"].tobytes() for _, p, _, a in run if p == "present"]

    cyclic, mixed = first("cyclic"), first("random")
    assert cyclic[:4] == cyclic[4:]
    assert sorted(mixed[:4]) == sorted(cyclic[:4])
    assert mixed != cyclic


def test_two_runs_are_equal_to_the_bit() -> None:
    for settings in ({"batch": 1, "order": "random"}, {"unit": "tanh", "hidden": [4, 3], "direct": True}):
        one, two_ = (last(XOR, seed=3, steps=60, **settings) for _ in range(2))
        assert all(np.array_equal(one.array(name), two_.array(name)) for name in one.arrays)


def test_a_run_goes_on_from_another_ones_weights() -> None:
    # Without momentum nothing else is carried: 20 + 30 steps are 50.
    settings = {"momentum": 0.0, "stop_when_solved": False}
    half = last(XOR, steps=20, **settings)
    layers = Layers(tuple(Layer(half.array(f"weights/{k}").copy(), half.array(f"bias/{k}").copy()) for k in range(2)))
    joined, whole = last(XOR, steps=30, start=layers, **settings), last(XOR, steps=50, **settings)
    assert np.array_equal(joined.array("weights/0"), whole.array("weights/0"))


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadInput, match=r"layer 0 of this net has weights \(2, 2\), the run it starts from \(1, 1\)"):
        next(moments(XOR, start=chain(0.0, 1.0)))


@pytest.mark.parametrize(
    ("init", "scale", "expected"),
    [
        ("uniform", 0.3, 0.3 / np.sqrt(3)),
        ("normal", 0.3, 0.3),
        ("fan_uniform", 1.0, 1 / np.sqrt(3 * 100)),
        ("fan_normal", 2.0, 0.2),
        ("glorot", 1.0, np.sqrt(2 / 200)),
    ],
)
def test_first_weights_have_their_size(init: str, scale: float, expected: float) -> None:
    wide = two([[0.0] * 100], [[0.0] * 2])
    first = next(moments(wide, units=100, init=init, init_scale=scale))
    assert np.isclose(first.array("weights/0").std(), expected, rtol=0.03)


def test_constant_first_weights_are_equal() -> None:
    first = next(moments(XOR, init="constant", init_scale=0.05))
    assert np.unique(first.array("weights/0")).tolist() == [0.05]


def test_blocks_stay_cut() -> None:
    family = {"name": "family_trees"}
    moment = last(family, hidden=[12, 12, 6], blocks=[24, 6, 12, 6], steps=5, decay=0.01)
    w = moment.array("weights/0")
    assert not w[:24, 6:].any()
    assert not w[24:, :6].any()
    assert w[:24, :6].all()
    with pytest.raises(BadInput, match="does not cut 36 inputs and 12 units"):
        next(moments(family, hidden=[12, 12, 6], blocks=[24, 6, 12, 5]))


def test_the_dead_band_forgives_what_lies_beyond() -> None:
    data = two([[1.0]], [[1.0]])
    high = Layers((Layer(np.array([[3.0]]), np.zeros(1)),))  # y = .953, wanted .8
    settings = {"layers": 0, "start": high, "target_margin": 0.2, "steps": 1, "stop_when_solved": False}
    for dead, moves in ((True, False), (False, True)):
        run = seen(data, dead_band=dead, **settings)
        assert bool(next(a for _, p, _, a in run if p == "backward")["grad/0"].any()) == moves


def test_judgement() -> None:
    # Wanted (.8, .2): on and off. Tolerance .5 counts from 1 and 0, and an output of .5 is on neither side.
    data = two([[0.0], [1.0]], [[1.0, 0.0], [0.0, 1.0]])
    half = Layers((Layer(np.array([[0.0, 4.0]]), np.zeros(2)),))  # outputs (.5, .5) and (.5, .982)
    settings = {"layers": 0, "start": half, "target_margin": 0.2, "steps": 1, "rate": 0.0}
    assert next(moments(data, **settings)).scalars["train_error"] == 1.0
    assert next(moments(data, judge="largest", **settings)).scalars["train_error"] == 0.0


def test_losses_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(BadInput, match="cross-entropy needs outputs between 0 and 1"):
        next(moments(XOR, loss="cross_entropy", output="tanh"))
    with pytest.raises(BadInput, match="softmax goes with cross-entropy"):
        next(moments(XOR, output="softmax"))


def test_points_drawn_by_hand_take_the_place_of_the_data() -> None:
    chosen = config(steps=4, stop_when_solved=False)
    knobs = Knobs(chosen)
    run = moments(XOR, knobs=knobs, steps=4, stop_when_solved=False)
    next(run)
    knobs._turn("points", [[0.0, 0.0, 1], [1.0, 1.0, -1], [0.5, 0.2, 1]])
    sizes = {len(m.array("input")) for m in run if m.phase == "present"}
    assert sizes == {3}


@pytest.mark.parametrize("unit", ["sigmoid", "tanh"])
def test_xor_is_learned(unit: str) -> None:
    moment = last(XOR, seed=1, unit=unit, steps=6000)
    assert moment.scalars["train_error"] == 0.0
    assert moment.scalars["solved"] == 1.0


def test_one_hidden_unit_needs_the_direct_links() -> None:
    assert last(XOR, units=1, direct=True, batch=1, init_scale=0.5, steps=4000).scalars["solved"] == 1.0
    assert last(XOR, units=1, direct=False, batch=1, init_scale=0.5, steps=4000).scalars["solved"] == 0.0
