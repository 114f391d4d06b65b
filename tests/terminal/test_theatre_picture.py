"""The theatre as a grid: every shipped scenario, at every size and in every colour mode, says where one is and why."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter

import pytest

from nnhistory.draw.grid import ANSI, NO_COLOUR
from nnhistory.draw.palette import MODES, Mode
from nnhistory.draw.pencil import said_of
from nnhistory.draw.spots import hit
from nnhistory.draw.words import text_width
from nnhistory.engine.aside import story_cards
from nnhistory.engine.stage import Stage
from nnhistory.scenario.library import heads, ids
from nnhistory.scenario.load import load
from nnhistory.scenario.schema import say
from nnhistory.terminal.theatre_picture import LEAST, Painted, paint_theatre
from tests.terminal.helpers import FRAME, Show, story_pages, toy

SIZES = ((80, 24), (100, 30), (120, 40))
SECONDS = {head.id: head.seconds for head in heads()}
QUICK = 1.5
"""Scenarios that take longer than these seconds are not played to their end here."""


def check(show: Show, painted: Painted, columns: int, rows: int) -> None:
    """What every picture of the theatre owes."""
    stage, grid = show.stage, painted.grid
    assert (grid.columns, grid.rows) == (columns, rows)
    lines = [grid.text(row) for row in range(rows)]
    if stage.relay is not None and stage.relay.open:
        assert say(stage.relay.relay.task) in lines[0]  # all years stand below, one in each row
    else:
        assert lines[0].startswith(str(stage.lane.era.year))
    assert lines[-1].strip(), "no keys"
    assert "quit" in lines[-1] or "wager" in lines[-1]
    inked = {(row, column) for row in range(1, rows - 3) for column in range(columns)}
    for slot in painted.slots:
        right, bottom = slot.x + slot.width - 1, slot.y + slot.height - 1
        assert right < columns
        assert bottom < rows - 3
        for row in range(slot.y, bottom + 1):
            assert lines[row][slot.x] in FRAME, (slot.panel.id, lines[row])
            assert lines[row][right] in FRAME, (slot.panel.id, lines[row])
        inked -= {(row, column) for row in range(slot.y, bottom + 1) for column in range(slot.x, right + 1)}
    # Outside of panels there is nothing but the names of runs side by side.
    if len(stage.visible) == 1:
        assert all(lines[row][column] == " " for row, column in inked)
    assert "story" in {slot.panel.id for slot in painted.slots}
    shown = {slot.panel.id for slot in painted.slots} | {panel.id for panel in painted.folded}
    assert set(painted.order) <= shown
    said = ("computing", "◆", "✓", "▲", "•", *(() if painted.asked else ("Your wager",)))
    if painted.folded and not lines[-2].strip().startswith(said):
        assert "also (v): " in lines[-2], lines[-2]
    places = [box for box, action in painted.targets if action != "seek"]
    assert all(box.x >= 0 and box.right <= columns and box.y == rows - 1 for box in places)


@pytest.mark.parametrize("name", ids())
def test_every_scenario_in_every_size_and_mode(name: str) -> None:
    show = Show(name)
    stage = show.stage
    try:
        for moment in ("start", "later", "end"):
            if moment != "start" and (SECONDS[name] > QUICK or stage.study is not None):
                break
            if moment == "later":
                show.clock.play(1.0)
            elif moment == "end":
                show.to_end()
            for plain in (False, True):
                for number, mode in enumerate(MODES):
                    show.in_mode(mode, dark=number != 1, plain=plain)
                    for size in SIZES if mode == "truecolor" and not plain else SIZES[:1]:
                        painted = show.paint(*size)
                        check(show, painted, *size)
                        if mode == "truecolor":
                            assert (painted.grid.bg != NO_COLOUR).all(), "the terminal's own may be dark or light"
                            assert (painted.grid.fg != NO_COLOUR).all()
                        if mode == "ansi16":
                            assert (painted.grid.bg >= ANSI).all(), "the terminal's own ground may be dark or light"
                            assert (painted.grid.fg >= ANSI).all()
                        if mode == "mono":
                            assert (painted.grid.fg == NO_COLOUR).all()
                            assert (painted.grid.bg == NO_COLOUR).all()
            show.in_mode("truecolor")
            for size in SIZES[:1] if moment == "later" else SIZES:
                painted = show.paint(*size)
                story = stage.story if painted.asked else dataclasses.replace(stage.story, question=None)
                if not painted.asked:
                    assert stage.relay is not None
                    assert painted.grid.lines()[-2].startswith(stage.relay.wager)
                words = " ".join(line.text for card in story_cards(story) for line in card)
                pages = " ".join(line for page in story_pages(show, *size) for line in page)
                pages = re.sub(r"⏎ (more|your wager) \(\d+/\d+\)", "", pages)
                assert "".join(pages.split()) == "".join(words.split())
    finally:
        stage.close()


@pytest.mark.parametrize(
    ("title", "above", "inside", "below"),
    [
        ("Only the last layer", " 1/1 · Only the last layer ", "Here", ""),
        ("Only the last of all layers", " Only the last of all layers ", "Here", " 1/1 "),
        (
            "What broke, and what did not break in the end",
            " What broke, and what did not ",
            "break in the end",
            " 1/1 ",
        ),
    ],
)
def test_a_long_title_of_a_chapter_is_whole_in_a_narrow_panel(title: str, above: str, inside: str, below: str) -> None:
    show = Show(toy("steps = 30", f'[[chapter]]\ntitle = "{title}"\ntext = "{"Here is a word. " * 60}"\n'))
    for page in (0, 1):
        show.view.page = page
        painted = show.paint()
        slot = next(slot for slot in painted.slots if slot.panel.id == "story")
        assert slot.width < 36, "the narrowest panel"
        first, second, *_, last = (
            painted.grid.text(row)[slot.x : slot.x + slot.width] for row in range(slot.y, slot.y + slot.height)
        )
        assert above in first
        assert second[1:].startswith(inside)
        assert below in last
        assert "(2/2)" in painted.grid.text(slot.y + slot.height - 2) or not page


def test_titles_of_the_shipped_chapters_need_one_line() -> None:
    narrowest = 34 - 6
    told = [(name, say(chapter.title)) for name in ids() for chapter in load(name).scenario.chapter]
    assert [one for one in told if text_width(one[1]) > narrowest] == []


def test_below_the_least_size_there_is_a_polite_line_and_nothing_else() -> None:
    show = Show("perceptron/or")
    for columns, rows in ((79, 24), (80, 23), (20, 5), (5, 2), (1, 1), (0, 0)):
        painted = show.paint(columns, rows)
        assert (painted.grid.columns, painted.grid.rows) == (columns, rows)
        assert not painted.slots
    assert "needs 80 x 24" in show.text(79, 23)
    assert "q quits" in show.text(79, 23)
    assert "needs" not in show.text(*LEAST)


def test_v_brings_every_picture_to_the_front_and_back_to_the_first() -> None:
    show = Show("perceptron/xor")
    first = show.paint()
    seen = []
    for _ in first.order:
        painted = show.paint()
        assert painted.focus is not None
        assert painted.slots[0].panel.id == painted.focus.id
        seen.append(painted.focus.id)
        show.view.first = painted.next_first
    assert sorted(seen) == sorted(first.order)
    again = show.paint().focus
    assert again is not None
    assert again.id == seen[0]


@pytest.mark.parametrize("name", ids())
def test_at_80x24_every_picture_can_be_seen(name: str) -> None:
    show = Show(name)
    for first in show.paint().order:
        show.view.first = first
        assert first in {slot.panel.id for slot in show.paint().slots}
    show.stage.close()


def test_zoom_shows_one_picture_and_the_folded_ones_are_named() -> None:
    show = Show("perceptron/xor")
    show.view.zoom = True
    painted = show.paint()
    assert [slot.panel.id for slot in painted.slots] == [painted.order[0]]
    assert "all pictures" in painted.grid.text(23)
    wide = show.paint(120, 40)
    assert [slot.panel.id for slot in wide.slots] == [painted.order[0], "story"]


def test_what_is_cut_offers_a_larger_view() -> None:
    show = Show("perceptron/parity")
    show.to_question()
    show.stage.choose(0)
    show.clock.until(lambda: show.paint().grid.cut)
    assert "z zoom" in show.paint().grid.text(23)
    for first in show.paint().order:
        show.view.first, show.view.zoom = first, True
        assert not show.paint().grid.cut, first


def test_the_header_says_which_run_and_what_it_does() -> None:
    show = Show("perceptron/parity")
    number = f"1/{len(show.stage.lanes)}"
    for columns in (80, 100, 160):
        assert number in show.paint(columns, 30).grid.text(0)
    show.stage.act("play_pause")
    assert "‖ paused" in show.paint().grid.text(0)
    show.view.replay = True
    assert "recording" in show.paint().grid.text(0)


def test_a_question_shows_its_key_until_it_is_settled() -> None:
    show = Show("perceptron/or")
    assert "1-3 wager" not in show.text()
    show.to_question()
    assert "1-3 wager" in show.text()
    show.to_end()
    assert "1-3 wager" not in show.text()


@pytest.mark.parametrize("option", [0, 2])
def test_a_wager_is_settled_in_signs_and_words(option: int) -> None:
    show = Show("perceptron/or")
    show.to_question()
    assert show.stage.choose(option).startswith("you say: ")
    chosen = show.stage.story.options[option]
    assert "▸" in "\n".join(" ".join(page) for page in story_pages(show, 120, 40))
    show.to_end()
    answer = show.stage.story.answer
    assert answer is not None
    said = "\n".join("\n".join(page) for page in story_pages(show, 120, 40))
    sign = "✓" if option in answer else "✗"
    assert f"{sign} {chosen}" in " ".join(said.split())
    assert "(your wager)" in " ".join(said.split())


def test_the_break_is_seen_without_colour_too() -> None:
    show = Show("perceptron/xor", "mono")
    assert "◆" not in show.text().replace("next ◆", "")
    show.to_end()
    text = show.text()
    assert "━ ◆" in text
    assert "◆ step 5" in text
    assert any("◆" in page for page in ("\n".join(page) for page in story_pages(show, 80, 24)))


def test_the_time_line_tells_past_computed_and_to_come_apart() -> None:
    show = Show("perceptron/xor")
    show.clock.play(1.0)
    row = show.paint().grid.text(21)
    assert row.startswith("├━")
    assert row.endswith("┄┤")
    assert "●" in row
    assert row.index("━") < row.index("●") < row.index("┄")


def test_a_failure_is_the_first_panel_and_the_last_picture_stays() -> None:
    show = Show(toy("steps = 60"))
    show.clock.play(0.5)
    before = {slot.panel.id for slot in show.paint().slots} - {"story"}
    show.stage.lane.failure = "the process ended (signal 9). Press r"
    for first in ("", *show.paint().order):
        show.view.first = first
        for zoom in (False, True):
            show.view.zoom = zoom
            painted = show.paint()
            assert painted.slots[0].panel.id == "failure"
            assert "signal 9" in "\n".join(painted.grid.lines())
            assert before & {slot.panel.id for slot in painted.slots}
            assert "r restart" in painted.grid.text(23)


def test_two_runs_side_by_side_are_named_and_one_is_selected() -> None:
    show = Show("perceptron/parity")
    show.stage.act("compare")
    show.clock.play(0.5)
    painted = show.paint(120, 40)
    check(show, painted, 120, 40)
    titles = painted.grid.text(1)
    assert show.stage.lanes[0].title[:20] in titles
    assert show.stage.lanes[1].title[:20] in titles
    assert {slot.x >= 60 for slot in painted.slots if slot.panel.id != "story"} == {True, False}


@pytest.mark.parametrize("mode", ["truecolor", "mono"])
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_many_runs_side_by_side_have_a_row_each(size: tuple[int, int], mode: Mode) -> None:
    show = Show("perceptron/parity", mode)
    while show.stage.abreast < 8:
        show.stage.act("compare")
    show.clock.play(0.5)
    painted = show.paint(*size)
    check(show, painted, *size)
    lines = painted.grid.lines()
    for lane, letter in zip(show.stage.lanes, "abcdefgh", strict=True):
        row = next(line for line in lines if f" {letter} {lane.title[:12]}" in line)
        assert re.search(r"step \d|\d %|◆|✓", row)
    for _ in range(3):
        show.view.first = show.paint(*size).next_first
        assert show.paint(*size).slots[0].panel.id == show.view.first


def test_an_era_without_an_xray_sends_nobody_on_to_look_for_one() -> None:
    show = Show("deep/dead-relu")
    show.view.xray = True
    text = " ".join(show.text(120, 40).split())
    assert "this era have no X-ray" in text
    assert "Step forward" not in text
    assert "step" in show.paint(120, 40).order, "its own arithmetic stays"
    show.stage.close()


def test_xray_shows_the_arithmetic_or_says_why_there_is_none() -> None:
    show = Show("perceptron/or")
    show.view.xray = True
    assert "xray" in {slot.panel.id for slot in show.paint().slots}
    show.clock.play(4.0)
    assert "xray" in {slot.panel.id for slot in show.paint().slots}


@pytest.mark.parametrize("name", ["backprop/xor", "adaline/bowl"])
def test_x_brings_the_xray_into_sight_in_a_small_terminal(name: str) -> None:
    show = Show(name)
    show.stage.act("play_pause")
    for _ in range(12):
        show.stage.act("step")
        show.clock.play(0.1)
    show.view.xray = True
    painted = show.paint()
    assert {"xray", "story"} <= {slot.panel.id for slot in painted.slots}
    show.view.first = painted.order[0]
    assert show.paint().slots[0].panel.id == painted.order[0], "another picture can still be chosen"


def test_hands_that_draw_are_told_their_keys() -> None:
    show = Show("perceptron/or")
    assert "e draw" in show.text(120, 40)
    show.view.hands = "draw"
    assert "space set" in show.text()
    show.view.hands = "dials"
    assert "↑↓ turn" in show.text()


def test_a_study_shows_how_far_it_is_and_no_keys_it_has_not() -> None:
    stage = Stage.open("perceptron/capacity", inline=True)
    try:
        painted = paint_theatre(stage, 80, 24, Show("perceptron/or").view)
        keys = painted.grid.text(23)
        assert "runs" in painted.grid.text(0)
        for absent in ("step", "knobs", "X-ray", "fork"):
            assert absent not in keys
        assert "help" in keys
    finally:
        stage.close()


def test_what_is_pointed_at_and_what_was_said_stand_in_the_message_row() -> None:
    show = Show("perceptron/or")
    show.stage.message = "a message"
    assert "a message" in show.paint().grid.text(22)
    show.view.pointed, show.view.heard = "w1: 0.5", "a message"
    row = show.paint().grid.text(22)
    assert "w1: 0.5" in row
    assert "a message" not in row
    show.stage.message = "saved as or-1.toml"
    row = show.paint().grid.text(22)
    assert "saved as or-1.toml" in row, "what a key does is told though the pointer rests on a picture"
    assert "w1: 0.5" not in row


def test_what_lies_under_a_pointer_that_rests_is_told_as_it_is_now() -> None:
    show = Show("perceptron/or")
    show.stage.message = ""
    spots = show.paint().grid.spots
    cells = [(column, row) for row in range(2, 20) for column in range(2, 60)]
    told = {(x, y): said_of(hit(spots, x + 0.5, y + 0.5)) for x, y in cells}
    show.view.pointer = next(cell for cell in cells if told[cell])
    show.view.pointed = "what was there"
    row = show.paint().grid.text(22)
    assert told[show.view.pointer][:20] in row
    assert "what was there" not in row


@pytest.mark.parametrize("name", ["perceptron/or", "perceptron/margin"])
def test_all_of_a_steps_arithmetic_can_be_read(name: str) -> None:
    show = Show(name)
    show.clock.until(lambda: show.stage.lane.frame.phase == "update" and show.stage.lane.frame.step == 1)
    slot = next(slot for slot in show.paint().slots if slot.panel.id == "step")
    rows = show.text().splitlines()[slot.y : slot.y + slot.height]
    said = "\n".join(row[slot.x : slot.x + slot.width] for row in rows)
    assert "5 change  w ← w" in said
    assert "b ← b" in said
    assert "…" not in said


@pytest.mark.parametrize("name", [name for name in ids() if name.startswith(("perceptron/", "relay/", "deep/"))])
def test_chapter_titles_fit_half_a_small_terminal(name: str) -> None:
    scenario = load(name).scenario
    told: Counter[str] = Counter()
    for chapter in scenario.chapter:
        told[chapter.run or scenario.run[0].id] += 1
        number = told[chapter.run or scenario.run[0].id]
        assert len(f"{number}/{number} · {say(chapter.title)}") <= 34, "columns in the heading of half a screen"


def test_what_is_to_be_done_by_hand_is_seen_in_a_small_terminal() -> None:
    show = Show("adaline/knobby")
    show.stage.act("last")
    show.clock.state("done")
    assert re.search(r"▸ 5 your turn: \d+ of 17 knobs to go", show.text()), "negative errors have the longest formulas"
