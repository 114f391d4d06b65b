"""Home: a time line that says what is done and what comes later, and nothing that is not there yet."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from nnhistory.draw.grid import NO_COLOUR, REVERSE, Grid
from nnhistory.draw.palette import MODES, Look, Mode, palette
from nnhistory.engine.progress import Progress
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import Head, Stop, heads, walkthrough
from nnhistory.scenario.schema import say
from nnhistory.terminal.home_picture import HomeView, lesson_sign, paint_home, stop_sign

STOPS = walkthrough()
HEADS = {head.id: head for head in heads()}
TOLD = {stop.era: Registry().manifest(stop.era).history for stop in STOPS if stop.era}


def view(mode: Mode = "truecolor", **chosen: object) -> HomeView:
    return HomeView(Look(palette(), mode), **chosen)  # type: ignore[arg-type]


def home(columns: int = 80, rows: int = 24, *, progress: Progress | None = None, **chosen: object) -> Grid:
    return paint_home(STOPS, HEADS, TOLD, progress or Progress(), columns, rows, view(**chosen))[0]  # type: ignore[arg-type]


def text(grid: Grid) -> str:
    return "\n".join(grid.lines())


@pytest.mark.parametrize("size", [(80, 24), (100, 30), (120, 40), (200, 60)])
@pytest.mark.parametrize("mode", MODES)
def test_every_stop_can_be_chosen_and_read(size: tuple[int, int], mode: Mode) -> None:
    for index, stop in enumerate(STOPS):
        grid = home(*size, mode=mode, stop=index)
        shown = text(grid)
        flat = " ".join(shown.split())
        title = say(stop.title, "en")
        for other in STOPS:
            assert say(other.title, "en") in shown, "names on the time line run into each other"
            assert str(other.year) in shown
        assert f"{title}" in grid.text(8)
        for part in (say(stop.line, "en"), say(stop.broke, "en") if stop.broke else ""):
            assert " ".join(part.split()) in flat.replace("◆ ", "").replace("  ", " ")
        assert "quit" in grid.text(size[1] - 1)
        if mode == "mono":
            assert (grid.fg == NO_COLOUR).all()


def test_every_lesson_is_there_and_a_winter_has_none() -> None:
    for index, stop in enumerate(STOPS):
        assert set(stop.scenarios) <= set(HEADS)
        assert bool(stop.scenarios) == (stop.kind == "era")
        if stop.kind == "winter":
            assert f"{stop.year} to {stop.until}" in home(stop=index).text(8)
    assert home().text(3).count("░") > 10


def test_signs_say_what_was_done() -> None:
    stop = next(stop for stop in STOPS if stop.kind == "era")
    name = stop.scenarios[0]
    for progress, sign in (
        (Progress(), "○"), (Progress(seen={name}), "●"), (Progress(seen={name}, understood={name}), "◆"),
    ):  # fmt: skip
        assert stop_sign(stop, progress)[0] == sign
        assert lesson_sign(name, progress)[0] == sign
        row = next(line for line in home(progress=progress).lines() if HEADS[name].title in line)
        assert row.strip().startswith(f"▸ {sign}")
    assert "1 of" in home(progress=Progress(seen={name})).text(0)


def test_the_chosen_stop_is_marked_without_colour() -> None:
    places = [index for index, stop in enumerate(STOPS) if stop.kind != "winter"]
    marked = [{int(c) for c in (home(mode="mono", stop=k).style[3] & REVERSE).nonzero()[0]} for k in places]
    assert all(len(columns) == 1 for columns in marked)
    assert len({min(columns) for columns in marked}) == len(places)


def many(count: int) -> tuple[list[Stop], dict[str, Head]]:
    """A walkthrough with one era of many lessons."""
    found = {
        f"era/{k}": Head(f"era/{k}", f"Lesson number {k}", 1990, [], 1.0, f"What {k} is about.", Path("x"))
        for k in range(count)
    }
    return [Stop(1990, "Era", line="What it believed.", scenarios=list(found))], found


def test_lessons_that_find_no_room_are_counted_and_come_when_chosen() -> None:
    stops, found = many(40)
    for lesson in (0, 20, 39):
        grid, places = paint_home(stops, found, {}, Progress(), 80, 24, view(lesson=lesson))
        shown = text(grid)
        assert f"▸ ○ Lesson number {lesson}" in shown
        assert f"What {lesson} is about." in shown
        assert ("↑" in shown.replace("↑↓", "")) == (lesson > 5)
        assert "more" in shown
        boxes = {index: box for box, kind, index in places if kind == "lesson"}
        assert f"Lesson number {lesson}" in grid.text(int(boxes[lesson].y))
    stops, found = many(3)
    assert "more" not in text(paint_home(stops, found, {}, Progress(), 80, 24, view())[0])


def test_what_has_to_be_said_stands_before_the_summary() -> None:
    assert HEADS[STOPS[0].scenarios[0]].summary[:40] in text(home())
    assert "Nothing here." in text(home(note="Nothing here."))
    progress = Progress()
    progress.note = "your progress is not kept: /x cannot be written (Read-only file system)"
    assert "not kept" in text(home(progress=progress))


def test_what_is_often_told_is_shown_where_there_is_room_and_never_cut() -> None:
    statements = [one for one in TOLD[STOPS[0].era] if one.popular]
    tall = " ".join(text(home(120, 60)).split())
    for one in statements:
        assert one.popular in tall
        assert " ".join(one.text.split()) in tall
    shown = " ".join(text(home(120, 30)).split())
    for one in statements:
        assert (one.popular in shown) == (" ".join(one.text.split())[-30:] in shown)


def test_too_small_is_said_politely() -> None:
    for size in ((79, 24), (80, 23), (10, 3), (0, 0)):
        grid = home(*size)
        assert (grid.columns, grid.rows) == size
    assert "please make it larger" in text(home(79, 23))


def test_places_to_click_lie_where_the_names_are() -> None:
    grid, places = paint_home(STOPS, HEADS, TOLD, Progress(), 100, 30, view())
    for box, kind, index in places:
        assert box.right <= 100
        assert box.bottom <= 30
        if kind == "stop" and box.y >= 4:
            shown = grid.text(int(box.y))[int(box.x) : int(box.right)]
            assert shown == say(STOPS[index].title, "en")
    assert {index for _, kind, index in places if kind == "stop"} == set(range(len(STOPS)))


def test_the_view_is_only_what_is_chosen() -> None:
    assert {field.name for field in dataclasses.fields(HomeView)} == {"look", "stop", "lesson", "note", "lang"}
