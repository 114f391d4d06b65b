"""The shipped scenarios: found by id, listed by reading only the head of each file."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.resources import scenarios
from nnhistory.scenario.schema import Text, say

__all__ = ["Head", "Stop", "find", "heads", "ids", "search", "walkthrough"]


class Head(msgspec.Struct, frozen=True):
    """What `list` says about a scenario. `seconds`: as last measured on the machine the README names."""

    id: str
    title: str
    year: int
    eras: list[str]
    seconds: float
    summary: str
    path: Path


class Stop(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on the time line of the walkthrough: an era with its lessons, or a winter."""

    year: int
    title: Text
    kind: str = "era"
    """`era` or `winter`."""
    era: str = ""
    until: int = 0
    line: Text = ""
    broke: Text = ""
    scenarios: list[str] = []


def heads(lang: str = "en") -> list[Head]:
    """Every shipped scenario in the order of the walkthrough, then by id. Reads files only up to the first chapter."""
    found = {}
    for path in sorted(scenarios().glob("*/*.toml")):
        head = _head(path, lang)
        found[head.id] = head
    order = {name: place for place, name in enumerate(name for stop in walkthrough() for name in stop.scenarios)}
    return sorted(found.values(), key=lambda head: (order.get(head.id, len(order)), head.id))


def _head(path: Path, lang: str) -> Head:
    # What is said of the scenario, and the era of each run: most of the time of a list would go into the other lines.
    lines: list[str] = []
    table = ""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("["):
                if line.startswith(("[[chapter]]", "[[expect]]", "[[turn]]", "[study")):
                    break
                table = line.strip()
            if not table or (table == "[[run]]" and line.startswith(("[[run]]", "era "))):
                lines.append(line)
    tables = tomllib.loads("".join(lines))
    return Head(
        id=f"{path.parent.name}/{path.stem}",
        title=say(tables["title"], lang),
        year=int(tables.get("year", 0)),
        eras=list(dict.fromkeys(run["era"] for run in tables.get("run", []))),
        seconds=float(tables.get("seconds", 0.0)),
        summary=say(tables.get("summary", ""), lang),
        path=path,
    )


def search(known: list[Head], text: str) -> list[Head]:
    """The lessons that have all these words; those that have them in title or id come first."""
    words = text.lower().split()
    named = [(head, f"{head.title} {head.id}".lower()) for head in known]
    found = [
        (not all(word in name for word in words), head)
        for head, name in named
        if all(word in " ".join([name, head.summary, str(head.year), *head.eras]).lower() for word in words)
    ]
    return [head for _, head in sorted(found, key=lambda pair: pair[0])]


def ids() -> list[str]:
    """Ids of the shipped scenarios."""
    return sorted(f"{path.parent.name}/{path.stem}" for path in scenarios().glob("*/*.toml"))


def find(scenario: str | Path) -> Path:
    """The file of a scenario, given by id or by path. BadInput with the nearest id if there is none."""
    text = str(scenario)
    path = Path(text)
    if isinstance(scenario, str) and text.count("/") == 1 and not text.endswith(".toml"):
        shipped = scenarios() / f"{text}.toml"
        if shipped.is_file():
            return shipped
    try:
        if text.strip() and path.exists():
            return path
    except OSError as error:
        raise BadInput(
            f"cannot look for this file: {error.strerror}", file=path, remedy="nnhistory list shows what there is"
        ) from None
    if text.endswith(".toml") or path.is_absolute() or text.startswith("."):
        raise BadInput("there is no such file", file=path, remedy="nnhistory list shows the scenarios there are")
    raise BadInput(f'there is no scenario "{text}"', remedy=did_you_mean(text, ids(), noun="scenario"))


def walkthrough() -> list[Stop]:
    """The time line: `scenarios/walkthrough.toml`."""
    file = scenarios() / "walkthrough.toml"
    if not file.is_file():
        return []
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8"))["stop"], list[Stop])
