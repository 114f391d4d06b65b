"""Call the command line in this process, and hear what it says."""

from __future__ import annotations

import pytest

from nnhistory.cli.main import main

__all__ = ["GOOD", "Said", "call"]

GOOD = """\
title = "T"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "or"
"""
"""The smallest good scenario: five lines, so that what a test adds begins at line 6."""


class Said:
    """Exit status, standard output, standard error."""

    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.out, self.err = status, out, err


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> Said:
    """`nnhistory ARGUMENTS`."""
    capsys.readouterr()
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Said(ended.value.code, said.out, said.err)
