"""A recording in memory: dense at first, then log-spaced, events always, and a rolling tail of the newest."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import deque
from collections.abc import Iterable

import numpy as np

from nnhistory.core.events import Event
from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import Header, Series

__all__ = ["BUDGET", "DENSE", "GROWTH", "SERIES", "TAIL", "MemoryRecording", "SeriesBuffer"]

DENSE = 768
"""Moments kept without a gap at the start."""

GROWTH = 2 ** (1 / 64)
"""After that, each kept moment's number is at least this many times the one before: 64 in every doubling."""

TAIL = 256
"""Newest moments kept beside the schedule, so that stepping back works. Not saved."""

BUDGET = 64 * 2**20
"""Bytes of arrays after which the log-spaced middle is thinned."""

SERIES = 4096
"""Points of a metric after which every second one is dropped."""


class SeriesBuffer:
    """One metric's true points, thinned by dropping every second one when there are too many."""

    __slots__ = ("_stride", "_turn", "points")

    def __init__(self) -> None:
        self.points: list[tuple[int, int, float]] = []
        self._stride, self._turn = 1, 0

    def add(self, tick: int, step: int, value: float) -> bool:
        """Take this point, or leave it out (False)."""
        self._turn += 1
        if self._turn < self._stride:
            return False
        self._turn = 0
        self.points.append((tick, step, value))
        if len(self.points) >= SERIES:
            del self.points[1::2]
            self._stride *= 2
        return True

    def series(self) -> Series:
        if not self.points:
            return _EMPTY
        ticks, steps, values = zip(*self.points, strict=True)
        return Series(np.array(ticks), np.array(steps), np.array(values, dtype=np.float64))


_EMPTY = Series(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), np.empty(0))


class MemoryRecording:
    """See `core.recording.Recording`. Appended to by whoever owns the runner; read by everybody else."""

    def __init__(self, header: Header, budget: int = BUDGET) -> None:
        self._header = header
        self._budget = budget
        self._frames: list[Frame] = []
        self._tail: deque[int] = deque()
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
        if frames and frame.tick <= frames[-1].tick:
            index = bisect_right(frames, frame.tick, key=_tick) - 1
            if index >= 0 and frames[index].tick == frame.tick:
                return
            insort(frames, frame, key=_tick)
        else:
            if frames:
                frame = _share(frame, frames[-1])
            frames.append(frame)
        self._bytes += _own_bytes(frame, frames[-2] if len(frames) > 1 else None)
        self._events.extend(frame.events)
        if not frame.kept:
            self._tail.append(frame.tick)
            if len(self._tail) > TAIL:
                self._drop(self._tail.popleft())
        if self._bytes > self._budget:
            self._thin()

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
        for index in range(bisect_right(self._frames, tick, key=_tick) - 1, -1, -1):
            frame = self._frames[index]
            if frame.tick <= newest_tick:
                break
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
            self._bytes -= _own_bytes(self._frames[index], self._frames[index - 1])
            del self._frames[index]

    def _thin(self) -> None:
        """Drop every second plain frame of the middle: first, last, events and newly offered data stay."""
        frames, survivors, skip = self._frames, [], False
        for index, frame in enumerate(frames):
            middle = 0 < index < len(frames) - 1 and frame.kept and not frame.events
            middle = middle and not any(name.startswith("data/") for name in frame.arrays)
            if middle:
                skip = not skip
                if skip:
                    continue
            survivors.append(frame)
        self._frames = survivors
        self._bytes = 0
        for index, frame in enumerate(survivors):
            self._bytes += _own_bytes(frame, survivors[index - 1] if index else None)


def _tick(frame: Frame) -> int:
    return frame.tick


def _share(frame: Frame, before: Frame) -> Frame:
    """Let arrays that did not change since the frame before be that frame's arrays."""
    for name, array in frame.arrays.items():
        old = before.arrays.get(name)
        if old is not None and old is not array and old.shape == array.shape and np.array_equal(old, array):
            frame.arrays[name] = old
    return frame


def _own_bytes(frame: Frame, before: Frame | None) -> int:
    size = 64 * (len(frame.scalars) + 4)
    for name, array in frame.arrays.items():
        if before is None or before.arrays.get(name) is not array:
            size += array.nbytes
    return size
