"""Ctrl-C while a module is being imported is heard at the next import statement, or when the import is over.

An import is no place for an exception from anywhere. torch begins in C++, which aborts the process over one; the
clean-up of importlib swallows one, and the program would go on as if nothing had been asked of it.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType
from typing import NoReturn

__all__ = ["default", "ignore", "wait_for_imports"]

_LOOK_AGAIN = 0.02
"""Seconds."""


def wait_for_imports() -> None:
    """From now on. A second Ctrl-C does not wait; nor does any on a system without timers."""
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _interrupted)


def default() -> None:
    """As Python has it: for libraries that put a handler of their own in the place of that one alone."""
    if signal.getsignal(signal.SIGINT) is _interrupted:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def ignore() -> None:
    """Nothing is left that could be stopped."""
    _stop_waiting()
    signal.signal(signal.SIGINT, signal.SIG_IGN)


class _AtTheNextImport:
    """Is asked for every module, and is none's finder: it only takes the occasion."""

    def find_spec(self, *_: object) -> None:
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_name != "_find_and_load":
            frame = frame.f_back
        # An import that was asked for in C has a frame of importlib, or none, before it. It is not to be disturbed.
        if frame is not None and frame.f_back is not None and not _of_importlib(frame.f_back):
            _raise()


def _interrupted(_: int, frame: FrameType | None) -> None:
    waits = signal.getitimer(signal.ITIMER_REAL)[1] > 0
    if waits or not _importing(frame):
        _raise()
    sys.meta_path.insert(0, _AtTheNextImport())
    signal.signal(signal.SIGALRM, _look_again)
    signal.setitimer(signal.ITIMER_REAL, _LOOK_AGAIN, _LOOK_AGAIN)


def _look_again(_: int, frame: FrameType | None) -> None:
    if not _importing(frame):
        _raise()


def _importing(frame: FrameType | None) -> bool:
    while frame is not None:
        if _of_importlib(frame):
            return True
        frame = frame.f_back
    return False


def _of_importlib(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith("<frozen importlib")


def _raise() -> NoReturn:
    _stop_waiting()
    raise KeyboardInterrupt


def _stop_waiting() -> None:
    sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, _AtTheNextImport)]
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, 0)
