"""Bad arguments: exit status 2, one line that names the option or file and the remedy, nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnhistory.core.resources import scenarios
from tests.cli.helpers import GOOD, call


def _known_scenarios() -> str:
    names = sorted(f"{path.parent.name}/{path.stem}" for path in scenarios().glob("*/*.toml"))
    return ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")


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
        "/dev/zero: this is not a regular file (it is a device). Save the scenario as a .toml file, and name that",
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
    "--set of a number beyond 64 bits": (
        f"run x.toml --set rate=1{'0' * 400}",
        "--set rate: this number is too large (64 bits are the most). Write a smaller one",
    ),
    "--set of a number that Python does not read": (
        f"run x.toml --set rate=1{'0' * 5000}",
        "--set rate: this number is too large (64 bits are the most). Write a smaller one",
    ),
    "--set of a deep list": (
        f"run x.toml --set rate={'[' * 3000}", "--set rate: this value is nested too deeply. Write it flatter",
    ),
    "an option that the command does not hear": (
        "--lang xx run x.toml",
        "--lang: before run this is not heard. Write it after run, if nnhistory run --help has it",
    ),
    "a seed that is no number": (
        "run x.toml --seed abc",
        "Invalid value for '--seed': 'abc' is not a whole number. See nnhistory run --help",
    ),
    "more seeds than can be listed": (
        "study x.toml --seeds 1000000000",
        "this study would be 1000000000 runs, 100000 are the most. Name fewer values, seeds or draws",
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
    "a language that is none": (
        "export x.toml -o y.png --lang xx",
        '--lang: there is no language "xx" (no lesson and no era has a text in it). Languages there are: en',
    ),
    "a language that is none, for the window": (
        "visual x.toml --lang korean",
        '--lang: there is no language "korean" (no lesson and no era has a text in it). Languages there are: en',
    ),
    "a language that is none, for the walkthrough": (
        "--lang EN",
        '--lang: there is no language "EN" (no lesson and no era has a text in it). Languages there are: en',
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
    "a device that a study cannot use": (
        "study x.toml --over rate=1,2 --device mps",
        "--device mps: Perceptron runs on the processor only (its code is NumPy)."
        " Leave --device out, or write --device cpu",
    ),
    "--set that a study cannot use": (
        "study x.toml --over rate=1,2 --set a.theta=x",
        "--set a.theta: theta is a number, got 'x'. Write theta = 1.0",
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
        '--random rate: cannot read the range "1". Write "log:1e-4..1", "uniform:0..1", "int:2..9" or "choice:a,b,c"',
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
    "a recording over a scenario": (
        "run x.toml --record x.toml",
        "x.toml: there is something else of this name already, and a recording would replace it. "
        "Choose another name for --record",
    ),
    "numbers where a study needs lists": (
        "study backprop/xor --over hidden=2,4",
        "--over hidden: hidden is a list of whole numbers, so a study needs a list of lists, got 2. "
        'Write "hidden" = [[1], [1, 2]] in a file, --over "hidden=[1],[1,2]" on the command line',
    ),
    "a lesson where a command should be": (
        "perceptron/xor",
        'There is no command "perceptron/xor". '
        "A scenario is opened with nnhistory visual perceptron/xor or nnhistory run perceptron/xor. "
        "See nnhistory --help",
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
