"""Errors that teach: what is wrong, where, why it cannot work, what to do instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path

__all__ = ["BadInput", "Cancelled", "NNHistoryError", "did_you_mean"]


class NNHistoryError(Exception):
    """A refusal the user can act on. Its text is one line; it is never shown as a traceback.

    Parameters
    ----------
    what : what is wrong, in the user's words.
    why : why it cannot work. Optional.
    remedy : what to write or do instead. Optional.
    file, line, key : where. `line` counts from 1, `key` is the dotted TOML key or the option's name.
    """

    exit_code = 2

    def __init__(
        self,
        what: str,
        *,
        why: str | None = None,
        remedy: str | None = None,
        file: str | Path | None = None,
        line: int | None = None,
        key: str | None = None,
    ) -> None:
        self.what, self.why, self.remedy = what, why, remedy
        self.file, self.line, self.key = file, line, key
        super().__init__(what)

    def located(
        self, file: str | Path | None = None, line: int | None = None, key: str | None = None
    ) -> NNHistoryError:
        """Fill in the parts of *where* that are still unknown, and return self (for `raise error.located(...)`)."""
        self.file = self.file if self.file is not None else file
        self.line = self.line if self.line is not None else line
        self.key = self.key if self.key is not None else key
        return self

    def __str__(self) -> str:
        where = ""
        if self.file is not None:
            where = str(self.file) + (f":{self.line}" if self.line is not None else "")
        parts = [part for part in (where, self.key) if part]
        sentence = self.what + (f" ({self.why})" if self.why else "")
        if self.remedy:
            sentence += ("" if sentence.endswith(("?", "!", ".")) else ".") + f" {self.remedy}"
        text = ": ".join([*parts, sentence])
        return " ".join(text.split())

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.what, self.why, self.remedy, self.file, self.line, self.key))


def _rebuild(
    kind: type[NNHistoryError],
    what: str,
    why: str | None,
    remedy: str | None,
    file: str | Path | None,
    line: int | None,
    key: str | None,
) -> NNHistoryError:
    return kind(what, why=why, remedy=remedy, file=file, line=line, key=key)


class BadInput(NNHistoryError):
    """The user's input (a file, an option, an environment) cannot be used. Exit status 2."""


class Cancelled(NNHistoryError):
    """The user stopped it. Exit status 130, as shells expect."""

    exit_code = 130


def did_you_mean(word: str, known: Iterable[str], *, noun: str = "name") -> str:
    """A remedy for an unknown word: the nearest known one, or the list of what there is."""
    names = sorted(known)
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.55)
    if near:
        return f'Did you mean "{near[0]}"?'
    if not names:
        return f"There is no {noun} here yet"
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return f"Known {noun}s: {shown}"
