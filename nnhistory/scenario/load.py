"""Read a scenario file. Whatever is wrong with it becomes one line: file, line, key, what, why, what to do."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, NNHistoryError, did_you_mean
from nnhistory.scenario import schema
from nnhistory.scenario.library import find
from nnhistory.scenario.locate import line_of
from nnhistory.scenario.schema import Expect, Scenario

__all__ = ["Loaded", "at_key", "load", "loads"]

_LIMIT = 1_000_000
"""Bytes; a scenario is a page of text."""


class Loaded(msgspec.Struct, frozen=True):
    """A decoded scenario and where it came from."""

    scenario: Scenario
    source: str
    path: Path
    id: str


def load(scenario: str | Path) -> Loaded:
    """A scenario by id (`perceptron/xor`) or by path to a TOML file. BadInput, located, if it is not a good one."""
    path = find(scenario)
    try:
        if path.is_dir():
            raise BadInput("this is a folder, not a scenario", file=path, remedy="Name a .toml file")
        size = path.stat().st_size
        if size > _LIMIT:
            raise BadInput(f"this file is too large for a scenario ({size} bytes)", file=path, why="the limit is 1 MB")
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror or error}", file=path) from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            "this is not a text file",
            why="it is not UTF-8",
            file=path,
            line=line,
            remedy="A scenario is a TOML text file",
        ) from None
    if "\0" in text:
        raise BadInput(
            "this is not a text file", why="it holds a zero byte", file=path, remedy="A scenario is a TOML text file"
        )
    return loads(text, path)


def loads(text: str, path: Path, id: str | None = None) -> Loaded:
    """A scenario from its text. `path` is what errors name and what its own files are relative to."""
    if not text.strip():
        raise BadInput(
            "this scenario is empty", file=path, remedy="nnhistory new NAME --era ERA writes one to begin with"
        )
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(found.group(1)) if found else len(text.splitlines())
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise BadInput(
            f"this is not good TOML: {what}", file=path, line=line, remedy="Compare with nnhistory show perceptron/or"
        ) from None
    except RecursionError:
        raise BadInput("this is nested too deeply for a scenario", file=path) from None
    loaded = Loaded(_convert(tables, text, path), text, path, id or _id_of(path))
    _check(loaded)
    return loaded


def at_key(loaded: Loaded, key: str, error: NNHistoryError) -> NNHistoryError:
    """Give an error the file and line of a key of this scenario."""
    line = line_of(loaded.source, f"{key}.{error.key}" if error.key else key)
    error.key = _shown(f"{key}.{error.key}" if error.key else key)
    return error.located(file=loaded.path, line=line)


def _id_of(path: Path) -> str:
    return f"{path.resolve().parent.name}/{path.stem}"


def _convert(tables: dict[str, Any], text: str, path: Path) -> Scenario:
    try:
        return msgspec.convert(tables, Scenario)
    except msgspec.ValidationError as error:
        what, _, where = str(error).partition(" - at `$")
        key = where.rstrip("`").lstrip(".")
        what, remedy = _reword(what, key)
        unknown = re.match(r'there is no key "(.+)" here', what)
        if unknown:
            key = f"{key}.{unknown.group(1)}" if key else unknown.group(1)
        raise BadInput(what, file=path, line=line_of(text, key), key=_shown(key) or None, remedy=remedy) from None


def _reword(what: str, key: str) -> tuple[str, str | None]:
    """The decoder's message in our words."""
    unknown = re.match(r"Object contains unknown field `(.+)`", what)
    if unknown:
        return f'there is no key "{unknown.group(1)}" here', did_you_mean(unknown.group(1), _fields(key), noun="key")
    missing = re.match(r"Object missing required field `(.+)`", what)
    if missing:
        return f'the key "{missing.group(1)}" is missing', f"Add {missing.group(1)} = ..."
    expected = re.match(r"Expected `(.+)`, got `(.+)`", what)
    if expected:
        return f"this should be {expected.group(1).replace(' | ', ' or ')}, not {expected.group(2)}", None
    enum = re.match(r"Invalid enum value '?(.+?)'?$", what)
    if enum:
        return f"this cannot be {enum.group(1)}", "nnhistory show --schema lists what can stand here"
    return what[:1].lower() + what[1:], None


def _fields(key: str) -> list[str]:
    """The keys that may stand in the table named by the last name in `key`."""
    table = re.sub(r"\[[^\]]*\]", "", key).rsplit(".", 1)[-1]
    kinds: dict[str, type[msgspec.Struct]] = {
        "": Scenario, "run": schema.Run, "turn": schema.Turn, "chapter": schema.Chapter, "expect": schema.Expect,
        "study": schema.Study, "play": schema.Play, "start": schema.Start, "input": schema.InputFrom,
        "full": schema.Scale, "than": schema.Than, "question": schema.Question, "options": schema.Option,
        "at": schema.At, "reveal": schema.At,
    }  # fmt: skip
    kind = kinds.get(table)
    return list(kind.__struct_encode_fields__) if kind is not None else []


def _shown(key: str) -> str:
    """Count tables from 1, as people do: run[0] is `run 1`."""
    return re.sub(r"\[(\d+)\]", lambda match: f" {int(match.group(1)) + 1}", key)


def _check(loaded: Loaded) -> None:
    """What the types cannot say: ids once, links without loops, names of runs, complete expectations."""
    scenario = loaded.scenario
    ids = [run.id for run in scenario.run]

    def bad(key: str, what: str, why: str | None = None, remedy: str | None = None) -> NNHistoryError:
        return at_key(loaded, key, BadInput(what, why=why, remedy=remedy))

    def known(run: str | None, key: str) -> None:
        if run is not None and run not in ids:
            raise bad(key, f'there is no run "{run}"', remedy=did_you_mean(run, ids, noun="run"))

    for number, run in enumerate(scenario.run):
        if run.id in ids[:number]:
            raise bad(f"run[{number}].id", f'two runs are called "{run.id}"', remedy="Give each run its own id")
        for link, name in ((run.start, "start"), (run.input, "input")):
            if link is not None:
                known(link.from_, f"run[{number}].{name}")
    links = {run.id: [link.from_ for link in (run.start, run.input) if link is not None] for run in scenario.run}
    for number, run in enumerate(scenario.run):
        loop = _loop(run.id, links)
        if loop:
            name = "start" if run.start is not None else "input"
            raise bad(
                f"run[{number}].{name}", f'run "{run.id}" would start from itself', why=" -> ".join(loop),
                remedy="Let one run of the loop start on its own",
            )  # fmt: skip
    for number, turn in enumerate(scenario.turn):
        known(turn.run, f"turn[{number}].run")
    for number, expect in enumerate(scenario.expect):
        _check_expect(expect, f"expect[{number}]", bad, known)
    for number, chapter in enumerate(scenario.chapter):
        known(chapter.run, f"chapter[{number}].run")
        if chapter.question is not None:
            for place, option in enumerate(chapter.question.options):
                _check_expect(option.expect, f"chapter[{number}].question.options[{place}].expect", bad, known)


def _loop(run: str, links: dict[str, list[str]]) -> list[str]:
    """The way from a run back to itself, if there is one."""
    ways = [[run]]
    while ways:
        way = ways.pop()
        for after in links[way[-1]]:
            if after == run:
                return [*way, run]
            if after not in way:
                ways.append([*way, after])
    return []


def _check_expect(expect: Expect, key: str, bad: Any, known: Any) -> None:
    known(expect.run, f"{key}.run")
    if expect.than is not None:
        known(expect.than.run, f"{key}.than.run")
    if (expect.metric is None) == (expect.event is None):
        raise bad(
            key, "an expectation is about one metric or one event", remedy='Write metric = "..." or event = "..."'
        )
    if expect.op in ("happens", "never"):
        if expect.event is None:
            raise bad(f"{key}.op", f'"{expect.op}" is for events', remedy='Write event = "..." or compare with a value')
        return
    if expect.op == "between":
        pair = expect.value
        if not isinstance(pair, list) or len(pair) != 2 or not pair[0] <= pair[1]:
            raise bad(f"{key}.value", "between needs two numbers, the smaller first", remedy="Write value = [0.4, 0.6]")
    elif (expect.value is None) == (expect.than is None):
        raise bad(
            key, f'"{expect.op}" needs something to compare with', remedy="Write value = ... or than = { metric = ... }"
        )
    elif isinstance(expect.value, list):
        raise bad(f"{key}.value", f'"{expect.op}" compares with one number', remedy='Write op = "between" for a range')
    if expect.event is not None and expect.evidence is None:
        raise bad(key, "which number of the event is compared?", remedy='Write evidence = "..." (step always exists)')
    if expect.of == "at" and expect.at is None:
        raise bad(key, "at which step?", remedy="Write at = 100")
