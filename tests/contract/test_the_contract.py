"""The contract itself: a new era is one new folder that passes it; one that breaks a promise does not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.conftest import TESTS, TOYS

MODEL, MANIFEST, VIEW = "toy_1900/model.py", "toy_1900/era.toml", "toy_1900/view.py"
WRONGS = {
    "not the same twice": (MODEL, 'streams["init"].normal()', "time.perf_counter()", "equal_frame_by_frame"),
    "a global generator": (MODEL, 'streams["init"].normal()', "np.random.normal()", "equal_frame_by_frame"),
    "not finite": (MODEL, "np.array([3.0])", "np.array([np.inf])", "read_only_and_finite"),
    "phases out of order": (MODEL, '"update", scalars', '"forward", {}), Moment(step, "x", scalars', "phases"),
    "no done": (MODEL, '"done"', '"eval"', "ends_with_done"),
    "undeclared metric": (MODEL, '{"distance"', '{"nearness": 1.0, "distance"', "are_declared"),
    "undeclared array": (MODEL, '"target": target', '"goal": target', "conventional_names"),
    "data in every frame": (MODEL, '"target": target', '"data/t": target', "offered_once"),
    "undeclared evidence": (MANIFEST, 'mistakes = "steps walked", ', "", "says_what_happened"),
    "a paper without a venue": (MANIFEST, '"Journal of Toys"', '""', "venue"),
    "a source that is not there": (MANIFEST, '["nobody"]', '["somebody"]', "sources_that_exist"),
    "undeclared picture": (VIEW, 'Panel("way"', 'Panel("path"', "scenes_can_be_drawn"),
    "no sentence": (VIEW, "sentence, tuple(marks)", '"", tuple(marks)', "scenes_can_be_drawn"),
    "no expectation": ("scenarios/toy/walk.toml", '[[expect]]\nevent = "converged"\nop = "happens"', "", "must_hold"),
    "another result": (MODEL, 'knobs["rate"] *', 'knobs["rate"] * 0.999 *', "is_what_it_was"),
}


def judge(folder: Path, chosen: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "tests/contract", "--eras", str(folder), "-n", "0", "-x"]
    command += ["-p", "no:cacheprovider"]
    for same_for_every_folder in ("test_the_contract", "test_same_net"):
        command += ["--deselect", f"tests/contract/{same_for_every_folder}.py"]
    return subprocess.run(
        [*command, *(["-k", chosen] if chosen else [])], capture_output=True, text=True, cwd=TESTS.parent, check=False
    )


@pytest.mark.slow
def test_a_new_era_is_one_new_folder(tmp_path: Path) -> None:
    folder = tmp_path / "eras"
    shutil.copytree(TOYS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "toy_1900").rename(folder / "plaything_1901")
    for file in (folder / "plaything_1901" / "era.toml", folder / "scenarios" / "toy" / "walk.toml"):
        file.write_text(
            file.read_text().replace("year = 1900\n", "year = 1901\n").replace("toy_1900", "plaything_1901")
        )
    judged = judge(folder)
    assert judged.returncode == 0, judged.stdout[-2000:]


@pytest.mark.slow
@pytest.mark.parametrize("wrong", WRONGS, ids=lambda name: name)
def test_a_broken_promise_is_found(tmp_path: Path, wrong: str) -> None:
    file, old, new, where = WRONGS[wrong]
    folder = tmp_path / "eras"
    shutil.copytree(TOYS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    text = (folder / file).read_text()
    assert old in text
    (folder / file).write_text(text.replace(old, new))
    judged = judge(folder, where)
    assert judged.returncode == 1, judged.stdout[-2000:]
    assert where in judged.stdout


@pytest.mark.slow
def test_updating_never_reports_success(tmp_path: Path) -> None:
    folder = tmp_path / "eras"
    shutil.copytree(TOYS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.rmtree(folder / "golden")
    command = [sys.executable, "-m", "pytest", "tests/contract/test_golden.py", "--eras", str(folder), "-n", "0"]
    command += ["-p", "no:cacheprovider"]

    def run(*more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([*command, *more], capture_output=True, text=True, cwd=TESTS.parent, check=False)

    assert "has no golden trace" in run().stdout
    assert run("--update-golden").returncode == 1
    assert (folder / "golden" / "toy-walk.jsonl").read_text() == (TOYS / "golden" / "toy-walk.jsonl").read_text()
    assert run().returncode == 0
