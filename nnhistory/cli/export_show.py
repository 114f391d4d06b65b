"""What is exported: a scenario performed to its end, or a recording, with a playhead that goes where it is told."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np

from nnhistory.cli.study_table import to_csv, to_json
from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.scene import Line, Panel, Scene, Size, TextBlock
from nnhistory.draw.gif import holds, sample
from nnhistory.draw.palette import Palette
from nnhistory.draw.pixels import draw_scene
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Drawing
from nnhistory.engine.expect import Verdict
from nnhistory.engine.lane import Lane
from nnhistory.engine.perform import Outcome, Progress, judge, perform
from nnhistory.engine.plan import Setting
from nnhistory.engine.registry import Registry
from nnhistory.engine.relay import RelayShow
from nnhistory.engine.stage import Stage
from nnhistory.engine.study import Studied, do_study, plan_study
from nnhistory.engine.wagers import settle
from nnhistory.scenario.load import Loaded, load
from nnhistory.scenario.schema import say

__all__ = ["BOARD_HAS_NO_STEPS", "NAME_A_RUN", "Show"]

BOARD_HAS_NO_STEPS, NAME_A_RUN = "a relay's board has no steps", "Add --run RUN, or leave --at out"

_BOARDS = 41
"""Pictures of a relay's board in a row: every 2.5 % of the training."""


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
            lane = Lane.replayed(recording, outcome.runs[run.id], manifest, title, speed, turns)
            lane.plan = msgspec.structs.replace(lane.plan, base=str(loaded.path.parent))
            lanes.append(lane)
        relay = loaded.scenario.relay
        board = None if relay is None else RelayShow(relay, lanes, frozenset(), lang)
        return cls(Stage(loaded, registry, lanes, None, lang=lang, relay=board), outcome.verdicts)

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
        """Look at this run; None: at a relay's board, else at the first."""
        if run is None:
            return
        ids = [lane.id for lane in self.stage.lanes]
        if run not in ids:
            raise BadInput(f'there is no run "{run}"', key="--run", remedy=did_you_mean(run, ids, noun="run"))
        self.leave_board()
        self.stage.select(ids.index(run))

    def leave_board(self) -> None:
        """From a relay's board to the runs by themselves."""
        if self.stage.relay is not None:
            self.stage.relay.open = False

    def go(self, at: str | None) -> None:
        """To a step, to the first event of a kind, or to the `end` (None)."""
        if self.stage.scores is not None and at not in (None, "end"):
            raise BadInput(BOARD_HAS_NO_STEPS, key="--at", remedy=NAME_A_RUN)
        if self.stage.board is not None:
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

    def moments(self, most: int) -> list[float]:
        """What `turn_to` takes, for at most so many pictures in a row: ticks of the run, of a board shares."""
        if self.stage.scores is not None:
            return [float(share) for share in np.linspace(0.0, 1.0, min(most, _BOARDS))]
        return list(sample(self.stage.lane.recording, most))

    def turn_to(self, moment: float) -> None:
        """To one of `moments`."""
        if self.stage.scores is not None:
            self.stage.scores.share = moment
        else:
            self.seek(int(moment))

    def holds(self, moments: Sequence[float]) -> list[float]:
        """How long each of `moments` stands, in seconds."""
        if self.stage.scores is None:
            return holds(self.stage.lane.recording, [int(moment) for moment in moments])
        return [1.2, *[0.25] * (len(moments) - 2), 4.0]

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
        board = self.stage.scores
        if board is not None:
            return _stand(board)
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
        if stage.scores is not None:
            return msgspec.structs.replace(scene, title=title, caption=f"{scene.title} {self.moment}.")
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
        wagers = settle(self.stage.scenario, runs, rows, self.stage.lang)
        return to_json(Outcome(self.stage.id, title, 0.0, runs, list(self.verdicts), rows, wagers=wagers))

    def story_panel(self) -> Panel:
        """The chapter at the playhead as a panel; beside a relay's board its wager."""
        board = self.stage.scores
        if board is not None:
            return _wager_panel(board, self.stage.lang)
        story = self.stage.story
        lines = [Line(story.title, bold=True), *(Line(" ".join(part.split())) for part in story.text.split("\n\n"))]
        return Panel("story", "story", story.text, (TextBlock(lines=tuple(lines), monospace=False),), least=Size(34, 8))

    def drawing(self, width: int, height: int, palette: Palette, *, story: bool = False) -> Drawing:
        """The picture at the playhead."""
        extra = (self.story_panel(),) if story else ()
        return draw_scene(self.scene(width, height), width, height, palette, measure, extra)


def _stand(board: RelayShow) -> str:
    """How far the nets of a relay are, in words."""
    controls = sum(entry.control for entry in board.relay.entry)
    nets = f"{len(board.relay.entry) - controls} nets" + (f" and {controls} to compare with" if controls else "")
    if board.share <= 0.0:
        return f"{nets}, before the first step"
    done = "at the end" if board.share >= 1.0 else f"after {100 * board.share:.0f} % of its training"
    return f"{nets}, each {done}"


def _wager_panel(board: RelayShow, lang: str) -> Panel:
    """What is asked of a relay, and how it came out once it is over."""
    question, over = board.relay.question, board.share >= 1.0
    right = board.answer if over else None
    lines = [Line(say(question.ask, lang), bold=True)]
    lines += [Line(f"{'✓' if place in (right or ()) else '·'} {say(option.text, lang)}")
              for place, option in enumerate(question.options)]  # fmt: skip
    if right is not None:
        lines.append(Line(" ".join(say(question.explain, lang).split())))
    told = " ".join(line.text for line in lines)
    return Panel("story", "story", told, (TextBlock(lines=tuple(lines), monospace=False),), least=Size(34, 8))


_PHASES = {
    "present": "a pattern is presented", "forward": "the answer", "backward": "the error goes back",
    "update": "the change", "eval": "all patterns are counted", "done": "the end",
}  # fmt: skip
