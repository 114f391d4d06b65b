"""The doctor's panel in the terminal."""

from __future__ import annotations

from textual.widgets import Static

from nnhistory.terminal.doctor import Doctor
from nnhistory.terminal.theatre import Theatre
from tests.terminal.conftest import Visit
from tests.terminal.visitor import Visitor


def told(visitor: Visitor) -> str:
    return " ".join(" ".join(str(one.render()) for one in visitor.app.screen.query(Static)).split())


async def test_y_opens_the_doctor_w_says_why_escape_leaves(visit: Visit) -> None:
    async with visit("perceptron/xor") as visitor:
        await visitor.press("end")
        await visitor.until(lambda: visitor.stage.lane.outcome is not None)
        await visitor.press("y")
        assert isinstance(visitor.app.screen, Doctor)
        assert "▸ cause not separable" in told(visitor)
        assert "symptom limit cycle" in told(visitor)
        assert "Read: step" in told(visitor)
        assert "no single change of a knob here is known to help" in told(visitor)
        await visitor.press("w")
        assert "the rule would have stopped (Novikoff 1962)" in told(visitor)
        await visitor.press("down", "w")
        assert "▸ symptom limit cycle" in told(visitor)
        await visitor.press("enter")
        assert isinstance(visitor.app.screen, Doctor), "there is nothing to apply"
        await visitor.press("escape")
        assert isinstance(visitor.app.screen, Theatre)


async def test_enter_applies_the_cure(visit: Visit) -> None:
    async with visit("adaline/too-fast") as visitor:
        await visitor.until(lambda: visitor.stage.lane.started)
        while visitor.stage.lane.id != "over":
            await visitor.press("tab")
        await visitor.press("end")
        await visitor.until(lambda: visitor.stage.lane.outcome is not None)
        leader = visitor.stage.diagnosis.findings[0]
        assert leader.kind == "rate_too_high"
        assert leader.cure is not None
        await visitor.press("y", "enter")
        assert isinstance(visitor.app.screen, Theatre)
        assert visitor.stage.lane.plan.config[leader.cure.knob] == leader.cure.value
        assert visitor.stage.lane.ghost is not None


async def test_a_healthy_run_is_told_so(visit: Visit) -> None:
    async with visit("perceptron/or") as visitor:
        await visitor.press("end")
        await visitor.until(lambda: visitor.stage.lane.outcome is not None)
        await visitor.press("y")
        assert "Nothing wrong is found." in told(visitor)
        assert "Looked at:" in told(visitor)
