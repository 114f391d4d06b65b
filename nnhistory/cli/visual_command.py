"""`nnhistory visual [SCENARIO]`: the window."""

from __future__ import annotations

import click

from nnhistory.cli.common import check_lang, display_options

__all__ = ["command"]


@click.command(name="visual")
@click.argument("scenario", required=False)
@display_options
@click.pass_context
def command(ctx: click.Context, scenario: str | None, palette: str, plain: bool, no_motion: bool, lang: str) -> None:
    """Open the window, at SCENARIO or at the first lesson."""
    check_lang(lang, scenario)
    from nnhistory.visual.app import run_window

    ctx.exit(run_window(scenario, palette=palette, plain=plain, no_motion=no_motion, lang=lang))
