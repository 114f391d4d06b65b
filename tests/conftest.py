"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

import pytest

import nnhistory

assert nnhistory.__version__


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", default=None, help="judge the eras of this folder instead (scenarios/ and golden/ lie inside it)"
    )
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")
