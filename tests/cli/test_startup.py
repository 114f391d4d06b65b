"""The start-up contract: help, lists and validation import none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

FORBIDDEN = ("torch", "numpy", "textual", "pygame", "scipy", "PIL", "rich")

PROBE = """
import sys
from nnhistory.cli.main import main
try:
    main({arguments})
except SystemExit as ended:
    status = ended.code
found = [name for name in {forbidden} if name in sys.modules]
print(status, *found, file=sys.stderr)
"""


def heavy(*arguments: str) -> str:
    """Exit status and forbidden modules after `nnhistory ARGUMENTS` in a fresh interpreter."""
    probe = PROBE.format(arguments=list(arguments), forbidden=FORBIDDEN)
    got = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
    return got.stderr.splitlines()[-1]


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("list",),
        ("list", "--json"),
        ("check", "--no-run"),
        ("show",),
        ("show", "perceptron_1957"),
        ("show", "perceptron/xor"),
        ("show", "--schema"),
        ("data",),
        *((name, "--help") for name in ("visual", "run", "replay", "list", "show", "check", "new", "study", "data")),
    ],
    ids=" ".join,
)  # fmt: skip
def test_nothing_heavy_is_imported(arguments: tuple[str, ...]) -> None:
    assert heavy(*arguments) == "0"


def test_the_probe_can_fail() -> None:
    assert heavy("run", "perceptron/or").startswith("0 numpy")


def test_errors_in_a_scenario_need_no_numpy() -> None:
    assert heavy("run", "perceptron/nosuch") == "2"


def test_python_m_is_the_same_command() -> None:
    for arguments in (["--help"], ["list", "--json"], ["--version"]):
        by_module = subprocess.run(
            [sys.executable, "-m", "nnhistory", *arguments], capture_output=True, text=True, timeout=60
        )
        probe = f"from nnhistory.cli.main import main; main({arguments})"
        by_entry = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60)
        assert by_module.returncode == by_entry.returncode == 0
        assert by_module.stdout == by_entry.stdout
        assert by_module.stderr == by_entry.stderr == ""
        assert "nnhistory" in by_module.stdout or arguments == ["list", "--json"]
