"""What there is to see on a stage: scene, story, status, time line, knobs."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, cast

import msgspec

from nnhistory.core.events import Event
from nnhistory.core.moment import STEP_ENDS
from nnhistory.core.numbers import in_words
from nnhistory.core.scene import Dial, Graph, Line, Mark, Panel, Scene, Size, TextBlock
from nnhistory.engine.aside import xray_missing
from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.compare import compare_scene, main_metric
from nnhistory.engine.doctor import Diagnosis, examine
from nnhistory.engine.lane import Lane
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.stage_base import StageBase
from nnhistory.engine.state import Knob, State, Status, Story, Tick, Timeline
from nnhistory.engine.story import event_sentence, fill, reached_at
from nnhistory.scenario.schema import say

__all__ = ["StageSights"]


class StageSights(StageBase):
    """Everything a front end reads. Nothing here changes anything."""

    def scene(self, size: Size, lane: int | None = None) -> Scene:
        """The scene at the playhead of the selected lane (or of `lane`); a study's chart, table and board."""
        if self.board is not None:
            return self.board.scene(size, self.lang)
        if self.crowd:
            lanes = [self.lanes[index] for index in self.crowd]
            return compare_scene(self.scenario, lanes, self.lane, self._small, size, self.lang)
        shown = self.lanes[self.selected if lane is None else lane]
        # Loaded while the run is starting: the first moment of a large net takes long enough to come in.
        view = self.registry.view(shown.plan.era)
        if not shown.started:
            return _waiting(shown)
        ghost = shown.ghost if shown.show_ghost and shown.catch_up is None else None
        scene: Scene = view.scene(shown.frame, shown.shown, size, ghost)
        scene = _as_turned(scene, shown.pending)
        number, chapter = self._now(shown)
        wanted = (chapter.pictures if chapter is not None else []) or self.scenario.play.pictures
        if wanted:
            rank = {name: place for place, name in enumerate(wanted)}
            panels = sorted(scene.panels, key=lambda panel: rank.get(panel.id, len(rank)))
            scene = msgspec.structs.replace(scene, panels=tuple(panels))
        question = chapter.question if chapter is not None else None
        if question is None or not question.hides or number in shown.answered:
            return scene
        if self._answer(shown, number, question) is None:
            kept = tuple(panel for panel in scene.panels if panel.id not in question.hides)
            scene = msgspec.structs.replace(scene, panels=kept or scene.panels)
        return scene

    def thumbnail(self, lane: int | None = None, place: float | None = None) -> Mark | None:
        """A small picture of a lane at `place` of its time line (None: at its playhead)."""
        shown = self.lanes[self.selected if lane is None else lane]
        if not shown.started:
            return None
        frame = shown.frame if place is None else shown.shown.at(round(place * self._span(shown)))
        mark: Mark = self.registry.view(shown.plan.era).thumbnail(frame, shown.shown)
        return mark

    def _small(self, lane: Lane) -> Mark | None:
        return self.thumbnail(self.lanes.index(lane))

    def xray(self) -> Panel | None:
        """This step's arithmetic, or None if the era has none for this moment.

        An era whose X-ray takes a third argument is told which weight the user has pointed at.
        """
        lane = self.lane
        alone = self.board is None and not self.crowd
        explain = self.registry.xray(lane.plan.era) if alone and lane.started else None
        if explain is None:
            return None
        if self.pointed and len(inspect.signature(explain).parameters) > 2:
            panel: Panel | None = explain(lane.frame, lane.shown, self.pointed)
            return panel
        return cast("Panel | None", explain(lane.frame, lane.shown))

    def with_xray(self, panels: Sequence[Panel], place: int) -> list[Panel]:
        """These panels and, at this place, the X-ray, or why there is none. It stands for the step's arithmetic."""
        there = self.registry.xray(self.lane.plan.era) is not None
        kept = [panel for panel in panels if panel.id != "step" or not there]
        kept.insert(place, self.xray() or xray_missing(there=there))
        return kept

    def point(self, weight: str) -> None:
        """The X-ray is to show this weight (the name of a link in a picture of a net)."""
        self.pointed = weight

    def point_next(self, step: int) -> str:
        """The X-ray is to show the next weight (or the one before, `step` = -1) of those that are drawn."""
        graphs = [mark for panel in self.scene(Size(120, 36)).panels for mark in panel.marks if isinstance(mark, Graph)]
        links = [name for graph in graphs for name in graph.links]
        if not links:
            return "this picture has no weights to point at"
        at = links.index(self.pointed) + step if self.pointed in links else 0
        self.pointed = links[at % len(links)]
        return f"the weight {self.pointed}"

    @property
    def diagnosis(self) -> Diagnosis:
        """What the doctor reads in all of the selected run that has been computed. Only when it has begun."""
        return examine(self.lane.shown, self.lane.era)

    @property
    def story(self) -> Story:
        """The chapter at the playhead, its question and its answer, and the break if one has been seen."""
        if self.scores is not None:
            return self.scores.story()
        lane = self.lane
        number, chapter = self._now(lane)
        chapters = self._chapters(lane)
        if chapter is None:
            summary = _own_change(lane) + say(self.scenario.summary, self.lang)
            return Story(say(self.scenario.title, self.lang), summary, 0, len(chapters))
        tick = lane.playhead.tick
        asked, question = self._question(lane, number)
        answer = self._answer(lane, asked, question) if question is not None else None
        chosen = lane.chosen.get(asked)
        if question is not None and answer is None and chosen is None and lane.ghost is not None:
            due = reached_at(question.reveal, lane.shown)
            if due is not None and due <= tick:
                question = None  # a fork behind the answer: it has been seen, of the future that is now the ghost
        reply = ""
        if question is not None and answer is not None:
            if chosen is not None:
                reply = say(question.options[chosen].reply, self.lang)
            reply = " ".join(part for part in (reply, say(question.explain, self.lang)) if part)
        broken = [event for event in lane.shown.events if event.is_break and event.tick <= tick]
        if broken and any(_over(broken[-1], event) for event in lane.shown.events if event.tick <= tick):
            broken = []  # a plateau that was left is no end of the story
        spec = lane.era.events.get(broken[-1].kind) if broken else None
        return Story(
            title=say(chapter.title, self.lang),
            text=_own_change(lane) + fill(say(chapter.text, self.lang), lane.shown, tick),
            number=number + 1,
            count=len(chapters),
            question=say(question.ask, self.lang) if question is not None else None,
            options=tuple(say(option.text, self.lang) for option in question.options) if question is not None else (),
            chosen=chosen,
            done=self.study is not None and self.study.done,
            answer=answer,
            reply=fill(reply, lane.shown, tick),
            break_text=event_sentence(broken[-1], lane.era) if broken else "",
            history_text=spec.history if spec is not None else "",
        )

    @property
    def measures(self) -> tuple[tuple[str, str], ...]:
        """What the numbers in sight are: name and meaning. On a board those that it is about, else all of the run."""
        era = self.lane.era
        if self.relay is not None and self.scores is not None:
            names = [self.relay.relay.metric]
        elif self.study is not None:
            names = list(self.study.about)
        elif self.crowd:
            names = [main_metric(self.scenario, [self.lanes[index] for index in self.crowd])]
        else:
            told = set(self.lane.shown.metrics) if self.lane.started else set()
            names = [name for name in era.counted if any(fnmatchcase(one, name) for one in told)]
        specs = {in_words(name.rpartition(".")[2]): era.explained(name.rpartition(".")[2]) for name in names}
        return tuple((said, spec.help) for said, spec in specs.items() if spec is not None)

    @property
    def status(self) -> Status:
        """Where the selected lane stands."""
        if self.board is not None:
            return self.board.status(self.message)
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
        if self.board is not None:
            return self.board.timeline()
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
            frame = lane.frame
            # A turn after step s holds from the moment that ends step s on.
            ended = frame.step if frame.phase in STEP_ENDS else frame.step - 1
            values.update({turn.knob: turn.value for turn in lane.plan.turns if turn.step <= ended})
        return {name: Knob(name, param, values[name], param.live) for name, param in lane.era.knobs.items()}


def _as_turned(scene: Scene, pending: Mapping[str, Any]) -> Scene:
    """Dials stand where the hand has put them, even before the run has taken notice."""
    if not pending:
        return scene

    def stand(mark: Mark) -> Mark:
        if isinstance(mark, Dial) and mark.edit is not None and mark.edit.knob in pending:
            return msgspec.structs.replace(mark, value=float(pending[mark.edit.knob]))
        return mark

    panels = tuple(
        msgspec.structs.replace(panel, marks=tuple(stand(mark) for mark in panel.marks)) for panel in scene.panels
    )
    return msgspec.structs.replace(scene, panels=panels)


def _waiting(lane: Lane) -> Scene:
    text = lane.failure or "The run is starting."
    panel = Panel("start", lane.title, text, (TextBlock(lines=(Line(text),)),), broken=bool(lane.failure))
    return Scene(lane.title, (panel,), text)


def _over(broken: Event, event: Event) -> bool:
    """Did the run get over its break: did it learn in spite of it?"""
    learned = event.kind in ("converged", "nine_in_ten")
    signal = event.kind == "leaves_chance" and broken.kind in ("vanishing", "exploding", "plateau")
    return (learned or signal) and event.tick > broken.tick


def _own_change(lane: Lane) -> str:
    """What a hand changed in the run that the chapter tells of, and how to take it back.

    Dials and pictures are there to be turned and drawn. Other points are another task: what is told is not of them.
    """
    own = lane.original.turns
    drawn = any(turn not in own and lane.era.knobs[turn.knob].kind == "points" for turn in lane.plan.turns)
    changed = ", ".join(part for part in (lane.changed, lane.turned, "the points" if drawn else "") if part)
    return f"Changed here: {changed} (u takes it back).\n\n" if changed else ""
