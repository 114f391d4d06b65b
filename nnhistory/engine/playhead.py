"""The playhead: the only owner of time in a front end."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from nnhistory.core.recording import Recording

__all__ = ["SPEEDS", "Playhead"]

SPEEDS: tuple[float, ...] = tuple(2.0**power for power in range(-1, 18))
"""Moments a second, from one every two seconds to about 130,000."""

_AHEAD = 0.1
"""Seconds of playing that a front end asks its runner for in advance."""


class Playhead:
    """A place in a recording, in moments (`tick`), that moves with a clock it is told of.

    `goal` is how many moments the runner may have computed in all: the credit. It is never lowered.
    """

    def __init__(self, speed: float = 4.0) -> None:
        self.speed = speed
        self.playing = True
        self.tick = 0
        self.goal = 1
        self._fraction = 0.0
        self._now: float | None = None

    def advance(self, now: float, recording: Recording) -> bool:
        """Move to clock time `now` (seconds). True if the picture changes."""
        before = self.tick
        elapsed = 0.0 if self._now is None else max(0.0, now - self._now)
        self._now = now
        newest = last_tick(recording)
        if self.playing and self.to_end:
            self.tick, self._fraction = newest, 0.0
            if recording.complete:
                self.playing = self.to_end = False
        elif self.playing:
            wished = self.tick + self._fraction + self.speed * min(elapsed, 0.25)
            if wished >= newest:
                # The runner is behind or the run is over: wait at the newest moment, do not save up time.
                self.tick, self._fraction = newest, 0.0 if recording.complete else min(wished - newest, 0.999)
            else:
                self.tick, self._fraction = int(wished), wished - int(wished)
            if recording.complete and self.tick >= newest:
                self.playing = False
            self.goal = max(self.goal, self.tick + self.ahead)
        return self.tick != before

    @property
    def ahead(self) -> int:
        """Moments that the runner may be ahead of the playhead at this speed."""
        return 2 + int(self.speed * _AHEAD)

    def begin_again(self) -> None:
        """Forget the credit and what was asked for: another run takes the place of this one."""
        self.goal, self.pending, self.to_end = 1, 0, False

    def start_clock(self, now: float | None = None) -> None:
        """Time counts from here: what has passed meanwhile is not made up for."""
        self._now = now

    def play(self) -> None:
        self.playing, self._now, self.pending = True, None, 0

    def pause(self) -> None:
        self.playing, self.to_end, self._fraction = False, False, 0.0

    def step(self, recording: Recording, count: int = 1) -> None:
        """Forward by `count` moments; at the newest one, ask for more."""
        self.pause()
        newest = last_tick(recording)
        later = [frame.tick for frame in recording.frames[_after(recording.frames, self.tick) :][:count]]
        if len(later) == count:
            self.tick = later[-1]
        elif recording.complete:
            self.tick = newest
        else:
            self.tick = newest
            self.pending += count - len(later)
            self.goal = max(self.goal, newest + 1 + self.pending)

    pending: int = 0
    """Moments still to come that a step has asked for: the playhead goes there when they arrive."""

    def arrive(self, recording: Recording) -> bool:
        """After a step at the newest moment: go on to what has arrived. True if the picture changes."""
        if not self.pending:
            return False
        later = [frame.tick for frame in recording.frames[_after(recording.frames, self.tick) :]]
        if not later:
            if recording.complete:
                self.pending = 0
            return False
        taken = min(self.pending, len(later))
        self.tick = later[taken - 1]
        self.pending = 0 if recording.complete else self.pending - taken
        return True

    def speed_to_end(self, recording: Recording) -> None:
        """Follow the newest moment, however fast it comes, to the end of the run."""
        self.play()
        self.tick = last_tick(recording)
        self.to_end = True

    to_end: bool = False
    """Stay at the newest moment until the run is over."""

    def back(self, recording: Recording, count: int = 1) -> None:
        """Back by `count` recorded moments."""
        self.pause()
        self.pending = 0
        frames = recording.frames
        index = bisect_left(frames, self.tick, key=lambda frame: frame.tick)
        self.tick = frames[max(0, index - count)].tick if frames else 0

    def seek(self, tick: int, recording: Recording) -> None:
        """To this moment, or the nearest there is."""
        self.pending, self.to_end = 0, False
        self._fraction = 0.0
        self.tick = max(0, min(tick, last_tick(recording)))

    def faster(self) -> None:
        self.speed = next((speed for speed in SPEEDS if speed > self.speed), SPEEDS[-1])

    def slower(self) -> None:
        self.speed = next((speed for speed in reversed(SPEEDS) if speed < self.speed), SPEEDS[0])

    def next_event(self, recording: Recording) -> bool:
        """To the next event. False if none is recorded behind this moment yet."""
        for event in recording.events:
            if event.tick > self.tick:
                self.pause()
                self.seek(event.tick, recording)
                return True
        return False

    def previous_event(self, recording: Recording) -> bool:
        """To the event before this moment. False if there is none."""
        for event in reversed(recording.events):
            if event.tick < self.tick:
                self.pause()
                self.seek(event.tick, recording)
                return True
        return False


def last_tick(recording: Recording) -> int:
    """The newest recorded moment's number; 0 in an empty recording."""
    return recording.frames[-1].tick if recording.frames else 0


def _after(frames: Sequence[object], tick: int) -> int:
    return bisect_right(frames, tick, key=lambda frame: frame.tick)  # type: ignore[attr-defined,unused-ignore]
