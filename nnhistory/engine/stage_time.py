"""A stage in time: news from the runner, playheads that move, credit, chapters that hold the run."""

from __future__ import annotations

from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.lane import Lane
from nnhistory.engine.level import at_end, level
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage_base import COMPUTING, StageBase
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
        if self.relay is not None:
            self.relay.direct(self._runner, fresh=changed)
        if self.scores is not None:
            return self.scores.due(now, fresh=changed)
        changed |= self._advance(self.lane, now)
        self._note_answers(self.lane)
        for index in self.visible:
            if index != self.selected:
                changed |= self._follow(self.lanes[index], now)
        if self.message == COMPUTING and all(_over(self.lanes[index]) for index in self.visible):
            self.message, changed = "", True
        return changed

    def _advance(self, lane: Lane, now: float) -> bool:
        head = lane.playhead
        if lane.catch_up is not None:
            head.start_clock(now)
            return False
        changed = False
        if lane.started:
            before, following = head.tick if lane.looked or head.tick else -1, head.to_end
            changed = head.advance(now, lane.recording) | head.arrive(lane.recording)
            if head.tick > before and lane is self.lane:
                self._stop_at_chapters(lane, before, following)
            lane.looked = True
            if head.goal < UNLIMITED and lane.outcome is None and self._owed(lane):
                head.goal = UNLIMITED
        over = lane.outcome is not None or bool(lane.failure)
        if self._runner is not None and not over and head.goal > lane.granted:
            lane.granted = head.goal
            self._runner.grant(lane.id, head.goal)
        return changed

    def _follow(self, lane: Lane, now: float) -> bool:
        """Bring a run that stands beside the selected one to the moment that is `level` with it."""
        lead, head = self.lane, lane.playhead
        if not lane.started or not lead.started or at_end(lead):
            # The selected run is over before this one: what is left of this one goes on by itself.
            return self._advance(lane, now)
        head.start_clock(now)
        if lane.catch_up is not None:
            return False
        tick, there = level(lead, lane)
        changed = tick != head.tick
        head.seek(tick, lane.shown)
        # Whether and how it goes on, when the selected run is over, is as that one was played.
        head.playing, head.to_end, head.speed = lead.playhead.playing, lead.playhead.to_end, lead.playhead.speed
        if self._runner is not None and not there and lane.outcome is None and not lane.failure:
            # How many moments are missing is not known, so a growing stretch is asked for each time.
            newest = last_tick(lane.recording)
            goal = UNLIMITED if lead.playhead.to_end else newest + 2 + max(lead.playhead.ahead, newest // 4)
            if goal > lane.granted:
                lane.granted = head.goal = goal
                self._runner.grant(lane.id, goal)
        return changed

    def _stop_at_chapters(self, lane: Lane, before: int, following: bool) -> None:
        """Hold at a chapter that asks, settles a wager or wants to be read, exactly at its moment, once.

        Whoever has asked for the end of the run (`following`) is not held up.
        """
        head, story = lane.playhead, self._chapters(lane)
        wagered = [story[number] for number in lane.chosen]
        for number, chapter in enumerate(story):
            if number in lane.told:
                continue
            tick = reached_at(chapter.at, lane.recording)
            if tick is None or tick > head.tick:
                continue
            lane.told.add(number)
            if chapter.speed is not None and not self._speed_touched and not following:
                head.speed = chapter.speed
            wants_pause = chapter.pause or (chapter.question is not None and number not in lane.chosen)
            wants_pause |= any(told.question is not None and told.question.reveal == chapter.at for told in wagered)
            if wants_pause and tick > before and not following and (head.playing or lane.recording.complete):
                for index in self.visible:
                    self.lanes[index].playhead.pause()
                head.seek(tick, lane.recording)
                return


def _over(lane: Lane) -> bool:
    """Has all of it been computed that ever will be?"""
    return lane.recording.complete or bool(lane.failure)
