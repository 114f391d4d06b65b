"""`nnhistory replay FILE`: a recording in the terminal or in the window."""

from __future__ import annotations

import sys
from collections.abc import Sized

import click

from nnhistory.cli.common import can_repaint, check_lang, display_options, say_diagnosis

__all__ = ["command"]


@click.command(name="replay")
@click.argument("file", type=click.Path())
@click.option("--visual", is_flag=True, help="In the window instead of the terminal.")
@display_options
@click.pass_context
def command(ctx: click.Context, file: str, visual: bool, palette: str, plain: bool, no_motion: bool, lang: str) -> None:
    """Watch the recording FILE. Nothing is computed again."""
    from nnhistory.engine.storage import load

    stored = load(file)  # a bad file is refused before any screen opens
    check_lang(lang, file)
    if visual:
        from nnhistory.visual.app import run_window

        ctx.exit(run_window(replay=file, palette=palette, plain=plain, no_motion=no_motion, lang=lang))
    if not can_repaint(sys.stdin, sys.stdout):
        from nnhistory.draw.palette import palette as find_palette

        find_palette(palette)  # no picture is drawn, but a slip is told
        from nnhistory.engine.doctor import examine
        from nnhistory.engine.registry import Registry
        from nnhistory.engine.story import event_sentence

        registry = Registry()
        for run, recording in stored.recordings.items():
            manifest = registry.manifest(recording.header.era)
            click.echo(f"{stored.id} {run}: {_count(recording.frames, 'frame')}, {_count(recording.events, 'event')}")
            for event in recording.events:
                click.echo(f"  step {event.step}: {event_sentence(event, manifest)}")
            say_diagnosis(run if len(stored.recordings) > 1 else "", examine(recording, manifest))
        return
    from nnhistory.cli import interrupts
    from nnhistory.terminal.app import run_walkthrough

    interrupts.default()
    ctx.exit(run_walkthrough(replay=file, palette=palette, plain=plain, no_motion=no_motion, lang=lang, forget=False))


def _count(things: Sized, name: str) -> str:
    return f"{len(things)} {name}{'' if len(things) == 1 else 's'}"
