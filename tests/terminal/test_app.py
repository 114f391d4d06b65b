"""The walkthrough under the hands of a visitor."""

from __future__ import annotations

import itertools
import json
import os
import re
import signal
from pathlib import Path

import pytest
from textual import events
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static

from nnhistory.core.errors import BadInput
from nnhistory.draw.grid import NO_COLOUR
from nnhistory.engine.progress import Progress
from nnhistory.terminal.app import CANCELLED, FIRST_LESSON, WalkthroughApp, run_walkthrough
from nnhistory.terminal.dialogs import Help, Knobs, Search
from nnhistory.terminal.home import Home
from nnhistory.terminal.sheets import Sheet, place_of
from nnhistory.terminal.theatre import Theatre
from tests.cli.helpers import call
from tests.terminal.conftest import Visit
from tests.terminal.visitor import Visitor


def dialog_text(visitor: Visitor) -> str:
    return "\n".join(str(widget.render()) for widget in visitor.app.screen.query(Static))


def plane(visitor: Visitor) -> list[str]:
    """The rows of the decision plane, without frame and drawing cursor."""
    slot = next(slot for slot in visitor.painted.slots if slot.panel.id == "plane")
    visitor.theatre._cursor, held = None, visitor.theatre._cursor
    visitor.theatre.paint()
    rows = visitor.text.splitlines()[slot.y + 1 : slot.y + slot.height - 1]
    visitor.theatre._cursor = held
    return [row[slot.x + 1 : slot.x + slot.width - 1] for row in rows]


async def test_a_first_visit_opens_the_first_lesson_and_it_moves(visit: Visit) -> None:
    async with visit(None, process=True, size=(80, 24)) as visitor:
        assert visitor.stage.id == FIRST_LESSON
        relay = visitor.stage.relay
        assert relay is not None
        assert "is exactly one of them 5 or more?" in visitor.text
        assert "Your wager: Which gets more right?" in visitor.text
        await visitor.until(lambda: relay.rows()[0].progress > 0 and relay.rows()[0].value)
        row = re.compile(r"^│▸ 1957 perceptron .*█+.* 0\.[45]\d learning", re.MULTILINE)
        await visitor.until(lambda: row.search(visitor.text))


async def test_the_welcome_says_how_to_hold_and_where_home_is(visit: Visit) -> None:
    async with visit(process=True) as visitor:
        await visitor.until(lambda: visitor.stage.lane.started)
        assert "Welcome. space holds it" in visitor.text
        before = visitor.stage.lane.playhead.tick
        await visitor.until(lambda: visitor.stage.lane.playhead.tick >= before + 2)
        assert visitor.text.startswith("1957  Perceptron · The rule, slowly: OR")


async def test_where_one_was_is_where_one_comes_back_to(visit: Visit) -> None:
    async with visit("perceptron/xor") as visitor:
        assert visitor.stage.id == "perceptron/xor"
    async with visit(None) as visitor:
        assert visitor.stage.id == "perceptron/xor"
        assert "Welcome" not in visitor.text


async def test_steps_go_one_moment_on_and_back(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.hold()
        head = visitor.stage.lane.playhead
        before = head.tick
        await visitor.press("right", "right")
        await visitor.until(lambda: head.tick == before + 2)
        await visitor.press("left")
        assert head.tick == before + 1
        await visitor.press("home")
        assert head.tick == 0
        assert visitor.stage.status.state == "paused"


@pytest.mark.parametrize("option", [1, 3])
async def test_a_wager_leads_to_the_reveal_with_right_or_wrong(visit: Visit, option: int) -> None:
    async with visit(size=(120, 40)) as visitor:
        for _ in range(4):
            await visitor.press("plus")
        await visitor.until(lambda: visitor.stage.story.question is not None)
        assert "Press a number to wager." in visitor.text
        await visitor.press(str(option))
        assert "you say: " in visitor.text
        await visitor.until(lambda: visitor.stage.story.answer is not None)
        right = option - 1 in (visitor.stage.story.answer or ())
        await visitor.until(lambda: "(your wager)" in " ".join(visitor.text.replace("│", " ").split()))
        assert ("✗" in visitor.text) == (not right)
        assert "✓" in visitor.text
        assert right == (option == 1), "the third correction is the last: worked out by hand"
        assert visitor.stage.status.state == "paused", "whoever wagered is given time to read"
        await visitor.press("space")
        await visitor.until(lambda: visitor.stage.status.state == "done")
        stored = visitor.app.progress
        await visitor.until(lambda: stored.understood == {"perceptron/or"})
        assert stored.seen == {"perceptron/or"}


async def test_help_says_what_is_looked_at_and_its_present_value(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.hold()
        focus = visitor.painted.focus
        assert focus is not None
        await visitor.press("question_mark")
        assert isinstance(visitor.app.screen, Help)
        words = " ".join(dialog_text(visitor).split())
        assert focus.title in words
        assert " ".join(focus.sentence.split()) in words
        assert "esc back" in words
        assert "Let the run go on" in words
        await visitor.press("question_mark")
        first = focus.sentence
        await visitor.press("right")
        await visitor.until(lambda: (visitor.painted.focus or focus).sentence != first)
        await visitor.press("question_mark")
        now = visitor.painted.focus
        assert now is not None
        assert " ".join(now.sentence.split()) in " ".join(dialog_text(visitor).split())


async def test_help_says_what_the_numbers_of_a_run_are(visit: Visit) -> None:
    async with visit("backprop/zero-init") as visitor:
        await visitor.until(lambda: visitor.stage.lane.started and "grad_rms/0" in visitor.stage.lane.shown.metrics)
        await visitor.press("question_mark")
        words = " ".join(dialog_text(visitor).split())
        assert "training loss: The error E that is made small, for each training pattern on average" in words
        assert words.count("Size of dE/dw in this layer of weights") == 1, "said once for all layers"


async def test_help_on_a_studys_board_says_how_to_read_it_and_what_is_measured(visit: Visit) -> None:
    async with visit("perceptron/capacity") as visitor:
        await visitor.until(lambda: visitor.painted.focus and visitor.painted.focus.id == "chart")
        await visitor.press("question_mark")
        words = " ".join(dialog_text(visitor).split())
        assert "Dashed: what theory says." in words
        assert "1 if some plane separates the patterns (exact), else 0." in words
        assert "the numbers of this run" not in words


async def test_a_bad_knob_value_keeps_the_dialog_with_one_line_and_a_good_one_acts(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.hold()
        await visitor.press("k")
        assert isinstance(visitor.app.screen, Knobs)
        for typed, said in (
            ("999", "rate = 999 is out of range. It goes from 0 to 100"),
            ("fast", "rate is a number, got 'fast'. Write rate = 1.0"),
            ("[1", "cannot read the value '[1'."),
        ):
            visitor.app.screen.query_one(Input).value = typed
            await visitor.press("enter")
            assert isinstance(visitor.app.screen, Knobs)
            assert said in str(visitor.app.screen.query_one(".said", Static).render())
        assert visitor.stage.knobs["rate"].value == 1.0
        visitor.app.screen.query_one(Input).value = "0.5"
        await visitor.press("enter")
        assert isinstance(visitor.app.screen, Theatre)
        await visitor.until(lambda: any(turn.value == 0.5 for turn in visitor.stage.lane.plan.turns))
        assert "rate" in visitor.text


async def test_a_knob_is_chosen_with_the_arrows_and_escape_leaves_all_as_it_is(visit: Visit) -> None:
    async with visit(size=(80, 24)) as visitor:
        await visitor.hold()
        await visitor.press("k")
        names = [name for name, knob in visitor.stage.knobs.items() if knob.param.kind not in ("picture", "points")]
        names.sort(key=lambda name: not visitor.stage.knobs[name].live)  # what acts at once comes first
        assert visitor.app.screen.query_one(OptionList).option_count == len(names)
        await visitor.press("down", "down")
        told = str(visitor.app.screen.query_one(".help", Static).render())
        knob = visitor.stage.knobs[names[2]]
        assert told.startswith(f"{names[2]} = ")
        assert all(choice in told for choice in knob.param.choices)
        before = {name: knob.value for name, knob in visitor.stage.knobs.items()}
        await visitor.press("escape")
        assert {name: knob.value for name, knob in visitor.stage.knobs.items()} == before


async def test_fork_keeps_the_old_future_as_a_ghost(visit: Visit) -> None:
    async with visit("perceptron/xor") as visitor:
        await visitor.hold()
        await visitor.press("f")
        assert isinstance(visitor.app.screen, Knobs)
        visitor.app.screen.query_one(Input).value = "2"
        await visitor.press("enter")
        await visitor.until(lambda: visitor.stage.lane.ghost is not None and visitor.stage.lane.catch_up is None)
        await visitor.press("c")
        assert not visitor.stage.lane.show_ghost


async def test_search_finds_by_any_word_and_opens(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.press("slash")
        assert isinstance(visitor.app.screen, Search)
        await visitor.press(*"margin")
        options = visitor.app.screen.query_one(OptionList)
        assert options.option_count == 1
        await visitor.press(*"zzz")
        assert options.get_option_at_index(0).disabled
        await visitor.press("enter")
        assert isinstance(visitor.app.screen, Search)
        await visitor.press("backspace", "backspace", "backspace", "enter")
        await visitor.until(lambda: visitor.lesson == "perceptron/margin")


async def test_home_and_back(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.press("h")
        home = visitor.app.screen
        assert isinstance(home, Home)
        assert "▸ " in visitor.text
        await visitor.press("question_mark")
        await visitor.press("escape")
        await visitor.press("home", "right", "right", "right", "enter")
        assert "Nothing was played in these years" in visitor.text
        await visitor.press("home", "down", "enter")
        await visitor.until(lambda: visitor.lesson == "perceptron/margin")
        await visitor.press("escape")
        assert isinstance(visitor.app.screen, Home)


async def test_a_click_opens_a_lesson_at_home(visit: Visit) -> None:
    async with visit() as visitor:
        await visitor.press("h")
        await visitor.until(lambda: "XOR: is there" in visitor.text)
        row = next(row for row, line in enumerate(visitor.text.splitlines()) if "XOR: is there" in line)
        await visitor.pilot.click(offset=(8, row))
        await visitor.until(lambda: visitor.lesson == "perceptron/xor")


@pytest.mark.parametrize(("key", "status"), [("q", 0), ("ctrl+q", 0), ("ctrl+c", CANCELLED)])
@pytest.mark.parametrize("where", ["theatre", "home", "knobs"])
async def test_leaving(visit: Visit, key: str, status: int, where: str) -> None:
    async with visit() as visitor:
        stage = visitor.stage
        if where == "home":
            await visitor.press("h")
        elif where == "knobs":
            await visitor.hold()
            await visitor.press("k")
        await visitor.press(key)
        if (where, key) == ("knobs", "q"):
            assert visitor.app.screen.query_one(Input).value == "q", "there it is a letter that is typed"
            await visitor.press("escape", "q")
        await visitor.until(lambda: not visitor.app.is_running or visitor.app.return_value is not None)
        assert visitor.app.return_value == status
    assert stage._closed, "the child is stopped"


async def test_ctrl_z_leads_to_the_shell_from_anywhere(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[object] = []
    monkeypatch.setattr(WalkthroughApp, "action_suspend_process", lambda app: stopped.append(app.screen))
    async with visit() as visitor:
        await visitor.hold()
        await visitor.press("ctrl+z", "k", "ctrl+z", "escape", "h", "ctrl+z")
        assert [type(screen) for screen in stopped] == [Theatre, Knobs, Home]


@pytest.mark.parametrize("key", ["k", "f", "slash", "question_mark"])
async def test_a_key_right_behind_the_one_that_leaves_does_no_harm(visit: Visit, key: str) -> None:
    async with visit() as visitor:
        await visitor.hold()
        for one in ("q", key):  # both are there before the program looks
            visitor.app.post_message(events.Key(one, {"slash": "/", "question_mark": "?"}.get(one, one)))
        await visitor.until(lambda: not visitor.app.is_running or visitor.app.return_value is not None)
        assert visitor.app.return_value == 0


async def test_another_size_is_another_picture(visit: Visit) -> None:
    async with visit(size=(120, 40)) as visitor:
        await visitor.hold()
        for size in ((80, 24), (200, 60), (79, 23), (80, 24)):
            await visitor.pilot.resize_terminal(*size)
            await visitor.until(lambda size=size: (visitor.painted.grid.columns, visitor.painted.grid.rows) == size)  # type: ignore[misc]
            assert ("please make it larger" in visitor.text) == (size == (79, 23))


async def test_a_run_that_nobody_can_see_waits(visit: Visit, tmp_path: Path) -> None:
    lesson = tmp_path / "long.toml"
    run = 'id = "a"\nera = "perceptron_1957"\ndataset = "xor"\nconfig = { steps = 100000 }\n'
    lesson.write_text(f'title = "Long"\n[play]\nspeed = 64.0\n[[run]]\n{run}')
    async with visit(str(lesson)) as visitor:
        head = visitor.stage.lane.playhead
        await visitor.until(lambda: head.tick > 1)
        await visitor.press("question_mark")
        here = head.tick
        await visitor.pilot.pause(0.15)
        assert (head.tick, visitor.stage.status.state) == (here, "playing")
        await visitor.press("escape")
        await visitor.until(lambda: head.tick > here)
        await visitor.pilot.resize_terminal(60, 20)
        here = head.tick
        await visitor.pilot.pause(0.15)
        assert (head.tick, visitor.stage.status.state) == (here, "playing")


async def test_drawing_a_point_by_keyboard_turns_the_knob(visit: Visit) -> None:
    async with visit("perceptron/margin") as visitor:
        await visitor.hold()
        await visitor.press("e")
        assert "space set" in visitor.text
        await visitor.press("right", "right", "up", "o")
        await visitor.until(lambda: visitor.stage.knobs["points"].value is not None)
        points = visitor.stage.knobs["points"].value
        assert len(points) == 11
        assert points[-1][2] == -1
        await visitor.until(lambda: sum(line.count("o") for line in plane(visitor)) == 6)
        await visitor.press("backspace")
        await visitor.until(lambda: len(visitor.stage.knobs["points"].value) == 10)
        await visitor.press("enter")
        assert "space set" not in visitor.text


async def test_drawing_by_mouse_adds_a_point_and_the_other_button_takes_it_away(visit: Visit) -> None:
    async with visit("perceptron/margin", size=(120, 40)) as visitor:
        await visitor.hold()
        box = next(spot.box for spot in visitor.painted.grid.spots if getattr(spot.mark, "edit", None) is not None)
        place = (int(box.x) + 3, int(box.y) + 2)
        await visitor.pilot.click(offset=place)
        await visitor.until(lambda: visitor.stage.knobs["points"].value is not None)
        assert len(visitor.stage.knobs["points"].value) == 11
        await visitor.until(lambda: sum(line.count("+") for line in plane(visitor)) == 6)
        slot = next(slot for slot in visitor.painted.slots if slot.panel.id == "plane")
        row, column = next((r, line.index("+")) for r, line in enumerate(plane(visitor)) if "+" in line)
        await visitor.pilot.click(offset=(slot.x + 1 + column, slot.y + 1 + row), button=3)
        await visitor.until(lambda: len(visitor.stage.knobs["points"].value) == 10)


async def test_drawing_on_the_retina_toggles_a_photocell(visit: Visit) -> None:
    async with visit("perceptron/mark-i-bars") as visitor:
        await visitor.hold()
        await visitor.press("e")
        await visitor.press("space")
        await visitor.until(lambda: visitor.stage.knobs["retina"].value is not None)
        picture = visitor.stage.knobs["retina"].value
        assert len(picture) == 20
        assert {cell for row in picture for cell in row} <= {0.0, 1.0}


async def test_a_killed_child_is_one_readable_panel_and_r_starts_again(visit: Visit) -> None:
    async with visit("perceptron/xor", process=True) as visitor:
        await visitor.hold()
        pictures = {slot.panel.id for slot in visitor.painted.slots} - {"story"}
        pid = visitor.stage._runner.pid  # type: ignore[union-attr]
        os.kill(pid, signal.SIGKILL)
        await visitor.until(lambda: visitor.stage.status.state == "failed")
        await visitor.until(lambda: "the run stopped" in visitor.text)
        panel = next(slot for slot in visitor.painted.slots if slot.panel.id == "failure")
        rows = visitor.text.splitlines()[panel.y + 1 : panel.y + panel.height - 1]
        said = " ".join(" ".join(row[panel.x + 1 : panel.x + panel.width - 1] for row in rows).split())
        assert "has ended unexpectedly (killed by signal 9). Press r to start it again" in said
        assert "Traceback" not in said
        assert "r restart" in visitor.text
        assert pictures & {slot.panel.id for slot in visitor.painted.slots}, "the last picture is still there"
        await visitor.press("r")
        await visitor.until(lambda: visitor.stage.status.state == "playing" and visitor.stage.lane.playhead.tick > 1)
        assert "the run stopped" not in visitor.text


async def test_a_recording_is_shown_and_cannot_be_changed(
    visit: Visit, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "x.nnh"
    assert call(capsys, "run", "perceptron/xor", "--record", str(file)).status == 0
    async with visit(replay=str(file)) as visitor:
        await visitor.until(lambda: visitor.theatre.painted is not None)
        assert "recording" in visitor.text.splitlines()[0]
        await visitor.press("k")
        assert isinstance(visitor.app.screen, Theatre)
        assert "a recording cannot be changed" in visitor.text
        await visitor.press("e")
        assert "space set" not in visitor.text
        assert visitor.app.progress.last == ""


async def test_a_lesson_that_cannot_be_opened_says_why_at_home(visit: Visit, tmp_path: Path) -> None:
    bad = tmp_path / "bad.toml"
    bad.write_text('title = "x"\n[[run]]\nid = "a"\nera = "perceptron_1958"\ndataset = "or"\n')
    async with visit("nowhere") as visitor:
        assert isinstance(visitor.app.screen, Home)
        visitor.app.push_screen(Theatre(bad))
        await visitor.until(lambda: isinstance(visitor.app.screen, Home) and "bad.toml" in visitor.text)
        assert isinstance(visitor.app.screen, Home)
        assert "did you mean" in visitor.text.lower() or "perceptron_1957" in visitor.text


async def test_clicks_on_keys_time_line_and_titles(visit: Visit) -> None:
    async with visit("perceptron/xor", size=(120, 40)) as visitor:
        await visitor.until(lambda: visitor.stage.lane.started)
        box = next(box for box, action in visitor.painted.targets if action == "play_pause")
        state = visitor.stage.status.state
        await visitor.pilot.click(offset=(int(box.x) + 1, int(box.y)))
        await visitor.until(lambda: visitor.stage.status.state != state)
        await visitor.hold()
        bar = next(box for box, action in visitor.painted.targets if action == "seek")
        await visitor.pilot.click(offset=(int(bar.x), int(bar.y)))
        await visitor.until(lambda: visitor.stage.lane.playhead.tick == 0)
        slot = visitor.painted.slots[1]
        await visitor.pilot.click(offset=(slot.x + 4, slot.y))
        await visitor.until(lambda: visitor.theatre.view.zoom)
        assert visitor.painted.focus is not None
        assert visitor.painted.focus.id == slot.panel.id
        await visitor.pilot.click(offset=(4, 1))
        await visitor.until(lambda: not visitor.theatre.view.zoom)


async def test_pointing_says_what_lies_there(visit: Visit) -> None:
    async with visit("perceptron/xor", size=(120, 40)) as visitor:
        await visitor.hold()
        grid = visitor.painted.grid
        row, column = next(
            (r, line.index("+")) for r, line in enumerate(grid.lines()) if "+" in line and 0 < r < 30
        )  # fmt: skip
        await visitor.pilot.hover(offset=(column, row))
        await visitor.until(lambda: visitor.theatre.view.pointed)
        assert visitor.theatre.view.pointed[:20] in visitor.text


async def test_what_is_saved_lies_in_the_folder_one_is_in(visit: Visit, tmp_path: Path) -> None:
    async with visit("perceptron/xor") as visitor:
        await visitor.hold()
        await visitor.press("s")
        assert (tmp_path / "perceptron-xor-1.toml").is_file()
        await visitor.press("S")
        assert (tmp_path / "perceptron-xor-1.png").is_file()
        assert "saved as" in visitor.text
        await visitor.press("s")
        assert (tmp_path / "perceptron-xor-2.toml").is_file()


async def test_light_zoom_next_picture_and_xray(visit: Visit) -> None:
    async with visit("perceptron/xor", size=(80, 24)) as visitor:
        await visitor.hold()
        dark = visitor.app.look.palette.dark
        await visitor.press("t")
        assert visitor.app.look.palette.dark != dark
        first = visitor.painted.focus
        await visitor.press("v")
        assert visitor.painted.focus is not None
        assert first is not None
        assert visitor.painted.focus.id != first.id
        await visitor.press("z")
        assert len(visitor.painted.slots) == 1
        await visitor.press("escape")
        assert len(visitor.painted.slots) > 1
        await visitor.press("x")
        assert "xray" in {slot.panel.id for slot in visitor.painted.slots}
        await visitor.press("escape")
        assert isinstance(visitor.app.screen, Theatre)


async def test_without_motion_nothing_moves_by_itself(visit: Visit) -> None:
    async with visit(motion=False) as visitor:
        await visitor.until(lambda: visitor.stage.lane.started)
        tick = visitor.stage.lane.playhead.tick
        await visitor.pilot.pause(0.4)
        assert visitor.stage.lane.playhead.tick == tick
        assert "nothing moves by itself" in visitor.text
        await visitor.press("right")
        await visitor.until(lambda: visitor.stage.lane.playhead.tick == tick + 1)


async def test_plain_shows_sentences(visit: Visit) -> None:
    async with visit(plain=True) as visitor:
        await visitor.hold()
        focus = visitor.painted.focus
        assert focus is not None
        flat = " ".join(visitor.text.replace("│", " ").split())
        assert focus.sentence.split(".")[0][:20] in flat


async def test_no_colour_means_none(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with visit() as visitor:
        await visitor.hold()
        assert visitor.app.look.mode == "mono"
        assert (visitor.painted.grid.fg == NO_COLOUR).all()


@pytest.mark.parametrize("colours", ["none", "sixteen"])
async def test_the_chosen_line_of_a_dialog_is_seen_with_few_colours(
    visit: Visit, monkeypatch: pytest.MonkeyPatch, colours: str
) -> None:
    if colours == "none":
        monkeypatch.setenv("NO_COLOR", "1")
    else:
        monkeypatch.delenv("COLORTERM")
        monkeypatch.setenv("TERM", "xterm")
    async with visit() as visitor:
        assert visitor.app.look.mode == {"none": "mono", "sixteen": "ansi16"}[colours]
        await visitor.press("slash")
        options = visitor.app.screen.query_one(OptionList)
        chosen, other = (options.get_component_styles(f"option-list--option{state}") for state in ("-highlighted", ""))
        if colours == "none":
            assert chosen.text_style.underline
            assert not other.text_style.underline
        else:
            assert chosen.background != other.background


async def test_progress_that_cannot_be_kept_is_told_at_home(visit: Visit, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("")
    async with visit(progress=Progress.load(blocked / "progress.json"), size=(120, 30)) as visitor:
        await visitor.press("h")
        assert "your progress is not kept" in visitor.text


async def test_all_commands_are_in_the_palette(visit: Visit) -> None:
    async with visit() as visitor:
        titles = [command.title for command in visitor.app.get_system_commands(visitor.app.screen)]
        assert "faster (+)" in titles
        assert "lesson: XOR: is there a line?" in titles
        assert len(titles) == len(set(titles))


async def test_a_study_fills_its_table_and_turns_no_knobs(visit: Visit) -> None:
    async with visit("perceptron/capacity") as visitor:
        await visitor.until(lambda: visitor.stage.status.step > 0)
        await visitor.press("k")
        assert isinstance(visitor.app.screen, Theatre)
        assert "this is a study" in visitor.text
        await visitor.press("e")
        assert "nothing here to draw on" in visitor.text


def test_an_unknown_palette_is_refused_before_anything_opens() -> None:
    with pytest.raises(BadInput, match='no palette "okabe"'):
        run_walkthrough(palette="okabe")


async def test_what_is_remembered_is_a_small_file_of_our_own(visit: Visit, tmp_path: Path) -> None:
    async with visit() as visitor:
        await visitor.until(lambda: visitor.stage.lane.started)
    stored = json.loads((tmp_path / "state" / "progress.json").read_text())
    assert stored == {"format": 1, "last": "perceptron/or", "seen": [], "understood": []}


async def test_a_dialog_about_the_picture_leaves_it_in_view_where_there_is_room(visit: Visit) -> None:
    async with visit("perceptron/xor", size=(120, 40)) as visitor:
        await visitor.hold()
        before = visitor.painted.order
        for key in ("f", "question_mark", "y", "k"):
            await visitor.press(key)
            dialog = visitor.app.screen
            assert isinstance(dialog, Sheet)
            box = dialog.query_one(Vertical).region
            assert (box.x, box.y, box.right, box.bottom) == (0, 24, 120, 40)
            assert (visitor.painted.grid.columns, visitor.painted.grid.rows) == (120, 24), "the whole picture above it"
            assert visitor.painted.order == before
            assert "? help" not in visitor.theatre_text, "the keys are the dialog's now"
            if key != "k":
                await visitor.press("escape")
                assert visitor.painted.grid.rows == 40
        await visitor.pilot.resize_terminal(200, 30)
        await visitor.until(lambda: visitor.painted.grid.columns == 122)
        box = dialog.query_one(Vertical).region
        assert (box.x, box.y, box.right, box.bottom) == (122, 0, 200, 30)
        await visitor.pilot.resize_terminal(80, 24)
        await visitor.until(lambda: visitor.painted.grid.columns == 80)
        assert dialog.query_one(Vertical).region.width == 76, "here it lies over the picture"


def test_where_a_dialog_lies() -> None:
    for columns, rows in itertools.product((40, 80, 100, 139, 140, 200), (20, 24, 35, 36, 60)):
        place = place_of(columns, rows)
        wide, high = place.picture
        if place.where == "over":
            assert (wide, high) == (columns, rows)
            assert columns < 140 or rows < 24
            assert columns < 80 or rows < 36
        else:
            assert wide >= 80
            assert high >= 24
            assert (wide + place.columns, high) == (columns, rows) or (wide, high + place.rows) == (columns, rows)
