"""The stage: one scenario being performed. Both front ends talk to this and to nothing else of the engine.

No toolkit, no thread, no clock of its own: a front end calls `update(now)` on every tick of its clock and asks
for a scene when that returned True.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from nnhistory.engine.lane import Lane
from nnhistory.engine.names import check_names
from nnhistory.engine.plan import Setting, make_plans
from nnhistory.engine.registry import Registry
from nnhistory.engine.relay import RelayShow, with_torch
from nnhistory.engine.runner import InlineRunner, PairedRunner, ProcessRunner, Runner
from nnhistory.engine.stage_hands import StageHands
from nnhistory.engine.stage_sights import StageSights
from nnhistory.engine.stage_time import StageTime
from nnhistory.engine.state import Knob, Status, Story, Tick, Timeline
from nnhistory.engine.storage import load as load_recording
from nnhistory.engine.study import Studied
from nnhistory.engine.study_show import StudyShow
from nnhistory.scenario.load import Loaded, load, loads
from nnhistory.scenario.schema import say

__all__ = ["Knob", "Lane", "Stage", "Status", "Story", "Tick", "Timeline"]


class Stage(StageTime, StageHands, StageSights):
    """See the module's text. Made by `Stage.open(SCENARIO, ...)` or `Stage.replay(FILE)`."""

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
        studied: Studied | None = None,
    ) -> Stage:
        """Put a scenario on stage and start computing. BadInput if it is not a good scenario.

        inline : compute in this process (tests); otherwise in a spawned one.
        studied : what came out of the scenario's study, if that has been done already.
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
            show = StudyShow(
                loaded, registry, seed=seed, settings=settings, device=device, scale=scale, inline=inline,
                studied=studied,
            )  # fmt: skip
            return cls(loaded, registry, lanes, None, lang=lang, study=show)
        make: Callable[[], Runner] = (lambda: InlineRunner(registry)) if inline else (lambda: ProcessRunner(registry))
        relay = None
        if loaded.scenario.relay is not None:
            relay = board = RelayShow(loaded.scenario.relay, lanes, with_torch(plans, registry), lang)
            make = make if inline else (lambda: PairedRunner(registry, board.second))
        return cls(loaded, registry, lanes, make, lang=lang, relay=relay)

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
                loaded.scenario.play.speed, [turn for turn in loaded.scenario.turn if turn.run == run],
            )
            for run, recording in stored.recordings.items()
        ]  # fmt: skip
        relay = None
        if loaded.scenario.relay is not None and len(lanes) == len(loaded.scenario.run):  # all of it was recorded
            relay = RelayShow(loaded.scenario.relay, lanes, frozenset(), lang)
        return cls(loaded, registry, lanes, None, lang=lang, relay=relay)

    def close(self) -> None:
        """Stop the child (within 0.5 s). Safe to call twice."""
        if not self._closed:
            self._closed = True
            if self._runner is not None:
                self._runner.close()
            if self.study is not None:
                self.study.close()
