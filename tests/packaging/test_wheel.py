"""The wheel carries everything: installed elsewhere, without the checkout, a scenario runs."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder into which the built wheel was unpacked, without its dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    ignore = shutil.ignore_patterns(".git", ".venv", "*cache*", "__pycache__", "dist", "build")
    shutil.copytree(ROOT, source, ignore=ignore)
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=source, check=True, capture_output=True, timeout=120)
    [wheel] = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as zipped:
        zipped.extractall(folder / "site")
    shutil.rmtree(source)
    return folder


def python(installed: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter in an empty folder that sees the wheel first and the test environment's packages after it."""
    elsewhere = installed / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    paths = [str(installed / "site"), sysconfig.get_paths()["purelib"], sysconfig.get_paths()["platlib"]]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    # -S leaves out site: no .pth file, so no editable checkout can step in.
    command = [sys.executable, "-S", *arguments]
    return subprocess.run(command, cwd=elsewhere, env=environment, capture_output=True, text=True, timeout=120)


def test_it_is_the_wheel_that_is_imported(installed: Path) -> None:
    done = python(installed, "-c", "import nnhistory; print(nnhistory.__file__)")
    assert done.stdout.strip().startswith(str(installed / "site")), done.stderr


def test_a_scenario_runs_from_another_folder(installed: Path) -> None:
    done = python(installed, "-m", "nnhistory", "run", "perceptron/xor", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["passed"] is True


def test_listing_imports_nothing_heavy(installed: Path) -> None:
    code = (
        "import sys; sys.argv = ['nnhistory', 'list']\n"
        "from nnhistory.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code, end.code\n"
        "heavy = {'torch', 'numpy', 'textual', 'pygame'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    done = python(installed, "-c", code)
    assert done.returncode == 0, done.stderr
    assert "perceptron/or" in done.stdout


def test_a_wheel_without_scenarios_would_be_noticed(installed: Path, tmp_path: Path) -> None:
    """The negative control: take the shipped folder away and the locator says so, in one line."""
    broken = tmp_path / "broken"
    shutil.copytree(installed / "site", broken / "site")
    shutil.rmtree(broken / "site" / "nnhistory" / "_shipped")
    done = python(broken, "-m", "nnhistory", "run", "perceptron/xor")
    assert done.returncode == 2
    assert "missing from this installation" in done.stderr
