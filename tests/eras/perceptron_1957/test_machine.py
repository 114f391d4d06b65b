"""The Mark I: wiring, A-units, and what it learns (P10)."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.streams import Streams
from nnhistory.eras.perceptron_1957.machine import respond, wire

from .helpers import last, seen

BARS = {"machine": "mark_i", "order": "cyclic", "steps": 400, "stop_when_converged": False}


def test_wiring_has_the_taps_asked_for() -> None:
    taps = wire(400, 512, 10, 7, Streams(0)["init"])
    assert taps.shape == (512, 400)
    assert ((taps == 1).sum(axis=1) == 10).all()
    assert ((taps == -1).sum(axis=1) == 7).all()
    assert set(np.unique(taps)) == {-1, 0, 1}
    # Random: no two A-units are wired alike, and every photocell is used by somebody.
    assert len(np.unique(taps, axis=0)) == 512
    assert (taps != 0).any(axis=0).all()


def test_wiring_is_the_seeds() -> None:
    assert (wire(400, 20, 10, 10, Streams(1)["init"]) == wire(400, 20, 10, 10, Streams(1)["init"])).all()
    assert (wire(400, 20, 10, 10, Streams(1)["init"]) != wire(400, 20, 10, 10, Streams(2)["init"])).any()


def test_an_a_unit_by_hand() -> None:
    # Three photocells, one A-unit with taps +1, +1, −1 and theta 1: it fires if more of the first two are lit than
    # of the last.
    taps = np.array([[1, 1, -1]], dtype=np.int8)
    retina = np.array([[0, 0, 0], [1, 0, 0], [1, 0, 1], [1, 1, 1], [0, 0, 1]], dtype=float)
    assert respond(retina, taps, 1.0)[:, 0].tolist() == [0, 1, 0, 1, 0]
    assert respond(retina, taps, 0.0)[:, 0].tolist() == [1, 1, 1, 1, 0]


def test_the_wiring_does_not_learn() -> None:
    frames = seen({"name": "bars", "points": 60, "test_points": 10}, machine="mark_i", a_units=64, steps=60)
    first = frames[0][3]["data/taps"]
    assert first.shape == (64, 400)
    assert not any("data/taps" in arrays for _, _, _, arrays in frames[1:])
    for _, phase, _, arrays in frames[1:]:
        if phase == "update":
            assert (arrays["act/0"] == respond(arrays["input"][None], first, 1.0)[0]).all()


def test_too_many_taps_are_refused() -> None:
    with pytest.raises(BadInput, match=r"^an A-unit cannot have 600 taps \(the retina has 400 photocells\)$") as caught:
        last("bars", machine="mark_i", taps_excitatory=300, taps_inhibitory=300)
    assert caught.value.exit_code == 2


def test_bars_are_learned_and_coins_are_not() -> None:
    assert last("bars", **BARS)[1]["test_accuracy"] >= 0.88
    coins = last({"name": "bars", "labels": "shuffled"}, **BARS)[1]["test_accuracy"]
    assert 0.42 <= coins <= 0.58  # 400 test pictures: 0.5 +- 3 x 0.025


@pytest.mark.slow
def test_bars_over_seeds() -> None:
    # P10: >= .88 at 400 exposures; random labels .45 to .55. Seeds 100.. were not used to choose the settings.
    learned = [last("bars", seed, **BARS)[1]["test_accuracy"] for seed in range(100, 120)]
    coins = [last({"name": "bars", "labels": "shuffled"}, seed, **BARS)[1]["test_accuracy"] for seed in range(100, 120)]
    assert min(learned) >= 0.88
    assert 0.45 <= statistics.fmean(coins) <= 0.55
    # It takes the exposures: after 25 it is not there yet.
    early = [last("bars", seed, **{**BARS, "steps": 25})[1]["test_accuracy"] for seed in range(100, 120)]
    assert statistics.fmean(early) < statistics.fmean(learned) - 0.1


def test_without_the_machine_the_pixels_do_not_do() -> None:
    # The photocells alone cannot tell upright from lying in every place: each cell is lit equally often by both.
    bare = last("bars", **{**BARS, "machine": "none"})[1]["test_accuracy"]
    assert bare < 0.8
