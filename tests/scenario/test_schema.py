"""`show --schema`: a JSON Schema that says what the decoder does."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

import pytest

from nnhistory.scenario.library import find, ids
from tests.cli.helpers import GOOD, call


@pytest.fixture
def schema(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    got = call(capsys, "show", "--schema")
    assert (got.status, got.err) == (0, "")
    decoded: dict[str, Any] = json.loads(got.out)
    return decoded


def wrong(value: Any, schema: dict[str, Any], root: dict[str, Any], path: str = "$") -> list[str]:
    """What JSON Schema would object to, for the few words that ours uses. An unknown word fails."""
    known = {
        "$schema", "$ref", "$defs", "title", "description", "default", "type", "enum", "anyOf", "properties",
        "required", "additionalProperties", "items", "minItems", "maxItems", "minimum", "maximum",
        "exclusiveMinimum", "pattern", "maxLength",
    }  # fmt: skip
    assert set(schema) <= known, set(schema) - known
    if "$ref" in schema:
        return wrong(value, root["$defs"][schema["$ref"].rsplit("/", 1)[-1]], root, path)
    if "anyOf" in schema:
        every = [wrong(value, one, root, path) for one in schema["anyOf"]]
        return [] if any(not found for found in every) else min(every, key=len)
    if "enum" in schema:
        return [] if value in schema["enum"] else [f"{path}: {value!r} is no choice"]
    kinds = {
        "object": dict, "array": list, "string": str, "integer": int, "number": (int, float), "boolean": bool,
        "null": type(None),
    }  # fmt: skip
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, kinds[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return [f"{path}: not {kind}"]
    found = []
    if isinstance(value, dict):
        properties = schema.get("properties", {})
        found += [f"{path}: {key} is missing" for key in schema.get("required", []) if key not in value]
        for key, item in value.items():
            rest = schema.get("additionalProperties", True)
            if key in properties:
                found += wrong(item, properties[key], root, f"{path}.{key}")
            elif rest is False:
                found.append(f"{path}: {key} is unknown")
            elif isinstance(rest, dict):
                found += wrong(item, rest, root, f"{path}.{key}")
    elif isinstance(value, list):
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", len(value)):
            found.append(f"{path}: {len(value)} items")
        for number, item in enumerate(value):
            found += wrong(item, schema.get("items", {}), root, f"{path}[{number}]")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        if value < schema.get("minimum", value) or value > schema.get("maximum", value):
            found.append(f"{path}: out of range")
        if value <= schema.get("exclusiveMinimum", value - 1):
            found.append(f"{path}: out of range")
    elif isinstance(value, str):
        if not re.search(schema.get("pattern", ""), value):
            found.append(f"{path}: not the pattern")
        if len(value) > schema.get("maxLength", len(value)):
            found.append(f"{path}: too long")
    return found


def test_the_schema_names_its_dialect(schema: dict[str, Any]) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert set(schema["$defs"]) >= {"Scenario", "Run", "Chapter", "Expect", "Study"}


@pytest.mark.parametrize("scenario", ids())
def test_it_accepts_the_shipped_scenarios(scenario: str, schema: dict[str, Any]) -> None:
    assert wrong(tomllib.loads(find(scenario).read_text(encoding="utf-8")), schema, schema) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("title", "titel"), "$: title is missing"),
        (GOOD + "sed = 1\n", "$.run[0]: sed is unknown"),
        (GOOD + "seed = -1\n", "$.run[0].seed: out of range"),
        (GOOD + 'seed = "x"\n', "$.run[0].seed: not integer"),
        (GOOD.replace('"a"', '"A"'), "$.run[0].id: not the pattern"),
        (GOOD.replace('"a"', f'"{"a" * 65}"'), "$.run[0].id: too long"),
        ('title = "T"\nrun = []\n', "$.run: 0 items"),
        (GOOD + '[[expect]]\nmetric = "x"\nop = "=<"\n', "$.expect[0].op: '=<' is no choice"),
        (GOOD + 'start = { frm = "a" }\n', "$.run[0].start: not null"),
    ],
)
def test_it_objects_where_the_decoder_does(text: str, said: str, schema: dict[str, Any]) -> None:
    assert said in wrong(tomllib.loads(text), schema, schema)
