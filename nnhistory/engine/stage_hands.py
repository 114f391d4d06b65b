"""What a user does on a stage: move in time, wager, choose what to look at, start again."""

from __future__ import annotations

import msgspec

from nnhistory.core.numbers import plain
from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.lane import Lane
from nnhistory.engine.level import at_end
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage_base import ABREAST, COMPUTING
from nnhistory.engine.stage_knobs import StageKnobs
from nnhistory.engine.story import runs_needed
from nnhistory.scenario.schema import say

__all__ = ["StageHands"]


class StageHands(StageKnobs):
    """Every method returns a short message for the status line ("" if there is nothing to say)."""

    def act(self, action: str) -> str:
        """Do one of `ACTIONS`. Returns a short message for the status line ("" if there is nothing to say)."""
        if self.study is not None and action not in ("restart", "reseed"):
            return self._tell() if action == "next_event" else "this is a study: it runs by itself"
        if self.scores is not None and action not in ("restart", "reseed"):
            self.message = self.on_board(self.scores, action)
            return self.message
        self.message = self._act(action)
        return self.message

    def _tell(self) -> str:
        """The answer of a study, without a wager."""
        if self.study is None or not self.study.done:
            return "this is a study: its runs are not done yet"
        self._asked_to_tell = True
        return ""

    def _act(self, action: str) -> str:
        match action:
            case "next_lane" | "previous_lane":
                step = 1 if action == "next_lane" else -1
                return self.select((self.selected + step) % len(self.lanes))
            case "restart":
                return self._restart(reseed=False)
            case "reseed":
                return self._restart(reseed=True)
            case "compare":
                return self._compare()
            case "deeper" | "shallower":
                return self._deeper(1 if action == "deeper" else -1)
            case "next_init":
                return self._next_choice("init")
            case "next_unit":
                return self._next_choice("unit", "activation")
            case "undo":
                return self._undo()
            case "fork":
                return "choose a knob and its new value: from here on the run takes another way"
            case "doctor":
                return "" if self.lane.started else "the run has not begun yet"
            case "faster" | "slower":
                self._speed_touched = True
            case "play_pause":
                together = [self.lanes[index] for index in self.visible]
                playing = [lane for lane in together if lane.playhead.playing]
                for lane in playing:
                    self._pause(lane)
                if not playing:
                    self._play(self.lane)
                    for lane in together:
                        lane.playhead.play()
                return ""
        said = ""
        for lane in self._moved(action):
            # The end can be asked for before there is anything to see: it is gone to when the run has begun.
            if lane.started or (action == "last" and not lane.failure):
                said = self._move(lane, action) or said
        return said

    def _moved(self, action: str) -> list[Lane]:
        """Whose playhead an action moves: the selected run's, which the runs beside it follow.

        The end is every run's own. Where the selected run is over, a step is one of those that are not.
        """
        others = [self.lanes[index] for index in self.visible if index != self.selected]
        if action == "last":
            return [*others, self.lane]
        if action in ("step", "step_ten") and self.lane.started and at_end(self.lane):
            return [lane for lane in others if lane.started and not at_end(lane)] or [self.lane]
        return [self.lane]

    def _move(self, lane: Lane, action: str) -> str:
        head, recording = lane.playhead, lane.shown
        match action:
            case "step":
                head.step(recording)
            case "step_ten":
                head.step(recording, 10)
            case "back":
                head.back(recording)
            case "back_ten":
                head.back(recording, 10)
            case "first":
                head.pause()
                head.seek(0, recording)
            case "last" if lane.catch_up is not None:
                head.play()
                head.goal, head.to_end = UNLIMITED, True
                return COMPUTING
            case "last":
                if recording.complete:
                    head.pause()
                    head.seek(last_tick(recording), recording)
                else:
                    head.goal = UNLIMITED
                    head.speed_to_end(recording)
                    return COMPUTING
            case "next_event":
                if not head.next_event(recording):
                    return "no event behind this moment" + ("" if recording.complete else " yet")
            case "previous_event":
                if not head.previous_event(recording):
                    return "no event before this moment"
            case "faster":
                head.faster()
                return f"{plain(head.speed)} moments a second"
            case "slower":
                head.slower()
                return f"{plain(head.speed)} moments a second"
        return ""

    def _play(self, lane: Lane) -> None:
        """Let it go on; from the end, from the start again."""
        if lane.shown.complete and lane.playhead.tick >= last_tick(lane.shown):
            lane.playhead.seek(0, lane.shown)
        lane.playhead.play()

    def _pause(self, lane: Lane) -> None:
        """Hold it; where it was on its way to the end, stop the computing, too."""
        if lane.catch_up is not None:
            lane.playhead.goal = lane.granted  # the past of a fork is computed all the same
        elif lane.playhead.to_end and self._runner is not None and lane.outcome is None and not self._owed(lane):
            self._runner.hold(lane.id)
            lane.playhead.goal = last_tick(lane.recording) + 1
            lane.granted = lane.playhead.goal if lane.started else 0  # its first moment has still to be asked for
        lane.playhead.pause()

    def choose(self, option: int) -> str:
        """Wager on answer `option` (0-based) of the present question."""
        if self.scores is not None:
            return self.scores.choose(option)
        number, chapter = self._now(self.lane)
        if chapter is None or chapter.question is None:
            return "nothing is asked here"
        if not 0 <= option < len(chapter.question.options):
            return f"there are {len(chapter.question.options)} answers"
        if self._answer(self.lane, number, chapter.question) is not None:
            return "this is settled already"
        self.lane.chosen[number] = option
        self.lane.answered.pop(number, None)
        for run in runs_needed(chapter.question, self.lane.id):
            for lane in self.lanes:
                if lane.id == run and lane is not self.lane and lane.outcome is None and self._runner is not None:
                    lane.playhead.goal = lane.granted = UNLIMITED
                    self._runner.grant(lane.id, UNLIMITED)
        if not self.lane.recording.complete or self.lane.playhead.tick < last_tick(self.lane.recording):
            self.lane.playhead.play()
        return f"you say: {say(chapter.question.options[option].text, self.lang)}"

    def seek(self, place: float) -> None:
        """Move the playhead to `place` (0..1 of the time line)."""
        lane = self.lane
        if self.board is None and lane.started:
            lane.playhead.seek(round(place * self._span(lane)), lane.shown)

    def _compare(self) -> str:
        lane, room = self.lane, min(len(self.pool), ABREAST[-1])
        if lane.ghost is not None and self.abreast == 1 and (lane.show_ghost or room < 2):
            lane.show_ghost = not lane.show_ghost
            return "the other future is shown as a ghost" if lane.show_ghost else "the ghost is hidden"
        if room > 1:
            self.abreast = next((min(count, room) for count in ABREAST if self.abreast < min(count, room)), 1)
            if self.abreast == 1:
                lane.show_ghost = True  # the round begins with it, where there is one
                return "one run"
            told = "two" if self.abreast == 2 else str(self.abreast)
            return f"{told} runs side by side; c: {'more' if self.abreast < room else 'one alone'}"
        return "nothing to compare with yet: fork (f) makes another future"

    def _restart(self, *, reseed: bool) -> str:
        if self.study is not None:
            self._asked_to_tell = False
            for lane in self.lanes:
                lane.chosen.clear()
                lane.answered.clear()
            return self.study.restart(1 if reseed else 0)
        if self._runner is None:
            for lane in self.lanes:
                lane.playhead.seek(0, lane.recording)
                lane.playhead.play()
            return "a recording starts again; its numbers do not change"
        runner = self._living_runner()
        for lane in self.lanes:
            plan = msgspec.structs.replace(lane.plan, seed=lane.plan.seed + 1) if reseed else lane.plan
            lane.begin_again(plan)
            lane.chosen.clear()
            lane.answered.clear()
            lane.playhead.seek(0, lane.recording)
            lane.playhead.play()
            runner.take(lane.job, plan)
        if self.relay is not None:
            self.relay.begin_again()
        return f"seed {self.lane.plan.seed}" + (" (other first weights, other order)" if reseed else ", from the start")
