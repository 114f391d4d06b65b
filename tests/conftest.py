"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

import os
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

import nnhistory
from nnhistory.scenario.library import heads

assert nnhistory.__version__

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""The tests start some hundred interpreters, and each would compile the package anew."""

_SECONDS = {head.id: head.seconds for head in heads("en")}
_SCENARIOS = sorted(_SECONDS, key=len, reverse=True)
_BY_SCENARIO = (
    "tests/scenarios/test_shipped", "tests/contract/", "tests/visual/test_picture",
    "tests/terminal/test_theatre_picture",
)  # fmt: skip
"""Where a test's first parameter is a scenario, and runs of it are remembered from test to test."""
_BY_FILE = ("/test_pictures.py", "backprop_1986/test_depth.py", "/test_wheel.py", "/test_cluster.py")
"""Whose tests share what the file has made once: runs, a wheel, a cluster."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", default=None, help="judge the eras of this folder instead (scenarios/ and golden/ lie inside it)"
    )
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The dearest first, so that no worker is left with a long one at the end; what belongs together stays together."""
    costs: dict[str, float] = {}
    for item in items:
        mark = item.get_closest_marker("cost")
        cost = mark.args[0] if mark is not None else _SECONDS.get(scenario_of(item.nodeid), 0.0)
        costs[scope_of(item.nodeid)] = max(costs.get(scope_of(item.nodeid), 0.0), cost)
    order = {scope: place for place, scope in enumerate(costs)}
    items.sort(key=lambda item: (-costs[scope_of(item.nodeid)], order[scope_of(item.nodeid)]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """All tests of a folder that look at one scenario go to one worker, which remembers its runs. So do some files."""
    config.option.loadscopereorder = False  # the order above
    return ByScenario(config, log)


class ByScenario(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def scope_of(nodeid: str) -> str:
    """What goes to one worker: a test, a file, or all tests of a folder that look at one scenario."""
    scenario, file = scenario_of(nodeid), nodeid.partition("::")[0]
    if scenario:
        return f"{file.rpartition('/')[0]} {scenario}"
    return file if file.endswith(_BY_FILE) else nodeid


def scenario_of(nodeid: str) -> str:
    """The id of the scenario that is a test's first parameter; empty if there is none.

    tests/scenarios/test_shipped.py::test_tone[perceptron/xor] looks at perceptron/xor.
    """
    test, _, parameters = nodeid.partition("[")
    if not test.startswith(_BY_SCENARIO):
        return ""
    return next((name for name in _SCENARIOS if parameters.startswith((f"{name}]", f"{name}-"))), "")
