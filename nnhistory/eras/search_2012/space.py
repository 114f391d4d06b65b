"""The knobs that are searched, and where searchers look: points of the unit cube, one axis for each knob.

    grid      the same values on every axis, all combinations; where it begins is drawn (a random offset, wrapped round)
    random    every coordinate of every trial is drawn
    spent     as many values on the first axis as there are trials, the others left where they usually are
    fine      coarse to fine: half of the trials drawn everywhere, the other half near the best of the first
    linear    as random, but the learning rate is drawn on a linear scale, not by its power of ten

Source: Bergstra and Bengio 2012, figure 1 and section 2; the random offset is this program's, so that a grid, too, has
a distribution and not one lucky or unlucky place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["AXES", "SEARCHERS", "Axis", "draw", "near", "values"]

SEARCHERS = ("grid", "random", "spent", "fine", "linear")
_NEAR = 0.125
"""Half the width of the box that the fine half is drawn from: a quarter of every axis."""


class Axis(NamedTuple):
    """One knob. `kind`: log or linear between low and high; integer, on a log scale; or a choice of `names`."""

    name: str
    kind: str
    low: float = 0.0
    high: float = 1.0
    usual: float = 0.5
    """Where it usually stands, 0 to 1 along the axis."""
    names: tuple[str, ...] = ()


AXES = (
    Axis("rate", "log", 1e-3, 10.0, 0.5),
    Axis("l2", "log", 1e-6, 1e-1, 0.4),
    Axis("dropout", "linear", 0.0, 0.6, 0.1),
    Axis("width", "integer", 4, 16, 0.75),
    Axis("update", "choice", usual=0.1, names=("sgd", "momentum", "adam")),
    Axis("schedule", "choice", usual=0.1, names=("constant", "step", "inverse", "cosine")),
    Axis("depth", "integer", 1, 2, 0.1),
)
"""The order in which knobs join a search."""


def draw(searcher: str, budget: int, dims: int, levels: int, rng: np.random.Generator) -> Array:
    """Where one search looks, (trials, dims) in [0, 1). Of `fine`, the coarse half."""
    match searcher:
        case "grid":
            offset = rng.random(dims)
            axes = [(offset[k] + np.arange(levels) / levels) % 1.0 for k in range(dims)]
            return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, dims)
        case "spent":
            usual = np.array([axis.usual for axis in AXES[:dims]])
            found = np.tile(usual, (budget, 1))
            found[:, 0] = (rng.random() + np.arange(budget) / budget) % 1.0
            return found
        case "fine":
            return rng.random((budget - budget // 2, dims))
        case _:
            return rng.random((budget, dims))


def near(best: Array, count: int, rng: np.random.Generator) -> Array:
    """The fine half: (count, dims) in a box around the best of the coarse half, inside the cube."""
    middle = np.clip(best, _NEAR, 1.0 - _NEAR)
    found: Array = middle + rng.uniform(-_NEAR, _NEAR, (count, len(best)))
    return np.clip(found, 0.0, 1.0 - 1e-9)


def values(u: Array, linear: Array) -> dict[str, Array]:
    """What the points mean: a value (n,) of every knob; those not searched stand where they usually do.

    u (n, dims); linear (n,) : the learning rate is on a linear scale there. Choices come as numbers.
    """
    found = {}
    for k, axis in enumerate(AXES):
        at = u[:, k] if k < u.shape[1] else np.full(len(u), axis.usual)
        match axis.kind:
            case "log":
                found[axis.name] = axis.low * (axis.high / axis.low) ** at
            case "linear":
                found[axis.name] = axis.low + (axis.high - axis.low) * at
            case "integer":
                span = np.log((axis.high + 1) / axis.low)
                found[axis.name] = np.floor(axis.low * np.exp(span * np.minimum(at, 1 - 1e-9)) + 1e-12)
            case _:
                found[axis.name] = np.minimum(np.floor(at * len(axis.names)), len(axis.names) - 1)
    rate = AXES[0]
    found["rate"] = np.where(linear, rate.low + (rate.high - rate.low) * u[:, 0], found["rate"])
    return found
