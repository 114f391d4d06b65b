"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

import pytest

import nnhistory

assert nnhistory.__version__


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--eras", default=None, help="judge the eras of this folder instead (scenarios/ and golden/ lie inside it)"
    )
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of a scenario one after another: runs are remembered in a worker, and workers take neighbours."""

    def group(item: pytest.Item) -> tuple[str, str]:
        folder = str(item.path.parent)
        chosen = getattr(item, "callspec", None)
        params = chosen.params if chosen is not None else {}
        case = params.get("case")
        name = str(getattr(case, "id", "")) or str(params.get("name", ""))
        return (folder, name) if "/" in name else (folder, "")

    order = {folder: place for place, folder in enumerate(dict.fromkeys(str(item.path.parent) for item in items))}
    items.sort(key=lambda item: (order[group(item)[0]], group(item)[1]))
