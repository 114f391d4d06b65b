"""A stage in time: news from the runner, playheads that move, credit, chapters that hold the run."""

from __future__ import annotations

from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.lane import Lane
from nnhistory.engine.stage_base import StageBase
from nnhistory.engine.story import reached_at

__all__ = ["StageTime"]


class StageTime(StageBase):
    """What happens by itself."""

    def update(self, now: float) -> bool:
        """Take what the runner sent, move the playheads to time `now` (seconds), grant credit. True: redraw."""
        if self._closed:
            return False
        if self.study is not None:
            return self.study.update()
        changed = False
        if self._runner is not None:
            by_id = {lane.id: lane for lane in self.lanes}
            for message in self._runner.poll():
                changed |= by_id[message[1]].hear(message)
        for index in self.visible:
            changed |= self._advance(self.lanes[index], now)
        return changed

    def _advance(self, lane: Lane, now: float) -> bool:
        head = lane.playhead
        if lane.failure or lane.catch_up is not None:
            head._now = now
            return False
        changed = False
        if lane.started:
            before = head.tick
            changed = head.advance(now, lane.recording) | head.arrive(lane.recording)
            if head.tick > before:
                self._stop_at_chapters(lane, before)
            if head.goal < UNLIMITED and lane.outcome is None and self._owed(lane):
                head.goal = UNLIMITED
        if self._runner is not None and lane.outcome is None and head.goal > lane.granted:
            lane.granted = head.goal
            self._runner.grant(lane.id, head.goal)
        return changed

    def _stop_at_chapters(self, lane: Lane, before: int) -> None:
        """Hold at a chapter that asks or wants to be read, exactly at its moment, once."""
        head = lane.playhead
        for number, chapter in enumerate(self._chapters(lane)):
            if number in lane.told:
                continue
            tick = reached_at(chapter.at, lane.recording)
            if tick is None or tick > head.tick:
                continue
            lane.told.add(number)
            if chapter.speed is not None and not self._speed_touched:
                head.speed = chapter.speed
            wants_pause = chapter.pause or (chapter.question is not None and number not in lane.chosen)
            if wants_pause and head.playing and tick > before:
                head.pause()
                head.seek(tick, lane.recording)
                return

    def _owed(self, lane: Lane) -> bool:
        """Has the user wagered on something that only the whole run can settle, and is the reveal due?"""
        story = self._chapters(lane)
        for number in lane.chosen:
            question = story[number].question
            if question is None:
                continue
            due = reached_at(question.reveal, lane.recording)
            if due is not None and due <= lane.playhead.tick:
                return True
        return False
