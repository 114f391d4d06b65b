"""Two runners, one interface: inline (tests, headless) and a spawned process (both user interfaces)."""

from __future__ import annotations

import contextlib
import multiprocessing
from typing import Any, Protocol

from nnhistory.core.errors import BadInput
from nnhistory.engine.company import Broke, Company, Message
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.registry import Registry

__all__ = ["InlineRunner", "ProcessRunner", "Runner", "prepare_processes"]


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
    """Computes in a spawned process. Its death, for whatever reason, becomes one `Broke` message for each run."""

    def __init__(self, registry: Registry) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        from nnhistory.engine import child

        extra = tuple(str(folder) for folder in registry.extra)
        self._process = context.Process(target=child.main, args=(theirs, extra), daemon=True, name="nnhistory-run")
        try:
            self._process.start()
        except OSError as error:
            raise BadInput(f"cannot start the process that computes: {error}", remedy="Close some programs") from None
        theirs.close()
        self._jobs: dict[str, int] = {}
        self._dead = False

    @property
    def pid(self) -> int | None:
        """The child's process id."""
        return self._process.pid

    def take(self, job: int, plan: RunPlan) -> None:
        self._jobs[plan.id] = job
        self._send("take", job, plan)

    def grant(self, run: str, goal: int) -> None:
        self._send("grant", run, goal)

    def hold(self, run: str) -> None:
        self._send("hold", run)

    def turn(self, run: str, knob: str, value: Any) -> None:
        self._send("turn", run, knob, value)

    def poll(self) -> list[Message]:
        messages: list[Message] = []
        if self._dead:
            return messages
        try:
            while self._pipe.poll():
                messages.extend(self._pipe.recv())
        except (EOFError, OSError):
            self._dead = True
            self._process.join(0.5)
            code = self._process.exitcode
            text = f"the process that computes has ended unexpectedly (exit status {code}). Press r to start it again"
            messages.extend((job, run, Broke(text)) for run, job in self._jobs.items())
        return messages

    def close(self) -> None:
        """Stop the child: ask, then insist. At most half a second."""
        self._send("stop")
        with contextlib.suppress(OSError):
            self._pipe.close()
        self._process.join(0.15)
        if self._process.is_alive():
            self._process.terminate()
            self._process.join(0.15)
        if self._process.is_alive():
            self._process.kill()
            self._process.join(0.15)

    @property
    def dead(self) -> bool:
        """The child is gone; a new runner is needed."""
        return self._dead

    def _send(self, *command: Any) -> None:
        # A child that is gone is noticed, and told to the user, by the next poll.
        with contextlib.suppress(BrokenPipeError, OSError, ValueError):
            self._pipe.send(command)


def prepare_processes() -> None:
    """Start what multiprocessing needs before a terminal app takes the standard streams.

    Spawning a first child inside a running Textual app fails ("bad value(s) in fds_to_keep"), because the app has
    replaced the streams that the resource tracker wants to inherit. Started before, it is simply there.
    """
    with contextlib.suppress(ImportError, OSError):
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()
