"""The one line of an error."""

from __future__ import annotations

import pickle

import pytest

from nnhistory.core.errors import BadInput, Cancelled, did_you_mean


def test_the_line_has_where_what_why_and_what_to_do() -> None:
    error = BadInput("it is bad", why="it has a hole", remedy="Mend it", file="a.toml", line=3, key="run 1.id")
    assert str(error) == "a.toml:3: run 1.id: it is bad (it has a hole). Mend it"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (BadInput("it is bad"), "it is bad"),
        (BadInput("when?", remedy="Say when"), "when? Say when"),
        (BadInput("it is bad", key="--set"), "--set: it is bad"),
        (BadInput("two\nlines", why="a\n  b"), "two lines (a b)"),
        (BadInput("it is bad", line=3), "it is bad"),
    ],
)
def test_it_is_one_line_whatever_is_known(error: BadInput, said: str) -> None:
    assert str(error) == said


def test_what_is_known_is_not_overwritten() -> None:
    error = BadInput("x", file="a.csv").located(file="b.toml", line=2, key="k")
    assert (error.file, error.line, error.key) == ("a.csv", 2, "k")


def test_it_crosses_a_process_border() -> None:
    error = BadInput("x", why="y", remedy="z", file="a", line=1, key="k")
    back = pickle.loads(pickle.dumps(error))
    assert type(back) is BadInput
    assert str(back) == str(error)


def test_exit_codes() -> None:
    assert (BadInput("x").exit_code, Cancelled("x").exit_code) == (2, 130)


def test_did_you_mean() -> None:
    assert did_you_mean("rat", ["rate", "order"], noun="knob") == 'Did you mean "rate"?'
    assert did_you_mean("zzz", ["rate", "order"], noun="knob") == "Known knobs: order, rate"
    assert did_you_mean("zzz", [], noun="knob") == "There is no knob here yet"
    assert did_you_mean("zzz", [f"n{i:02}" for i in range(20)]).endswith("n11, ...")
