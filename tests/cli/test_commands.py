"""What the commands print, and the shapes of their JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from nnhistory.core.resources import scenarios
from nnhistory.scenario.library import ids
from tests.cli.helpers import GOOD, call

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def one_object(text: str) -> dict[str, Any]:
    """The single JSON object that is all of the text."""
    value = json.loads(text)
    assert isinstance(value, dict)
    return value


def test_run_json_has_exactly_these_keys(capsys: Capsys) -> None:
    got = call(capsys, "run", "perceptron/xor", "--json", "--seed", "5")
    assert (got.status, got.err) == (0, "")
    outcome = one_object(got.out)
    assert list(outcome) == ["scenario", "title", "passed", "seconds", "runs", "expectations", "wagers"]
    assert (outcome["scenario"], outcome["passed"]) == ("perceptron/xor", True)
    [run] = outcome["runs"]
    assert list(run) == ["id", "era", "seed", "device", "steps", "metrics", "events", "findings"]
    assert [one["kind"] for one in run["findings"]] == ["not_separable", "limit_cycle"]
    assert list(run["findings"][0]) == ["kind", "role", "text", "evidence", "why", "lesson", "cure"]
    assert (run["id"], run["era"], run["seed"], run["device"], run["steps"]) == ("xor", "perceptron_1957", 5, "cpu", 24)
    assert run["metrics"]["mistakes"] == 24
    assert list(run["events"][0]) == ["step", "kind", "evidence"]
    assert run["events"][0]["evidence"]["period"] == 4
    assert list(outcome["expectations"][0]) == ["expect", "holds", "observed"]


def test_run_json_of_a_study_has_its_rows(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(GOOD + "[study]\nover = { rate = [0.5, 1] }\nseeds = 2\n")
    got = call(capsys, "run", "x.toml", "--json", "--workers", "1")
    outcome = one_object(got.out)
    assert list(outcome) == ["scenario", "title", "passed", "seconds", "runs", "expectations", "wagers", "study"]
    assert [row["settings"] for row in outcome["study"]["rows"]] == [{"rate": 0.5}, {"rate": 1}]
    assert [[run["seed"] for run in row["runs"]] for row in outcome["study"]["rows"]] == [[0, 1], [0, 1]]
    assert list(outcome["study"]["rows"][0]["runs"][0]) == ["id", "seed", "metrics", "events"]


def test_json_has_no_nan(here: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    from nnhistory.engine.outcome import RunOutcome, Tally

    shape = RunOutcome("a", "e", 0, metrics={"train_loss": Tally.of(float("nan"))}).to_json()
    assert json.loads(json.dumps(shape, allow_nan=False))["metrics"]["train_loss"] == "nan"


def test_an_expectation_that_does_not_hold_is_status_1(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = 4\n')
    got = call(capsys, "run", "x.toml")
    assert (got.status, got.err) == (1, "")
    assert "  ✗ mistakes == 4  [observed 3]" in got.out
    assert re.search(r"^FAILED in \d+\.\d s$", got.out, re.MULTILINE)
    assert one_object(call(capsys, "run", "x.toml", "--json").out)["passed"] is False
    checked = call(capsys, "check", "x.toml")
    assert checked.status == 1
    assert checked.out.endswith("1 scenario: 0 good, 1 failed, 0 bad\n")


ASKS = """
[[chapter]]
title = "Your wager"
text = "So."
[chapter.question]
ask = "How many mistakes?"
[[chapter.question.options]]
text = "some"
expect = {{ metric = "mistakes", op = ">", value = 0 }}
[[chapter.question.options]]
text = "many"
expect = {{ metric = "mistakes", op = ">", value = {bound} }}
"""


def test_a_wager_in_json_has_its_options_and_the_right_one(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(GOOD + ASKS.format(bound=99))
    got = call(capsys, "run", "x.toml", "--json")
    assert (got.status, got.err) == (0, "")
    assert one_object(got.out)["wagers"] == [
        {
            "key": "chapter[0].question",
            "chapter": "Your wager",
            "ask": "How many mistakes?",
            "options": [{"text": "some", "holds": True}, {"text": "many", "holds": False}],
            "right": "some",
        }
    ]


def test_a_wager_with_two_right_answers_is_status_1(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(GOOD + ASKS.format(bound=1))
    said = (
        '  ✗ x.toml:10: chapter "Your wager": How many mistakes? 2 answers are right: some; many, where exactly one '
        "must be\n"
    )
    for command in ("run", "check"):
        got = call(capsys, command, "x.toml")
        assert (got.status, got.err) == (1, "")
        assert said in got.out
        assert "FAILED" in got.out
    told = one_object(call(capsys, "run", "x.toml", "--json").out)
    assert (told["passed"], told["wagers"][0]["right"]) == (False, None)


def test_a_wager_without_a_right_answer_is_status_1(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(GOOD + ASKS.replace('op = ">", value = 0', "value = 0").format(bound=99))
    got = call(capsys, "run", "x.toml")
    assert got.status == 1
    assert "How many mistakes? no answer is right, where exactly one must be\n" in got.out


def test_what_misses_its_limit_by_little_is_told_with_the_digits_that_show_it(here: Path, capsys: Capsys) -> None:
    near = GOOD + '[[expect]]\nmetric = "weight_norm"\nop = "{op}"\nvalue = {value}\n'
    for op, value, seen in ((">=", 1.7321, "1.73205"), ("<", 1.7321, "1.73205"), (">", 1, "1.73")):
        Path("x.toml").write_text(near.format(op=op, value=value))
        assert f"[observed {seen}]" in call(capsys, "run", "x.toml").out


def test_what_is_told_of_a_deep_net_is_a_line_and_what_is_expected_of_it(here: Path, capsys: Capsys) -> None:
    Path("x.toml").write_text(
        GOOD.replace("perceptron_1957", "backprop_1986").replace('"or"', '"xor"')
        + 'config = { hidden = [2, 2, 2, 2], steps = 3 }\n[[expect]]\nmetric = "grad_rms/3"\nop = ">"\nvalue = 0\n'
    )
    out = call(capsys, "run", "x.toml").out
    [line] = [line for line in out.splitlines() if line.startswith("    train_loss ")]
    assert len(line) < 400
    assert "grad_rms/3 " in line
    assert "grad_rms/2" not in line
    left = int(re.search(r", and (\d+) more \(--json has all\)$", line).group(1))  # type: ignore[union-attr]
    metrics = one_object(call(capsys, "run", "x.toml", "--json").out)["runs"][0]["metrics"]
    assert left + line.count(",") == len(metrics)


def test_set_changes_a_knob_and_the_data(capsys: Capsys) -> None:
    plain = one_object(call(capsys, "run", "perceptron/or", "--json").out)["runs"][0]
    inputs = one_object(call(capsys, "run", "perceptron/or", "--json", "--set", "dataset.inputs=3").out)["runs"][0]
    rate = one_object(call(capsys, "run", "perceptron/or", "--json", "--set", "or.rate=2").out)["runs"][0]
    assert inputs["steps"] > plain["steps"]
    assert rate["metrics"]["weight_norm"] == 2 * plain["metrics"]["weight_norm"]


def test_a_run_made_shorter_from_outside_is_not_the_files_mistake(capsys: Capsys) -> None:
    got = call(capsys, "run", "perceptron/or", "--set", "steps=1")
    assert got.err == ""
    assert got.status == 1


def test_record_and_replay(here: Path, capsys: Capsys) -> None:
    got = call(capsys, "run", "perceptron/xor", "--record", "x.nnh")
    assert got.out.endswith("recorded in x.nnh: nnhistory replay x.nnh\n")
    replayed = call(capsys, "replay", "x.nnh")
    assert re.match(r"perceptron/xor xor: \d+ frames, 1 event\n  step 5: The weights of step 1 are back", replayed.out)
    assert (replayed.status, replayed.err) == (0, "")


def test_list_json_has_exactly_these_keys(capsys: Capsys) -> None:
    got = call(capsys, "list", "--json")
    rows = json.loads(got.out)
    assert {row["id"] for row in rows} == set(ids())
    for row in rows:
        assert list(row) == ["id", "title", "eras", "year", "seconds"]
        assert row["title"]
        assert row["eras"]
    assert (got.status, got.err) == (0, "")


def test_list_is_in_the_order_of_the_walkthrough(capsys: Capsys) -> None:
    lines = call(capsys, "list").out.splitlines()
    assert len(lines) == len(ids())
    assert lines[0].startswith("perceptron/or ")


def test_show_an_era(capsys: Capsys) -> None:
    got = call(capsys, "show", "perceptron_1957")
    assert got.status == 0
    assert got.out.startswith("Perceptron, 1957  (perceptron_1957)\n")
    for heading in ("Knobs", "Metrics", "Events", "Pictures", "History", "Sources"):
        assert f"\n{heading}\n" in got.out
    assert "  rate = 1.0  (from 0 to 100; live, 1958)\n" in got.out
    assert "  bias = true  (" in got.out
    assert "\nA run may take\n  start\n" in got.out
    assert '  order = "cyclic"  (' in got.out, "as it is written in a scenario"
    assert "  limit_cycle: evidence period, first, again, changes, max_norm\n" in got.out
    assert "rosenblatt1958: Rosenblatt, F. (1958)." in got.out


def test_parameters_of_data_stand_as_they_are_written_in_a_scenario(capsys: Capsys) -> None:
    out = call(capsys, "data").out
    assert 'parameters: points = 4000, taps = 8, size = 1.0, change = true, reference = "mains"\n' in out


def test_show_a_scenario_is_its_text(capsys: Capsys) -> None:
    assert call(capsys, "show", "perceptron/xor").out == (scenarios() / "perceptron/xor.toml").read_text("utf-8")


def test_show_without_a_name(capsys: Capsys) -> None:
    assert call(capsys, "show").out.startswith("eras: perceptron_1957")


def test_check_reports_every_expectation(here: Path, capsys: Capsys) -> None:
    (here / "folder" / "deep").mkdir(parents=True)
    (here / "folder" / "deep" / "a.toml").write_text(GOOD + '[[expect]]\nevent = "converged"\nop = "happens"\n')
    (here / "folder" / "pyproject.toml").write_text("[project]\n")
    (here / "b.toml").write_text(GOOD)
    got = call(capsys, "check", "folder", "b.toml", "perceptron/or")
    assert (got.status, got.err) == (0, "")
    assert re.match(
        r"passed   deep/a  \(\d\.\d s\)\n  ✓ converged happens  \[observed yes\]\npassed   \S+/b  \(\d\.\d s\)\n"
        r"passed   perceptron/or ",
        got.out,
    )
    assert got.out.endswith("3 scenarios: 3 good, 0 failed, 0 bad\n")


def test_check_of_a_folder_passes_over_what_is_no_scenario(here: Path, capsys: Capsys) -> None:
    (here / ".venv").mkdir()
    (here / ".venv" / "theirs.toml").write_text(GOOD)
    (here / "ruff.toml").write_text("line-length = 120\n")
    (here / "wrong.toml").write_text(GOOD.replace("title", "titel"))
    got = call(capsys, "check", ".", "--no-run")
    assert got.out == "other    ruff.toml\nbad      wrong.toml\n1 scenario: 0 good, 0 failed, 1 bad\n"
    assert call(capsys, "check", "ruff.toml", "--no-run").out.startswith("bad      ruff.toml\n"), "it was asked for"


def test_check_no_run_runs_nothing(here: Path, capsys: Capsys) -> None:
    (here / "x.toml").write_text(GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = 99\n')
    got = call(capsys, "check", "x.toml", "--no-run")
    assert got.status == 0
    assert got.out == f"good     {here.name}/x\n1 scenario: 1 good, 0 failed, 0 bad\n"
    shipped = call(capsys, "check", "--no-run")
    assert shipped.status == 0
    assert shipped.out.endswith(f"{len(ids())} scenarios: {len(ids())} good, 0 failed, 0 bad\n")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("my-lesson", "my-lesson.toml"),
        ("a b.toml", "a b.toml"),
        ("deep/er/x", "deep/er/x.toml"),
        ('q"\\', 'q"\\.toml'),
        ("x" * 90, f"{'x' * 90}.toml"),
    ],
)
def test_new_gives_a_file_that_passes(name: str, file: str, here: Path, capsys: Capsys) -> None:
    made = call(capsys, "new", name, "--era", "perceptron_1957")
    assert (made.status, made.err) == (0, "")
    assert made.out.startswith(f"{file} is written. Try: nnhistory run ")
    checked = call(capsys, "check", file)
    assert checked.status == 0, checked.out + checked.err
    assert "✓" in checked.out


@pytest.mark.parametrize("era", ["adaline_1960", "rbm_2006"])
def test_new_finds_data_and_a_knob_for_the_era(era: str, here: Path, capsys: Capsys) -> None:
    assert call(capsys, "new", "x", "--era", era).status == 0
    Path("x.toml").write_text(Path("x.toml").read_text().replace("# config", "config"))
    checked = call(capsys, "check", "x.toml")
    assert checked.status == 0, checked.out + checked.err


@pytest.mark.parametrize("dataset", ["xor", "digits8", "spiral"])
def test_new_with_other_data(dataset: str, here: Path, capsys: Capsys) -> None:
    assert call(capsys, "new", "x", "--era", "perceptron_1957", "--dataset", dataset, "-o", "y.toml").status == 0
    assert not Path("x.toml").exists()
    assert call(capsys, "check", "y.toml").status == 0


def test_new_with_data_of_ones_own(here: Path, capsys: Capsys) -> None:
    Path("p.csv").write_text("0,0,a\n1,1,b\n")
    assert call(capsys, "new", "x", "--era", "perceptron_1957", "--dataset", "p.csv").status == 0
    assert 'dataset = { file = "p.csv" }' in Path("x.toml").read_text()
    assert call(capsys, "check", "x.toml").status == 0


def test_without_a_terminal_the_first_lesson_comes_in_plain_lines(capsys: Capsys) -> None:
    got = call(capsys)
    assert got.status == 0
    assert got.out.startswith("perceptron/or: The rule, slowly: OR\n")
    assert got.err == "nnhistory: this is no terminal, so here is the first lesson in plain lines\n"


def test_after_a_run_the_doctor_speaks(capsys: Capsys) -> None:
    got = call(capsys, "run", "perceptron/xor")
    said = [line.strip() for line in got.out.splitlines() if "The doctor" in line]
    assert len(said) == 2
    assert said[0].startswith("The doctor: not separable (cause). No weights of this unit get every pattern right")
    healthy = call(capsys, "run", "perceptron/or").out
    assert "The doctor: nothing wrong up to step" in healthy
