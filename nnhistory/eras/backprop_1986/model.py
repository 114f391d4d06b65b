"""Backpropagation: present, forward, compare, backward, update. Squared error, sigmoid units, momentum.

    dw(t) = -rate dE/dw(t) + momentum dw(t-1)      (eq. 9)
    w     <- w + dw(t)

Source: Rumelhart, Hinton and Williams 1986, Nature 323, 533-536 (equations 1 to 9 are numbered as there; see net.py),
and the same authors' chapter 8 of PDP vol. 1. E is added up over the patterns of a batch and over the outputs, as
there; `reduce = "mean"` is modern. Weight decay takes a share of every weight after each change, as the family tree
net had it. A step is one change of the weights: after one pattern, some, or all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.backprop_1986.beside import Beside, known_before
from nnhistory.eras.backprop_1986.measure import Measure
from nnhistory.eras.backprop_1986.net import backward, forward, in_one_row
from nnhistory.eras.backprop_1986.numbers import Number
from nnhistory.eras.backprop_1986.task import Task, first_weights

__all__ = ["move", "run"]


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Send signals forward and errors back until every pattern is right, or the steps are used up.

    Shapes, for the layers of weights l = 0, 1, ... : weights/l grad/l (n_in, n_out), bias/l (n_out,); of the batch at
    hand, at most its first rows: input (B, d), target (B, k), pre/l act/l delta/l (B, n_out), where act/l is what
    layer l puts out and delta/l is dE/dpre; state/l the last change of weights/l; at every count answer (P, k), the
    outputs for the first patterns. data/x (n, d), data/t (n, k).
    """
    del device  # NumPy only
    task = Task(config, data)
    net = first_weights(config, data, task.k, streams, start)
    row, learned = in_one_row([*net.W, *net.b])
    net.W, net.b = learned[: net.depth], learned[net.depth :]
    slope, slopes = in_one_row([np.zeros_like(w) for w in learned])
    change, moved = in_one_row([np.zeros_like(w) for w in learned])
    beside = Beside(known_before(config, task, net), net) if config["theory"] else None
    measure = Measure(config, task, net, learned, slopes, moved, beside)
    live, every = measure.live, config["eval_every"] or task.sweep_steps
    step, counted, turned = 0, 0, knobs.version
    mean = config["reduce"] == "mean"
    summary = _numbers(measure.everything(moving=False))
    yield Moment(
        0, "eval", summary, {**live, **task.statics(), **(measure.copying.statics() if measure.copying else {})}
    )

    def finished() -> bool:
        return step >= config["steps"] or (config["stop_when_solved"] and summary["train_error"] == 0.0)

    while not finished():
        for rows in task.sweep(streams):
            if knobs.version != turned:
                turned = knobs.version
                if knobs["points"] and task.replace_points(knobs["points"]):
                    summary = _numbers(measure.everything())
                    yield Moment(step, "eval", summary, {**live, **task.statics()})
                    break
            step += 1
            x, t = task.x.take(rows, axis=0), task.t.take(rows, axis=0)
            measure.input, measure.target = x, t
            yield Moment(step, "present", {}, live)

            p = forward(net, x)
            measure.forth = p
            yield Moment(step, "forward", {}, live)

            error, dE_dy = task.error(net, p.act[-1], t)  # compare: shown as a second moment of the forward phase
            yield Moment(step, "forward", {"batch_loss": float(np.add.reduce(error)) / len(error)}, live)

            backward(net, p, dE_dy, mean, slopes)
            measure.back = p
            yield Moment(step, "backward", {}, live)

            move(row, change, slope, knobs["rate"], knobs["momentum"])
            if knobs["decay"]:
                for W in net.W:
                    W *= 1.0 - knobs["decay"]
            yield Moment(step, "update", {"sweep": (step - 1) // task.sweep_steps + 1.0}, live)
            if step % every == 0 or step >= config["steps"]:
                summary, counted = _numbers(measure.everything()), step
                yield Moment(step, "eval", summary, live)
                if finished():
                    break
    if counted != step:
        summary = _numbers(measure.everything(moving=step > 0))
    yield Moment(step, "done", summary, live)


def move(weights: Array, change: Array, slope: Array, rate: Number, momentum: Number) -> None:
    """Eq. 9, in place, of all weights and biases in one row: momentum keeps a share of the last change.

    Of nets beside each other there is a row for each: rate and momentum are numbers, or (N, 1).
    """
    if isinstance(momentum, np.ndarray) or momentum:
        change *= momentum
        change -= rate * slope
    else:
        np.multiply(slope, -rate, out=change)
    weights += change


def _numbers(counted: Mapping[str, Number]) -> dict[str, float]:
    """Of one net: those that there are."""
    return {name: float(value) for name, value in counted.items() if value is not None}
