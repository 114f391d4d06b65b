"""The perceptron: error correction on step units, one pattern at a time, no gradient anywhere.

    s = v a + b            the response unit's sum over association units a
    answer = sign(s)       a step: +1, −1, and no answer at exactly 0
    if answer is not y:    v <- v + rate y a,   b <- b + rate y
    if it is:              nothing changes

Source: Rosenblatt 1958, Psychological Review 65; 1962, Principles of Neurodynamics (error correction procedure);
the fixed-increment form as in Widrow and Lehr 1990, Proc. IEEE 78, p. 1425. Modern here: NumPy, a bias held apart
from the weights, ten response units side by side, and the largest sum as a reading (`largest_sum_accuracy`); the
machine had lamps that were lit or dark. The pocket is Gallant's of 1990.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.perceptron_1957.pocket import Pocket
from nnhistory.eras.perceptron_1957.task import Task

__all__ = ["run"]


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Present patterns and correct errors until none is left, or the steps are used up.

    Shapes: weights/0 (A, R), bias/0 (R,), act/0 (A,), pre/0 answer target delta/0 (R,), input (d,), data/x (n, d),
    data/y (n,). R is 1 for two classes, else one unit for each class against the rest. A step is one presentation.
    """
    del device  # NumPy only
    task = Task(config, data, streams)
    drawn = knobs["points"]
    if drawn:
        task.replace_points(drawn)
    weights, bias = _first_weights(config, task, streams, start)
    pocket = Pocket(task) if config["rule"] == "pocket" else None
    # One dictionary, changed in place: a moment costs next to nothing until somebody wants to keep it.
    live = {
        "weights/0": weights, "bias/0": bias, "input": np.zeros(task.n_inputs), "act/0": np.zeros(task.n_features),
        "pre/0": np.zeros(task.n_responses), "answer": np.zeros(task.n_responses),
        "target": np.zeros(task.n_responses), "delta/0": np.zeros(task.n_responses),
    }  # fmt: skip
    step = mistakes = 0
    turned, shown = knobs.version, None
    summary = task.evaluate(weights, bias, mistakes)
    yield Moment(0, "eval", summary, {**live, **task.statics()})

    def finished() -> bool:
        # The pocket takes weights only after a run of right answers, so it is given the time to see these, too.
        converged = summary["train_error"] == 0.0 and (pocket is None or pocket.best == 1.0)
        return step >= config["steps"] or (config["stop_when_converged"] and converged)

    while not finished():
        for index in task.sweep(streams):
            if knobs.version != turned:
                turned = knobs.version
                if knobs["points"] is not drawn and task.replace_points(knobs["points"]):
                    drawn = knobs["points"]
                    summary = task.evaluate(weights, bias, mistakes)
                    yield Moment(step, "eval", summary, {**live, **task.statics()})
                    break
                if knobs["retina"] is not shown:
                    break
            step += 1
            live["input"][:], live["act/0"][:], live["target"][:] = (
                task.x[index],
                task.features[index],
                task.targets[index],
            )
            wrong = yield from _present(step, live, knobs["rate"], config["bias"])
            mistakes += wrong
            scalars = {"mistakes": float(mistakes), "presented": float(index)}
            if task.repeats:
                scalars["position"] = float((index + 1) % len(task.x))
            if pocket is not None:
                scalars |= pocket.after(weights, bias, wrong)
            yield Moment(step, "update", scalars, live)
            if step % task.eval_every == 0 or step >= config["steps"]:
                summary = task.evaluate(weights, bias, mistakes) | (pocket.scalars() if pocket is not None else {})
                yield Moment(step, "eval", summary, live)
                if finished():
                    break
        if knobs["retina"] is not shown:
            shown = knobs["retina"]
            step += 1
            task.by_hand(live, shown, knobs["retina_label"])
            mistakes += yield from _present(step, live, knobs["rate"], config["bias"])
            yield Moment(step, "update", {"mistakes": float(mistakes), "by_hand": 1.0}, live)
    summary = task.evaluate(weights, bias, mistakes) | (pocket.scalars() if pocket is not None else {})
    yield Moment(step, "done", summary, live)


def _present(step: int, live: dict[str, Array], rate: float, uses_bias: bool) -> Generator[Moment, None, bool]:
    """Present, respond, compare, correct. True if an answer was wrong. A target of 0 asks for no correction."""
    a, y, v, b = live["act/0"], live["target"], live["weights/0"], live["bias/0"]
    yield Moment(step, "present", {}, live)

    s = np.matmul(a, v, out=live["pre/0"])
    s += b
    np.sign(s, out=live["answer"])
    yield Moment(step, "forward", {}, live)

    wrong = (y * s <= 0) & (y != 0)
    change = live["delta/0"]
    change[:] = 0.0
    if True not in wrong.tolist():
        return False
    np.multiply(rate, y, out=change, where=wrong)
    v += a[:, None] * change
    if uses_bias:
        b += change
    return True


def _first_weights(
    config: Mapping[str, Any], task: Task, streams: Streams, start: Layers | None
) -> tuple[Array, Array]:
    shape = (task.n_features, task.n_responses)
    if start is not None:
        if start[0].W.shape != shape:
            raise BadInput(f"this perceptron has weights {shape}, the run it starts from {start[0].W.shape}")
        return np.array(start[0].W), np.array(start[0].b)
    return config["init_scale"] * streams["init"].standard_normal(shape), np.zeros(task.n_responses)
