"""The company of runs behind one stage: several drives, each advancing as far as its credit allows.

Used as it is by the inline runner, and inside the child by the process runner, so both behave alike.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, NNHistoryError
from nnhistory.core.recording import Header
from nnhistory.engine.drive import Batch, Drive
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.recording import FULL, SPARSE
from nnhistory.engine.registry import Registry
from nnhistory.scenario.schema import Turn

__all__ = ["TAIL_A_STRETCH", "UNLIMITED", "Begun", "Broke", "Company", "Ended", "Message", "News", "pieces"]

UNLIMITED = 1 << 60
"""Credit without a limit."""
TAIL_A_STRETCH = 16
"""Newest moments of each stretch that are sent without a gap; the recording keeps the last 256 of them."""


class Begun(msgspec.Struct):
    """A run has started."""

    header: Header


class News(msgspec.Struct):
    """A stretch of a run."""

    batch: Batch


class Ended(msgspec.Struct):
    """A run is over; this is what came out."""

    outcome: RunOutcome


class Broke(msgspec.Struct):
    """A run failed. `text` is for the user, `details` (a traceback) for a bug report."""

    text: str
    details: str = ""


Message = tuple[int, str, Begun | News | Ended | Broke]
"""(job, run id, what): a job is one start of one run; news of an earlier job are stale."""

_FIRST = 0.02
"""Seconds of an unwatched run's first stretch: that it has begun is to be seen soon."""
_FRAMES = 50
"""Frames in one message: at the start of a run that is driven flat out, a stretch has hundreds, and whoever draws has
no time to take them all between two pictures."""


class _Member:
    def __init__(self, job: int, plan: RunPlan) -> None:
        self.job, self.plan = job, plan
        self.goal = 0
        self.flat_out = False
        self.drive: Drive | None = None
        self.over = False

    @property
    def hungry(self) -> bool:
        """Has it credit left to use?"""
        return not self.over and self.goal > 0 and (self.drive is None or self.drive.tick + 1 < self.goal)


class Company:
    """Drives for the plans it was given. No thread, no process: whoever owns it calls `work`.

    watched : somebody looks at every moment, and steps back. If not, few moments are kept, no tail of the newest, and
    runs go one after another, as they were granted, instead of side by side.
    """

    def __init__(self, registry: Registry, *, watched: bool = True) -> None:
        self._registry = registry
        self._watched = watched
        self._members: dict[str, _Member] = {}

    def take(self, job: int, plan: RunPlan) -> None:
        """A new plan, in the place of the run with the same id."""
        self._members[plan.id] = _Member(job, plan)

    def grant(self, run: str, goal: int) -> None:
        """The run may compute moments up to this number (`UNLIMITED`: to its end, flat out)."""
        member = self._members[run]
        if not self._watched and not member.goal:  # behind those that wait already
            self._members[run] = self._members.pop(run)
        member.goal = max(member.goal, goal)
        member.flat_out = member.flat_out or goal >= UNLIMITED

    def hold(self, run: str) -> None:
        """Take the credit back: stop where it is."""
        member = self._members[run]
        member.flat_out = False
        member.goal = member.drive.tick + 1 if member.drive is not None else 0

    def turn(self, run: str, knob: str, value: Any) -> None:
        """Turn a live knob: at the next step boundary, or from the start if the run has not begun."""
        member = self._members[run]
        if member.drive is not None:
            member.drive.turn(knob, value)
        else:
            member.plan = member.plan.with_turn(Turn(run, 0, knob, value))

    @property
    def busy(self) -> bool:
        """Is there credit left to use?"""
        return any(member.hungry for member in self._members.values())

    @property
    def flat_out(self) -> bool:
        """Is every run that has credit driven flat out? Then no one waits for the next moment."""
        hungry = [member for member in self._members.values() if member.hungry]
        return bool(hungry) and all(member.flat_out for member in hungry)

    def work(self, seconds: float) -> list[Message]:
        """Use credit for about this long, every run with credit in its turn; of unwatched ones the first that can."""
        sent: list[Message] = []
        hungry = [member for member in self._members.values() if member.hungry]
        share = seconds / len(hungry) if self._watched and hungry else seconds
        for member in hungry:
            if sent and not self._watched:
                break
            try:
                self._work_on(member, share, sent)
            except NNHistoryError as error:
                member.over = True
                sent.append((member.job, member.plan.id, Broke(str(error))))
            except Exception as error:
                member.over = True
                last = traceback.extract_tb(error.__traceback__)[-1]
                place = f"{'/'.join(Path(last.filename).parts[-2:])}, line {last.lineno}"
                text = f"The run broke at {place}: {type(error).__name__}: {error}. Press r to start it again"
                sent.append((member.job, member.plan.id, Broke(text, traceback.format_exc())))
        return sent

    def _work_on(self, member: _Member, seconds: float, sent: list[Message]) -> None:
        if member.drive is None:
            earlier = self._needed(member)
            if earlier is None:
                return
            plan = member.plan
            tail, schedule = (TAIL_A_STRETCH, FULL) if self._watched else (0, SPARSE)
            start, feed = start_of(plan, earlier), feed_of(plan, earlier)
            member.drive = Drive(plan, self._registry, start, tail=tail, feed=feed, schedule=schedule)
            sent.append((member.job, member.plan.id, Begun(member.drive.header)))
            seconds = seconds if self._watched else min(seconds, _FIRST)
        drive = member.drive
        count = min(member.goal - (drive.tick + 1), 1_000_000)
        sent.append((member.job, member.plan.id, News(drive.advance(count, seconds=seconds, flat_out=member.flat_out))))
        if drive.done:
            member.over = True
            sent.append((member.job, member.plan.id, Ended(drive.outcome)))

    def _needed(self, member: _Member) -> dict[str, Drive] | None:
        """The runs that this one builds on; they are driven to their ends first. None while they are on their way."""
        ended: dict[str, Drive] = {}
        for name in member.plan.needs:
            earlier = self._members[name]
            if earlier.over and (earlier.drive is None or not earlier.drive.done):
                raise BadInput(f'run "{name}", which this run starts from, has failed')
            earlier.goal, earlier.flat_out = UNLIMITED, True
            if earlier.drive is not None and earlier.drive.done:
                ended[name] = earlier.drive
        return ended if len(ended) == len(member.plan.needs) else None


def pieces(message: Message) -> Iterator[Message]:
    """The message in parts that can be taken between two pictures; nearly always itself."""
    job, run, news = message
    if not isinstance(news, News) or len(news.batch.frames) <= _FRAMES:
        yield message
        return
    batch = news.batch
    for first in range(0, len(batch.frames), _FRAMES):
        frames, points = batch.frames[first : first + _FRAMES], batch.points if first == 0 else []
        yield job, run, News(msgspec.structs.replace(batch, frames=frames, points=points))
