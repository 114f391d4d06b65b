"""Grid, random and other searches on one budget, again and again: the best of each, as a distribution.

A step is one repetition: every searcher draws its trials, they are judged, and its best is kept. On the made-up
landscape the judge is a formula; on digits it is a small net that learns (nets.py), chosen by digits kept back for the
choice and counted on others.

Sources: Bergstra and Bengio 2012 (random against grid, few knobs matter); the rule of 59 trials: 1 - .95^59 = .9515.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.search_2012.nets import Nets
from nnhistory.eras.search_2012.space import draw, near, values
from nnhistory.eras.search_2012.tally import Tally

__all__ = ["run"]

_HILL = 0.1
"""How wide the hill is, as a share of an axis."""


def run(
    config: Mapping[str, Any], data: Dataset, streams: Streams, knobs: Knobs, start: Layers | None, device: str
) -> Iterator[Moment]:
    """Shapes: state/SEARCHER (trials, knobs + 1), where each trial of the newest repetition lies, and its score."""
    dims, levels = config["axes"], config["levels"]
    budget = levels**dims if levels else config["budget"]
    if budget > 512:
        raise BadInput(
            f"a grid of {levels} values on {dims} axes has {budget} points", key="levels",
            why="512 trials are the most", remedy="Lower axes or levels",
        )  # fmt: skip
    names = [*(("grid",) if levels else ()), "random", *(("spent",) if levels else ())]
    names += [name for name in ("fine", "linear") if config[name]]
    judge = _Landscape(config, streams) if config["objective"] == "landscape" else _Digits(config, data, streams)
    rng, tally = streams["sampling"], Tally(names, dims, budget)
    yield Moment(0, "eval", {"trials": 0.0}, {f"state/{name}": np.zeros((0, dims + 1)) for name in names})
    for step in range(1, config["repeats"] + 1):
        places = {name: draw(name, budget, dims, levels, rng) for name in names}
        found = judge.scores(places)
        if "fine" in names:
            coarse, counted = found["fine"]
            later = near(places["fine"][int(coarse.argmax())], budget // 2, rng)
            scores, newer = judge.scores({"fine": later})["fine"]
            places["fine"] = np.vstack([places["fine"], later])
            found["fine"] = np.append(coarse, scores), newer if scores.max() > coarse.max() else counted
        tally.add(places, found, judge.top, judge.seen(places["random"]))
        arrays = {f"state/{name}": np.column_stack([places[name], found[name][0]]) for name in names}
        first = tally.hits["random"][-1] and not any(tally.hits["random"][:-1])
        events = (("top_found", {"step": step, "trials": budget}),) if first else ()
        yield Moment(step, "eval", tally.scalars(), arrays, events)
    yield Moment(config["repeats"], "done", tally.scalars(), arrays)


class _Landscape:
    """A hill on the unit cube, wrapped round, so that no place is special: only `matter` of the axes count.

    f(u) = exp(-sum over the first `matter` axes of d_k^2 / (2 s^2)), d_k the distance from the top along axis k.
    """

    def __init__(self, config: Mapping[str, Any], streams: Streams) -> None:
        self.matter, self.dims = min(config["matter"], config["axes"]), config["axes"]
        self._rng, self.at = streams["data"], np.full(self.dims, 0.5)
        self.top = float(
            np.quantile(self._height(self._rng.random((40_000, self.dims)), np.full(self.dims, 0.5)), 0.95)
        )

    def _height(self, u: Array, top: Array) -> Array:
        off = np.abs(u - top)[:, : self.matter]
        d = np.minimum(off, 1.0 - off)
        found: Array = np.exp(-(d**2).sum(axis=1) / (2.0 * self.matter * _HILL**2))
        return found

    def seen(self, u: Array) -> Array:
        """The same places with the top in the middle of every axis, so that repetitions can be added up."""
        found: Array = (u - self.at + 0.5) % 1.0
        return found

    def scores(self, places: Mapping[str, Array]) -> dict[str, tuple[Array, float]]:
        """The height of every trial, (trials,), and that of the best. The top is elsewhere each time."""
        self.at = self._rng.random(self.dims) if len(places) > 1 else self.at  # the fine half climbs the same hill
        heights = {name: self._height(u, self.at) for name, u in places.items()}
        return {name: (height, float(height.max())) for name, height in heights.items()}


class _Digits:
    """Nets that learn digits: two thirds of the training part to fit, a third to choose by, the test part to count."""

    top = math.inf

    def __init__(self, config: Mapping[str, Any], data: Dataset, streams: Streams) -> None:
        if data.n_classes != 10 or not len(data.test_x):
            raise BadInput(
                "these nets have ten outputs and are counted on a test part", key="dataset",
                remedy='Write dataset = "digits8", or objective = "landscape"',
            )  # fmt: skip
        cut = 2 * len(data.train_x) // 3
        self.fit = data.train_x[:cut], data.train_y[:cut]
        self.kept_back, self.test = (data.train_x[cut:], data.train_y[cut:]), (data.test_x, data.test_y)
        self.config, self.streams = config, streams

    def seen(self, u: Array) -> Array:
        """The places as they are."""
        return u

    def scores(self, places: Mapping[str, Array]) -> dict[str, tuple[Array, float]]:
        """What every trial has right of the digits kept back, (trials,), and the best one of the test digits."""
        u, ends = np.vstack(list(places.values())), np.cumsum([0, *(len(at) for at in places.values())])
        linear = np.concatenate([np.full(len(at), name == "linear") for name, at in places.items()])
        nets = Nets(values(u, linear), self.fit[0].shape[1], self.streams["init"])
        order = self.streams["order"]
        nets.train(*self.fit, self.config["steps"], self.config["batch"], order, order)
        right = nets.right(*self.kept_back)
        each = [right[begin:end] for begin, end in pairwise(ends)]
        best = np.array([begin + int(one.argmax()) for begin, one in zip(ends, each, strict=False)])
        counted = nets.right(*self.test, best)
        return {name: (one, float(count)) for name, one, count in zip(places, each, counted, strict=True)}
