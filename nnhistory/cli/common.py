"""What several commands share: options, progress, and how results are said."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

import click

from nnhistory.core.errors import BadInput

if TYPE_CHECKING:
    from nnhistory.engine.doctor import Diagnosis
    from nnhistory.engine.expect import Verdict
    from nnhistory.engine.outcome import RunOutcome
    from nnhistory.engine.perform import Outcome
    from nnhistory.engine.registry import Registry
    from nnhistory.engine.wagers import Wager
    from nnhistory.scenario.load import Loaded

__all__ = [
    "Reporter", "as_toml", "can_repaint", "check_lang", "display_options", "run_options", "say_diagnosis",
    "say_outcome", "say_verdicts",
]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])


def display_options(command: F) -> F:
    """`--palette --plain --no-motion --lang`, as every drawing command has them."""
    for option in (
        click.option("--lang", default="en", show_default=True, help="Language of the texts."),
        click.option("--no-motion", is_flag=True, help="Nothing moves by itself: you step."),
        click.option("--plain", is_flag=True, help="Sentences instead of pictures."),
        click.option(
            "--palette", default="okabe-ito", show_default=True, help="Colours: okabe-ito, tol-bright, monochrome."
        ),
    ):
        command = option(command)
    return command


def check_lang(lang: str, source: str | None = None) -> None:
    """BadInput if there is no text in `lang`: none that ships, and none in `source`, a scenario or a recording.

    Without a source, the lesson of the last visit is the one that opens.
    """
    if lang == "en":
        return
    from nnhistory.engine.languages import check_language
    from nnhistory.engine.progress import Progress
    from nnhistory.engine.storage import is_recording
    from nnhistory.engine.storage import load as stored
    from nnhistory.scenario.load import load, loads

    own = []
    if source is not None:
        own.append(loads(stored(source).scenario, Path(source)) if is_recording(source) else load(source))
    else:
        with contextlib.suppress(BadInput):  # it may be gone by now
            own.append(load(Progress.load().last))
    check_language(lang, *(loaded.scenario for loaded in own))


def run_options(command: F) -> F:
    """`--seed --set --device --scale`."""
    for option in (
        click.option("--scale", type=click.Choice(["lite", "full"]), default="lite", show_default=True, help="Size."),
        click.option(
            "--device", type=click.Choice(["auto", "cpu", "cuda", "mps"]), default="auto", show_default=True,
            help="Where torch eras compute.",
        ),
        click.option("--set", "settings", multiple=True, metavar="KEY=VALUE", help="Set a knob: rate=0.5, RUN.rate=1."),
        click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=None, help="Replaces every run's seed."),
    ):  # fmt: skip
        command = option(command)
    return command


def can_repaint(*streams: TextIO) -> bool:
    """Are all of these a terminal that can move its cursor? One that says it is dumb is written to as a pipe is."""
    return all(stream.isatty() for stream in streams) and os.environ.get("TERM") not in ("dumb", "unknown")


_SECONDS_PIPED = 2.0
"""Between two lines of progress where there is no terminal, at least."""
_SHARE_PIPED = 0.1
"""A line there waits for so much of the time that has gone by, too: hours of work do not fill a log."""


class Reporter:
    """Progress on standard error: one line that changes on a terminal; when piped, a new line now and then."""

    def __init__(self, unit: str = "") -> None:
        self._unit = f" {unit}" if unit else ""
        self._terminal = can_repaint(sys.stderr)
        self._began = self._last = time.monotonic()
        self._said = ""
        self._shown = False

    def __call__(self, run: str, step: int, planned: int) -> None:
        """See `engine.perform.Progress`."""
        now = time.monotonic()
        piped = max(_SECONDS_PIPED, _SHARE_PIPED * (now - self._began))
        if now - self._last < (0.1 if self._terminal else piped):
            return
        of = (f" of {planned}" if planned else "") + self._unit
        if self._terminal:
            bar = ""
            if planned:
                full = round(24 * min(1.0, step / planned))
                bar = f"[{'#' * full}{'.' * (24 - full)}] "
            click.echo(f"\r\x1b[2K{bar}{run}: {step}{of}  (Ctrl-C cancels)", nl=False, err=True)
            self._shown = True
        else:
            line = f"{run}: {step}{of}"
            if line == self._said:
                return
            self._said = line
            click.echo(line, err=True)
        self._last = now

    def done(self) -> None:
        """Take the line away."""
        if self._shown:
            click.echo("\r\x1b[2K", nl=False, err=True)
            self._shown = False


def say_outcome(outcome: Outcome, registry: Registry, loaded: Loaded | None = None) -> None:
    """A run's result for people, on standard output. loaded : the scenario, so that what is wrong has a place."""
    from nnhistory.core.numbers import plain
    from nnhistory.engine.story import event_sentence

    click.echo(f"{outcome.id}: {outcome.title}")
    where: dict[str, list[str]] = {}
    for run in outcome.runs.values():
        where.setdefault(run.device, []).append(run.id)
    if set(where) != {"cpu"}:
        click.echo("  computed on " + "; on ".join(f"{device}: {', '.join(runs)}" for device, runs in where.items()))
    if outcome.rows is not None:
        say_rows(outcome)
    elif outcome.board:
        say_board(outcome)
    else:
        for run in outcome.runs.values():
            manifest = registry.manifest(run.era)
            click.echo(f"  {run.id}: {manifest.title}, {run.steps} steps, seed {run.seed}, {run.seconds:.2f} s")
            shown = _metrics_told(run, outcome.verdicts)
            more = len(run.metrics) - len(shown)
            told = [f"{name} {plain(run.metrics[name].final)}" for name in shown]
            click.echo("    " + ", ".join([*told, *([f"and {more} more (--json has all)"] if more else [])]))
            for event in run.events[:8]:
                sign = "◆" if event.is_break else "·"
                click.echo(f"    {sign} step {event.step}: {event_sentence(event, manifest)}")
            if len(run.events) > 8:
                click.echo(f"    and {len(run.events) - 8} more events")
    say_verdicts(outcome, loaded)
    for runs, diagnosis in _in_groups(outcome.diagnoses):
        say_diagnosis(", ".join(runs) if len(outcome.diagnoses) > 1 else "", diagnosis)
    if not outcome.verdicts:
        click.echo("  (this scenario expects nothing)")
    click.echo(f"{'passed' if outcome.passed else 'FAILED'} in {outcome.seconds:.1f} s")


_METRICS = 16
"""So many metrics of a run are told on its line; a deep net has some sixty."""


def _metrics_told(run: RunOutcome, verdicts: Sequence[Verdict]) -> list[str]:
    """What is expected of it, and of the others those first that are no layer's: all of them, if they are few."""
    if len(run.metrics) <= _METRICS:
        return list(run.metrics)
    parts = [part for verdict in verdicts for part in (verdict.expect, verdict.expect.than) if part is not None]
    named = {part.metric for part in parts if part.run in (None, run.id)}
    whole = [name for name in run.metrics if name not in named and not name.rpartition("/")[2].isdigit()]
    shown = named | set(whole[: max(0, _METRICS - len(named & run.metrics.keys()))])
    return [name for name in run.metrics if name in shown]


def _in_groups(diagnoses: Mapping[str, Diagnosis]) -> list[tuple[list[str], Diagnosis]]:
    """The diagnoses with whose they are; healthy runs of which the same is said stand together."""
    groups: list[tuple[list[str], Diagnosis]] = []
    for run, diagnosis in diagnoses.items():
        same = next((runs for runs, one in groups if diagnosis.healthy and one == diagnosis), None)
        if same is None:
            groups.append(([run], diagnosis))
        else:
            same.append(run)
    return groups


def say_board(outcome: Outcome) -> None:
    """A relay's rows: year, net, a bar of its score, the score, the word, the time it took with what belongs to it."""
    wide = max(len(row.name) for row in outcome.board)
    for row in outcome.board:
        bar = "#" * round(24 * row.value) if row.value == row.value else ""
        took = outcome.runs[row.run].seconds
        click.echo(f"  {row.year}  {row.name:<{wide}}  [{bar:<24}]  {row.value:.2f}  {row.word:<18} {took:5.1f} s")
    others = [run for run in outcome.runs.values() if run.id not in {row.run for row in outcome.board}]
    if others:
        click.echo(f"  and {sum(run.seconds for run in others):.1f} s for {', '.join(run.id for run in others)}")


def say_diagnosis(run: str, diagnosis: Diagnosis) -> None:
    """What the doctor found, causes first, one line each, and under a cause what would cure it."""
    from nnhistory.engine.doctor_panel import cure_line

    who = f"The doctor on {run}" if run else "The doctor"
    if diagnosis.healthy:
        click.echo(f"  {who}: {diagnosis.summary}")
    for finding in diagnosis.findings:
        click.echo(f"  {who}: {finding.name} ({finding.role}). {finding.text}")
        if finding.cure is not None:
            click.echo(f"      cure: {cure_line(finding)}")


def say_verdicts(outcome: Outcome, loaded: Loaded | None = None) -> None:
    """Every expectation with what was observed, and the right answer to every wager."""
    for verdict in outcome.verdicts:
        digits = _digits(verdict)
        with_ = "" if verdict.reference is None else f", compared with {observed(verdict.reference, digits)}"
        sign = "✓" if verdict.holds else "✗"
        click.echo(f"  {sign} {verdict.text}  [observed {observed(verdict.observed, digits)}{with_}]")
    for wager in outcome.wagers:
        if wager.sound:
            click.echo(f"  ? {wager.ask} the right answer is: {wager.right[0]}")
        else:
            click.echo(f"  ✗ {_where(wager, loaded)}{wager.ask} {_unsound(wager)}")


def _where(wager: Wager, loaded: Loaded | None) -> str:
    """File, line and chapter of a wager that is no good."""
    whose = "the relay" if wager.chapter is None else f'chapter "{wager.title}"'
    if loaded is None:
        return f"{whose}: "
    from nnhistory.scenario.locate import line_of

    return f"{loaded.path}:{line_of(loaded.source, wager.key)}: {whose}: "


def _unsound(wager: Wager) -> str:
    several = f"{len(wager.right)} answers are right: {'; '.join(wager.right)}"
    return f"{several if wager.right else 'no answer is right'}, where exactly one must be"


def say_rows(outcome: Outcome) -> None:
    """A study's table: settings, and the mean over the runs of a row: of the metrics it is about, else of all."""
    from nnhistory.core.numbers import as_text, plain
    from nnhistory.engine.study_numbers import metrics_of, summarise

    rows = outcome.rows or []
    keys = list(rows[0].settings)
    reported = [set(metrics_of([row])) for row in rows]
    columns = [[key, *(as_text(row.settings[key]) for row in rows)] for key in keys]
    columns.append(["runs", *(str(len(row.outcomes)) for row in rows)])
    head = len(columns)
    every = metrics_of(rows)
    shown = [name for name in every if {name, name.rpartition(".")[2]} & set(outcome.about)] or every
    for name in shown:
        known = zip(rows, reported, strict=True)
        columns.append([name, *(plain(summarise(row, name)[0]) if name in there else "–" for row, there in known)])
    for part in _that_fit(columns, head, _columns_of_terminal()):
        widths = [max(map(len, column)) for column in part]
        for line in zip(*part, strict=True):
            click.echo("  " + "  ".join(text.rjust(width) for text, width in zip(line, widths, strict=True)))
    if len(shown) < len(every):
        click.echo(f"  ({len(every) - len(shown)} more metrics: --json, or nnhistory study ... -o table.csv)")


def _columns_of_terminal() -> int:
    """Cells in a line of the terminal; in a pipe a line has no end."""
    import shutil

    return shutil.get_terminal_size().columns if sys.stdout.isatty() else sys.maxsize


def _that_fit(columns: list[list[str]], head: int, room: int) -> Iterator[list[list[str]]]:
    """A table that is too wide, in parts one below the other; each begins with the first `head` columns."""
    part = columns[:head]
    for column in columns[head:]:
        wide = sum(2 + max(map(len, one)) for one in [*part, column])
        if wide > room and len(part) > head:
            yield part
            part = columns[:head]
        part = [*part, column]
    yield part


def _digits(verdict: Verdict) -> int:
    """As few digits, three at least, as tell what was observed from what it was compared with, where that matters."""
    if verdict.holds and verdict.expect.op in ("within", "between"):
        return 3
    with_ = verdict.expect.value if verdict.reference is None else verdict.reference
    others = with_ if isinstance(with_, list) else [with_]
    for digits in (3, 4, 5, 6, 8, 12):
        text = observed(verdict.observed, digits)
        if not any(other != verdict.observed and observed(other, digits) == text for other in others):
            return digits
    return 17


def observed(value: Any, digits: int = 3) -> str:
    """What an expectation saw, short."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "the event never came"
    if isinstance(value, list):
        return ", ".join(observed(item, digits) for item in value[:12]) + (", ..." if len(value) > 12 else "")
    from nnhistory.core.numbers import as_text

    return as_text(value, digits)


def as_toml(value: object) -> str:
    """A default as one would write it in a scenario."""
    import json

    return json.dumps(value) if isinstance(value, bool | str) else str(value)
