"""Bad input of every kind: exit status 2, one line on standard error, nothing on standard output, no traceback.

A row of the table is the content of `x.toml` (what follows `GOOD` begins at its line 6) or of other files, the
arguments, and the whole line that is said: file, line, key, what is wrong, what to do.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnhistory.core.resources import scenarios
from tests.cli.helpers import GOOD, call

ERA = 'era = "perceptron_1957"'
RUN_B = f'[[run]]\nid = "b"\n{ERA}\ndataset = "or"\n'
SAVED = {"x.toml": GOOD}


def _known_scenarios() -> str:
    names = sorted(f"{path.parent.name}/{path.stem}" for path in scenarios().glob("*/*.toml"))
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


SCENARIOS = {
    # names that mean nothing, with the nearest one that does
    "unknown era": (
        GOOD.replace("perceptron_1957", "perceptron_1975"),
        'x.toml:4: run 1.era: there is no era "perceptron_1975". Did you mean "perceptron_1957"?',
    ),
    "unknown data set": (
        GOOD.replace('"or"', '"xorr"'),
        'x.toml:5: run 1.dataset: there is no data set "xorr". Did you mean "xor"?',
    ),
    "unknown data set that is a file": (
        GOOD.replace('"or"', '"points.csv"'),
        'x.toml:5: run 1.dataset: there is no data set "points.csv".'
        ' For a file of your own write dataset = { file = "points.csv" }',
    ),
    "unknown parameter of a data set": (
        GOOD.replace('"or"', '{ name = "or", input = 3 }'),
        'x.toml:5: run 1.dataset.input: this data set has no parameter "input". Did you mean "inputs"?',
    ),
    "unknown knob": (
        GOOD + "config = { rat = 1 }\n",
        'x.toml:6: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown knob in a table of its own": (
        GOOD + "[run.config]\nbias = true\nrat = 1\n",
        'x.toml:8: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown knob, dotted": (
        GOOD + "config.bias = true\nconfig.rat = 1\n",
        'x.toml:7: run 1.config.rat: Perceptron has no knob "rat". Did you mean "rate"?',
    ),
    "unknown key": (
        GOOD + "sede = 1\n",
        'x.toml:6: run 1.sede: there is no key "sede" here. Did you mean "seed"?',
    ),
    "unknown key at the top": (
        "titel = 1\n" + GOOD,
        'x.toml:1: titel: there is no key "titel" here. Did you mean "title"?',
    ),
    "unknown key in the second run": (
        GOOD + RUN_B + "sede = 1\n",
        'x.toml:10: run 2.sede: there is no key "sede" here. Did you mean "seed"?',
    ),
    "unknown picture": (
        GOOD + '[play]\npictures = ["plan"]\n',
        'x.toml:7: play.pictures: there is no picture "plan". Did you mean "plane"?',
    ),
    "unknown event in an expectation": (
        GOOD + '[[expect]]\nevent = "convergd"\nop = "happens"\n',
        'x.toml:7: expect 1.event: there is no event "convergd" in Perceptron. Did you mean "converged"?',
    ),
    "unknown event in a second expectation": (
        GOOD + '[[expect]]\nevent = "converged"\nop = "never"\n[[expect]]\nevent = "limit_cicle"\nop = "never"\n',
        'x.toml:10: expect 2.event: there is no event "limit_cicle" in Perceptron. Did you mean "limit_cycle"?',
    ),
    "an event that this era does not look for": (
        GOOD + '[[expect]]\nevent = "vanishing"\nop = "never"\n',
        'x.toml:7: expect 1.event: there is no event "vanishing" in Perceptron'
        " (no detector of this era reports it). Known events: converged, limit_cycle, non_finite, turned",
    ),
    "unknown metric": (
        GOOD + '[[expect]]\nmetric = "mistake"\nvalue = 0\n',
        'x.toml:7: expect 1.metric: Perceptron reports no metric "mistake". Did you mean "mistakes"?',
    ),
    "unknown evidence": (
        GOOD + '[[expect]]\nevent = "limit_cycle"\nevidence = "periods"\nvalue = 4\n',
        'x.toml:8: expect 1.evidence: "limit_cycle" carries no evidence "periods". Did you mean "period"?',
    ),
    "unknown event in an option of a question": (
        GOOD
        + '[[chapter]]\ntitle = "x"\ntext = "y"\n[chapter.question]\nask = "?"\noptions = [\n'
        + '  { text = "a", expect = { event = "converged", op = "never" } },\n'
        + '  { text = "b", expect = { event = "convergd", op = "happens" } },\n]\n',
        'x.toml:13: chapter 1.question.options 2.expect.event: there is no event "convergd" in Perceptron.'
        ' Did you mean "converged"?',
    ),
    "unknown run in a turn": (
        GOOD + '[[turn]]\nrun = "b"\nstep = 1\nknob = "rate"\nvalue = 1\n',
        'x.toml:7: turn 1.run: there is no run "b". Known runs: a',
    ),
    # wrong types and values out of range
    "wrong type of a key": (
        GOOD + 'seed = "one"\n',
        "x.toml:6: run 1.seed: this should be a whole number, not a text. Write seed = 1",
    ),
    "wrong type of a knob": (
        GOOD + 'config = { rate = "fast" }\n',
        "x.toml:6: run 1.config.rate: rate is a number, got 'fast'. Write rate = 1.0",
    ),
    "a table where a text belongs": (
        GOOD.replace('"a"', "{}"),
        'x.toml:3: run 1.id: this should be a text, not a table. Write id = "a"',
    ),
    "an id with a space": (
        GOOD.replace('"a"', '"a b"'),
        'x.toml:3: run 1.id: this holds small letters, digits, - and _ only. Write id = "a"',
    ),
    "rate out of range": (
        GOOD + "config = { rate = 1000 }\n",
        "x.toml:6: run 1.config.rate: rate = 1000 is out of range. It goes from 0 to 100",
    ),
    "rate is not a number": (
        GOOD + "config = { rate = nan }\n",
        "x.toml:6: run 1.config.rate: rate must be finite, got nan. Write rate = 1.0",
    ),
    "a choice that is none": (
        GOOD + 'config = { order = "cyclical" }\n',
        "x.toml:6: run 1.config.order: order cannot be 'cyclical'. Did you mean \"cyclic\"?",
    ),
    "seed below zero": (
        GOOD + "seed = -1\n",
        "x.toml:6: run 1.seed: this should be a whole number, at least 0. Write seed = 1",
    ),
    "an operator that is none": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "=>"\nvalue = 1\n',
        'x.toml:8: expect 1.op: this cannot be "=>". Did you mean ">"?',
    ),
    "a value turned out of range": (
        GOOD + '[[turn]]\nrun = "a"\nstep = 1\nknob = "rate"\nvalue = -1\n',
        "x.toml:10: turn 1.value: rate = -1 is out of range. It goes from 0 to 100",
    ),
    "a knob that cannot be turned": (
        GOOD + '[[turn]]\nrun = "a"\nstep = 1\nknob = "bias"\nvalue = true\n',
        "x.toml:9: turn 1.knob: bias cannot be turned while the run goes on. Set it in the run's config",
    ),
    "a key is missing": (
        GOOD + '[[chapter]]\ntitle = "x"\n',
        'x.toml:6: chapter 1: the key "text" is missing. Add text = "..."',
    ),
    "no run": ('title = "T"\n', 'x.toml:1: the key "run" is missing. Add a [[run]] table'),
    "single brackets": (
        GOOD.replace("[[run]]", "[run]"),
        "x.toml:2: run: there may be several of these, each with a heading of its own. Write [[run]]",
    ),
    "an expectation about nothing": (
        GOOD + "[[expect]]\nvalue = 1\n",
        'x.toml:6: expect 1: an expectation is about one metric or one event. Write metric = "..." or event = "..."',
    ),
    "nothing to compare with": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "<"\n',
        'x.toml:6: expect 1: "<" needs something to compare with. Write value = ... or than = { metric = ... }',
    ),
    "between the wrong way round": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nop = "between"\nvalue = [3, 1]\n',
        "x.toml:9: expect 1.value: between needs two numbers, the smaller first. Write value = [0.4, 0.6]",
    ),
    "over without a study": (
        GOOD + '[[expect]]\nmetric = "mistakes"\nvalue = 3\nover = "seeds"\n',
        'x.toml:9: expect 1.over: "over = seeds" needs a study. Add a [study] table',
    ),
    "a study of a knob that is none": (
        GOOD + "[study]\nover = { rat = [1, 2] }\n",
        'x.toml:7: study.over.rat: no run has a knob "rat". Did you mean "rate"?',
    ),
    "a study with a value out of range": (
        GOOD + "[study.over]\nrate = [1, 1000]\n",
        "x.toml:7: study.over.rate: rate = 1000 is out of range. It goes from 0 to 100",
    ),
    "a study with a range that is none": (
        GOOD + '[study]\nrandom = { rate = "0..1" }\n',
        'x.toml:7: study.random.rate: cannot read the range "0..1".'
        ' Write "log:1e-4..1", "uniform:0..1" or "int:2..9"',
    ),
    # runs that do not fit together
    "two runs with one id": (
        GOOD + RUN_B.replace('"b"', '"a"'),
        'x.toml:7: run 2.id: two runs are called "a". Give each run its own id',
    ),
    "start from nobody": (
        GOOD + 'start = { from = "b" }\n',
        'x.toml:6: run 1.start: there is no run "b". Known runs: a',
    ),
    "start from itself": (
        GOOD + 'start = { from = "a" }\n',
        'x.toml:6: run 1.start: run "a" would start from itself (a -> a). Let one run of the loop start on its own',
    ),
    "start in a loop": (
        GOOD + 'start = { from = "b" }\n' + RUN_B + 'start = { from = "a" }\n',
        'x.toml:6: run 1.start: run "a" would start from itself (a -> b -> a).'
        " Let one run of the loop start on its own",
    ),
    "a link this era has not": (
        GOOD + 'freeze = ["W0"]\n',
        'x.toml:6: run 1.freeze: Perceptron takes no "freeze"',
    ),
    # steps
    "a chapter past the last step": (
        GOOD + 'config = { steps = 20 }\n[[chapter]]\ntitle = "x"\ntext = "y"\nat = { step = 21 }\n',
        "x.toml:10: chapter 1.at: step 21 is never reached (the run has 20 steps at most). Choose an earlier step",
    ),
    "a chapter that the run does not reach": (
        GOOD + 'config = { steps = 40 }\n[[chapter]]\ntitle = "x"\ntext = "y"\nat = { step = 40 }\n',
        'x.toml:10: chapter 1.at: this chapter waits for step 40, but run "a" ends at step 4.'
        " Set it at step 4 or earlier, or at = { end = true }",
    ),
    "a turn past the last step": (
        GOOD + 'config = { steps = 20 }\n[[turn]]\nrun = "a"\nstep = 30\nknob = "rate"\nvalue = 1\n',
        "x.toml:9: turn 1.step: step 30 is never reached (the run has 20 steps at most). Choose an earlier step",
    ),
    "a chapter at no time": (
        GOOD + '[[chapter]]\ntitle = "x"\ntext = "y"\nat = {}\n',
        'x.toml:9: chapter 1.at: when? Write step = 10, event = "..." or end = true',
    ),
    # what an era refuses
    "more taps than photocells": (
        GOOD + 'config = { machine = "mark_i" }\n',
        "x.toml:2: run 1: an A-unit cannot have 20 taps (the retina has 2 photocells)",
    ),
    # broken files
    "broken TOML": (
        GOOD + "config = { rate = }\n",
        "x.toml:6: this is not good TOML: Invalid value. Compare with nnhistory show perceptron/or",
    ),
    "a heading without its end": (
        GOOD + "[[expect]\n",
        "x.toml:6: this is not good TOML: Expected ']]' at the end of an array declaration."
        " Compare with nnhistory show perceptron/or",
    ),
    "a list without its end": (
        GOOD + "[play]\npictures = [\n",
        "x.toml:7: this is not good TOML: Invalid value. Compare with nnhistory show perceptron/or",
    ),
    "a key twice": (
        GOOD + 'id = "b"\n',
        "x.toml:6: this is not good TOML: Cannot overwrite a value. Compare with nnhistory show perceptron/or",
    ),
    "empty": ("", "x.toml: this scenario is empty. nnhistory new NAME --era ERA writes one to begin with"),
    "blank": (" \n\n", "x.toml: this scenario is empty. nnhistory new NAME --era ERA writes one to begin with"),
    "huge": (
        GOOD + "#" * 1_000_001,
        "x.toml: this file is too large for a scenario (the limit is 1 MB)."
        ' Keep data apart: dataset = { file = "points.csv" }',
    ),
    "deep": (
        "x = " + "[" * 5000,
        "x.toml: this is nested too deeply for a scenario. Write it flatter",
    ),
    "binary": (
        b"\n\x89PNG\r\n\x1a\n\0\0",
        "x.toml:4: this is not a text file (it holds a zero byte). A scenario is a TOML text file",
    ),
    "another encoding": (
        'title = "T"\nsummary = "é"\n'.encode("latin-1"),
        "x.toml:2: this is not a text file (it is not UTF-8). A scenario is a TOML text file",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("content", "said"), SCENARIOS.values(), ids=SCENARIOS.keys())
def test_a_bad_scenario(
    content: str | bytes, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_bytes(content.encode() if isinstance(content, str) else content)
    got = call(capsys, "run", "x.toml")
    assert got.err == f"nnhistory: {said}\n"
    assert (got.status, got.out) == (2, "")
    # check says the same, and its report names the file
    checked = call(capsys, "check", "x.toml")
    assert checked.err == f"nnhistory: {said}\n"
    assert (checked.status, checked.out) == (2, "bad      x.toml\n1 scenario: 0 good, 0 failed, 1 bad\n")


OPTIONS = {
    "unknown scenario": (
        "run perceptron/xro",
        'there is no scenario "perceptron/xro". Did you mean "perceptron/xor"?',
    ),
    "a scenario like no other": (
        "run zzzzzz",
        f'there is no scenario "zzzzzz". Known scenarios: {_known_scenarios()}',
    ),
    "a missing file": ("run y.toml", "y.toml: there is no such file. nnhistory list shows the scenarios there are"),
    "a folder": ("run .", ".: this is a folder, not a scenario. Name a .toml file, or use nnhistory check"),
    "an endless device": (
        "run /dev/zero",
        "/dev/zero: this file is too large for a scenario (the limit is 1 MB)."
        ' Keep data apart: dataset = { file = "points.csv" }',
    ),
    "a name that is too long": (
        f"run {'x' * 300}.toml",
        f"{'x' * 300}.toml: cannot look for this file: File name too long. nnhistory list shows what there is",
    ),
    "--set without a value": (
        "run x.toml --set rate",
        '--set: cannot read the setting "rate". Write KEY=VALUE, as in --set rate=0.5',
    ),
    "--set that does not parse": (
        "run x.toml --set rate=[1",
        "--set rate: cannot read the value '[1'. Write a number, true, false, \"text\" or [1, 2]",
    ),
    "--set with too many dots": (
        "run x.toml --set a.b.c=1",
        '--set a.b.c: cannot read the key "a.b.c". Write name or RUN.name, or RUN.dataset.name',
    ),
    "--set of an unknown knob": ("run x.toml --set rat=1", '--set rat: no run has a knob "rat". Did you mean "rate"?'),
    "--set of an unknown run": ("run x.toml --set b.rate=1", '--set b.rate: there is no run "b". Known runs: a'),
    "--set of the wrong type": (
        "run x.toml --set rate=fast",
        "--set rate: rate is a number, got 'fast'. Write rate = 1.0",
    ),
    "--set out of range": (
        "run x.toml --set a.rate=-1",
        "--set a.rate: rate = -1 is out of range. It goes from 0 to 100",
    ),
    "--set of an unknown parameter": (
        "run x.toml --set dataset.input=3",
        '--set dataset.input: this data set has no parameter "input". Did you mean "inputs"?',
    ),
    "a device that a NumPy era cannot use": (
        "run x.toml --device cuda",
        "--device cuda: Perceptron runs on the processor only (its code is NumPy)."
        " Leave --device out, or write --device cpu",
    ),
    "a device that is none": (
        "run x.toml --device gpu",
        "Invalid value for '--device': 'gpu' is not one of 'auto', 'cpu', 'cuda', 'mps'. See nnhistory run --help",
    ),
    "a seed below zero": (
        "run x.toml --seed -1",
        "Invalid value for '--seed': -1 is not in the range 0<=x<=9223372036854775807. See nnhistory run --help",
    ),
    "a place that cannot be written": (
        "run x.toml --record x.toml/y",
        "x.toml/y: cannot write here: Not a directory. Choose another place for --record",
    ),
    "a folder to record into": (
        "run x.toml --record .",
        ".: a recording cannot be written over a folder. Name a file",
    ),
    "no scenario": ("run", "Missing argument 'SCENARIO'. See nnhistory run --help"),
    "an unknown option": ("run x.toml --bogus", "No such option '--bogus'. See nnhistory run --help"),
    "an unknown command": ("shwo", 'There is no command "shwo". Did you mean "show"? See nnhistory --help'),
    "an unknown name to show": (
        "show perceptron_57",
        'there is no era and no scenario "perceptron_57". Did you mean "perceptron_1957"?',
    ),
    "no such recording": (
        "replay y.nnh",
        "y.nnh: there is no such recording. Make one with nnhistory run ID --record FILE",
    ),
    "a recording that is none": (
        "replay x.toml",
        "x.toml: this is not a whole nnhistory recording (it is cut short, damaged or another kind of file:"
        " File is not a zip file). Record it again",
    ),
    "a study without anything to vary": (
        "study x.toml",
        "x.toml: this scenario has no [study]. Name what to vary: --over KEY=a,b,c",
    ),
    "--over without values": (
        "study x.toml --over rate",
        '--over: cannot read "rate". Write KEY=a,b,c, as in --over rate=0.1,1',
    ),
    "--over an unknown knob": (
        "study x.toml --over rat=1,2",
        '--over rat: no run has a knob "rat". Did you mean "rate"?',
    ),
    "--over out of range": (
        "study x.toml --over rate=1,1000",
        "--over rate: rate = 1000 is out of range. It goes from 0 to 100",
    ),
    "--over a hole": (
        "study x.toml --over rate=1,,2",
        "--over rate: cannot read the value ''. Write a number, true, false, \"text\" or [1, 2]",
    ),
    "--over a choice that is none": (
        "study x.toml --over order=cyclic,rndom",
        "--over order: order cannot be 'rndom'. Did you mean \"random\"?",
    ),
    "--random without a range": (
        "study x.toml --random rate=1",
        '--random rate: cannot read the range "1". Write "log:1e-4..1", "uniform:0..1" or "int:2..9"',
    ),
    "--random beyond the range": (
        "study x.toml --random rate=uniform:0..200",
        "--random rate: rate = 200.0 is out of range. It goes from 0 to 100",
    ),
    "an unknown data set to fetch": ("data fetch mnits", 'there is no data set "mnits". Did you mean "mnist"?'),
    "nothing to fetch": ("data fetch or", "or needs no fetching (this program makes it)"),
    "an unknown data command": (
        "data fecth",
        'There is no command "data fecth". Did you mean "fetch"? See nnhistory data --help',
    ),
    "a new scenario of no era": (
        "new y --era perceptron_1975",
        'there is no era "perceptron_1975". Did you mean "perceptron_1957"?',
    ),
    "a new scenario of no data": (
        "new y --era perceptron_1957 --dataset blob",
        '--dataset: there is no data set "blob". Did you mean "blobs"?',
    ),
    "a new scenario over an old one": (
        "new x --era perceptron_1957",
        "x.toml: there is a file of this name already. Choose another name: nothing is overwritten",
    ),
    "a new scenario where nothing can be": (
        "new x.toml/y --era perceptron_1957",
        "x.toml/y.toml: cannot write here: Not a directory. Choose another place: --output FILE",
    ),
    "a folder without scenarios": (
        "check empty",
        "empty: there is no scenario in this folder. Scenarios are .toml files",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("command", "said"), OPTIONS.values(), ids=OPTIONS.keys())
def test_a_bad_command(
    command: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(GOOD)
    Path("empty").mkdir()
    got = call(capsys, *command.split(" "))
    assert got.err == f"nnhistory: {said}\n"
    assert (got.status, got.out) == (2, "")
    assert Path("x.toml").read_text() == GOOD, "nothing is lost"


def test_an_unreadable_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = Path("x.toml")
    file.write_text(GOOD)
    file.chmod(0)
    if os.access(file, os.R_OK):  # root may read everything: refuse it by hand

        def refuse(self: Path, *arguments: object, **options: object) -> None:
            raise PermissionError(13, "Permission denied", str(self))

        monkeypatch.setattr(Path, "open", refuse)
    got = call(capsys, "run", "x.toml")
    assert got.err == (
        "nnhistory: x.toml: this file cannot be read (Permission denied)."
        " Name another file, or give yourself the right to read it\n"
    )
    assert got.status == 2


def test_a_recording_cut_short_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert call(capsys, "run", "perceptron/xor", "--record", "whole.nnh").status == 0
    assert call(capsys, "replay", "whole.nnh").status == 0
    whole = Path("whole.nnh").read_bytes()
    for length in [*range(64), *range(64, len(whole), 97), len(whole) - 1]:
        Path("cut.nnh").write_bytes(whole[:length])
        got = call(capsys, "replay", "cut.nnh")
        assert (got.status, got.out) == (2, "")
        assert got.err.startswith("nnhistory: cut.nnh: this is not a whole nnhistory recording (it is cut short, ")
        assert got.err.endswith("). Record it again\n")
        assert got.err.count("\n") == 1


def test_check_goes_on_after_a_bad_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text("")
    Path("b.toml").write_text(GOOD)
    got = call(capsys, "check", ".", "nowhere.toml", "--no-run")
    assert got.status == 2
    assert got.out == (
        f"bad      a.toml\ngood     {tmp_path.name}/b\nbad      nowhere.toml\n3 scenarios: 1 good, 0 failed, 2 bad\n"
    )
    assert got.err == (
        "nnhistory: a.toml: this scenario is empty. nnhistory new NAME --era ERA writes one to begin with\n"
        "nnhistory: nowhere.toml: there is no such file. nnhistory list shows the scenarios there are\n"
    )


def _nnhistory(*arguments: str, home: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **variables}
    if home is not None:
        names = ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")
        environment |= dict.fromkeys(names, str(home))
    return subprocess.run(
        [sys.executable, "-m", "nnhistory", *arguments], env=environment, capture_output=True, text=True,
        stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip


@pytest.fixture
def no_home(tmp_path: Path) -> Path:
    """A home under a plain file: not even root can write there."""
    (tmp_path / "file").write_text("")
    return tmp_path / "file" / "home"


def test_a_home_that_cannot_be_written_stops_nothing(no_home: Path) -> None:
    for arguments in ((), ("run", "perceptron/xor"), ("list",), ("data",), ("check", "--no-run")):
        got = _nnhistory(*arguments, home=no_home)
        assert got.returncode == 0, got.stderr
        assert "Traceback" not in got.stderr


def test_fetching_into_a_home_that_cannot_be_written_is_said(no_home: Path) -> None:
    got = _nnhistory("data", "fetch", "mnist", home=no_home)
    assert got.stderr == (
        f"nnhistory: {no_home}/nnhistory/data/mnist: cannot write here: Not a directory. Make room or give the right"
        " to write, or set NNHISTORY_DATA to a folder that holds the files\n"
    )
    assert got.returncode == 2


BROKEN = """
import nnhistory.scenario.library
from nnhistory.cli.main import main
nnhistory.scenario.library.heads = lambda: 1 // 0
main(["list"])
"""


def test_a_mistake_of_ours_is_one_line_and_a_log(tmp_path: Path) -> None:
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path)}
    command = [sys.executable, "-c", BROKEN]
    got = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert got.returncode == 70
    logs = list(tmp_path.rglob("error.log"))
    assert len(logs) == 1
    assert got.stderr == (
        "nnhistory: a mistake in the program, not in your input: ZeroDivisionError: integer division or modulo by zero"
        f" (details are in {logs[0]})\n"
    )
    assert "Traceback" in logs[0].read_text()


def test_a_mistake_of_ours_without_a_place_for_the_log(no_home: Path) -> None:
    environment = {**os.environ, "HOME": str(no_home), "XDG_STATE_HOME": str(no_home)}
    command = [sys.executable, "-c", BROKEN]
    got = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    assert got.returncode == 70
    assert got.stderr == (
        "nnhistory: a mistake in the program, not in your input: ZeroDivisionError: integer division or modulo by zero"
        " (run it again with nnhistory --debug ... to see where)\n"
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "nnhistory", "show", "--schema"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert said == b""


def test_an_output_that_cannot_show_a_sign() -> None:
    got = _nnhistory("run", "perceptron/xor", PYTHONIOENCODING="latin-1")
    assert got.returncode == 0, got.stderr
    assert "? limit_cycle happens" in got.stdout
