"""What the engine costs: recording against the era's own loop, and seeking. Ratios of one run, never pass or fail.

pytest -m bench -n 0 -s tests/bench/test_engine.py
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.scene import Size
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load as load_data
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import RunPlan, make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import loads

pytestmark = pytest.mark.bench

RUNS = {
    "XOR, 4 points in the plane": ('"xor"', "steps = 40000"),
    "XOR, order mixed anew": ('"xor"', "steps = 40000, order = 'random'"),
    "8x8 digits, one layer": ('"digits8"', "steps = 80000, stop_when_converged = false"),
    "Mark I, bars": ('"bars"', "machine = 'mark_i', steps = 80000, stop_when_converged = false"),
    "Mark I, digits": ('"mnist"', "machine = 'mark_i', steps = 40000, stop_when_converged = false"),
}
REPEATS = 3


def plan_of(dataset: str, config: str, registry: Registry) -> RunPlan:
    text = f'title = "t"\n[[run]]\nid = "a"\nera = "perceptron_1957"\ndataset = {dataset}\nconfig = {{ {config} }}\n'
    return make_plans(loads(text, Path("bench.toml")).scenario, registry)[0]


def bare(plan: RunPlan, registry: Registry) -> int:
    """The era's own loop, looked at by nobody. Moments."""
    streams = Streams(plan.seed)
    data = load_data(plan.dataset, streams)
    count = 0
    for _ in registry.run(plan.era)(plan.config, data, streams, Knobs(plan.config), None, "cpu"):
        count += 1
    return count


def record(plan: RunPlan, registry: Registry, tail: int) -> MemoryRecording:
    """The same loop with detectors, tallies, schedule and recording, in stretches of 60 ms as in the child flat out."""
    drive = Drive(plan, registry, tail=tail)
    recording = MemoryRecording(drive.header)
    while not drive.done:
        batch = drive.advance(1_000_000, seconds=0.06, flat_out=True)
        for frame in batch.frames:
            recording.append(frame)
        recording.add_points(batch.points)
    return recording


def seconds(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    began = clock()
    work()
    return clock() - began


def busy(work: Callable[[], object]) -> float:
    """Processor time: what other programs do at the same time does not count."""
    return seconds(work, time.process_time)


def test_recording_against_the_bare_loop(capsys: pytest.CaptureFixture[str]) -> None:
    registry = Registry()
    rows = [f"{'':28} {'moments':>8} {'bare µs':>8} {'recorded':>9} {'ratio':>6}   (headless; on stage in brackets)"]
    for name, (dataset, config) in RUNS.items():
        plan = plan_of(dataset, config, registry)
        moments = bare(plan, registry)
        # Taken in turn, so that a machine that slows down slows all three.
        taken = [
            (busy(lambda p=plan: bare(p, registry)), busy(lambda p=plan: record(p, registry, 0)),
             busy(lambda p=plan: record(p, registry, 16)))
            for _ in range(REPEATS)
        ]  # fmt: skip
        alone, headless, staged = (min(column) for column in zip(*taken, strict=True))
        rows.append(
            f"{name:28} {moments:8} {alone / moments * 1e6:8.2f} {headless / moments * 1e6:9.2f}"
            f" {alone / headless:6.2f}   ({alone / staged:.2f})"
        )
    with capsys.disabled():
        print("\nSpeed of a recorded run as a share of the era's own loop\n" + "\n".join(rows))


def test_seeking(capsys: pytest.CaptureFixture[str]) -> None:
    registry = Registry()
    rows = [f"{'':28} {'frames':>7} {'MB':>6} {'seek ms':>8} {'with scene, median':>19} {'worst':>7}"]
    for name in ("XOR, 4 points in the plane", "Mark I, digits"):
        plan = plan_of(*RUNS[name], registry)
        recording, view = record(plan, registry, 16), registry.view("perceptron_1957")
        recording.finish()
        last = recording.frames[-1].tick
        ticks = [last * place // 200 for place in range(201)]
        alone = [seconds(lambda t=tick, r=recording: r.at(t)) * 1e3 for tick in ticks]
        whole = [
            seconds(lambda t=tick, r=recording, v=view: v.scene(r.at(t), r, Size(120, 40), None)) * 1e3
            for tick in ticks
        ]
        rows.append(
            f"{name:28} {len(recording.frames):7} {recording.nbytes / 2**20:6.1f} {statistics.median(alone):8.4f}"
            f" {statistics.median(whole):19.2f} {max(whole):7.2f}"
        )
    with capsys.disabled():
        print("\nSeek to any of 201 places of a complete recording\n" + "\n".join(rows))
