"""A stage's experiment as a scenario: the knobs as they stand, every turn made by hand, and what was changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.engine.lane import Lane
from nnhistory.scenario.schema import Scenario, Text, Turn

__all__ = ["as_it_stands"]


def as_it_stands(scenario: Scenario, lanes: Sequence[Lane]) -> Scenario:
    """The scenario with its runs as they are on stage. Its story and what it expects were of the runs as they were.

    Opened again, nothing is changed any more: so what is set otherwise than in the lesson is in the title, of the
    lesson or of the run.
    """
    by_id = {lane.id: lane for lane in lanes}
    alone = len(lanes) == 1
    runs, turns = [], list[Turn]()
    for run in scenario.run:
        lane = by_id[run.id]
        defaults = {name: param.default for name, param in lane.era.knobs.items()}
        config = {k: v for k, v in lane.plan.config.items() if v is not None and (v != defaults[k] or k in run.config)}
        dataset = _placed(lane.plan.dataset, lane.plan.base)
        title = run.title if alone else _with(run.title, lane.changed)
        runs.append(msgspec.structs.replace(run, title=title, config=config, seed=lane.plan.seed, dataset=dataset))
        turns.extend(lane.plan.turns)
    title = _with(scenario.title, lanes[0].changed) if alone else scenario.title
    return msgspec.structs.replace(scenario, title=title, run=runs, turn=turns, expect=[], chapter=[])


def _with(title: Text, changed: str) -> Text:
    if not changed or not title:
        return title
    if isinstance(title, str):
        return f"{title} ({changed})"
    return {lang: f"{said} ({changed})" for lang, said in title.items()}


def _placed(dataset: dict[str, Any], base: str | None) -> dict[str, Any]:
    """The data set, its own files named so that they are found from any other folder, too."""
    own: dict[str, Any] = {
        key: str(Path(base or ".", dataset[key]).resolve()) for key in ("file", "images") if key in dataset
    }
    return {**dataset, **own}
