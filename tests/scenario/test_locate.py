"""Lines of keys, on every level of a TOML text."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from nnhistory.scenario.library import find, ids
from nnhistory.scenario.locate import line_of

TEXT = '''\
# a comment with [[run]] in it
title = "a # [b] \\" = x"
text = """
[[run]]
id = 1
"""
[[run]]
id = "a"
config.rate = 5
"quoted key" = 'x = ['

  [[run]]   # the second
id = 'b'
config = { rate = 1, deep = { x = [1,
  2, { y = 3 } ] } }
[run.start]
from = "a"
[[chapter]]
[chapter.question]
options = [  # ]
  { text = "one", expect = { metric = "m" } },

  { text = "two", expect = { metric = "n" } },
]
[[chapter]]
[[chapter.question.options]]
[chapter.question.options.expect]
op = "<"
[[chapter.question.options]]
text = "b"
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("title", 2),
        ("text", 3),
        ("run", 7),
        ("run[0]", 7),
        ("run[0].id", 8),
        ("run[0].config", 9),
        ("run[0].config.rate", 9),
        ("run[0].quoted key", 10),
        ("run[0].nosuch", 7),
        ("run[1]", 12),
        ("run[1].id", 13),
        ("run[1].config.rate", 14),
        ("run[1].config.deep.x[1]", 15),
        ("run[1].config.deep.x[2].y", 15),
        ("run[1].start.from", 17),
        ("run[1].start.layers", 16),
        ("chapter[0].question.options[0].text", 21),
        ("chapter[0].question.options[1].expect.metric", 23),
        ("chapter[1]", 25),
        ("chapter[1].question.options[0].expect.op", 28),
        ("chapter[1].question.options[1].text", 30),
        ("nosuch", None),
        ("", None),
    ],
)
def test_the_line_of_a_key(path: str, line: int | None) -> None:
    assert line_of(TEXT, path) == line
    assert line_of(TEXT.replace("\n", "\r\n"), path) == line


def paths(value: Any, path: str = "") -> list[str]:
    """Every key and item of a decoded text."""
    if isinstance(value, dict):
        return [p for key, v in value.items() for p in [f"{path}.{key}".lstrip("."), *paths(v, f"{path}.{key}")]]
    if isinstance(value, list):
        return [p for number, v in enumerate(value) for p in [f"{path}[{number}]", *paths(v, f"{path}[{number}]")]]
    return []


@pytest.mark.parametrize("scenario", ids())
def test_every_key_of_the_shipped_scenarios_is_found_on_its_own_line(scenario: str) -> None:
    text = find(scenario).read_text(encoding="utf-8")
    lines = text.splitlines()
    for path in paths(tomllib.loads(text)):
        path = path.lstrip(".")
        line = line_of(text, path)
        assert line is not None
        name = path.rsplit(".", 1)[-1].split("[")[0]
        if not path.endswith("]"):
            assert name in lines[line - 1], (path, line)


def test_text_that_is_long_or_deep_takes_no_time() -> None:
    assert line_of("a = [" + "[1]," * 100_000 + "]\nb = 1", "b") == 2
    assert line_of("b = 1\na = " + "[" * 2000 + "]" * 2000, "b") == 1
