"""MADALINE: many ADALINEs, a layer that is trained under a layer that decides. Rule I stands here.

    s_j = w_j x + b_j              every ADALINE's sum
    o_j = sgn(s_j)                 its answer, −1 or +1
    answer = OR, AND or MAJ of all o_j: fixed logic, nothing in it learns
    if the answer is wrong:        as few units as can put it right are adapted, those with |s_j| nearest 0:
        w_j <- w_j + alpha (d − s_j) x / |x|²      (alpha-LMS; with alpha = 1 the sum becomes d exactly)

Principle: minimal disturbance. Repair this answer, and change as little else as possible.

Source: Widrow and Lehr 1990, Proc. IEEE 78, 1415-1442, section V-A, for Ridgway 1962 and Hoff 1962. Rule II
(`rule2.py`, 1988) trains the output units, too; Rule III (`rule3.py`, 1988) makes the units smooth. Modern here: NumPy,
a bias held apart from the weights and counted in |x|², first weights from a generator. A sum of exactly 0 is +1.
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
from nnhistory.eras.madaline_1962 import hangup, rule2, rule3
from nnhistory.eras.madaline_1962.task import Task, decide, sgn

__all__ = ["needed", "run"]


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Present patterns and adapt by the chosen rule until no answer is wrong, or the steps are used up.

    Shapes: weights/0 (d, h), bias/0 pre/0 act/0 delta/0 state/lit state/flip (h,), weights/1 (h, C), bias/1 pre/1
    delta/1 (C,) under Rules II and III, input (d,), answer target (C,), data/x (n, d), data/y (n,). C is 1 for two
    classes. With hidden = 0 there is one layer: weights/0 (d, C). A step is one presentation.
    """
    del start, device  # NumPy only, and always from first weights of its own
    task = Task(config, data)
    live = _first_weights(config, task, streams)
    count = dict.fromkeys(("mistakes", "adapted", "trials", "accepted", "output_changes"), 0.0)
    step = 0
    watcher = hangup.Watcher(config, task)
    summary = _count(task, live, knobs) | count
    yield Moment(0, "eval", summary, {**live, **task.statics()})

    def finished() -> bool:
        return step >= config["steps"] or (config["stop_when_converged"] and summary["train_error"] == 0.0)

    while not finished():
        for index in task.sweep(streams):
            step += 1
            live["input"][:], live["target"][:] = task.x[index], task.targets[index]
            for name in ("state/lit", "state/flip", "delta/0", "delta/1"):
                if name in live:
                    live[name][:] = 0.0
            match config["rule"]:
                case "rule_1":
                    yield from _present(step, live, knobs, config["logic"], count, streams)
                case "rule_2":
                    yield from rule2.present(step, live, knobs, config, count)
                case _:
                    yield from rule3.present(step, live, knobs, count)
            yield Moment(step, "update", {**count, "presented": float(index)}, live)
            if step % task.eval_every == 0 or step >= config["steps"]:
                summary = _count(task, live, knobs) | count
                yield Moment(step, "eval", summary, live, watcher.look(step, live, summary["output_errors"], knobs))
                if finished():
                    break
    yield Moment(step, "done", _count(task, live, knobs) | count, live)


def _present(
    step: int, live: dict[str, Array], knobs: Knobs, logic: str, count: dict[str, float], streams: Streams
) -> Generator[Moment]:
    """Rule I: present, sum, decide; if the answer is wrong, assign the job of putting it right, and adapt."""
    x, W, b, d = live["input"], live["weights/0"], live["bias/0"], float(live["target"][0])
    yield Moment(step, "present", {}, live)

    s = x @ W + b
    o = sgn(s)
    live["pre/0"][:], live["act/0"][:], live["answer"][:] = s, o, decide(o, logic)
    yield Moment(step, "forward", {}, live)
    if live["answer"][0] == d:
        return

    count["mistakes"] += 1
    able = np.flatnonzero(o != d)  # units that agree with the wrong answer: only they can change it
    match knobs["pick"]:
        case "nearest":
            able = able[np.argsort(np.abs(s[able]), kind="stable")]
        case "random":
            able = streams["sampling"].permutation(able)
        case _:
            able = able[np.argsort(-np.abs(s[able]), kind="stable")]
    chosen = able[: needed(o, d, logic)]
    live["state/lit"][chosen] = 1.0
    yield Moment(step, "backward", {}, live)

    live["delta/0"][chosen] = knobs["alpha"] * (d - s[chosen]) / (x @ x + 1.0)  # + 1: the bias's input
    W += np.outer(x, live["delta/0"])
    b += live["delta/0"]
    count["adapted"] += len(chosen)


def _count(task: Task, live: dict[str, Array], knobs: Knobs) -> dict[str, float]:
    """Errors on all patterns; under Rule III also how far measured slopes are from true ones, at ds and ds / 10."""
    scalars = task.evaluate(live)
    if task.config["rule"] == "rule_3":
        off = [rule3.slope_error(task.x, task.targets, live, ds) for ds in (knobs["ds"], knobs["ds"] / 10)]
        scalars |= {"gradient_error": off[0], "decade": off[0] / max(1e-300, off[1])}
    return scalars


def needed(o: Array, d: float, logic: str) -> int:
    """How many units must turn to d so that the logic answers d. Shape: o (h,) of −1 and +1."""
    against = int((o != d).sum())
    match logic:
        case "or":
            return min(1, against) if d > 0 else against
        case "and":
            return against if d > 0 else min(1, against)
        case _:
            return max(0, len(o) // 2 + 1 - int((o == d).sum()))


def _first_weights(config: Mapping[str, Any], task: Task, streams: Streams) -> dict[str, Array]:
    """One dictionary, changed in place: a moment costs next to nothing until somebody wants to keep it."""
    d, h, c = task.n_inputs, int(config["hidden"]), task.n_outputs
    if config["rule"] == "rule_1" and (c > 1 or h == 0):
        raise BadInput(
            "Rule I needs two classes and at least one hidden unit",
            why=f"fixed logic gives one answer; here there are {c} output(s) and {h} hidden unit(s)",
            key="rule",
            remedy='Write rule = "rule_2"',
        )
    if config["rule"] == "rule_1" and config["logic"] == "majority" and h % 2 == 0:
        raise BadInput(f"{h} units can be split evenly: no majority", key="hidden", remedy="Take an odd number")
    if config["rule"] == "rule_3" and h == 0:
        raise BadInput("Rule III is for a hidden layer", key="hidden", remedy="Write hidden = 3")
    random, scale = streams["init"], config["init_scale"]

    def layer(inputs: int, units: int) -> tuple[Array, Array]:
        drawn = scale * random.uniform(-1.0, 1.0, (inputs + 1, units))
        if config["scale_by_inputs"]:
            drawn /= np.sqrt(inputs + 1)
        return drawn[:-1], drawn[-1]

    live: dict[str, Array] = {"input": np.zeros(d), "target": np.zeros(c), "answer": np.zeros(c)}
    sizes = [(d, c)] if h == 0 else [(d, h)] if config["rule"] == "rule_1" else [(d, h), (h, c)]
    for number, (inputs, units) in enumerate(sizes):
        live[f"weights/{number}"], live[f"bias/{number}"] = layer(inputs, units)
        for name in ("pre", "delta") if number else ("pre", "act", "delta"):
            live[f"{name}/{number}"] = np.zeros(units)
        if config["rule"] == "rule_3":
            live[f"grad/{number}"] = np.zeros(units)
    width = sizes[0][1]
    live["state/lit"], live["state/flip"] = np.zeros(width), np.zeros(width)
    return live
