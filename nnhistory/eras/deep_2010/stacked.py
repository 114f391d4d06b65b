"""Runs of one shape beside each other: each net with first weights, an order, data and numbers of its own.

The loop is that of model.py, and so is every product and every change: what a net learns here is, to the last bit, what
it learns by itself. What is counted agrees to rounding, since sums are taken in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Instant, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.deep_2010.chain import Learner
from nnhistory.eras.deep_2010.ends import finished, reached
from nnhistory.eras.deep_2010.inits import shapes_of
from nnhistory.eras.deep_2010.measure import Now, Shown
from nnhistory.eras.deep_2010.measure_stack import StackMeasure
from nnhistory.eras.deep_2010.nets import Net, Noise, build
from nnhistory.eras.deep_2010.norm import Norm
from nnhistory.eras.deep_2010.optim import Descent, Number, Optimiser, change, rate_at
from nnhistory.eras.deep_2010.patterns import Patterns
from nnhistory.eras.deep_2010.room import REMEDY, check_room, free_memory
from nnhistory.eras.deep_2010.task import Task
from nnhistory.eras.on_torch import memory_said, place_of

__all__ = ["at_once", "run_stacked"]

_OF_EACH = ("momentum", "beta1", "beta2", "epsilon", "l2", "decay")
"""Numbers of a step that each net may have for itself, beside the rate."""
_CACHE = 4 * 2**20
"""Bytes of weights in one stack: with their slopes and changes three times as much has to be near at hand."""
_NOTHING: Mapping[str, float] = {}


def at_once(config: Mapping[str, Any], data: Dataset) -> int:
    """How many nets of this kind are worth having beside each other: those whose weights fit into the caches.

    Large nets spend their time on products, and gain nothing.
    """
    shapes = shapes_of(config, data.n_inputs, data.n_classes, data.image_shape)
    size = sum((n_in + 1) * n_out for n_in, n_out in shapes) * (8 if config["precision"] == "double" else 4)
    return max(1, _CACHE // size)


def run_stacked(
    configs: Sequence[Mapping[str, Any]], data: Sequence[Dataset], streams: Sequence[Streams], knobs: Sequence[Knobs],
    device: str,
) -> Iterator[Instant | list[Moment | None]]:  # fmt: skip
    """At every instant the moment of each net, as `model.run` would yield it; None for those that have ended.

    Their arrays hold until the next instant. Events, and numbers that are not finite, come at counts and at the end
    alone, `batch_loss` excepted. configs : alike but for the knobs that era.toml lists under `stacks`. No knob is
    turned on the way. BadInput if the nets are not of one shape.
    """
    with memory_said(device, REMEDY):
        yield from _learn(configs, data, streams, knobs, device)


def _learn(
    configs: Sequence[Mapping[str, Any]], data: Sequence[Dataset], streams: Sequence[Streams], knobs: Sequence[Knobs],
    device: str,
) -> Iterator[Instant | list[Moment | None]]:  # fmt: skip
    torch.set_num_threads(1)
    shared, count = configs[0], len(configs)
    kind = torch.float64 if shared["precision"] == "double" else torch.float32
    place = place_of(device, kind, "single")

    def tensor(array: Array) -> Tensor:
        return torch.tensor(array, dtype=kind, device=place)

    tasks = [Task(config, own) for config, own in zip(configs, data, strict=True)]
    sizes = (data[0].n_inputs, tasks[0].k, data[0].image_shape)
    free = torch.cuda.mem_get_info()[0] if device == "cuda" else free_memory()
    check_room({**shared, "nets": count}, shapes_of(shared, *sizes), free)
    patterns = Patterns(tasks, tensor)
    net = _beside(
        [build(config, sizes, own["init"], None, tensor) for config, own in zip(configs, streams, strict=True)]
    )
    now = Now()
    optimiser = (Descent if shared["optimiser"] == "sgd" else partial(Optimiser, shared["optimiser"]))(net.parameters())
    # Of several nets a step is made of the slopes themselves, unless something is added or left out.
    plain = count > 1 and not shared["frozen"] and not any(one["l2"] for one in knobs)
    learner = Learner(
        net, Noise(torch.Generator(place), 0.0, 0.0), shared["reduce"] == "mean", optimiser.slots if plain else None
    )
    shown = [Shown(net, task, optimiser, now, which) for which, task in enumerate(tasks)]
    measure = StackMeasure(configs, patterns, net, now, learner, optimiser)
    going, live = list(range(count)), [one.every_step for one in shown]
    """Which nets are not over, and what a moment of each offers. The others are only carried along."""
    told: list[set[str]] = [set() for _ in configs]
    used = {name: _numbers([one[name] for one in knobs], tensor) for name in _OF_EACH}
    l2, schedule = [one["l2"] for one in knobs], _Rates(knobs, shared["steps"], tensor)
    step, every = 0, shared["eval_every"] or patterns.sweep_steps

    def instant(phase: str, numbers: Mapping[str, float | Array] = _NOTHING) -> Instant:
        return Instant(step, phase, going, numbers, live)

    def of_those(values: Array) -> Array:
        """A number of each net: those of the nets that are not over."""
        return values if len(going) == count else values[going]

    def ended() -> list[Moment | None]:
        """The last moment of those nets whose run is over."""
        nonlocal going, live
        last: list[Moment | None] = [None] * count
        for k in going:
            if finished(configs[k], summaries[k], step):
                last[k] = Moment(step, "done", summaries[k], shown[k].arrays)
        going = [k for k in going if last[k] is None]
        live = [shown[k].every_step for k in going]
        return last

    summaries = measure.everything(l2)
    yield [
        Moment(0, "eval", summary, {**one.arrays, **task.statics()})
        for summary, one, task in zip(summaries, shown, tasks, strict=True)
    ]
    yield ended()
    while going:
        for rows in patterns.sweep(streams):
            step += 1
            now.patterns = rows
            x, t = patterns.pick(rows)
            yield instant("present")

            now.p = learner.forward(x)
            yield instant("forward")

            loss = learner.error(now.p, t).detach().mean(dim=1).numpy(force=True).astype(np.float64)
            yield instant("forward", {"batch_loss": of_those(loss)})

            now.slopes = learner.slopes(now.p, t)
            yield instant("backward")

            rates, rate = schedule.at(step)
            change(net, optimiser, now.slopes[net.depth :], rate, used)
            sweep = (step - 1) // patterns.sweep_steps + 1.0
            yield instant("update", {"rate_now": of_those(rates), "sweep": sweep})
            if step % every == 0 or step >= shared["steps"]:
                summaries = measure.everything(l2)
                counted: list[Moment | None] = [None] * count
                for k in going:
                    seen = reached(configs[k], summaries[k], step, told[k])
                    counted[k] = Moment(step, "eval", summaries[k], shown[k].every_step, seen)
                yield counted
                yield ended()
                if not going:
                    break


def _beside(nets: Sequence[Net]) -> Net:
    """Nets of one shape as one."""

    def together(some: Sequence[Sequence[Tensor]]) -> list[Tensor]:
        return [torch.cat(each) for each in zip(*some, strict=True)]

    norms = zip(*([(n.gamma, n.beta, n.mean, n.var) for n in net.norm] for net in nets), strict=True)
    return Net(
        nets[0].config,
        together([net.W for net in nets]),
        together([net.b for net in nets]),
        [Norm(*together(layer)) for layer in norms],
        together([net.slope for net in nets]),
        nets[0].picture,
    )


def _numbers(values: Sequence[float], tensor: Callable[[Array], Tensor]) -> Number:
    """One number if it is the same for all nets, else (N,)."""
    return float(values[0]) if len(set(values)) == 1 else tensor(np.array(values))


class _Rates:
    """The learning rate of each net, step by step."""

    def __init__(self, knobs: Sequence[Knobs], steps: int, tensor: Callable[[Array], Tensor]) -> None:
        self._knobs, self._steps, self._tensor = knobs, steps, tensor
        self._still = all(one["schedule"] == "constant" for one in knobs)
        self._now = self._of(1)

    def at(self, step: int) -> tuple[Array, Number]:
        """One by one, and as the optimiser takes them."""
        if not self._still:
            self._now = self._of(step)
        return self._now

    def _of(self, step: int) -> tuple[Array, Number]:
        rates = [rate_at(one, step, self._steps) for one in self._knobs]
        return np.array(rates), _numbers(rates, self._tensor)
