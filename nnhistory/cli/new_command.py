"""`nnhistory new NAME --era ERA`: a scenario to begin with, that passes `check` as it is."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nnhistory.engine.outcome import RunOutcome

__all__ = ["command"]


@click.command(name="new")
@click.argument("name")
@click.option("--era", required=True, help="Which era: nnhistory show lists them.")
@click.option("--dataset", default=None, help="Data: nnhistory data lists them; or a CSV file. [default: blobs]")
@click.option("-o", "--output", type=click.Path(), default=None, help="The file; NAME.toml if not said.")
def command(name: str, era: str, dataset: str | None, output: str | None) -> None:
    """Write the scenario NAME.toml. It is run once, and what came out is what it expects."""
    from nnhistory.core.errors import BadInput
    from nnhistory.datasets.catalogue import check_spec
    from nnhistory.engine.names import check_names
    from nnhistory.engine.perform import perform
    from nnhistory.engine.registry import Registry
    from nnhistory.scenario.load import loads
    from nnhistory.scenario.write import toml_string

    if not Path(name).name:
        raise BadInput(f'"{name}" is no name for a scenario', key="NAME", remedy="Write nnhistory new my-lesson ...")
    registry = Registry()
    manifest = registry.manifest(era)
    path = Path(output) if output is not None else Path(name if name.endswith(".toml") else f"{name}.toml")
    if os.path.lexists(path):
        raise BadInput(
            "there is a file of this name already", file=path, remedy="Choose another name: nothing is overwritten"
        )
    own = dataset is not None and Path(dataset).suffix.lower() in (".csv", ".tsv", ".txt")
    if dataset is not None:
        try:
            check_spec({"file": dataset} if own else dataset)
        except BadInput as error:
            raise error.located(key="--dataset") from None
    stem = path.stem.replace("_", "-").lower()
    numbers = [knob for knob, param in manifest.knobs.items() if param.kind == "number" and param.default is not None]
    knob = "rate" if "rate" in numbers else next(iter(numbers), "steps")

    def begun(chosen: str) -> tuple[str, RunOutcome]:
        """The scenario without its expectation, and what comes out of it."""
        data = f"{{ file = {toml_string(chosen)} }}" if own else toml_string(chosen)
        text = _HEAD.format(
            title=toml_string(path.stem), year=manifest.year, id=_id(stem), era=era, dataset=data, knob=knob,
            value=manifest.knobs[knob].default,
        )  # fmt: skip
        loaded = loads(text, path)
        check_names(loaded, registry)
        [run] = perform(loaded, registry).runs.values()
        return text, run

    try:
        text, run = begun(dataset or "blobs")
    except BadInput as error:
        if dataset is not None or "dataset" not in (error.key or ""):
            raise
        text, run = begun("bars_and_stripes")  # for eras that want inputs from 0 to 1
    settled = run.first_event("converged")
    if settled is not None:
        expectation = 'event = "converged"\nop = "happens"'
    else:
        preferred = [name for name in ("test_accuracy", "train_error", "train_loss") if name in run.metrics]
        metric = [*preferred, *run.metrics][0]
        expectation = f'metric = "{metric}"\nop = "within"\nvalue = {run.metrics[metric].final:.6g}\ntol = 0.05'
    text += f"\n[[expect]]  # seen when this file was written\n{expectation}\n"
    check_names(loads(text, path), registry)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = path.open("x", encoding="utf-8")
        try:
            with handle as file:
                file.write(text)
        except OSError:
            path.unlink(missing_ok=True)  # half a scenario is none
            raise
    except OSError as error:
        what = "Not a directory" if isinstance(error, FileExistsError) else error.strerror
        raise BadInput(f"cannot write here: {what}", file=path, remedy="Choose another place: --output FILE") from None
    click.echo(f"{path} is written. Try: nnhistory run {shlex.quote(str(path))}")


def _id(stem: str) -> str:
    from nnhistory.scenario.schema import LONGEST_ID

    kept = "".join(character if character.isascii() and character.isalnum() else "-" for character in stem).strip("-")
    return kept[:LONGEST_ID].strip("-") or "run"


_HEAD = """\
title = {title}
summary = "What is to be seen here, in one sentence."
year = {year}

[[run]]
id = "{id}"
era = "{era}"
dataset = {dataset}
seed = 0
# config = {{ {knob} = {value} }}   # nnhistory show {era} lists the knobs

[[chapter]]
title = "What happens"
text = "What you see, and why. Two or three short sentences."
at = {{ step = 0 }}
"""
