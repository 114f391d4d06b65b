"""`nnhistory study`: grids, draws, seeds, and the same table from any number of workers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.helpers import GOOD, call

Capsys = pytest.CaptureFixture[str]

BLOBS = GOOD.replace('"or"', '{ name = "blobs", gap = 2.0 }') + "config = { steps = 120 }\n"


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(BLOBS)
    return "x.toml"


def rows(capsys: Capsys, *arguments: str) -> list[dict[str, Any]]:
    got = call(capsys, "study", *arguments, "--json")
    assert got.status == 0, got.err
    outcome = json.loads(got.out)
    assert list(outcome) == ["scenario", "title", "passed", "seconds", "runs", "expectations", "study"]
    table: list[dict[str, Any]] = outcome["study"]["rows"]
    return table


def test_over_makes_a_grid(file: str, capsys: Capsys) -> None:
    table = rows(capsys, file, "--over", "rate=0.5,1", "--over", "order=cyclic,random", "--workers", "1")
    assert [row["settings"] for row in table] == [
        {"rate": rate, "order": order} for rate in (0.5, 1) for order in ("cyclic", "random")
    ]


def test_seeds_and_draws_give_more_runs_of_a_row(file: str, capsys: Capsys) -> None:
    seeds = rows(capsys, file, "--seeds", "3", "--seed", "7", "--workers", "1")
    assert [[run["seed"] for run in row["runs"]] for row in seeds] == [[7, 8, 9]]
    draws = rows(capsys, file, "--draws", "3", "--workers", "1")
    assert len(draws) == 1
    assert len({run["seed"] for run in draws[0]["runs"]}) == 3


def test_random_draws_values_in_their_range_and_the_same_each_time(file: str, capsys: Capsys) -> None:
    asked = (file, "--random", "rate=log:1e-3..10", "--draws", "5", "--workers", "1")
    table = rows(capsys, *asked)
    values = [row["settings"]["rate"] for row in table]
    assert len(set(values)) == 5
    assert all(1e-3 <= value <= 10 for value in values)
    assert rows(capsys, *asked) == table
    assert rows(capsys, *asked, "--seed", "1") != table


def test_the_number_of_workers_does_not_change_the_table(file: str, capsys: Capsys) -> None:
    asked = (file, "--over", "dataset.gap=0.0,2.0,4.0", "--seeds", "2")
    table = rows(capsys, *asked, "--workers", "1")
    assert rows(capsys, *asked, "--workers", "2") == table
    assert len({json.dumps(row["runs"][0]["metrics"]) for row in table}) > 1, "the rows differ at all"


def test_lists_as_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(GOOD.replace('"or"', '{ name = "truth_table" }') + "config = { steps = 40 }\n")
    table = rows(capsys, "x.toml", "--over", "dataset.outputs=[0,0,0,1],[0,1,1,0]", "--workers", "1")
    assert [row["runs"][0]["events"] for row in table] == [["converged"], ["limit_cycle"]]


def test_the_table_for_people(file: str, capsys: Capsys) -> None:
    got = call(capsys, "study", file, "--over", "rate=0.5,1", "--seeds", "2", "--workers", "1")
    assert got.status == 0
    assert got.err.splitlines()[-1].startswith("  (expectations and wagers are not judged")
    lines = got.out.splitlines()
    assert lines[1].split()[:3] == ["rate", "runs", "train_error"]
    assert [line.split()[:2] for line in lines[2:]] == [["0.5", "2"], ["1", "2"]]


def test_a_wide_table_is_printed_in_parts_that_fit(capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("study", "backprop/xor", "--over", "hidden=[2],[2,2]", "--set", "steps=5", "--workers", "1")
    whole = [line.split("  ") for line in call(capsys, *asked).out.splitlines()[1:]]
    monkeypatch.setattr("nnhistory.cli.common._columns_of_terminal", lambda: 80)
    lines = call(capsys, *asked).out.splitlines()[1:]
    assert max(map(len, lines)) <= 80
    parts = [lines[place : place + 3] for place in range(0, len(lines), 3)]
    assert all(part[0].split()[:2] == ["hidden", "runs"] for part in parts)
    assert sum(len(part[0].split()) - 2 for part in parts) + 2 == len([text for text in whole[0] if text])
    first = next(part for part in parts if "update_ratio/2" in part[0])
    assert first[1].split()[-1] == "–", "a net of one hidden layer has no third layer of weights"
    assert float(first[2].split()[-1]) > 0


def test_the_files_own_study_is_judged(file: str, capsys: Capsys) -> None:
    study = '[study]\nover = { "dataset.gap" = [0.0, 9.0] }\nseeds = 2\n'
    expect = '[[expect]]\nmetric = "train_error"\nover = "seeds"\nwhere = { gap = 0.0 }\nstat = "mean"\nvalue = 0\n'
    Path(file).write_text(BLOBS + study + expect)
    assert call(capsys, "study", file, "--workers", "1").status == 1
    assert call(capsys, "run", file, "--workers", "1").status == 1
    # What is asked for on the command line is another study: its runs are not judged by the file.
    assert call(capsys, "study", file, "--over", "dataset.gap=0.0", "--workers", "1").status == 0
