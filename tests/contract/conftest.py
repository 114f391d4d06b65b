"""The contract every era keeps. `pytest tests/contract --eras FOLDER` judges eras of another folder as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnhistory.core.resources import scenarios
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import Loaded, load


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--eras", default=None, help="another folder of eras to judge, with scenarios/ beside them")
    parser.addoption("--update-golden", action="store_true", help="write golden traces anew (never a success)")


def registry_of(config: pytest.Config) -> Registry:
    folder = config.getoption("--eras")
    return Registry([folder] if folder else [])


def scenario_files(config: pytest.Config) -> list[Path]:
    """Shipped scenarios, and those in `scenarios/` of the other folder of eras."""
    files = [path for path in sorted(scenarios().glob("*/*.toml"))]
    folder = config.getoption("--eras")
    if folder:
        files = sorted(Path(folder).glob("scenarios/*/*.toml"))
    return files


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "era" in metafunc.fixturenames:
        eras = registry_of(metafunc.config).ids()
        metafunc.parametrize("era", eras)
    if "scenario_file" in metafunc.fixturenames:
        files = scenario_files(metafunc.config)
        metafunc.parametrize("scenario_file", files, ids=[f"{path.parent.name}/{path.stem}" for path in files])


@pytest.fixture(scope="session")
def registry(request: pytest.FixtureRequest) -> Registry:
    return registry_of(request.config)


@pytest.fixture(scope="session")
def all_loaded(request: pytest.FixtureRequest) -> list[Loaded]:
    return [load(path) for path in scenario_files(request.config)]
