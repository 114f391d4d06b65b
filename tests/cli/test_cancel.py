"""Ctrl-C: at once, status 130, one line; and progress where there is no terminal."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nnhistory.cli.common import Reporter
from nnhistory.cli.study_board import StudyReporter
from nnhistory.engine.study import Point

LONG = {
    "run": ("run", "perceptron/xor", "--set", "steps=10000000"),
    "recorded": ("run", "perceptron/xor", "--set", "steps=10000000", "--record", "x.nnh"),
    "study": ("study", "perceptron/xor", "--over", "rate=1,2,3,4", "--set", "steps=10000000", "--workers", "2"),
}


def _hear_interrupts() -> None:
    """A shell's background jobs ignore SIGINT and pass that on; the program under test must not."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("arguments", LONG.values(), ids=LONG.keys())
def test_an_interrupt_ends_it_at_once(arguments: tuple[str, ...], tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "nnhistory", *arguments],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path, preexec_fn=_hear_interrupts,
    )  # fmt: skip
    assert process.stderr is not None
    first = process.stderr.readline()  # a plain line of progress: it is running
    process.send_signal(signal.SIGINT)
    out, err = process.communicate()
    assert process.returncode == 130
    assert " of " in first
    *progress, last = err.splitlines()
    kept = ". It is recorded up to here: nnhistory replay x.nnh" if "--record" in arguments else ""
    assert last == f"nnhistory: cancelled{kept}"
    assert len(progress) <= 1, "it did not go on: at most the line of progress that was on its way"
    assert "\x1b" not in first + err, "no control codes where there is no terminal"
    assert out == ""


STARTS = """
import nnhistory.cli.main
def command(**_):
    {does}
nnhistory.cli.main.cli.main = command
from nnhistory.__main__ import main
main()
"""
INTERRUPTED = {
    "a text that is executed": 'exec("import os, signal; os.kill(os.getpid(), signal.SIGINT)")',
    "an import that swallows it": "import swallows\n    while True: pass",
}
SWALLOWS = """
import os, signal, time
try:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)
except BaseException:
    pass
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("does", INTERRUPTED.values(), ids=INTERRUPTED.keys())
def test_an_interrupt_of_an_import_is_like_any_other(does: str, tmp_path: Path) -> None:
    (tmp_path / "starts.py").write_text(STARTS.format(does=does))
    (tmp_path / "swallows.py").write_text(SWALLOWS)
    # Only a module that is run as one can die of an interrupt that it has caught.
    got = subprocess.run(
        [sys.executable, "-m", "starts"], cwd=tmp_path, capture_output=True, text=True, preexec_fn=_hear_interrupts,
        timeout=20,
    )  # fmt: skip
    assert (got.returncode, got.stdout, got.stderr) == (130, "", "nnhistory: cancelled\n")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("nnhistory.cli.common.time.monotonic", clock)
    return clock


def test_progress_in_a_pipe_is_a_line_now_and_then(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    for second in range(6):
        clock.now = second
        reporter("a", second * 10, 100)
    reporter("b", 7, 0)
    clock.now = 20
    reporter("b", 9, 0)
    reporter.done()
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "a: 20 of 100\na: 40 of 100\nb: 9\n"


def test_progress_in_a_pipe_is_silent_while_nothing_changes(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    for second in range(11):
        clock.now = second
        reporter("study", 0 if second < 9 else 16, 32)
    assert capsys.readouterr().err == "study: 0 of 32\nstudy: 16 of 32\n"


def test_hours_of_progress_in_a_pipe_are_no_flood(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    for second in range(7200):
        clock.now = second
        reporter("a", second, 7200)
    lines = capsys.readouterr().err.splitlines()
    assert lines[:3] == ["a: 2 of 7200", "a: 4 of 7200", "a: 6 of 7200"]
    assert 40 < len(lines) < 80
    assert int(lines[-1].split()[1]) > 6000, "it never falls silent"


def test_progress_on_a_terminal_is_one_line_that_is_taken_away(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    reporter = Reporter()
    clock.now = 1
    reporter("a", 50, 100)
    reporter.done()
    bar = "[############............] a: 50 of 100  (Ctrl-C cancels)"
    assert capsys.readouterr().err in (f"\r\x1b[2K{bar}\r\x1b[2K", f"\r{bar}\r")


def test_progress_on_a_dumb_terminal_is_lines_without_control_codes(
    clock: Clock, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    reporters = Reporter(), StudyReporter([Point(0, number, {}, number) for number in range(9)], "", "mean")
    clock.now = 3
    reporters[0]("a", 50, 100)
    reporters[1]([])
    for reporter in reporters:
        reporter.done()
    assert capsys.readouterr().err == "a: 50 of 100\nstudy: 0 of 9\n"
