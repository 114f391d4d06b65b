"""The relay as a scene: the board of scores, what the task looks like, and the selected net's small picture."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from nnhistory.core.moment import Array
from nnhistory.core.numbers import counted, plain
from nnhistory.core.scene import HeatMap, ImageGrid, Line, Mark, Panel, Role, Scene, Score, Scores, Size, TextBlock
from nnhistory.engine.relay import sign_of
from nnhistory.scenario.schema import Entry, say

if TYPE_CHECKING:
    from nnhistory.engine.relay import RelayShow, Row

__all__ = ["relay_scene"]

_EXAMPLES = 4
"""Examples of the task that are shown; half as many where it is tight."""

_ROOM_BELOW = 14
"""Rows that the story and the pictures below the board want, frames and all."""


def relay_scene(show: RelayShow, size: Size, lang: str) -> Scene:
    """What there is to see now."""
    rows = show.rows()
    high = 2 if size.rows >= 2 * len(rows) + _ROOM_BELOW else 1
    panels = [_board(show, rows, lang, size, high)]
    task = _task(show, lang, _EXAMPLES if size.rows >= _ROOM_BELOW + len(rows) + 2 else _EXAMPLES // 2)
    if task is not None:
        panels.append(task)
    net = _net(show, lang)
    if net is not None:
        panels.append(net)
    return Scene(say(show.relay.task, lang), tuple(panels), panels[0].sentence)


def _board(show: RelayShow, rows: list[Row], lang: str, size: Size, high: int) -> Panel:
    relay = show.relay
    scores = tuple(_score(show, row, lang) for row in rows)
    chance = plain(relay.chance)
    mark = Scores(rows=scores, line=relay.chance, line_name=f"chance {chance}", ring=(show.selected,), name="the nets",
                  hint=f"{say(relay.bars, lang)}; the line is what guessing gets, {chance}")  # fmt: skip
    return Panel(
        "board", f"{say(relay.bars, lang)} (│ chance, {chance})", _sentence(rows, lang), (mark,),
        least=Size(min(74, max(40, size.columns - 6)), high * len(rows)), weight=3.0,
        about=f"A row for each net, the oldest first: the year, a bar ({say(relay.bars, lang)}) as far as it has come, "
        f"the number, and what is to be said of it. The line is what guessing gets, {chance}. A grey row is no station "
        "of the history: it is there to be compared. Enter opens the net that is marked.",
    )  # fmt: skip


def _sentence(rows: list[Row], lang: str) -> str:
    """The board in words."""
    told = []
    for row in rows:
        name = f"{row.entry.year} {say(row.entry.name, lang)}"
        value = "" if row.value is None else f" {plain(row.value, 2)}"
        word = f" ({say(row.says.word, lang)})" if row.says is not None else f" ({row.state})"
        told.append(f"{name}{value}{word}")
    return "; ".join(told) + "."


def _score(show: RelayShow, row: Row, lang: str) -> Score:
    role: Role = "muted"
    match row.state:
        case "waiting":
            word = "waiting"
        case "running":
            count = len(row.entry.parts)
            doing = f"part {row.part}/{count}" if row.part else "learning"
            word, role = f"{doing} {100 * row.progress:.0f} %", "attention"
        case "failed":
            word, role = "✗ stopped", "error"
        case "done" if row.says is None:
            word, role = "done", "ink"
        case _:
            assert row.says is not None
            word, role = f"{sign_of(row.says)} {say(row.says.word, lang)}", "error" if row.says.broke else "good"
    return Score(
        head=str(row.entry.year), name=say(row.entry.name, lang), word=word, role=role, value=row.value,
        curve=_curve(show, row.entry), picture=_first_unit(show, row.entry), muted=row.entry.control,
    )  # fmt: skip


def _curve(show: RelayShow, entry: Entry) -> Array | None:
    """The metric over the run so far: x the share of the planned steps, y the value."""
    lane, tick = show.lane(entry), show.tick(entry)
    series = lane.recording.series(show.relay.metric)
    count = 0 if tick is None else int(np.searchsorted(series.ticks, tick, side="right"))
    if count < 2 or not lane.plan.planned:
        return None
    steps, values = series.steps[:count], series.values[:count]
    return np.column_stack([np.clip(steps / lane.plan.planned, 0, 1), np.clip(values, 0, 1)])


def _first_unit(show: RelayShow, entry: Entry) -> Array | None:
    """The first weights of the first unit, as its inputs lie; scaled so that the largest is 1.

    Weights that are not the relay's shape are drawn, too: one after another, as nearly square as whole rows go.
    """
    tick = show.tick(entry)
    weights = None if tick is None else show.lane(entry).recording.array("weights/0", tick)
    if weights is None or weights.ndim != 2 or not weights.size:
        return None
    image = weights[:, 0].astype(np.float64)
    rows, columns = show.relay.shape
    if len(image) != rows * columns:
        columns = next(n for n in range(math.ceil(len(image) ** 0.5), len(image) + 1) if len(image) % n == 0)
    image = image.reshape(-1, columns)
    largest = float(np.abs(image).max())
    return image / largest if largest > 0 and np.isfinite(largest) else image * 0.0


def _task(show: RelayShow, lang: str, count: int) -> Panel | None:
    """A few of the training pairs with their answers."""
    rows, columns = show.relay.shape
    data = show.data
    if data is None:
        return None
    x, y = data.train_x, np.asarray(data.train_y).reshape(-1)
    if x.ndim != 2 or x.shape[1] != rows * columns:
        text = f"An example is {counted(x[0].size, 'number')}; the shape of this relay, {rows} x {columns}, "
        text += "has another count of pixels: examples are not drawn."
        said = TextBlock(lines=(Line(say(show.relay.task, lang), bold=True), Line(text, "muted")), monospace=False)
        return Panel("task", "the task", text, (said,), least=Size(34, 5), weight=0.8)
    higher = y > y.min()
    each = min(count // 2, int(higher.sum()), int((~higher).sum()))
    if not each:
        return None
    first = [int(np.flatnonzero(higher == side)[k]) for k in range(each) for side in (True, False)]
    words = [say(show.relay.answers[int(higher[k])], lang) if show.relay.answers else "" for k in first]
    images = x[first].reshape(-1, rows, columns)
    wall = ImageGrid(images=images, columns=2, lo=float(images.min()), hi=float(images.max()), labels=tuple(words))
    sentence = f"{say(show.relay.task, lang)} For example: {', '.join(words)}."
    about = "A few of the examples that the nets learn from, each with the answer that is wanted."
    return Panel("task", "the task", sentence, (wall,), least=Size(34, 5 * (count // 2)), weight=0.8, about=about)


def _net(show: RelayShow, lang: str) -> Panel | None:
    """What the selected net's first unit looks for."""
    entry = show.entry
    image = _first_unit(show, entry)
    name = say(entry.name, lang)
    lane, (rows, columns) = show.lane(entry), show.relay.shape
    if image is None:
        text = f"{name}: it has no first weights to draw." if lane.started else f"{name}: not begun yet."
        return Panel(
            "net", "first unit", text, (TextBlock(lines=(Line(text, "muted"),)),), least=Size(20, 6), weight=0.6
        )
    about = (
        "A cell for each pixel, where the pixel lies. Where it is blue, ink drives the unit up; where it is orange, "
        "down. The strongest weight has the full colour."
    )
    picture = HeatMap(values=image, square=True, name="weights")
    if image.size == rows * columns:
        text = f"The weights of the first unit of {entry.year} {name}, one for each pixel of the pair."
        marks: tuple[Mark, ...] = (picture,)
    else:
        said = f"{image.size} weights, in order: not the {rows} x {columns} pixels"
        text = f"The first unit of {entry.year} {name} has {said} of an example."
        about = "A cell for each weight, in the order of the inputs, which are not the pixels of an example."
        marks = (
            msgspec.structs.replace(picture, rect=(0.0, 0.3, 1.0, 1.0)),
            TextBlock(rect=(0.0, 0.0, 1.0, 0.28), lines=(Line(said, "muted"),), monospace=False),
        )
    return Panel("net", "first unit's weights", text, marks, least=Size(20, 6), weight=0.6, about=about)
