"""Updates a second of the 1986 rule against the same net in eager torch, in one run. Prints; nothing passes or fails.

pytest -m bench -n 0 -s tests/bench/test_backprop_bench.py

With PLAYGROUND_NN also against the engine of TensorFlow Playground.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load as load_data
from nnhistory.engine.company import TAIL_A_STRETCH
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import RunPlan, make_plans
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import loads

pytestmark = pytest.mark.bench

NETS = {
    "2-4-2-1 tanh, batch 10, 200 points": ('{ name = "blobs", points = 200 }', "tanh", (4, 2), 10, 4000),
    "64-64-10 sigmoid, batch 20": ('"digits8"', "sigmoid", (64,), 20, 3000),
    "64-64-64-64-10 sigmoid, batch 20": ('"digits8"', "sigmoid", (64, 64, 64), 20, 2000),
}


def plan_of(dataset: str, unit: str, hidden: tuple[int, ...], batch: int, steps: int, registry: Registry) -> RunPlan:
    config = f'unit = "{unit}", hidden = {list(hidden)}, batch = {batch}, steps = {steps}, rate = 0.1'
    text = f'title = "t"\n[[run]]\nid = "a"\nera = "backprop_1986"\ndataset = {dataset}\nconfig = {{ {config} }}\n'
    return make_plans(loads(text, Path("bench.toml")).scenario, registry)[0]


def bare(plan: RunPlan, registry: Registry) -> float:
    """Seconds of the era's own loop, looked at by nobody."""
    streams = Streams(plan.seed)
    data = load_data(plan.dataset, streams)
    began = time.process_time()
    for _ in registry.run(plan.era)(plan.config, data, streams, Knobs(plan.config), None, "cpu"):
        pass
    return time.process_time() - began


def recorded(plan: RunPlan, registry: Registry) -> float:
    """Seconds with detectors and recording, in stretches of 60 ms with the tail of each, as in the child flat out."""
    began = time.process_time()
    drive = Drive(plan, registry, tail=TAIL_A_STRETCH)
    while not drive.done:
        drive.advance(1_000_000, seconds=0.06, flat_out=True)
    return time.process_time() - began


def torch_eager(plan: RunPlan, unit: str, hidden: tuple[int, ...], batch: int, steps: int) -> float:
    """Seconds of the plain torch loop: same sizes, float64, SGD, one thread."""
    import torch

    torch.set_num_threads(1)
    data = load_data(plan.dataset, Streams(plan.seed))
    x = torch.tensor(data.train_x, dtype=torch.float64)
    outputs = 1 if data.n_classes == 2 else data.n_classes
    y = torch.tensor(data.train_y)
    y = y[:, None].double() if outputs == 1 else torch.nn.functional.one_hot(y.long(), outputs).double()
    layers: list[torch.nn.Module] = []
    for n_in, n_out in zip((x.shape[1], *hidden), (*hidden, outputs), strict=True):
        layers += [torch.nn.Linear(n_in, n_out), torch.nn.Tanh() if unit == "tanh" else torch.nn.Sigmoid()]
    net = torch.nn.Sequential(*layers).double()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    began = time.process_time()
    for step in range(steps):
        at = step * batch % (len(x) - batch)
        error = 0.5 * ((net(x[at : at + batch]) - y[at : at + batch]) ** 2).sum()
        optimiser.zero_grad()
        error.backward()
        optimiser.step()
    return time.process_time() - began


def test_updates_a_second() -> None:
    registry = Registry()
    print(f"\n{'updates a second':36}{'bare':>9}{'recorded':>10}{'torch':>9}{'bare/torch':>12}{'recorded/bare':>15}")
    for name, (dataset, unit, hidden, batch, steps) in NETS.items():
        plan = plan_of(dataset, unit, hidden, batch, steps, registry)
        own = min(bare(plan, registry) for _ in range(3))
        kept = min(recorded(plan, registry) for _ in range(3))
        peer = min(torch_eager(plan, unit, hidden, batch, steps) for _ in range(3))
        print(f"{name:36}{steps / own:9.0f}{steps / kept:10.0f}{steps / peer:9.0f}{peer / own:12.2f}{own / kept:15.2f}")


PLAYGROUND = """
const nn = require(process.argv[2]);
const steps = Number(process.argv[3]), points = 200, batch = 10;
const net = nn.buildNetwork([2, 4, 2, 1], nn.Activations.TANH, nn.Activations.TANH, null, ["x", "y"]);
const xs = [...Array(points)].map(() => [Math.random() * 12 - 6, Math.random() * 12 - 6]);
let seen = 0;
const learn = (count) => {
  for (let step = 0; step < count; step++) {
    for (let k = 0; k < batch; k++, seen++) {
      const x = xs[seen % points];
      nn.forwardProp(net, x);
      nn.backProp(net, x[0] + x[1] > 0 ? 1 : -1, nn.Errors.SQUARE);
    }
    nn.updateWeights(net, 0.03, 0);
  }
};
learn(2000);  // the compiler warms up
const began = process.cpuUsage();
learn(steps);
const spent = process.cpuUsage(began);
console.log((spent.user + spent.system) / 1e6);
"""


def test_updates_a_second_of_playground() -> None:
    """TensorFlow Playground on its default net. PLAYGROUND_NN: the path of its src/nn.ts, compiled (CommonJS)."""
    engine, node = os.environ.get("PLAYGROUND_NN"), shutil.which("node")
    if engine is None or node is None:
        pytest.skip("needs Node, and PLAYGROUND_NN with the path of Playground's compiled nn.js")
    registry, steps = Registry(), 20_000
    name = "2-4-2-1 tanh, batch 10, 200 points"
    dataset, unit, hidden, batch, _ = NETS[name]
    plan = plan_of(dataset, unit, hidden, batch, steps, registry)
    own, kept = (min(loop(plan, registry) for _ in range(3)) for loop in (bare, recorded))
    found = [
        subprocess.run([node, "-", engine, str(steps)], input=PLAYGROUND, capture_output=True, text=True, check=True)
        for _ in range(3)
    ]
    peer = min(float(one.stdout) for one in found)
    print(
        f"\n{name}: updates a second {steps / own:.0f} bare, {steps / kept:.0f} recorded, Playground {steps / peer:.0f}"
    )
    print(f"  bare/Playground {peer / own:.2f}   recorded/Playground {peer / kept:.2f}")
    print(
        f"  epochs a second, 20 updates each: {steps / 20 / kept:.0f} recorded; the page shows one a screen refresh, 60"
    )
