"""ADALINE: an adaptive linear neuron. The error is measured before the quantiser, so the rule has a slope to follow.

    s = w x + b            the sum: what the meter shows
    e = d − s              the error, BEFORE the quantiser
    answer = sign(s)       the quantiser: no part of learning
    mu-LMS:                w <- w + 2 mu e x
    alpha-LMS:             w <- w + alpha e x / |x|^2         takes a share alpha of the error away, whatever x is

Always corrected, also where the answer is right. The bias is the weight of an input that is always +1 and counts in
|x|^2. For comparison: `steepest`, the same walk down the true bowl, w <- w + 2 mu (P − R w), which needs all patterns
at once; and `perceptron`, w <- w + alpha (d − sign s) x / 2, the error AFTER the quantiser (0 counts as wrong).

Source: Widrow and Lehr 1990, Proc. IEEE 78, 1415-1442: eq. 10-15 (alpha-LMS), 21-28 and 34 (mu-LMS); the
machine after Widrow and Hoff 1960, IRE WESCON. Modern here: NumPy, and the bowl is known beforehand, for the pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.adaline_1960.hands import Hands
from nnhistory.eras.adaline_1960.scribe import Scribe
from nnhistory.eras.adaline_1960.task import Task

__all__ = ["change", "run"]


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Present patterns and take a share of each error away, until the steps are used up.

    Shapes: weights/0 grad/0 (n, 1), bias/0 pre/0 answer target delta/0 (1,), input (n,), state/wanted state/done (m,),
    m = n + 1 with a bias. grad/0 is the slope of e^2, −2 e x. A step is one presentation (`steepest`: all patterns).
    """
    del device  # NumPy only
    task = Task(config, data, streams)
    weights, bias = _first_weights(task, start)
    hands = Hands(knobs, task.n_inputs, config["bias"])
    scribe = Scribe(task, config, streams, knobs, weights, bias)
    # One dictionary, changed in place: a moment costs next to nothing until somebody wants to keep it.
    live = {
        "weights/0": weights, "bias/0": bias, "input": np.zeros(task.n_inputs), "target": np.zeros(1),
        "pre/0": np.zeros(1), "answer": np.zeros(1), "delta/0": np.zeros(1), "grad/0": np.zeros((task.n_inputs, 1)),
        "state/wanted": hands.wanted, "state/done": hands.done, **scribe.traces,
    }  # fmt: skip
    step, turned, events = 0, knobs.version, ()  # type: tuple[int, int, Any]
    summary = scribe.evaluate(0)
    yield Moment(0, "eval", summary, {**live, **task.statics()})
    patterns = task.patterns()
    index, fresh = next(patterns), True

    while step < config["steps"] and not scribe.finished(summary):
        if knobs.version != turned:
            turned = knobs.version
            if task.replace_points(knobs["points"]):
                summary = scribe.evaluate(step)
                yield Moment(step, "eval", summary, {**live, **task.statics()})
                patterns = task.patterns()
                index, fresh = next(patterns), True
            if hands.take(knobs, weights, bias, live["input"]) and knobs["hands"] == "yours" and not fresh:
                events = tuple(hands.check(task.joined(weights, bias), index))
                live["state/done"] = hands.done
        step += 1
        if config["rule"] == "steepest":
            yield from _descend(step, live, task, knobs["mu"])
        else:
            # Present.
            x, d = task.x[index], float(task.d[index])
            live["input"][:], live["target"][0] = x, d
            if fresh:  # nothing is asked of the knobs yet; a pattern that stays goes on asking
                live["state/wanted"] = live["state/done"] = hands.none
            yield Moment(step, "present", {"presented": float(index)}, live, events)
            events = ()
            # Forward: the sum, and behind it the quantiser.
            s = float(x @ weights[:, 0]) + float(bias[0])
            live["pre/0"][0], live["answer"][0] = s, np.sign(s)
            yield Moment(step, "forward", {}, live)
            # Compare: the error of the sum, not of the answer; and what the rule makes of it.
            e = d - s
            wanted = change(config["rule"], e, d, s, task.seen[index], knobs["mu"], knobs["alpha"])
            live["delta/0"][0], live["grad/0"][:, 0] = e, -2 * e * x
            yours = knobs["hands"] == "yours"
            if not yours:
                live["state/wanted"], live["state/done"] = wanted, hands.none
            elif fresh:
                hands.ask(task.joined(weights, bias), wanted)
                live["state/wanted"], live["state/done"] = hands.wanted, hands.done
            yield Moment(step, "backward", {"error": e}, live)
            # Update, or leave it to your hands.
            scalars = {"error": e}
            if yours:
                scalars |= hands.scalars(e)
            else:
                weights[:, 0] += wanted[: task.n_inputs]
                if config["bias"]:
                    bias += wanted[-1]
                live["state/done"] = wanted
            # By hand a pattern stays until its update is made, and is shown once more: what does the meter say now?
            fresh = not yours or hands.finished
            if fresh:
                index = next(patterns)
            scribe.write(step, x, d, e, knobs["mu"])
            yield Moment(step, "update", scalars | scribe.scalars, live)
        if step % task.eval_every == 0 or step >= config["steps"] or scribe.lost:
            summary = scribe.evaluate(step)
            yield Moment(step, "eval", summary, live, scribe.events())
    yield Moment(step, "done", summary, live)


def change(rule: str, e: float, d: float, s: float, x: Array, mu: float, alpha: float) -> Array:
    """What the rule adds to the weights. x (m,): the pattern, with the bias's +1 where there is one."""
    match rule:
        case "mu_lms":
            return 2 * mu * e * x
        case "alpha_lms":
            return alpha * e * x / float(x @ x)
        case _:
            return (alpha * d if d * s <= 0 else 0.0) * x


def _descend(step: int, live: dict[str, Array], task: Task, mu: float) -> Iterator[Moment]:
    """One step down the true bowl, over all patterns at once."""
    weights, bias = live["weights/0"], live["bias/0"]
    downhill = 2 * (task.P - task.R @ task.joined(weights, bias))
    live["grad/0"][:, 0] = -downhill[: task.n_inputs]
    live["state/wanted"] = mu * downhill
    yield Moment(step, "backward", {}, live)
    weights[:, 0] += mu * downhill[: task.n_inputs]
    if task.config["bias"]:
        bias += mu * downhill[-1]
    live["state/done"] = live["state/wanted"]
    yield Moment(step, "update", {}, live)


def _first_weights(task: Task, start: Layers | None) -> tuple[Array, Array]:
    shape = (task.n_inputs, 1)
    if start is not None:
        if start[0].W.shape != shape:
            raise BadInput(f"this ADALINE has weights {shape}, the run it starts from {start[0].W.shape}")
        return np.array(start[0].W), np.array(start[0].b)
    return np.zeros(shape), np.zeros(1)
