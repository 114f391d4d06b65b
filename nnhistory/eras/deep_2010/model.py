"""A deep net of 2010 to 2015: present, forward, compare, backward, update. Everything else is a knob with a year.

    dE/dw by the machine (autograd; chain.py);   dw as the optimiser makes it (optim.py);   w <- w + dw

Held to the knobs of 1986 (sigmoids, momentum, no norm, float64) it is that net, to rounding: the NumPy loop of
`backprop_1986` and this one take the same steps (tests/contract/test_same_net.py). torch is imported by this module,
chain.py, one.py, conv.py, optim.py and, for runs in a stack, by stacked.py and patterns.py alone.

Sources: Glorot and Bengio 2010; Nair and Hinton 2010; Ioffe and Szegedy 2015; He et al. 2015 and 2016; the others are
named where their formula stands (inits, activations, norm, optim, nets).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.deep_2010.bowl import RULES
from nnhistory.eras.deep_2010.chain import Learner
from nnhistory.eras.deep_2010.ends import finished, reached
from nnhistory.eras.deep_2010.inits import shapes_of
from nnhistory.eras.deep_2010.ladder import RATE, Step, climb
from nnhistory.eras.deep_2010.measure import Measure, Now, Shown
from nnhistory.eras.deep_2010.nets import Noise, build
from nnhistory.eras.deep_2010.optim import Optimiser, Race, change, rate_at
from nnhistory.eras.deep_2010.room import REMEDY, check_room, free_memory
from nnhistory.eras.deep_2010.task import Task
from nnhistory.eras.on_torch import memory_said, place_of

__all__ = ["run"]


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """As `_learn`; where memory runs out, that is said, and the moments up to then are kept."""
    with memory_said(device, REMEDY):
        yield from _learn(config, data, streams, knobs, start, device)


def _learn(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Learn until every pattern is right, the steps are used up, or a number has run out of range.

    Shapes, for the layers of weights l = 0, 1, ... of the first of N nets: weights/l grad/l (n_in, n_out), bias/l
    (n_out,); of the batch at hand, at most its first rows: input (B, d), target (B, k), pre/l act/l delta/l (B, n_out),
    delta/l is dE/dpre; state/l the last change of weights/l (large nets: of the first and
    the last layer, the others at the start and the end); state/gamma_l beta_l mean_l var_l (n_out,) of BatchNorm;
    hidden/l (n_out,) on which share of the training patterns a unit is above 0; answer (P, k). data/x, data/t.
    """
    torch.set_num_threads(1)  # two threads give other bits
    kind = torch.float64 if config["precision"] == "double" else torch.float32
    place = place_of(device, kind, "single")
    if config["ladder"]:
        yield from climb(config, streams, _torch_rungs(), {unit: _each(unit) for unit in ("relu", "tanh", "sigmoid")})
        return

    def tensor(array: Array) -> Tensor:
        return torch.tensor(array, dtype=kind, device=place)

    config = {**config, "nets": len(RULES)} if config["race"] else config
    task = Task(config, data)
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else free_memory()
    check_room(config, shapes_of(config, data.n_inputs, task.k, data.image_shape), free)
    net = build(config, (data.n_inputs, task.k, data.image_shape), streams["init"], start, tensor)
    learned, now = net.parameters(), Now()
    optimiser = Race(learned) if config["race"] else Optimiser(config["optimiser"], learned)
    generator = torch.Generator(place).manual_seed(int(streams["sampling"].integers(2**62)))
    noise = Noise(generator, config["dropout"], config["shift"])

    slots = optimiser.slots if isinstance(optimiser, Optimiser) else None
    learner = Learner(net, noise, config["reduce"] == "mean", slots)
    shown = Shown(net, task, optimiser, now)
    measure = Measure(config, task, net, shown, tensor, learner)
    take = _taker(measure.x, measure.t)
    live, step, every = shown.every_step, 0, config["eval_every"] or task.sweep_steps
    summary = measure.everything(knobs["l2"])
    bowl, tuned = ({}, {}) if measure.bowl is None else (measure.bowl.statics(), measure.bowl.tuned(config))
    yield Moment(0, "eval", summary, {**shown.arrays, **task.statics(), **bowl})

    told: set[str] = set()
    while not finished(config, summary, step):
        for rows in task.sweep(streams):
            step += 1
            x, t = take(rows)
            now.patterns = (rows,)
            yield Moment(step, "present", {}, live)

            p = learner.forward(x)
            now.p = p
            yield Moment(step, "forward", {}, live)

            loss = learner.loss(p, t)  # compare: shown as a second moment of the forward phase
            yield Moment(step, "forward", {"batch_loss": loss}, live)

            now.slopes = learner.slopes(p, t)
            yield Moment(step, "backward", {}, live)

            used = {**knobs, **tuned} if tuned else knobs
            rate = rate_at(used, step, config["steps"])
            change(net, optimiser, now.slopes[net.depth :], rate, used)
            yield Moment(step, "update", {"rate_now": rate, "sweep": (step - 1) // task.sweep_steps + 1.0}, live)
            if step % every == 0 or step >= config["steps"]:
                summary = measure.everything(knobs["l2"])
                yield Moment(step, "eval", summary, live, reached(config, summary, step, told))
                if finished(config, summary, step):
                    break
    yield Moment(step, "done", summary, shown.arrays)  # nothing has moved since the count


def _taker(x: Tensor, t: Tensor) -> Callable[[Array], tuple[Tensor, Tensor]]:
    """Rows of both by their numbers: of small batches in main memory NumPy takes a third of the time."""
    if x.device.type == "cpu":
        near = x.numpy(), t.numpy()
        return lambda rows: (torch.from_numpy(near[0].take(rows, axis=0)), torch.from_numpy(near[1].take(rows, axis=0)))

    def far(rows: Array) -> tuple[Tensor, Tensor]:
        picked = torch.from_numpy(rows).to(x.device)
        return x.index_select(0, picked), t.index_select(0, picked)

    return far


def _each(unit: str) -> Callable[[Array], object]:
    """One function on an array, for its cost."""
    function = {"relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid}[unit]
    return lambda numbers: function(torch.from_numpy(numbers))


def _torch_rungs() -> dict[str, Callable[[], tuple[Step, Callable[[], None]]]]:
    """The rungs of the hardware ladder that torch has on this machine."""

    def on(device: str, kind: torch.dtype) -> Step:
        def step(x: Array, t: Array, W: Array, V: Array) -> tuple[Array, Array]:
            key = (id(x), device)
            if held.get("key") != key:  # moved there once: what is timed is the step, not the way to the device
                held.update(key=key, sent=[torch.tensor(a, dtype=kind, device=device) for a in (x, t, W, V)])
            xs, ts, w, v = held["sent"]
            h = (xs @ w).relu()
            e = (h @ v - ts) / len(xs)
            back = (e @ v.T) * (h > 0)
            ended = w - RATE * (xs.T @ back), v - RATE * (h.T @ e)
            if device == "cuda":
                torch.cuda.synchronize()
            return ended[0].numpy(force=True), ended[1].numpy(force=True)

        held: dict[str, Any] = {}
        return step

    def threads(count: int) -> tuple[Step, Callable[[], None]]:
        torch.set_num_threads(count)
        return on("cpu", torch.float64), lambda: torch.set_num_threads(1)

    rungs: dict[str, Callable[[], tuple[Step, Callable[[], None]]]] = {
        "torch_one": lambda: threads(1),
        "torch_all": lambda: threads(os.cpu_count() or 1),
    }
    if torch.cuda.is_available():
        rungs["gpu"] = lambda: (on("cuda", torch.float32), lambda: None)
    return rungs
