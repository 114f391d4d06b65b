"""Small relays for the tests."""

from __future__ import annotations

from pathlib import Path

from nnhistory.scenario.load import Loaded
from tests.engine.stagehand import toy

RELAY = """
[relay]
task = "How far is it?"
metric = "distance"
bars = "how far it is"
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


LESSON = """
title = "Two nets"
[[run]]
id = "or"
title = "the net of or"
era = "perceptron_1957"
dataset = "or"
[[run]]
id = "xor"
title = "the net of xor"
era = "perceptron_1957"
dataset = "xor"
config = { steps = 40 }
[[chapter]]
title = "Here"
text = "A net."
[relay]
task = "Which corners?"
metric = "train_error"
bars = "corners on the wrong side"
chance = 0.5
shape = [1, 2]
answers = ["no", "yes"]
[relay.question]
ask = "Which errs more?"
explain = "One plane."
[[relay.question.options]]
text = "or"
expect = { run = "or", metric = "train_error", op = ">", value = 0.1 }
[[relay.question.options]]
text = "xor"
expect = { run = "xor", metric = "train_error", op = ">", value = 0.1 }
[[relay.entry]]
run = "or"
year = 1957
name = "or"
text = "Three corners against one."
[[relay.entry.says]]
expect = { metric = "train_error", op = "==", value = 0 }
word = "solved"
text = "No corner is wrong."
[[relay.entry]]
run = "xor"
year = 1957
name = "xor"
text = "Two against two."
[[relay.entry.says]]
expect = { metric = "train_error", op = ">", value = 0 }
word = "one plane"
text = "{train_error} of the corners are wrong."
broke = true
"""


def written(folder: Path) -> Path:
    """A relay of two perceptrons as a file, for front ends that open files alone."""
    file = folder / "two.toml"
    file.write_text(LESSON, encoding="utf-8")
    return file
