"""Learning: a step worked by hand, the rules against each other, determinism, layers on layers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnhistory.core.errors import BadInput
from nnhistory.eras.rbm_2006 import exact
from nnhistory.eras.rbm_2006.machine import Machine, Trainer
from nnhistory.eras.rbm_2006.xray import recompute, xray
from tests.engine.stagehand import assert_same_frames
from tests.eras.rbm_2006.helpers import machine, played, rng

DIGITS = '{ name = "digits8", scaling = "unit", train = 200 }'


def test_a_cd_step_worked_by_hand() -> None:
    # Two pixels, one hidden unit. Weights so large that every coin is certain, but for one probability of 1/2.
    #   W = (2, -1), b = (40, -40), c = -2;  v0 = (1, 0)
    #   up:    p0 = sigma(-2 + 1*2) = sigma(0) = 0.5
    #   down:  v1 = (sigma(40 + 2h), sigma(-40 - h)) = (1, 0), whichever way the coin for h fell
    #   again: p1 = sigma(-2 + 2) = 0.5
    #   so W, b and c do not move: the data are what the machine makes of them.
    W = torch.tensor([[2.0], [-1.0]], dtype=torch.float64)
    m = Machine(W.clone(), torch.tensor([40.0, -40.0]).double(), torch.tensor([-2.0]).double())
    trainer = Trainer(m, rng(), mean_field=False)
    trainer.positive(torch.tensor([[1.0, 0.0]], dtype=torch.float64))
    trainer.negative(1)
    trainer.update(0.1, 0.0, 0.0)
    assert float(trainer.p0) == float(trainer.p1) == 0.5
    torch.testing.assert_close(m.W, W)
    # The same with v0 = (0, 1):
    #   up:    p0 = sigma(-2 - 1) = sigma(-3) = 0.04742587317756678
    #   down:  v1 = (1, 0) as before;  again: p1 = sigma(0) = 0.5
    #   dW = 0.1 (v0 p0 - v1 p1) = 0.1 ((0, 0.0474) - (0.5, 0)) = (-0.05, 0.004742587317756678)
    #   db = 0.1 (v0 - v1) = (-0.1, 0.1);  dc = 0.1 (0.0474 - 0.5) = -0.04525741268224333
    trainer.positive(torch.tensor([[0.0, 1.0]], dtype=torch.float64))
    trainer.negative(1)
    trainer.update(0.1, 0.0, 0.0)
    np.testing.assert_allclose(m.W.numpy().ravel(), [2.0 - 0.05, -1.0 + 0.004742587317756678], rtol=1e-12)
    np.testing.assert_allclose(m.b.numpy(), [39.9, -39.9], rtol=1e-12)
    np.testing.assert_allclose(m.c.numpy(), [-2.04525741268224333], rtol=1e-12)


def test_momentum_and_decay_by_hand() -> None:
    # No slope at all (v0 is what comes back): dW = momentum dW - rate decay W. From W = 2: -0.1 * 0.5 * 2 = -0.1,
    # then 0.9 * -0.1 - 0.1 * 0.5 * 1.9 = -0.185.
    m = Machine(torch.full((1, 1), 2.0).double(), torch.tensor([60.0]).double(), torch.tensor([60.0]).double())
    trainer = Trainer(m, rng(), mean_field=True)
    found = []
    for _ in range(2):
        trainer.positive(torch.ones((1, 1), dtype=torch.float64))
        trainer.negative(1)
        trainer.update(0.1, 0.9, 0.5)
        found.append(float(m.W))
    assert found == pytest.approx([1.9, 1.715], abs=1e-12)


def test_many_gibbs_steps_come_near_the_exact_gradient() -> None:
    # CD-k is biased towards 0 for small k, and the mean over many batches tends to the exact gradient for large k.
    m = machine(4, 3, scale=0.7, seed=3)
    v = torch.tensor([[1.0, 1.0, 0.0, 0.0]], dtype=torch.float64).expand(20000, -1).contiguous()
    true = exact.gradient(m, v)[0]

    def off(k: int) -> float:
        copy = Machine(m.W.clone(), m.b.clone(), m.c.clone())
        trainer = Trainer(copy, rng(5), mean_field=False)
        trainer.positive(v)
        trainer.negative(k)
        trainer.update(1.0, 0.0, 0.0)
        return float((copy.W - m.W - true).abs().max())

    assert off(50) < 0.02
    assert off(1) > 3 * off(50), "one step from the data is not the gradient"


def test_the_same_twice_and_another_seed_otherwise() -> None:
    config = "hidden = 6, batch = 20, rate = 0.1, steps = 60, eval_every = 20"
    (_, one), (_, two), (_, other) = (played(config, DIGITS, seed=s)["a"] for s in (3, 3, 4))
    for a, b in zip(one.frames, two.frames, strict=True):
        assert_same_frames(a, b)
    assert (one.frames[-1].arrays["weights/0"] != other.frames[-1].arrays["weights/0"]).any()


def test_looking_changes_nothing() -> None:
    config = "hidden = 5, rate = 0.1, steps = 90, ais = {ais}, exact = true, eval_every = {every}"
    ends = [
        played(config.format(every=every, ais=ais), '"bars_and_stripes"')["a"][1].frames[-1].arrays["weights/0"]
        for every, ais in ((90, 0), (7, 0), (30, 20))
    ]
    for end in ends[1:]:
        np.testing.assert_array_equal(ends[0], end)


def test_precision_is_a_knob() -> None:
    for name, kind in (("float32", 1e-6), ("float64", 1e-14)):
        one, _ = played(f'hidden = 2, steps = 3, exact = true, check = true, precision = "{name}"')["a"]
        assert one.metrics["log_z_difference"].max < 10 * kind


def test_xray_comes_to_the_same_numbers() -> None:
    _, recording = played(
        "hidden = 2, rate = 0.1, momentum_first = 0.5, momentum = 0.9, momentum_after = 5, decay = 0.01, steps = 12"
    )["a"]
    updates = [k for k, frame in enumerate(recording.frames) if frame.phase == "update"]
    assert len(updates) == 12
    for k in updates:
        W, _, _ = recompute(recording.frames[k], recording.frames[k - 1], recording)
        np.testing.assert_allclose(W, recording.frames[k].arrays["weights/0"], atol=1e-6)
    panel = xray(recording.frames[updates[-1]], recording)
    assert panel is not None
    assert any(line.role == "good" for line in panel.marks[0].lines)  # type: ignore[attr-defined]


def test_layers_on_layers() -> None:
    second = f"""
[[run]]
id = "b"
era = "rbm_2006"
dataset = {DIGITS}
input = {{ from = "a", array = "out/hidden" }}
config = {{ hidden = 4, steps = 5 }}
[[run]]
id = "net"
era = "backprop_1986"
dataset = {DIGITS}
start = {{ from = "b" }}
config = {{ hidden = [6, 4], output = "softmax", loss = "cross_entropy", steps = 1 }}
"""
    runs = played("hidden = 6, steps = 30", DIGITS, runs=second)
    below, above, net = (runs[name][1] for name in ("a", "b", "net"))
    last = below.frames[-1].arrays
    x = below.array("data/x", 0)
    assert x is not None
    up = 1 / (1 + np.exp(-(x @ last["weights/0"] + last["bias/0"])))
    np.testing.assert_allclose(above.array("data/x", 0)[: len(up)], up, rtol=1e-5)  # type: ignore[index]
    first = net.frames[0].arrays
    np.testing.assert_array_equal(first["weights/0"], last["weights/0"])
    np.testing.assert_array_equal(first["weights/1"], above.frames[-1].arrays["weights/0"])


def test_another_size_to_start_from_is_refused() -> None:
    link = f'dataset = {DIGITS}\nstart = {{ from = "a" }}\nconfig = {{ hidden = 5, steps = 1 }}\n'
    again = f'[[run]]\nid = "b"\nera = "rbm_2006"\n{link}'
    with pytest.raises(BadInput, match=r"this machine has weights \(64, 5\), the run it starts from \(64, 4\)"):
        played("hidden = 4, steps = 1", DIGITS, runs=again)


def test_linear_units_worked_by_hand() -> None:
    # W = (2, -1), c = 0.5, v = (1, 0): the mean is 0.5 + 2 = 2.5; F(v) = -b'v - 2.5^2 / 2 with b = (0.25, 0).
    m = Machine(
        torch.tensor([[2.0], [-1.0]]).double(), torch.tensor([0.25, 0.0]).double(), torch.tensor([0.5]).double()
    )
    m.linear = True
    v = torch.tensor([[1.0, 0.0]], dtype=torch.float64)
    assert float(m.hidden(v)) == 2.5
    assert float(m.free_energy(v)) == pytest.approx(-0.25 - 0.5 * 2.5**2, abs=1e-12)
    # The same by adding up exp(-E) with E = h^2 / 2 - b'v - c h - v'W h over a fine grid of h.
    h = torch.linspace(-20.0, 20.0, 40001, dtype=torch.float64)
    total = torch.exp(-(0.5 * h * h - 0.25 - 2.5 * h)).sum() * 0.001
    assert float(m.free_energy(v)) == pytest.approx(0.5 * np.log(2 * np.pi) - float(torch.log(total)), abs=1e-9)
    trainer = Trainer(m, rng(3), mean_field=True)
    trainer.positive(v.expand(20000, -1))
    noise = trainer.h0 - trainer.p0
    assert abs(float(noise.mean())) < 0.03
    assert abs(float(noise.std()) - 1.0) < 0.03


def test_linear_units_have_no_states_to_sum_over() -> None:
    with pytest.raises(BadInput, match="linear hidden units have no states to sum over"):
        played('hidden = 2, steps = 1, units = "linear", exact = true')


def test_few_random_numbers_are_drawn_at_once_and_none_twice() -> None:
    m = machine(40, 30)
    trainer = Trainer(m, rng(1), mean_field=False)
    seen = []
    for _ in range(60):
        trainer.positive(torch.full((40, 40), 0.5, dtype=torch.float64))
        seen.append(trainer.h0.clone())
    assert all((a != b).any() for k, a in enumerate(seen) for b in seen[k + 1 :])
    share = float(torch.stack(seen).mean() - trainer.p0.mean())
    assert abs(share) < 0.01
