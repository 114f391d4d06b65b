"""Detectors for nets with hidden layers: stuck, flat, vanishing, exploding, saturated, twins, diverging.

They read what such an era reports of each layer l at every count: `grad_rms/l`, `delta_rms/l`, `act_mean/l`,
`saturated/l`, and `train_loss`, `train_error`. Layer 0 is next to the input. A detector that calls something broken
says what it measured; none of them knows the era.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Moment

__all__ = [
    "dead_units", "divergence", "exploding", "leaves_chance", "local_minimum", "plateau", "saturated", "saturating",
    "symmetric_units", "vanishing",
]  # fmt: skip

Found = list[tuple[str, dict[str, Any]]]
_NOTHING: Found = []

FLAT = 0.01
"""A stretch over which the error lost a smaller share than this is flat."""
LEAST = 20
"""Counts without which no stretch is judged."""
STUCK_STEPS = 1000
"""A minimum is not claimed before the error has been flat for so many steps, and for half of the run."""
TOLD_APART = 0.2
"""How far from their mean some output must be before a flat stretch is more than a plateau at guessing."""


@dataclass
class _Stretch:
    """The errors of the newest half of a run: is it flat?"""

    steps: deque[int] = field(default_factory=deque)
    losses: deque[float] = field(default_factory=deque)
    found: bool = False
    patterns: int = 0

    def add(self, step: int, loss: float) -> None:
        self.steps.append(step)
        self.losses.append(loss)
        while len(self.steps) > 2 and self.steps[0] < step / 2:
            self.steps.popleft()
            self.losses.popleft()

    @property
    def flat(self) -> bool:
        return len(self.steps) >= LEAST and self.fell < FLAT and self.swing < 2 * FLAT

    @property
    def fell(self) -> float:
        """Share of the error lost over the stretch."""
        return 1.0 - self.losses[-1] / self.losses[0] if self.losses[0] > 0 else 0.0

    @property
    def swing(self) -> float:
        """From the lowest to the highest error of the stretch, as a share of its end: what swings is not flat."""
        return (max(self.losses) - min(self.losses)) / self.losses[-1] if self.losses[-1] > 0 else 0.0

    @property
    def length(self) -> int:
        return self.steps[-1] - self.steps[0]


def _wrong(moment: Moment) -> float:
    return float(moment.scalars.get("train_error", 0.0))


def layers_of(scalars: Mapping[str, float], name: str) -> list[float]:
    """The values of `name/0`, `name/1`, ... as far as they go."""
    values: list[float] = []
    while (value := scalars.get(_of_layer(name, len(values)))) is not None:
        values.append(value)
    return values


@cache
def _of_layer(name: str, layer: int) -> str:
    return f"{name}/{layer}"


def local_minimum(state: _Stretch | None, moment: Moment) -> tuple[_Stretch, Found]:
    """Stuck with few patterns, all outputs known: half of the run so far flat, some patterns learned, some wrong.

    Only for sets small enough that every output is shown (`answer` has them all): there the claim can be checked by
    eye. It is a claim about the run, not about the error surface: the gradient is given as evidence.
    """
    stretch = state or _Stretch()
    if stretch.found or "answer" not in moment.arrays:
        return stretch, _NOTHING
    if "data/t" in moment.arrays:
        stretch.patterns = len(moment.array("data/t"))
    stretch.add(moment.step, moment.scalars["train_loss"])
    if stretch.length < STUCK_STEPS or _wrong(moment) == 0.0 or not stretch.flat:
        return stretch, _NOTHING
    answer, wanted = moment.array("answer"), moment.array("target")
    if len(answer) != stretch.patterns or answer.shape != wanted.shape:
        return stretch, _NOTHING
    spread = answer - answer.mean(axis=0)
    if float(np.abs(spread).max()) < TOLD_APART:
        return stretch, _NOTHING  # the same answer to everything: a plateau, and many a run leaves it
    stretch.found = True
    outputs = answer.ravel()
    # Of many outputs those that are off: the first twelve.
    told = np.arange(outputs.size) if outputs.size <= 8 else np.flatnonzero(np.abs(answer - wanted).ravel() > 0.25)[:12]
    evidence = {
        "outputs": " ".join(f"{outputs[k]:.3f}" for k in told),
        "wanted": " ".join(f"{wanted.ravel()[k]:g}" for k in told),
        "near_half": int(((outputs >= 0.45) & (outputs <= 0.55)).sum()),
        "wrong": round(_wrong(moment) * len(answer)),
        "patterns": len(answer),
        "loss": stretch.losses[-1],
        "fell": stretch.fell,
        "flat_for": stretch.length,
        "gradient": max(layers_of(moment.scalars, "grad_rms"), default=0.0),
    }
    return stretch, [("local_minimum", evidence)]


def plateau(state: _Stretch | None, moment: Moment) -> tuple[_Stretch, Found]:
    """The error is flat over half of the run so far, and patterns are wrong. It may fall later."""
    stretch = state or _Stretch()
    if stretch.found:
        return stretch, _NOTHING
    stretch.add(moment.step, moment.scalars["train_loss"])
    if _wrong(moment) == 0.0 or not stretch.flat:
        return stretch, _NOTHING
    stretch.found = True
    evidence = {
        "loss": stretch.losses[-1], "fell": stretch.fell, "flat_for": stretch.length, "wrong": _wrong(moment),
    }  # fmt: skip
    return stretch, [("plateau", evidence)]


RATIO = 1e-3
"""Gradient of the first layer over that of the last, below which it is called vanishing."""
FEEBLE = 1e-2
"""The same ratio, above which the weights of the first layer get enough of a gradient to be trained by it."""
FACTOR = 0.5
"""What is left of the error signal from one layer to the one below, on average, if it is vanishing."""
DEEP = 3
"""Layers of weights from which on there is a way to vanish on."""


def _backward_factor(deltas: list[float]) -> float:
    """The mean factor of the error signal for each layer that it goes down."""
    if len(deltas) < 2 or deltas[-1] <= 0 or deltas[0] <= 0:
        return 0.0
    return float((deltas[0] / deltas[-1]) ** (1.0 / (len(deltas) - 1)))


_CUT = 1e-9
"""What no layer leaves of the error signal just by its slopes and weights."""


def _cut(deltas: list[float]) -> bool:
    """One single layer takes the whole error signal: all weights 0, or the shares of equal units cancel. Not depth."""
    return any(low <= _CUT * high for low, high in pairwise(deltas))


@dataclass
class _Backward:
    stretch: _Stretch = field(default_factory=_Stretch)
    told: set[str] = field(default_factory=set)


def vanishing(state: _Backward | None, moment: Moment) -> tuple[_Backward, Found]:
    """The error signal shrinks from layer to layer on its way back: at the start, and again while the run stalls.

    Judged by the factor from one layer to the one below, not by the spread between largest and smallest: that is
    large for an exploding gradient, too. A stalled net whose layers have all shrunk together has an ordinary ratio
    of first to last; there the factor on the way still tells.
    """
    seen = state or _Backward()
    grads = layers_of(moment.scalars, "grad_rms")
    if len(grads) < DEEP:
        return seen, _NOTHING
    deltas = layers_of(moment.scalars, "delta_rms")
    if not all(map(math.isfinite, [*grads, *deltas])) or _cut(deltas):
        return seen, _NOTHING
    seen.stretch.add(moment.step, moment.scalars["train_loss"])
    factor, ratio = _backward_factor(deltas), grads[0] / grads[-1] if grads[-1] > 0 else 0.0
    # Both must be weak: with tanh the signal may shrink while the gradient of the weights does not, and the net learns.
    weak = factor < FACTOR and ratio < FEEBLE and min(ratio, factor ** (len(deltas) - 1)) < RATIO
    when = ""
    if moment.step == 0 and weak:
        when = "start"
    elif "stalled" not in seen.told and factor < FACTOR and _wrong(moment) > 0 and seen.stretch.flat:
        when = "stalled"
    if not when or when in seen.told:
        return seen, _NOTHING
    seen.told.add(when)
    evidence = {
        "first": grads[0], "last": grads[-1], "ratio": ratio, "factor": factor, "layers": len(grads), "when": when,
    }  # fmt: skip
    return seen, [("vanishing", evidence)]


def exploding(state: bool | None, moment: Moment) -> tuple[bool, Found]:
    """The error signal *grows* from layer to layer on its way back, a thousandfold in all."""
    grads = layers_of(moment.scalars, "grad_rms")
    if state or len(grads) < DEEP:
        return bool(state), _NOTHING
    deltas = layers_of(moment.scalars, "delta_rms")
    if not all(map(math.isfinite, [*grads, *deltas])):
        return False, _NOTHING
    if deltas[-1] <= 0 or grads[-1] <= 0 or deltas[0] < deltas[-1] / RATIO:
        return False, _NOTHING
    evidence = {
        "first": grads[0], "last": grads[-1], "ratio": grads[0] / grads[-1], "factor": _backward_factor(deltas),
        "layers": len(grads),
    }  # fmt: skip
    return True, [("exploding", evidence)]


MOSTLY = 0.9
"""Share of a hidden layer's outputs at an end of the range from which on the layer is called saturated."""


def saturated(state: set[int] | None, moment: Moment) -> tuple[set[int], Found]:
    """Most outputs of a hidden layer sit at an end of their range while patterns are wrong: no slope is left there."""
    told = state if state is not None else set()
    shares = layers_of(moment.scalars, "saturated")[:-1]
    if _wrong(moment) == 0.0:
        return told, _NOTHING
    found: Found = []
    for layer, share in enumerate(shares):
        if share >= MOSTLY and layer not in told:
            told.add(layer)
            mean = moment.scalars.get(f"act_mean/{layer}", 0.0)
            found.append(("saturated", {"layer": layer + 1, "share": share, "mean": mean}))
    return told, found


DIED, BORN_DEAD = 0.25, 0.45
"""Share of a layer's ReLUs that must have died since the start, or were dead then, before it is told.

In the upper layers of a deep net a third of the units can be born dead, and the net learns all the same.
"""


def dead_units(state: dict[int, float] | None, moment: Moment) -> tuple[dict[int, float], Found]:
    """Many of a hidden layer's units are 0 for every training pattern: no gradient reaches their weights.

    Only for eras that report `dead/l`. `born` is the share that was dead before the first step. A layer is told once.
    """
    shares = layers_of(moment.scalars, "dead")
    born = state if state is not None else dict(enumerate(shares))
    found: Found = []
    for layer, share in enumerate(shares):
        if layer in born and (share - born[layer] >= DIED or born[layer] >= BORN_DEAD):
            units = len(moment.array(f"bias/{layer}"))
            evidence = {
                "layer": layer + 1, "count": round(share * units), "units": units, "share": share,
                "born": born.pop(layer),
            }  # fmt: skip
            found.append(("dead_units", evidence))
    return born, found


BETTER = 0.9
"""Share of the error of guessing below which a net has left chance."""

FLATTENED = 0.25
"""Mean slope of a hidden layer, as a share of the steepest, below which its units are on their way to an end."""


def saturating(state: set[int] | None, moment: Moment) -> tuple[set[int], Found]:
    """A hidden layer has drifted so far to an end of its range that a quarter of the slope is left, or less.

    Earlier than `saturated`, which wants the outputs at the very end: a sigmoid at .05 still has a fifth of its slope.
    Only for eras that report `slope_left/l`, and only while the net is no better than guessing: units of a net that
    has learned sit at their ends because they have decided.
    """
    told = state if state is not None else set()
    if _learned(moment) is not False:
        return told, _NOTHING
    found: Found = []
    hidden = len(layers_of(moment.scalars, "grad_rms")) - 1
    for layer, slope in enumerate(layers_of(moment.scalars, "slope_left")[:hidden]):
        if slope < FLATTENED and layer not in told:
            told.add(layer)
            mean, share = (moment.scalars.get(f"{name}/{layer}", 0.0) for name in ("act_mean", "saturated"))
            found.append(("saturating", {"layer": layer + 1, "mean": mean, "slope": slope, "share": share}))
    return told, found


def _learned(moment: Moment) -> bool | None:
    """Is the error clearly below that of guessing? None where the era does not report `chance_loss`."""
    chance = moment.scalars.get("chance_loss")
    return None if chance is None else moment.scalars["train_loss"] < BETTER * chance


def leaves_chance(state: bool | None, moment: Moment) -> tuple[bool | None, Found]:
    """The error is, for the first time, clearly below that of guessing (`chance_loss`). Not claimed at the start."""
    learned = _learned(moment)
    if state or not learned:
        return state, _NOTHING
    if moment.step == 0:
        return True, _NOTHING
    scalars = moment.scalars
    evidence: dict[str, Any] = {"loss": scalars["train_loss"], "chance": scalars["chance_loss"]}
    if "round_steps" in scalars:
        evidence["round"] = math.ceil(moment.step / scalars["round_steps"])
    return True, [("leaves_chance", evidence)]


def symmetric_units(state: tuple[bool, int] | None, moment: Moment) -> tuple[tuple[bool, int], Found]:
    """Hidden units with the same weights in and out, at the start and still after a hundred counts or at the end.

    They receive the same error, so they stay the same: one unit, many times. Compared exactly, up to rounding.
    """
    told, counts = state or (False, 0)
    if told or f"weights/{0}" not in moment.arrays:
        return (told, counts), _NOTHING
    if counts and moment.phase != "done" and counts % 10:
        return (told, counts + 1), _NOTHING
    layer = 0
    best: tuple[int, int, int, float] | None = None
    while f"weights/{layer + 1}" in moment.arrays:
        coming, going = moment.array(f"weights/{layer}"), moment.array(f"weights/{layer + 1}")
        units = coming.shape[1]
        if 1 < units <= 512 and units <= len(going):  # a maxout unit is several sums: those are no twins
            twins, spread = _twins(np.concatenate([coming, moment.array(f"bias/{layer}")[None], going[:units].T]))
            if twins > 1 and (best is None or twins > best[1]):
                best = (layer + 1, twins, units, spread)
        layer += 1
    if best is None:
        return (True, counts), _NOTHING  # no twins now: identical units cannot arise later but by chance
    if moment.step == 0:
        return (False, counts + 1), _NOTHING
    evidence = {"layer": best[0], "units": best[1], "of": best[2], "spread": best[3]}
    return (True, counts), [("symmetric_units", evidence)]


def _twins(columns: Array) -> tuple[int, float]:
    """The largest set of equal columns: how many, and the largest difference among them."""
    scale = float(np.abs(columns).max()) or 1.0
    _, group, sizes = np.unique(np.round(columns / scale, 9), axis=1, return_inverse=True, return_counts=True)
    alike = columns[:, group.ravel() == int(sizes.argmax())]
    return alike.shape[1], float(np.ptp(alike, axis=1).max())


WORSE = 10.0
"""The error is this many times its lowest, and above where it began: the steps make it worse."""


def divergence(state: tuple[float, float, bool] | None, moment: Moment) -> tuple[tuple[float, float, bool], Found]:
    """The error climbs far above its lowest and above its start."""
    loss = moment.scalars["train_loss"]
    if state is None:
        return (loss, loss, False), _NOTHING
    first, lowest, told = state
    if told:
        return state, _NOTHING
    if not loss <= max(first * 1.5, WORSE * lowest):
        times = loss / lowest if lowest > 0 else float("inf")
        if np.isfinite(times):
            return (first, lowest, True), [("divergence", {"loss": loss, "lowest": lowest, "times": times})]
        return (first, lowest, True), _NOTHING
    return (first, min(lowest, loss), False), _NOTHING
