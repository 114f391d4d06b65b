"""From a show to a report: chapters with their pictures, answers, numbers, events, history."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from nnhistory.cli.common import observed
from nnhistory.cli.export_show import Show
from nnhistory.core.manifest import Manifest
from nnhistory.core.numbers import as_text, in_words, key_in_words, plain
from nnhistory.core.scene import Scene
from nnhistory.draw.palette import Palette, palette
from nnhistory.draw.pixels import draw_scene
from nnhistory.draw.png import measure
from nnhistory.draw.report import (
    Citation,
    Happening,
    History,
    Picture,
    Quiz,
    Report,
    RunTable,
    Section,
    Statement,
    StudyTable,
    VerdictRow,
)
from nnhistory.draw.svg import to_svg
from nnhistory.engine.lane import Lane
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.relay import RelayShow
from nnhistory.engine.story import event_sentence, fill, reached_at, right_options, runs_needed
from nnhistory.engine.study_numbers import metrics_of, summarise
from nnhistory.engine.study_show import StudyShow
from nnhistory.scenario.schema import Chapter, Question, say

__all__ = ["make_report"]

_FILM = 20
_FILM_BYTES = 6_000_000
"""More than this in pictures for the slider makes a page slow to open."""

_SHOWN_EVENTS = 40


def make_report(
    show: Show,
    size: tuple[int, int],
    *,
    name: str,
    again: str,
    progress: Callable[[str, int, int], None] | None = None,
) -> Report:
    """Everything that was computed, as one report. name : of the palette; again : the command that repeats it."""
    stage, scenario = show.stage, show.stage.scenario
    eras = {lane.era.id: lane.era for lane in stage.lanes}
    years = ", ".join(f"{era.year} {era.title}" for era in sorted(eras.values(), key=lambda era: era.year))
    film = () if stage.study is not None else _film(show, size, name, progress)
    sections = [_board(show, stage.scores, size, name)] if stage.scores is not None else []
    show.leave_board()
    for number, chapter in enumerate(scenario.chapter):
        if progress is not None:
            progress("chapters", number, len(scenario.chapter))
        sections.append(_section(show, chapter, size, name))
    if not sections:
        show.go(None)
        sections.append(Section("What came out", "", show.moment, _picture(show, size, name)))
    outcomes = _outcomes(show)
    return Report(
        title=say(scenario.title, stage.lang),
        summary=say(scenario.summary, stage.lang),
        kicker=f"{years} · {stage.id}",
        sections=tuple(sections),
        film=film,
        runs=tuple(_run(run, stage.registry.manifest(run.era)) for run in outcomes.values()),
        verdicts=tuple(
            VerdictRow(v.text, v.holds, observed(v.observed), say(v.expect.because, stage.lang)) for v in show.verdicts
        ),
        histories=tuple(_history(era) for era in eras.values()),
        again=again,
        lang=stage.lang,
        study=_study_table(stage.study) if stage.study is not None else None,
    )


def _study_table(study: StudyShow) -> StudyTable:
    """Every metric's mean over the runs of a setting, with its standard deviation where there are several runs."""
    rows = study.studied.rows
    keys = list(rows[0].settings)
    names = metrics_of(rows)
    body = []
    for row in rows:
        cells = [as_text(row.settings[key]) for key in keys] + [str(len(row.outcomes))]
        for name in names:
            mean, spread = summarise(row, name)
            spread_said = f" ± {plain(spread)}" if len(row.outcomes) > 1 and not math.isnan(mean) else ""
            cells.append("–" if math.isnan(mean) else plain(mean) + spread_said)
        body.append(tuple(cells))
    several = any(len(row.outcomes) > 1 for row in rows)
    line = f"{len(study.points)} runs of {len(rows)} setting{'s' if len(rows) != 1 else ''}; every metric at the end of"
    line += " its runs, mean ± standard deviation." if several else " its run."
    columns = (*(key_in_words(key) for key in keys), "runs")
    heads = tuple(in_words(name) for name in names)
    return StudyTable(line, (*columns, *heads), tuple(body), len(keys))


def _outcomes(show: Show) -> dict[str, RunOutcome]:
    study = show.stage.study
    if study is None:
        return show.stage.outcomes
    first = next(result for result in study.results if not result.failure)
    return dict(first.outcomes)


def _picture(show: Show, size: tuple[int, int], name: str) -> Picture:
    width, height = size
    scene = show.scene(width, height)
    sentences = tuple((panel.title, panel.sentence) for panel in scene.panels)
    said = " ".join(f"{title}: {sentence}" for title, sentence in sentences)
    light, dark = (_svg(scene, size, palette(name, paper), said) for paper in (False, True))
    return Picture(light, dark, sentences, show.moment)


def _svg(scene: Scene, size: tuple[int, int], colours: Palette, said: str) -> str:
    return to_svg(draw_scene(scene, *size, colours, measure), *size, scene.title, said, inline=True)


def _board(show: Show, board: RelayShow, size: tuple[int, int], name: str) -> Section:
    """What a relay came to: all its nets, and its wager."""
    lang, question = show.stage.lang, board.relay.question
    quiz = _quiz(lang, question, board.answer, str)
    return Section(say(board.relay.task, lang), "", show.moment, _picture(show, size, name), quiz)


def _section(show: Show, chapter: Chapter, size: tuple[int, int], name: str) -> Section:
    stage = show.stage
    title, text = say(chapter.title, stage.lang), say(chapter.text, stage.lang)
    if stage.study is not None:
        quiz = None
        if chapter.question is not None:
            quiz = _quiz(stage.lang, chapter.question, stage.study.right_options(chapter.question), str)
        return Section(title, text, show.moment, _picture(show, size, name), quiz)
    ids = [lane.id for lane in stage.lanes]
    if chapter.run in ids:
        stage.select(ids.index(chapter.run))
    lane = stage.lane
    tick = reached_at(chapter.at, lane.recording)
    if tick is None:
        return Section(title, text, f'Run "{lane.id}" never gets here.', None)
    show.seek(tick)
    quiz = None
    if chapter.question is not None:
        quiz = _asked(show, lane, chapter.question)
    here = [event for event in lane.recording.events if event.is_break and event.tick == tick]
    broke, history = "", ""
    if here:
        spec = lane.era.events.get(here[0].kind)
        broke, history = event_sentence(here[0], lane.era), spec.history if spec is not None else ""
    when = show.moment[0].upper() + show.moment[1:]
    filled = fill(text, lane.recording, tick)
    return Section(title, filled, when, _picture(show, size, name), quiz, broke, history)


def _asked(show: Show, lane: Lane, question: Question) -> Quiz:
    outcomes = show.stage.outcomes
    right = None
    if runs_needed(question, lane.id) <= outcomes.keys():
        right = right_options(question, outcomes, lane.id)
    due = reached_at(question.reveal, lane.recording)
    end = due if due is not None else lane.recording.frames[-1].tick
    return _quiz(show.stage.lang, question, right, lambda text: fill(text, lane.recording, end))


def _quiz(lang: str, question: Question, right: tuple[int, ...] | None, filled: Callable[[str], str]) -> Quiz:
    return Quiz(
        ask=say(question.ask, lang),
        options=tuple(say(option.text, lang) for option in question.options),
        right=right,
        replies=tuple(filled(say(option.reply, lang)) for option in question.options),
        explain=filled(say(question.explain, lang)),
    )


def _film(
    show: Show, size: tuple[int, int], name: str, progress: Callable[[str, int, int], None] | None
) -> tuple[Picture, ...]:
    moments = show.moments(_FILM)
    film: list[Picture] = []
    for number, moment in enumerate(moments):
        if progress is not None:
            progress("moments", number, len(moments))
        show.turn_to(moment)
        film.append(_picture(show, size, name))
        if number == 0:
            each = len(film[0].light) + len(film[0].dark)
            if each * len(moments) > _FILM_BYTES:
                return _rest(show, size, name, show.moments(max(2, _FILM_BYTES // each)))
    return tuple(film)


def _rest(show: Show, size: tuple[int, int], name: str, moments: list[float]) -> tuple[Picture, ...]:
    film = []
    for moment in moments:
        show.turn_to(moment)
        film.append(_picture(show, size, name))
    return tuple(film)


def _run(run: RunOutcome, era: Manifest) -> RunTable:
    metrics = []
    for metric, tally in run.metrics.items():
        spec = era.explained(metric)
        about = f"{spec.help} ({spec.unit})" if spec is not None else ""
        numbers = [plain(value) for value in (tally.first, tally.final, tally.min, tally.max)]
        metrics.append((in_words(metric), numbers[0], numbers[1], numbers[2], numbers[3], about))
    happenings = []
    for event in run.events[:_SHOWN_EVENTS]:
        meanings = era.events[event.kind].evidence if event.kind in era.events else {}
        evidence = tuple((key, _show(value), meanings.get(key, "")) for key, value in event.evidence.items())
        happenings.append(Happening(f"Step {event.step}", event_sentence(event, era), evidence, event.is_break))
    line = f"{run.steps} steps in {run.seconds:.2f} s on {run.device}, seed {run.seed}."
    left_out = max(0, len(run.events) - _SHOWN_EVENTS)
    return RunTable(f"The run {run.id}: {era.title}", line, tuple(metrics), tuple(happenings), left_out)


def _history(era: Manifest) -> History:
    statements = []
    for statement in era.history:
        cited = [era.papers[key] for key in statement.sources if key in era.papers]
        sources = tuple(Citation(f"{p.author} ({p.year}). {p.title}. {p.venue}.", p.read) for p in cited)
        statements.append(Statement(statement.text, sources, statement.popular))
    return History(f"{era.year} {era.title}", era.believed, era.broke, tuple(statements))


def _show(value: Any) -> str:
    if isinstance(value, list):
        return "a drawing" if len(value) > 12 else ", ".join(_show(item) for item in value)
    return plain(value) if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
