"""A stage for the tests: toy scenarios, a clock of our own, and waiting with a limit."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.engine.registry import Registry
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import Loaded, loads

TOYS = Path(__file__).resolve().parent.parent / "toys"
TICK = 0.05
"""Seconds between two updates of a stage."""
LIMIT = 60.0
"""Seconds after which a test gives up waiting for what never comes. Nothing is measured by it."""


def registry() -> Registry:
    """The built-in eras and the toy."""
    return Registry([TOYS])


def toy(config: str = "", more: str = "", runs: str = "") -> Loaded:
    """A scenario of the toy era: run `a` with this config, and whatever else."""
    text = f"""
title = "Toy"
[play]
speed = 64.0
[[run]]
id = "a"
era = "toy_1900"
dataset = "or"
config = {{ {config} }}
{runs}
{more}
"""
    return loads(text, Path("toy.toml"))


class Clock:
    """Feeds a stage with time: `play` as fast as it takes the news in, `until` something is so."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.now = 0.0

    def play(self, seconds: float) -> None:
        for _ in range(round(seconds / TICK)):
            self.now += TICK
            self.stage.update(self.now)

    def until(self, so: Callable[[], object], limit: float = LIMIT) -> None:
        """Go on until `so`; AssertionError after `limit` seconds of real time."""
        end = time.monotonic() + limit
        while not so():
            assert time.monotonic() < end, f"waited {limit} s: {self.stage.status} {self.stage.timeline.place}"
            self.now += TICK
            if not self.stage.update(self.now):
                time.sleep(0.001)

    def state(self, *states: str) -> None:
        self.until(lambda: self.stage.status.state in states)

    def catch_up(self) -> None:
        self.until(lambda: self.stage.lane.catch_up is None)


def assert_same_frames(one: Frame, other: Frame, *, events: bool = True) -> None:
    assert (one.tick, one.step, one.phase) == (other.tick, other.step, other.phase)
    assert one.scalars.keys() == other.scalars.keys()
    for name, value in one.scalars.items():  # a number that ran out of range is the same as itself
        assert value == other.scalars[name] or (math.isnan(value) and math.isnan(other.scalars[name])), name
    if events:
        assert one.events == other.events
    assert one.arrays.keys() == other.arrays.keys()
    for name, array in one.arrays.items():
        same = other.arrays[name]
        if array.dtype != same.dtype or array.shape != same.shape or array.tobytes() != same.tobytes():  # the short way
            np.testing.assert_array_equal(array, same, err_msg=f"{name} at moment {one.tick}")
