"""Frame times of the window while the Mark I trains in its own process. A table, never pass or fail on time.

pytest -m bench -n 0 -s tests/bench/test_window_bench.py

The window draws into memory (SDL's dummy driver), so the time a real screen takes to show a finished picture is not
in the numbers. A frame is what one turn of the window's own loop takes: events, news from the child, scene, shapes,
paint, flip; a turn in which nothing changed costs next to nothing and is left out. Beside the time that passed stands
the processor time of the window's own thread: where they differ, other programs had the processor. Where a frame has
no time for all pictures they take turns: `waited` is the most frames that any picture stayed as it was.
"""

from __future__ import annotations

import math
import os
import statistics
import time
from collections.abc import Sequence

import pytest

from nnhistory.engine.plan import parse_setting
from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage

pytestmark = pytest.mark.bench

SECONDS = 10.0
SIZE = (1280, 720)
ENDLESS = ("steps=2000000", "stop_when_converged=false")
SPEEDS = (64.0, 1024.0, 131072.0)
"""Moments a second: a moment a frame, many a frame, and as fast as the child computes."""
BOUND_FRAMES, BOUND_P99 = 60.0, 20.0


def quantile(times: list[float], share: float) -> float:
    return sorted(times)[min(len(times) - 1, int(share * len(times)))]


def watch(
    scenario: str,
    speed: float | None,
    monkeypatch: pytest.MonkeyPatch,
    settings: Sequence[str] = ENDLESS,
    sweeps: bool = False,
) -> str:
    """One row. speed : None for the lesson's own. sweeps : what is learned in a second, too."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    monkeypatch.setenv("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    import pygame

    from nnhistory.visual.app import open_window
    from nnhistory.visual.window import Window

    class Watched(Window):
        painted_at: list[bool]
        cpu: list[float]

        def tick(self, now: float, room: float = math.inf) -> bool:
            began = time.thread_time()
            self.painted_at.append(super().tick(now, room))
            self.cpu.append((time.thread_time() - began) * 1e3)
            return self.painted_at[-1]

    # Long enough that the run does not end while it is watched.
    stage = Stage.open(scenario, settings=[parse_setting(setting) for setting in settings])
    try:
        window = Watched(open_window(SIZE), stage, progress=Progress())
        window.painted_at, window.cpu = [], []
        until = time.monotonic() + 20.0
        while not stage.lane.started and time.monotonic() < until:
            window.tick(time.monotonic())
            time.sleep(0.01)
        assert stage.lane.started, stage.lane.failure or "the child has sent nothing in 20 s"
        # No chapter may hold the run or change its speed, and it must not end: it is watched, not told.
        stage.lane.told.update(range(len(stage.scenario.chapter)))
        if speed is not None:
            stage.lane.playhead.speed = speed
        stage.lane.playhead.play()
        pygame.time.set_timer(pygame.QUIT, round(SECONDS * 1000), 1)
        first, step, began = stage.lane.playhead.tick, stage.lane.frame.step, time.perf_counter()
        sweep = stage.lane.recording.scalar("sweep", first) or 0.0
        window.frame_times.clear()
        window.painted_at.clear()
        window.cpu.clear()
        window.view.kept.longest = 0
        window.run()
        seconds = time.perf_counter() - began
        turns = len(window.frame_times)
        times = [one * 1e3 for one, painted in zip(window.frame_times, window.painted_at, strict=True) if painted]
        cpu = [one for one, painted in zip(window.cpu, window.painted_at, strict=True) if painted]
        moments = stage.lane.playhead.tick - first
        steps = stage.lane.frame.step - step
        shown = (stage.lane.recording.scalar("sweep", stage.lane.playhead.tick) or 0.0) - sweep
        waited = window.view.kept.longest
        speed, state = stage.lane.playhead.speed, stage.status.state
    finally:
        stage.close()
        pygame.quit()
    assert moments > 0
    rate = turns / seconds
    good = "yes" if rate >= 0.98 * BOUND_FRAMES and quantile(times, 0.99) < BOUND_P99 else "no"
    return (
        f"{scenario:26} {speed:8.0f} {moments / seconds:9.0f} {rate:6.1f} {len(times):7}"
        f" {statistics.median(times):6.1f} {quantile(times, 0.99):6.1f} {max(times):6.1f}"
        f"   {statistics.median(cpu):6.1f} {quantile(cpu, 0.99):6.1f} {waited:6}   {good:5} {state}"
        + (f"   {steps / seconds:9.1f} {shown / seconds:8.2f}" if sweeps else "")
    )


def test_frame_times_while_training_runs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        f"{'':26} {'speed':>8} {'moments/s':>9} {'fps':>6} {'painted':>7} {'p50':>6} {'p99':>6} {'worst':>6}"
        f"   {'cpu50':>6} {'cpu99':>6} {'waited':>6}   holds   (times in ms; cpu: this process alone)"
    ]
    rows += [watch("perceptron/mark-i-digits", speed, monkeypatch) for speed in SPEEDS]
    rows.append(watch("perceptron/mark-i-bars", 64.0, monkeypatch))
    rows.append(f"{'bound':26} {'':8} {'':9} {BOUND_FRAMES:6.1f} {'':7} {'':6} {BOUND_P99:6.1f}")
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    title = f"The window at {SIZE[0]}x{SIZE[1]}, {SECONDS:.0f} s each; {os.cpu_count()} cores, load {load:.1f}"
    with capsys.disabled():
        print(f"\n{title}\n" + "\n".join(rows))


def test_what_is_learned_while_it_is_drawn(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Changes of the weights, and passes over the data, that go by on the screen in a second: the rule of 1986."""
    rows = [
        f"{'':26} {'speed':>8} {'moments/s':>9} {'fps':>6} {'painted':>7} {'p50':>6} {'p99':>6} {'worst':>6}"
        f"   {'cpu50':>6} {'cpu99':>6} {'waited':>6}   holds             {'updates/s':>9} {'epochs/s':>8}"
    ]
    for scenario in ("backprop/xor", "backprop/digits"):
        for speed in (None, 64.0, 131072.0):
            rows.append(watch(scenario, speed, monkeypatch, ("steps=2000000",), sweeps=True))
    with capsys.disabled():
        print(f"\nLearning at {SIZE[0]}x{SIZE[1]}, {SECONDS:.0f} s each; own speed first\n" + "\n".join(rows))
