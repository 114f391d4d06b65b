"""A study of 64 nets of the relay's size: beside each other against one by one, and against the bare products. Prints.

pytest -m bench -n 0 -s tests/bench/test_stack_bench.py

Two figures: processor seconds in one process, and the clock with two local processes, from the middle of the study to
its end: their start is not counted. Single runs and stacks take turns, so that both meet the same machine. Beside it
64 nets of the lessons of 1986, whose steps are mostly calls.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import pytest

from nnhistory.engine.points import divide, run_group
from nnhistory.engine.registry import Registry
from nnhistory.engine.study import PointResult, StudyPlan, do_study, plan_study
from nnhistory.scenario.load import loads

pytestmark = pytest.mark.bench

NETS, STEPS, BATCH = 64, 1500, 20
SIZES = (128, 64, 64, 64, 64, 64, 2)
STUDY = f"""
title = "The relay's net of 2015, cut to {STEPS} steps"
[[run]]
id = "d2015"
era = "deep_2010"
dataset = {{ name = "two_digits", scaling = "unit" }}
[run.config]
layers = 5
units = 64
precision = "single"
batch = {BATCH}
steps = {STEPS}
eval_every = {STEPS}
[study]
over = {{ init = ["he", "glorot"], rate = [0.05, 0.1] }}
seeds = {NETS // 4}
"""


def plan() -> StudyPlan:
    return plan_study(loads(STUDY, Path("relay.toml")), Registry())


def bare_products(nets: int) -> float:
    """Processor seconds of the batched products of these steps alone, for one net: forward, back, and the slopes."""
    import torch

    torch.set_num_threads(1)
    g = torch.Generator().manual_seed(0)
    ys = [torch.randn((nets, BATCH, n), generator=g) for n in SIZES]
    Ws = [torch.randn((nets, a, b), generator=g) for a, b in pairwise(SIZES)]
    outs = [torch.empty_like(W) for W in Ws]
    began = time.process_time()
    for _ in range(STEPS):
        for y, W in zip(ys, Ws, strict=False):
            y @ W
        for y, W in zip(ys[2:], Ws[1:], strict=True):
            y @ W.mT
        for y, z, out in zip(ys, ys[1:], outs, strict=False):
            torch.bmm(y.mT, z, out=out)
    return (time.process_time() - began) / nets


def plain_loop() -> float:
    """Processor seconds of these steps as one would write them for one net in torch: nothing is counted or kept."""
    import torch
    from torch import nn

    torch.set_num_threads(1)
    torch.manual_seed(0)
    layers = [module for n, m in pairwise(SIZES) for module in (nn.Linear(n, m), nn.ReLU())]
    net = nn.Sequential(*layers[:-1])
    rule = torch.optim.SGD(net.parameters(), lr=0.05)
    x, t = torch.randn((3000, SIZES[0])), torch.randint(SIZES[-1], (3000,))
    began = time.process_time()
    for _ in range(STEPS):
        rows = torch.randint(3000, (BATCH,))
        rule.zero_grad()
        nn.functional.cross_entropy(net(x[rows]), t[rows]).backward()
        rule.step()
    return time.process_time() - began


def seconds(asked: StudyPlan, count: int, at_once: int) -> float:
    """Processor seconds of one run, of so many."""
    known, some = Registry(), asked.points[:: NETS // count]
    began = time.process_time()
    for group in divide(asked.job, some, known, at_once):
        assert all(result is None or not result.failure for result in run_group(asked.job, group, known))
    return (time.process_time() - began) / count


def test_on_one_core() -> None:
    asked = plan()
    seconds(asked, 2, 2)
    print(
        f"\n{NETS} nets {'-'.join(map(str, SIZES))}, batch {BATCH}, {STEPS} steps, float32; ms of processor for one net"
    )
    for at_once in (8, 16, 32, 64):
        turns = [
            (plain_loop(), seconds(asked, 2, 1), seconds(asked, at_once, at_once), bare_products(at_once))
            for _ in range(3)
        ]
        plain, single, beside, bare = (1e3 * min(times) for times in zip(*turns, strict=True))
        print(
            f"  torch.nn {plain:4.0f}   one by one {single:4.0f}   {at_once:2} beside each other {beside:4.0f}   "
            f"gain {plain / beside:.1f}, {single / beside:.1f}   bare products {bare:4.0f}   "
            f"study / bare {beside / bare:.1f}"
        )


XOR = '{ name = "xor", coding = "binary" }'
ONLINE = 'batch = 1, order = "random", judge = "largest"'
OF_1986 = {
    "xor-direct, pattern by pattern": (XOR, "units = 1, direct = true, batch = 1, eval_every = 4"),
    "xor, all four at once": (XOR, "units = 2, eval_every = 10"),
    "symmetry": ('"symmetry"', "units = 2, rate = 0.1, eval_every = 20"),
    "addition": ('"addition"', "units = 4, eval_every = 10"),
    "digits, pattern by pattern": ('"digits8"', f"units = 32, {ONLINE}, eval_every = 600"),
}


def small(dataset: str, config: str) -> StudyPlan:
    text = f"""
title = "Nets of 1986"
[[run]]
id = "net"
era = "backprop_1986"
dataset = {dataset}
config = {{ {config}, steps = 1200, stop_when_solved = false }}
[study]
over = {{ init_scale = [0.3, 0.5] }}
seeds = {NETS // 2}
"""
    return plan_study(loads(text, Path("small.toml")), Registry())


def test_nets_of_1986() -> None:
    print(f"\n{NETS} nets, 1200 steps; ms of processor for one net")
    for name, (dataset, config) in OF_1986.items():
        asked = small(dataset, config)
        turns = [(seconds(asked, 2, 1), seconds(asked, NETS, NETS)) for _ in range(3)]
        single, beside = (1e3 * min(times) for times in zip(*turns, strict=True))
        print(f"  {name:<31} one by one {single:4.0f}   beside each other {beside:4.0f}   gain {single / beside:.1f}")


def clock(stack: bool) -> float:
    """Seconds on two local processes, for one run of those that came after both of them had brought something."""
    asked, times = plan(), [(0.0, 0)]

    def seen(results: Sequence[PointResult]) -> None:
        if len(results) > times[-1][1]:
            times.append((time.perf_counter(), len(results)))

    do_study(asked, Registry(), workers=2, stack=stack, seen=seen).refuse_failures()
    began, before = next((at, count) for at, count in times if count >= NETS // 2)
    return (times[-1][0] - began) / (NETS - before)


def test_on_two_processes() -> None:
    beside, loop = clock(True), clock(False)
    print(
        f"\n{NETS} nets on two local processes, ms of the clock for one net: one by one {1e3 * loop:.0f}   "
        f"beside each other {1e3 * beside:.0f}   gain {loop / beside:.1f}"
    )
