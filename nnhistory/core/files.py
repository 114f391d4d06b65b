"""Names that lead to no regular file: a named pipe waits for ever, a device has no end. They are refused by name."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from nnhistory.core.errors import BadInput

__all__ = ["refuse_special", "special"]

_KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def special(path: str | Path) -> str:
    """What it is, if it is neither a regular file nor a folder: "a named pipe". "" else, and if nothing is there."""
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return ""
    return next((name for is_it, name in _KINDS if is_it(mode)), "")


def refuse_special(path: str | Path, remedy: str) -> None:
    """BadInput, with `remedy`, if it is one of these. Asked before anything opens it."""
    kind = special(path)
    if kind:
        raise BadInput("this is not a regular file", why=f"it is {kind}", file=path, remedy=remedy)
