"""Golden traces. `pytest tests/contract --update-golden` writes them anew, and never reports success."""

from __future__ import annotations

import copy
import json

import pytest

from tests.contract.golden import LINES, differences, dump, trace
from tests.contract.runs import Case, driven


def test_the_run_is_what_it_was(case: Case, request: pytest.FixtureRequest) -> None:
    now = trace(driven(case))
    assert len(now) <= LINES
    if request.config.getoption("--update-golden"):
        case.golden.parent.mkdir(parents=True, exist_ok=True)
        case.golden.write_text(dump(now), encoding="utf-8")
        pytest.fail(f"{case.golden.name} was written: look at its difference, then run without --update-golden")
    assert case.golden.is_file(), f"{case.id} has no golden trace: run pytest tests/contract --update-golden"
    golden = [json.loads(line) for line in case.golden.read_text(encoding="utf-8").splitlines()]
    assert differences(golden, now) == []


def test_the_comparison_can_fail(case: Case) -> None:
    now = trace(driven(case))
    assert differences(json.loads(json.dumps(now)), now) == []
    other = copy.deepcopy(now)
    place = next(number for number, line in enumerate(other) if line.get("scalars"))
    name = next(iter(other[place]["scalars"]))
    other[place]["scalars"][name] += 0.5
    assert len(differences(other, now)) == 1
    assert differences(now[:-1], now)
    later = copy.deepcopy(now)
    later[-1]["step"] += 1
    assert differences(later, now)
