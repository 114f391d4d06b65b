"""The Mark I's fixed part: photocells (S-units) wired at random, by plugboard, to association units (A-units)."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["respond", "wire"]


def wire(photocells: int, a_units: int, excitatory: int, inhibitory: int, rng: np.random.Generator) -> Array:
    """Random wiring: each A-unit gets `excitatory` +1 taps and `inhibitory` −1 taps, all on different photocells.

    Shapes: (a_units, photocells) int8. It stays as it is during a run; this, and not the learning, is what was random.
    Source: Rosenblatt 1960, Proc. IRE 48, S-A connections; the count of taps is a setting of ours.
    """
    taps = np.zeros((a_units, photocells), dtype=np.int8)
    for unit in range(a_units):
        cells = rng.permutation(photocells)[: excitatory + inhibitory]
        taps[unit, cells[:excitatory]] = 1
        taps[unit, cells[excitatory:]] = -1
    return taps


def respond(retina: Array, taps: Array, theta: float) -> Array:
    """A-units that fire: those whose signed sum of lit photocells reaches theta.

    Shapes: retina (n, photocells) -> (n, a_units) of 0.0 and 1.0.
    """
    sums = retina.astype(np.float32) @ taps.T.astype(np.float32)
    return (sums >= theta).astype(np.float64)
