"""A break is told as long as it stands: a net that learned in spite of it has no broken end."""

from __future__ import annotations

import pytest

from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage import Stage
from tests.engine.stagehand import Clock


def at_the_end(name: str, run: str) -> Stage:
    stage = Stage.open(name, inline=True)
    stage.select([lane.id for lane in stage.lanes].index(run))
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    stage.act("last")
    clock.until(lambda: stage.status.state == "done")
    assert stage.lane.playhead.tick == last_tick(stage.lane.recording)
    return stage


@pytest.mark.parametrize(("name", "run", "kind", "stands"), [
    # nine in ten right in the end
    pytest.param("deep/residual", "residual", "dead_units", False, marks=pytest.mark.slow),
    ("deep/dead-relu", "fast", "dead_units", True),  # what one long step killed stays dead
    # leaves chance, but a quarter of its units stay dead
    pytest.param("deep/dead-relu", "born", "dead_units", True, marks=pytest.mark.slow),
    pytest.param("deep/anachronism", "failed", "vanishing", True, marks=pytest.mark.slow),
])  # fmt: skip
def test_a_break_stands_until_the_net_has_got_over_it(name: str, run: str, kind: str, stands: bool) -> None:
    stage = at_the_end(name, run)
    broken = next(event for event in stage.lane.recording.events if event.kind == kind)
    assert bool(stage.story.break_text) is stands
    stage.lane.playhead.seek(broken.tick, stage.lane.recording)
    assert stage.story.break_text, "at its own moment it is told in any case"
    stage.close()
