"""The theatre's single rows: where we are, the time line, the message, the keys."""

from __future__ import annotations

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.cells_canvas import Canvas
from nnhistory.draw.grid import BOLD
from nnhistory.draw.words import shorten, text_width
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Status, Tick
from nnhistory.scenario.schema import say

__all__ = ["draw_header", "draw_keys", "draw_message", "draw_timeline"]

_STATES = {
    "starting": "… starting", "playing": "▶ playing", "paused": "‖ paused", "done": "■ at the end",
    "failed": "✗ stopped", "cancelled": "✗ cancelled",
}  # fmt: skip

_KEYS: tuple[tuple[str, str, str], ...] = (
    ("space", "play", "play_pause"), ("←→", "step", "step"), ("n", "next ◆", "next_event"), ("?", "help", "help"),
    ("q", "quit", "quit"), ("x", "X-ray", "xray"), ("k", "knobs", "knobs"), ("v", "next picture", "view"),
    ("h", "home", "home"), ("f", "fork", "fork"), ("c", "compare", "compare"), ("tab", "next run", "next_lane"),
    ("z", "zoom", "zoom"), ("+−", "speed", "faster"), ("r", "restart", "restart"), ("R", "other seed", "reseed"),
    ("/", "search", "search"),
)  # fmt: skip


def draw_header(canvas: Canvas, stage: Stage) -> None:
    """`1957  Perceptron · XOR` to the left; state, speed and step to the right."""
    lane, status = stage.lane, stage.status
    right = _state_text(stage, status)
    room = canvas.grid.columns - text_width(right) - 2
    year = f"{lane.era.year}  "
    canvas.put(0, 0, year, "attention", style=BOLD)
    title = f"{lane.era.title} · {say(stage.scenario.title, stage.lang)}"
    if len(stage.lanes) > 1 and stage.study is None:
        title += f" · {lane.title} ({stage.selected + 1}/{len(stage.lanes)})"
    canvas.put(text_width(year), 0, shorten(title, room - text_width(year)), "ink", style=BOLD)
    canvas.put(canvas.grid.columns - text_width(right), 0, right, "error" if status.state == "failed" else "muted")


def _state_text(stage: Stage, status: Status) -> str:
    state = _STATES[status.state]
    if stage.study is not None:
        return f"{state}  {status.step}/{status.planned} runs"
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
    for column in range(1, wide - 1):
        char, role = ("━", "positive") if column < here else ("═", "muted") if column <= ready else ("┄", "neutral")
        canvas.put(column, row, char, role)  # type: ignore[arg-type]
    for tick in line.ghost_ticks:
        canvas.put(1 + round(tick.place * last), row, "◇", "muted")
    for tick in line.ticks:
        char, role = _tick_look(tick)
        canvas.put(1 + round(tick.place * last), row, char, role, style=BOLD)
    on_tick = any(1 + round(tick.place * last) == here for tick in line.ticks)
    if not on_tick:
        canvas.put(here, row, "●", "attention", style=BOLD)
    else:
        canvas.grid.bg[row, here] = canvas.ink("attention", 0.4)
    return Box(1, row, wide - 2, 1)


def draw_message(canvas: Canvas, stage: Stage, row: int, pointed: str, folded: list[str]) -> None:
    """What is pointed at, else what was just done, else what happened last; progress of long work before it."""
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
    also = f"v: {' · '.join(folded)}" if folded else ""
    room = wide - column
    canvas.put(column, row, shorten(text, room), role)  # type: ignore[arg-type]
    used = column + text_width(shorten(text, room))
    if also and wide - used > 16:
        also = shorten(also, wide - used - 2)
        canvas.put(wide - text_width(also), row, also, "muted")


def _message(stage: Stage, status: Status, pointed: str) -> tuple[str, str]:
    if pointed:
        return pointed, "ink"
    if status.message:
        return status.message, "attention"
    place = stage.timeline.place
    before = [tick for tick in stage.timeline.ticks if tick.place <= place + 1e-9]
    if before and stage.study is None:
        tick = before[-1]
        return f"{_tick_look(tick)[0]} step {plain(tick.event.step)}: {tick.text}", _tick_look(tick)[1]
    return "", "ink"


def draw_keys(canvas: Canvas, stage: Stage, row: int, more: bool) -> list[tuple[Box, str]]:
    """As many keys as there is room for, those everybody needs first. Returns where they can be clicked."""
    keys = [("⏎", "more", "more")] if more else []
    story = stage.story
    if story.question is not None and story.answer is None:
        keys.append((f"1-{len(story.options)}", "wager", ""))
    runs = len(stage.lanes) > 1 and stage.study is None
    compare = runs or stage.lane.ghost is not None
    keys += [
        key for key in _KEYS if not (key[2] == "next_lane" and not runs) and not (key[2] == "compare" and not compare)
    ]
    if stage.study is not None:
        keys = [key for key in keys if key[2] not in ("step", "next_event", "xray", "fork", "faster", "knobs")]
    places: list[tuple[Box, str]] = []
    column = 0
    for key, label, action in keys:
        if action == "play_pause" and stage.status.state == "playing":
            label = "pause"
        wide = text_width(key) + 1 + text_width(label)
        if column + wide > canvas.grid.columns:
            continue
        canvas.put(column, row, key, "attention", style=BOLD)
        canvas.put(column + text_width(key) + 1, row, label, "muted")
        if action:
            places.append((Box(column, row, wide, 1), action))
        column += wide + 2
    return places
