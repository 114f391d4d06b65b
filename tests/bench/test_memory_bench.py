"""Memory of the process that draws, after as many moments as an hour of playing at 1,000 a second gives.

Run with `pytest -m bench -n 0 -s tests/bench`. Prints; passes or fails on nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.bench

_MOMENTS = 3_600_000
_LONGEST = 150.0

_SCRIPT = f"""
import sys, time
import psutil
from nnhistory.core.scene import Size
from nnhistory.draw.cells import draw_scene
from nnhistory.draw.palette import Look, palette
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.stage import Stage

if __name__ == "__main__":
    settings = [parse_setting("steps=10000000")]
    stage = Stage.open(sys.argv[1], settings=settings)
    began, look, frames = time.monotonic(), Look(palette()), 0
    process = psutil.Process()
    while time.monotonic() - began < {_LONGEST} and stage.lane.playhead.tick < {_MOMENTS}:
        now = time.monotonic()
        if stage.lane.started and not stage.lane.playhead.to_end:
            stage.act("last")
        if stage.update(now):
            draw_scene(stage.scene(Size(120, 36)), 120, 36, look)
            frames += 1
        time.sleep(max(0.0, 1 / 30 - (time.monotonic() - now)))
    memory = process.memory_info().rss / 2**20
    print(stage.lane.playhead.tick, len(stage.lane.recording.frames), frames, f"{{memory:.0f}}")
    stage.close()
"""


def test_memory_of_a_long_run(tmp_path) -> None:  # type: ignore[no-untyped-def]
    script = tmp_path / "long.py"
    script.write_text(_SCRIPT, encoding="utf-8")
    print()
    for scenario in ("perceptron/mark-i-digits",):
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, str(script), scenario], capture_output=True, text=True, env=os.environ, check=True
        )
        moments, frames, paints, memory = done.stdout.split()
        print(
            f"{scenario}: {int(moments):,} moments, {frames} frames kept, {paints} paints in"
            f" {time.perf_counter() - began:.0f} s: {memory} MB, {float(memory) / 200:.2f} of the bound 200 MB"
        )
