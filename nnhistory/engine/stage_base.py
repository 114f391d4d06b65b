"""What a stage is made of: its lanes, its runner, and where the story stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from nnhistory.engine.lane import Lane
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.registry import Registry
from nnhistory.engine.relay import RelayShow
from nnhistory.engine.runner import Runner
from nnhistory.engine.story import chapters_of, reached_at, right_options, runs_needed
from nnhistory.engine.study_show import StudyShow
from nnhistory.scenario.load import Loaded
from nnhistory.scenario.schema import Chapter, Question

__all__ = ["ABREAST", "COMPUTING", "StageBase"]

ABREAST = (2, 3, 4, 6, 10)
"""How many runs can stand side by side; more are no comparison any more."""

COMPUTING = "computing the rest of the run"
"""What a stage says until the end is there."""


class StageBase:
    """Fields shared by the parts of a stage, and what they all ask: which lanes show, which chapter it is."""

    def __init__(
        self,
        loaded: Loaded,
        registry: Registry,
        lanes: Sequence[Lane],
        runner: Callable[[], Runner] | None,
        *,
        lang: str = "en",
        study: StudyShow | None = None,
        relay: RelayShow | None = None,
    ) -> None:
        self.loaded = loaded
        self.scenario = loaded.scenario
        self.id = loaded.id
        self.registry = registry
        self.lanes = tuple(lanes)
        self.selected = 0
        self.lang = lang
        self.study = study
        self.relay = relay
        self.message = ""
        self.patient = False
        """Somebody sits before it: a study that is done keeps its answer until they have wagered, or ask for it (n).

        A run waits for its reader, who can hold it; a study runs by itself, and may be done before one has read on.
        """
        self._asked_to_tell = False
        """The study's answer was asked for without a wager, of these runs: those that begin again ask again."""
        self.pointed = ""
        """The weight that the X-ray shows: the name of a link."""
        self.abreast = min(ABREAST[-1], len(lanes)) if loaded.scenario.play.side_by_side else 1
        """How many runs stand side by side, where there are so many."""
        self._make_runner = runner
        self._runner = runner() if runner is not None else None
        self._speed_touched = False
        self._closed = False
        if self._runner is not None:
            for lane in self.lanes:
                self._runner.take(lane.job, lane.plan)

    @property
    def replayed(self) -> bool:
        """Is it a recording, which nothing can change?"""
        return self._runner is None and self.study is None

    @property
    def board(self) -> StudyShow | RelayShow | None:
        """What gathers many runs and is shown in their place: a study, or a relay until one of its rows is opened."""
        return self.scores or self.study

    @property
    def scores(self) -> RelayShow | None:
        """The relay, while its board is what is shown."""
        return self.relay if self.relay is not None and self.relay.open else None

    @property
    def lane(self) -> Lane:
        """The selected lane."""
        return self.lanes[self.selected]

    def select(self, index: int) -> str:
        """Look at this lane."""
        if not 0 <= index < len(self.lanes):
            return ""
        self.selected = index
        self.pointed = ""
        self.lane.playhead.start_clock()
        return (
            f"{self.lane.title} (run {index + 1} of {len(self.lanes)})" if len(self.lanes) > 1 else "there is one run"
        )

    @property
    def pool(self) -> tuple[int, ...]:
        """Lanes that can stand beside the selected one: of its kind, which is a run, or a part of another era's run.

        A machine of 2006 from which a net starts reports other numbers than the nets do.
        """
        parts = {part for lane in self.lanes for part in self._under(lane) if part.plan.era != lane.plan.era}
        if self.relay is not None:
            told = {part for entry in self.relay.relay.entry for part in entry.parts}
            parts |= {lane for lane in self.lanes if lane.id in told}
        mine = self.lane in parts
        return tuple(index for index, lane in enumerate(self.lanes) if (lane in parts) == mine)

    def _under(self, lane: Lane) -> set[Lane]:
        """All runs that this one builds on, directly or through others."""
        direct = {other for other in self.lanes if other.id in lane.plan.needs}
        return direct.union(*(self._under(other) for other in direct))

    @property
    def visible(self) -> tuple[int, ...]:
        """Lanes that are shown, and that play: the selected one, or as many as stand side by side, it among them."""
        if self.abreast < 2 or self.board is not None:  # asked for in every picture
            return (self.selected,)
        pool = self.pool
        count = min(self.abreast, len(pool))
        if count < 2:
            return (self.selected,)
        at = pool.index(self.selected)
        # Of two, any neighbours; of more, one block after the other, so that nothing moves while one selects.
        first = min(at if count == 2 else at // count * count, len(pool) - count)
        return pool[first : first + count]

    @property
    def crowd(self) -> tuple[int, ...]:
        """Lanes that share one scene, because whole pictures of so many would be too small; () where they do not."""
        return self.visible if len(self.visible) > 2 else ()

    @property
    def outcomes(self) -> dict[str, RunOutcome]:
        """What has come out so far: the runs that have ended."""
        return {lane.id: lane.outcome for lane in self.lanes if lane.outcome is not None}

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
            waits = self.patient and not self._asked_to_tell and number not in lane.chosen
            return self.study.right_options(question) if self.study.done and not waits else None
        due = reached_at(question.reveal, lane.shown)
        if due is None or lane.playhead.tick < due:
            return None
        outcomes = self.outcomes
        if not runs_needed(question, lane.id) <= outcomes.keys():
            return None
        return right_options(question, outcomes, lane.id)

    def _question(self, lane: Lane, number: int) -> tuple[int, Question | None]:
        """The chapter whose question is shown, and the question: this chapter's own.

        The question of a chapter before is carried over, through as many chapters as it takes, if its answer came only
        now, together with this chapter: whoever wagered must be told. So is an older one that was wagered on, if a
        jump led past its answer.
        """
        chapters = self._chapters(lane)
        question = chapters[number].question
        if question is not None:
            return number, question
        asked = next((place for place in reversed(range(number)) if chapters[place].question is not None), None)
        before = chapters[asked].question if asked is not None else None
        if asked is not None and before is not None and self.study is None:
            here, due = reached_at(chapters[number].at, lane.shown), reached_at(before.reveal, lane.shown)
            if here is not None and (due is None or due >= here):
                return asked, before
        for earlier in reversed(range(number)):
            older = chapters[earlier].question
            if older is None or earlier not in lane.chosen or lane.answered.get(earlier, number) != number:
                continue
            if self._answer(lane, earlier, older) is not None:
                return earlier, older
        return number, None

    def _note_answers(self, lane: Lane) -> None:
        """Remember in which chapter a wager's answer was first there to be read."""
        if len(lane.answered) == len(lane.chosen):
            return
        number, chapter = self._now(lane)
        if chapter is None:
            return
        asked, question = self._question(lane, number)
        if question is not None and asked in lane.chosen and self._answer(lane, asked, question) is not None:
            lane.answered.setdefault(asked, number)

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

    def _living_runner(self) -> Runner:
        """The runner; a fresh one if its process is gone. Not for a recording that is replayed."""
        assert self._runner is not None
        assert self._make_runner is not None
        if getattr(self._runner, "dead", False):
            self._runner.close()
            self._runner = self._make_runner()
        return self._runner

    def _span(self, lane: Lane) -> float:
        """Moments from one end of the time line to the other. A growing run's line is lengthened in large steps."""
        newest = last_tick(lane.shown)
        if lane.shown.complete:
            return max(1, newest)
        room = 48.0
        while room < newest * 1.05:
            room *= 1.5
        return room
