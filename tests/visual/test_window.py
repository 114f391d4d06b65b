"""The window driven by keys and mouse: what each does, and that the picture follows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pygame
import pytest

from nnhistory.core.numbers import plain, signed
from nnhistory.core.scene import Table
from nnhistory.draw.boxes import Box
from nnhistory.draw.pixels import draw_panel, scale_for
from nnhistory.draw.shapes import TextShape
from nnhistory.draw.spots import Found, PlacesSpot, Spot, hit
from nnhistory.engine.actions import ACTIONS
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import load, loads
from nnhistory.visual import picture
from nnhistory.visual.keys import key_name
from nnhistory.visual.painter import measure
from nnhistory.visual.picture import LEAST
from tests.visual.helpers import Hand

Open = Callable[..., Hand]

KEYS = [
    (pygame.K_SPACE, 0, " ", "space"), (pygame.K_LEFT, pygame.KMOD_SHIFT, "", "shift+left"),
    (pygame.K_LEFT, 0, "", "left"), (pygame.K_RIGHT, 0, "", "right"),
    (pygame.K_RIGHT, pygame.KMOD_LSHIFT, "", "shift+right"),
    (pygame.K_TAB, pygame.KMOD_SHIFT, "\t", "shift+tab"), (pygame.K_TAB, 0, "\t", "tab"),
    (pygame.K_HOME, 0, "", "home"), (pygame.K_END, 0, "", "end"), (pygame.K_RETURN, 0, "\r", "return"),
    (pygame.K_KP_ENTER, 0, "\r", "return"), (pygame.K_ESCAPE, 0, "\x1b", "escape"), (pygame.K_F11, 0, "", "f11"),
    (pygame.K_c, pygame.KMOD_CTRL, "\x03", "ctrl+c"), (pygame.K_c, 0, "c", "c"), (pygame.K_r, 0, "r", "r"),
    (pygame.K_r, pygame.KMOD_SHIFT, "R", "R"), (pygame.K_d, pygame.KMOD_SHIFT, "D", "D"),
    (pygame.K_PLUS, 0, "+", "plus"),
    (pygame.K_EQUALS, 0, "=", "equals_sign"), (pygame.K_MINUS, 0, "-", "minus"), (pygame.K_SLASH, 0, "/", "slash"),
    (pygame.K_SLASH, pygame.KMOD_SHIFT, "?", "question_mark"), (pygame.K_7, pygame.KMOD_SHIFT, "/", "slash"),
    (pygame.K_5, 0, "5", "5"), (pygame.K_LSHIFT, pygame.KMOD_SHIFT, "", ""),
]  # fmt: skip


@pytest.mark.parametrize(("key", "mod", "text", "name"), KEYS)
def test_key_names(key: int, mod: int, text: str, name: str) -> None:
    assert key_name(key, mod, text) == name


def test_every_action_has_a_key_that_the_window_understands() -> None:
    made = {name for *_, name in KEYS} | set("abcdefghijklmnopqrstuvwxyzDRS123456789")
    assert {key for action in ACTIONS for key in action.keys} <= made


# -- keys ---------------------------------------------------------------------------------------------------------


def test_space_steps_and_ends(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 2)
    hand.key(pygame.K_SPACE, " ")
    assert hand.stage.status.state == "paused"
    at = hand.stage.lane.playhead.tick
    hand.key(pygame.K_RIGHT)
    hand.until(lambda: hand.stage.lane.playhead.tick == at + 1)
    hand.key(pygame.K_LEFT)
    assert hand.stage.lane.playhead.tick == at
    hand.key(pygame.K_RIGHT, mod=pygame.KMOD_SHIFT)
    hand.until(lambda: hand.stage.lane.playhead.tick == at + 10)
    hand.keys("shift+left")
    assert hand.stage.lane.playhead.tick == at
    hand.end()
    assert hand.stage.status.state == "done"
    hand.keys("home")
    assert hand.stage.lane.playhead.tick == 0
    hand.keys("n")
    assert hand.stage.lane.frame.events
    hand.keys("p")
    assert "no event before" in hand.message


def test_speed_restart_and_seed(opened: Open) -> None:
    hand = opened("perceptron/or")
    speed = hand.stage.lane.playhead.speed
    hand.keys("plus")
    assert hand.stage.lane.playhead.speed > speed
    faster = hand.stage.lane.playhead.speed
    hand.keys("equals_sign")
    assert hand.stage.lane.playhead.speed == 2 * faster
    hand.keys("minus")
    assert hand.stage.lane.playhead.speed == faster
    hand.end()
    hand.keys("r")
    assert hand.stage.lane.playhead.tick <= 2
    seed = hand.stage.lane.plan.seed
    hand.keys("R")
    assert hand.stage.lane.plan.seed == seed + 1


def test_runs_beside_one_another(opened: Open) -> None:
    hand = opened("perceptron/margin")
    hand.keys("tab")
    assert hand.stage.selected == 1
    hand.keys("shift+tab")
    assert hand.stage.selected == 0
    one = len(hand.painted.slots)
    hand.keys("c")
    assert hand.message == "two runs side by side; c: more"
    assert sum(panel.id == "plane" for panel, _ in hand.painted.slots) + len(hand.painted.slots) != one
    titles = {getattr(shape, "text", "") for shape in hand.painted.drawing.shapes}
    assert {lane.title for lane in hand.stage.lanes[:2]} <= titles
    hand.keys("c")
    assert hand.message == "3 runs side by side; c: more"
    assert {"runs", "story"} <= set(hand.panels())
    hand.keys("c")
    assert hand.message == "4 runs side by side; c: one alone"
    hand.keys("c")
    assert hand.message == "one run"
    assert "runs" not in hand.panels()


def test_views(opened: Open) -> None:
    hand = opened("perceptron/xor", (1920, 1080))
    hand.end()
    assert "xray" not in hand.panels()
    hand.keys("x")
    assert "xray" in hand.panels()
    assert "step" not in hand.panels()
    hand.keys("escape")
    assert "xray" not in hand.panels()
    first = hand.painted.focus
    assert first is not None
    hand.keys("v")
    assert hand.painted.focus is not None
    assert hand.painted.focus.id != first.id
    hand.keys("z")
    assert [panel for panel in hand.panels() if panel in ("plane", "weights")] == [hand.painted.focus.id]
    hand.keys("z")
    assert {"plane", "weights"} <= set(hand.panels())
    paper = hand.pixels()[1, 1]
    hand.keys("t")
    assert (hand.pixels()[1, 1] != paper).all()


def test_the_story_is_turned_like_pages(opened: Open) -> None:
    hand = opened("perceptron/xor", (800, 600))
    hand.end()
    assert hand.painted.pages > 1

    def words() -> str:
        box = next(box for panel, box in hand.painted.slots if panel.id == "story")
        part = next(part for part in hand.painted.parts if part.box == box)
        return " ".join(getattr(shape, "text", "") for shape in part.drawing.shapes)

    before = words()
    hand.keys("return")
    assert words() != before
    hand.keys(*["return"] * (hand.painted.pages - 1))
    assert words() == before


def test_a_wager(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.until(lambda: hand.stage.story.question is not None and hand.stage.status.state == "paused")
    hand.keys("9")
    assert "answers" in hand.message
    right = 3
    hand.keys(str(right))
    assert hand.stage.story.chosen == right - 1
    assert hand.message.startswith("you say")
    hand.end()
    hand.until(lambda: hand.stage.story.answer is not None or hand.stage.status.state == "done")
    for tick in range(hand.stage.lane.recording.frames[-1].tick + 1):
        hand.stage.lane.playhead.seek(tick, hand.stage.lane.recording)
        if hand.stage.story.answer is not None:
            break
    assert hand.stage.story.answer == (right - 1,)
    hand.window.paint()
    assert hand.stage.id in hand.window.progress.understood


def test_saving(opened: Open) -> None:
    hand = opened("perceptron/or", (800, 600))
    hand.keys("S")
    assert hand.message == "saved as perceptron-or-1.png"
    assert pygame.image.load("perceptron-or-1.png").get_size() == (800, 600)
    hand.keys("S", "s")
    assert Path("perceptron-or-2.png").exists()
    assert hand.message == "saved as perceptron-or-1.toml"
    assert load(Path("perceptron-or-1.toml")).scenario.run[0].era == "perceptron_1957"


def test_full_screen_and_resizing(opened: Open) -> None:
    hand = opened("perceptron/or", (1280, 720))
    hand.keys("f11")
    hand.keys("f11")
    pygame.display.set_mode((900, 640), pygame.RESIZABLE)
    hand.window.handle(pygame.event.Event(pygame.VIDEORESIZE, size=(900, 640), w=900, h=640))
    hand.tick()
    assert hand.window.surface.get_size() == (900, 640)
    assert max(part.box.right for part in hand.painted.parts) == pytest.approx(900)


@pytest.mark.parametrize(("event", "status"), [
    (pygame.event.Event(pygame.QUIT), 0),
    (pygame.event.Event(pygame.KEYDOWN, key=pygame.K_q, mod=0, unicode="q"), 0),
    (pygame.event.Event(pygame.KEYDOWN, key=pygame.K_c, mod=pygame.KMOD_CTRL, unicode="\x03"), 130),
], ids=["close", "q", "ctrl+c"])  # fmt: skip
def test_leaving(opened: Open, event: pygame.event.Event, status: int) -> None:
    hand = opened("perceptron/or", (800, 600))
    pygame.event.post(event)
    assert hand.window.run() == status


def test_no_motion(opened: Open) -> None:
    hand = opened("perceptron/or", motion=False)
    hand.tick(20)
    assert hand.stage.lane.playhead.tick == 0
    assert "nothing moves by itself" in hand.message
    hand.keys("right")
    hand.until(lambda: hand.stage.lane.playhead.tick == 1)


def test_a_note_goes_away(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("space", "plus")
    assert hand.message
    hand.tick(160)
    assert hand.message == ""


def test_an_unchanged_picture_is_not_painted_again(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("space")
    hand.tick(200)
    assert not hand.window.tick(hand.now + 0.01)


def test_only_what_changed_is_painted_and_it_looks_the_same(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars")
    hand.tick(40)
    hand.keys("space")
    hand.tick(200)
    before = hand.pixels()
    hand.window._painter.forget()
    hand.window.paint()
    np.testing.assert_array_equal(hand.pixels(), before)
    hand.keys("question_mark")
    assert (hand.pixels() != before).any()
    hand.keys("escape")
    np.testing.assert_array_equal(hand.pixels(), before)


@pytest.mark.parametrize("size", [(500, 400), (1000, 420), (300, 700)])
def test_in_a_window_that_is_too_small_all_is_there_and_can_be_clicked(opened: Open, size: tuple[int, int]) -> None:
    hand = opened("perceptron/xor")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    pygame.display.set_mode(size, pygame.RESIZABLE)
    hand.window.handle(pygame.event.Event(pygame.VIDEORESIZE, size=size, w=size[0], h=size[1]))
    hand.tick()
    shown, page = pygame.display.get_surface().get_size(), hand.window.surface.get_size()
    assert shown == size
    assert page[0] >= LEAST[0]
    assert page[1] >= LEAST[1]
    box = next(target.box for target in hand.painted.targets if target.action == "xray")
    assert box.bottom <= page[1]
    at = ((box.x + 0.5 * box.width) * size[0] / page[0], (box.y + 0.5 * box.height) * size[1] / page[1])
    low = pygame.surfarray.array3d(pygame.display.get_surface())[:, round(at[1]) - 4 : round(at[1]) + 5]
    assert low.std() > 3, "the keys are in sight"
    hand.click(*at)
    assert hand.window.view.xray
    pygame.display.set_mode((1280, 720), pygame.RESIZABLE)
    hand.window.handle(pygame.event.Event(pygame.VIDEORESIZE, size=(1280, 720), w=1280, h=720))
    hand.tick()
    assert hand.window.surface is pygame.display.get_surface()


SMALL_STUDY = """\
title = "Which rate?"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "or"
config = { steps = 40 }
[study]
over = { rate = [0.5, 1.0] }
seeds = 2
x = "rate"
y = "mistakes"
[[chapter]]
title = "Your wager"
text = "Two rates."
[chapter.question]
ask = "Does the rate matter here?"
[[chapter.question.options]]
text = "Yes"
expect = { metric = "train_error", over = "seeds", stat = "mean", where = { rate = 0.5 }, op = ">", value = 0.0 }
[[chapter.question.options]]
text = "No"
expect = { metric = "train_error", over = "seeds", stat = "mean", where = { rate = 0.5 }, op = "==", value = 0.0 }
"""


def test_a_study_that_is_done_waits_for_the_wager_of_a_slow_reader(opened: Open, tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(SMALL_STUDY)
    for key in ("2", "n"):
        hand = opened(str(tmp_path / "small.toml"))
        assert hand.stage.study is not None
        hand.until(lambda hand=hand: hand.stage.study.done)
        hand.tick(3)
        assert hand.stage.story.question is not None
        assert hand.stage.story.answer is None, "nobody has wagered yet"
        said = " ".join(shape.text for shape in hand.painted.drawing.shapes if isinstance(shape, TextShape))
        assert "or n for" in said
        hand.keys(key)
        assert hand.stage.story.answer == (1,)
        assert hand.stage.story.chosen == (1 if key == "2" else None)
        hand.keys("1")
        assert hand.message == "this is settled already"


# -- the mouse ------------------------------------------------------------------------------------------------------


def test_hovering_says_what_it_is(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    hand.keys("space")
    box = hand.spot("retina")
    hand.move(box.x + box.width / 2, box.y + box.height / 2)
    assert hand.window.view.note.startswith("retina: row 11, column 11: ")
    assert "Draw here" in hand.window.view.note
    hand.move(2, 2)
    assert hand.window.view.note == ""


def test_what_a_key_does_is_told_though_the_pointer_rests_on_a_picture(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    hand.keys("space")

    def told() -> set[str]:
        return {shape.text for shape in hand.painted.drawing.shapes if isinstance(shape, TextShape)}

    spot = next(spot for spot in hand.painted.drawing.spots if type(spot.mark).__name__ == "Points")
    x, y = spot.xy[0]  # type: ignore[union-attr]
    hand.move(float(x), float(y))
    note = hand.window.view.note
    assert note in told()
    hand.keys("S")
    assert hand.message.startswith("saved as ")
    assert hand.message in told()
    assert note not in told()
    hand.move(2, 2)
    hand.move(float(x), float(y))
    assert note in told(), "one points at something else: that is newer than the message"
    hand.window.handle(pygame.event.Event(pygame.WINDOWLEAVE))
    hand.tick()
    assert hand.message in told(), "the pointer is gone"


def test_what_lies_under_a_pointer_that_rests_is_told_as_it_is_now(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    hand.keys("space")
    area = next(spot.box for spot in hand.painted.drawing.spots if type(spot.mark).__name__ == "Points")
    at = (area.x + 0.5 * area.width, area.y + 0.5 * area.height)
    hand.click(*at)
    hand.until(lambda: len(hand.stage.lane.recording.array("data/x", hand.stage.lane.playhead.tick)) == 5)
    hand.tick(2)
    assert "wants +1" in hand.window.view.note
    hand.keys("u")
    hand.until(lambda: len(hand.stage.lane.recording.array("data/x", hand.stage.lane.playhead.tick)) == 4)
    hand.tick(2)
    assert "wants" not in hand.window.view.note, "the point is gone"


def test_under_a_pointer_that_rests_only_a_new_picture_is_looked_up(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def counted(spots: Sequence[Spot], x: float, y: float) -> Found | None:
        asked.append(len(spots))
        return hit(spots, x, y)

    monkeypatch.setattr(picture, "hit", counted)
    hand = opened("perceptron/mark-i-bars")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    hand.keys("space")
    box = hand.spot("retina")
    hand.move(box.x + box.width / 2, box.y + box.height / 2)
    hand.keys("right")
    asked.clear()
    for _ in range(5):
        hand.window.paint()
    assert asked == [], "nothing has changed"
    note = hand.window.view.note
    for _ in range(12):
        hand.keys("right")
    assert 0 < len(asked) <= 12
    assert max(asked) < len(hand.painted.drawing.spots), "and only in the picture under it"
    assert note.startswith("retina: row 11, column 11: ")


def test_the_time_line(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.end()
    rail = next(target.box for target in hand.painted.targets if target.action == "seek")
    before = hand.pixels()
    hand.move(rail.x + rail.width / 2, rail.y + rail.height / 2)
    over = (hand.pixels() != before).any(axis=2)
    assert over.sum() > 3000, "a small picture stands over the time line"
    hand.click(rail.x + rail.width / 2, rail.y + rail.height / 2)
    last = hand.stage.lane.recording.frames[-1].tick
    assert hand.stage.lane.playhead.tick == round(last / 2)
    hand.move(2, 2)
    hand.end()
    np.testing.assert_array_equal(hand.pixels()[:, :600], before[:, :600])


def test_the_keys_below_can_be_clicked(opened: Open) -> None:
    hand = opened("perceptron/or")
    places = {target.action: target.box for target in hand.painted.targets}
    hand.click(places["xray"].x + 3, places["xray"].y + 5)
    assert hand.window.view.xray
    hand.click(places["help"].x + 3, places["help"].y + 5)
    assert hand.window.overlay is not None


def test_a_click_on_a_weight_opens_the_xray(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars", (1920, 1080))
    box = hand.spot("weight of A1")
    hand.click(box.x + box.width / 2, box.y + box.height / 2)
    assert hand.window.view.xray


def test_drawing_on_the_retina(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 6)
    hand.keys("space")

    def at(row: int, column: int) -> tuple[float, float]:
        box = hand.spot("retina")  # a new chapter may put it elsewhere
        return box.x + (column + 0.5) * box.width / 20, box.y + (row + 0.5) * box.height / 20

    value = hand.stage.lane.frame.arrays["input"].reshape(20, 20)[2, 3]
    hand.down(*at(2, 3))
    for column in range(4, 17):
        hand.move(*at(2, column))
    shown = next(mark for panel, _ in hand.painted.slots for mark in panel.marks if mark.name == "retina")
    assert (shown.values == hand.stage.lane.frame.arrays["input"].reshape(20, 20)).all()  # type: ignore[attr-defined]
    light = hand.pixels()[round(at(2, 9)[0]), round(at(2, 9)[1])].mean()
    assert (light > 128) is (value == 0), "what is drawn is seen at once"
    assert hand.stage.lane.plan.turns == (), "the run hears of it when the hand lets go"
    hand.up()
    drawn = np.array(hand.stage.lane.plan.turns[-1].value)
    assert (drawn[2, 3:17] == 1.0 - value).all(), "one stroke sets all it touches to the same"
    # The run is held, but goes on until it has looked at the picture.
    hand.until(lambda: hand.stage.lane.frame.scalars.get("by_hand"))
    assert (hand.stage.lane.frame.arrays["input"].reshape(20, 20) == drawn).all()
    at_answer = hand.stage.lane.playhead.tick
    hand.tick(20)
    assert hand.stage.lane.playhead.tick == at_answer
    assert hand.stage.status.state == "paused"
    # A second stroke adds to the first.
    hand.down(*at(10, 10))
    hand.up()
    hand.until(lambda: hand.stage.lane.playhead.tick > at_answer and hand.stage.lane.frame.scalars.get("by_hand"))
    again = hand.stage.lane.frame.arrays["input"].reshape(20, 20)
    assert (again[2] == drawn[2]).all()
    assert (again != drawn).sum() == 1
    hand.click(*at(10, 10), button=3)
    hand.until(lambda: hand.stage.lane.frame.scalars.get("by_hand") and not hand.stage.lane.frame.arrays["input"].any())


def test_the_machine_learns_from_a_drawn_picture_only_if_told_what_it_is(opened: Open) -> None:
    for label in (None, "1"):
        hand = opened("perceptron/mark-i-bars", size=(800, 600))
        hand.until(lambda hand=hand: hand.stage.lane.playhead.tick >= 2)
        if label is not None:
            assert "retina_label" in hand.stage.turn("retina_label", int(label))
            hand.tick(10)
        hand.keys("space")
        box = hand.spot("retina")
        hand.click(box.x + box.width / 2, box.y + box.height / 2)
        hand.keys("space")

        def frames(hand: Hand = hand) -> list[object]:
            return [frame for frame in hand.stage.lane.recording.frames if frame.scalars.get("by_hand")]

        hand.until(frames)
        frame = frames()[0]
        assert bool(frame.arrays["target"].any()) is (label is not None)  # type: ignore[attr-defined]


def test_e_shows_large_what_can_be_drawn_on(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 2)
    before = hand.spot("retina").width
    hand.keys("e")
    assert hand.spot("retina").width > 1.5 * before
    assert "with the mouse" in hand.message
    assert hand.stage.status.state == "paused"
    hand.keys("z")
    assert hand.spot("retina").width == before
    hand.window.open("perceptron/parity")
    hand.until(lambda: hand.stage.lane.started)
    hand.keys("e")
    assert "nothing here to draw on" in hand.message


def test_points_are_added_moved_and_taken_away(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 3)
    hand.keys("space")

    def points() -> list[list[float]]:
        turns = [turn for turn in hand.stage.lane.plan.turns if turn.knob == "points"]
        return turns[-1].value if turns else []

    def box():  # type: ignore[no-untyped-def]
        return next(spot.box for spot in hand.painted.drawing.spots if type(spot.mark).__name__ == "Points")

    def trained_on(count: int) -> None:
        hand.until(lambda: len(hand.stage.lane.recording.array("data/x", hand.stage.lane.playhead.tick)) == count)
        assert hand.stage.status.state in ("paused", "done")

    area = box()
    hand.click(area.x + 0.5 * area.width, area.y + 0.5 * area.height)
    assert len(points()) == 5
    assert points()[-1][2] == 1
    trained_on(5)
    area = box()
    hand.click(area.x + 0.4 * area.width, area.y + 0.6 * area.height, button=3)
    assert points()[-1][2] == -1
    trained_on(6)
    area = box()
    hand.down(area.x + 0.4 * area.width, area.y + 0.6 * area.height)
    hand.move(area.x + 0.3 * area.width, area.y + 0.7 * area.height)
    x, y, label = hand.window.view.drawn.value[-1]
    assert hand.window.view.note == f"({plain(x)}, {plain(y)}) wants {signed(label)}", "also while it is dragged"
    hand.up()
    low, high = hand.stage.lane.frame.arrays["input"], points()[-1]
    assert len(points()) == 6
    assert high[0] < 0, low
    hand.tick(5)
    area = box()
    hand.click(area.x + 0.5 * area.width, area.y + 0.5 * area.height, button=3)
    assert len(points()) == 5


# -- overlays -------------------------------------------------------------------------------------------------------


def test_help(opened: Open) -> None:
    hand = opened("perceptron/or", (800, 600))
    hand.keys("question_mark")
    assert hand.window.overlay is not None
    assert "Now:" in " ".join(line.text for mark in hand.window.overlay.panel().marks for line in mark.lines)  # type: ignore[attr-defined]
    hand.keys("space")
    assert hand.window.overlay is None


def test_knobs(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 2)
    hand.keys("space", "k")
    overlay = hand.window.overlay
    assert overlay is not None

    def marked() -> str:
        table = overlay.panel().marks[0]
        return str(table.rows[table.ring[0]][0])  # type: ignore[attr-defined]

    while marked() != "rate":
        hand.keys("down")
    for wrong, said in (("-5", "rate"), ("often", "rate"), ("1e9", "rate")):
        hand.type(wrong)
        hand.keys("return")
        assert hand.window.overlay is overlay, "a bad value keeps the overlay open"
        text = " ".join(line.text for line in overlay.panel().marks[1].lines)  # type: ignore[attr-defined]
        assert said in text
        hand.keys(*["backspace"] * len(wrong))
    hand.type("0.25")
    hand.keys("return")
    assert hand.window.overlay is None
    assert "0.25" in hand.message
    hand.keys("space")
    hand.until(lambda: hand.stage.knobs["rate"].value == 0.25)


def test_fork(opened: Open) -> None:
    hand = opened("perceptron/xor")
    hand.end()
    hand.keys("home", "shift+right", "f")
    overlay = hand.window.overlay
    assert overlay is not None
    assert "fork at step" in overlay.panel().title
    table = overlay.panel().marks[0]
    names = [row[0] for row in table.rows]  # type: ignore[attr-defined]
    hand.keys(*["down"] * names.index("rate"))
    hand.type("0.5")
    hand.keys("return")
    assert hand.stage.lane.ghost is not None
    hand.until(lambda: hand.stage.lane.catch_up is None)
    hand.keys("c")
    assert "hidden" in hand.message


def test_search_and_open(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("slash")
    hand.type("is there a line")
    hand.keys("return")
    assert hand.stage.id == "perceptron/xor"
    assert hand.window.overlay is None
    hand.keys("slash")
    hand.type("zzzz")
    hand.keys("return")
    assert hand.window.overlay is not None
    hand.keys("escape")
    assert hand.window.overlay is None


def test_another_lesson_opens_while_the_last_one_is_still_ending(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = opened("perceptron/or")
    before, may_end, ended = hand.stage, threading.Event(), threading.Event()

    def close() -> None:
        assert may_end.wait(10)
        type(before).close(before)
        ended.set()

    monkeypatch.setattr(before, "close", close)
    hand.window.open("perceptron/xor")
    assert not may_end.is_set()
    hand.tick()
    assert (hand.stage.id, ended.is_set()) == ("perceptron/xor", False)
    may_end.set()
    assert ended.wait(10)
    assert before._closed


def test_the_notes_are_an_index_of_lessons(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("m")
    topics = hand.window.overlay
    assert topics is not None
    assert "Bottleneck features" in topics.panel().sentence
    for _ in range(2):
        hand.window.handle(pygame.event.Event(pygame.MOUSEWHEEL, y=-1, x=0))  # the wheel goes down the list
    assert "Fine-tuning" in topics.panel().sentence
    hand.keys("end", "down")
    assert "often told" in topics.panel().sentence  # the last row is the end of the list
    hand.keys("home", "right", "up", "return")
    assert hand.window.overlay is None
    assert hand.stage.id == topics.panel().marks[0].rows[9][2]
    hand.keys("m", "escape")
    assert hand.window.overlay is None
    hand.keys("m")
    row = next(spot for spot in hand.window._overlay_spots if isinstance(spot.mark, Table) and spot.index == 2)
    hand.click(row.box.x + 5, row.box.y + 5)
    assert hand.stage.id == "workshop/transfer"


def test_home(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.end()
    hand.keys("h")
    home = hand.window.overlay
    assert home is not None
    rows = next(mark for mark in home.panel().marks if type(mark).__name__ == "Table").rows  # type: ignore[attr-defined]
    assert ("●" in [row[0] for row in rows]) or ("◆" in [row[0] for row in rows])
    hand.keys("down", "up", "right", "left", "return")
    assert hand.window.overlay is None
    hand.keys("escape", "q")
    assert hand.window._status == 0


# -- studies, recordings, failures ------------------------------------------------------------------------------------


def test_a_study(opened: Open) -> None:
    hand = opened("perceptron/capacity")
    for key in ("space", "right", "k", "f", "x", "c", "v", "z", "tab", "S"):
        hand.keys(key)
        assert hand.window.overlay is None
    assert hand.panels()


def test_a_recording(opened: Open, tmp_path: Path) -> None:
    from nnhistory.engine.perform import perform
    from nnhistory.engine.registry import Registry

    perform(load("perceptron/xor"), Registry(), record=tmp_path / "x.nnh")
    hand = opened(Stage.replay(tmp_path / "x.nnh"))
    hand.keys("end")
    assert hand.stage.status.state == "done"
    box = next(spot.box for spot in hand.painted.drawing.spots if type(spot.mark).__name__ == "Points")
    hand.click(box.x + box.width / 2, box.y + box.height / 2)
    assert "cannot be changed" in hand.message
    hand.keys("home", "n", "s", "x")
    assert hand.stage.lane.frame.events


def test_a_run_that_breaks(opened: Open) -> None:
    toys = Path(__file__).resolve().parent.parent / "toys"
    from nnhistory.engine.registry import Registry

    text = 'title = "Toy"\n[[run]]\nid = "a"\nera = "toy_1900"\ndataset = "or"\nconfig = { fail_at = 5 }\n'
    stage = Stage.open(loads(text, Path("toy.toml")), registry=Registry([toys]), inline=True)
    hand = opened(stage)
    hand.keys("end")
    hand.until(lambda: hand.stage.status.state == "failed")
    assert hand.panels()[0] == "failure"
    assert len(hand.panels()) > 1, "the last picture is still there"
    hand.keys("r")
    assert hand.stage.status.state != "failed"


def test_search_can_be_clicked(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("slash")
    hand.type("is there a line")
    hand.tick()
    row = next(spot for spot in hand.window._overlay_spots if isinstance(spot.mark, Table) and spot.box.height > 5)
    hand.click(row.box.x + 20, row.box.y + 5)
    assert hand.stage.id == "perceptron/xor"


def test_home_can_be_clicked(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("h")

    def lamp(name: str) -> tuple[float, float]:
        spot = next(s for s in hand.window._overlay_spots if s.mark.name == name and isinstance(s, PlacesSpot))
        return float(spot.xy[0, 0]), float(spot.xy[0, 1])

    hand.click(*lamp("Backpropagation"))
    row = next(spot for spot in hand.window._overlay_spots if isinstance(spot.mark, Table))
    hand.click(row.box.x + 20, row.box.y + 5)
    assert hand.stage.id == "backprop/xor"
    hand.keys("h")
    hand.click(2, 2)
    assert hand.window.overlay is None, "a click beside it closes it"


def test_a_click_chooses_a_knob(opened: Open) -> None:
    hand = opened("perceptron/or")
    hand.keys("k")
    overlay = hand.window.overlay
    assert overlay is not None
    rows = [spot for spot in hand.window._overlay_spots if isinstance(spot.mark, Table)]
    hand.click(rows[2].box.x + 20, rows[2].box.y + 5)
    assert hand.window.overlay is overlay
    assert overlay.panel().marks[0].ring == (2,)  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [(800, 600), (1280, 720)], ids=str)
def test_help_is_not_cut(opened: Open, size: tuple[int, int]) -> None:
    hand = opened("adaline/knobby", size)
    hand.keys("question_mark")
    assert hand.window.overlay is not None
    box = Box(0, 0, size[0] * hand.window.overlay.size[0], size[1] * hand.window.overlay.size[1])
    shapes = draw_panel(hand.window.overlay.panel(), box, hand.window.view.palette, measure,
                        scale=scale_for(*size)).shapes  # fmt: skip
    said = " ".join(shape.text for shape in shapes if isinstance(shape, TextShape))
    assert "q quit" in said
    assert "…" not in said


# -- teaching by hand -----------------------------------------------------------------------------------------------


def test_a_click_on_a_lamp_teaches_what_is_on_the_retina(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 6)
    hand.keys("e")
    assert "lamps" in hand.panels(), "the answer is in sight while one draws"
    box = hand.spot("retina")
    hand.click(box.x + box.width / 2, box.y + box.height / 2, button=3)
    box = hand.spot("retina")
    hand.down(box.x + 0.52 * box.width, box.y + 0.2 * box.height)
    for share in (0.3, 0.4, 0.5, 0.6, 0.7):
        hand.move(box.x + 0.52 * box.width, box.y + share * box.height)
    hand.up()
    hand.until(lambda: hand.stage.lane.frame.scalars.get("by_hand"))
    drawn = hand.stage.lane.frame.arrays["input"].copy()
    assert not hand.stage.lane.frame.arrays["target"].any(), "nobody has said yet what it is"
    for button, wanted in ((1, 1.0), (3, -1.0)):
        at = hand.stage.lane.playhead.tick
        lamp = next(spot for spot in hand.painted.drawing.spots if spot.mark.name == "response unit")
        hand.click(float(lamp.xy[0, 0]), float(lamp.xy[0, 1]), button=button)  # type: ignore[union-attr]
        hand.until(lambda at=at: hand.stage.lane.playhead.tick > at and hand.stage.lane.frame.scalars.get("by_hand"))
        assert (hand.stage.lane.frame.arrays["input"] == drawn).all()
        assert hand.stage.lane.frame.arrays["target"].tolist() == [wanted]


def test_the_wheel_turns_a_knob(opened: Open) -> None:
    hand = opened("adaline/knobby")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 4)
    hand.keys("space")
    box = hand.spot("knob w2")
    hand.move(box.x + box.width / 4, box.y + box.height / 2)
    hand.window.handle(pygame.event.Event(pygame.MOUSEWHEEL, x=0, y=1))
    hand.tick()
    assert hand.message.startswith("w2 is now 0.0"), "a notch is a whole stroke"
    assert hand.stage.lane.plan.turns[-1].knob == "w2"


# -- what is asked stands in sight ----------------------------------------------------------------------------------


def test_a_question_is_seen_at_once(opened: Open) -> None:
    hand = opened("perceptron/mark-i-bars", (800, 600))
    hand.until(lambda: hand.stage.story.question is not None and hand.stage.status.state == "paused", 60)
    hand.tick()
    assert hand.painted.pages == 1
    story = next(panel for panel, _ in hand.painted.slots if panel.id == "story")
    assert hand.stage.story.question is not None
    assert hand.stage.story.question in story.sentence


@pytest.mark.parametrize("keys", [(), ("x",)], ids=["story", "with the x-ray"])
def test_no_sentence_of_the_story_is_cut(opened: Open, keys: tuple[str, ...]) -> None:
    hand = opened("madaline/xor", (800, 600))
    hand.end()
    hand.keys(*keys)
    said = ""
    for _ in range(hand.painted.pages):
        box = next(box for panel, box in hand.painted.slots if panel.id == "story")
        part = next(part for part in hand.painted.parts if part.box == box)
        texts = [shape.text for shape in part.drawing.shapes if isinstance(shape, TextShape)][1:]
        said += " " + " ".join(text for text in texts if "⏎" not in text)
        hand.keys("return")
    assert "…" not in said
    words = " ".join(said.split())
    for sentence in (hand.stage.story.text, hand.stage.story.reply):
        assert " ".join(sentence.split()) in words


def test_what_has_no_room_is_counted_at_its_key(opened: Open) -> None:
    hand = opened("backprop/depth-cliff")
    hand.until(lambda: hand.stage.lane.playhead.tick >= 1)
    assert hand.painted.folded > 0
    texts = [shape.text for shape in hand.painted.drawing.shapes if isinstance(shape, TextShape)]
    assert f"next picture (+{hand.painted.folded})" in texts
