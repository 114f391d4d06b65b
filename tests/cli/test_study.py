"""`nnhistory study`: grids, draws, seeds, and the same table from any number of workers."""

from __future__ import annotations

import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nnhistory.cli.study_board import board_lines
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.study import Point, PointResult
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
    assert list(outcome) == ["scenario", "title", "passed", "seconds", "runs", "expectations", "wagers", "study"]
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


# -- stopped, and taken up again ------------------------------------------------------------------------------------

_CHILD = """
import sys
from pathlib import Path
import nnhistory.engine.study_store as store
store.default_folder = lambda: Path("kept")
from nnhistory.cli.main import main
main(sys.argv[1:])
"""
SLOWLY = BLOBS.replace("steps = 120", "steps = 2500, stop_when_converged = false")


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _lines() -> list[dict[str, Any]]:
    files = list(Path("kept").glob("*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_bytes().split(b"\n")[:-1] if line.endswith(b"}")]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("blow", ["SIGINT", "SIGKILL"])
def test_a_study_that_was_stopped_goes_on(
    blow: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys, studies: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(SLOWLY)
    asked = ("study", "x.toml", "--over", "rate=0.5,1", "--seeds", "4", "--workers", "1", "--json")
    process = subprocess.Popen(
        [sys.executable, "-c", _CHILD, *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=_hear_interrupts,
    )  # fmt: skip
    while not _lines() and process.poll() is None:  # until a run is finished
        time.sleep(0.002)
    process.send_signal(getattr(signal, blow))
    out, err = process.communicate()
    kept = len(_lines())
    assert out == ""
    assert 1 <= kept < 8, "stopped half-way"
    if blow == "SIGINT":
        assert process.returncode == 130
        said = f"nnhistory: cancelled. {kept} of 8 runs are finished and kept: the same command does the others"
        assert err.splitlines()[-1] == said
    Path("kept").rename(studies)
    got = call(capsys, *asked)
    assert got.err.splitlines()[0] == (f"continuing: {kept} of 8 runs were finished before (--fresh begins anew)")
    assert list(studies.iterdir()) == [], "a study that is over is not kept"
    whole = call(capsys, *asked)
    assert whole.err == ""
    assert json.loads(got.out)["study"] == json.loads(whole.out)["study"]


def test_fresh_begins_anew(file: str, capsys: Capsys, studies: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("study", file, "--seeds", "3", "--workers", "1")
    with monkeypatch.context() as patch:
        patch.setattr("nnhistory.engine.study_store.StudyStore.forget", lambda store: None)
        assert "continuing" not in call(capsys, *asked).err
        assert call(capsys, *asked).err.startswith("continuing: 3 of 3 runs")
    assert len(list(studies.iterdir())) == 1
    assert "continuing" not in call(capsys, *asked, "--fresh").err
    assert list(studies.iterdir()) == []


def test_a_run_that_fails_costs_no_other(file: str, capsys: Capsys, studies: Path) -> None:
    good = "x,y,label\n0,0,a\n1,1,b\n0,1,a\n1,0,b\n"
    for name, text in (("a.csv", good), ("b.csv", "x,y,label\n0,0,a\n1,hello,b\n"), ("c.csv", good)):
        Path(name).write_text(text)
    Path(file).write_text(GOOD.replace('"or"', '{ file = "a.csv" }'))
    asked = ("study", file, "--over", "dataset.file=a.csv,b.csv,c.csv", "--workers", "1")
    got = call(capsys, *asked)
    assert got.status == 2
    assert "a run of the study failed: " in got.err
    assert got.err.endswith("2 of 3 runs are finished and kept: the same command does the others\n")
    Path("b.csv").write_text(good)
    assert "continuing" not in call(capsys, *asked).err, "the data has changed"
    assert len(list(studies.iterdir())) == 1, "what was kept for the old data is not touched"


# -- what is saved --------------------------------------------------------------------------------------------------


def test_it_is_saved_as_table_picture_and_report(file: str, capsys: Capsys) -> None:
    outs = ("t.csv", "t.json", "t.svg", "t.png", "t.html")
    asked = ("study", file, "--over", "rate=0.5,1", "--seeds", "2", "--workers", "1")
    got = call(capsys, *asked, "--json", *(word for out in outs for word in ("-o", out)))
    assert got.status == 0, got.err
    assert got.err.splitlines() == [f"saved as {out}" for out in outs]
    said = json.loads(got.out)
    assert json.loads(Path("t.json").read_text()) == said
    lines = list(csv.DictReader(Path("t.csv").read_text().splitlines()))
    assert [(line["rate"], line["seed"]) for line in lines] == [("0.5", "0"), ("0.5", "1"), ("1", "0"), ("1", "1")]
    runs = [run for row in said["study"]["rows"] for run in row["runs"]]
    assert [float(line["train_error"]) for line in lines] == [run["metrics"]["train_error"] for run in runs]
    assert [line["events"].split() for line in lines] == [run["events"] for run in runs]
    picture = Path("t.svg").read_text()
    assert "the table" in picture
    page = Path("t.html").read_text()
    assert "<h2>The table of the study</h2><p>4 runs of 2 settings; every metric at the end of its runs" in page
    assert "nnhistory study x.toml --over rate=0.5,1 --seeds 2" in page
    assert Path("t.png").read_bytes().startswith(b"\x89PNG")
    again = call(capsys, *asked, "-o", "t.csv")
    assert (again.status, again.err) == (
        2, "nnhistory: t.csv: there is a file of this name already. Choose another, or add --force\n"
    )  # fmt: skip


def test_a_study_is_exported_as_a_table_too(file: str, capsys: Capsys) -> None:
    got = call(capsys, "export", file, "-o", "t.csv")
    assert got.status == 2
    assert got.err.startswith("nnhistory: x.toml: only a study has a table, which is what a .csv holds. Write a .png")
    Path(file).write_text(BLOBS + "[study]\nseeds = 2\n")
    for out in ("t.csv", "t.json"):
        assert call(capsys, "export", file, "-o", out).status == 0
    assert len(Path("t.csv").read_text().splitlines()) == 3
    assert len(json.loads(Path("t.json").read_text())["study"]["rows"][0]["runs"]) == 2


# -- the board ------------------------------------------------------------------------------------------------------


def _result(point: Point, value: float | None) -> PointResult:
    if value is None:
        return PointResult(point, failure="it broke")
    return PointResult(point, {"a": RunOutcome("a", "e", 0, metrics={"error": Tally.of(value)})})


def test_the_board_says_what_is_done() -> None:
    points = [Point(row, number, {"a.rate": [0.5, 1][row]}, number) for row in range(2) for number in range(4)]
    results = [_result(points[0], 0.25), _result(points[1], 0.75), _result(points[2], None)]
    assert board_lines(points, results, "error", "mean", 80, 24, ", about 5 s left") == [
        "[#########...............] 3 of 8 runs, about 5 s left",
        "  rate 0.5  ##x.  0.5",
        "  rate 1    ....  ",
        "  right: mean error so far; Ctrl-C stops, finished runs are kept",
    ]


def test_the_board_fits_its_terminal() -> None:
    points = [Point(row, number, {"rate": row, "wide": "x" * 30}, 0) for row in range(60) for number in range(500)]
    results = [_result(point, 1.0) for point in points[: 500 * 40 + 250]]
    for columns, rows in ((80, 24), (40, 10), (200, 60), (80, 3)):
        lines = board_lines(points, results, "error", "mean", columns, rows)
        assert len(lines) <= rows
        assert max(map(len, lines)) < columns
    shown = board_lines(points, results, "error", "mean", 80, 24)
    assert "settings 39 to 60 of 60" in shown[-1]
    assert "#" in shown[2]
    assert "." not in shown[2].split()[-2], "the finished one before it is whole"
    assert set(shown[3].split()[-2]) == {"#", "."}


def test_runs_by_themselves_and_beside_each_other(
    capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nnhistory.engine import points

    begun: list[int] = []

    def counted(plans: list[Any], *given: Any, **named: Any) -> Any:
        begun.append(len(plans))
        return drive_together(plans, *given, **named)

    drive_together = points.drive_together
    monkeypatch.setattr(points, "drive_together", counted)
    monkeypatch.setattr("nnhistory.engine.study_store.default_folder", lambda: tmp_path / "kept")
    (tmp_path / "net.toml").write_text(
        'title = "T"\n[[run]]\nid = "a"\nera = "deep_2010"\n'
        'dataset = { name = "gaussian", points = 40, inputs = 8, test_points = 20 }\n'
        "config = { hidden = [8], steps = 3, batch = 8 }\n"
    )
    asked = (str(tmp_path / "net.toml"), "--over", "rate=0.1,0.2", "--seeds", "2", "--workers", "1")
    alone = rows(capsys, *asked, "--no-stack")
    assert begun == []
    beside = rows(capsys, *asked)
    assert begun == [4]
    for row, other in zip(alone, beside, strict=True):
        for run, same in zip(row["runs"], other["runs"], strict=True):
            assert same["metrics"] == pytest.approx(run["metrics"], rel=1e-9)


THREE = "".join(
    f'[[run]]\nid = "{name}"\ntitle = "net {name}"\nera = "perceptron_1957"\ndataset = "or"\n' for name in "abc"
)


def test_a_key_may_name_several_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text('title = "T"\n' + THREE + '[study]\ny = ["a.train_error", "c.train_error"]\n')
    (row,) = rows(capsys, "x.toml", "--over", "a+b.steps=2", "--workers", "1")
    a, b, c = (run["metrics"] for run in row["runs"])
    assert a == b != c
    got = call(capsys, "study", "x.toml", "--over", "a+d.steps=2")
    assert (got.status, got.err) == (2, 'nnhistory: --over a+d.steps: there is no run "d". Known runs: a, b, c\n')
    got = call(capsys, "study", "x.toml", "--over", "rate=0.5,1", "--set", "a+d.steps=2")
    assert got.err == 'nnhistory: --set a+d.steps: there is no run "d". Known runs: a, b, c\n'


def test_several_metrics_are_lines_of_one_chart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text('title = "T"\n' + THREE + '[study]\ny = ["a.train_error", "c.train_error"]\n')
    assert call(capsys, "study", "x.toml", "--over", "a.rate=0.5,1", "-o", "t.svg", "--workers", "1").status == 0
    picture = Path("t.svg").read_text()
    assert "net a" in picture
    assert "net c" in picture
    assert "net b" not in picture
    Path("x.toml").write_text('title = "T"\n' + THREE + '[study]\ny = ["a.train_error", "c.speed"]\n')
    assert 'there is no metric "c.speed"' in call(capsys, "study", "x.toml", "--over", "a.rate=0.5,1").err


def test_a_table_for_people_has_what_the_study_is_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(GOOD + '[study]\nover = { rate = [0.5, 1.0] }\ny = "mistakes"\n')
    said = call(capsys, "run", "x.toml").out.splitlines()
    assert [line.split() for line in said[1:4]] == [["rate", "runs", "mistakes"], ["0.5", "1", "3"], ["1", "1", "3"]]
    assert said[4] == "  (2 more metrics: --json, or nnhistory study ... -o table.csv)"
