"""Starting and leaving: no display, bad input, the child that must not stay behind, what is imported."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.engine.stagehand import LIMIT

NO_DISPLAY = {"DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER", "XDG_RUNTIME_DIR"}


def python(code: str, tmp_path: Path, *, driver: str | None = "dummy") -> subprocess.CompletedProcess[str]:
    file = tmp_path / "start.py"
    file.write_text(code, encoding="utf-8")
    kept = {key: value for key, value in os.environ.items() if key not in NO_DISPLAY}
    kept |= {"XDG_STATE_HOME": str(tmp_path / "state"), **({"SDL_VIDEODRIVER": driver} if driver else {})}
    return subprocess.run(
        [sys.executable, str(file)], capture_output=True, text=True, env=kept, cwd=tmp_path, timeout=60, check=False
    )


MAIN = "import sys\nfrom nnhistory.cli.main import main\nif __name__ == '__main__':\n    sys.exit(main({}))\n"


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is always a display")
def test_no_display_says_so_and_what_to_do(tmp_path: Path) -> None:
    done = python(MAIN.format(["visual", "perceptron/or"]), tmp_path, driver=None)
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert "the window cannot open" in done.stderr
    assert "nnhistory run SCENARIO" in done.stderr


@pytest.mark.parametrize(("arguments", "said"), [
    (["visual", "perceptron/xxor"], "perceptron/xor"),
    (["visual", "--palette", "okabe"], "okabe-ito"),
    (["replay", "--visual", "nothing.nnh"], "nothing.nnh"),
])  # fmt: skip
def test_bad_input_is_one_line(tmp_path: Path, arguments: list[str], said: str) -> None:
    done = python(MAIN.format(arguments), tmp_path)
    assert done.returncode == 2, done.stderr
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


RUN = """
import sys, threading, time
if __name__ == "__main__":
    import pygame
    import nnhistory.visual.window as window
    from nnhistory.visual.app import run_window

    pids = []
    class Watched(window.Window):
        def tick(self, *args):
            fresh = super().tick(*args)
            if self.stage.lane.started and not pids:
                pids.append(self.stage._runner.pid)
                pygame.event.post(pygame.event.Event(*EVENT))
            return fresh
    window.Window = Watched
    status = run_window("perceptron/mark-i-bars")
    import json
    import psutil
    left = psutil.pid_exists(pids[0])
    heavy = [n for n in ("torch", "textual", "scipy", "rich") if n in sys.modules]
    print(json.dumps({"status": status, "pid": pids[0], "heavy": heavy, "left": left}))
"""


@pytest.mark.parametrize(("event", "status"), [
    ("(pygame.QUIT,)", 0),
    ("(pygame.KEYDOWN, {'key': pygame.K_c, 'mod': pygame.KMOD_CTRL, 'unicode': ''})", 130),
], ids=["closed", "ctrl+c"])  # fmt: skip
def test_after_the_window_the_child_is_gone(tmp_path: Path, event: str, status: int) -> None:
    import json

    done = python(RUN.replace("EVENT", event), tmp_path)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said["status"] == status
    assert not said["left"], "the stage is closed with the window, not only when the program ends"
    assert said["heavy"] == [], "the window draws: what computes is imported by the child alone"
    end = time.monotonic() + LIMIT
    while psutil.pid_exists(said["pid"]) and time.monotonic() < end:
        time.sleep(0.02)
    assert not psutil.pid_exists(said["pid"])


KILLED = """
import os, signal, time
if __name__ == "__main__":
    from nnhistory.engine.progress import Progress
    from nnhistory.engine.stage import Stage
    from nnhistory.visual.app import open_window
    from nnhistory.visual.window import Window

    stage = Stage.open("perceptron/mark-i-bars")
    window = Window(open_window(), stage, progress=Progress())
    def wait(so):
        end = time.monotonic() + 60
        while not so():
            assert time.monotonic() < end, stage.status
            window.tick(time.monotonic())
            time.sleep(0.005)
    wait(lambda: stage.lane.playhead.tick > 1)
    os.kill(stage._runner.pid, signal.SIGKILL)
    wait(lambda: stage.status.state == "failed")
    window.paint()
    print([panel.id for panel, _ in window.painted.slots])
    window.press_key("r")
    wait(lambda: stage.status.state != "failed" and stage.lane.playhead.tick > 1)
    stage.close()
    print("again")
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_child_is_told_and_can_be_started_again(tmp_path: Path) -> None:
    done = python(KILLED, tmp_path)
    assert done.returncode == 0, done.stderr
    said = done.stdout.strip().splitlines()
    assert "failure" in said[-2]
    assert "retina" in said[-2]
    assert said[-1] == "again"
