"""The relay: all runs of a scenario at once, one row for each net. It says who computes when, and how each row stands.

In each of two processes one run is driven after another, flat out; the rows fill while one looks. A process that has
nothing left takes a run from the other's queue, so that no core idles while the last rows wait. What a row
says at its end is computed: the first of its sentences whose expectation holds.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Scene, Size
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.company import UNLIMITED
from nnhistory.engine.lane import Lane
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.playhead import last_tick
from nnhistory.engine.registry import Registry
from nnhistory.engine.runner import PairedRunner, Runner
from nnhistory.engine.state import State, Status, Story, Timeline
from nnhistory.engine.story import fill, holds, right_options, runs_needed
from nnhistory.scenario.schema import Entry, Relay, Says, say

__all__ = ["BoardRow", "RelayShow", "Row", "board_of", "said_of", "sign_of", "with_torch"]

_BETWEEN = 0.2
"""Seconds between two pictures of the board: drawing more would take the time of those that compute."""
_SOON = 0.8
"""Share of a run from which on the next one is granted, so that its process does not stand still in between."""

RowState = Literal["waiting", "running", "done", "failed"]


@dataclass(frozen=True)
class Row:
    """How a row stands: the metric's newest value, the share that is done, what is being computed, what is said."""

    entry: Entry
    state: RowState
    value: float | None = None
    progress: float = 0.0
    part: int = 0
    """Which of the runs before it is under way, from 1; 0: its own."""
    says: Says | None = None
    failure: str = ""


def with_torch(plans: Iterable[RunPlan], registry: Registry) -> frozenset[str]:
    """Ids of the runs that belong in the process with torch: those of torch eras, and those that build on them."""
    chosen: set[str] = set()
    for plan in plans:  # in an order in which nothing comes before what it builds on
        if registry.manifest(plan.era).torch or chosen.intersection(plan.needs):
            chosen.add(plan.id)
    return frozenset(chosen)


def said_of(entry: Entry, outcomes: Mapping[str, RunOutcome]) -> Says | None:
    """The first of a row's sentences that holds. None if its run is not over, or none of them does."""
    if entry.run not in outcomes:
        return None
    return next((says for says in entry.says if holds(says.expect, outcomes, entry.run)), None)


class BoardRow(msgspec.Struct, frozen=True):
    """A row as it ended. value: the relay's metric. word: what is said of it, with ◆ or ✓; "" if nothing holds."""

    run: str
    year: int
    name: str
    value: float
    word: str
    control: bool = False


def board_of(relay: Relay, outcomes: Mapping[str, RunOutcome], lang: str = "en") -> list[BoardRow]:
    """The board of a relay that has been run without pictures."""
    rows = []
    for entry in relay.entry:
        says = said_of(entry, outcomes)
        word = "" if says is None else f"{sign_of(says)} {say(says.word, lang)}"
        value = outcomes[entry.run].metrics[relay.metric].final
        rows.append(BoardRow(entry.run, entry.year, say(entry.name, lang), value, word, entry.control))
    return rows


def sign_of(says: Says) -> str:
    """◆ for a failure, ✓ for a success."""
    return "◆" if says.broke else "✓"


class RelayShow:
    """The board of a stage's lanes. `open`: it is what is shown; else one of its rows is."""

    def __init__(self, relay: Relay, lanes: Sequence[Lane], torch: frozenset[str], lang: str = "en") -> None:
        self.relay = relay
        self.open = True
        self.held = False
        self.share = 1.0
        """What is shown is how every net stood after this share of its work; 1: as they are now."""
        self.selected = 0
        self.chosen: int | None = None
        self._lang = lang
        self._lanes = {lane.id: lane for lane in lanes}
        self._second = set(torch)
        self._tied = {lane.id for lane in lanes if lane.plan.needs}.union(*(lane.plan.needs for lane in lanes))
        """Runs that build on another, or on which one builds: they stay in one process."""
        self._followed = True
        """The selection goes to the row that ended last, until the user chooses one."""
        self._ended: set[str] = set()
        self._data: Dataset | None = None
        self._looked_for = False
        self._rows: list[Row] | None = None
        self._told: tuple[tuple[int, int | None], Story] | None = None
        self._shown, self._fresh = 0.0, False

    # -- time -------------------------------------------------------------------------------------------------------

    def direct(self, runner: Runner | None, *, fresh: bool = True) -> None:
        """Let the next run of each process begin where the one before it is over. fresh : there is news of one."""
        if fresh:
            self._rows = self._told = None
            self._follow()
        if runner is None or self.held:
            return
        for lane in self._current(runner):
            if lane.granted < UNLIMITED:
                lane.granted = UNLIMITED
                runner.grant(lane.id, UNLIMITED)

    def due(self, now: float, *, fresh: bool) -> bool:
        """Is the board to be drawn again at `now` (seconds)? Where there is news, five times a second."""
        self._fresh |= fresh
        if not self._fresh or 0.0 <= now - self._shown < _BETWEEN:
            return False
        self._shown, self._fresh = now, False
        return True

    @property
    def second(self) -> frozenset[str]:
        """Ids of the runs that belong in the second process as things stand."""
        return frozenset(self._second)

    def _current(self, runner: Runner) -> list[Lane]:
        """The run that each process is at, or is to begin; towards its end, the next one, too."""
        queues = [self._waiting(side) for side in (False, True)]
        if isinstance(runner, PairedRunner):
            for idle, other in (queues, queues[::-1]):
                spare = [lane for lane in other[1:] if lane.id not in self._tied and not lane.granted]
                if not idle and spare:
                    runner.move(spare[0].job, spare[0].plan)
                    self._second ^= {spare[0].id}
                    other.remove(spare[0])
                    idle.append(spare[0])
        return [lane for queue in queues for lane in queue[: 2 if queue and _share(queue[0]) >= _SOON else 1]]

    def _waiting(self, second: bool) -> list[Lane]:
        lanes = self._lanes.values()
        return [lane for lane in lanes if (lane.id in self._second) == second and not _over(lane)]

    def hold(self, runner: Runner | None) -> None:
        """Stop computing where it is. What is finished stays."""
        self.held = True
        for lane in self._lanes.values():
            if runner is not None and not _over(lane) and lane.granted >= UNLIMITED:
                runner.hold(lane.id)
                lane.granted = last_tick(lane.recording) + 1 if lane.started else 0

    def begin_again(self) -> None:
        """Forget what came out: all rows start anew."""
        self.held, self.chosen, self.selected, self._followed = False, None, 0, True
        self._data, self._looked_for = None, False
        self._rows = self._told = None
        self._ended.clear()

    def _follow(self) -> None:
        ended = {entry.run for entry in self.relay.entry if _over(self._lanes[entry.run])}
        fresh, self._ended = ended - self._ended, ended
        if self._followed and fresh:
            self.selected = max(n for n, entry in enumerate(self.relay.entry) if entry.run in fresh)

    # -- hands ------------------------------------------------------------------------------------------------------

    @property
    def entry(self) -> Entry:
        """The selected row's."""
        return self.relay.entry[self.selected]

    def select(self, row: int) -> None:
        """Read this row."""
        self.selected, self._followed = row % len(self.relay.entry), False

    def choose(self, option: int) -> str:
        """Wager on an answer."""
        options = self.relay.question.options
        if not 0 <= option < len(options):
            return f"there are {len(options)} answers"
        if self.answer is not None:
            return "this is settled already"
        self.chosen = option
        return f"you say: {say(options[option].text, self._lang)}"

    # -- sights -----------------------------------------------------------------------------------------------------

    @property
    def outcomes(self) -> dict[str, RunOutcome]:
        return {lane.id: lane.outcome for lane in self._lanes.values() if lane.outcome is not None}

    @property
    def done(self) -> bool:
        """Every run is over."""
        return all(_over(lane) for lane in self._lanes.values())

    @property
    def answer(self) -> tuple[int, ...] | None:
        """The right answers to the wager, once the runs that settle it are over."""
        question, first = self.relay.question, self.relay.entry[0].run
        outcomes = self.outcomes
        return right_options(question, outcomes, first) if runs_needed(question, first) <= outcomes.keys() else None

    def rows(self) -> list[Row]:
        """How every row stands now."""
        if self.share < 1.0:
            return [self._earlier(entry) for entry in self.relay.entry]
        if self._rows is None:
            outcomes = self.outcomes
            self._rows = [self._row(entry, outcomes) for entry in self.relay.entry]
        return self._rows

    def lane(self, entry: Entry) -> Lane:
        """The lane of a row's own run."""
        return self._lanes[entry.run]

    def tick(self, entry: Entry) -> int | None:
        """The moment of a row's own run that is shown; None before its first."""
        lane = self._lanes[entry.run]
        inside = self._inside(entry)
        if not lane.started or inside < 0.0:
            return None
        last = last_tick(lane.recording)
        return last if inside >= 1.0 else lane.recording.at(round(inside * last)).tick

    def _inside(self, entry: Entry) -> float:
        """The share of its own run that is shown; below 0 while the runs before it are under way."""
        return 1.0 if self.share >= 1.0 else self.share * (len(entry.parts) + 1) - len(entry.parts)

    def _earlier(self, entry: Entry) -> Row:
        """How a row stood after `share` of its work."""
        if self.share <= 0.0:
            return Row(entry, "waiting")
        tick = self.tick(entry)
        if tick is None:
            return Row(entry, "running", None, self.share, int(self.share * (len(entry.parts) + 1)) + 1)
        return Row(entry, "running", self._lanes[entry.run].recording.scalar(self.relay.metric, tick), self.share)

    @property
    def data(self) -> Dataset | None:
        """What the nets are given: the data set of the first row, read once more. None if it is not there any more."""
        if not self._looked_for:
            self._looked_for = True
            plan = self.lane(self.relay.entry[0]).plan
            with contextlib.suppress(BadInput):  # a recording goes where the table that it was made from does not
                self._data = load(plan.dataset, Streams(plan.seed), None if plan.base is None else Path(plan.base))
        return self._data

    def _row(self, entry: Entry, outcomes: Mapping[str, RunOutcome]) -> Row:
        lane = self._lanes[entry.run]
        chain = [self._lanes[run] for run in (*entry.parts, entry.run)]
        broken = next((one.failure for one in chain if one.failure), "")
        values = lane.recording.series(self.relay.metric).values
        value = float(values[-1]) if len(values) else None
        if broken:
            return Row(entry, "failed", value, failure=broken)
        if lane.outcome is not None:
            return Row(entry, "done", lane.outcome.metrics[self.relay.metric].final, 1.0, says=said_of(entry, outcomes))
        over = [one.outcome is not None for one in chain]
        under_way = over.index(False)
        if not (any(over) or chain[0].started):
            return Row(entry, "waiting")
        progress = (under_way + _share(chain[under_way])) / len(chain)
        return Row(entry, "running", value, progress, 0 if under_way == len(entry.parts) else under_way + 1)

    def scene(self, size: Size, lang: str = "en") -> Scene:
        """The board, the task, and the selected net."""
        from nnhistory.engine.relay_scene import relay_scene

        return relay_scene(self, size, lang)

    def story(self) -> Story:
        """The selected row in a few sentences. Asked for several times in every picture."""
        key = (self.selected, self.chosen)
        if self._told is None or self._told[0] != key:
            self._told = key, self._tell()
        return self._told[1]

    def _tell(self) -> Story:
        row = self.rows()[self.selected]
        entry = row.entry
        name = f"{entry.year} · {say(entry.name, self._lang)}"
        text, question, answer = say(entry.text, self._lang), self.relay.question, self.answer
        if row.says is not None:
            name = f"{name}: {say(row.says.word, self._lang)}"
            lane = self._lanes[entry.run]
            said = fill(say(row.says.text, self._lang), lane.recording, last_tick(lane.recording))
            why = fill(say(row.says.why, self._lang), lane.recording, 0)
            text = " ".join(" ".join(part.split()) for part in (said, why) if part)
        elif row.failure:
            text = row.failure
        return Story(
            title=name,
            text=text,
            number=self.selected + 1,
            count=len(self.relay.entry),
            question=say(question.ask, self._lang),
            options=tuple(say(option.text, self._lang) for option in question.options),
            chosen=self.chosen,
            answer=answer,
            reply=say(question.explain, self._lang) if answer is not None else "",
            broke=bool(row.failure) or (row.says is not None and row.says.broke),
        )

    @property
    def wager(self) -> str:
        """The wager in one line: what is asked, or how it came out."""
        question, answer = self.relay.question, self.answer
        options = [say(option.text, self._lang) for option in question.options]
        if answer is None:
            if self.chosen is None:
                numbered = "  ".join(f"{number} {text}" for number, text in enumerate(options, 1))
                return f"Your wager: {say(question.ask, self._lang)}  {numbered}"
            return f"Your wager: {options[self.chosen]}. The runs decide."
        told = " ".join(say(question.explain, self._lang).split())
        if self.chosen is None:
            return told
        verdict = "✓ You were right" if self.chosen in answer else "✗ You were not right"
        return f"{verdict} ({options[self.chosen]}). {told}"

    def keys(self) -> list[tuple[str, str, str]]:
        """(key, what it does now, action) on the board, those first that matter most now."""
        keys = [("⏎", "open", "more"), ("↑↓", "choose", "")]
        if self.answer is None:
            keys.append((f"1-{len(self.relay.question.options)}", "wager", ""))
        if not self.done:
            keys.append(("space", "go on" if self.held else "hold", "play_pause"))
        if not (self.done or self.held):
            keys.append(("esc", "stop", "out"))
        return [
            *keys, ("h", "time line", "home"), ("?", "help", "help"), ("q", "quit", "quit"),
            ("c", "compare", "compare"), ("r", "again", "restart"),
            ("R", "other seed", "reseed"), ("v", "next picture", "view"), ("z", "zoom", "zoom"),
            ("/", "search", "search"), ("t", "light", "light"),
        ]  # fmt: skip

    def status(self, message: str) -> Status:
        """As for a run, counted in nets."""
        count = sum(row.state in ("done", "failed") for row in self.rows())
        state: State = "done" if self.done else "paused" if self.held else "playing"
        return Status(state, count, len(self.relay.entry), 0.0, "relay", message, counts="nets")

    def timeline(self) -> Timeline:
        """How far all of it has come."""
        lanes = list(self._lanes.values())
        place = sum(1.0 if _over(lane) else _share(lane) for lane in lanes) / len(lanes)
        return Timeline(place, place, ())


def _over(lane: Lane) -> bool:
    return lane.outcome is not None or bool(lane.failure)


def _share(lane: Lane) -> float:
    if not lane.started or not lane.plan.planned:
        return 0.0
    return min(1.0, lane.recording.frames[-1].step / lane.plan.planned)
