"""Restricted Boltzmann machines: data up to the hidden units, down again, up again, and move towards the data.

    v0 -> p(h | v0) -> h0 -> v1 -> p(h | v1)              k = 1
    dW = momentum dW + rate (v0 p(h|v0)' - v1 p(h|v1)' - decay W)

Source: Hinton 2002 (CD); Tieleman 2008 (PCD); Hinton, Osindero and Teh 2006, Neural Computation 18, 1527-1554, for what
deep nets are built of: each machine learns on what the one below makes of the data (`out/hidden`). The recipe
(first weights N(0, 0.01^2), momentum .5 then .9, decay 2e-4) is that of Hinton's practical guide of 2010. A step is
one change of the weights; with mode = "gibbs" nothing is learned and a step is one sweep up and down.

Modern here: torch instead of Matlab; the exact gradient (`rule = "exact"`) for machines small enough.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.on_torch import memory_said, place_of
from nnhistory.eras.rbm_2006 import completion, exact
from nnhistory.eras.rbm_2006.machine import Machine, Trainer, sample
from nnhistory.eras.rbm_2006.measure import Measure, numpy
from nnhistory.eras.rbm_2006.task import Task

__all__ = ["first_weights", "generator", "run"]

_SMALL = 4096
"""Weights up to which every moment offers them; larger ones are offered at every count."""
_ROWS = 4096
"""Numbers of a batch that are shown."""
_REMEDY = "Lower hidden or the batch; or leave --device out"


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Learn (mode "learn"), or let a machine that has learned fill in what is erased (mode "gibbs").

    Shapes: weights/0 (d, h), bias/0 (h,), bias/visible (d,); of the batch at hand, its first rows: input (B, d),
    act/0 (B, h) = p(h | v0), hidden/sample (B, h), state/model (B, d) = v1, hidden/model (B, h) = p(h | v1); at every
    count state/seen state/again state/fantasy (10, d). data/x (n, d). out/hidden (n, h): p(h | v) of all rows.
    """
    with memory_said(device, _REMEDY):
        yield from _run(config, data, streams, knobs, start, device)


def _run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    torch.set_num_threads(1)  # the same sums in the same order, and the pictures keep a core
    kind = torch.float64 if config["precision"] == "float64" else torch.float32
    place_of(device, kind, "float32")
    task = Task(config, data)
    machine = first_weights(config, task, streams, start, kind, device)
    seeds = streams["sampling"].integers(2**62, size=2)
    if config["mode"] == "gibbs":
        yield from completion.run(config, task, machine, generator(seeds[0], device), knobs)
        return
    if machine.linear and (config["exact"] or config["ais"] or config["rule"] == "exact"):
        raise BadInput(
            "linear hidden units have no states to sum over", key="units",
            remedy='Leave exact and ais out and write rule = "cd", or units = "binary"',
        )  # fmt: skip
    if config["exact"] and not exact.possible(machine):
        raise BadInput(
            f"exact = true would sum over 2^{min(machine.sizes)} states", key="exact",
            remedy=f"Take at most {exact.LIMIT} hidden units, or estimate with ais = 1000",
        )  # fmt: skip
    yield from _learn(config, task, machine, streams, knobs, generator(seeds[0], device), generator(seeds[1], device))


def generator(seed: int, device: str) -> torch.Generator:
    """A torch generator of its own, seeded from a named stream: there is no global one."""
    return torch.Generator(device).manual_seed(int(seed))


def first_weights(
    config: Mapping[str, Any], task: Task, streams: Streams, start: Layers | None, kind: torch.dtype, device: str
) -> Machine:
    """W from N(0, init_scale^2); visible biases 0, or ln(p / (1 - p)) of each pixel's mean; or an earlier run's."""
    d, h = task.data.n_inputs, config["hidden"]
    W, b, c = (
        config["init_scale"] * streams["init"].standard_normal((d, h)),
        np.zeros(d),
        np.full(h, config["hidden_bias"]),
    )
    if config["visible_bias"] == "data":
        mean = np.clip(task.x.mean(axis=0), 0.01, 0.99)
        b = np.log(mean / (1.0 - mean))
    if start is not None and len(start):
        given = start[0]
        if given.W.shape != (d, h):
            raise BadInput(f"this machine has weights {(d, h)}, the run it starts from {given.W.shape}", key="start")
        W, c = given.W, given.b
        b = given.b_visible if given.b_visible is not None else b
    first, below, above = (torch.tensor(np.array(part), dtype=kind, device=device) for part in (W, b, c))
    return Machine(first, below, above, linear=config["units"] == "linear")


def _learn(
    config: Mapping[str, Any], task: Task, machine: Machine, streams: Streams, knobs: Knobs,
    rng: torch.Generator, looking: torch.Generator,
) -> Iterator[Moment]:  # fmt: skip
    x = machine.W.new_tensor(task.x)
    chain = None
    if config["rule"] == "pcd":
        chain = sample(machine.W.new_full((task.batch, task.data.n_inputs), 0.5), rng)
    trainer = Trainer(machine, rng, mean_field=config["reconstruction"] == "mean_field", chain=chain)
    measure = Measure(config, task, machine, looking)
    rows = max(1, _ROWS // max(machine.sizes))
    out: dict[str, Any] = {
        "out/hidden": lambda: numpy(machine.hidden(x)),
        "out/hidden/test": lambda: numpy(machine.hidden(machine.W.new_tensor(task.test_x))),
    }
    weights: dict[str, Any] = {
        "weights/0": numpy(machine.W), "bias/0": numpy(machine.c), "bias/visible": numpy(machine.b),
        "state/0": numpy(trainer.moved[0]),
    }  # fmt: skip
    if machine.W.device.type != "cpu":  # a graphics card's numbers are not ours to look into: fetch them when asked
        weights = {
            "weights/0": lambda: numpy(machine.W), "bias/0": lambda: numpy(machine.c),
            "bias/visible": lambda: numpy(machine.b), "state/0": lambda: numpy(trainer.moved[0]),
        }  # fmt: skip
    small = machine.W.numel() <= _SMALL
    # Functions: nothing is copied until somebody wants to keep a moment.
    live: dict[str, Any] = {**out, **(weights if small else {}), "input": lambda: numpy(trainer.v0[:rows])}
    up = {**live, "act/0": lambda: numpy(trainer.p0[:rows]), "hidden/sample": lambda: numpy(trainer.h0[:rows])}
    down = {
        **up, "state/model": lambda: numpy(trainer.v1[:rows]), "hidden/model": lambda: numpy(trainer.p1[:rows]),
    }  # fmt: skip
    pictures: dict[str, Any] = {**out, **weights}
    every = config["eval_every"] or task.sweep_steps
    trainer.positive(x[: task.batch])
    summary, events = measure.everything(pictures, 0)
    yield Moment(0, "eval", summary, {**up, **pictures, **task.statics()})

    step, here = 0, up if config["rule"] == "exact" else down
    while step < config["steps"]:
        for batch in task.sweep(streams):
            step += 1
            trainer.positive(x, None if batch is None else torch.from_numpy(batch).to(x.device))
            yield Moment(step, "present", {}, live)
            yield Moment(step, "forward", {}, up)

            momentum = knobs["momentum"] if step > config["momentum_after"] else knobs["momentum_first"]
            if config["rule"] == "exact":
                trainer.follow(exact.gradient(machine, trainer.v0), knobs["rate"], momentum, knobs["decay"])
                yield Moment(step, "update", {}, up)
            else:
                trainer.negative(knobs["k"])
                yield Moment(step, "backward", {}, down)
                trainer.update(knobs["rate"], momentum, knobs["decay"])
                yield Moment(step, "update", {"sweep": (step - 1) // task.sweep_steps + 1.0}, down)
            if step % every == 0 or step >= config["steps"]:
                summary, events = measure.everything(pictures, step)
                yield Moment(step, "eval", summary, {**here, **pictures}, tuple(events))
                if step >= config["steps"]:
                    break
    yield Moment(step, "done", summary, {**here, **pictures})
