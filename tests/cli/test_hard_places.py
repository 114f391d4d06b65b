"""Where things go wrong around the program: files and homes that refuse, pipes that close, mistakes of ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nnhistory.engine.storage import load
from tests.cli.helpers import GOOD, call


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


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show", "--schema"), b""),
        ((), b"nnhistory: this is no terminal, so here is the first lesson in plain lines\n"),
    ],
)
def test_a_reader_that_goes_away_is_no_error(arguments: tuple[str, ...], told: bytes) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "nnhistory", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=60) == 0
    assert said == told


def test_an_output_that_cannot_show_a_sign() -> None:
    got = _nnhistory("run", "perceptron/xor", PYTHONIOENCODING="latin-1")
    assert got.returncode == 0, got.stderr
    assert "? limit_cycle happens" in got.stdout


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_no_mistake_of_ours() -> None:
    with open("/dev/full", "w") as full:
        got = subprocess.run(
            [sys.executable, "-m", "nnhistory", "list"], stdout=full, stderr=subprocess.PIPE, text=True
        )
    assert got.returncode == 2
    assert got.stderr == "nnhistory: nothing more can be written: No space left on device. Make room there\n"


def _with_files_up_to(size: int, where: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`nnhistory ARGUMENTS` where no file may grow beyond so many bytes."""
    limits = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))"
    command = f"{limits}; from nnhistory.cli.main import main; main({list(arguments)!r})"
    quiet = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run([sys.executable, "-c", command], cwd=where, env=quiet, capture_output=True, text=True)


posix = pytest.mark.skipif(os.name != "posix", reason="limited as POSIX does it")


@posix
def test_a_new_scenario_that_cannot_be_written_whole_is_not_written_at_all(tmp_path: Path) -> None:
    got = _with_files_up_to(100, tmp_path, "new", "x", "--era", "perceptron_1957")
    assert got.stderr == ("nnhistory: x.toml: cannot write here: File too large. Choose another place: --output FILE\n")
    assert got.returncode == 2
    assert list(tmp_path.iterdir()) == []


@posix
@pytest.mark.parametrize("size", [5000, 9000])
def test_a_recording_that_cannot_grow_is_named_and_what_there_is_of_it_is_kept(tmp_path: Path, size: int) -> None:
    got = _with_files_up_to(size, tmp_path, "run", "perceptron/xor", "--record", "x.nnh")
    *progress, last = got.stderr.splitlines()  # a machine that is slow says how far it is
    assert last == (
        "nnhistory: x.nnh: nothing more can be written here: File too large. Make room, or choose another place for "
        "--record. What was written lies in x.nnh.part"
    )
    assert all(line.startswith("xor: ") for line in progress)
    assert (got.returncode, got.stdout) == (2, "")
    assert [path.name for path in tmp_path.iterdir()] == ["x.nnh.part"]
    [recording] = load(tmp_path / "x.nnh").recordings.values()
    assert recording.frames[-1].tick > 5


@posix
def test_a_recording_that_cannot_begin_leaves_nothing(tmp_path: Path) -> None:
    got = _with_files_up_to(100, tmp_path, "run", "perceptron/xor", "--record", "x.nnh")
    assert got.stderr == ("nnhistory: x.nnh: cannot write here: File too large. Choose another place for --record\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="closed with a POSIX shell")
def test_an_output_that_was_closed_before_we_began() -> None:
    got = subprocess.run(["sh", "-c", '"$0" -m nnhistory list >&-', sys.executable], capture_output=True)
    assert (got.returncode, got.stdout, got.stderr) == (0, b"", b"")


SCENARIO, TABLE = "Save the scenario as a .toml file, and name that", "Save the table as a .csv file, and name that"


@posix
@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        ("run pipe", SCENARIO),
        ("export pipe -o x.png", SCENARIO),
        ("study pipe --seeds 2", SCENARIO),
        ("replay pipe", "Save the recording as a file, and name that"),
        ("run perceptron/or --record pipe", "Choose another name for --record"),
        ("export perceptron/or -o pipe.png --force", "Choose another name"),
        ("study perceptron/or --seeds 2 -o pipe.png --force", "Choose another name"),
    ],
)
def test_a_named_pipe_is_refused_and_not_waited_for(
    arguments: str, remedy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("pipe", "pipe.png"):
        os.mkfifo(name)
    got = call(capsys, *arguments.split())
    name = "pipe.png" if "pipe.png" in arguments else "pipe"
    assert got.err == f"nnhistory: {name}: this is not a regular file (it is a named pipe). {remedy}\n"
    assert (got.status, got.out) == (2, "")
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_fifo()) == ["pipe", "pipe.png"]


@posix
def test_data_that_are_a_named_pipe_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("p.csv")
    Path("x.toml").write_text(GOOD.replace('"or"', '{ file = "p.csv" }'))
    refusal = f'"p.csv" is not a regular file (it is a named pipe). {TABLE}'
    assert call(capsys, "run", "x.toml").err == f"nnhistory: x.toml:5: run 1.dataset.file: {refusal}\n"
    (tmp_path / "pictures" / "a").mkdir(parents=True)
    (tmp_path / "pictures" / "b").mkdir()
    for name in ("a", "b"):
        os.mkfifo(f"pictures/{name}/x.png")
    Path("x.toml").write_text(GOOD.replace('"or"', '{ images = "pictures" }'))
    assert call(capsys, "run", "x.toml").err == (
        "nnhistory: pictures/a/x.png: this is not a regular file (it is a named pipe). Take it out of the folder\n"
    )


@posix
def test_a_study_goes_on_where_its_finished_runs_cannot_be_kept(
    studies: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from nnhistory.engine.study_store import StudyStore

    studies.mkdir()
    os.mkfifo(studies / "pipe")
    monkeypatch.setattr(StudyStore, "of", lambda *_: StudyStore(studies / "pipe", "mark"))
    got = call(capsys, "study", "perceptron/or", "--seeds", "2", "--workers", "1")
    assert got.status == 0
    assert f"finished runs are not kept: {studies / 'pipe'} is no regular file (a named pipe)\n" in got.err


@posix
def test_a_scenario_comes_through_the_shells_pipe_and_may_be_read_twice(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in range(2):  # the second one has the name of the first
        out, into = os.pipe()
        os.write(into, GOOD.replace("T", f"Number {number}").encode())
        os.close(into)
        got = call(capsys, "export", f"/dev/fd/{out}", "--at", "2", "-o", str(tmp_path / f"{number}.txt"))
        os.close(out)
        assert (got.status, got.err) == (0, "")
        assert (tmp_path / f"{number}.txt").read_text().startswith(f"1957 Perceptron · Number {number}\n")
