"""Nets side by side against a loop over nets, and what recording costs over the bare torch loop. Prints; nothing fails.

pytest -m bench -n 0 -s tests/bench/test_deep_bench.py
"""

from __future__ import annotations

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.registry import Registry, resolve_config

pytestmark = pytest.mark.bench

REGISTRY = Registry()
SMALL = {"hidden": [64], "unit": "sigmoid", "batch": 20, "rate": 0.1, "steps": 300, "eval_every": 300}
DEEP = {"layers": 5, "units": 64, "unit": "relu", "batch": 20, "rate": 0.1, "steps": 1200}


def own_loop(nets: int) -> float:
    """Processor seconds of the era's loop."""
    config = resolve_config(REGISTRY.manifest("deep_2010"), {**SMALL, "nets": nets})
    streams = Streams(0)
    data = load("digits8", streams)
    began = time.process_time()
    for _ in REGISTRY.run("deep_2010")(config, data, streams, Knobs(config), None, "cpu"):
        pass
    return time.process_time() - began


def bare_products(nets: int, steps: int) -> float:
    """Processor seconds of the batched products of those steps alone: two forward, three back."""
    import torch

    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(0)
    x, h, e = (torch.randn((nets, 20, n), generator=g, dtype=torch.float64) for n in (64, 64, 10))
    W, V = (torch.randn((nets, 64, n), generator=g, dtype=torch.float64) for n in (64, 10))
    began = time.process_time()
    for _ in range(steps):
        x @ W, h @ V, h.mT @ e, e @ V.mT, x.mT @ h
    return time.process_time() - began


def test_nets_side_by_side() -> None:
    count = 64
    own_loop(1)
    one = float(np.median([own_loop(1) for _ in range(3)]))
    together, bare = own_loop(count), bare_products(count, 300)
    print(f"\n{count} nets 64-64-10, batch 20, 300 steps, float64, one thread")
    print(
        f"  a loop over nets {count * one:6.2f} s   side by side {together:6.2f} s   gain {count * one / together:.1f}"
    )
    print(f"  bare batched products {bare:6.2f} s   side by side / bare {together / bare:.1f}")


def recorded(config: dict[str, Any]) -> float:
    resolved = resolve_config(REGISTRY.manifest("deep_2010"), config)
    plan = RunPlan(
        "a", "deep_2010", resolved, {"name": "digits8", "train": 1200, "scaling": "centred", "labels": "true"}, 0
    )
    began = time.process_time()
    drive = Drive(plan, REGISTRY)
    while not drive.done:
        drive.advance(1_000_000, seconds=1.0, flat_out=True)
    return time.process_time() - began


def bare_loop(config: dict[str, Any]) -> float:
    """The same net in plain torch: the modules and the optimiser of the library, nothing looked at."""
    import torch

    torch.set_num_threads(1)
    data = load("digits8", Streams(0))
    x, t = torch.tensor(data.train_x), torch.tensor(np.array(data.train_y))
    sizes = [64] * (config["layers"] + 1)
    parts: list[Any] = []
    for a, b in pairwise(sizes):
        parts += [torch.nn.Linear(a, b, dtype=torch.float64), torch.nn.ReLU()]
    net = torch.nn.Sequential(*parts, torch.nn.Linear(64, 10, dtype=torch.float64))
    optimiser = torch.optim.SGD(net.parameters(), lr=config["rate"])
    order = np.random.default_rng(0)
    began = time.process_time()
    step = 0
    while step < config["steps"]:
        mixed = order.permutation(len(x))
        for begin in range(0, len(x), config["batch"]):
            rows = mixed[begin : begin + config["batch"]]
            optimiser.zero_grad()
            torch.nn.functional.cross_entropy(net(x[rows]), t[rows]).backward()
            optimiser.step()
            step += 1
    return time.process_time() - began


@pytest.mark.parametrize("steps", [1200, 4800])
def test_recording_against_the_bare_loop(steps: int) -> None:
    config = {**DEEP, "steps": steps}
    bare_loop({**config, "steps": 60})
    pairs = [(recorded(config), bare_loop(config)) for _ in range(3)]
    full, bare = (float(np.median(times)) for times in zip(*pairs, strict=True))
    print(
        f"\n5 x 64 ReLUs, batch 20, {steps} steps, counted every round: recorded {full:.2f} s, bare torch {bare:.2f} s"
    )
    print(f"  recording, detectors and counts on top: {100 * (full / bare - 1):.0f} %")
