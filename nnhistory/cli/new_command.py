"""`nnhistory new NAME --era ERA`: a scenario to begin with, that passes `check` as it is."""

from __future__ import annotations

from pathlib import Path

import click

__all__ = ["command"]


@click.command(name="new")
@click.argument("name")
@click.option("--era", required=True, help="Which era: nnhistory show lists them.")
@click.option("--dataset", default="blobs", show_default=True, help="Which data: nnhistory data lists them.")
@click.option("-o", "--output", type=click.Path(dir_okay=False), default=None, help="The file; NAME.toml if not said.")
def command(name: str, era: str, dataset: str, output: str | None) -> None:
    """Write the scenario NAME.toml. It is run once, and what came out is what it expects."""
    from nnhistory.core.errors import BadInput
    from nnhistory.engine.names import check_names
    from nnhistory.engine.perform import perform
    from nnhistory.engine.registry import Registry
    from nnhistory.scenario.load import loads

    path = Path(output) if output is not None else Path(name if name.endswith(".toml") else f"{name}.toml")
    if path.exists():
        raise BadInput(
            "there is a file of this name already", file=path, remedy="Choose another name: nothing is overwritten"
        )
    registry = Registry()
    manifest = registry.manifest(era)
    stem = path.stem.replace("_", "-").lower()
    text = _HEAD.format(title=path.stem, year=manifest.year, id=_id(stem), era=era, dataset=dataset)
    loaded = loads(text, path)
    check_names(loaded, registry)
    [run] = perform(loaded, registry).runs.values()
    settled = run.first_event("converged")
    if settled is not None:
        expectation = 'event = "converged"\nop = "happens"'
    else:
        metric = next((name for name in ("test_accuracy", "train_error", "train_loss") if name in run.metrics), None)
        metric = metric or next(iter(run.metrics))
        expectation = f'metric = "{metric}"\nop = "within"\nvalue = {run.metrics[metric].final}\ntol = 0.05'
    text += f"\n[[expect]]  # seen when this file was written\n{expectation}\n"
    check_names(loads(text, path), registry)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BadInput(
            f"cannot write here: {error.strerror}", file=path, remedy="Choose another place: -o FILE"
        ) from None
    click.echo(f"{path} is written. Try: nnhistory run {path}")


def _id(stem: str) -> str:
    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in stem).strip("-")
    return kept or "run"


_HEAD = """\
title = "{title}"
summary = "What is to be seen here, in one sentence."
year = {year}

[[run]]
id = "{id}"
era = "{era}"
dataset = "{dataset}"
seed = 0
# config = {{ rate = 0.5 }}   # nnhistory show {era} lists the knobs

[[chapter]]
title = "What happens"
text = "What you see, and why. Two or three short sentences."
at = {{ step = 0 }}
"""
