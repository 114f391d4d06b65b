"""Detectors: pure folds over every moment that notice what happened, and keep the evidence.

A detector is a function `fold(state, moment) -> (state, found)`; `state` is None at the start and `found` a list of
(kind, evidence). It declares the phases it reads. Detectors run before the schedule decides what is kept, so no
event is missed; replay reads the stored events and does not detect again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nnhistory.core.moment import Array, Moment
from nnhistory.engine import detectors_layers as layers

__all__ = ["DETECTORS", "Detector", "Found"]

Found = list[tuple[str, dict[str, Any]]]
_NOTHING: Found = []


@dataclass(frozen=True)
class Detector:
    """A named fold, the phases it wants to see, and the kinds of event it can report.

    needs : the scalar without which it has nothing to say about a moment, and is not asked.
    once : it reports at most once in a run, and need not be asked again.
    steady : what it claims holds only while no knob is turned; a turn makes it begin anew.
    odd : it need only be asked where a scalar is not finite.
    beyond : it need only be asked where a scalar is less or more than ever before, as a count is that has grown.
    """

    name: str
    fold: Callable[[Any, Moment], tuple[Any, Found]]
    phases: frozenset[str]
    kinds: frozenset[str]
    needs: str = ""
    once: bool = False
    steady: bool = False
    odd: bool = False
    beyond: bool = False


def _converged(state: bool | None, moment: Moment) -> tuple[bool | None, Found]:
    """A complete pass over the data without an error (`train_error` is 0): the rule has nothing left to change.

    Evidence: `mistakes` so far, the `bound` on them where the era knows one, and their `ratio`.
    """
    error = moment.scalars.get("train_error")
    if error is None:
        return state, _NOTHING
    if error > 0:
        return False, _NOTHING
    if state:
        return True, _NOTHING
    evidence: dict[str, Any] = {"step": moment.step}
    for name in ("mistakes", "bound"):
        if name in moment.scalars:
            evidence[name] = moment.scalars[name]
    if evidence.get("bound"):
        evidence["ratio"] = evidence.get("mistakes", 0.0) / evidence["bound"]
    return True, [("converged", evidence)]


@dataclass
class _Orbit:
    """Where the weights have been: the first states exactly, then only one, at powers of two (Brent 1980)."""

    names: list[str] = field(default_factory=list)
    """What the era calls its weights."""
    seen: dict[tuple[float, bytes], tuple[int, float]] = field(default_factory=dict)
    room: int = 4 * 2**20
    """Bytes that may still be remembered."""
    large: bool = False
    """So many weights that their length is not worth measuring after every change."""
    anchor: tuple[float, list[Array], int, float] | None = None
    power: int = 1
    mistakes: float = -1.0
    norms: float = 0.0
    found: bool = False


_REMEMBERED = 4096
_LARGE = 256


def _limit_cycle(state: _Orbit | None, moment: Moment) -> tuple[_Orbit | None, Found]:
    """The weights are back where they were, at the same place in a fixed cyclic order.

    The rule is a function of the weights and of the next pattern. With a fixed order, a state that returns is a
    proof that everything after it repeats. The era offers the scalar `position` (place in the cycle after this
    step) only when that argument holds; without it, nothing is claimed. A return without any change on the way
    is convergence, not a cycle, so only states right after a change (`mistakes` has grown) are looked at.

    Evidence: `period` (presentations), `first` and `again` (the steps with equal weights), `changes` on the way
    round, `max_norm` (largest length seen of all weights: after every change, of large nets after every eighth once
    their states are too many to be remembered).
    """
    scalars = moment.scalars
    mistakes = scalars.get("mistakes")
    if state is not None and mistakes == state.mistakes:
        return state, _NOTHING
    position = scalars.get("position")
    if position is None or mistakes is None:
        return state, _NOTHING
    orbit = state if state is not None else _Orbit()
    if orbit.found:
        return orbit, _NOTHING
    orbit.mistakes = mistakes
    if not orbit.names:
        orbit.names = [name for name in moment.arrays if name.startswith(("weights/", "bias/"))]
        orbit.large = sum(moment.array(name).size for name in orbit.names) > _LARGE
    measures = orbit.room > 0 or not orbit.large or mistakes % 8 == 0
    anchor = orbit.anchor
    returns = anchor is not None and anchor[0] == position
    if not measures and not returns and moment.step < orbit.power:
        return orbit, _NOTHING
    arrays = [moment.array(name) for name in orbit.names]
    if measures:
        square = 0.0
        for array in arrays:
            square += float(np.vdot(array, array))
        orbit.norms = max(orbit.norms, math.sqrt(square))

    before: tuple[int, float] | None = None
    key = None
    if orbit.room > 0:
        key = (position, b"".join([(array + 0.0).tobytes() for array in arrays]))  # + 0.0: -0.0 and 0.0 are one state
        before = orbit.seen.get(key)
    if before is None and returns and anchor is not None:
        before = anchor[2:] if all((old == new).all() for old, new in zip(anchor[1], arrays, strict=True)) else None
    if before is not None:
        evidence = {
            "period": moment.step - before[0],
            "first": before[0],
            "again": moment.step,
            "changes": int(mistakes - before[1]),
            "max_norm": orbit.norms,
        }
        orbit.seen.clear()
        orbit.found, orbit.anchor = True, None
        return orbit, [("limit_cycle", evidence)]
    if key is not None:
        orbit.seen[key] = (moment.step, mistakes)
        orbit.room -= len(key[1]) + 100
        if len(orbit.seen) >= _REMEMBERED:
            orbit.room = 0
    elif moment.step >= orbit.power:
        orbit.anchor = (position, [array.copy() for array in arrays], moment.step, mistakes)
        while orbit.power <= moment.step:
            orbit.power *= 2
    return orbit, _NOTHING


def _non_finite(state: bool | None, moment: Moment) -> tuple[bool | None, Found]:
    """A number has become NaN or infinite: nothing computed from here on means anything. Evidence: which."""
    if state:
        return state, _NOTHING
    for name, value in moment.scalars.items():
        if not math.isfinite(value):
            return True, [("non_finite", {"metric": name, "value": str(value), "step": moment.step})]
    return state, _NOTHING


def _mse_divergence(first: float | None, moment: Moment) -> tuple[float | None, Found]:
    """The mean square error (`mse`) is a thousand times what it was at the start, or no number any more.

    Evidence: `first`, `mse` and their ratio `factor` (both at most 1e300, so that they can be written down).
    """
    error = moment.scalars.get("mse")
    if error is None:
        return first, _NOTHING
    if first is None:
        return max(error, 1e-300), _NOTHING
    if error < 1000 * first:
        return first, _NOTHING
    now = error if error < 1e300 else 1e300
    return first, [("divergence", {"first": first, "mse": now, "factor": min(now / first, 1e300), "step": moment.step})]


def _settled(first: float | None, moment: Moment) -> tuple[float | None, Found]:
    """The error above the least there is (`excess`) has fallen to a hundredth of what it was at the start.

    Evidence: `first`, `excess` and their ratio `share`.
    """
    excess = moment.scalars.get("excess")
    if excess is None:
        return first, _NOTHING
    if first is None:
        return excess, _NOTHING
    if not excess < 0.01 * first:
        return first, _NOTHING
    return first, [("settled", {"first": first, "excess": excess, "share": excess / first, "step": moment.step})]


DETECTORS: dict[str, Detector] = {
    detector.name: detector
    for detector in (
        Detector("converged", _converged, frozenset({"eval", "done"}), frozenset({"converged"}), "train_error"),
        Detector(
            "limit_cycle",
            _limit_cycle,
            frozenset({"update"}),
            frozenset({"limit_cycle"}),
            "position",
            once=True,
            steady=True,
            beyond=True,
        ),
        Detector(
            "mse_divergence", _mse_divergence, frozenset({"eval", "done"}), frozenset({"divergence"}), "mse", once=True
        ),
        Detector("settled", _settled, frozenset({"eval", "done"}), frozenset({"settled"}), "excess", once=True),
        Detector(
            "non_finite",
            _non_finite,
            frozenset({"update", "eval", "done"}),
            frozenset({"non_finite"}),
            once=True,
            odd=True,
        ),
        *(
            Detector(name, fold, frozenset({"eval", "done"}), frozenset({name}), "train_loss", once=once)
            for name, fold, once in (
                ("local_minimum", layers.local_minimum, True),
                ("plateau", layers.plateau, True),
                ("vanishing", layers.vanishing, False),
                ("exploding", layers.exploding, True),
                ("saturated", layers.saturated, False),
                ("saturating", layers.saturating, False),
                ("leaves_chance", layers.leaves_chance, True),
                ("symmetric_units", layers.symmetric_units, True),
                ("dead_units", layers.dead_units, False),
                ("divergence", layers.divergence, True),
            )
        ),
    )
}
