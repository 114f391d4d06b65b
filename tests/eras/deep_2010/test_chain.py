"""The way back that is written out, against autograd: every unit, with and without norm and residual links."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from nnhistory.eras.deep_2010.chain import Learner, is_chain
from nnhistory.eras.deep_2010.nets import Noise, build
from nnhistory.eras.deep_2010.optim import Optimiser
from tests.eras.deep_2010.helpers import config

ENDS = [("softmax", "cross_entropy"), ("sigmoid", "cross_entropy"), ("tanh", "squared"), ("linear", "squared")]
CASES = [
    {"unit": unit, "batchnorm": norm, "residual": residual, "output": output, "loss": loss, "nets": nets}
    for place, unit in enumerate(("linear", "sigmoid", "tanh", "relu", "leaky_relu", "elu"))
    for norm in (False, True)
    for residual in (False, True)
    for nets in (1, 3)
    for output, loss in [ENDS[(place + norm + nets) % len(ENDS)]]
]


def both(changes: dict[str, Any], count: int, rounds: int = 1, alone: bool = False) -> tuple[list[Tensor], ...]:
    """[pre, act, slopes, running averages, loss] of the same net by hand and by autograd.

    alone : by hand means by what is made for one net.
    """
    found = []
    for by_hand in (True, False):
        settings = config(layers=5, units=7, precision="double", **changes)
        rng = np.random.default_rng(3)
        net = build(settings, (6, 4, None), rng, None, lambda a: torch.tensor(a, dtype=torch.float64))
        for one in net.parameters():
            one.data += 0.1 * torch.tensor(rng.normal(size=one.shape))
        slots = [torch.full_like(one, torch.nan) for one in net.parameters()] if alone and by_hand else None
        mean = changes.get("reduce", "mean") == "mean"
        learner = Learner(net, Noise(torch.Generator(), 0.0, 0.0), mean, slots)
        assert learner.written_out
        assert (learner.one is not None) == (slots is not None)
        if not by_hand:
            learner.written_out = False
            for one in net.parameters():
                one.requires_grad_()
        for number in range(rounds):
            x, d = torch.tensor(rng.normal(size=(count, 6))), torch.eye(4, dtype=torch.float64)[:1].expand(count, 4)
            p = learner.forward(x)
            loss = torch.tensor([learner.loss(p, d) if number % 2 else 0.0])  # the way back must not rely on it
            slopes = learner.slopes(p, d)
        running = [row for norm in net.norm for row in (norm.mean, norm.var)]
        found.append([one.detach() for one in (*p.pre, *p.act, *slopes, *running, loss)])
    return found[0], found[1]


@pytest.mark.parametrize("changes", CASES, ids=lambda case: "-".join(map(str, case.values())))
def test_both_ways_agree(changes: dict[str, Any]) -> None:
    mine, theirs = both(changes, count=9, rounds=2)
    for ours, its in zip(mine, theirs, strict=True):
        torch.testing.assert_close(ours, its, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("changes", [case for case in CASES if case["nets"] == 1], ids=lambda case: str(case["unit"]))
def test_one_net_by_itself_agrees(changes: dict[str, Any]) -> None:
    for other in ({}, {"output": "softmax", "loss": "cross_entropy"}, {"reduce": "sum"}):
        mine, theirs = both({**changes, **other}, count=9, rounds=2, alone=True)
        for ours, its in zip(mine, theirs, strict=True):
            torch.testing.assert_close(ours, its, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("changes", [case for case in CASES if case["nets"] == 1], ids=lambda case: str(case["unit"]))
def test_layers_alike_at_once_are_the_layers_one_by_one(
    changes: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []
    for narrow in (16, 1000):
        monkeypatch.setattr("nnhistory.eras.deep_2010.one._NARROW", narrow)
        settings = config(layers=5, units=24, precision="double", **changes)
        rng = np.random.default_rng(3)
        net = build(settings, (6, 4, None), rng, None, lambda a: torch.tensor(a, dtype=torch.float64))
        optimiser = Optimiser("sgd", net.parameters())
        learner = Learner(net, Noise(torch.Generator(), 0.0, 0.0), True, optimiser.slots)
        assert learner.one is not None
        assert (learner.one.together[0] is not None) == (narrow == 16)
        for _ in range(3):
            x, d = torch.tensor(rng.normal(size=(20, 6))), torch.eye(4, dtype=torch.float64)[:1].expand(20, 4)
            p = learner.forward(x)
            slopes = [slope.clone() for slope in learner.slopes(p, d)]
            optimiser.step(slopes[net.depth :], 0.1, settings)
        found.append([*p.pre, *p.act, *slopes])
    for at_once, each in zip(*found, strict=True):
        assert torch.equal(at_once, each)


def test_sums_over_the_batch_as_in_1986() -> None:
    mine, theirs = both({"unit": "sigmoid", "reduce": "sum"}, count=9)
    for ours, its in zip(mine, theirs, strict=True):
        torch.testing.assert_close(ours, its, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("alone", [False, True])
def test_one_pattern_has_no_variance(alone: bool) -> None:
    mine, theirs = both({"unit": "tanh", "batchnorm": True}, count=1, rounds=2, alone=alone)
    for ours, its in zip(mine, theirs, strict=True):
        torch.testing.assert_close(ours, its, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("alone", [False, True])
def test_a_wrong_slope_would_be_seen(monkeypatch: pytest.MonkeyPatch, alone: bool) -> None:
    monkeypatch.setattr("nnhistory.eras.deep_2010.chain._through", lambda unit, dy, z, y, leak: dy * 1.001)
    monkeypatch.setattr("nnhistory.eras.deep_2010.one._through", lambda unit, dz, z, y, leak: dz.mul_(1.001))
    mine, theirs = both({"unit": "linear"}, count=9, alone=alone)
    assert any(not torch.allclose(ours, its, rtol=1e-9, atol=1e-12) for ours, its in zip(mine, theirs, strict=True))


@pytest.mark.parametrize(
    "changes", [{"conv": [2]}, {"unit": "maxout"}, {"unit": "prelu"}, {"dropout": 0.5}, {"shift": 0.1}]
)
def test_what_is_no_chain_goes_back_by_autograd(changes: dict[str, Any]) -> None:
    assert not is_chain(config(**changes))
