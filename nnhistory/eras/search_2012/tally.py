"""What a row of searches adds up to: the best of each as a distribution, and which knobs mattered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.eras.search_2012.space import AXES, values

__all__ = ["Shares", "Tally"]

_BINS = 6
_FEW = 96
"""Trials before which nothing is said."""


class Shares:
    """For each axis, which share of the variance of the scores its value alone explains. Adds up as trials come.

    The variance of the means in six bins of the axis over the variance of all; what chance gives is taken off both.
    """

    def __init__(self, dims: int) -> None:
        self.counts, self.sums = np.zeros((dims, _BINS)), np.zeros((dims, _BINS))
        self.squares = 0.0

    def add(self, u: Array, score: Array) -> None:
        """u (n, dims) in [0, 1); score (n,)."""
        for k in range(u.shape[1]):
            places = np.minimum((u[:, k] * _BINS).astype(int), _BINS - 1)
            self.counts[k] += np.bincount(places, minlength=_BINS)
            self.sums[k] += np.bincount(places, score, minlength=_BINS)
        self.squares += float((score * score).sum())

    def found(self) -> Array:
        """(dims,); 0 while there are too few trials to say anything."""
        n = float(self.counts[0].sum())
        if n < _FEW:
            return np.zeros(len(self.counts))
        mean = float(self.sums[0].sum()) / n
        total = self.squares / n - mean * mean
        means = self.sums / np.maximum(self.counts, 1.0)
        between = (self.counts * (means - mean) ** 2).sum(axis=1) / n
        within = np.maximum(0.0, total - between) / (n - _BINS)
        found: Array = np.clip((between - (_BINS - 1) * within) / max(total, 1e-300), 0.0, 1.0)
        return found


class Tally:
    """Adds up repetitions. `best[name]` is a list of what the chosen trial counted for."""

    def __init__(self, names: Sequence[str], dims: int, budget: int) -> None:
        self.names, self.dims, self.budget = list(names), dims, budget
        self.best: dict[str, list[float]] = {name: [] for name in names}
        self.hits: dict[str, list[bool]] = {name: [] for name in names}
        self.trials = 0
        self._shares = Shares(dims)
        self._chosen: Array = np.zeros((1, dims))

    def add(
        self, places: Mapping[str, Array], found: Mapping[str, tuple[Array, float]], top: float, seen: Array
    ) -> None:
        """One repetition. found[name] : the scores (trials,), and what the best of them is counted for.

        top : a score that is among the best 5 %. seen : where the random trials lay.
        """
        for name in self.names:
            scores, counted = found[name]
            self.best[name].append(counted)
            self.hits[name].append(bool(scores.max() >= top))
            self.trials += len(scores)
        self._shares.add(seen, found["random"][0])
        name = "fine" if "fine" in self.names else "random"
        self._chosen = places[name][int(found[name][0].argmax())][None]

    def scalars(self) -> dict[str, float]:
        """Everything known so far."""
        found = {"trials": float(self.trials), "budget": float(self.budget)}
        for name in self.names:
            best = np.array(self.best[name])
            found[f"best/{name}"], found[f"best_mean/{name}"] = float(best[-1]), float(best.mean())
            found[f"best_sd/{name}"] = float(best.std(ddof=1)) if len(best) > 1 else 0.0
            found[f"top/{name}"] = float(np.mean(self.hits[name]))
        for name in self.names:
            if name != "random":
                ahead = np.array(self.best["random"]) - np.array(self.best[name])
                found[f"gain/{name}"] = float(ahead.mean())
                found[f"wins/{name}"] = float((ahead > 0).mean() + 0.5 * (ahead == 0).mean())
        if self.dims > 1:
            each = self._shares.found()
            found |= {f"matters/{AXES[k].name}": float(each[k]) for k in range(self.dims)}
        chosen = values(self._chosen, np.zeros(1, dtype=bool))
        return found | {f"chosen/{name}": float(value[0]) for name, value in chosen.items()}
