"""A recording in memory: dense at first, then log-spaced, events always, and a rolling tail of the newest."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable

import numpy as np

from nnhistory.core.events import Event
from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Header, Series

__all__ = [
    "BUDGET", "COUNTED", "DENSE", "FULL", "GROWTH", "SERIES", "SPARSE", "TAIL", "MemoryRecording", "SeriesBuffer",
]  # fmt: skip

DENSE = 768
"""Moments kept without a gap at the start."""

GROWTH = 2 ** (1 / 64)
"""After that, each kept moment's number is at least this many times the one before: 64 in every doubling."""

FULL = DENSE, GROWTH
"""The schedule of a run that is looked at."""

SPARSE = 32, 2 ** (1 / 10)
"""Both numbers for runs that are computed to be compared: 32 moments at the start, then ten in every doubling."""

COUNTED = 8, 2.0
"""For runs of which only the numbers and the last moment are wanted."""

TAIL = 256
"""Newest moments kept beside the schedule, so that stepping back works. Not saved."""

BUDGET = 64 * 2**20
"""Bytes of arrays after which the log-spaced middle is thinned."""

SERIES = 2048
"""Points of a metric after which every second one is dropped."""


_EMPTY = Series(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


class SeriesBuffer:
    """One metric's true points. When there are too many, every second one is dropped.

    Whoever sends them then sends half as many, so that they stay evenly spaced.
    """

    __slots__ = ("_series", "points")

    def __init__(self) -> None:
        self.points: list[tuple[int, int, float]] = []
        self._series: Series | None = _EMPTY

    def add(self, tick: int, step: int, value: float) -> None:
        self.points.append((tick, step, value))
        self._series = None
        if len(self.points) >= SERIES:
            del self.points[1::2]

    def series(self) -> Series:
        if self._series is None:
            ticks, steps, values = zip(*self.points, strict=True)
            self._series = Series(np.array(ticks), np.array(steps), np.array(values, dtype=np.float64))
            for array in (self._series.ticks, self._series.steps, self._series.values):
                array.flags.writeable = False
        return self._series


class MemoryRecording:
    """See `core.recording.Recording`. Appended to by whoever owns the runner; read by everybody else."""

    def __init__(self, header: Header, budget: int = BUDGET) -> None:
        self._header = header
        self._budget = budget
        self._names: set[str] = set()
        """Of all arrays and scalars that frames have brought."""
        self._frames: list[Frame] = []
        self._data: dict[str, list[Frame]] = {}
        """Which frames offer an array that otherwise stays the same, by its name."""
        self._kept: list[Frame] = []
        self._kept_bytes = 0
        self._tail: deque[tuple[int, int]] = deque()
        self._tail_bytes = 0
        self._events: list[Event] = []
        self._series: dict[str, SeriesBuffer] = {}
        self._bytes = 0
        self._complete = False

    @property
    def header(self) -> Header:
        return self._header

    @property
    def frames(self) -> list[Frame]:
        return self._frames

    @property
    def events(self) -> list[Event]:
        return self._events

    @property
    def complete(self) -> bool:
        return self._complete

    @property
    def nbytes(self) -> int:
        """Bytes of the arrays held, each shared array counted once."""
        return self._bytes

    def finish(self) -> None:
        """The run has ended: nothing more will come."""
        self._complete = True

    def append(self, frame: Frame) -> None:
        """Take a frame. Frames come in order of `tick`; one that is there already is not taken twice."""
        frames = self._frames
        index = _place(frames, frame.tick)
        before = frames[index - 1] if index else None
        after = frames[index] if index < len(frames) else None
        if before is not None and before.tick == frame.tick:
            return
        self._names.update(frame.arrays, frame.scalars)
        earlier = self._bytes
        if after is not None:
            self._bytes -= _own_bytes(after, before)
        if frame.kept:
            self._keep(frame, before)
        else:
            self._bytes += _share(frame, before)
        frames.insert(index, frame)
        if after is not None:
            self._bytes += _own_bytes(after, frame)
        for name in frame.arrays:
            if name[:5] == "data/":
                insort(self._data.setdefault(name, []), frame, key=_tick)
        if frame.events:
            self._events.extend(frame.events)
            if after is not None:
                self._events.sort(key=lambda event: event.tick)
        if not frame.kept:
            size = self._bytes - earlier
            self._tail.append((frame.tick, size))
            self._tail_bytes += size
            while len(self._tail) > TAIL or (self._tail_bytes > self._budget // 4 and len(self._tail) > 1):
                tick, size = self._tail.popleft()
                self._tail_bytes -= size
                self._drop(tick)
        elif self._kept_bytes > self._budget - self._budget // 4:
            self._thin()

    def _keep(self, frame: Frame, neighbour: Frame | None) -> None:
        """Count a kept frame against the kept one before it, and against its neighbour, which may be of the tail.

        How long the tail is depends on the clock. Which moments are kept must not, so the two have budgets of their
        own, and a kept frame shares with the kept one before it, whatever of the tail lies between them.
        """
        kept = self._kept
        index = _place(kept, frame.tick)
        before = kept[index - 1] if index else None
        after = kept[index] if index < len(kept) else None
        own = _share(frame, before)
        if after is not None:
            self._kept_bytes += _own_bytes(after, frame) - _own_bytes(after, before)
        self._kept_bytes += own
        self._bytes += own if before is neighbour else _own_bytes(frame, neighbour)
        kept.insert(index, frame)

    def _count(self, index: int, sign: int) -> None:
        """Add or take away the bytes that the frame at `index` does not share with the one before it."""
        if index < len(self._frames):
            self._bytes += sign * _own_bytes(self._frames[index], self._frames[index - 1] if index else None)

    def take(self, frames: Iterable[Frame], points: Iterable[tuple[str, int, int, float]]) -> None:
        """What a stretch of driving brought."""
        self.add_points(points)
        for frame in frames:
            self.append(frame)

    def add_points(self, points: Iterable[tuple[str, int, int, float]]) -> None:
        """Metric values as (name, tick, step, value), in order of `tick`."""
        for name, tick, step, value in points:
            buffer = self._series.get(name)
            if buffer is None:
                buffer = self._series[name] = SeriesBuffer()
            buffer.add(tick, step, value)

    def at(self, tick: int) -> Frame:
        index = bisect_right(self._frames, tick, key=_tick) - 1
        return self._frames[max(index, 0)]

    def array(self, name: str, tick: int) -> Array | None:
        if name.startswith("data/"):  # offered in few frames, and asked for in every picture
            offers = self._data.get(name, [])
            place = bisect_right(offers, tick, key=_tick) - 1
            return offers[place].arrays[name] if place >= 0 else None
        if name not in self._names:  # pictures ask what an era may offer, and this one does not
            return None
        for index in range(bisect_right(self._frames, tick, key=_tick) - 1, -1, -1):
            found = self._frames[index].arrays.get(name)
            if found is not None:
                return found
        return None

    def scalar(self, name: str, tick: int) -> float | None:
        buffer = self._series.get(name)
        newest: float | None = None
        newest_tick = -1
        if buffer is not None:
            index = bisect_right(buffer.points, tick, key=lambda point: point[0]) - 1
            if index >= 0:
                newest_tick, _, newest = buffer.points[index]
        if name not in self._names:
            return newest
        frames = self._frames
        since = bisect_right(frames, newest_tick, key=_tick)
        for frame in reversed(frames[since : bisect_right(frames, tick, key=_tick)]):
            if name in frame.scalars:
                return frame.scalars[name]
        return newest

    def series(self, name: str) -> Series:
        buffer = self._series.get(name)
        return buffer.series() if buffer is not None else _EMPTY

    @property
    def metrics(self) -> list[str]:
        """Names of the metrics that have come so far."""
        return list(self._series)

    def _drop(self, tick: int) -> None:
        index = bisect_right(self._frames, tick, key=_tick) - 1
        if index > 0 and self._frames[index].tick == tick and not self._frames[index].kept:
            self._count(index + 1, -1)
            self._count(index, -1)
            frame = self._frames.pop(index)
            for name in frame.arrays:
                if name.startswith("data/"):
                    offers = self._data[name]
                    del offers[bisect_right(offers, tick, key=_tick) - 1]
            self._count(index, 1)

    def _thin(self) -> None:
        """Drop every second plain frame of the middle: first, last, events and newly offered data stay."""
        kept = self._kept
        plain = [
            frame.tick
            for frame in kept[1:-1]
            if not frame.events and not any(name.startswith("data/") for name in frame.arrays)
        ]
        dropped = set(plain[::2])
        self._kept = [frame for frame in kept if frame.tick not in dropped]
        self._frames = [frame for frame in self._frames if frame.tick not in dropped]
        self._bytes = self._kept_bytes = 0
        for index in range(len(self._frames)):
            self._count(index, 1)
        for before, frame in zip([None, *self._kept], self._kept, strict=False):
            self._kept_bytes += _own_bytes(frame, before)


def _tick(frame: Frame) -> int:
    return frame.tick


def _place(frames: list[Frame], tick: int) -> int:
    """Where a frame of this tick goes: nearly always to the end."""
    return len(frames) if not frames or tick > frames[-1].tick else bisect_right(frames, tick, key=_tick)


def _share(frame: Frame, before: Frame | None) -> int:
    """Let arrays that did not change since the frame before be that frame's arrays. Bytes of what it has for itself."""
    arrays = frame.arrays
    known = {} if before is None else before.arrays
    size = frame.head_bytes
    for name, array in arrays.items():
        old = known.get(name)
        if old is array:
            continue
        # Bytes are compared: several times faster than values for small arrays, and a NaN equals itself.
        if (
            old is not None and old.tobytes() == array.tobytes()
            and old.shape == array.shape and old.dtype == array.dtype
        ):  # fmt: skip
            arrays[name] = old
            continue
        array.setflags(write=False)  # what came through a pipe from another process has lost its protection on the way
        size += array.nbytes
    return size


def _own_bytes(frame: Frame, before: Frame | None) -> int:
    size = frame.head_bytes
    for name, array in frame.arrays.items():
        if before is None or before.arrays.get(name) is not array:
            size += array.nbytes
    return size
