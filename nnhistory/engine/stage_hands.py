"""What a user does on a stage: move in time, wager, turn knobs, fork, start again, save."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.moment import STEP_ENDS
from nnhistory.core.numbers import plain
from nnhistory.core.params import Param
from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.doctor_cures import Cure
from nnhistory.engine.experiment import as_it_stands
from nnhistory.engine.lane import Lane, in_short
from nnhistory.engine.level import at_end
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage_base import ABREAST, COMPUTING
from nnhistory.engine.stage_relay import StageRelay
from nnhistory.engine.story import reached_at, runs_needed
from nnhistory.scenario.schema import Turn, say
from nnhistory.scenario.write import dumps

__all__ = ["StageHands"]


class StageHands(StageRelay):
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
        self.patient = False
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
            if lane.started:
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
        if lane.playhead.to_end and self._runner is not None and lane.outcome is None and not self._owed(lane):
            self._runner.hold(lane.id)
            lane.playhead.goal = lane.granted = last_tick(lane.recording) + 1
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

    def _deeper(self, layers: int) -> str:
        """The same run with more (or fewer) hidden layers, if its era has any to add."""
        config, knobs = self.lane.plan.config, self.lane.era.knobs
        hidden = config.get("hidden")
        if hidden:
            value, knob = ([*hidden, hidden[-1]] if layers > 0 else hidden[:-1]), "hidden"
        elif "layers" in knobs:
            value, knob = config["layers"] + layers, "layers"
        else:
            return f"{self.lane.era.title} has no hidden layers to add"
        try:
            return self.turn(knob, value)
        except BadInput as error:
            return str(error)

    def _next_choice(self, *names: str) -> str:
        """The same run with a choice's next value, of the first of these knobs that the era has."""
        for name in names:
            param = self.lane.era.knobs.get(name)
            if param is not None and param.kind == "choice":
                value = param.choices[(param.choices.index(self.lane.plan.config[name]) + 1) % len(param.choices)]
                return self.turn(name, value)
        return f"{self.lane.era.title} has nothing of that kind to choose from"

    def turn(self, knob: str, value: Any) -> str:
        """Turn a knob: live ones at the next step boundary, others restart the run. BadInput if out of range.

        Where the playhead is behind what has been computed by more than the runner's credit, a live knob forks: it
        takes effect at what is being seen.
        """
        lane = self.lane
        param, value = self._checked(lane, knob, value)
        if self._runner is None:
            return "a recording cannot be changed: open its scenario to turn knobs"
        if not param.live or lane.failure:
            return self._with_config(lane, knob, value)
        behind = last_tick(lane.recording) - lane.playhead.tick
        if lane.outcome is not None or lane.catch_up is not None or behind > lane.playhead.ahead:
            return self.fork(knob, value)
        self._runner.turn(lane.id, knob, value)
        lane.turn_by_hand(knob, value)
        return _told(knob, param, value)

    def fork(self, knob: str, value: Any) -> str:
        """From the playhead's step on with this setting; the old future stays as ghost."""
        lane = self.lane
        param, value = self._checked(lane, knob, value)
        if self._runner is None:
            return "a recording cannot be changed: open its scenario to fork"
        if not lane.started:
            return "the run has not begun yet"
        if not param.live:
            return self._with_config(lane, knob, value)
        step, tick = self._boundary(lane)
        plan = lane.plan.with_turn(Turn(lane.id, step, knob, value))
        ghost = lane.shown
        lane.begin_again(plan, keep_ghost=True)
        lane.ghost, lane.show_ghost = ghost, True
        # What the story told on the way here has been told: it neither holds the run nor changes its speed again.
        when = [reached_at(chapter.at, ghost) for chapter in self._chapters(lane)]
        lane.told.update(number for number, there in enumerate(when) if there is not None and there <= tick)
        lane.catch_up = tick
        lane.playhead.seek(tick, ghost)
        lane.granted = lane.playhead.goal = tick + 2
        runner = self._living_runner()
        runner.take(lane.job, plan)
        runner.grant(lane.id, lane.granted)
        lane.playhead.play()
        return f"forked at step {step}: {_told(knob, param, value)}; the old future is the ghost"

    def _boundary(self, lane: Lane) -> tuple[int, int]:
        """The step after which a fork at the playhead turns its knob, and the moment to go on from.

        At the end of a run nothing comes after its last step, so the turn is made before that.
        """
        frame, shown = lane.frame, lane.shown
        if shown.complete and frame.step >= shown.frames[-1].step:
            step = max(0, shown.frames[-1].step - 1)
            return step, max((one.tick for one in shown.frames if one.step <= step), default=0)
        return (frame.step if frame.phase in STEP_ENDS else max(0, frame.step - 1)), frame.tick

    def _with_config(self, lane: Lane, knob: str, value: Any) -> str:
        """A knob that is fixed before the start: the same run again with another setting, the old one as ghost."""
        config = {**lane.plan.config, knob: value}
        planned = int(config.get(lane.era.steps_knob) or 0)
        plan = msgspec.structs.replace(lane.plan, config=config, planned=planned)
        self._begin_beside_ghost(lane, plan)
        year = lane.era.knobs[knob].years.get(value, 0) if isinstance(value, str) else 0
        dated = f" ({year})" if year else ""
        return f"{knob} is {in_short(value)}{dated} from the start; the earlier run is the ghost"

    def _begin_beside_ghost(self, lane: Lane, plan: RunPlan) -> None:
        """The run from its start as planned now; what there was stays as the ghost."""
        ghost = lane.shown if lane.started else None
        lane.begin_again(plan, keep_ghost=True)
        lane.ghost, lane.show_ghost = ghost, True
        lane.playhead.seek(0, lane.recording)
        lane.playhead.play()
        self._living_runner().take(lane.job, plan)

    def prescribe(self, cure: Cure) -> str:
        """The selected run again from its start with that one change; the untreated run stays as the ghost.

        From the start, because dead units and lost weights are not brought back by a change made later.
        """
        lane = self.lane
        if self._runner is None:
            return "a recording cannot be changed: open its scenario to apply the cure"
        kept = tuple(turn for turn in lane.plan.turns if cure.dataset or turn.knob != cure.knob)
        lane.plan = msgspec.structs.replace(lane.plan, turns=kept)
        if not cure.dataset:
            return self._with_config(lane, cure.knob, self._checked(lane, cure.knob, cure.value)[1])
        dataset = {**lane.plan.dataset, cure.knob: cure.value}
        self._begin_beside_ghost(lane, msgspec.structs.replace(lane.plan, dataset=dataset))
        return f"the data's {cure.knob} is {in_short(cure.value)} from the start; the earlier run is the ghost"

    def _undo(self) -> str:
        """The selected run as the lesson has it, from its start; the changed one stays as the ghost."""
        lane, own = self.lane, self.lane.original
        if self._runner is None:
            return "a recording cannot be changed: there is nothing to take back"
        if (lane.plan.config, lane.plan.dataset, lane.plan.turns) == (own.config, own.dataset, own.turns):
            return "nothing is changed here: this is the run as the lesson has it"
        plan = msgspec.structs.replace(
            lane.plan, config=own.config, dataset=own.dataset, turns=own.turns, planned=own.planned
        )
        self._begin_beside_ghost(lane, plan)
        return "the run as the lesson has it, from the start; the changed one is the ghost"

    def _checked(self, lane: Lane, knob: str, value: Any) -> tuple[Param, Any]:
        param = lane.era.knobs.get(knob)
        if param is None:
            raise BadInput(
                f'{lane.era.title} has no knob "{knob}"', remedy=did_you_mean(knob, lane.era.knobs, noun="knob")
            )
        return param, param.check(value, knob)

    def save(self, file: str | Path) -> str:
        """Save the scenario with the knobs as they stand and every turn made by hand, as a new scenario file."""
        scenario = as_it_stands(self.scenario, self.lanes)
        path = Path(file)
        if path.exists():
            raise BadInput("there is a file of this name already", file=path, remedy="Choose another name")
        try:
            path.write_text(dumps(scenario), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"cannot write here: {error.strerror}", file=path, remedy="Choose another place") from None
        return f"saved as {path}"


def _told(knob: str, param: Param, value: Any) -> str:
    """What has become of a knob."""
    if param.kind == "points":
        return f"your {plain(len(value))} points are what it learns now"
    if param.kind == "picture":
        return "the machine looks at your picture"
    return f"{knob} is now {in_short(value)}"
