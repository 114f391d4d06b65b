"""Small machines and short runs for the tests."""

from __future__ import annotations

from pathlib import Path

import torch

from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import drive_plans
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.rbm_2006.machine import Machine
from nnhistory.scenario.load import loads


def rng(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def machine(d: int, h: int, *, scale: float = 1.0, seed: int = 0) -> Machine:
    """Random weights and biases in float64."""
    draw = rng(seed)
    return Machine(*(scale * torch.randn(s, generator=draw, dtype=torch.float64) for s in ((d, h), (d,), (h,))))


def played(
    config: str, dataset: str = '"three_pixels"', *, seed: int = 0, more: str = "", runs: str = ""
) -> dict[str, tuple[RunOutcome, MemoryRecording]]:
    """A run "a" with this config, and further runs, driven to their ends."""
    text = f"""
title = "t"
{more}
[[run]]
id = "a"
era = "rbm_2006"
dataset = {dataset}
seed = {seed}
config = {{ {config} }}
{runs}
"""
    registry = Registry()
    outcomes, recordings = drive_plans(make_plans(loads(text, Path("t.toml")).scenario, registry), registry, keep=True)
    return {run: (outcomes[run], recordings[run]) for run in outcomes}
