"""`nnhistory run SCENARIO`: headless, with progress, judged."""

from __future__ import annotations

import json
from pathlib import Path

import click

from nnhistory.cli.common import Reporter, run_options, say_outcome
from nnhistory.core.errors import Cancelled

__all__ = ["command"]


@click.command(name="run")
@click.argument("scenario")
@run_options
@click.option("--record", type=click.Path(), default=None, metavar="FILE", help="Save the recordings.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
@click.option("--workers", type=click.IntRange(1), default=None, help="Processes of a study.")
@click.pass_context
def command(
    ctx: click.Context, scenario: str, seed: int | None, settings: tuple[str, ...], device: str, scale: str,
    record: str | None, as_json: bool, workers: int | None,
) -> None:  # fmt: skip
    """Run SCENARIO (an id such as perceptron/xor, or a TOML file) without pictures."""
    from nnhistory.engine.names import check_names
    from nnhistory.engine.plan import parse_setting
    from nnhistory.engine.registry import Registry
    from nnhistory.scenario.load import load

    registry = Registry()
    loaded = load(scenario)
    check_names(loaded, registry)
    chosen = [parse_setting(text) for text in settings]
    from nnhistory.engine.perform import perform  # brings NumPy: after a bad file has been refused

    reporter = Reporter()
    try:
        outcome = perform(
            loaded, registry, seed=seed, settings=chosen, device=device, scale=scale, progress=reporter,
            record=record, workers=workers,
        )  # fmt: skip
    except KeyboardInterrupt:
        kept = record is not None and Path(f"{record}.part").exists()
        raise Cancelled(
            f"cancelled. It is recorded up to here: nnhistory replay {record}" if kept else "cancelled"
        ) from None
    finally:
        reporter.done()
    if as_json:
        click.echo(json.dumps(outcome.to_json(), ensure_ascii=False))
    else:
        say_outcome(outcome, registry, loaded)
        if record is not None:
            click.echo(f"recorded in {record}: nnhistory replay {record}")
    ctx.exit(0 if outcome.passed else 1)
