"""Sampling: what is held fast stays, what is erased is filled in, sweep by sweep. Nothing is learned."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Moment
from nnhistory.eras.rbm_2006.machine import Machine, sample
from nnhistory.eras.rbm_2006.measure import numpy
from nnhistory.eras.rbm_2006.task import Task, held_mask

__all__ = ["run"]


def run(
    config: Mapping[str, Any], task: Task, machine: Machine, rng: torch.Generator, knobs: Knobs
) -> Iterator[Moment]:
    """Gibbs sampling of one picture. Shapes: target input state/model state/held (d,), hidden/model act/0 (h,).

    A picture of the user's (`picture`) takes the place of the data's; a mask (`clamp`) that of `erase`. Both are live.
    target: the whole picture; input: the pixels as they are now, 0 or 1 (held ones as given); state/model: p(v | h).
    """
    side = (task.data.image_shape or (0, 0))[0]
    if side * side != task.data.n_inputs:
        raise BadInput(
            "only pictures can be completed", key="mode", remedy='Write mode = "learn", or take a data set of pictures'
        )
    v = h = machine.W[:1]
    target = mask = np.empty(0)
    turned = -1
    live: dict[str, Any] = {}
    step = 0

    def begin() -> None:
        """The picture and the mask as they are set now; what is erased starts as noise."""
        nonlocal v, h, target, mask, turned
        turned = knobs.version
        before = target
        target = _picture(task, config, knobs, side)
        mask = held_mask(side, knobs["erase"], _fitting(knobs["clamp"], side, "clamp")).ravel()
        fresh = sample(machine.W.new_full((1, len(mask)), 0.5), rng)
        v = v if v.shape == fresh.shape and (target == before).all() else fresh
        v = hold(v)
        h = machine.hidden(v)
        live.update({"target": target, "state/held": mask, "state/model": numpy(machine.visible(h)[0])})
        show()

    def hold(pixels: torch.Tensor) -> torch.Tensor:
        held, fixed = machine.W.new_tensor(mask), machine.W.new_tensor(target)
        return held * fixed + (1.0 - held) * pixels

    def show() -> None:
        live.update({"input": numpy(v[0]), "act/0": numpy(machine.hidden(v)[0]), "hidden/sample": numpy(h[0])})

    def numbers() -> dict[str, float]:
        erased = mask < 0.5
        wrong = float(np.abs(live["state/model"] - target)[erased].mean()) if erased.any() else 0.0
        energy = float(machine.free_energy(v)[0])
        return {"erased": float(erased.sum()), "off": wrong, "free_energy": energy}

    begin()
    weights = {"weights/0": numpy(machine.W), "bias/0": numpy(machine.c), "bias/visible": numpy(machine.b)}
    yield Moment(0, "eval", numbers(), {**live, **weights, **task.statics()})
    while step < config["steps"]:
        if knobs.version != turned:
            begin()
        step += 1
        yield Moment(step, "present", {}, dict(live))
        h = sample(machine.hidden(v), rng)
        show()
        yield Moment(step, "forward", {}, dict(live))
        p = machine.visible(h)
        v = hold(sample(p, rng))
        live["state/model"] = numpy(hold(p)[0])
        show()
        yield Moment(step, "update", numbers(), dict(live))
    yield Moment(step, "done", numbers(), {**live, **weights})


def _picture(task: Task, config: Mapping[str, Any], knobs: Mapping[str, Any], side: int) -> Array:
    drawn = _fitting(knobs["picture"], side, "picture")
    if drawn is not None:
        return np.array(drawn, dtype=np.float64).ravel()
    rows = task.test_x if len(task.test_x) else task.x
    return np.array(rows[knobs["which"] % len(rows)])


def _fitting(picture: Any, side: int, name: str) -> Any:
    if picture is not None and len(picture) != side:
        raise BadInput(f"{name} is {len(picture)} pixels wide, the machine's pictures are {side}", key=name)
    return picture
