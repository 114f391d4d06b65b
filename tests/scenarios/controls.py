"""What every lesson is asked: does an expectation fail where it must, and does all of it hold with other seeds?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nnhistory.engine.perform import perform
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

__all__ = ["must_fail", "must_hold"]


def must_fail(scenario: str, settings: Sequence[str], expected: str, workers: int | None = None) -> None:
    """With these settings (RUN.name=value) the expectation of this text is judged, and does not hold."""
    chosen = [parse_setting(text) for text in settings]
    outcome = perform(load(find(scenario)), Registry(), settings=chosen, workers=workers)
    verdicts = {verdict.text: verdict for verdict in outcome.verdicts}
    assert expected in verdicts, list(verdicts)
    assert not verdicts[expected].holds, verdicts[expected].observed


def must_hold(scenario: str, seeds: Iterable[int], workers: int | None = None) -> None:
    """All expectations of the scenario hold, with each of these seeds."""
    for seed in seeds:
        outcome = perform(load(find(scenario)), Registry(), seed=seed, workers=workers)
        assert outcome.passed, (seed, [(one.text, one.observed) for one in outcome.verdicts if not one.holds])
