"""`nnhistory list`: the scenarios, in the order of the walkthrough."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="A JSON list on standard output.")
def command(as_json: bool) -> None:
    """List the scenarios."""
    from nnhistory.scenario.library import heads

    found = heads()
    if as_json:
        rows = [{"id": h.id, "title": h.title, "eras": h.eras, "year": h.year, "seconds": h.seconds} for h in found]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    width = max((len(head.id) for head in found), default=0)
    for head in found:
        click.echo(f"{head.id.ljust(width)}  {head.year}  {head.title}  ({head.seconds:g} s)")
