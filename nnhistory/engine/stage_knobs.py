"""What a user changes on a stage: knobs, another future from a moment on, a cure; taking it back, and saving it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.moment import STEP_ENDS
from nnhistory.core.numbers import plain
from nnhistory.core.params import Param
from nnhistory.core.scene import Dial, Scene, Size
from nnhistory.engine.doctor_cures import Cure
from nnhistory.engine.experiment import as_it_stands
from nnhistory.engine.lane import Lane, in_short
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.stage_relay import StageRelay
from nnhistory.engine.story import reached_at
from nnhistory.scenario.schema import Turn
from nnhistory.scenario.write import dumps

__all__ = ["StageKnobs"]


class StageKnobs(StageRelay):
    """Every method returns a short message for the status line."""

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
        if param.live:
            self._note_dials(lane)
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
        self._note_dials(lane)
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

    def _note_dials(self, lane: Lane) -> None:
        """Which knobs are dials of a picture: asked when a knob is turned, not in every picture."""
        if lane.started:
            scene: Scene = self.registry.view(lane.plan.era).scene(lane.frame, lane.shown, Size(120, 36), None)
            marks = (mark for panel in scene.panels for mark in panel.marks)
            lane.dials |= {mark.edit.knob for mark in marks if isinstance(mark, Dial) and mark.edit is not None}

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
