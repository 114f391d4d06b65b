"""Where panels go: a pure function of their wishes and the room, in cells or in pixels.

Every placed panel gets at least its `least` size plus its frame. What does not fit is *folded*: front ends show it as
one sentence or behind a tab; nothing is cut off. Only wishes (least, square, weight) count, never what is drawn, so
that a picture does not move while it plays.

Among all ways to put the panels into rows of panels or into columns of panels, in reading order, that one is chosen
which maximises the sum of weight * log(usable area): nobody starves, and room that a square picture cannot use, or
that is too flat or too thin to read, does not count.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from nnhistory.core.scene import Panel

__all__ = ["CELLS", "PIXELS", "Layout", "Slot", "Units", "arrange"]


class Units(NamedTuple):
    """What one cell of `Panel.least` is here, and what a frame takes, in the units of the area.

    cell : width and height of a cell. frame : left, top, right, bottom.
    shape : height of a unit over its width, 2 in a terminal, 1 for pixels.
    """

    cell: tuple[int, int]
    frame: tuple[int, int, int, int]
    shape: float


CELLS = Units((1, 1), (1, 1, 1, 1), 2.0)
PIXELS = Units((9, 18), (14, 38, 14, 14), 1.0)


@dataclass(frozen=True)
class Slot:
    """A panel and its outer room, frame included, in whole units. (0, 0) is the area's top left."""

    panel: Panel
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Layout:
    """`placed` in reading order; `folded` in order of importance. Together they are all the panels."""

    placed: tuple[Slot, ...]
    folded: tuple[Panel, ...]


class _Wish(NamedTuple):
    width: int
    height: int
    square: bool
    weight: float
    around: tuple[int, int]
    """What the frame takes across and down."""


class _Room(NamedTuple):
    x: int
    y: int
    width: int
    height: int


_MOST = 8
"""More panels than this at a time are no picture any more."""

_FLATTEST, _THINNEST = 3.6, 0.75
"""Width over height between which a panel's room counts in full."""


def arrange(
    panels: Sequence[Panel],
    width: int,
    height: int,
    *,
    units: Units = CELLS,
    extra: Sequence[Panel] = (),
    most: int = _MOST,
) -> Layout:
    """Place panels (in order of importance) and a front end's `extra` ones (story, arithmetic) in width x height.

    The first panel comes first, then the extra ones, then the rest. A panel that fits beside those before it is
    placed; another is folded. They stand in the given order, the extra ones last.
    """
    together = [*panels, *extra]
    order = [*range(min(1, len(panels))), *range(len(panels), len(together)), *range(1, len(panels))]
    chosen: list[int] = []
    best: tuple[_Room, ...] = ()
    for candidate in order:
        trial = sorted([*chosen, candidate])
        if len(trial) > most:
            continue
        wishes = tuple(_wish(together[index], units) for index in trial)
        rooms = _best(wishes, width, height, units.shape)
        if rooms is not None:
            chosen, best = trial, rooms
    placed = tuple(Slot(together[index], *room) for index, room in zip(chosen, best, strict=True))
    folded = tuple(together[index] for index in order if index not in chosen)
    return Layout(placed, folded)


def _wish(panel: Panel, units: Units) -> _Wish:
    left, top, right, bottom = units.frame
    return _Wish(
        panel.least.columns * units.cell[0] + left + right,
        panel.least.rows * units.cell[1] + top + bottom,
        panel.square,
        max(0.05, panel.weight),
        (left + right, top + bottom),
    )


@lru_cache(maxsize=512)
def _best(wishes: tuple[_Wish, ...], width: int, height: int, shape: float) -> tuple[_Room, ...] | None:
    """The best arrangement of these wishes, or None if there is none."""
    found, most = None, -math.inf
    for groups in _groupings(len(wishes)):
        for upright in (False, True):
            for even in (False, True):
                rooms = _fill(wishes, groups, width, height, shape, upright, even)
                if rooms is None:
                    continue
                value = sum(_worth(wish, room, shape) for wish, room in zip(wishes, rooms, strict=True))
                if value > most + 1e-9:
                    found, most = rooms, value
    return found


def _groupings(count: int) -> Iterator[list[list[int]]]:
    """All ways to cut 0..count-1 into runs."""
    for cuts in range(2 ** (count - 1)):
        groups = [[0]]
        for index in range(1, count):
            if cuts >> (index - 1) & 1:
                groups.append([index])
            else:
                groups[-1].append(index)
        yield groups


def _fill(
    wishes: tuple[_Wish, ...], groups: list[list[int]], width: int, height: int, shape: float, upright: bool, even: bool
) -> tuple[_Room, ...] | None:
    """Give every panel its room: groups are rows, or columns if `upright`. None if somebody gets less than least."""
    along, across = (height, width) if upright else (width, height)

    def need(index: int, upright: bool) -> tuple[int, int]:
        wish = wishes[index]
        return (wish.height, wish.width) if upright else (wish.width, wish.height)

    thick = [max(need(index, upright)[1] for index in group) for group in groups]
    if sum(thick) > across or any(sum(need(i, upright)[0] for i in group) > along for group in groups):
        return None
    shares = [1.0 if even else sum(wishes[index].weight for index in group) for group in groups]
    caps = [_thickness_cap(wishes, group, along, shape, upright) for group in groups]
    sizes = _divide(across, thick, shares, caps)
    rooms: dict[int, _Room] = {}
    place = 0
    for group, size in zip(groups, sizes, strict=True):
        least = [need(index, upright)[0] for index in group]
        limits = [_cap(wishes[index], size, shape, upright) for index in group]
        lengths = _divide(along, least, [wishes[index].weight for index in group], limits)
        offset = 0
        for index, length in zip(group, lengths, strict=True):
            rooms[index] = _Room(place, offset, size, length) if upright else _Room(offset, place, length, size)
            offset += length
        place += size
    return tuple(rooms[index] for index in range(len(wishes)))


def _cap(wish: _Wish, size: int, shape: float, upright: bool) -> int | None:
    """How much length a square panel can use in a row (column) of this thickness; None: any."""
    if not wish.square:
        return None
    if upright:
        return max(wish.height, round((size - wish.around[0]) / shape) + wish.around[1])
    return max(wish.width, round((size - wish.around[1]) * shape) + wish.around[0])


def _thickness_cap(wishes: tuple[_Wish, ...], group: list[int], along: int, shape: float, upright: bool) -> int | None:
    """A row that holds one square panel alone cannot use more thickness than its length."""
    if len(group) > 1:
        return None
    return _cap(wishes[group[0]], along, shape, not upright)


def _divide(total: int, least: list[int], weights: list[float], caps: Sequence[int | None]) -> list[int]:
    """Cut `total` in proportion to the weights, nobody below its least, above its cap only if all are capped."""
    sizes = [float(size) for size in least]
    fixed = [False] * len(least)
    while True:
        free = [index for index in range(len(least)) if not fixed[index]]
        left = total - sum(sizes[index] for index in range(len(least)) if fixed[index])
        if not free:
            break
        share = left / sum(weights[index] for index in free)
        short = [index for index in free if weights[index] * share < least[index]]
        long = [index for index in free if (cap := caps[index]) is not None and weights[index] * share > cap]
        if short:
            for index in short:
                sizes[index], fixed[index] = float(least[index]), True
        elif long:
            for index in long:
                sizes[index], fixed[index] = float(caps[index] or 0), True
        else:
            for index in free:
                sizes[index] = weights[index] * share
            break
    spare = total - sum(sizes)
    if spare > 1e-6:
        weight = sum(weights)
        sizes = [size + spare * part / weight for size, part in zip(sizes, weights, strict=True)]
    return _whole(sizes, total, least)


def _whole(sizes: list[float], total: int, least: list[int]) -> list[int]:
    """Whole numbers with the same sum, none below its least."""
    whole = [max(floor, math.floor(size + 1e-9)) for size, floor in zip(sizes, least, strict=True)]
    order = sorted(range(len(sizes)), key=lambda index: whole[index] - sizes[index])
    place = 0
    while sum(whole) < total:
        whole[order[place % len(order)]] += 1
        place += 1
    while sum(whole) > total:
        slack = max(range(len(whole)), key=lambda index: whole[index] - least[index])
        whole[slack] -= 1
    return whole


def _worth(wish: _Wish, room: _Room, shape: float) -> float:
    width = float(room.width - wish.around[0])
    height = (room.height - wish.around[1]) * shape
    if wish.square:
        width = height = min(width, height)
    else:
        width, height = min(width, _FLATTEST * height), min(height, width / _THINNEST)
    return wish.weight * math.log(max(1.0, width * height))
