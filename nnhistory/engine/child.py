"""The process that computes. It is spawned, never forked, and never outlives the program that started it.

Commands arrive and messages leave as values over one pipe. It ends when the pipe does; a watcher thread ends it
even in the middle of a long step once the parent is gone.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any

__all__ = ["end_with_parent", "leave_the_terminal_alone", "let_others_first", "main"]

_SLICE = 0.02
"""Seconds of work between two looks at the pipe: a cancel or a turn waits at most this long, plus one step."""

_SLICE_FLAT_OUT = 0.06
"""The same when flat out. Each stretch ends with a tail of frames that the drawing process has to take: at this
length it takes a third as many, and the moment shown still moves on more often than the eye follows."""

_SLICE_UNWATCHED = 0.1
"""The same for runs of which only the score is looked at: a bar moves ten times a second."""

_NICE = 5
"""How far this process stands back where the pictures and it want the same core."""


def main(pipe: Connection, extra: tuple[str, ...], watched: bool = True) -> None:
    """Serve commands (name, *arguments of the company's method) until the pipe ends.

    watched : as for the company. If not, stretches are longer.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_the_terminal_alone()
    let_others_first()
    threading.Thread(target=end_with_parent, daemon=True).start()

    from nnhistory.engine.company import Company, pieces
    from nnhistory.engine.registry import Registry

    company = Company(Registry(extra), watched=watched)
    flat_out = _SLICE_FLAT_OUT if watched else _SLICE_UNWATCHED
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, OSError):
        while True:
            while pipe.poll(0 if company.busy else None):
                command: tuple[Any, ...] = pipe.recv()
                getattr(company, command[0])(*command[1:])
            for message in company.work(flat_out if company.flat_out else _SLICE):
                for piece in pieces(message):
                    pipe.send(piece)


def leave_the_terminal_alone() -> None:
    """Whatever a library prints here must not land in the middle of the parent's screen."""
    sink = open(os.devnull, "r+")  # noqa: SIM115 - open for the life of the process
    sys.stdin = sys.stdout = sys.stderr = sink
    for descriptor in (0, 1, 2):
        with contextlib.suppress(OSError):
            os.dup2(sink.fileno(), descriptor)


def let_others_first() -> None:
    """Lower this process's priority, where the system lets us: the pictures must not wait for it."""
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(_NICE)


def end_with_parent() -> None:
    """Wait for the parent to go, then go at once, whatever this process is in the middle of."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        multiprocessing.connection.wait([parent.sentinel])
        os._exit(0)
