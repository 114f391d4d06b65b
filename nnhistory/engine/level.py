"""One playhead for several runs: which moment of a run is level with the moment another one is shown at."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from nnhistory.engine.lane import Lane
from nnhistory.engine.playhead import last_tick

__all__ = ["at_end", "level"]


def at_end(lane: Lane) -> bool:
    """Does its playhead stand at the end of the whole run?"""
    return lane.shown.complete and lane.playhead.tick >= last_tick(lane.shown)


def level(lead: Lane, lane: Lane) -> tuple[int, bool]:
    """The moment of `lane` that is level with what `lead` shows, and whether it has been computed.

    Runs that take equally many steps are level at the same step and phase; others after the same share of their steps.
    Both must have begun. While the moment is not there yet, the newest one stands for it; where the recording has
    been thinned out, the last one before it.
    """
    here, frames = lead.frame, lane.shown.frames
    step = _steps(lead, lane, here.step)
    there = lane.shown.complete or frames[-1].step > step
    first = bisect_left(frames, step, key=lambda frame: frame.step)
    after = bisect_right(frames, step, key=lambda frame: frame.step)
    alike = [frame for frame in frames[first:after] if frame.phase == here.phase]
    if alike:
        return alike[-1].tick, True
    return frames[max(0, after - 1)].tick, there


def _steps(lead: Lane, lane: Lane, step: int) -> int:
    planned, mine = lead.plan.planned, lane.plan.planned
    if not planned or not mine or planned == mine:
        return step
    return round(step / planned * mine)
