"""The contract every era keeps: the built-in eras and the toy, or with `--eras FOLDER` the eras of that folder.

FOLDER holds era folders, `scenarios/TOPIC/NAME.toml` and `golden/TOPIC-NAME.jsonl`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from nnhistory.core.resources import scenarios
from nnhistory.engine.registry import Registry
from tests.contract.runs import Case
from tests.scenarios.controls import QUICK

TESTS = Path(__file__).resolve().parent.parent
TOYS = TESTS / "toys"


def _folder(config: pytest.Config) -> Path:
    given = config.getoption("--eras")
    return Path(given).resolve() if given else TOYS


def _registry(config: pytest.Config) -> Registry:
    return Registry([_folder(config)])


def _cases(config: pytest.Config) -> list[Case]:
    """Scenarios to judge, each with the place of its golden trace."""
    return _found(_folder(config), all_shipped=not config.getoption("--eras"))


@cache
def _found(folder: Path, *, all_shipped: bool) -> list[Case]:
    found = [(path, folder / "golden") for path in sorted(folder.glob("scenarios/*/*.toml"))]
    if all_shipped:
        found += [(path, TESTS / "golden") for path in sorted(scenarios().glob("*/*.toml"))]
    return [Case(path, golden / f"{path.parent.name}-{path.stem}.jsonl", folder) for path, golden in found]


@cache
def _marks(case: Case) -> list[pytest.MarkDecorator]:
    return [pytest.mark.slow] if case.load().scenario.seconds > QUICK else []


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    config = metafunc.config
    if "era" in metafunc.fixturenames:
        registry = _registry(config)
        judged = registry.ids()
        if config.getoption("--eras"):
            judged = [era for era in judged if registry.folder(era).parent == _folder(config)]
        metafunc.parametrize("era", judged)
    if "case" in metafunc.fixturenames:
        metafunc.parametrize("case", [pytest.param(case, id=case.id, marks=_marks(case)) for case in _cases(config)])


@pytest.fixture(scope="session")
def registry(request: pytest.FixtureRequest) -> Registry:
    return _registry(request.config)


@pytest.fixture(scope="session")
def cases(request: pytest.FixtureRequest) -> list[Case]:
    return _cases(request.config)
