"""A report: one page of HTML that needs nothing else, neither network nor script; light and dark as the reader likes.

The engine's results come in as plain values, so that this module knows neither runs nor scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from nnhistory.draw.report_style import SCRIPT, STYLE

__all__ = ["Citation", "Happening", "History", "Picture", "Quiz", "Report", "RunTable", "Section", "Statement",
           "StudyTable", "VerdictRow", "to_html"]  # fmt: skip


@dataclass(frozen=True)
class Picture:
    """The same scene on light and on dark paper (inline SVG), and what there is to see, panel by panel."""

    light: str
    dark: str
    sentences: tuple[tuple[str, str], ...]
    """(panel title, sentence)."""
    when: str = ""


@dataclass(frozen=True)
class Quiz:
    """A question and its computed answers; right is None where the runs that settle it have not ended."""

    ask: str
    options: tuple[str, ...]
    right: tuple[int, ...] | None
    replies: tuple[str, ...] = ()
    explain: str = ""


@dataclass(frozen=True)
class Section:
    """A chapter at its moment. `picture` None: the run never gets there."""

    title: str
    text: str
    when: str
    picture: Picture | None
    quiz: Quiz | None = None
    broke: str = ""
    history: str = ""


@dataclass(frozen=True)
class Happening:
    """An event: when, in words, and the evidence as (name, value, meaning)."""

    when: str
    text: str
    evidence: tuple[tuple[str, str, str], ...]
    broke: bool = False


@dataclass(frozen=True)
class RunTable:
    """What came out of one run. metrics: (name, first, final, least, greatest, help with its unit)."""

    title: str
    line: str
    metrics: tuple[tuple[str, str, str, str, str, str], ...]
    happenings: tuple[Happening, ...]
    left_out: int = 0


@dataclass(frozen=True)
class StudyTable:
    """A study's table: a line for each setting. The first `named` columns are the settings."""

    line: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    named: int


@dataclass(frozen=True)
class VerdictRow:
    """An expectation, whether it holds, what was seen, and why it must hold."""

    text: str
    holds: bool
    observed: str
    because: str = ""


@dataclass(frozen=True)
class Citation:
    """A source. `read` says how we know it."""

    text: str
    read: str


@dataclass(frozen=True)
class Statement:
    """A historical sentence with its sources, and what is often told instead."""

    text: str
    sources: tuple[Citation, ...]
    popular: str = ""


@dataclass(frozen=True)
class History:
    """What an era believed and where it broke."""

    title: str
    believed: str
    broke: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Report:
    """Everything on the page. `film`: pictures from the first moment to the last, for the slider."""

    title: str
    summary: str
    kicker: str
    sections: tuple[Section, ...]
    film: tuple[Picture, ...]
    runs: tuple[RunTable, ...]
    verdicts: tuple[VerdictRow, ...]
    histories: tuple[History, ...]
    again: str
    lang: str = "en"
    study: StudyTable | None = None


def to_html(report: Report) -> str:
    """The page. It refers to nothing outside itself, and a content policy keeps it so."""
    policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
    body = [
        f'<header><p class="kicker">{escape(report.kicker)}</p><h1>{escape(report.title)}</h1>',
        f'<p class="summary">{escape(report.summary)}</p></header>' if report.summary else "</header>",
        *(_section(section, number + 1) for number, section in enumerate(report.sections)),
        _film(report.film),
        _study(report.study),
        _verdicts(report.verdicts),
        *(_run(run) for run in report.runs),
        *(_history(history) for history in report.histories),
        f"<footer><p>Computed by nnhistory. The same numbers again: <code>{escape(report.again)}</code></p></footer>",
    ]
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(report.lang, quote=True)}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(report.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in body if part)
        + ("\n<script>" + SCRIPT + "</script>" if report.film else "")
        + "\n</main>\n</body>\n</html>\n"
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(' '.join(part.split()))}</p>" for part in text.strip().split("\n\n") if part.strip())


def _picture(picture: Picture) -> str:
    seen = "".join(f"<li><b>{escape(title)}</b>: {escape(text)}</li>" for title, text in picture.sentences)
    return (
        f'<figure><div class="on-light">{picture.light}</div><div class="on-dark">{picture.dark}</div>'
        f"<figcaption><ul>{seen}</ul></figcaption></figure>"
    )


def _section(section: Section, number: int) -> str:
    parts = [f'<section><h2><span class="number">{number}</span> {escape(section.title)}</h2>']
    if section.when:
        parts.append(f'<p class="when">{escape(section.when)}</p>')
    parts.append(_paragraphs(section.text))
    if section.picture is not None:
        parts.append(_picture(section.picture))
    if section.broke:
        then = f"<p>{escape(section.history)}</p>" if section.history else ""
        parts.append(f'<aside class="broke"><p><b>◆ It broke here.</b> {escape(section.broke)}</p>{then}</aside>')
    if section.quiz is not None:
        parts.append(_quiz(section.quiz))
    return "".join(parts) + "</section>"


def _quiz(quiz: Quiz) -> str:
    options = "".join(f"<li>{escape(option)}</li>" for option in quiz.options)
    if quiz.right is None:
        answer = "<p>The runs that settle this have not ended.</p>"
    elif not quiz.right:
        answer = "<p>None of these came true.</p>"
    else:
        answer = "".join(
            f'<p class="right">✓ {escape(quiz.options[index])}'
            + (f"<br>{escape(quiz.replies[index])}" if index < len(quiz.replies) and quiz.replies[index] else "")
            + "</p>"
            for index in quiz.right
        )
    explain = _paragraphs(quiz.explain)
    return (
        f'<div class="quiz"><p><b>{escape(quiz.ask)}</b></p><ol>{options}</ol>'
        f"<details><summary>The answer, computed from this run</summary>{answer}{explain}</details></div>"
    )


def _film(film: tuple[Picture, ...]) -> str:
    if len(film) < 2:
        return ""
    frames = "".join(
        f'<div class="frame"{" hidden" if index else ""} data-when="{escape(picture.when, quote=True)}">'
        f"{_picture(picture)}</div>"
        for index, picture in enumerate(film)
    )
    return (
        '<section class="film"><h2>From the first moment to the last</h2>'
        f'<p class="control" hidden><label>Moment <input type="range" min="0" max="{len(film) - 1}" value="0" step="1">'
        f" <output>{escape(film[0].when)}</output></label></p>{frames}</section>"
    )


def _study(table: StudyTable | None) -> str:
    if table is None:
        return ""
    # Numbers stand to the right; a setting may be a word.
    sides = ["" if place < table.named else " class=n" for place in range(len(table.columns))]
    head = "".join(f"<th{side}>{escape(name)}</th>" for side, name in zip(sides, table.columns, strict=True))
    body = "".join(
        "<tr>" + "".join(f"<td{side}>{escape(text)}</td>" for side, text in zip(sides, row, strict=True)) + "</tr>"
        for row in table.rows
    )
    return (
        f"<section><h2>The table of the study</h2><p>{escape(table.line)}</p>"
        f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></section>'
    )


def _verdicts(rows: tuple[VerdictRow, ...]) -> str:
    if not rows:
        return ""
    held = sum(row.holds for row in rows)
    body = "".join(
        f'<tr class="{"holds" if row.holds else "fails"}"><td>{"✓ holds" if row.holds else "✗ does not hold"}</td>'
        f"<td>{escape(row.text)}</td><td>{escape(row.observed)}</td><td>{escape(row.because)}</td></tr>"
        for row in rows
    )
    return (
        f"<section><h2>What had to hold</h2><p>{held} of {len(rows)} expectations hold.</p>"
        '<div class="wide"><table><thead><tr><th>verdict</th><th>expectation</th><th>observed</th><th>because</th></tr>'
        f"</thead><tbody>{body}</tbody></table></div></section>"
    )


def _run(run: RunTable) -> str:
    rows = "".join(
        f'<tr><td>{escape(name)}</td>{"".join(f"<td class=n>{escape(cell)}</td>" for cell in cells)}'
        f"<td>{escape(about)}</td></tr>"
        for name, *cells, about in run.metrics
    )  # fmt: skip
    table = (
        '<div class="wide"><table><thead><tr><th>metric</th><th class=n>first</th><th class=n>final</th>'
        "<th class=n>least</th><th class=n>greatest</th><th>what it is</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        if run.metrics
        else ""
    )
    happenings = "".join(_happening(one) for one in run.happenings)
    more = f"<p>and {run.left_out} more events</p>" if run.left_out else ""
    events = f"<h3>What happened</h3><ul class=events>{happenings}</ul>{more}" if run.happenings else ""
    return f"<section><h2>{escape(run.title)}</h2><p>{escape(run.line)}</p>{table}{events}</section>"


def _happening(one: Happening) -> str:
    evidence = "".join(
        f"<dt>{escape(name)} = {escape(value)}</dt><dd>{escape(meaning)}</dd>" for name, value, meaning in one.evidence
    )
    listed = f"<dl>{evidence}</dl>" if evidence else ""
    kind = ' class="broke"' if one.broke else ""
    return f"<li{kind}><b>{'◆ ' if one.broke else ''}{escape(one.when)}</b>: {escape(one.text)}{listed}</li>"


def _history(history: History) -> str:
    items = []
    for statement in history.statements:
        popular = (
            f'<p class="popular">Often told otherwise: “{escape(statement.popular)}”</p>' if statement.popular else ""
        )
        cited = "".join(f"<li>{escape(one.text)} <i>[{escape(one.read)}]</i></li>" for one in statement.sources)
        items.append(f'<li><p>{escape(statement.text)}</p>{popular}<ul class="sources">{cited}</ul></li>')
    return (
        f"<section><h2>{escape(history.title)}: what history says</h2>"
        f"<p><b>What was believed.</b> {escape(history.believed)}</p><p><b>What broke.</b> {escape(history.broke)}</p>"
        f'<ul class="history">{"".join(items)}</ul></section>'
    )
