"""The doctor's panel in the window."""

from __future__ import annotations

from typing import Any

from nnhistory.visual.overlays import Doctor
from tests.visual.conftest import Open


def told(hand: Any) -> str:
    return " ".join(line.text for line in hand.window.overlay.panel().marks[0].lines)


def test_y_opens_the_doctor_w_says_why_escape_leaves(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.end()
    hand.keys("y")
    assert isinstance(hand.window.overlay, Doctor)
    assert "▸ cause    not separable" in told(hand)
    hand.keys("w")
    assert "the rule would have stopped (Novikoff 1962)" in told(hand)
    hand.keys("down", "return")
    assert "▸ symptom  limit cycle" in told(hand)
    hand.keys("escape")
    assert hand.window.overlay is None


def test_return_applies_the_cure(opened: Open) -> None:
    hand = opened("adaline/too-fast")
    hand.end()
    leader = next((one for one in hand.stage.diagnosis.findings if one.cure is not None), None)
    for _ in range(len(hand.stage.lanes)):
        if leader is not None:
            break
        hand.keys("tab")
        hand.end()
        leader = next((one for one in hand.stage.diagnosis.findings if one.cure is not None), None)
    assert leader is not None
    assert leader.cure is not None
    hand.keys("y", "return")
    assert hand.window.overlay is None
    assert hand.stage.lane.plan.config[leader.cure.knob] == leader.cure.value
    assert hand.stage.lane.ghost is not None
    assert "from the start" in hand.message
