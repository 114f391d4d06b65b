"""The lessons on torch in the numbers that they are computed with on a GPU: the same story in the behaviour tier.

pytest -m bench tests/scenarios/test_single_precision.py
"""

from __future__ import annotations

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.plan import make_plans, parse_setting
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find, ids
from nnhistory.scenario.load import load

pytestmark = pytest.mark.bench


@pytest.mark.parametrize("lesson", sorted(set(ids()) - {"deep/gpu"}))
def test_the_story_is_the_same_in_single_precision(lesson: str) -> None:
    loaded, registry = load(find(lesson)), Registry()
    base = loaded.path.parent
    if not any(registry.manifest(run.era).torch for run in loaded.scenario.run):
        pytest.skip("nothing here is on torch")
    plans = make_plans(loaded.scenario, registry, source=loaded.source, base=base, device="cuda")
    chosen = [f"{plan.id}.precision={plan.config['precision']}" for plan in plans if "precision" in plan.config]
    outcome = perform(loaded, registry, settings=[parse_setting(text) for text in chosen], workers=1)
    assert [(verdict.text, verdict.observed) for verdict in outcome.verdicts if not verdict.holds] == []
    assert all(wager.sound for wager in outcome.wagers)
