"""`nnhistory show`: an era with its sources, a scenario's text, the notes, or the JSON Schema for editors."""

from __future__ import annotations

import click

__all__ = ["command"]


@click.command(name="show")
@click.argument("name", required=False)
@click.option("--schema", is_flag=True, help="The JSON Schema of scenarios, for editors.")
@click.option("--json", "as_json", is_flag=True, help="The notes as one JSON object.")
def command(name: str | None, schema: bool, as_json: bool) -> None:
    """Show NAME: an era (perceptron_1957), a scenario (perceptron/xor), or notes: every topic with its lessons."""
    if as_json and name != "notes":
        from nnhistory.core.errors import BadInput

        raise BadInput("only the notes are shown as JSON", key="--json", remedy="Write nnhistory show notes --json")
    if schema:
        import json

        import msgspec

        from nnhistory.scenario.schema import Scenario

        head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "nnhistory scenario"}
        click.echo(json.dumps({**head, **msgspec.json.schema(Scenario)}, indent=2))
        return
    if name == "notes":
        from nnhistory.cli.show_notes import show_notes

        show_notes(as_json=as_json)
        return
    from nnhistory.engine.registry import Registry

    registry = Registry()
    if name is None:
        click.echo("eras: " + ", ".join(registry.ids()))
        click.echo("scenarios: nnhistory list")
        click.echo("every topic of the notes, with its lessons: nnhistory show notes")
        return
    if name in registry.ids():
        _show_era(registry, name)
        return
    from nnhistory.core.errors import BadInput, did_you_mean
    from nnhistory.scenario.library import ids
    from nnhistory.scenario.load import load

    if "/" not in name and not name.endswith(".toml"):
        raise BadInput(
            f'there is no era and no scenario "{name}"',
            remedy=did_you_mean(name, [*registry.ids(), *ids(), "notes"], noun="name"),
        )
    click.echo(load(name).source, nl=False)


def _show_era(registry: object, name: str) -> None:
    from nnhistory.cli.common import as_toml
    from nnhistory.engine.registry import Registry

    assert isinstance(registry, Registry)
    era = registry.manifest(name)
    click.echo(f"{era.title}, {era.year}  ({era.id})")
    click.echo(f"  believed: {era.believed}\n  broke:    {era.broke}\n\nKnobs")
    for knob, param in era.knobs.items():
        default = "" if param.default is None else f" = {as_toml(param.default)}"
        reach = " | ".join(param.choices) or (param.range_text() if param.kind in ("number", "integer") else param.kind)
        live = "live" if param.live else "restart"
        year = f", {param.year}" if param.year else ""
        click.echo(f"  {knob}{default}  ({reach}; {live}{year})\n      {param.help}")
        if param.years:
            click.echo("      " + ", ".join(f"{choice} {when}" for choice, when in param.years.items()))
    click.echo(f"\nA run may take\n  {', '.join(era.accepts) or 'nothing of another run'}")
    click.echo("\nMetrics")
    for metric, spec in era.metrics.items():
        click.echo(f"  {metric}: {spec.help} ({spec.unit})")
    click.echo("\nEvents")
    for kind, event in era.events.items():
        click.echo(f"  {kind}: evidence {', '.join(event.evidence) or 'none'}")
    click.echo("\nPictures\n  " + ", ".join(era.panels))
    click.echo("\nHistory")
    for statement in era.history:
        click.echo(f"  {statement.text} [{', '.join(statement.sources)}]")
        if statement.popular:
            click.echo(f"      (often told otherwise: {statement.popular})")
    click.echo("\nSources")
    for key, paper in era.papers.items():
        click.echo(f"  {key}: {paper.author} ({paper.year}). {paper.title}. {paper.venue}. [{paper.read}]")
