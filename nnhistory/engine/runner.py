"""Two runners, one interface: inline (tests, headless) and a spawned process (both user interfaces)."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import select
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

from nnhistory.core.errors import BadInput
from nnhistory.engine.company import Broke, Company, Message, News
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.registry import Registry

__all__ = [
    "InlineRunner",
    "PairedRunner",
    "ProcessRunner",
    "Runner",
    "end_process",
    "interrupts_held",
    "prepare_processes",
]


_TAKING_IN = 1e-4
"""Seconds that it takes to put a frame that has come into its recording."""


class Runner(Protocol):
    """What a stage asks of a runner. Everything returns at once; news are fetched with `poll`."""

    def take(self, job: int, plan: RunPlan) -> None: ...
    def grant(self, run: str, goal: int) -> None: ...
    def hold(self, run: str) -> None: ...
    def turn(self, run: str, knob: str, value: Any) -> None: ...
    def poll(self) -> list[Message]: ...
    def close(self) -> None: ...


class InlineRunner:
    """Computes in this process, a little at every `poll`."""

    def __init__(self, registry: Registry, slice_seconds: float = 0.05) -> None:
        self._company = Company(registry)
        self._slice = slice_seconds

    def take(self, job: int, plan: RunPlan) -> None:
        self._company.take(job, plan)

    def grant(self, run: str, goal: int) -> None:
        self._company.grant(run, goal)

    def hold(self, run: str) -> None:
        self._company.hold(run)

    def turn(self, run: str, knob: str, value: Any) -> None:
        self._company.turn(run, knob, value)

    def poll(self) -> list[Message]:
        return self._company.work(self._slice)

    def close(self) -> None:
        """Nothing to stop."""


class ProcessRunner:
    """Computes in a spawned process. Its death, for whatever reason, becomes one `Broke` message for each run.

    watched : somebody looks at every moment. If not, far fewer are sent: sending them would take longer than the run.
    No call waits for the child, whatever it is in the middle of: what its pipe has no room for is sent later.
    """

    _PATIENCE = 0.008
    """Seconds that one `poll` may take: a run driven flat out must not hold up the pictures."""

    def __init__(self, registry: Registry, *, watched: bool = True) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        from nnhistory.engine import child

        extra = tuple(str(folder) for folder in registry.extra)
        how = (theirs, extra, watched)
        self._process = context.Process(target=child.main, args=how, daemon=True, name="nnhistory-run")
        try:
            with interrupts_held():
                self._process.start()
        except OSError as error:
            raise BadInput(f"cannot start the process that computes: {error}", remedy="Close some programs") from None
        theirs.close()
        self._jobs: dict[str, int] = {}
        self._unsent: deque[tuple[Any, ...]] = deque()
        self._dead = False

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._process.pid

    def take(self, job: int, plan: RunPlan) -> None:
        self._jobs[plan.id] = job
        self._send("take", job, plan)

    def forget(self, run: str) -> None:
        """Somebody else computes this run, which has not begun."""
        self._jobs.pop(run, None)

    def grant(self, run: str, goal: int) -> None:
        self._send("grant", run, goal)

    def hold(self, run: str) -> None:
        self._send("hold", run)

    def turn(self, run: str, knob: str, value: Any) -> None:
        # Only the newest of several turns that still wait here matters: a knob that is dragged makes many.
        self._unsent = deque(one for one in self._unsent if one[:3] != ("turn", run, knob))
        self._send("turn", run, knob, value)

    def poll(self) -> list[Message]:
        messages: list[Message] = []
        if self._dead:
            return messages
        until = time.perf_counter() + self._PATIENCE
        try:
            self._flush()
            while self._pipe.poll():
                message: Message = self._pipe.recv()
                messages.append(message)
                if isinstance(message[2], News):
                    until -= _TAKING_IN * len(message[2].batch.frames)
                if time.perf_counter() > until:
                    break
        except (EOFError, OSError):
            self._dead = True
            self._process.join(0.5)
            text = f"The process that computes has ended unexpectedly ({self._how()}). Press r to start it again"
            messages.extend((job, run, Broke(text)) for run, job in self._jobs.items())
        return messages

    def close(self) -> None:
        """Stop the child: it ends with its pipe, or is made to. At most half a second."""
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._dead = True
        end_process(self._process)

    @property
    def dead(self) -> bool:
        """The child is gone; a new runner is needed."""
        return self._dead

    def _how(self) -> str:
        code = self._process.exitcode
        return f"killed by signal {-code}" if code is not None and code < 0 else f"exit status {code}"

    def _send(self, *command: Any) -> None:
        self._unsent.append(command)
        # A child that is gone is noticed, and told to the user, by the next poll.
        with contextlib.suppress(OSError):
            self._flush()

    def _flush(self) -> None:
        while self._unsent and not self._dead and self._has_room():
            self._pipe.send(self._unsent[0])
            self._unsent.popleft()

    def _has_room(self) -> bool:
        if os.name != "posix":
            return True
        return bool(select.select([], [self._pipe.fileno()], [], 0)[1])


class PairedRunner:
    """Two processes, both started at once: one that can do without torch, and one that keeps it loaded.

    second : ids of the runs that are driven in the latter, whose start takes long.
    """

    def __init__(self, registry: Registry, second: frozenset[str]) -> None:
        self._runners = ProcessRunner(registry, watched=False), ProcessRunner(registry, watched=False)
        self._second = set(second)

    def _of(self, run: str) -> ProcessRunner:
        return self._runners[run in self._second]

    def take(self, job: int, plan: RunPlan) -> None:
        self._of(plan.id).take(job, plan)

    def move(self, job: int, plan: RunPlan) -> None:
        """A run that has not begun, that builds on no other and no other on it, goes to the other process."""
        self._of(plan.id).forget(plan.id)
        self._second ^= {plan.id}
        self.take(job, plan)

    def grant(self, run: str, goal: int) -> None:
        self._of(run).grant(run, goal)

    def hold(self, run: str) -> None:
        self._of(run).hold(run)

    def turn(self, run: str, knob: str, value: Any) -> None:
        self._of(run).turn(run, knob, value)

    def poll(self) -> list[Message]:
        return [message for runner in self._runners for message in runner.poll()]

    def close(self) -> None:
        """Stop both. At most a second."""
        for runner in self._runners:
            runner.close()

    @property
    def dead(self) -> bool:
        """One of them is gone; a new pair is needed."""
        return any(runner.dead for runner in self._runners)


@contextlib.contextmanager
def interrupts_held() -> Iterator[None]:
    """A child spawned in here hears no Ctrl-C from its very first instruction on; this process hears it afterwards."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if not hasattr(signal, "pthread_sigmask"):  # where there is none, one that comes just now is lost
        handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, handler)
        return
    prepare_processes()  # the tracker is started with a mask of its own, which would end this one
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def end_process(process: BaseProcess, patience: float = 0.15) -> None:
    """Wait a moment, then ask, then insist."""
    process.join(patience)
    if process.is_alive():
        process.terminate()
        process.join(patience)
    if process.is_alive():
        process.kill()
        process.join(patience)


def prepare_processes() -> None:
    """Start what multiprocessing needs before a terminal app takes the standard streams.

    Spawning a first child inside a running Textual app fails ("bad value(s) in fds_to_keep"), because the app has
    replaced the streams that the resource tracker wants to inherit. Started before, it is simply there.
    """
    with contextlib.suppress(ImportError, OSError):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
