"""What is exported: a scenario performed to its end, or a recording, with a playhead that goes where it is told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nnhistory.cli.study_table import to_csv, to_json
from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.scene import Line, Panel, Scene, Size, TextBlock
from nnhistory.draw.palette import Palette
from nnhistory.draw.pixels import draw_scene
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Drawing
from nnhistory.engine.expect import Verdict
from nnhistory.engine.lane import Lane
from nnhistory.engine.perform import Outcome, Progress, judge, perform
from nnhistory.engine.plan import Setting
from nnhistory.engine.registry import Registry
from nnhistory.engine.stage import Stage
from nnhistory.engine.study import Studied, do_study, plan_study
from nnhistory.scenario.load import Loaded, load
from nnhistory.scenario.schema import say

__all__ = ["Show"]


class Show:
    """A stage on which everything has been computed.

    Attributes
    ----------
    stage : asked for scenes and the story.
    verdicts : of the scenario's expectations (of a recording: those that can be judged from it).
    remark : what the reader of the picture should be told, "" if nothing.
    """

    def __init__(self, stage: Stage, verdicts: Sequence[Verdict]) -> None:
        self.stage = stage
        self.verdicts = tuple(verdicts)
        self.remark = ""

    @classmethod
    def of_recording(cls, file: str, *, lang: str = "en") -> Show:
        """A recording. BadInput if it cannot be read or holds no moment."""
        stage = Stage.replay(file, lang=lang)
        if not stage.lanes or not all(lane.started for lane in stage.lanes):
            raise BadInput(
                "this recording holds no moment", file=file, remedy="Record it again: nnhistory run --record"
            )
        outcomes = stage.outcomes
        verdicts = []
        for expect in stage.scenario.expect:
            alone = msgspec.structs.replace(stage.scenario, expect=[expect], chapter=[])
            try:
                verdicts += judge(alone, outcomes, None, stage.loaded)
            except (BadInput, KeyError, StopIteration):
                continue  # it needs a study, or a run that this recording does not have to its end
        return cls(stage, verdicts)

    @classmethod
    def of_scenario(
        cls, source: str | Loaded, *, seed: int | None = None, settings: Sequence[Setting] = (), device: str = "auto",
        scale: str = "lite", lang: str = "en", progress: Progress | None = None,
    ) -> Show:  # fmt: skip
        """A scenario, performed here and now."""
        registry = Registry()
        loaded = source if isinstance(source, Loaded) else load(source)
        if loaded.scenario.study is not None:
            return cls._of_study(loaded, registry, seed, settings, device, scale, lang, progress)
        from nnhistory.engine.names import check_names

        check_names(loaded, registry)
        outcome = perform(
            loaded, registry, seed=seed, settings=settings, device=device, scale=scale, progress=progress, keep=True
        )
        lanes = []
        for run in loaded.scenario.run:
            recording = outcome.recordings[run.id]
            turns = [turn for turn in loaded.scenario.turn if turn.run == run.id]
            title, speed = say(run.title, lang) or run.id, loaded.scenario.play.speed
            manifest = registry.manifest(recording.header.era)
            lanes.append(Lane.replayed(recording, outcome.runs[run.id], manifest, title, speed, turns))
        return cls(Stage(loaded, registry, lanes, None, lang=lang), outcome.verdicts)

    @classmethod
    def _of_study(
        cls, loaded: Loaded, registry: Registry, seed: int | None, settings: Sequence[Setting], device: str, scale: str,
        lang: str, progress: Progress | None,
    ) -> Show:  # fmt: skip
        from nnhistory.engine.names import check_names

        check_names(loaded, registry)
        plan = plan_study(loaded, registry, seed=seed, settings=settings, device=device, scale=scale)
        studied = do_study(plan, registry, progress=progress)
        rows = studied.rows
        if not rows:
            studied.refuse_failures()
        return cls.of_study(loaded, registry, studied, judge(loaded.scenario, rows[0].outcomes[0], rows, loaded), lang)

    @classmethod
    def of_study(
        cls, loaded: Loaded, registry: Registry, studied: Studied, verdicts: Sequence[Verdict], lang: str = "en"
    ) -> Show:
        """A study that has been done. At least one of its runs did not fail."""
        return cls(Stage.open(loaded, registry=registry, lang=lang, studied=studied), verdicts)

    # -- where ----------------------------------------------------------------------------------------------------

    def choose(self, run: str | None) -> None:
        """Look at this run; None: at the first."""
        if run is None:
            return
        ids = [lane.id for lane in self.stage.lanes]
        if run not in ids:
            raise BadInput(f'there is no run "{run}"', key="--run", remedy=did_you_mean(run, ids, noun="run"))
        self.stage.select(ids.index(run))

    def go(self, at: str | None) -> None:
        """To a step, to the first event of a kind, or to the `end` (None)."""
        if self.stage.study is not None:
            return  # it has no steps
        lane = self.stage.lane
        recording = lane.recording
        if at is None or at == "end":
            tick = recording.frames[-1].tick
        elif at.isascii() and at.isdigit():
            tick = self._step(int(at))
        else:
            tick = self._event(at)
        self.seek(tick)

    def seek(self, tick: int) -> None:
        """To this moment."""
        lane = self.stage.lane
        lane.playhead.pause()
        lane.playhead.seek(tick, lane.recording)

    def _step(self, step: int) -> int:
        lane = self.stage.lane
        frames = lane.recording.frames
        last = frames[-1].step
        if step > last:
            raise BadInput(
                f'step {step} is never reached: run "{lane.id}" ends at step {last}',
                key="--at", remedy=f"Write --at {last} or an earlier step, or --at end",
            )  # fmt: skip
        there = [frame for frame in frames if frame.step == step]
        if not there:
            nearest = max(frame.step for frame in frames if frame.step < step)
            self.remark = f"step {step} is not in the recording, which thins out as it grows: this is step {nearest}"
            there = [frame for frame in frames if frame.step == nearest]
        # A step is shown with its change made, before everything is counted: the arithmetic is complete there.
        updates = [frame for frame in there if frame.phase == "update"]
        return (updates or there)[-1].tick

    def _event(self, kind: str) -> int:
        lane = self.stage.lane
        events = lane.recording.events
        found = next((event for event in events if event.kind == kind), None)
        if found is not None:
            return found.tick
        seen = list(dict.fromkeys(f"{event.kind} (step {event.step})" for event in events))
        if kind in lane.era.events:
            remedy = f"What does happen: {', '.join(seen[:6])}" if seen else "Nothing else happens in it, either"
            raise BadInput(f'"{kind}" never happens in run "{lane.id}"', key="--at", remedy=remedy)
        known = {event.kind for event in events} | set(lane.era.events) | {"end"}
        raise BadInput(
            f'"{kind}" is neither a step nor an event', key="--at", remedy=did_you_mean(kind, known, noun="event")
        )

    # -- what is seen ---------------------------------------------------------------------------------------------

    @property
    def moment(self) -> str:
        """Where the playhead stands, in words."""
        if self.stage.study is not None:
            return f"{len(self.stage.study.points)} runs"
        frame = self.stage.lane.frame
        run = f"{self.stage.lane.title}, " if len(self.stage.lanes) > 1 else ""
        if frame.step == 0:
            return f"{run}before the first step"
        return f"{run}step {frame.step}, {_PHASES.get(frame.phase, frame.phase)}"

    def scene(self, width: int, height: int) -> Scene:
        """The scene at the playhead under a title that says what it is, with the break as its caption if one was."""
        stage = self.stage
        scene = stage.scene(Size(max(20, width // 9), max(8, height // 18)))
        title = say(stage.scenario.title, stage.lang)
        if stage.study is not None:
            return msgspec.structs.replace(scene, title=title)
        era = stage.lane.era
        story = stage.story
        said = f"◆ {story.break_text}" if story.break_text else scene.caption
        when = self.moment[0].upper() + self.moment[1:]
        return msgspec.structs.replace(scene, title=f"{era.year} {era.title} · {title}", caption=f"{when}. {said}")

    def table(self, kind: str) -> str:
        """The study's table as csv or json."""
        study = self.stage.study
        assert study is not None
        rows = study.studied.rows
        if kind == "csv":
            return to_csv(rows)
        runs = rows[0].outcomes[0]
        title = say(self.stage.scenario.title, self.stage.lang)
        return to_json(Outcome(self.stage.id, title, 0.0, runs, list(self.verdicts), rows))

    def story_panel(self) -> Panel:
        """The chapter at the playhead as a panel."""
        story = self.stage.story
        lines = [Line(story.title, bold=True), *(Line(" ".join(part.split())) for part in story.text.split("\n\n"))]
        return Panel("story", "story", story.text, (TextBlock(lines=tuple(lines), monospace=False),), least=Size(34, 8))

    def drawing(self, width: int, height: int, palette: Palette, *, story: bool = False) -> Drawing:
        """The picture at the playhead."""
        extra = (self.story_panel(),) if story else ()
        return draw_scene(self.scene(width, height), width, height, palette, measure, extra)


_PHASES = {
    "present": "a pattern is presented", "forward": "the answer", "backward": "the error goes back",
    "update": "the change", "eval": "all patterns are counted", "done": "the end",
}  # fmt: skip
