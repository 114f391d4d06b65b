"""Which languages there are texts in, and that `--lang` names one of them."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import ids, walkthrough
from nnhistory.scenario.load import load
from nnhistory.scenario.notes import notes
from nnhistory.scenario.schema import Scenario, Text

__all__ = ["check_language", "languages"]

_ALWAYS = "en"


def languages(*own: Any, registry: Registry | None = None) -> list[str]:
    """Every language in which there is at least one text: of an era, of a lesson that ships, or of `own` structs."""
    registry = registry if registry is not None else Registry()
    found = {file.stem for era in registry.ids() for file in (registry.folder(era) / "text").glob("*.toml")}
    shipped = (load(name).scenario for name in ids())
    return sorted({_ALWAYS, *found, *_spoken([notes(), *walkthrough(), *shipped, *own])})


@cache
def _hints(kind: type) -> dict[str, Any]:
    """Asked once for each kind of struct: there are thousands of structs, and an answer takes half a millisecond."""
    return typing.get_type_hints(kind)


def _spoken(things: Iterable[Any]) -> Iterator[str]:
    """The languages of all texts in these structs, however deep."""
    for thing in things:
        hints = _hints(thing.__class__)
        for name in thing.__struct_fields__:
            value = getattr(thing, name)
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, msgspec.Struct):
                    yield from _spoken([part])
                elif isinstance(part, dict) and hints[name] in (Text, list[Text]):
                    yield from part


def check_language(lang: str, *own: Scenario) -> None:
    """BadInput if nothing is written in `lang`: neither what ships nor the user's `own` lessons."""
    if lang == _ALWAYS:  # asked first: to read every lesson takes a moment
        return
    there = languages(*own)
    if lang not in there:
        raise BadInput(
            f'there is no language "{lang}"',
            why="no lesson and no era has a text in it",
            remedy=f"Languages there are: {', '.join(there)}",
            key="--lang",
        )
