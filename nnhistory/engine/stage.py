"""The stage: one scenario being performed. Both front ends talk to this and to nothing else of the engine.

No toolkit, no thread, no clock of its own: a front end calls `update(now)` on every tick of its clock and asks
for a scene when that returned True.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.moment import STEP_ENDS
from nnhistory.core.numbers import plain
from nnhistory.core.params import Param
from nnhistory.core.scene import Line, Mark, Panel, Scene, Size, TextBlock
from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.lane import Lane
from nnhistory.engine.names import check_names
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import Setting, make_plans
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.engine.runner import InlineRunner, ProcessRunner, Runner
from nnhistory.engine.state import Knob, State, Status, Story, Tick, Timeline
from nnhistory.engine.storage import load as load_recording
from nnhistory.engine.story import chapters_of, event_sentence, fill, reached_at, right_options, runs_needed
from nnhistory.engine.study_show import StudyShow
from nnhistory.scenario.load import Loaded, load, loads
from nnhistory.scenario.schema import Chapter, Question, Turn, say
from nnhistory.scenario.write import dumps

__all__ = ["Knob", "Lane", "Stage", "Status", "Story", "Tick", "Timeline"]


class Stage:
    """See the module's text. Made by `Stage.open(SCENARIO, ...)` or `Stage.replay(FILE)`."""

    def __init__(
        self,
        loaded: Loaded,
        registry: Registry,
        lanes: Sequence[Lane],
        runner: Callable[[], Runner] | None,
        *,
        lang: str = "en",
        study: StudyShow | None = None,
    ) -> None:
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.id = loaded.id
        self.registry = registry
        self.lanes = tuple(lanes)
        self.selected = 0
        self.lang = lang
        self.study = study
        self.message = ""
        self.side_by_side = loaded.scenario.play.side_by_side
        self._make_runner = runner
        self._runner = runner() if runner is not None else None
        self._speed_touched = False
        self._closed = False
        if self._runner is not None:
            for lane in self.lanes:
                self._runner.take(lane.job, lane.plan)

    @classmethod
    def open(
        cls,
        scenario: str | Path | Loaded,
        *,
        registry: Registry | None = None,
        seed: int | None = None,
        device: str = "auto",
        scale: str = "lite",
        settings: Sequence[Setting] = (),
        lang: str = "en",
        inline: bool = False,
    ) -> Stage:
        """Put a scenario on stage and start computing. BadInput if it is not a good scenario.

        inline : compute in this process (tests); otherwise in a spawned one.
        """
        registry = registry if registry is not None else Registry()
        loaded = scenario if isinstance(scenario, Loaded) else load(scenario)
        check_names(loaded, registry)
        plans = make_plans(
            loaded.scenario, registry, source=loaded.source, base=loaded.path.parent, seed=seed,
            settings=settings, device=device, scale=scale,
        )  # fmt: skip
        titles = {run.id: say(run.title, lang) or run.id for run in loaded.scenario.run}
        lanes = [Lane(plan, registry.manifest(plan.era), titles[plan.id], loaded.scenario.play.speed) for plan in plans]
        order = [run.id for run in loaded.scenario.run]
        lanes.sort(key=lambda lane: order.index(lane.id))
        if loaded.scenario.study is not None:
            show = StudyShow(loaded, registry, seed=seed, settings=settings, device=device, scale=scale, inline=inline)
            return cls(loaded, registry, lanes, None, lang=lang, study=show)
        make = (lambda: InlineRunner(registry)) if inline else (lambda: ProcessRunner(registry))
        return cls(loaded, registry, lanes, make, lang=lang)

    @classmethod
    def replay(cls, file: str | Path, *, registry: Registry | None = None, lang: str = "en") -> Stage:
        """Put a recording on stage. Nothing is computed again, and nothing detected again."""
        registry = registry if registry is not None else Registry()
        stored = load_recording(file)
        loaded = loads(stored.scenario, stored.path, id=stored.id)
        titles = {run.id: say(run.title, lang) or run.id for run in loaded.scenario.run}
        lanes = [
            Lane.replayed(
                recording, stored.outcomes.get(run), registry.manifest(recording.header.era), titles.get(run, run),
                loaded.scenario.play.speed,
            )
            for run, recording in stored.recordings.items()
        ]  # fmt: skip
        return cls(loaded, registry, lanes, None, lang=lang)

    # -- time ---------------------------------------------------------------------------------------------------

    @property
    def lane(self) -> Lane:
        """The selected lane."""
        return self.lanes[self.selected]

    @property
    def visible(self) -> tuple[int, ...]:
        """Lanes that are shown, and that play: the selected one, or it and its neighbour."""
        if self.side_by_side and len(self.lanes) > 1:
            first = min(self.selected, len(self.lanes) - 2)
            return (first, first + 1)
        return (self.selected,)

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

    # -- what the user does -------------------------------------------------------------------------------------

    def act(self, action: str) -> str:
        """Do one of `ACTIONS`. Returns a short message for the status line ("" if there is nothing to say)."""
        if self.study is not None and action not in ("restart", "reseed"):
            return "this is a study: it fills its table by itself"
        self.message = self._act(action)
        return self.message

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
            case "fork":
                return "choose a knob and its new value: from here on the run takes another way"
            case "faster" | "slower":
                self._speed_touched = True
        said = ""
        for index in self.visible:
            lane = self.lanes[index]
            if lane.started:
                said = self._move(lane, action) or said
        return said

    def _move(self, lane: Lane, action: str) -> str:
        head, recording = lane.playhead, lane.shown
        match action:
            case "play_pause":
                if head.playing:
                    head.pause()
                elif recording.complete and head.tick >= last_tick(recording):
                    head.seek(0, recording)
                    head.play()
                else:
                    head.play()
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
                    return "computing the rest of the run"
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

    def select(self, index: int) -> str:
        """Look at this lane."""
        if not 0 <= index < len(self.lanes):
            return ""
        self.selected = index
        self.lane.playhead._now = None
        return (
            f"{self.lane.title} (run {index + 1} of {len(self.lanes)})" if len(self.lanes) > 1 else "there is one run"
        )

    def choose(self, option: int) -> str:
        """Wager on answer `option` (0-based) of the present question."""
        number, chapter = self._now(self.lane)
        if chapter is None or chapter.question is None:
            return "nothing is asked here"
        if not 0 <= option < len(chapter.question.options):
            return f"there are {len(chapter.question.options)} answers"
        if self._answer(self.lane, number, chapter.question) is not None:
            return "this is settled already"
        self.lane.chosen[number] = option
        for run in runs_needed(chapter.question, self.lane.id):
            for lane in self.lanes:
                if lane.id == run and lane is not self.lane and lane.outcome is None and self._runner is not None:
                    lane.playhead.goal = lane.granted = UNLIMITED
                    self._runner.grant(lane.id, UNLIMITED)
        if not self.lane.recording.complete or self.lane.playhead.tick < last_tick(self.lane.recording):
            self.lane.playhead.play()
        return f"you say: {say(chapter.question.options[option].text, self.lang)}"

    def turn(self, knob: str, value: Any) -> str:
        """Turn a knob: live ones at the next step boundary, others restart the run. BadInput if out of range."""
        lane = self.lane
        param, value = self._checked(lane, knob, value)
        if self._runner is None:
            return "a recording cannot be changed: open its scenario to turn knobs"
        if not param.live or lane.failure:
            return self._with_config(lane, knob, value)
        if lane.outcome is not None or lane.playhead.tick + 64 < last_tick(lane.recording):
            return self.fork(knob, value)
        self._runner.turn(lane.id, knob, value)
        lane.live_turns.add(knob)
        self._hand_turn(lane, knob, value)
        return f"{knob} is now {_short(value)}"

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
        frame, ghost = lane.frame, lane.shown
        step = frame.step if frame.phase in STEP_ENDS else max(0, frame.step - 1)
        plan = lane.plan.with_turn(Turn(lane.id, step, knob, value))
        lane.ghost = ghost
        lane.begin_again(plan, keep_ghost=True)
        lane.show_ghost = True
        lane.catch_up = frame.tick
        lane.granted = lane.playhead.goal = frame.tick + 2
        self._runner.take(lane.job, plan)
        self._runner.grant(lane.id, lane.granted)
        lane.playhead.play()
        return f"forked at step {step}: {knob} is now {_short(value)}; the old future is the ghost"

    def _with_config(self, lane: Lane, knob: str, value: Any) -> str:
        """A knob that is fixed before the start: the same run again with another setting, the old one as ghost."""
        assert self._runner is not None
        plan = msgspec.structs.replace(lane.plan, config={**lane.plan.config, knob: value})
        lane.ghost = lane.shown if lane.started else None
        lane.begin_again(plan, keep_ghost=True)
        lane.playhead.seek(0, lane.recording)
        lane.playhead.play()
        self._runner.take(lane.job, plan)
        return f"{knob} is {_short(value)} from the start; the earlier run is the ghost"

    def _checked(self, lane: Lane, knob: str, value: Any) -> tuple[Param, Any]:
        param = lane.era.knobs.get(knob)
        if param is None:
            raise BadInput(
                f'{lane.era.title} has no knob "{knob}"', remedy=did_you_mean(knob, lane.era.knobs, noun="knob")
            )
        return param, param.check(value, knob)

    def _hand_turn(self, lane: Lane, knob: str, value: Any) -> None:
        """Remember a live turn in the plan, so that restart, fork and save repeat it. Its step comes with its event."""
        step = lane.recording.frames[-1].step if lane.started else 0
        turns = (*lane.plan.turns, Turn(lane.id, step, knob, value))
        lane.plan = msgspec.structs.replace(lane.plan, turns=turns)

    def seek(self, place: float) -> None:
        """Move the playhead to `place` (0..1 of the time line)."""
        for index in self.visible:
            lane = self.lanes[index]
            if lane.started:
                lane.playhead.seek(round(place * self._span(lane)), lane.shown)

    def save(self, file: str | Path) -> str:
        """Save the scenario with the knobs as they stand and every turn made by hand, as a new scenario file."""
        changed = []
        turns: list[Turn] = []
        for run in self.scenario.run:
            lane = next(lane for lane in self.lanes if lane.id == run.id)
            defaults = {name: param.default for name, param in lane.era.knobs.items()}
            config = {
                k: v for k, v in lane.plan.config.items() if v is not None and (v != defaults[k] or k in run.config)
            }
            changed.append(msgspec.structs.replace(run, config=config, seed=lane.plan.seed))
            turns.extend(lane.plan.turns)
        scenario = msgspec.structs.replace(self.scenario, run=changed, turn=turns, expect=[], chapter=[])
        path = Path(file)
        if path.exists():
            raise BadInput("there is a file of this name already", file=path, remedy="Choose another name")
        try:
            path.write_text(dumps(scenario), encoding="utf-8")
        except OSError as error:
            raise BadInput(f"cannot write here: {error.strerror}", file=path, remedy="Choose another place") from None
        return f"saved as {path}"

    def _restart(self, *, reseed: bool) -> str:
        if self.study is not None:
            return self.study.restart(1 if reseed else 0)
        if self._runner is None:
            for lane in self.lanes:
                lane.playhead.seek(0, lane.recording)
                lane.playhead.play()
            return "a recording starts again; its numbers do not change"
        if getattr(self._runner, "dead", False):
            assert self._make_runner is not None
            self._runner.close()
            self._runner = self._make_runner()
        for lane in self.lanes:
            plan = msgspec.structs.replace(lane.plan, seed=lane.plan.seed + 1) if reseed else lane.plan
            lane.begin_again(plan)
            lane.chosen.clear()
            lane.playhead.seek(0, lane.recording)
            lane.playhead.play()
            self._runner.take(lane.job, plan)
        return f"seed {self.lane.plan.seed}" + (" (other first weights, other order)" if reseed else ", from the start")

    def _compare(self) -> str:
        lane = self.lane
        if lane.ghost is not None:
            lane.show_ghost = not lane.show_ghost
            return "the other future is shown as a ghost" if lane.show_ghost else "the ghost is hidden"
        if len(self.lanes) > 1:
            self.side_by_side = not self.side_by_side
            return "two runs side by side" if self.side_by_side else "one run"
        return "nothing to compare with yet: fork (f) makes another future"

    # -- what there is to see -----------------------------------------------------------------------------------

    def scene(self, size: Size, lane: int | None = None) -> Scene:
        """The scene at the playhead of the selected lane (or of `lane`); a study's chart, table and board."""
        if self.study is not None:
            return self.study.scene(size, self.lang)
        shown = self.lanes[self.selected if lane is None else lane]
        if not shown.started:
            return _waiting(shown)
        ghost = shown.ghost if shown.show_ghost and shown.catch_up is None else None
        view = self.registry.view(shown.plan.era)
        scene: Scene = view.scene(shown.frame, shown.shown, size, ghost)
        _, chapter = self._now(shown)
        wanted = (chapter.pictures if chapter is not None else []) or self.scenario.play.pictures
        if wanted:
            rank = {name: place for place, name in enumerate(wanted)}
            panels = sorted(scene.panels, key=lambda panel: rank.get(panel.id, len(rank)))
            scene = msgspec.structs.replace(scene, panels=tuple(panels))
        return scene

    def thumbnail(self, lane: int | None = None, place: float | None = None) -> Mark | None:
        """A small picture of a lane at `place` of its time line (None: at its playhead)."""
        shown = self.lanes[self.selected if lane is None else lane]
        if not shown.started:
            return None
        frame = shown.frame if place is None else shown.shown.at(round(place * self._span(shown)))
        mark: Mark = self.registry.view(shown.plan.era).thumbnail(frame, shown.shown)
        return mark

    def xray(self) -> Panel | None:
        """This step's arithmetic, or None if the era has none for this moment."""
        lane = self.lane
        explain = self.registry.xray(lane.plan.era) if self.study is None and lane.started else None
        return None if explain is None else explain(lane.frame, lane.shown)

    @property
    def story(self) -> Story:
        """The chapter at the playhead, its question and its answer, and the break if one has been seen."""
        lane = self.lane
        number, chapter = self._now(lane)
        chapters = self._chapters(lane)
        if chapter is None:
            return Story(say(self.scenario.title, self.lang), say(self.scenario.summary, self.lang), 0, len(chapters))
        tick = lane.playhead.tick
        question = chapter.question
        answer = self._answer(lane, number, question) if question is not None else None
        chosen = lane.chosen.get(number)
        reply = ""
        if question is not None and answer is not None:
            if chosen is not None:
                reply = say(question.options[chosen].reply, self.lang)
            reply = " ".join(part for part in (reply, say(question.explain, self.lang)) if part)
        broken = [event for event in lane.shown.events if event.is_break and event.tick <= tick]
        spec = lane.era.events.get(broken[-1].kind) if broken else None
        return Story(
            title=say(chapter.title, self.lang),
            text=fill(say(chapter.text, self.lang), lane.shown, tick),
            number=number + 1,
            count=len(chapters),
            question=say(question.ask, self.lang) if question is not None else None,
            options=tuple(say(option.text, self.lang) for option in question.options) if question is not None else (),
            chosen=chosen,
            answer=answer,
            reply=fill(reply, lane.shown, tick),
            break_text=event_sentence(broken[-1], lane.era) if broken else "",
            history_text=spec.history if spec is not None else "",
        )

    @property
    def status(self) -> Status:
        """Where the selected lane stands."""
        if self.study is not None:
            return self.study.status(self.message)
        lane = self.lane
        head = lane.playhead
        if lane.failure:
            state: State = "failed"
        elif not lane.started:
            state = "starting"
        elif head.playing:
            state = "playing"
        elif lane.recording.complete and head.tick >= last_tick(lane.recording):
            state = "done"
        else:
            state = "paused"
        step = lane.frame.step if lane.started else 0
        progress = None
        if lane.catch_up is not None:
            progress = min(1.0, last_tick(lane.recording) / max(1, lane.catch_up))
        elif lane.started and not lane.recording.complete and lane.granted >= UNLIMITED and lane.plan.planned:
            progress = min(1.0, lane.recording.frames[-1].step / lane.plan.planned)
        phase = lane.frame.phase if lane.started else ""
        planned = lane.recording.frames[-1].step if lane.recording.complete and lane.started else lane.plan.planned
        return Status(state, step, planned, head.speed, phase, self.message, progress, lane.failure)

    @property
    def timeline(self) -> Timeline:
        """The playhead and the events of the selected lane, as places 0..1."""
        if self.study is not None:
            return self.study.timeline()
        lane = self.lane
        if not lane.started:
            return Timeline(0.0, 0.0, ())
        span = self._span(lane)

        def ticks(recording: MemoryRecording) -> tuple[Tick, ...]:
            return tuple(
                Tick(min(1.0, event.tick / span), event, event_sentence(event, lane.era)) for event in recording.events
            )

        ghost = ticks(lane.ghost) if lane.ghost is not None and lane.show_ghost else ()
        place = min(1.0, lane.playhead.tick / span)
        return Timeline(place, min(1.0, last_tick(lane.shown) / span), ticks(lane.shown), ghost)

    @property
    def knobs(self) -> Mapping[str, Knob]:
        """The selected lane's knobs, as they stand at the playhead."""
        lane = self.lane
        values = dict(lane.plan.config)
        if lane.started:
            step = lane.frame.step
            values.update({turn.knob: turn.value for turn in lane.plan.turns if turn.step <= step})
        return {name: Knob(name, param, values[name], param.live) for name, param in lane.era.knobs.items()}

    @property
    def outcomes(self) -> dict[str, RunOutcome]:
        """What has come out so far: the runs that have ended."""
        return {lane.id: lane.outcome for lane in self.lanes if lane.outcome is not None}

    def close(self) -> None:
        """Stop the child (within 0.5 s). Safe to call twice."""
        if not self._closed:
            self._closed = True
            if self._runner is not None:
                self._runner.close()
            if self.study is not None:
                self.study.close()

    def _chapters(self, lane: Lane) -> list[Chapter]:
        return chapters_of(self.scenario.chapter, lane.id, [other.id for other in self.lanes])

    def _now(self, lane: Lane) -> tuple[int, Chapter | None]:
        """The chapter at the playhead: the last one in the file whose moment has come."""
        if not lane.started and self.study is None:
            return -1, None
        found: tuple[int, Chapter | None] = (-1, None)
        for number, chapter in enumerate(self._chapters(lane)):
            if self.study is not None:
                reached = self.study.done or not chapter.at.end
            else:
                tick = reached_at(chapter.at, lane.shown)
                reached = tick is not None and tick <= lane.playhead.tick
            if reached:
                found = (number, chapter)
        return found

    def _answer(self, lane: Lane, number: int, question: Question) -> tuple[int, ...] | None:
        """The right answers, once the reveal is due and the runs that settle it are over."""
        if self.study is not None:
            return self.study.right_options(question) if self.study.done else None
        due = reached_at(question.reveal, lane.shown)
        if due is None or lane.playhead.tick < due:
            return None
        outcomes = self.outcomes
        if not runs_needed(question, lane.id) <= outcomes.keys():
            return None
        return right_options(question, outcomes, lane.id)

    def _span(self, lane: Lane) -> float:
        """Moments from one end of the time line to the other. A growing run's line is lengthened in large steps."""
        newest = last_tick(lane.shown)
        if lane.shown.complete:
            return max(1, newest)
        room = 48.0
        while room < newest * 1.05:
            room *= 1.5
        return room


def _short(value: Any) -> str:
    if isinstance(value, list):
        return "as drawn"
    return plain(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _waiting(lane: Lane) -> Scene:
    text = lane.failure or "The run is starting."
    panel = Panel("start", lane.title, text, (TextBlock(lines=(Line(text),)),), broken=bool(lane.failure))
    return Scene(lane.title, (panel,), text)
