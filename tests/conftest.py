"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

import pytest

import nnhistory

assert nnhistory.__version__


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", default=None, help="judge the eras of this folder instead (scenarios/ and golden/ lie inside it)"
    )
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")


@pytest.hookimpl(tryfirst=True)  # before xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests that look at one run of a scenario go to one worker, one after another: runs are remembered there."""
    order = {folder: place for place, folder in enumerate(dict.fromkeys(str(item.path.parent) for item in items))}
    for item in items:
        if _scenario(item):
            item.add_marker(pytest.mark.xdist_group(f"{item.path.parent.name} {_scenario(item)}"))
    items.sort(key=lambda item: (order[str(item.path.parent)], _scenario(item)))


def _scenario(item: pytest.Item) -> str:
    """The id of the scenario whose run, as it is written, this test looks at; empty if there is none."""
    chosen = getattr(item, "callspec", None)
    params = chosen.params if chosen is not None else {}
    name = str(getattr(params.get("case"), "id", "")) or str(params.get("name", ""))
    return name if "/" in name and not {"settings", "seed"} & params.keys() else ""
