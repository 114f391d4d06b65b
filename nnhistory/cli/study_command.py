"""`nnhistory study SCENARIO --over KEY=a,b,c`: many runs, a table and a board."""

from __future__ import annotations

import contextlib
import json
import shlex
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nnhistory.cli.common import run_options, say_rows, say_verdicts

if TYPE_CHECKING:
    from nnhistory.engine.registry import Registry
    from nnhistory.engine.study import Studied, StudyPlan
    from nnhistory.engine.study_store import StudyStore
    from nnhistory.scenario.schema import Study

__all__ = ["command"]


@click.command(name="study")
@click.argument("scenario")
@click.option("--over", multiple=True, metavar="KEY=a,b,c", help="Values of a knob; several --over make a grid.")
@click.option("--random", "drawn", multiple=True, metavar="KEY=RANGE", help="Draw values: rate=log:1e-4..1.")
@click.option("--draws", type=click.IntRange(1), default=None, help="How many draws (or runs of each setting).")
@click.option("--seeds", type=click.IntRange(1), default=None, help="How many seeds of each setting.")
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes; as many as cores if not said.")
@click.option("--cluster", default=None, metavar="ADDRESS", help="An existing Dask cluster: tcp://host:port.")
@click.option(
    "-o",
    "--output",
    "outs",
    multiple=True,
    metavar="OUT",
    help="Save the table (.csv, .json), chart and board (.png, .svg) or a report (.html); several -o save several.",
)
@click.option("--force", is_flag=True, help="Overwrite OUT if it is there.")
@click.option("--no-stack", is_flag=True, help="Compute every run by itself, not several beside each other.")
@click.option("--fresh", is_flag=True, help="Do not continue a study that was stopped: begin anew.")
@run_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    scenario: str, over: tuple[str, ...], drawn: tuple[str, ...], draws: int | None, seeds: int | None,
    workers: int | None, cluster: str | None, outs: tuple[str, ...], force: bool, no_stack: bool, fresh: bool,
    seed: int | None, settings: tuple[str, ...], device: str, scale: str, as_json: bool,
) -> None:  # fmt: skip
    """Run SCENARIO many times. Without --over, --random and --seeds its own [study] is done.

    A study that was stopped, however that came about, goes on where it was when the same command is given again.
    """
    import msgspec

    from nnhistory.core.errors import BadInput
    from nnhistory.engine.names import check_names, check_study_key, check_study_size
    from nnhistory.engine.perform import Outcome, judge
    from nnhistory.engine.plan import at_full_scale, make_plans, parse_setting
    from nnhistory.engine.registry import Registry
    from nnhistory.engine.study import plan_study
    from nnhistory.engine.study_store import StudyStore
    from nnhistory.engine.wagers import settle
    from nnhistory.scenario.load import load
    from nnhistory.scenario.schema import Study, say

    began = time.perf_counter()
    registry = Registry()
    loaded = load(scenario)
    own = loaded.scenario.study
    asked = bool(over or drawn)
    study = Study() if asked or own is None else own
    if not asked and own is None and seeds is None and draws is None:
        raise BadInput("this scenario has no [study]", file=loaded.path, remedy="Name what to vary: --over KEY=a,b,c")
    check_names(loaded, registry)
    over_values = {key: _values(text, key) for key, text in (_pair(text, "--over") for text in over)}
    ranges = dict(_pair(text, "--random") for text in drawn)
    manifests = {run.id: registry.manifest(run.era) for run in loaded.scenario.run}
    meant = [at_full_scale(run) if scale == "full" else run for run in loaded.scenario.run]
    for option, keys in (("--over", over_values), ("--random", ranges)):
        for key, values in keys.items():
            try:
                check_study_key(key, values, meant, manifests)
            except BadInput as error:
                error.key = f"{option} {key}"
                raise
    if asked and own is not None:  # other settings, the same question: what is drawn stays, against them if it can be
        x = own.x if own.x in {*over_values, *ranges} else None
        study = Study(x=x, x_label=own.x_label if x else "", y=own.y, stat=own.stat, theory=own.theory)
    study = msgspec.structs.replace(
        study,
        over=over_values if over else study.over,
        full={} if over else study.full,
        random=ranges if drawn else study.random,
        seeds=seeds if seeds is not None else study.seeds,
        draws=draws if draws is not None else study.draws,
    )
    check_study_size(study.at_scale(scale))
    loaded = msgspec.structs.replace(loaded, scenario=msgspec.structs.replace(loaded.scenario, study=study))
    chosen = [parse_setting(text) for text in settings]
    # A device or setting that cannot be is refused here, once, and not by every run of the study.
    make_plans(loaded.scenario, registry, base=loaded.path.parent, settings=chosen, device=device, scale=scale)
    if outs:
        from nnhistory.cli.study_export import check_outs

        check_outs(outs, force=force)
    plan = plan_study(loaded, registry, seed=seed, settings=chosen, device=device, scale=scale)
    store = StudyStore.of(plan.job, plan.points, loaded.id)
    studied = _do(plan, registry, store, study, workers=workers, cluster=cluster, fresh=fresh, stack=not no_stack)
    rows = studied.rows
    runs = rows[0].outcomes[0]
    verdicts = judge(loaded.scenario, runs, rows, loaded) if not asked else []
    outcome = Outcome(loaded.id, say(loaded.scenario.title), time.perf_counter() - began, runs, verdicts, rows)
    outcome.about = study.about
    if not asked:
        outcome.wagers = settle(loaded.scenario, runs, rows)
    if outs:
        from nnhistory.cli.study_export import save_study

        again = _again(scenario, over=over, random=drawn, set=settings, seed=seed, seeds=seeds, draws=draws)
        for out in outs:
            save_study(out, loaded, registry, studied, outcome, again)
    if as_json:
        click.echo(json.dumps(outcome.to_json(), ensure_ascii=False))
    else:
        click.echo(f"{outcome.id}: {outcome.title}")
        say_rows(outcome)
        if asked:
            click.echo(
                "  (expectations and wagers are not judged: the study was changed on the command line)", err=True
            )
        else:
            say_verdicts(outcome, loaded)
    for out in outs:
        click.echo(f"saved as {out}", err=as_json)
    store.forget()
    click.get_current_context().exit(0 if outcome.passed else 1)


def _do(
    plan: StudyPlan, registry: Registry, store: StudyStore, study: Study, *, workers: int | None, cluster: str | None,
    fresh: bool, stack: bool,
) -> Studied:  # fmt: skip
    """Every run that is not finished yet, with a board; whatever stops it, what was finished is kept and counted."""
    from nnhistory.cli.study_board import StudyReporter
    from nnhistory.core.errors import Cancelled, NNHistoryError
    from nnhistory.engine.study import do_study

    count = len(plan.points)
    if fresh:
        store.forget()
    found = store.found(plan.points)
    if found:
        click.echo(f"continuing: {len(found)} of {count} runs were finished before (--fresh begins anew)", err=True)
    reporter = StudyReporter(plan.points, next(iter(study.measured), ""), study.stat, len(found))
    try:
        studied = do_study(
            plan, registry, workers=workers, cluster=cluster, found=found, keep=store.keep, seen=reporter, stack=stack
        )
        reporter.done()
        studied.refuse_failures()
    except (KeyboardInterrupt, Cancelled):
        reporter.done()
        raise Cancelled(f"cancelled. {_kept(store, count)}" if store.kept else "cancelled") from None
    except NNHistoryError as error:
        reporter.done()
        if store.kept:
            error.remedy = ". ".join(part for part in (error.remedy, _kept(store, count)) if part)
        raise
    finally:
        store.close()
        if store.note:
            click.echo(f"nnhistory: {store.note}", err=True)
    return studied


def _kept(store: StudyStore, count: int) -> str:
    return f"{store.kept} of {count} runs are finished and kept: the same command does the others"


def _again(scenario: str, **options: Any) -> str:
    """The command that does this study once more."""
    words = ["nnhistory", "study", scenario]
    if scenario.endswith(".toml") or "/" not in scenario or Path(scenario).exists():
        words[2] = Path(scenario).name
    for name, value in options.items():
        values = value if isinstance(value, tuple) else () if value is None else (str(value),)
        words += [word for one in values for word in (f"--{name}", one)]
    return shlex.join(words)


def _pair(text: str, option: str) -> tuple[str, str]:
    from nnhistory.core.errors import BadInput

    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        example = "KEY=a,b,c, as in --over rate=0.1,1" if option == "--over" else "KEY=RANGE, as in rate=log:1e-4..1"
        raise BadInput(f'cannot read "{text}"', key=option, remedy=f"Write {example}")
    return key.strip(), value


def _values(text: str, key: str) -> list[Any]:
    from nnhistory.core.errors import BadInput
    from nnhistory.core.params import parse_value

    with contextlib.suppress(BadInput):  # lists among the values: outputs=[0,1],[1,0]
        return list(parse_value(f"[{text}]"))
    try:
        return [parse_value(part.strip()) for part in text.split(",")]
    except BadInput as error:
        raise error.located(key=f"--over {key}") from None
