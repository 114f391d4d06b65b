"""Writing TOML: what is written is read back the same."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnhistory.scenario.library import find, heads, ids, walkthrough
from nnhistory.scenario.load import load, loads
from nnhistory.scenario.write import dumps, toml_string


@pytest.mark.parametrize("scenario", ids())
def test_shipped_scenarios_come_back_the_same(scenario: str) -> None:
    loaded = load(scenario)
    assert loads(dumps(loaded.scenario), find(scenario)).scenario == loaded.scenario


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    assert tomllib.loads(f"x = {toml_string(text)}")["x"] == text


def test_the_walkthrough_names_eras_in_order() -> None:
    years = [stop.year for stop in walkthrough()]
    assert years == sorted(years)
    assert {stop.kind for stop in walkthrough()} == {"era", "winter"}


def test_heads_say_what_the_files_say() -> None:
    assert sorted(head.id for head in heads()) == ids()
    for head in heads():
        scenario = load(head.id).scenario
        assert (head.title, head.year, head.seconds) == (scenario.title, scenario.year, scenario.seconds)
        assert head.eras == list(dict.fromkeys(run.era for run in scenario.run))
        assert head.path == Path(find(head.id))
