"""Write a scenario as TOML. Small on purpose: what a `Scenario` can hold, and no more."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from nnhistory.scenario.schema import Scenario

__all__ = ["dumps", "toml_string"]

_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def dumps(scenario: Scenario) -> str:
    """The scenario's TOML text. `loads(dumps(s))` gives `s` again."""
    tables = msgspec.to_builtins(scenario)
    lines: list[str] = []
    for key, value in tables.items():
        if not _is_table(value):
            lines.append(f"{_key(key)} = {_value(value)}")
    for key, value in tables.items():
        if isinstance(value, dict):
            _table(lines, key, value, array=False)
        elif _is_table(value):
            for item in value:
                _table(lines, key, item, array=True)
    return "\n".join(lines).strip() + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and all(isinstance(v, dict) for v in value)
    )


def _table(lines: list[str], name: str, table: Mapping[str, Any], *, array: bool) -> None:
    lines += ["", f"[[{name}]]" if array else f"[{name}]"]
    for key, value in table.items():
        if value is not None:
            lines.append(f"{_key(key)} = {_value(value)}")


def _key(key: str) -> str:
    return key if _BARE.match(key) else toml_string(key)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            text = repr(value)
            return {"inf": "inf", "-inf": "-inf", "nan": "nan"}.get(text, text)
        case str():
            return toml_string(value)
        case list() | tuple():
            return "[" + ", ".join(_value(item) for item in value) + "]"
        case dict():
            inner = ", ".join(f"{_key(key)} = {_value(item)}" for key, item in value.items() if item is not None)
            return "{ " + inner + " }" if inner else "{}"
        case _:
            raise TypeError(f"a scenario cannot hold {value!r}")


def toml_string(text: str) -> str:
    """The text in quotes, escaped."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = re.sub(r"[\x00-\x1f\x7f]", lambda match: f"\\u{ord(match.group()):04x}", escaped)
    return f'"{escaped}"'
