"""Every shipped scenario: it holds, its story can be told, its wagers have one right answer, and it could fail."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator

import pytest

from nnhistory.core.recording import Recording
from nnhistory.draw.words import text_width
from nnhistory.engine.expect import evaluate
from nnhistory.engine.perform import Outcome, perform
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.registry import Registry
from nnhistory.engine.story import fill, reached_at, right_options
from nnhistory.scenario.library import find, ids
from nnhistory.scenario.load import Loaded, load
from nnhistory.scenario.schema import HOLE, Chapter, Question, Run, Scenario, say
from tests.scenarios.controls import lessons, must_fail

REGISTRY = Registry()
EVERY = lessons()
MINUTES_TO_WATCH = 2.0
TITLE_ROOM = 33
"""Cells of a title in the frame of the story in a terminal of 80 columns, where it is half as wide."""


@functools.cache
def loaded(name: str) -> Loaded:
    return load(find(name))


@functools.lru_cache(maxsize=2)
def performed(name: str) -> Outcome:
    """As it is written, recordings kept. Studies: on this process alone. Costs: tests/bench/test_lessons_bench.py."""
    return perform(loaded(name), REGISTRY, keep=True, workers=1)


def lanes(scenario: Scenario) -> Iterator[tuple[Run, list[Chapter]]]:
    """Each run with the chapters told beside it."""
    for run in scenario.run:
        yield run, [chapter for chapter in scenario.chapter if chapter.run in (None, run.id)]


def right(name: str, question: Question, run: str, outcome: Outcome) -> tuple[int, ...]:
    if outcome.rows is None:
        return right_options(question, outcome.runs, run)
    options = enumerate(question.options)
    return tuple(number for number, option in options if evaluate(option.expect, outcome.runs, outcome.rows).holds)


def words(text: str) -> int:
    return len(text.split())


@pytest.mark.parametrize("name", ids())
def test_no_chapter_gives_a_wager_away(name: str) -> None:
    """What comes next is told when the answer is due, not before: else the text answers what is still asked."""
    for run, chapters in lanes(loaded(name).scenario):
        for number, chapter in enumerate(chapters[:-1]):
            if chapter.question is None:
                continue
            due, then = chapter.question.reveal, chapters[number + 1].at
            same = due.event is not None and due.event == then.event
            later = due.step is not None and (then.step or 0) >= due.step
            assert then.end or same or later, f"{run.id}: {chapters[number + 1].title}"


def test_all_lessons_of_the_perceptron_are_there() -> None:
    lessons = ("or", "margin", "xor", "parity", "capacity", "mark-i-bars", "mark-i-digits", "digits-deep-surprise")
    assert {f"perceptron/{name}" for name in lessons} <= set(ids())


@pytest.mark.parametrize("name", EVERY)
def test_it_holds(name: str) -> None:
    outcome = performed(name)
    assert outcome.verdicts, "a scenario without an expectation shows nothing"
    assert [(verdict.text, verdict.observed) for verdict in outcome.verdicts if not verdict.holds] == []


@pytest.mark.parametrize("name", EVERY)
def test_its_time_is_said(name: str) -> None:
    # A hint for the list of lessons: the machine decides, so only the order of magnitude is checked.
    assert 0 < loaded(name).scenario.seconds <= 30


@pytest.mark.parametrize("name", EVERY)
def test_every_run_is_expected_something(name: str) -> None:
    scenario = loaded(name).scenario
    first = scenario.run[0].id
    judged = {expect.run or first for expect in scenario.expect}
    judged |= {expect.than.run for expect in scenario.expect if expect.than is not None and expect.than.run}
    assert judged == {run.id for run in scenario.run}


@pytest.mark.parametrize("name", EVERY)
def test_every_chapter_is_reached_in_order(name: str) -> None:
    scenario, outcome = loaded(name).scenario, performed(name)
    assert scenario.chapter
    for run, chapters in lanes(scenario):
        assert chapters, f"nothing is told beside {run.id}"
        ticks = [reached_at(chapter.at, outcome.recordings[run.id]) for chapter in chapters]
        assert None not in ticks, [c.title for c, tick in zip(chapters, ticks, strict=True) if tick is None]
        # The chapter shown is the last one in the file whose moment has come, so the file is in the order of time;
        # two chapters at one moment would hide the first.
        if scenario.study is None:
            assert ticks == sorted(set(ticks))  # type: ignore[type-var]


@pytest.mark.parametrize("name", EVERY)
def test_every_text_can_be_filled(name: str) -> None:
    scenario, outcome = loaded(name).scenario, performed(name)
    for run, chapters in lanes(scenario):
        recording: Recording = outcome.recordings[run.id]
        last = recording.frames[-1].tick
        for chapter in chapters:
            tick = reached_at(chapter.at, recording)
            assert tick is not None
            assert "…" not in fill(say(chapter.text), recording, tick), chapter.title
            if chapter.question is not None:
                texts = [chapter.question.explain, *(option.reply for option in chapter.question.options)]
                assert not any("…" in fill(say(text), recording, last) for text in texts), chapter.title


@pytest.mark.parametrize("name", ids())
def test_a_chapters_title_fits_into_a_small_terminal(name: str) -> None:
    for _, chapters in lanes(loaded(name).scenario):
        titles = [f"{number}/{len(chapters)} · {say(one.title)}" for number, one in enumerate(chapters, start=1)]
        assert [title for title in titles if text_width(title) > TITLE_ROOM] == []


@pytest.mark.parametrize("name", EVERY)
def test_tone(name: str) -> None:
    scenario = loaded(name).scenario
    for chapter in scenario.chapter:
        texts = [say(chapter.title), say(chapter.text)]
        assert words(texts[1]) <= 60, (chapter.title, words(texts[1]))
        if chapter.question is not None:
            texts += [say(chapter.question.ask), say(chapter.question.explain)]
            texts += [say(text) for option in chapter.question.options for text in (option.text, option.reply)]
            assert words(say(chapter.question.explain)) <= 60, chapter.title
        assert not any("!" in text for text in texts), chapter.title


@pytest.mark.parametrize("name", EVERY)
def test_a_number_in_a_text_is_computed(name: str) -> None:
    # A decimal fraction in the story is a hole that the run fills, or it names the row of the record it is taken from.
    for chapter in loaded(name).scenario.chapter:
        text = say(chapter.text)
        if re.search(r"(?<![\w{])0?\.\d", text):
            settings = str([run.dataset for run in loaded(name).scenario.run])
            named = all(number in settings for number in re.findall(r"0\.\d+", text))
            assert named if "record" not in text else True, chapter.title


@pytest.mark.parametrize("name", EVERY)
def test_exactly_one_answer_is_right(name: str) -> None:
    scenario, outcome = loaded(name).scenario, performed(name)
    for run, chapters in lanes(scenario):
        for chapter in chapters:
            if chapter.question is not None and chapter.run in (None, run.id):
                owner = chapter.run or scenario.run[0].id
                assert len(right(name, chapter.question, owner, outcome)) == 1, chapter.question.ask
                assert scenario.study or reached_at(chapter.question.reveal, outcome.recordings[owner]) is not None


@pytest.mark.parametrize("name", EVERY)
def test_whoever_wagers_is_told(name: str) -> None:
    # The stage shows a question with its own chapter and, once it is settled, with the next one, but no later.
    scenario, outcome = loaded(name).scenario, performed(name)
    for run, chapters in lanes(scenario):
        if scenario.study is not None:
            assert not any(chapter.question for chapter in chapters[:-1])
            continue
        recording = outcome.recordings[run.id]
        for chapter, later in zip(chapters, chapters[2:], strict=False):
            if chapter.question is not None:
                due, gone = reached_at(chapter.question.reveal, recording), reached_at(later.at, recording)
                assert due is not None
                assert gone is not None
                assert due < gone, chapter.title


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", ["perceptron/margin", "perceptron/parity", "perceptron/mark-i-bars"])
def test_another_seed_has_one_right_answer_too(name: str, seed: int) -> None:
    outcome = perform(loaded(name), REGISTRY, seed=seed)
    questions = [(c.run or loaded(name).scenario.run[0].id, c.question) for c in loaded(name).scenario.chapter]
    assert outcome.passed, [verdict.text for verdict in outcome.verdicts if not verdict.holds]
    for run, question in questions:
        assert question is None or len(right(name, question, run, outcome)) == 1


@pytest.mark.parametrize("name", EVERY)
def test_it_can_be_watched(name: str) -> None:
    # At the speeds that the file sets, no run takes longer to look at than this; wagers and pauses come on top.
    scenario, outcome = loaded(name).scenario, performed(name)
    if scenario.study is not None:
        return
    for run, chapters in lanes(scenario):
        recording = outcome.recordings[run.id]
        end = recording.frames[-1].tick
        seconds, place, speed = 0.0, 0, scenario.play.speed
        for chapter in chapters:
            tick = reached_at(chapter.at, recording)
            assert tick is not None
            seconds, place, speed = seconds + (tick - place) / speed, tick, chapter.speed or speed
        assert seconds + (end - place) / speed <= 60 * MINUTES_TO_WATCH, run.id


ALTERED = [
    # A lesson that would hold whatever the machine does is none: one setting altered, and an expectation fails.
    ("perceptron/or", ["dataset.coding=binary"], "converged: mistakes == 3"),
    ("perceptron/or", ["steps=2"], "converged happens"),
    ("perceptron/xor", ["order=random"], "limit_cycle happens"),
    ("perceptron/xor", ["degree=2"], "limit_cycle happens"),
    ("perceptron/xor", ["degree=2"], "separable == 0"),
    ("perceptron/margin", ["narrow.steps=20"], "narrow: converged happens"),
    ("perceptron/margin", ["basis.bias=true"], "basis: converged: mistakes == 10"),
    ("perceptron/margin", ["gaussian.dataset.margin=0.01"], "gaussian: margin >= 0.2"),
    ("perceptron/parity", ["below.degree=3"], "below: converged never"),
    ("perceptron/parity", ["below.degree=3"], "below: label_correlation == 0"),
    ("perceptron/parity", ["full.degree=2"], "full: converged: mistakes == 8"),
    ("perceptron/parity", ["pocket2.steps=20000", "pocket2.degree=2"], "pocket2: pocket_accuracy == 0.75"),
    ("perceptron/parity", ["pocket4.steps=5"], "pocket4: pocket_accuracy == 0.688"),
    ("perceptron/mark-i-bars", ["bars.machine=none"], "bars: test_accuracy (at step 400) >= 0.88"),
    ("perceptron/mark-i-bars", ["bare.machine=mark_i"], "bare: test_accuracy <= 0.8"),
    ("perceptron/mark-i-bars", ['coins.dataset.labels="true"'], "coins: test_accuracy between 0.4 and 0.6"),
    ("perceptron/mark-i-digits", ["digits.dataset.labels=shuffled"], "digits: largest_sum_accuracy >= 0.79"),
    ("perceptron/mark-i-digits", ["digits.steps=300"], "digits: largest_sum_accuracy >= 0.79"),
    ("perceptron/digits-deep-surprise", ["digits.steps=60"], "digits: largest_sum_accuracy >= 0.85"),
    ("perceptron/digits-deep-surprise", ['shuffled.dataset.labels="true"'], "shuffled: largest_sum_accuracy <= 0.3"),
]


@pytest.mark.parametrize(("name", "settings", "expected"), ALTERED, ids=[f"{n}-{s[-1]}-{e}" for n, s, e in ALTERED])
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(name, settings, expected)


@pytest.mark.slow
def test_negative_control_of_the_capacity() -> None:
    # With a threshold there are 21 weights: the curve still follows its own theory. Labels that are no coins do not.
    rows = perform(loaded("perceptron/capacity"), REGISTRY, settings=[parse_setting("bias=true")], workers=1)
    assert [verdict.text for verdict in rows.verdicts if "within" in verdict.text and not verdict.holds] == []
    assert not rows.verdicts[-1].holds  # one half is at P = 2N = 42 now, not at 40


@pytest.mark.parametrize("name", ids())
def test_what_is_said_of_one_moment_is_not_a_number_of_another(name: str) -> None:
    # A hole has the value at the playhead: what a metric was before the first step it says only until that step.
    for chapter in loaded(name).scenario.chapter:
        for sentence in re.split(r"(?<=[.?])\s", " ".join(say(chapter.text).split())):
            moving = [hole for hole in HOLE.findall(sentence) if "." not in hole]
            told = re.search(r"before the first step|at this first step|at the first step", sentence, re.IGNORECASE)
            assert not (moving and told), (chapter.title, sentence)
