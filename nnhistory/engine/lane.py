"""One run on stage: its plan, the recording as it grows, the playhead, perhaps the ghost of another future."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from nnhistory.core.events import Event
from nnhistory.core.manifest import Manifest
from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Header
from nnhistory.engine.company import Begun, Broke, Ended, Message, News
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.playhead import Playhead, last_tick
from nnhistory.engine.recording import MemoryRecording
from nnhistory.scenario.schema import Turn

__all__ = ["Lane", "in_short"]

_TOLD = 2
"""Turns made by hand that are told one by one: of more, the newest."""

_FEW = 6
"""A list of so many whole numbers is told (the units of each layer); anything longer is a drawing."""


class Lane:
    """See the module's text. Changed by the stage alone; front ends read it."""

    def __init__(self, plan: RunPlan, era: Manifest, title: str, speed: float) -> None:
        self.id = plan.id
        self._title = title
        self.era = era
        self.plan = plan
        self.original = plan
        """As the lesson has it, whatever a hand or the doctor changes."""
        self.job = 0
        self.playhead = Playhead(speed)
        self.recording = _empty(plan)
        self.outcome: RunOutcome | None = None
        self.ghost: MemoryRecording | None = None
        self.show_ghost = True
        self.failure = ""
        self.granted = 0
        self.catch_up: int | None = None
        """After a fork: the moment up to which the past is being computed again."""
        self.chosen: dict[int, int] = {}
        """Chapter number -> the answer wagered on."""
        self.answered: dict[int, int] = {}
        """Chapter number of a wager -> the chapter in which its answer came to be read."""
        self.told: set[int] = set()
        """Chapters that have had their pause."""
        self.looked = False
        """Has the playhead been at the first moment?"""
        self.dials: frozenset[str] = frozenset()
        """Knobs that a picture offers as dials: to turn them is what the lesson is about, and no change of it."""
        self._by_hand: list[Turn] = []
        """Turns made by hand whose step is not known yet: their event has not come."""

    @classmethod
    def replayed(
        cls,
        recording: MemoryRecording,
        outcome: RunOutcome | None,
        era: Manifest,
        title: str,
        speed: float,
        turns: Iterable[Turn] = (),
    ) -> Lane:
        """A lane whose whole recording is there already."""
        header = recording.header
        plan = RunPlan(
            header.run, header.era, header.config, header.dataset, header.seed,
            turns=tuple(turns), planned=header.planned,
        )  # fmt: skip
        lane = cls(plan, era, title, speed)
        lane.recording, lane.outcome = recording, outcome
        return lane

    @property
    def changed(self) -> str:
        """What is set otherwise than in the lesson, as "unit = tanh"; empty if nothing is."""
        if self.plan is self.original:  # asked for in every picture
            return ""
        pairs = ((self.plan.config, self.original.config), (self.plan.dataset, self.original.dataset))
        found = {name: new[name] for new, old in pairs for name in new if new[name] != old.get(name)}
        return ", ".join(f"{name.replace('_', ' ')} = {in_short(value)}" for name, value in found.items())

    @property
    def turned(self) -> str:
        """Live knobs turned otherwise than in the lesson, as "rate 0.1 → 0.5 after step 12"; empty if none is."""
        if self.plan.turns == self.original.turns:
            return ""
        values, told = dict(self.plan.config), []
        for turn in sorted(self.plan.turns, key=lambda turn: turn.step):
            before, values[turn.knob] = values.get(turn.knob), turn.value
            shown = self.era.knobs[turn.knob].kind not in ("picture", "points") and turn.knob not in self.dials
            if shown and turn not in self.original.turns and turn.value != before:
                when = "from the next step on" if turn in self._by_hand else f"after step {plain(turn.step)}"
                told.append(f"{turn.knob.replace('_', ' ')} {in_short(before)} → {in_short(turn.value)} {when}")
        earlier = len(told) - _TOLD
        more = [] if earlier < 1 else [f"{earlier} earlier turn{'s' if earlier > 1 else ''}"]
        return ", ".join([*more, *told[-_TOLD:]])

    @property
    def title(self) -> str:
        """The run's title, and what is set otherwise in it."""
        return f"{self._title}, {self.changed}" if self.changed else self._title

    @property
    def started(self) -> bool:
        """Is there anything to draw?"""
        return bool(self.recording.frames)

    @property
    def shown(self) -> MemoryRecording:
        """The recording to draw from: while a fork catches up with its past, the old one, which has the same past."""
        if self.catch_up is not None and self.ghost is not None:
            return self.ghost
        return self.recording

    @property
    def frame(self) -> Frame:
        """The frame under the playhead. Only when `started`."""
        return self.shown.at(self.playhead.tick)

    def begin_again(self, plan: RunPlan, *, keep_ghost: bool = False) -> None:
        """Forget what was computed and wait for the run's first moment."""
        if not keep_ghost:
            self.ghost = None
        self.plan = plan
        self.job += 1
        self.recording = _empty(plan)
        self.outcome, self.failure, self.granted, self.catch_up = None, "", 0, None
        self.playhead.begin_again()
        self.looked = False
        self.told.clear()
        self._by_hand.clear()

    def turn_by_hand(self, knob: str, value: Any) -> None:
        """Remember a live turn in the plan, so that restart, fork and save repeat it."""
        turn = Turn(self.id, self.recording.frames[-1].step if self.started else 0, knob, value)
        self._by_hand.append(turn)
        self.plan = msgspec.structs.replace(self.plan, turns=(*self.plan.turns, turn))

    @property
    def pending(self) -> dict[str, Any]:
        """Knobs that a hand has turned and whose turn has not taken effect yet: name -> value."""
        return {turn.knob: turn.value for turn in self._by_hand}

    def _turned(self, event: Event) -> None:
        """A turn has taken effect: now its step is known exactly, and that of turns it overtook never will be."""
        knob, value = event.evidence.get("knob"), event.evidence.get("value")
        for number, turn in enumerate(self._by_hand):
            if turn.knob == knob and ("drawn" if isinstance(turn.value, list) else turn.value) == value:
                overtaken = [one for one in self._by_hand[:number] if one.knob == knob]
                exact = msgspec.structs.replace(turn, step=int(event.evidence["after"]))
                self._set_turns({id(turn): exact, **{id(one): None for one in overtaken}})
                return

    def _set_turns(self, changes: dict[int, Turn | None]) -> None:
        turns = [changes.get(id(turn), turn) for turn in self.plan.turns]
        self.plan = msgspec.structs.replace(self.plan, turns=tuple(turn for turn in turns if turn is not None))
        self._by_hand = [turn for turn in self._by_hand if id(turn) not in changes]

    def hear(self, message: Message) -> bool:
        """Take in one message of the runner. True if it brought something to draw."""
        job, _, what = message
        if job != self.job:
            return False
        match what:
            case Begun(header):
                self.recording = MemoryRecording(header)
            case News(batch):
                for frame in batch.frames:
                    self.recording.append(frame)
                    for event in frame.events:
                        if event.kind == "turned":
                            self._turned(event)
                self.recording.add_points(batch.points)
                if self.catch_up is not None and last_tick(self.recording) >= self.catch_up:
                    to_end = self.playhead.to_end
                    self.playhead.seek(self.catch_up, self.recording)
                    self.playhead.to_end, self.catch_up = to_end, None
                return bool(batch.frames)
            case Ended(outcome):
                self.outcome = outcome
                self.recording.finish()
                self._set_turns({id(turn): None for turn in self._by_hand})
                if self.catch_up is not None:
                    self.catch_up = None
                    self.playhead.seek(last_tick(self.recording), self.recording)
            case Broke(text):
                if self.outcome is not None:
                    return False
                self.failure = text
                self.playhead.pause()
        return True


def in_short(value: Any) -> str:
    """A knob's value as it is told."""
    if isinstance(value, list):
        sizes = len(value) <= _FEW and all(isinstance(one, int) for one in value)
        return " ".join(str(one) for one in value) if sizes else "as drawn"
    return plain(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)


def _empty(plan: RunPlan) -> MemoryRecording:
    return MemoryRecording(
        Header(plan.id, plan.era, plan.seed, plan.config, plan.dataset, plan.device, planned=plan.planned)
    )
