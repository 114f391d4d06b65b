"""Read a scenario file. Whatever is wrong with it becomes one line: file, line, key, what, why, what to do."""

from __future__ import annotations

import math
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, NNHistoryError, did_you_mean
from nnhistory.core.files import refuse_special, special
from nnhistory.core.params import TOO_LARGE, too_large
from nnhistory.scenario.library import find
from nnhistory.scenario.locate import line_of
from nnhistory.scenario.reword import reword
from nnhistory.scenario.schema import Expect, Question, Relay, Scenario, say

__all__ = ["LIMIT", "Loaded", "at_key", "load", "loads"]

LIMIT = 1_000_000
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
            raise BadInput(
                "this is a folder, not a scenario", file=path, remedy="Name a .toml file, or use nnhistory check"
            )
        data = _read(path)
        if len(data) > LIMIT:
            raise BadInput(
                "this file is too large for a scenario", file=path, why="the limit is 1 MB",
                remedy='Keep data apart: dataset = { file = "points.csv" }',
            )  # fmt: skip
    except OSError as error:
        raise BadInput(
            "this file cannot be read", why=error.strerror or str(error), file=path,
            remedy="Name another file, or give yourself the right to read it",
        ) from None  # fmt: skip
    if b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        raise BadInput(
            "this is not a text file", why="it holds a zero byte", file=path, line=line,
            remedy="A scenario is a TOML text file",
        )  # fmt: skip
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            "this is not a text file",
            why="it is not UTF-8",
            file=path,
            line=line,
            remedy="A scenario is a TOML text file",
        ) from None
    return loads(text, path)


def _read(path: Path) -> bytes:
    """What is in it, a little more than the limit at most: as much as it takes to see that it is too large."""
    if _handed_over(path) and special(path) == "a named pipe":
        status = path.stat()
        return _from_pipe(path, status.st_dev, status.st_ino)
    refuse_special(path, "Save the scenario as a .toml file, and name that")
    with path.open("rb") as file:
        return file.read(LIMIT + 1)


def _handed_over(path: Path) -> bool:
    """Did the shell open it for us, as for `<(...)` and `... | nnhistory run /dev/stdin`? Then somebody writes it."""
    return path.as_posix() == "/dev/stdin" or path.parent.as_posix() in ("/dev/fd", "/proc/self/fd")


@lru_cache(maxsize=4)
def _from_pipe(path: Path, device: int, number: int) -> bytes:
    """Remembered, because it comes only once and several parts of a command read the scenario.

    device, number : of the pipe, so that another one of the same name is not mistaken for it.
    """
    with path.open("rb") as file:
        return file.read(LIMIT + 1)


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
        line = int(found.group(1)) if found else text.rstrip().count("\n") + 1
        what = re.sub(r"\s*\(at .*\)$", "", str(error))
        raise BadInput(
            f"this is not good TOML: {what}", file=path, line=line, remedy="Compare with nnhistory show perceptron/or"
        ) from None
    except RecursionError:
        raise BadInput("this is nested too deeply for a scenario", file=path, remedy="Write it flatter") from None
    except ValueError:  # so many digits that Python does not even read them
        digits = re.search(r"[\d_]{4300}", text)
        at = text[: digits.start()].count("\n") + 1 if digits else None
        raise BadInput(TOO_LARGE, file=path, line=at, remedy="Write a smaller one") from None
    for key in too_large(tables):
        large = BadInput(TOO_LARGE, remedy="Write a smaller one")
        raise large.located(file=path, line=line_of(text, key), key=_shown(key))
    loaded = Loaded(_convert(tables, text, path), text, path, id or _id_of(path))
    _check(loaded)
    return loaded


def at_key(loaded: Loaded, key: str, error: NNHistoryError) -> NNHistoryError:
    """Give an error the file and line of a key of this scenario, unless it is about an option of the command line."""
    if error.key and error.key.startswith("--"):
        return error
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
        what, key, remedy = reword(what, where.rstrip("`").lstrip(".").replace("[...]", ""))
        raise BadInput(what, file=path, line=line_of(text, key) or 1, key=_shown(key) or None, remedy=remedy) from None


def _shown(key: str) -> str:
    """Count tables from 1, as people do: run[0] is `run 1`."""
    return re.sub(r"\[(\d+)\]", lambda match: f" {int(match.group(1)) + 1}", key)


def _check(loaded: Loaded) -> None:
    """What the types cannot say: ids once, links without loops, names of runs, complete expectations."""
    scenario = loaded.scenario
    ids = [run.id for run in scenario.run]
    if not say(scenario.title).strip():
        raise at_key(loaded, "title", BadInput("the title is empty", remedy='Write title = "..."'))

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
        if expect.over is not None and scenario.study is None:
            raise bad(f"expect[{number}].over", f'"over = {expect.over}" needs a study', remedy="Add a [study] table")
    for number, chapter in enumerate(scenario.chapter):
        known(chapter.run, f"chapter[{number}].run")
        if chapter.question is not None:
            _check_options(chapter.question, f"chapter[{number}].question", bad, known)
    if scenario.relay is not None:
        _check_relay(scenario.relay, bad, known, study=scenario.study is not None)


def _check_relay(relay: Relay, bad: Any, known: Any, *, study: bool) -> None:
    if study:
        raise bad("relay", "a study has a board of its own", remedy="Leave out [relay] or [study]")
    if len(relay.answers) not in (0, 2):
        raise bad("relay.answers", "there are two labels, and a word for each", remedy='Write answers = ["no", "yes"]')
    taken: set[str] = set()
    for number, entry in enumerate(relay.entry):
        key = f"relay.entry[{number}]"
        for place, run in ((f"{key}.run", entry.run), *((f"{key}.parts", part) for part in entry.parts)):
            known(run, place)
            if run in taken:
                raise bad(place, f'run "{run}" stands in two rows of the relay', remedy="Give each run one row")
            taken.add(run)
        for index, says in enumerate(entry.says):
            _check_expect(says.expect, f"{key}.says[{index}].expect", bad, known)
    for index, option in enumerate(relay.question.options):
        if option.expect.run is None:
            raise bad(f"relay.question.options[{index}].expect", "which run?", remedy='Write run = "..."')
    _check_options(relay.question, "relay.question", bad, known)


def _check_options(question: Question, key: str, bad: Any, known: Any) -> None:
    """One answer is to be right: no two may expect the same."""
    expected = [option.expect for option in question.options]
    for place, expect in enumerate(expected):
        _check_expect(expect, f"{key}.options[{place}].expect", bad, known)
        if expect in expected[:place]:
            raise bad(
                f"{key}.options[{place}].expect", "another answer expects the same", why="both would be right, or none",
                remedy="Let each answer expect something of its own",
            )  # fmt: skip


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
    _check_numbers(expect, key, bad)
    if expect.than is not None:
        known(expect.than.run, f"{key}.than.run")
    if (expect.metric is None) == (expect.event is None):
        raise bad(
            key, "an expectation is about one metric or one event", remedy='Write metric = "..." or event = "..."'
        )
    if expect.op in ("happens", "never"):
        if expect.event is None:
            raise bad(f"{key}.op", f'"{expect.op}" is for events', remedy='Write event = "..." or compare with a value')
        if expect.value is not None or expect.than is not None or expect.stat != "value":
            raise bad(
                key,
                f'"{expect.op}" compares with nothing, and over several runs it speaks of every one',
                remedy='Leave value, than and stat away; for a share of runs write stat = "share" and op = ">="',
            )
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
    elif isinstance(expect.value, str | bool) and expect.metric is not None:
        said = str(expect.value).lower() if isinstance(expect.value, bool) else f'"{expect.value}"'
        raise bad(f"{key}.value", f"a metric is a number, not {said}", remedy="Write value = 0.5")
    if expect.event is not None and expect.evidence is None and expect.stat != "share":
        raise bad(key, "which number of the event is compared?", remedy='Write evidence = "..." (step always exists)')
    if expect.of == "at" and expect.at is None:
        raise bad(key, "at which step?", remedy="Write at = 100")


def _check_numbers(expect: Expect, key: str, bad: Any) -> None:
    """What is compared with is finite: with infinity an expectation could not fail, or not hold."""
    listed = expect.value if isinstance(expect.value, list) else [expect.value]
    numbers = [("value", value) for value in listed] + [("tol", expect.tol)]
    numbers += [("than.times", expect.than.times)] if expect.than is not None else []
    for name, number in numbers:
        if isinstance(number, float) and not math.isfinite(number):
            raise bad(
                f"{key}.{name}", f"this must be finite, got {number}", remedy=f"Write {name.rpartition('.')[2]} = 0.5"
            )
