"""Call the command line in this process, and hear what it says."""

from __future__ import annotations

import math
from unittest.mock import patch

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
    # Lines of progress come by the clock; on a slow machine they would stand between what is compared here.
    with patch("nnhistory.cli.common._SECONDS_PIPED", math.inf), pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert isinstance(ended.value.code, int)
    return Said(ended.value.code, said.out, said.err)
