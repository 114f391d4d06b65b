"""The structs of a scenario file. `nnhistory show --schema` prints their JSON Schema."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

__all__ = [
    "HOLE", "LONGEST_ID", "At", "Chapter", "Entry", "Expect", "InputFrom", "Option", "Play", "Question", "Relay", "Run",
    "Says", "Scale", "Scenario", "Start", "Study", "Text", "Than", "Turn", "say",
]  # fmt: skip

LONGEST_ID = 64
"""Characters of a run's id at most."""
Id = Annotated[
    str,
    Meta(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=LONGEST_ID, description="small letters, digits, - and _"),
]
Step = Annotated[int, Meta(ge=0, description="a training step, 0 is before the first")]
Metric = Annotated[
    str, Meta(description="a metric of the run's era: nnhistory show ERA lists them and says what each one is")
]
Seed = Annotated[int, Meta(ge=0, le=2**63 - 1)]
Text = str | dict[str, str]
"""English text, or one text for each language: { en = "...", ko = "..." }."""


HOLE = re.compile(r"\{([a-z_0-9./]+)\}")
"""{metric} or {event.evidence} in a text, filled with what the run says at that moment."""


def say(text: Text, lang: str = "en") -> str:
    """The text in this language, else in English, else in whatever language there is."""
    if isinstance(text, str):
        return text
    return text.get(lang) or text.get("en") or next(iter(text.values()), "")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, rename={"from_": "from"}):
    pass


class Start(_Strict, frozen=True):
    """Start from an earlier run's weights. Layers not covered are initialised as usual."""

    from_: str
    layers: list[int] | None = None
    into: Annotated[int, Meta(ge=0)] = 0
    unroll: bool = False


class InputFrom(_Strict, frozen=True):
    """Feed on another run's output array instead of a data set's inputs."""

    from_: str
    array: str


class Scale(_Strict, frozen=True):
    """What `--scale full` changes in a run. With another era, which must be the same net, `config` is all its knobs."""

    config: dict[str, Any] = {}
    dataset: str | dict[str, Any] | None = None
    era: str = ""


class Run(_Strict, frozen=True):
    """One run of one era."""

    id: Id
    era: str
    dataset: str | dict[str, Any]
    title: Text = ""
    config: dict[str, Any] = {}
    seed: Seed = 0
    start: Start | None = None
    freeze: list[str] = []
    input: InputFrom | None = None
    full: Scale | None = None


class Turn(_Strict, frozen=True):
    """After this step has ended, turn this knob."""

    run: str
    step: Step
    knob: str
    value: Any


class Than(_Strict, frozen=True):
    """What an expectation compares with: a metric of the same run, or of another.

    times : so many times that metric (0.01: a hundredth of it).
    where : in a study, of the rows with these settings, combined by the expectation's `stat`, instead of the same row.
    """

    metric: Metric | None = None
    event: str | None = None
    evidence: str | None = None
    run: str | None = None
    of: Literal["final", "first", "min", "max", "at"] = "final"
    at: Step | None = None
    times: float = 1.0
    where: dict[str, Any] = {}


class Expect(_Strict, frozen=True):
    """What must hold, as a table: never evaluated code.

    Exactly one of `metric` and `event`. For an event, `op` may be `happens` or `never`, or the comparison is
    made with `evidence` (a key of the event's evidence; `step` always exists).
    `op`: < <= == != >= >, `between` (value = [low, high]), `within` (of `value` or `than`, by `tol`).
    `over` = `effects`: what the switches named in `effect` do to the metric, alone or together, for each seed.
    `over` = `seeds`, `draws` or `rows` and `stat` combine a study's runs; `where` picks study rows by their settings.
    `over` = `all`: the runs of all these rows together, as for settings that are drawn at random.
    """

    run: str | None = None
    metric: Metric | None = None
    event: str | None = None
    evidence: str | None = None
    of: Literal["final", "first", "min", "max", "at"] = "final"
    at: Step | None = None
    op: Literal["<", "<=", "==", "!=", ">=", ">", "between", "within", "happens", "never"] = "=="
    value: float | bool | str | list[float] | None = None
    than: Than | None = None
    tol: Annotated[float, Meta(ge=0)] = 0.0
    stat: Literal["value", "mean", "sd", "share", "min", "max", "median"] = "value"
    over: Literal["seeds", "draws", "rows", "all", "effects"] | None = None
    effect: list[str] = []
    where: dict[str, Any] = {}
    because: Text = ""
    """Why this must hold: the record row or the theorem."""


class Option(_Strict, frozen=True):
    """One answer to a question. It is right if its expectation holds in this run."""

    text: Text
    expect: Expect
    reply: Text = ""


class At(_Strict, frozen=True):
    """When: at a step, or at the first event of a kind."""

    step: Step | None = None
    event: str | None = None
    end: bool = False


class Question(_Strict, frozen=True):
    """Predict before the reveal. The right option is computed from the run, never typed in."""

    ask: Text
    options: Annotated[list[Option], Meta(min_length=2, max_length=9)]
    reveal: At = At(end=True)
    explain: Text = ""
    hides: list[str] = []
    """Pictures that would give the answer away: not shown beside the question until it is settled."""


class Chapter(_Strict, frozen=True):
    """From here on the story says this, beside these pictures."""

    title: Text
    text: Text
    at: At = At(step=0)
    run: str | None = None
    pictures: list[str] = []
    question: Question | None = None
    pause: bool = False
    speed: Annotated[float, Meta(gt=0)] | None = None


class Play(_Strict, frozen=True):
    """How it opens: moments per second, and the pictures shown first."""

    speed: Annotated[float, Meta(gt=0, le=1e6)] = 4.0
    pictures: list[str] = []
    side_by_side: bool = False


class Study(_Strict, frozen=True):
    """Many runs from this scenario.

    over : KEY -> list of values, all combinations. KEY is `RUN.name` or `name`; RUN may be several, as in `a+b.name`.
    full : KEY -> the values that it takes with `--scale full` in place of those of `over`.
    random : KEY -> range such as "log:1e-4..1", "uniform:0..1", "int:2..9", "choice:a,b"; `draws` points of it.
    seeds : how many seeds, or which. draws without `random` are more seeds of each combination.
    x, y, theory : what the chart shows: a KEY or metric against a metric, with the metric that is the theory line.
        RUN.metric where a scenario has several runs; y may be a list of them: a line for each.
    """

    over: dict[str, Annotated[list[Any], Meta(min_length=1)]] = {}
    full: dict[str, Annotated[list[Any], Meta(min_length=1)]] = {}
    random: dict[str, str] = {}
    seeds: Annotated[int, Meta(ge=1)] | Annotated[list[Seed], Meta(min_length=1)] = 1
    draws: Annotated[int, Meta(ge=1)] = 1
    x: str | None = None
    y: Metric | list[Metric] | None = None
    theory: Metric | None = None
    x_label: Text = ""
    stat: Literal["mean", "share", "median"] = "mean"

    def at_scale(self, scale: str) -> Study:
        """The study as `--scale` has it: "lite" or "full"."""
        return msgspec.structs.replace(self, over=self.over | self.full) if scale == "full" and self.full else self

    @property
    def measured(self) -> tuple[str, ...]:
        """The metrics that the chart shows; empty where the scenario names none."""
        return (self.y,) if isinstance(self.y, str) else tuple(self.y or ())

    @property
    def about(self) -> tuple[str, ...]:
        """The metrics that a table for people has: what the chart shows and its theory line; empty for all."""
        return (*self.measured, *([self.theory] if self.theory else [])) if self.measured else ()


class Says(_Strict, frozen=True):
    """What a row of the relay says of its run, if this holds of it.

    word : for the board. text : a sentence, its holes filled at the run's end. why : another, filled at its start.
    broke : it is a failure (◆), not a success (✓).
    """

    expect: Expect
    word: Text
    text: Text
    why: Text = ""
    broke: bool = False


class Entry(_Strict, frozen=True):
    """A row of the relay: a net, what it is, and what is said of it once it is over (the first that holds).

    parts : runs before it that belong to it. control : it is no station of the history, but compared with one.
    """

    run: str
    year: int
    name: Text
    text: Text
    says: Annotated[list[Says], Meta(min_length=1)]
    parts: list[str] = []
    control: bool = False


class Relay(_Strict, frozen=True):
    """All runs at once on one board: one task, and how far each net comes with it.

    task : the question that the nets are asked. metric : what the bars show, `bars` in words. chance : where guessing
    gets.
    shape : rows and columns in which the inputs lie, for the small pictures of first weights.
    answers : what the labels mean, that of the smaller one first.
    """

    task: Text
    metric: Metric
    bars: Text
    chance: float
    shape: Annotated[list[Annotated[int, Meta(ge=1)]], Meta(min_length=2, max_length=2)]
    entry: Annotated[list[Entry], Meta(min_length=1)]
    question: Question
    answers: list[Text] = []


class Scenario(_Strict, frozen=True):
    """A lesson, an experiment and a test in one file."""

    title: Text
    run: Annotated[list[Run], Meta(min_length=1)]
    summary: Text = ""
    year: int = 0
    seconds: Annotated[float, Meta(ge=0, le=1e6)] = 0.0
    record: list[str] = []
    """Rows of the record of results this scenario reproduces."""
    turn: list[Turn] = []
    chapter: list[Chapter] = []
    expect: list[Expect] = []
    study: Study | None = None
    relay: Relay | None = None
    play: Play = Play()
