"""Where a key stands in a TOML text. `tomllib` gives no positions, so this scanner runs, only after an error.

It reads good TOML: what `tomllib` refuses never gets here.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

__all__ = ["line_of"]

Path = tuple[str | int, ...]

_PATH = re.compile(r"([^.\[\]]+)|\[(\d+)\]")
_SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_NAME = re.compile(r"""[ \t]*("(?:\\.|[^"\\])*"|'[^']*'|[A-Za-z0-9_-]+)[ \t]*""")
_STRING = re.compile(r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'(?:.|\n)*?'{3,5}|"(?:\\.|[^"\\])*"|'[^']*\'''', re.DOTALL)
_BARE = re.compile(r"[^,\]}\n#]*")


def line_of(source: str, path: str) -> int | None:
    """The line (from 1) of a dotted path such as `run[1].config.rate`; of its nearest known parent if it is not there.

    Tables in arrays count from 0. None if no part of the path is found.
    """
    wanted: Path = tuple(int(number) if number else name for name, number in _PATH.findall(path))
    offsets = _offsets(source)
    while wanted:
        for candidate in (wanted, (*wanted, 0)):
            if candidate in offsets:
                return source.count("\n", 0, offsets[candidate]) + 1
        wanted = wanted[:-1]
    return None


@lru_cache(maxsize=1)
def _offsets(source: str) -> Mapping[Path, int]:
    """Where each path stands. Remembered: one file is often asked for many lines."""
    offsets: dict[Path, int] = {}
    with contextlib.suppress(RecursionError):  # what was found before it went too deep is still true
        for found, offset in _Scanner(source).places():
            offsets.setdefault(found, offset)
    return offsets


class _Scanner:
    """Every key, array item and table header of the text as (path, offset), in the order of the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.here = 0
        self.counts: dict[Path, int] = {}

    def places(self) -> Iterator[tuple[Path, int]]:
        table: Path = ()
        while self._skip():
            start = self.here
            if self.text[self.here] == "[":
                array = self.text.startswith("[[", self.here)
                self.here += 2 if array else 1
                table = self._resolve(self._names(), array=array)
                self.here += 2 if array else 1
                yield table, start
            else:
                yield from self._pair(table)
            if self.here == start:  # not good TOML after all: end rather than stand still
                return

    def _skip(self) -> bool:
        """Over blanks and comments. False at the end of the text."""
        match = _SPACE.match(self.text, self.here)
        self.here = match.end() if match else self.here
        return self.here < len(self.text)

    def _names(self) -> list[str]:
        names = []
        while match := _NAME.match(self.text, self.here):
            names.append(match.group(1).strip("\"'"))
            self.here = match.end()
            if self.text[self.here : self.here + 1] != ".":
                break
            self.here += 1
        return names

    def _resolve(self, names: list[str], *, array: bool) -> Path:
        """`[[run]]` is run[0], run[1], ...; `[run.config]` belongs to the newest `[[run]]`."""
        path: Path = ()
        for place, name in enumerate(names):
            path = (*path, name)
            if array and place == len(names) - 1:
                self.counts[path] = self.counts.get(path, 0) + 1
            if path in self.counts:
                path = (*path, self.counts[path] - 1)
        return path

    def _pair(self, table: Path) -> Iterator[tuple[Path, int]]:
        """`a.b = value`: every prefix of the key stands here, then whatever is inside the value."""
        start = self.here
        path = table
        for name in self._names():
            path = (*path, name)
            yield path, start
        self.here += 1  # =
        yield from self._value(path)

    def _value(self, path: Path) -> Iterator[tuple[Path, int]]:
        self._skip()
        string = _STRING.match(self.text, self.here)
        if string:
            self.here = string.end()
        elif self.text.startswith("[", self.here):
            yield from self._items(path)
        elif self.text.startswith("{", self.here):
            yield from self._inline(path)
        else:
            bare = _BARE.match(self.text, self.here)
            self.here = bare.end() if bare else len(self.text)

    def _items(self, path: Path) -> Iterator[tuple[Path, int]]:
        self.here += 1
        number = 0
        while self._skip() and self.text[self.here] != "]":
            yield (*path, number), self.here
            yield from self._value((*path, number))
            number += 1
            self._comma()
        self.here += 1

    def _inline(self, path: Path) -> Iterator[tuple[Path, int]]:
        self.here += 1
        while self._skip() and self.text[self.here] != "}":
            yield from self._pair(path)
            self._comma()
        self.here += 1

    def _comma(self) -> None:
        if self._skip() and self.text[self.here] == ",":
            self.here += 1
