"""The window's rows above and below the pictures: where we are, the time line, the message, the keys."""

from __future__ import annotations

from nnhistory.core.numbers import plain
from nnhistory.core.scene import Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.pixel_canvas import Canvas
from nnhistory.engine.stage import Stage
from nnhistory.engine.state import Status, Story, Tick, Timeline
from nnhistory.scenario.schema import say

__all__ = ["KEYS", "draw_header", "draw_keys", "draw_line", "draw_note"]

_STATES = {
    "starting": "starting", "playing": "playing", "paused": "paused", "done": "at the end", "failed": "stopped",
    "cancelled": "cancelled",
}  # fmt: skip

KEYS: tuple[tuple[str, str, str], ...] = (
    ("space", "play", "play_pause"), ("←→", "step", "step"), ("n", "next ◆", "next_event"), ("x", "X-ray", "xray"),
    ("k", "knobs", "knobs"), ("f", "fork", "fork"), ("c", "compare", "compare"), ("tab", "next run", "next_lane"),
    ("v", "next picture", "view"), ("z", "zoom", "zoom"), ("r", "restart", "restart"), ("+−", "speed", "faster"),
    ("h", "home", "home"), ("?", "help", "help"), ("q", "quit", "quit"),
)  # fmt: skip
_FIRST = ("space", "←→", "n", "?", "q", "h", "k", "x")


def draw_header(page: Canvas, stage: Stage, status: Status, box: Box) -> None:
    """Year, era and title; state, speed and step to the right."""
    s, lane = page.scale, stage.lane
    base = box.y + 30 * s
    right = _state_text(stage, status)
    size = 16 * s
    used = page.text(box.right - 4 * s, base, right, size, "error" if status.state == "failed" else "muted", anchor="r")
    _state_sign(page, status, box.right - used - 20 * s, base - 5.5 * s)
    x = box.x + 5 * s
    relay = stage.scores
    if relay is None:
        x += page.text(x, base, str(lane.era.year), 22 * s, "attention", bold=True) + 14 * s
    lesson, run = say(stage.scenario.title, stage.lang), ""
    if len(stage.lanes) > 1 and stage.board is None:
        run = f" · {lane.title} ({stage.selected + 1}/{len(stage.lanes)})"
    elif lane.changed and stage.board is None:
        run = f" · {lane.changed}"
    room = box.right - used - 36 * s - x
    titles = (
        _board_titles(lesson, say(relay.relay.task, stage.lang), s)
        if relay is not None
        else _titles(lane.era.title, lesson, run, s)
    )
    fits = [(title, size) for title, size in titles if page.width(title, size, True) <= room]
    title, size = fits[0] if fits else titles[-1]
    page.text(x, base, title, size, "ink", bold=True, room=room)


def _titles(era: str, lesson: str, run: str, s: float) -> list[tuple[str, float]]:
    """Era, lesson and run; where that is too long, less and less of it, the run last."""
    short = lesson.partition(":")[0]
    return [
        (f"{era} · {lesson}{run}", 22 * s), (lesson + run, 22 * s), (lesson + run, 18 * s), (short + run, 18 * s),
        (run.removeprefix(" · ") or lesson, 18 * s),
    ]  # fmt: skip


def _board_titles(lesson: str, task: str, s: float) -> list[tuple[str, float]]:
    """The lesson and the task; where that is too long, the task alone, which says more."""
    return [(f"{lesson}. {task}", 22 * s), (f"{lesson}. {task}", 18 * s), (task, 18 * s), (task, 16 * s)]


def _state_sign(page: Canvas, status: Status, x: float, y: float) -> None:
    """A triangle for playing, two bars for paused, a square at the end: shapes, not characters of a font."""
    s = page.scale
    colour = page.palette.colour("good" if status.state == "playing" else "muted")
    if status.state == "playing":
        page.polygon([(x, y - 6 * s), (x, y + 6 * s), (x + 10 * s, y)], colour)
    elif status.state == "paused":
        page.rect(Box(x, y - 6 * s, 3.5 * s, 12 * s), colour)
        page.rect(Box(x + 6.5 * s, y - 6 * s, 3.5 * s, 12 * s), colour)
    elif status.state == "done":
        page.rect(Box(x, y - 5 * s, 10 * s, 10 * s), colour)


def _state_text(stage: Stage, status: Status) -> str:
    if status.counts:
        return f"{_STATES[status.state]}   {status.step}/{status.planned} {status.counts}"
    speed = f" {plain(status.speed)}/s" if status.state == "playing" else ""
    planned = f"/{plain(status.planned)}" if status.planned else ""
    return f"{_STATES[status.state]}{speed}   step {plain(status.step)}{planned}"


def _tick_role(tick: Tick) -> Role:
    if tick.event.is_break:
        return "error"
    return "good" if tick.event.kind == "converged" else "attention" if tick.event.kind == "turned" else "ink"


def draw_line(page: Canvas, line: Timeline, box: Box) -> Box:
    """Played, computed, still to come; events on it. Returns where it can be clicked."""
    s = page.scale
    left, right = box.x + 10 * s, box.right - 10 * s
    y = box.y + box.height / 2
    length = right - left
    palette = page.palette
    page.stroke([(left, y), (right, y)], page.hairline(), 2 * s)
    page.stroke([(left, y), (left + line.ready * length + 1, y)], palette.colour("muted"), 3 * s)
    page.stroke([(left, y), (left + line.place * length + 1, y)], palette.colour("positive"), 5 * s)
    for tick in line.ghost_ticks:
        _diamond(page, left + tick.place * length, y, 6 * s, palette.colour("muted"), hollow=True)
    for tick in line.ticks:
        x = left + tick.place * length
        colour = palette.colour(_tick_role(tick))
        if tick.event.is_break:
            _diamond(page, x, y, 9 * s, colour, hollow=False)
        else:
            page.circle(x, y, 5 * s, fill=colour)
    x = left + line.place * length
    page.circle(x, y, 8 * s, fill=palette.line("attention"), line=palette.colour("paper"), width=2 * s)
    return Box(left, box.y, length, box.height)


def _diamond(page: Canvas, x: float, y: float, r: float, colour: tuple[int, int, int], *, hollow: bool) -> None:
    corners = [(x - r, y), (x, y - r), (x + r, y), (x, y + r)]
    if hollow:
        page.stroke([*corners, corners[0]], colour, 1.5)
    else:
        page.polygon(corners, colour)


def draw_note(page: Canvas, status: Status, latest: Tick | None, box: Box, pointed: str, hint: str = "") -> None:
    """What is pointed at, else what was just done, else the `latest` event, else `hint`; progress before it."""
    s = page.scale
    x, base, size = box.x + 6 * s, box.y + 15 * s, 15 * s
    if status.progress is not None:
        x += page.text(x, base, "computing", size, "attention") + 8 * s
        bar = Box(x, box.y + 4 * s, 140 * s, 12 * s)
        page.rect(bar, page.hairline(), 4 * s)
        page.rect(Box(bar.x, bar.y, bar.width * status.progress, bar.height), page.palette.colour("attention"), 4 * s)
        x = bar.right + 8 * s
        x += page.text(x, base, f"{plain(100 * status.progress, 2)} %, space stops", size, "muted") + 16 * s
    text, role = _note(status, latest, pointed)
    if not text and status.state != "starting":
        text, role = hint, "muted"
    if text:
        page.text(x, base, text, size, role, room=box.right - x)


def _note(status: Status, latest: Tick | None, pointed: str) -> tuple[str, Role]:
    if pointed:
        return pointed, "ink"
    if status.message:
        return status.message, "attention"
    if latest is not None:
        return f"◆ step {plain(latest.event.step)}: {latest.text}", _tick_role(latest)
    return "", "ink"


def draw_keys(
    page: Canvas, stage: Stage, status: Status, story: Story, box: Box, more: bool, folded: int = 0
) -> list[tuple[Box, str]]:
    """As many keys as there is room for, those everybody needs first. Returns where they can be clicked.

    folded : pictures that have no room now.
    """
    s, size = page.scale, 14 * page.scale
    shown: list[tuple[str, str, str]] = [("⏎", "more", "more")] if more else []
    if story.question is not None and story.answer is None:
        shown.append((f"1-{len(story.options)}", "wager", ""))
    runs = len(stage.lanes) > 1 and stage.board is None
    hidden = {"next_lane"} if not runs else set()
    if not runs and stage.lane.ghost is None:
        hidden.add("compare")
    if stage.study is not None:
        hidden |= {"play_pause", "step", "next_event", "xray", "fork", "faster", "knobs"}
    wanted = [key for key in KEYS if key[2] not in hidden]
    relay = stage.scores
    if relay is not None:
        shown, wanted = [], relay.keys()
    if folded:
        wanted = [(key[0], f"next picture (+{folded})", key[2]) if key[2] == "view" else key for key in wanted]
    room, gap = box.width, 16 * s

    def wide(key: tuple[str, str, str]) -> float:
        return page.width(key[0], size, True) + 5 * s + page.width(key[1], size) + gap

    room -= sum(map(wide, shown))
    kept = set()
    for key in sorted(wanted, key=lambda one: _FIRST.index(one[0]) if one[0] in _FIRST else len(_FIRST)):
        if wide(key) <= room:
            room -= wide(key)
            kept.add(key)
    shown += [key for key in wanted if key in kept]
    places: list[tuple[Box, str]] = []
    x, base = box.x + 6 * s, box.y + 14 * s
    for name, label, action in shown:
        if action == "play_pause" and status.state == "playing":
            label = "pause"
        start = x
        x += page.text(x, base, name, size, "attention", bold=True) + 5 * s
        x += page.text(x, base, label, size, "muted")
        if action:
            places.append((Box(start, box.y, x - start, box.height), action))
        x += gap
    return places
