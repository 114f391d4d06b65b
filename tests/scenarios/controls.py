"""What every lesson is asked: does an expectation fail where it must, and does all of it hold with other seeds?

Runs are looked at one by one here: what a test does not ask for is not driven, and what another test of the same worker
has driven already is remembered. Of each only the numbers and the events are wanted, so hardly a frame is kept.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

import pytest

from nnhistory.engine.drive import Drive
from nnhistory.engine.expect import describe, evaluate
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import perform
from nnhistory.engine.plan import RunPlan, make_plans, order_runs, parse_setting
from nnhistory.engine.recording import COUNTED
from nnhistory.engine.registry import Registry
from nnhistory.engine.stacks import drive_together, kind_of
from nnhistory.scenario.library import find, heads
from nnhistory.scenario.load import Loaded, load

__all__ = ["QUICK", "altered", "lessons", "must_fail", "must_hold", "outcomes", "over_seeds"]

QUICK = 3.5
"""Seconds that a scenario may take by its own account; longer ones are judged with the slow tests."""
REGISTRY = Registry()


def lessons() -> list[Any]:
    """The id of every shipped scenario, as parameters of a test."""
    return [pytest.param(head.id, marks=[pytest.mark.slow] if head.seconds > QUICK else []) for head in heads("en")]


def altered(folder: str, cases: Iterable[tuple[str, list[str], str]]) -> list[Any]:
    """Lessons of this folder, what is altered in each, and what must fail then, as parameters of a test."""
    seconds = {head.id: head.seconds for head in heads("en")}
    return [
        pytest.param(
            name, settings, expected, id=f"{name}-{settings[-1]}-{expected}",
            marks=[pytest.mark.slow] if seconds[f"{folder}/{name}"] > QUICK else [],
        )
        for name, settings, expected in cases
    ]  # fmt: skip


@cache
def _loaded(scenario: str) -> Loaded:
    return load(find(scenario))


def outcomes(
    scenario: str, only: Collection[str], seed: int | None = None, settings: Sequence[str] = ()
) -> dict[str, RunOutcome]:
    """These runs of the scenario, and those they start from or feed on, with these settings (RUN.name=value)."""
    return _outcomes(scenario, frozenset(only), seed, tuple(settings))


def over_seeds(scenario: str, run: str, seeds: Iterable[int], *settings: str) -> list[RunOutcome]:
    """One run of the scenario for each seed; beside each other, where its era can do that."""
    asked = tuple(seeds)
    plans = [plan for seed in asked for plan in _plans(scenario, seed, settings) if plan.id == run]
    kinds = {kind_of(plan, REGISTRY.manifest(plan.era)) for plan in plans}
    if len(asked) > 1 and len(kinds) == 1 and None not in kinds:
        return _beside(scenario, run, asked, settings)
    return [outcomes(scenario, [run], seed, settings)[run] for seed in asked]


def _plans(scenario: str, seed: int | None, settings: Sequence[str]) -> list[RunPlan]:
    loaded, chosen = _loaded(scenario), [parse_setting(text) for text in settings]
    return make_plans(
        loaded.scenario, REGISTRY, source=loaded.source, base=loaded.path.parent, seed=seed, settings=chosen
    )


@lru_cache(maxsize=100)
def _beside(scenario: str, run: str, seeds: tuple[int, ...], settings: tuple[str, ...]) -> list[RunOutcome]:
    plans = [plan for seed in seeds for plan in _plans(scenario, seed, settings) if plan.id == run]
    found = {
        one.number: one.drive.outcome for one in drive_together(plans, REGISTRY, schedule=COUNTED) if one is not None
    }
    return [found[number] for number in range(len(plans))]


@lru_cache(maxsize=1000)
def _outcomes(
    scenario: str, only: frozenset[str], seed: int | None, settings: tuple[str, ...]
) -> dict[str, RunOutcome]:
    plans = _plans(scenario, seed, settings)
    ended: dict[str, Drive] = {}
    for plan in _with_what_they_need(plans, only):
        drive = Drive(plan, REGISTRY, start_of(plan, ended), feed=feed_of(plan, ended), schedule=COUNTED)
        while not drive.done:
            drive.advance(100_000, flat_out=True)
        ended[plan.id] = drive
    return {name: drive.outcome for name, drive in ended.items()}


def _with_what_they_need(plans: list[RunPlan], only: Collection[str]) -> list[RunPlan]:
    """The plans of these runs and of all that they build on, in the order given: each after what it needs."""
    wanted = set(only)
    for plan in reversed(plans):
        if plan.id in wanted:
            wanted.update(plan.needs)
    chosen = [plan for plan in plans if plan.id in wanted]
    assert set(only) <= {plan.id for plan in chosen}, "no such run"
    return chosen


def must_fail(scenario: str, settings: Sequence[str], expected: str, workers: int | None = None) -> None:
    """With these settings (RUN.name=value) the expectation of this text is judged, and does not hold."""
    loaded = _loaded(scenario)
    if loaded.scenario.study is not None:
        chosen = [parse_setting(text) for text in settings]
        judged = perform(loaded, REGISTRY, settings=chosen, workers=workers).verdicts
        verdicts = {verdict.text: verdict for verdict in judged}
        assert expected in verdicts, list(verdicts)
    else:
        expects = {describe(expect): expect for expect in loaded.scenario.expect}
        assert expected in expects, list(expects)
        expect = expects[expected]
        asked = {expect.run or order_runs(loaded.scenario.run)[0].id}
        if expect.than is not None and expect.than.run is not None:
            asked.add(expect.than.run)
        verdicts = {expected: evaluate(expect, outcomes(scenario, asked, None, settings))}
    assert not verdicts[expected].holds, verdicts[expected].observed


def must_hold(scenario: str, seeds: Iterable[int], workers: int | None = None) -> None:
    """All expectations of the scenario hold, with each of these seeds."""
    for seed in seeds:
        outcome = perform(_loaded(scenario), REGISTRY, seed=seed, workers=workers)
        assert outcome.passed, (seed, [(one.text, one.observed) for one in outcome.verdicts if not one.holds])
