"""Where a key stands in a TOML text. `tomllib` gives no positions, so this scanner runs, only after an error."""

from __future__ import annotations

import re

__all__ = ["line_of"]

_HEADER = re.compile(r"^\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"""^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PATH = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


def line_of(source: str, path: str) -> int | None:
    """The line (from 1) of a dotted path such as `run[1].config.rate`; of its nearest known parent if it is not there.

    Inline tables and arrays have the line of the key they belong to. None if no part of the path is found.
    """
    wanted = _parts(path)
    places = _index(source)
    while wanted:
        for candidate in (tuple(wanted), (*wanted, 0)):
            if candidate in places:
                return places[candidate]
        wanted = wanted[:-1]
    return None


def _parts(path: str) -> list[str | int]:
    return [int(number) if number else name for name, number in _PATH.findall(path)]


def _index(source: str) -> dict[tuple[str | int, ...], int]:
    """Every table header and key of the text, as a path, with its line."""
    places: dict[tuple[str | int, ...], int] = {}
    counts: dict[tuple[str | int, ...], int] = {}
    table: tuple[str | int, ...] = ()
    depth, quote = 0, ""
    for number, line in enumerate(source.splitlines(), start=1):
        if quote or depth > 0:
            depth, quote = _follow(line, depth, quote)
            continue
        header = _HEADER.match(line)
        if header:
            table = _resolve(_names(header.group(2)), counts, array=header.group(1) == "[[")
            places.setdefault(table, number)
            continue
        key = _KEY.match(line)
        if key:
            path = (*table, *_names(key.group(1)))
            for end in range(len(table) + 1, len(path) + 1):
                places.setdefault(path[:end], number)
            rest = line[key.end() :]
            for inner in re.findall(r"[{,]\s*([A-Za-z0-9_-]+)\s*=", rest):
                places.setdefault((*path, inner), number)
            depth, quote = _follow(rest, 0, "")
    return places


def _names(dotted: str) -> list[str]:
    return [part.strip().strip("\"'") for part in dotted.split(".")]


def _resolve(names: list[str], counts: dict[tuple[str | int, ...], int], *, array: bool) -> tuple[str | int, ...]:
    """`[[run]]` is run[0], run[1], ...; `[run.config]` belongs to the newest `[[run]]`."""
    path: tuple[str | int, ...] = ()
    for place, name in enumerate(names):
        path = (*path, name)
        last = place == len(names) - 1
        if last and array:
            counts[path] = counts.get(path, 0) + 1
        if path in counts:
            path = (*path, counts[path] - 1)
    return path


def _follow(text: str, depth: int, quote: str) -> tuple[int, str]:
    """Brackets and multi-line strings still open at the end of this line."""
    place = 0
    while place < len(text):
        if quote:
            end = text.find(quote, place)
            if end < 0:
                return depth, quote if len(quote) == 3 else ""
            place, quote = end + len(quote), ""
            continue
        character = text[place]
        if character == "#":
            break
        if character in "\"'":
            triple = character * 3
            quote = triple if text.startswith(triple, place) else character
            place += len(quote)
            continue
        depth += (character in "[{") - (character in "]}")
        place += 1
    return max(depth, 0), quote if len(quote) == 3 else ""
