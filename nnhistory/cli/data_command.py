"""`nnhistory data`: which data sets there are and where they lie; `fetch` brings one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from nnhistory.cli.common import Reporter, as_toml

if TYPE_CHECKING:
    from nnhistory.datasets.where import Place

__all__ = ["command"]


class _Group(click.Group):
    """A word that is no sub-command gets the nearest one that is."""

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        from nnhistory.core.errors import did_you_mean

        if args and args[0] not in self.commands:
            remedy = did_you_mean(args[0], self.commands, noun="command")
            raise click.UsageError(f'There is no command "data {args[0]}". {remedy}', ctx)
        return super().resolve_command(ctx, args)


@click.group(name="data", cls=_Group, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """List the data sets, or fetch one (data fetch mnist)."""
    if ctx.invoked_subcommand is not None:
        return
    from nnhistory.datasets.catalogue import FILE, IMAGES, catalogue
    from nnhistory.datasets.where import VARIABLE, locate

    for name, entry in catalogue().items():
        click.echo(f"{name.ljust(16)} {entry.title}")
        for place in locate(name):
            click.echo(f"{'':16} {_said(name, place)}")
        if entry.params:
            params = [f"{key} = {as_toml(p.default)}" for key, p in entry.params.items()]
            click.echo(f"{'':16} parameters: {', '.join(params)}")
        if entry.asset:
            click.echo(f"{'':16} {entry.origin}; {entry.licence}")
    for own, spelled in ((FILE, '{ file = "points.csv" }'), (IMAGES, '{ images = "folder" }')):
        click.echo(f"{'your own'.ljust(16)} {own.title}")
        click.echo(f"{'':16} dataset = {spelled}")
        params = [f"{key} = {as_toml(p.default)}" for key, p in own.params.items() if key not in ("file", "images")]
        click.echo(f"{'':16} parameters: {', '.join(params)}")
    click.echo(f"A folder named by the variable {VARIABLE} is looked into for full sets.")


def _said(name: str, place: Place) -> str:
    match place.how:
        case "made":
            return "made when it is asked for"
        case "absent":
            return f"the full set is not here: nnhistory data fetch {name}"
        case "board":
            return f"on board: {place.path}"
        case "fetched" | "named":
            return f"the full set: {place.path} ({place.size / 1e6:.1f} MB)"


@command.command(name="fetch")
@click.argument("name")
def fetch_command(name: str) -> None:
    """Fetch the data set NAME. What was fetched partly is gone on with; checksums are verified."""
    from nnhistory.datasets.fetch import fetch

    reporter = Reporter(unit="bytes")
    try:
        folder = fetch(name, progress=reporter)
    finally:
        reporter.done()
    click.echo(f"{name} is in {folder}")
