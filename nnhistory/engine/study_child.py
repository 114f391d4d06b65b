"""A study's worker process: lists of groups of points in, results out, one by one."""

from __future__ import annotations

import contextlib
import signal
import threading
from multiprocessing.connection import Connection

from nnhistory.engine.child import end_with_parent, leave_the_terminal_alone, let_others_first

__all__ = ["main"]


def main(pipe: Connection, job: object) -> None:
    """Serve until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    leave_the_terminal_alone()
    let_others_first()
    threading.Thread(target=end_with_parent, daemon=True).start()

    from nnhistory.engine.points import Job, run_group
    from nnhistory.engine.registry import Registry

    assert isinstance(job, Job)
    registry = Registry(job.extra)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError, OSError):
        while True:
            for group in pipe.recv():
                for result in run_group(job, group, registry):
                    if result is not None:
                        pipe.send(result)
