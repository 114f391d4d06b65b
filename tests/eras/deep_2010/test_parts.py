"""Units, the norm and the optimisers against torch's own, and against derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from nnhistory.eras.deep_2010.activations import activate, slope, value
from nnhistory.eras.deep_2010.norm import Norm, normalise
from nnhistory.eras.deep_2010.optim import Descent, Optimiser, rate_at
from tests.eras.deep_2010.helpers import config

F = torch.nn.functional
UNITS: dict[str, Callable[[Tensor], Tensor]] = {
    "linear": lambda z: z, "sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": F.relu,
    "leaky_relu": lambda z: F.leaky_relu(z, 0.07), "prelu": lambda z: F.leaky_relu(z, 0.07), "elu": F.elu,
}  # fmt: skip
Z = torch.tensor([-700.0, -30.0, -2.0, -0.5, -1e-9, 1e-9, 0.3, 1.0, 2.0, 30.0, 700.0], dtype=torch.float64)


@pytest.mark.parametrize("unit", UNITS)
def test_value_and_slope(unit: str) -> None:
    z = Z.clone().requires_grad_()
    y = activate(unit, z, 0.07)
    theirs = UNITS[unit](z)
    torch.testing.assert_close(y, theirs, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(value(unit, Z.numpy(), 0.07), y.detach().numpy(), rtol=1e-12, atol=1e-15)
    mine = torch.autograd.grad(y.sum(), z, retain_graph=True)[0]
    torch.testing.assert_close(mine, torch.autograd.grad(theirs.sum(), z)[0], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(slope(unit, Z.numpy(), 0.07), mine.numpy(), rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("unit", ["relu", "elu", "tanh", "sigmoid", "leaky_relu"])
def test_at_zero_as_torch_has_it(unit: str) -> None:
    z = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    mine = torch.autograd.grad(activate(unit, z, 0.07).sum(), z)[0]
    torch.testing.assert_close(mine, torch.autograd.grad(UNITS[unit](z).sum(), z)[0])


def test_the_slopes_of_the_record() -> None:
    at = np.array([0.0, 10.0])
    np.testing.assert_allclose(slope("sigmoid", at), [0.25, 4.5396e-5], rtol=1e-4)  # D01
    assert slope("tanh", at)[1] == pytest.approx(8.2446e-9, rel=1e-4)


def test_step_has_a_value_and_no_slope() -> None:
    z = Z.clone().requires_grad_()
    y = activate("step", z)
    assert y.tolist() == [0.0] * 5 + [1.0] * 6
    assert not torch.autograd.grad(y.sum(), z)[0].any()


def test_maxout_is_the_largest_of_its_sums() -> None:
    z = torch.tensor([[[1.0, 3.0, -2.0, -5.0]]], requires_grad=True)
    y = activate("maxout", z, pieces=2)
    assert y.tolist() == [[[3.0, -2.0]]]
    assert torch.autograd.grad(y.sum(), z)[0].tolist() == [[[0.0, 1.0, 1.0, 0.0]]]
    assert activate("maxout", z, pieces=4).tolist() == [[[3.0]]]


@pytest.mark.parametrize("count", [2, 30])
def test_batchnorm_against_torch_in_both_modes(count: int) -> None:
    g = torch.Generator().manual_seed(3)
    gamma, beta = (torch.randn(5, generator=g, dtype=torch.float64) for _ in range(2))
    mean, var = torch.zeros(5, dtype=torch.float64), torch.ones(5, dtype=torch.float64)
    rows = (gamma, beta, mean, var)
    norm = Norm(*(row.clone()[None, None] for row in rows))
    for _ in range(4):
        z = 3 * torch.randn((count, 5), generator=g, dtype=torch.float64) + 2
        theirs_z, mine_z = z.clone().requires_grad_(), z.clone()[None].requires_grad_()
        theirs = F.batch_norm(theirs_z, mean, var, gamma, beta, training=True, momentum=0.1)
        mine = normalise(norm, mine_z, of_batch=True, remember=True)
        torch.testing.assert_close(mine[0], theirs, rtol=1e-9, atol=1e-12)
        slopes = [torch.autograd.grad((out**3).sum(), at)[0] for out, at in ((mine, mine_z), (theirs, theirs_z))]
        torch.testing.assert_close(slopes[0][0], slopes[1], rtol=1e-6, atol=1e-9)
    torch.testing.assert_close(norm.mean[0, 0], mean)
    torch.testing.assert_close(norm.var[0, 0], var)
    still = F.batch_norm(z, mean, var, gamma, beta, training=False)
    torch.testing.assert_close(normalise(norm, z[None], of_batch=False, remember=False)[0], still)
    assert not torch.allclose(still, theirs)  # the two modes differ


OPTIM: dict[str, tuple[dict[str, Any], Callable[[list[Tensor]], torch.optim.Optimizer]]] = {
    "sgd": ({}, lambda p: torch.optim.SGD(p, lr=0.05)),
    "momentum": ({"momentum": 0.8}, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8)),
    "nesterov": ({"momentum": 0.8}, lambda p: torch.optim.SGD(p, lr=0.05, momentum=0.8, nesterov=True)),
    "adagrad": ({"epsilon": 1e-10}, lambda p: torch.optim.Adagrad(p, lr=0.05)),
    "rmsprop": ({"beta2": 0.9}, lambda p: torch.optim.RMSprop(p, lr=0.05, alpha=0.9)),
    "adam": ({}, lambda p: torch.optim.Adam(p, lr=0.05)),
}


def quadratic(w: list[Tensor]) -> Tensor:
    return (w[0] ** 2).sum() * 3 + (w[0] @ w[1]).tanh().sum() + (w[1] ** 4).sum()


@pytest.mark.parametrize("rule", OPTIM)
@pytest.mark.parametrize("wrong", [False, True])
def test_optimisers_over_twenty_steps(rule: str, wrong: bool) -> None:
    changes, make = OPTIM[rule]
    g = torch.Generator().manual_seed(1)
    first = [torch.randn(shape, generator=g, dtype=torch.float64) for shape in ((4, 3), (3, 2))]
    theirs = [w.clone().requires_grad_() for w in first]
    mine = [w.clone().requires_grad_() for w in first]
    other = make(theirs)
    ours = Optimiser(rule, mine)
    knobs = config(**changes)
    for _ in range(20):
        other.zero_grad()
        quadratic(theirs).backward()
        other.step()
        before = [w.detach().clone() for w in mine]
        ours.step(torch.autograd.grad(quadratic(mine), mine), 0.0501 if wrong else 0.05, knobs)
        for w, old, moved in zip(mine, before, [ours.dw(k) for k in range(len(mine))], strict=True):
            torch.testing.assert_close(w.detach() - old, moved)
    same = all(torch.allclose(a, b, rtol=1e-9, atol=1e-12) for a, b in zip(mine, theirs, strict=True))
    assert same is not wrong


@pytest.mark.parametrize("rate", [0.05, torch.tensor([0.05, 0.3])], ids=["one rate", "a rate of each"])
def test_descent_in_one_pass_is_sgd_to_the_last_bit(rate: float | torch.Tensor) -> None:
    g = torch.Generator().manual_seed(2)
    first = [torch.randn(shape, generator=g) for shape in ((2, 4, 3), (2, 1, 3))]
    plain, quick = Optimiser("sgd", [w.clone() for w in first]), Descent([w.clone() for w in first])
    for _ in range(3):
        slopes = [torch.randn(w.shape, generator=g) for w in first]
        for rule in (plain, quick):
            for slot, own in zip(rule.slots, slopes, strict=True):
                slot.copy_(own)
            rule.step(list(rule.slots), rate, config())
        for slot in quick.slots:
            slot.fill_(7.0)  # the next slopes do not touch what is shown of the newest change
        for place in (0, 1):
            assert torch.equal(quick.values[place], plain.values[place].detach())
            assert torch.equal(quick.dw(place), plain.dw(place))
            assert torch.equal(quick.dw(place, 1), plain.dw(place, 1))


def test_first_steps_in_closed_form() -> None:
    w = torch.zeros(3, dtype=torch.float64)  # X30
    adam = Optimiser("adam", [w])
    adam.step([torch.tensor([1.0, 1e4, -1e-4], dtype=torch.float64)], 0.001, config())
    np.testing.assert_allclose(w.numpy(), [-0.001, -0.001, 0.001], rtol=2e-4)
    w = torch.zeros(1, dtype=torch.float64)
    adagrad = Optimiser("adagrad", [w])
    for _ in range(4):
        adagrad.step([torch.ones(1, dtype=torch.float64)], 1.0, config(epsilon=0.0))
    assert float(adagrad.dw(0)) == pytest.approx(-0.5)


def test_schedules() -> None:
    rates = {
        name: [rate_at(config(rate=8.0, schedule=name, fall=0.5, fall_every=10), step, 41) for step in (1, 10, 11, 21)]
        for name in ("constant", "step", "exponential", "inverse", "cosine")
    }
    assert rates["constant"] == [8.0] * 4
    assert rates["step"] == [8.0, 8.0, 4.0, 2.0]
    assert rates["exponential"] == pytest.approx([8.0, 8 * 0.5**0.9, 4.0, 2.0])
    assert rates["inverse"] == pytest.approx([8.0, 8 / 1.9, 4.0, 8 / 3])
    assert rates["cosine"][0] == 8.0
    assert rate_at(config(rate=8.0, schedule="cosine"), 21, 40) == pytest.approx(4.0)
