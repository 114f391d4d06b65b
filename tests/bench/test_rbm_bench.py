"""What CD-1 costs: samples a second against scikit-learn's BernoulliRBM and against the bare matrix products.

pytest -m bench -n 0 -s tests/bench/test_rbm_bench.py

784-256, 10,000 digits, float32, two threads for all three, in one run. Nothing passes or fails on time.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
import pytest
import torch

from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.eras.rbm_2006.machine import Machine, Trainer

pytestmark = pytest.mark.bench

HIDDEN, REPEATS = 256, 5


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


@pytest.mark.parametrize("batch", [20, 100])
def test_cd_1_on_ten_thousand_digits(batch: int) -> None:
    from sklearn.neural_network import BernoulliRBM

    x = load({"name": "mnist", "train": 10000, "test": 0}, Streams(0)).train_x.astype(np.float32)
    data = torch.from_numpy(x.copy())
    n, d = x.shape
    machine = Machine(0.01 * torch.randn(d, HIDDEN), torch.zeros(d), torch.zeros(HIDDEN))
    trainer = Trainer(machine, torch.Generator().manual_seed(0), mean_field=True)

    def ours() -> None:
        order = torch.randperm(n)
        for begin in range(0, n, batch):
            trainer.positive(data, order[begin : begin + batch])
            trainer.negative(1)
            trainer.update(0.05, 0.5, 2e-4)

    W, v, h = 0.01 * torch.randn(d, HIDDEN), torch.rand(batch, d), torch.rand(batch, HIDDEN)
    up, down, slope = torch.empty(batch, HIDDEN), torch.empty(batch, d), torch.empty(d, HIDDEN)

    def products() -> None:
        for _ in range(0, n, batch):
            torch.mm(v, W, out=up)
            torch.mm(h, W.T, out=down)
            torch.mm(down, W, out=up)
            torch.mm(v.T, h, out=slope)
            torch.mm(down.T, up, out=slope)

    theirs_rbm = BernoulliRBM(n_components=HIDDEN, learning_rate=0.05, batch_size=batch, n_iter=1, random_state=0)

    def theirs() -> None:
        theirs_rbm.fit(x)

    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        ours(), products()
        rounds = [(seconds(ours), seconds(products), seconds(theirs)) for _ in range(REPEATS)]
    finally:
        torch.set_num_threads(threads)
    mine, bare, other = (statistics.median(column) for column in zip(*rounds, strict=True))
    print(
        f"\nCD-1, {d}-{HIDDEN}, {n} digits, batch {batch}, float32: {n / mine:,.0f} samples/s; "
        f"{other / mine:.1f} times scikit-learn's BernoulliRBM ({n / other:,.0f}/s); "
        f"{mine / bare:.2f} times the time of the bare matrix products ({n / bare:,.0f}/s)"
    )
    assert torch.isfinite(machine.W).all()
