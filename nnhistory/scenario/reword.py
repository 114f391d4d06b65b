"""The decoder's messages in the words of a scenario's author: what should stand there, and an example."""

from __future__ import annotations

import re

import msgspec

from nnhistory.core.errors import did_you_mean
from nnhistory.scenario import schema

__all__ = ["reword"]

_TYPES = {
    "str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false", "array": "a list",
    "object": "a table", "datetime": "a date", "date": "a date", "time": "a time",
}  # fmt: skip
"""What msgspec calls a type, and what we do."""

_EXAMPLES = {
    "title": 'title = "..."', "text": 'text = "..."', "run": 'run = "..."', "id": 'id = "a"',
    "era": 'era = "perceptron_1957"', "dataset": 'dataset = "or"', "from": 'from = "a"', "array": 'array = "act/0"',
    "step": "step = 10", "knob": 'knob = "rate"', "value": "value = 0.5", "ask": 'ask = "..."',
    "options": "two or more [[chapter.question.options]]", "expect": 'expect = { event = "converged", op = "happens" }',
    "at": 'at = { step = 10 }, { event = "..." } or { end = true }', "config": "config = { rate = 0.5 }",
    "start": 'start = { from = "a" }', "seed": "seed = 1", "over": "over = { rate = [0.1, 1.0] }",
    "random": 'random = { rate = "log:1e-4..1" }', "seeds": "seeds = 10, or a list of seeds", "draws": "draws = 10",
    "pictures": 'pictures = ["plane", "curve"]', "full": "full = { config = { steps = 10000 } }",
    "than": 'than = { metric = "bound" }', "freeze": "freeze = [...]",
    "question": "a table [chapter.question], or [relay.question]", "shape": "shape = [1, 2]", "into": "into = 0",
    "input": 'input = { from = "a", array = "act/0" }',
    "speed": "speed = 4.0", "tol": "tol = 0.01", "seconds": "seconds = 1.0", "year": "year = 1957",
    "record": 'record = ["P05"]', "summary": 'summary = "..."', "because": 'because = "..."', "play": "[play]",
    "reveal": 'reveal = { event = "converged" }', "side_by_side": "side_by_side = true", "pause": "pause = true",
}  # fmt: skip

_MANY = {"run", "turn", "chapter", "expect", "entry", "says"}
"""Tables of which there may be several."""

_KINDS: dict[str, type[msgspec.Struct]] = {
    "": schema.Scenario, "run": schema.Run, "turn": schema.Turn, "chapter": schema.Chapter, "expect": schema.Expect,
    "study": schema.Study, "play": schema.Play, "start": schema.Start, "input": schema.InputFrom,
    "full": schema.Scale, "than": schema.Than, "question": schema.Question, "options": schema.Option,
    "at": schema.At, "reveal": schema.At, "relay": schema.Relay, "entry": schema.Entry, "says": schema.Says,
}  # fmt: skip


def reword(what: str, key: str) -> tuple[str, str, str | None]:
    """(what is wrong, the key it is about, what to do) from a decoder's message and the path it gave."""
    name = re.sub(r"\[[^\]]*\]", "", key).rsplit(".", 1)[-1]
    unknown = re.match(r"Object contains unknown field `(.+)`", what)
    if unknown:
        word = unknown.group(1)
        kind = _KINDS.get(name)
        fields = list(kind.__struct_encode_fields__) if kind is not None else []
        full = f"{key}.{word}" if key else word
        return f'there is no key "{word}" here', full, did_you_mean(word, fields, noun="key")
    missing = re.match(r"Object missing required field `(.+)`", what)
    if missing:
        word = missing.group(1)
        table = {"says": "relay.entry.says", "entry": "relay.entry"}.get(
            word, "run" if word == "run" and not key else ""
        )
        example = f"a [[{table}]] table" if table else _EXAMPLES.get(word, f"{word} = ...")
        return f'the key "{word}" is missing', key, f"Add {example}"
    return _value(what, key, name)


def _value(what: str, key: str, name: str) -> tuple[str, str, str | None]:
    if "." not in key and name in _MANY and (what.startswith("Expected `array`") or name == key != ""):
        return "there may be several of these, each with a heading of its own", key, f"Write [[{name}]]"
    example = f"Write {_EXAMPLES[name]}" if name in _EXAMPLES else None
    enum = re.match(r"Invalid enum value '?(.+?)'?$", what)
    if enum:
        return f'this cannot be "{enum.group(1)}"', key, did_you_mean(enum.group(1), _choices(key, name), noun="choice")
    pattern = re.match(r"Expected `str` matching regex", what)
    if pattern:
        return "this holds small letters, digits, - and _ only", key, example
    expected = re.match(r"Expected `([a-z |]+)`(?:, got `(.+)`| of length (\S+) (\d+)| (\S+) (\S+))$", what)
    if expected is None:
        return what[:1].lower() + what[1:], key, example
    kinds = [_TYPES.get(kind, kind) for kind in expected.group(1).split(" | ") if kind != "null"]
    right = " or ".join(kinds)
    if expected.group(2):
        return f"this should be {right}, not {_TYPES.get(expected.group(2), expected.group(2))}", key, example
    if expected.group(3):
        bound = {">=": "at least", "<=": "at most"}[expected.group(3)]
        of_what = " characters" if right == "a text" else ""
        return f"this should be {right} of {bound} {expected.group(4)}{of_what}", key, example
    bound = {">=": "at least", "<=": "at most", ">": "above", "<": "below"}[expected.group(5)]
    return f"this should be {right}, {bound} {float(expected.group(6)):g}", key, example


def _choices(key: str, name: str) -> list[str]:
    """The words that may stand at this key."""
    parent = re.sub(r"\[[^\]]*\]", "", key).split(".")[-2:-1]
    kind = _KINDS.get(parent[0] if parent else "")
    if kind is None:
        return []
    field = next(field for field in msgspec.inspect.type_info(kind).fields if field.encode_name == name)  # type: ignore[attr-defined]
    kinds = getattr(field.type, "types", (field.type,))
    return [str(value) for one in kinds for value in getattr(one, "values", ())]
