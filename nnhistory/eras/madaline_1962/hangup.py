"""When Rule II hangs: evidence that no flip it may try helps, and where there is one, the proof that none ever will."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from itertools import combinations, product
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array
from nnhistory.eras.madaline_1962.task import Task, sgn

__all__ = ["Watcher", "cures_everything", "expressible", "heard", "outcomes", "separable"]

_LARGEST = 20_000
"""With more changes to try than this nobody looks: large nets are counted, not proved."""
_STATES = 10
"""Hidden units up to which all 2^h hidden answers are gone through."""

Events = tuple[tuple[str, dict[str, Any]], ...]


class Watcher:
    """Notices, once, that a run of Rule II has stopped getting better and that no change it may try would help."""

    def __init__(self, config: Mapping[str, Any], task: Task) -> None:
        units = int(config["hidden"])
        tries = len(task.x) * (units + units * (units - 1) // 2)
        self.on = config["rule"] == "rule_2" and config["patience"] > 0 and units > 0 and tries <= _LARGEST
        self.config, self.task = config, task
        self.best, self.since, self.found = float("inf"), 0, False

    def look(self, step: int, live: Mapping[str, Array], errors: float, knobs: Knobs) -> Events:
        """After a count of errors: the event, or nothing."""
        if not self.on or self.found:
            return ()
        if errors < self.best:
            self.best, self.since = errors, step
        sweeps = (step - self.since) // len(self.task.x)
        if errors == 0 or sweeps < self.config["patience"]:
            return ()
        size = int(self.config["trial"])
        left = outcomes(live, self.task.x, self.task.targets, size, (knobs["alpha"], 1.0))
        if not left or min(left) < errors:
            return ()
        self.found = True
        units = heard(live, self.task.n_outputs)
        x, targets = self.task.x, self.task.targets
        proved = cures_everything(live, size) and not expressible(live, units, x, targets[:, 0])
        evidence = {
            "errors": int(errors),
            "tried": len(left),
            "best": int(min(left)),
            "sweeps": sweeps,
            "heard": len(units),
            "proved": int(proved),
        }
        return (("hang_up", evidence),)


def outcomes(live: Mapping[str, Array], x: Array, targets: Array, size: int, rates: tuple[float, ...]) -> list[int]:
    """Output errors over all patterns after each single change that Rule II may try now.

    For every pattern that is answered wrongly, every unit, every pair (up to `size` at once), and every rate: the
    weights are moved toward the flip as the rule would move them, all patterns are counted, and the change is undone.
    """
    W, b, V, c = (live[name] for name in ("weights/0", "bias/0", "weights/1", "bias/1"))

    def wrong(W: Array, b: Array) -> Array:
        return np.asarray((sgn(sgn(x @ W + b) @ V + c) != targets).sum(axis=1))

    units, left = range(W.shape[1]), []
    for index in np.flatnonzero(wrong(W, b)):
        s = x[index] @ W + b
        length = x[index] @ x[index] + 1.0
        for many in range(1, size + 1):
            for group in combinations(units, many):
                for rate in dict.fromkeys(rates):
                    move = np.zeros(len(s))
                    move[list(group)] = rate * (-sgn(s) - s)[list(group)] / length
                    left.append(int(wrong(W + np.outer(x[index], move), b + move).sum()))
    return left


def _answers(live: Mapping[str, Array]) -> tuple[Array, Array]:
    """Every possible set of hidden answers (2^h, h) and what the outputs make of it (2^h, C)."""
    states = np.array(list(product((-1.0, 1.0), repeat=live["weights/1"].shape[0])))
    return states, sgn(states @ live["weights/1"] + live["bias/1"])


def heard(live: Mapping[str, Array], outputs: int) -> list[int]:
    """Hidden units that an output can hear: their flip changes an answer for some set of the others' answers."""
    units = live["weights/1"].shape[0]
    if units > _STATES:
        return list(range(units))
    _, answers = _answers(live)
    table = answers.reshape(*(2,) * units, outputs)
    return [unit for unit in range(units) if (np.take(table, 0, axis=unit) != np.take(table, 1, axis=unit)).any()]


def cures_everything(live: Mapping[str, Array], size: int) -> bool:
    """Does some trial cure a wrong answer whatever the hidden units answer? Then the output weights never move again.

    For one output: from every set of hidden answers a flip of at most `size` units turns the answer.
    """
    units = live["weights/1"].shape[0]
    if units > _STATES or live["weights/1"].shape[1] != 1:
        return False
    states, answers = _answers(live)
    for state, answer in zip(states, answers[:, 0], strict=True):
        near = ((states != state).sum(axis=1) <= size) & (answers[:, 0] != answer)
        if not near.any():
            return False
    return True


def expressible(live: Mapping[str, Array], units: list[int], x: Array, signs: Array) -> bool:
    """Can some planes for the units that are heard, under the output as it is, give the wanted answers? Exact.

    One unit: a linear programme. Two units and at most 8 patterns: all pairs of dichotomies. Else True: not refuted.
    """
    if len(units) == 1:
        return separable(x, signs)
    if len(units) != 2 or len(x) > 8:
        return True
    V, c = live["weights/1"][:, 0], float(live["bias/1"][0])
    rest = c + float(np.delete(V, units).sum())  # whatever the others answer cannot be heard
    sides = _dichotomies(x.tobytes(), x.shape)
    answers = sgn(V[units[0]] * sides[:, None, :] + V[units[1]] * sides[None, :, :] + rest)
    return bool((answers == signs).all(axis=2).any())


@cache
def _dichotomies(patterns: bytes, shape: tuple[int, int]) -> Array:
    """Every way in which a plane can part the patterns, (m, n) of −1 and +1."""
    x = np.frombuffer(patterns).reshape(shape)
    ways = np.array(list(product((-1.0, 1.0), repeat=len(x))))
    half = [signs for signs in ways[: len(ways) // 2] if separable(x, signs)]
    return np.concatenate([half, -np.array(half)])


def separable(x: Array, signs: Array) -> bool:
    """Is there a plane between the classes? Exact, by linear programming: y (w x + b) >= 1 for all patterns."""
    from scipy.optimize import linprog

    rows = -signs[:, None] * np.column_stack([x, np.ones(len(x))])
    found = linprog(np.zeros(rows.shape[1]), A_ub=rows, b_ub=-np.ones(len(x)), bounds=(None, None), method="highs")
    return bool(found.status == 0)
