"""The relay's board under the hands of a visitor, and as it is painted."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnhistory.draw.words import text_width
from nnhistory.engine.progress import Progress
from nnhistory.terminal.app import FIRST_LESSON
from nnhistory.terminal.home import Home
from nnhistory.terminal.theatre import Theatre
from tests.engine.relays import toy_relay, written
from tests.terminal.conftest import Visit
from tests.terminal.helpers import Show


@pytest.fixture
def lesson(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_whole_board_can_be_read(size: tuple[int, int]) -> None:
    show = Show(toy_relay())
    show.stage.choose_row(0)
    show.clock.state("done")
    lines = show.text(*size).splitlines()
    assert lines[0].startswith("How far is it?") or lines[0].startswith("Toy. How far is it?")
    assert "■ at the end  2/2 nets" in lines[0]
    assert any(line.startswith("│▸ 1900 walks") and "✓ there" in line for line in lines)
    assert any("1901 stands" in line and "◆ far" in line for line in lines)
    assert any("the task" in line for line in lines)
    assert max(map(text_width, lines)) <= size[0]
    assert show.paint(*size).pages == 1, "Enter opens a net here: it cannot turn pages"


def test_the_wager_is_seen_and_settled() -> None:
    show = Show(toy_relay())
    assert "Which comes nearer?" in show.text()
    assert show.text().endswith("⏎ open  ↑↓ choose  1-2 wager  space hold  esc stop  h time line  ? help  q quit")
    show.stage.choose(0)
    show.stage.message = ""
    show.clock.state("done")
    assert "✓ a (your wager)" in show.text()
    assert "wager" not in show.text().splitlines()[-1]


def test_in_words_alone_and_without_colour() -> None:
    show = Show(toy_relay())
    show.clock.state("done")
    show.in_mode("mono")
    assert "█" in show.text()
    show.in_mode("mono", plain=True)
    assert "(there); 1901 stands " in " ".join(show.text().split())


async def test_a_row_is_chosen_opened_and_left(visit: Visit, lesson: Path) -> None:
    async with visit(lesson, size=(80, 24)) as visitor:
        relay = visitor.stage.relay
        assert relay is not None
        await visitor.until(lambda: relay.done)
        await visitor.press("up", "down", "up")
        assert relay.selected == 0
        await visitor.press("enter")
        assert visitor.stage.lane.id == "or"
        await visitor.until(lambda: "1957  Perceptron" in visitor.text)
        await visitor.press("escape")
        assert visitor.stage.board is relay
        await visitor.press("escape")
        assert isinstance(visitor.app.screen, Home)


async def test_escape_stops_first_and_leaves_then(visit: Visit, lesson: Path) -> None:
    async with visit(lesson, motion=False) as visitor:
        relay = visitor.stage.relay
        assert relay is not None
        assert "space starts the nets" in visitor.text
        visitor.stage.act("play_pause")
        await visitor.press("escape")
        if not relay.done:
            assert relay.held
            assert isinstance(visitor.app.screen, Theatre)


async def test_what_has_no_sense_on_the_board_says_so(visit: Visit, lesson: Path) -> None:
    async with visit(lesson) as visitor:
        for key in ("k", "f", "y", "x", "e"):
            await visitor.press(key)
            assert isinstance(visitor.app.screen, Theatre), key
            assert visitor.stage.message
        await visitor.press("question_mark")
        assert not isinstance(visitor.app.screen, Theatre)


async def test_a_click_chooses_a_second_one_opens(visit: Visit, lesson: Path) -> None:
    async with visit(lesson, size=(80, 24)) as visitor:
        relay = visitor.stage.relay
        assert relay is not None
        await visitor.until(lambda: relay.done)
        await visitor.press("up")
        row = next(n for n, line in enumerate(visitor.text.splitlines()) if "xor" in line and "1957" in line)
        await visitor.pilot.click(offset=(20, row))
        await visitor.pilot.click(offset=(20, row))
        assert visitor.stage.lane.id == "xor"


async def test_whoever_has_seen_no_more_than_the_relay_comes_home(visit: Visit, tmp_path: Path) -> None:
    progress = Progress.load(tmp_path / "state" / "progress.json")
    progress.at(FIRST_LESSON)
    async with visit("nowhere", progress=progress) as visitor:
        pass  # a lesson that is not there leaves the visitor at home
    visitor.app._home = False
    from nnhistory.terminal.app import WalkthroughApp

    app = WalkthroughApp(progress=Progress.load(tmp_path / "state" / "progress.json"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.screen, Home)
