"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

import nnhistory
from nnhistory.scenario.library import ids

assert nnhistory.__version__

_SCENARIOS = sorted(ids(), key=len, reverse=True)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", default=None, help="judge the eras of this folder instead (scenarios/ and golden/ lie inside it)"
    )
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that look at one scenario stand together: runs are remembered, but not many of them."""
    order = {folder: place for place, folder in enumerate(dict.fromkeys(str(item.path.parent) for item in items))}
    items.sort(key=lambda item: (order[str(item.path.parent)], scenario_of(item.nodeid)))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """All tests of a folder that look at one scenario go to one worker, which remembers its runs."""
    return ByScenario(config, log)


class ByScenario(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        scenario = scenario_of(nodeid)
        return f"{nodeid.partition('::')[0].rpartition('/')[0]} {scenario}" if scenario else nodeid


def scenario_of(nodeid: str) -> str:
    """The id of the scenario that is a test's first parameter; empty if there is none.

    tests/scenarios/test_shipped.py::test_tone[perceptron/xor] looks at perceptron/xor.
    """
    test, _, parameters = nodeid.partition("[")
    if not test.startswith(("tests/scenarios/test_shipped", "tests/contract/")):
        return ""
    return next((name for name in _SCENARIOS if parameters.startswith((f"{name}]", f"{name}-"))), "")
