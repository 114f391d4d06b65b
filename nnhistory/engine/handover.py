"""What one run hands to another: its weights (`start`) and what it makes of its data (`input`)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.layers import Layer, Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.datasets.dataset import Dataset
from nnhistory.engine.plan import RunPlan

__all__ = ["Feed", "Giver", "fed", "feed_of", "layers_of", "start_of"]


class Giver(Protocol):
    """A run that others build on, at its end."""

    def layers(self) -> Layers: ...
    def offer(self, name: str) -> Array | None: ...
    def offers(self) -> list[str]: ...


@dataclass(frozen=True)
class Feed:
    """Another run's array in place of the data's inputs: train (n, k), test (m, k) or None, the layers below it."""

    train: Array
    test: Array | None
    below: Layers


def start_of(plan: RunPlan, runs: Mapping[str, Giver]) -> Layers | None:
    """The weights this plan starts from, picked from an earlier run, perhaps unrolled, and where they go."""
    if plan.start is None:
        return None
    picked = runs[plan.start.from_].layers().only(plan.start.layers)
    return (picked.unrolled() if plan.start.unroll else picked).placed(plan.start.into)


def feed_of(plan: RunPlan, runs: Mapping[str, Giver]) -> Feed | None:
    """The array this plan feeds on. The test part is `ARRAY/test`, where the earlier run offers it."""
    if plan.input is None:
        return None
    giver, name = runs[plan.input.from_], plan.input.array
    train = giver.offer(name)
    if train is None:
        raise BadInput(
            f'run "{plan.input.from_}" offers no array "{name}"', key="input.array",
            remedy=did_you_mean(name, giver.offers(), noun="array"),
        )  # fmt: skip
    return Feed(train, giver.offer(f"{name}/test"), giver.layers())


def layers_of(moment: Moment, run: str) -> Layers:
    """The weights of a moment of this run: copies of its arrays `weights/l`, flat, and `bias/l` (0 where it has none).

    `bias/visible` are the biases of layer 0's inputs.
    """
    stack: list[Layer] = []
    while (name := f"weights/{len(stack)}") in moment.arrays:
        index = len(stack)
        W = _copy(moment, name)
        W = W.reshape(W.shape[0], -1)
        bias = f"bias/{index}"
        b = _copy(moment, bias).reshape(-1) if bias in moment.arrays else np.zeros(W.shape[1])
        visible = _copy(moment, "bias/visible") if index == 0 and "bias/visible" in moment.arrays else None
        stack.append(Layer(W, b, visible, name=f"{run}/{index}"))
    return Layers(tuple(stack))


def _copy(moment: Moment, name: str) -> Array:
    return np.array(moment.array(name), dtype=np.float64)


def fed(data: Dataset, feed: Feed) -> Dataset:
    """The same rows and labels with other inputs. BadInput if the rows are not the same in number."""
    if feed.train.ndim != 2 or len(feed.train) != len(data.train_x):
        raise BadInput(
            f"this array {feed.train.shape} cannot take the place of the inputs {data.train_x.shape}", key="input",
            why="it has to have one row for each training row",
            remedy="Give both runs the same data set and seed",
        )  # fmt: skip
    test = feed.test if feed.test is not None and len(feed.test) == len(data.test_y) else None
    return dataclasses.replace(
        data, train_x=feed.train, test_x=np.empty((0, 0)) if test is None else test,
        test_y=data.test_y if test is not None else np.empty(0, dtype=np.int64),
        test_t=data.test_t if test is not None else None, image_shape=None, separator=None, features=(),
    )  # fmt: skip
