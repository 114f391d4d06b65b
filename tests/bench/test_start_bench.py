"""How fast it opens: the first picture cold, and `--help` and `list` against a bare interpreter.

Run with `pytest -m bench -n 0 -s tests/bench`. Prints; passes or fails on nothing.
"""

from __future__ import annotations

import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from fcntl import ioctl
from pathlib import Path

import pytest

pytestmark = pytest.mark.bench


def seconds(*arguments: str, times: int = 5) -> float:
    """The shortest of some runs, so that the machine's other work counts little."""
    best = float("inf")
    for _ in range(times):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True)
        best = min(best, time.perf_counter() - began)
    return best


def first_picture(home: Path) -> float:
    """Seconds from the command to the first picture of a training run on a terminal of 120 x 40."""
    began = time.perf_counter()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(HOME=str(home), XDG_STATE_HOME=str(home), TERM="xterm-256color", COLORTERM="truecolor")
        os.execv(sys.executable, [sys.executable, "-m", "nnhistory"])
    ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    seen = b""
    # A first visit opens with the relay: a row that is learning says how far it is, by then its child computes.
    while b"learning " not in seen and time.perf_counter() - began < 30:
        ready, _, _ = select.select([terminal], [], [], 0.5)
        if ready:
            seen += os.read(terminal, 65536)
    taken = time.perf_counter() - began
    os.kill(pid, signal.SIGTERM)
    os.waitpid(pid, 0)
    os.close(terminal)
    return taken


def test_how_fast_it_opens(tmp_path: Path) -> None:
    bare = seconds("-c", "pass")
    rows = [("bare interpreter", bare, None)]
    for name in ("--help", "list"):
        rows.append((f"nnhistory {name}", seconds("-m", "nnhistory", name), 8.0 * bare))
    rows.append(("first moving picture", first_picture(tmp_path), 2.0))
    print()
    for name, taken, bound in rows:
        ratio = "" if bound is None else f"   {taken / bound:5.2f} of the bound {bound:.2f} s"
        print(f"{name:<24}{taken:7.3f} s   {taken / bare:6.1f} x bare{ratio}")
