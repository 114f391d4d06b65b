"""Small relays for the tests."""

from __future__ import annotations

from nnhistory.scenario.load import Loaded
from tests.engine.stagehand import toy

RELAY = """
[relay]
task = "How far is it?"
metric = "distance"
chance = 0.5
shape = [1, 2]
answers = ["no", "yes"]
[relay.question]
ask = "Which comes nearer?"
explain = "Who walks arrives."
[[relay.question.options]]
text = "a"
expect = { run = "a", metric = "distance", op = "<", than = { run = "b", metric = "distance" } }
[[relay.question.options]]
text = "b"
expect = { run = "a", metric = "distance", op = ">", than = { run = "b", metric = "distance" } }
[[relay.entry]]
run = "a"
year = 1900
name = "walks"
text = "It walks."
[[relay.entry.says]]
expect = { metric = "distance", op = ">", value = 0.1 }
word = "far"
text = "It is {distance} away."
why = "It began at {distance}."
broke = true
[[relay.entry.says]]
expect = { metric = "distance", op = "<=", value = 0.1 }
word = "there"
text = "It is {distance} away."
[[relay.entry]]
run = "b"
year = 1901
name = "stands"
text = "It stands."
parts = ["p"]
control = true
[[relay.entry.says]]
expect = { metric = "distance", op = ">", value = 0.1 }
word = "far"
text = "It is {distance} away."
broke = true
"""


def toy_relay(a: str = "rate = 0.5", b: str = "rate = 0.0", p: str = "rate = 0.0", more: str = RELAY) -> Loaded:
    """Run `a`; run `p`, and run `b` that starts from it."""
    runs = f"""
[[run]]
id = "p"
era = "toy_1900"
dataset = "or"
config = {{ {p} }}
[[run]]
id = "b"
era = "toy_1900"
dataset = "or"
config = {{ {b} }}
start = {{ from = "p" }}
"""
    return toy(a, more, runs)
