"""`nnhistory data`: which data sets there are and where they lie; `fetch` brings one."""

from __future__ import annotations

import click

from nnhistory.cli.common import Reporter

__all__ = ["command"]


@click.group(name="data", invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the data sets, or fetch one (data fetch mnist)."""
    if ctx.invoked_subcommand is not None:
        return
    from nnhistory.core.resources import assets
    from nnhistory.datasets.catalogue import catalogue
    from nnhistory.datasets.fetch import folder_of

    boards = {"digits8": "digits8.npz", "mnist": "mnist_subset.npz"}
    for name, entry in catalogue().items():
        place = "made when it is asked for"
        if name in boards:
            place = f"on board: {assets() / 'data' / boards[name]}"
        click.echo(f"{name.ljust(16)} {entry.title}")
        click.echo(f"{'':16} {place}")
        if entry.files:
            folder = folder_of(name)
            full = f"the full set: {folder}" if folder else f"the full set is not here: nnhistory data fetch {name}"
            click.echo(f"{'':16} {full}")
        if entry.params:
            click.echo(f"{'':16} parameters: {', '.join(f'{key} = {p.default}' for key, p in entry.params.items())}")
        if name in boards:
            click.echo(f"{'':16} {entry.origin}; {entry.licence}")
    click.echo('your own         dataset = { file = "points.csv" }')


@command.command(name="fetch")
@click.argument("name")
def fetch_command(name: str) -> None:
    """Fetch the data set NAME. What was fetched partly is gone on with; checksums are verified."""
    from nnhistory.datasets.fetch import fetch

    reporter = Reporter()
    try:
        folder = fetch(name, progress=reporter)
    finally:
        reporter.done()
    click.echo(f"{name} is in {folder}")
