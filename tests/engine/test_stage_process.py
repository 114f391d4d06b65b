"""The process that computes: crashes are told, cancel is quick, nothing outlives the program; replay needs none."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psutil
import pytest

from nnhistory.core.scene import Size
from nnhistory.engine.perform import perform
from nnhistory.engine.runner import ProcessRunner, end_process
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import load
from tests.engine.stagehand import LIMIT, TOYS, Clock, assert_same_frames, registry, toy

LONG = 10 * LIMIT
"""Seconds of a step whose end no test sees: whoever waits for it is told from who does not by what came first."""


@pytest.fixture
def opened() -> Iterator[list[Stage]]:
    stages: list[Stage] = []
    yield stages
    for stage in stages:
        stage.close()


def begin(opened: list[Stage], scenario: object, *, inline: bool = False) -> tuple[Stage, Clock]:
    stage = Stage.open(scenario, registry=registry(), inline=inline)  # type: ignore[arg-type]
    opened.append(stage)
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    return stage, clock


def child_of(stage: Stage) -> psutil.Process:
    assert isinstance(stage._runner, ProcessRunner)
    assert stage._runner.pid is not None
    return psutil.Process(stage._runner.pid)


def gone(process: psutil.Process) -> bool:
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("inline", [True, False], ids=["inline", "process"])
@pytest.mark.parametrize("key", ["", "last"], ids=["watched", "flat out"])
def test_an_error_in_the_era_is_one_readable_text(opened: list[Stage], inline: bool, key: str) -> None:
    stage, clock = begin(opened, toy("steps = 50, fail_at = 9"), inline=inline)
    if key:
        stage.act(key)
    clock.state("failed")
    text = stage.status.failure
    assert "it broke on purpose" in text
    assert "toy_1900/model.py, line" in text
    assert "\n" not in text
    assert stage.lane.recording.frames[-1].step == 8, "everything before it is still there"
    assert stage.scene(Size(80, 24)).panels[0].id == "way"
    stage.act("back")
    assert stage.lane.frame.step <= 8


def test_a_process_that_ends_by_itself_is_told(opened: list[Stage]) -> None:
    stage, clock = begin(opened, toy("steps = 50, exit_at = 20"))
    clock.state("failed")
    assert "exit status 3" in stage.status.failure
    assert stage.lane.started
    stage.turn("exit_at", -1)
    clock.state("done")
    assert stage.status.failure == ""
    assert stage.lane.frame.step == 50


def test_a_killed_process_is_told_and_r_starts_again(opened: list[Stage]) -> None:
    stage, clock = begin(opened, toy("steps = 40"))
    clock.until(lambda: stage.lane.playhead.tick > 15)
    first = child_of(stage)
    before = list(stage.lane.recording.frames)
    first.kill()
    clock.state("failed")
    assert "killed by signal 9" in stage.status.failure
    assert len(stage.status.failure.splitlines()) == 1
    assert stage.scene(Size(80, 24)).panels[0].id == "way", "the last good picture stays"
    stage.act("restart")
    clock.state("done")
    assert stage.status.failure == ""
    for one, other in zip(before, stage.lane.recording.frames, strict=False):
        assert_same_frames(one, other)
    assert gone(first)


def test_a_run_that_is_over_survives_the_process_and_can_be_forked(opened: list[Stage]) -> None:
    stage, clock = begin(opened, toy("steps = 40"))
    clock.state("done")
    child_of(stage).kill()
    clock.until(lambda: stage._runner.dead)  # type: ignore[union-attr]
    assert stage.status.state == "done"
    stage.seek(0.5)
    stage.fork("rate", 0.1)
    clock.catch_up()
    clock.state("done")
    assert stage.lane.outcome is not None
    assert stage.lane.ghost is not None


@pytest.mark.parametrize("sleep", [0.0, LONG], ids=["busy", "in a long step"])
def test_closing_waits_for_no_step(sleep: float) -> None:
    stage = Stage.open(toy(f"steps = 100000, sleep = {sleep}"), registry=registry())
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    stage.act("last")
    clock.play(0.5)
    process = child_of(stage)
    stage.close()
    assert gone(process)
    assert not stage.lane.recording.complete, "it was stopped on its way"
    assert sleep == 0.0 or stage.lane.recording.frames[-1].step == 0, "and did not wait for the end of the step"
    stage.close()
    assert stage.update(clock.now + 1) is False


def test_closing_at_once_leaves_nothing_behind() -> None:
    stage = Stage.open(toy(), registry=registry())
    process = child_of(stage)
    stage.close()
    assert gone(process)


class Stubborn:
    """A process that nothing ends, and how long it was waited for in all, in seconds."""

    def __init__(self) -> None:
        self.waited, self.said = 0.0, list[str]()

    def join(self, timeout: float) -> None:
        self.waited += timeout

    def is_alive(self) -> bool:
        return True

    def terminate(self) -> None:
        self.said.append("ask")

    def kill(self) -> None:
        self.said.append("insist")


def test_ending_a_process_waits_half_a_second_at_most() -> None:
    process = Stubborn()
    end_process(process)  # type: ignore[arg-type]
    assert process.said == ["ask", "insist"]
    assert process.waited <= 0.5


def test_no_call_waits_for_a_child_in_a_long_step(opened: list[Stage]) -> None:
    stage, clock = begin(opened, toy(f"steps = 10, sleep = {LONG}"))
    runner = stage._runner
    assert isinstance(runner, ProcessRunner)
    clock.play(0.2)
    number = 0
    while len(runner._unsent) < 100:  # until long after the pipe is full: the child reads nothing within a step
        number += 1
        stage.turn("rate", 1 / number)
        runner.grant("a", number)
        stage.update(clock.now)
    stage.act("play_pause")
    stage.update(clock.now)
    assert child_of(stage).is_running()
    assert stage.status.failure == ""
    assert [frame.step for frame in stage.lane.recording.frames] == [0], "the child is still in its first step"


def test_the_child_ignores_interrupts_and_keeps_quiet(opened: list[Stage]) -> None:
    stage = Stage.open(toy("steps = 60"), registry=registry())
    opened.append(stage)
    process = child_of(stage)
    process.send_signal(signal.SIGINT)  # as early as it can come
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    process.send_signal(signal.SIGINT)
    clock.state("done")
    assert stage.status.failure == ""
    if sys.platform == "linux":
        assert {os.readlink(f"/proc/{process.pid}/fd/{n}") for n in (0, 1, 2)} == {"/dev/null"}


@pytest.mark.skipif(os.name != "posix", reason="needs SIGKILL")
@pytest.mark.parametrize("sleep", [0.0, LONG], ids=["busy", "in a long step"])
def test_the_child_never_outlives_a_killed_parent(sleep: float) -> None:
    program = textwrap.dedent(f"""
        import time
        from nnhistory.engine.stage import Stage
        from tests.engine.stagehand import Clock, registry, toy
        if __name__ == "__main__":
            stage = Stage.open(toy("steps = 100000, sleep = {sleep}"), registry=registry())
            clock = Clock(stage)
            clock.until(lambda: stage.lane.started)
            stage.act("last")
            clock.play(0.2)
            print(stage._runner.pid, flush=True)
            time.sleep(60)
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=TOYS.parent.parent
    )
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    assert child.is_running()
    parent.kill()
    parent.wait()
    parent.stdout.close()
    end = time.monotonic() + LIMIT
    while not gone(child) and time.monotonic() < end:
        time.sleep(0.02)
    assert gone(child)


@pytest.mark.parametrize("name", ["perceptron/or", "perceptron/xor"])
def test_a_replayed_file_gives_the_same_scenes_as_the_live_run(opened: list[Stage], tmp_path: Path, name: str) -> None:
    file = tmp_path / "run.nnh"
    perform(load(name), registry(), record=file)
    replayed = Stage.replay(file)
    opened.append(replayed)
    live, clock = begin(opened, name)
    live.act("last")
    clock.state("done")
    assert replayed.id == live.id == name
    assert replayed.lane.recording.events == live.lane.recording.events
    assert replayed.outcomes.keys() == live.outcomes.keys()
    for frame in replayed.lane.recording.frames:
        for stage in (live, replayed):
            stage.lane.playhead.seek(frame.tick, stage.lane.recording)
        assert_same_frames(live.lane.frame, replayed.lane.frame)
        assert plain(live.scene(Size(80, 24))) == plain(replayed.scene(Size(80, 24)))
        assert (live.story, live.timeline) == (replayed.story, replayed.timeline)
        assert plain(live.xray()) == plain(replayed.xray())
    assert "cannot be changed" in replayed.turn("rate", 2.0)
    replayed.act("restart")
    clock = Clock(replayed)
    clock.play(1.0)
    assert replayed.lane.playhead.tick > 0


def plain(value: object) -> str:
    """Marks hold arrays, which cannot be compared with ==; and a NaN is not equal to itself, but its text is."""
    return repr(msgspec.to_builtins(value, enc_hook=lambda array: array.tolist()))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no masks for signals")
def test_an_interrupt_while_a_child_is_spawned_is_heard_afterwards() -> None:
    code = """
import os, signal
from nnhistory.engine.runner import interrupts_held
try:
    with interrupts_held():
        os.kill(os.getpid(), signal.SIGINT)
        print("goes on", flush=True)
except KeyboardInterrupt:
    print("heard")
"""
    hear = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    got = subprocess.run([sys.executable, "-c", hear + code], capture_output=True, text=True)
    assert got.stdout.split("\n")[:2] == ["goes on", "heard"], got.stderr
