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


def test_on_another_arithmetic_the_start_is_judged() -> None:
    head = {"run": "net", "tier": "loose", "seed": 0, "arithmetic": "here", "after": []}
    lines = [head, *({"run": "net", "tick": step, "step": step, "scalars": {"loss": 1.0}} for step in (0, 1, 300))]
    other = [{**head, "arithmetic": "there"}, *copy.deepcopy(lines[1:])]
    assert differences(other, lines) == []
    other[3]["scalars"]["loss"] = 9.0
    assert differences(other, lines) == [], "long after the start it is another net"
    assert differences([head, *other[1:]], lines), "but not where numbers are computed alike"
    other[2]["scalars"]["loss"] = 1.01
    assert len(differences(other, lines)) == 1
    assert differences([{**head, "arithmetic": "there", "seed": 1}, *lines[1:]], lines)
