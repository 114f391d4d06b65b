"""The relay's board in the window."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnhistory.core.scene import Scores
from nnhistory.draw.boxes import Box
from nnhistory.draw.shapes import TextShape
from nnhistory.engine.stage import Stage
from tests.engine.relays import written
from tests.visual.conftest import Open
from tests.visual.helpers import Hand


def texts(hand: Hand) -> str:
    return "\n".join(shape.text for shape in hand.painted.drawing.shapes if isinstance(shape, TextShape))


def row(hand: Hand, index: int) -> Box:
    spots = hand.painted.drawing.spots
    return next(s.box for s in spots if isinstance(s.mark, Scores) and getattr(s, "index", None) == index)


@pytest.mark.parametrize("size", [(1280, 720), (800, 600)])
def test_board_task_and_wager_are_in_sight(opened: Open, tmp_path: Path, size: tuple[int, int]) -> None:
    hand = opened(Stage.open(written(tmp_path), inline=True), size)
    assert hand.stage.relay is not None
    hand.until(lambda: hand.stage.status.state == "done")
    hand.tick(4)
    assert {"board", "task", "story"} <= set(hand.panels())
    told = texts(hand)
    for text in ("Which corners?", "✓ solved", "◆ one plane", "Which errs more?", "✓ xor", "2/2 nets"):
        assert text in told, text
    assert "stop" not in told
    assert "wager" not in told


def test_keys_choose_open_and_go_back(opened: Open, tmp_path: Path) -> None:
    hand = opened(Stage.open(written(tmp_path), inline=True))
    relay = hand.stage.relay
    assert relay is not None
    hand.keys("2")
    assert hand.stage.message == "you say: xor"
    hand.until(lambda: relay.done)
    hand.keys("up", "down")
    assert relay.selected == 1
    hand.keys("return")
    assert hand.stage.lane.id == "xor"
    hand.until(lambda: "plane" in hand.panels())
    hand.keys("escape")
    assert hand.stage.board is relay
    hand.until(lambda: "board" in hand.panels())
    assert hand.window.overlay is None
    hand.keys("escape")
    assert hand.window.overlay is not None, "nothing is left to stop: the time line opens"


def test_a_click_chooses_a_second_one_opens(opened: Open, tmp_path: Path) -> None:
    hand = opened(Stage.open(written(tmp_path), inline=True))
    relay = hand.stage.relay
    assert relay is not None
    hand.until(lambda: relay.done)
    hand.until(lambda: "board" in hand.panels())
    box = row(hand, 0)
    hand.click(box.x + 20, box.y + box.height / 2)
    assert (relay.selected, relay.open) == (0, True)
    hand.click(box.x + 20, box.y + box.height / 2)
    assert hand.stage.lane.id == "or"
