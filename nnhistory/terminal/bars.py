"""The theatre's single rows: where we are, the time line, the message, the keys."""

from __future__ import annotations

from typing import Literal, NamedTuple

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.grid import BOLD, REVERSE
from nnhistory.draw.words import shorten, text_width
from nnhistory.engine.relay import RelayShow
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Status, Tick
from nnhistory.scenario.schema import say

__all__ = ["Shows", "draw_header", "draw_keys", "draw_message", "draw_timeline"]

_STATES = {
    "starting": "… starting", "playing": "▶ playing", "paused": "‖ paused", "done": "■ at the end",
    "failed": "✗ stopped", "cancelled": "✗ cancelled",
}  # fmt: skip

_KEYS: tuple[tuple[str, str, str], ...] = (
    ("space", "play", "play_pause"), ("←→", "step", "step"), ("n", "next ◆", "next_event"), ("?", "help", "help"),
    ("q", "quit", "quit"), ("tab", "next run", "next_lane"), ("h", "home", "home"), ("z", "zoom", "zoom"),
    ("v", "next picture", "view"), ("x", "X-ray", "xray"), ("k", "knobs", "knobs"), ("c", "compare", "compare"),
    ("e", "draw", "draw"), ("f", "fork", "fork"), ("+−", "speed", "faster"), ("r", "restart", "restart"),
    ("R", "other seed", "reseed"), ("/", "search", "search"), ("t", "light", "light"),
    ("s", "save", "save_scenario"), ("^p", "all", "palette"),
)  # fmt: skip
_HANDS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "draw": (
        ("←↑↓→", "move", ""), ("space", "set", ""), ("o", "other label", ""), ("backspace", "remove", ""),
        ("⏎", "done", "draw"), ("?", "help", "help"), ("q", "quit", "quit"),
    ),
    "dials": (
        ("←→", "choose", ""), ("↑↓", "turn", ""), ("space", "play", "play_pause"), ("⏎", "done", "draw"),
        ("?", "help", "help"), ("q", "quit", "quit"),
    ),
}  # fmt: skip
_NOT_IN_STUDIES = ("step", "next_event", "xray", "fork", "faster", "knobs", "save_scenario")
_LEAST_LESSON = 8
"""Columns of the lesson's title that still say which it is."""


class Shows(NamedTuple):
    """What is on the screen, as far as it decides which keys are named."""

    pages: bool
    """The story has another page."""
    cut: bool
    """Something found too little room, or none."""
    zoom: bool
    drawable: bool
    hands: Literal["", "draw", "dials"]
    """What the hands do, if anything."""


def draw_header(canvas: Canvas, stage: Stage, *, replay: bool = False) -> None:
    """`1957  Perceptron · XOR` to the left; state, speed and step to the right."""
    lane, status = stage.lane, stage.status
    right = ("recording  " if replay else "") + _state_text(stage, status)
    room = canvas.grid.columns - text_width(right) - 2
    relay = stage.scores
    year = f"{lane.era.year}  " if relay is None else ""
    canvas.put(0, 0, year, "attention", style=BOLD)
    title = _title(stage, room - text_width(year)) if relay is None else _board_title(stage, relay, room)
    canvas.put(text_width(year), 0, title, "ink", style=BOLD)
    canvas.put(canvas.grid.columns - text_width(right), 0, right, "error" if status.state == "failed" else "muted")


def _board_title(stage: Stage, relay: RelayShow, room: int) -> str:
    """The lesson and the task; where that is too long, the task alone, which says more."""
    lesson, task = say(stage.scenario.title, stage.lang), say(relay.relay.task, stage.lang)
    both = f"{lesson}. {task}"
    return both if text_width(both) <= room else shorten(task, room)


def _title(stage: Stage, room: int) -> str:
    """Era, lesson and run; where that is too long, less and less of it, the run's own title last."""
    era, lesson = stage.lane.era.title, say(stage.scenario.title, stage.lang)
    short = lesson.partition(":")[0]
    if len(stage.lanes) < 2 or stage.board is not None:
        which = f" · {stage.lane.changed}" if stage.lane.changed and stage.board is None else ""
        choices = [f"{era} · {lesson}{which}", f"{lesson}{which}", f"{short}{which}"]
    else:
        run, number = stage.lane.title, f"{stage.selected + 1}/{len(stage.lanes)}"
        which = f"{run} ({number})"
        rest = room - text_width(which) - 3
        choices = [
            f"{era} · {lesson} · {which}", f"{lesson} · {which}", f"{short} · {which}",
            f"{shorten(short, rest)} · {which}" if rest >= _LEAST_LESSON else which,
            f"{number} {shorten(run, max(8, room - text_width(number) - 1))}",
        ]  # fmt: skip
    return next((text for text in choices if text_width(text) <= room), shorten(choices[-1], room))


def _state_text(stage: Stage, status: Status) -> str:
    state = _STATES[status.state]
    if status.counts:
        return f"{state}  {status.step}/{status.planned} {status.counts}"
    speed = f" ×{plain(status.speed)}/s" if status.state == "playing" else ""
    planned = f"/{plain(status.planned)}" if status.planned else ""
    return f"{state}{speed}  step {plain(status.step)}{planned}"


def _tick_look(tick: Tick) -> tuple[str, Role]:
    if tick.event.is_break:
        return "◆", "error"
    if tick.event.kind == "converged":
        return "✓", "good"
    return ("▲", "attention") if tick.event.kind == "turned" else ("•", "ink")


def draw_timeline(canvas: Canvas, stage: Stage, row: int) -> Box:
    """`├──●──◆══┤`: played, computed, and still to come; events on it. Returns where it can be clicked."""
    line = stage.timeline
    wide = canvas.grid.columns
    last = wide - 3
    here, ready = 1 + round(line.place * last), 1 + round(line.ready * last)
    canvas.put(0, row, "├", "muted")
    canvas.put(wide - 1, row, "┤", "muted")
    ready = max(here - 1, ready)
    canvas.put(1, row, "━" * (here - 1), "positive")
    canvas.put(here, row, "═" * (ready - here + 1), "muted")
    canvas.put(ready + 1, row, "┄" * (last + 1 - ready), "neutral")
    for tick in line.ghost_ticks:
        canvas.put(1 + round(tick.place * last), row, "◇", "muted")
    for tick in line.ticks:
        char, role = _tick_look(tick)
        canvas.put(1 + round(tick.place * last), row, char, role, style=BOLD)
    on_tick = any(1 + round(tick.place * last) == here for tick in line.ticks)
    if not on_tick:
        canvas.put(here, row, "●", "attention", style=BOLD)
    else:
        canvas.grid.style[row, here] = BOLD | REVERSE
    return Box(1, row, wide - 2, 1)


def draw_message(
    canvas: Canvas, stage: Stage, row: int, pointed: str, folded: list[str], *, asked: bool = True
) -> None:
    """What is pointed at, else what was just done, else what happened last; progress of long work before it.

    asked : the wager stands elsewhere. If not, it stands here until there is something else to say.
    """
    status, wide = stage.status, canvas.grid.columns
    column = 0
    if status.progress is not None:
        cells = 16
        full = round(status.progress * cells)
        column = canvas.put(0, row, "computing ", "attention")
        column = canvas.put(column, row, "█" * full, "attention")
        column = canvas.put(column, row, "░" * (cells - full), "muted")
        column = canvas.put(column, row, f" {plain(100 * status.progress, 2)} %  space stops  ", "ink")
    text, role = _message(stage, status, pointed)
    if not text and not asked and stage.relay is not None:
        text = stage.relay.wager
    room = wide - column
    canvas.put(column, row, shorten(text, room), role)  # type: ignore[arg-type]
    used = column + text_width(shorten(text, room))
    also = _also(folded, wide - used - 2)
    canvas.put(wide - text_width(also), row, also, "muted")


def _also(folded: list[str], room: int) -> str:
    """Which pictures found no room: their names, or as many as can be named, or how many there are."""
    names = [title.partition(":")[0] for title in folded]
    for shown in range(len(names), -1, -1):
        rest = len(names) - shown
        text = f"also (v): {' · '.join([*names[:shown], *([f'{rest} more'] if rest else [])])}"
        if names and text_width(text) <= room:
            return text
    return ""


def _message(stage: Stage, status: Status, pointed: str) -> tuple[str, str]:
    if pointed:
        return pointed, "ink"
    if status.message:
        return status.message, "attention"
    tick = stage.timeline.latest
    if tick is not None and stage.board is None:
        return f"{_tick_look(tick)[0]} step {plain(tick.event.step)}: {tick.text}", _tick_look(tick)[1]
    return "", "ink"


def _keys(stage: Stage, shows: Shows) -> list[tuple[str, str, str]]:
    """(key, what it does now, action), those first that matter most now."""
    if shows.hands:
        return list(_HANDS[shows.hands])
    state, story = stage.status.state, stage.story
    if stage.scores is not None:
        return stage.scores.keys()
    keys = [("⏎", "more", "more")] if shows.pages else []
    if story.question is not None and story.answer is None:
        keys.append((f"1-{len(story.options)}", "wager", ""))
    if state == "failed":
        keys.append(("r", "restart", "restart"))
    runs = len(stage.lanes) > 1 and stage.study is None
    left_out = set() if stage.study is None else set(_NOT_IN_STUDIES)
    left_out |= set() if runs else {"next_lane"}
    left_out |= set() if runs or stage.lane.ghost is not None else {"compare"}
    left_out |= set() if shows.drawable else {"draw"}
    left_out |= {action for _, _, action in keys}
    if stage.study is not None and state == "done":
        left_out.add("play_pause")
    labels = {
        "play_pause": {"playing": "pause", "done": "again"}.get(state, "play"),
        "zoom": "all pictures" if shows.zoom else "zoom",
    }
    rest = [(key, labels.get(action, label), action) for key, label, action in _KEYS if action not in left_out]
    # Looking closer is needed early where something found no room, and late where all is in sight.
    closer = [one for one in rest if one[2] in ("zoom", "view")]
    rest = [one for one in rest if one not in closer]
    if shows.cut or shows.zoom:
        return keys + rest[:2] + closer[:1] + rest[2:5] + closer[1:] + rest[5:]
    return keys + rest + closer


def draw_keys(canvas: Canvas, stage: Stage, row: int, shows: Shows) -> list[tuple[Box, str]]:
    """As many keys as there is room for, those everybody needs first. Returns where they can be clicked."""
    places: list[tuple[Box, str]] = []
    column = 0
    for key, label, action in _keys(stage, shows):
        wide = text_width(key) + 1 + text_width(label)
        if column + wide > canvas.grid.columns:
            continue
        canvas.put(column, row, key, "attention", style=BOLD)
        canvas.put(column + text_width(key) + 1, row, label, "muted")
        if action:
            places.append((Box(column, row, wide, 1), action))
        column += wide + 2
    return places
