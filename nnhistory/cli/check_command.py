"""`nnhistory check`: validate, run, report; a bad file does not stop the others."""

from __future__ import annotations

import os
from pathlib import Path

import click

from nnhistory.cli.common import Reporter, say_verdicts

__all__ = ["command"]

_OTHERS = {"walkthrough.toml", "pyproject.toml", "era.toml"}
"""Files of these names in a folder are something else."""


@click.command(name="check")
@click.argument("paths", nargs=-1)
@click.option("--no-run", is_flag=True, help="Only validate; run nothing.")
@click.pass_context
def command(ctx: click.Context, paths: tuple[str, ...], no_run: bool) -> None:
    """Check scenarios: files, folders or ids; all shipped ones if none is named."""
    from nnhistory.core.errors import Cancelled, NNHistoryError
    from nnhistory.engine.names import check_names
    from nnhistory.engine.registry import Registry
    from nnhistory.scenario.load import load

    registry = Registry()
    bad = failed = 0
    chosen = _files(paths)
    for path in chosen:
        try:
            loaded = load(path)
            check_names(loaded, registry)
            if no_run:
                click.echo(f"good     {loaded.id}")
                continue
            from nnhistory.engine.perform import perform

            reporter = Reporter()
            try:
                outcome = perform(loaded, registry, progress=reporter)
            finally:
                reporter.done()
            failed += not outcome.passed
            click.echo(f"{'passed' if outcome.passed else 'FAILED'}   {loaded.id}  ({outcome.seconds:.1f} s)")
            say_verdicts(outcome, loaded)
        except Cancelled:
            raise
        except NNHistoryError as error:
            bad += 1
            click.echo(f"bad      {path}")
            click.echo(f"nnhistory: {error}", err=True)
    count = len(chosen)
    click.echo(f"{count} scenario{'s' if count != 1 else ''}: {count - bad - failed} good, {failed} failed, {bad} bad")
    ctx.exit(2 if bad else (1 if failed else 0))


def _files(paths: tuple[str, ...]) -> list[str | Path]:
    from nnhistory.core.errors import BadInput
    from nnhistory.scenario.library import ids

    if not paths:
        return list(ids())
    files: list[str | Path] = []
    for text in paths:
        path = Path(text)
        if text and os.path.isdir(text):
            found = sorted(file for file in path.rglob("*.toml") if _is_meant(file.relative_to(path)))
            for other in [file for file in found if _is_other(file)]:
                click.echo(f"other    {other}")
                found.remove(other)
            if not found and len(paths) == 1:
                raise BadInput("there is no scenario in this folder", file=path, remedy="Scenarios are .toml files")
            files.extend(found or [path])
        else:
            files.append(text)
    return files


def _is_meant(file: Path) -> bool:
    """Neither of another kind, by its name, nor in a hidden folder, as a virtual environment often is."""
    return file.name not in _OTHERS and not any(part.startswith(".") for part in file.parts)


def _is_other(file: Path) -> bool:
    """Good TOML that has neither of the two tables without which there is no scenario: some other program's."""
    import tomllib

    from nnhistory.scenario.load import LIMIT

    try:
        if not file.is_file() or file.stat().st_size > LIMIT:
            return False
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return bool(tables) and not {"run", "title"} & tables.keys()
