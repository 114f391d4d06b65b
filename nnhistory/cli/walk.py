"""`nnhistory` without a command: the walkthrough; where there is no terminal, the first lesson in plain lines."""

from __future__ import annotations

import os
import sys

import click

from nnhistory.cli.common import can_repaint, check_lang

__all__ = ["walk"]


def walk(*, forget: bool, palette: str, plain: bool, no_motion: bool, lang: str) -> int:
    """Open the walkthrough. Returns the exit status."""
    check_lang(lang)
    if not can_repaint(sys.stdin, sys.stdout):
        there = sys.stdin.isatty() and sys.stdout.isatty()
        what = f"this terminal (TERM={os.environ.get('TERM')}) cannot show pictures" if there else "this is no terminal"
        click.echo(f"nnhistory: {what}, so here is the first lesson in plain lines", err=True)
        from nnhistory.cli.run_command import command

        with command.make_context("run", ["perceptron/or"]) as context:
            command.invoke(context)
        return 0
    from nnhistory.cli import interrupts
    from nnhistory.terminal.app import run_walkthrough

    interrupts.default()
    return run_walkthrough(palette=palette, plain=plain, no_motion=no_motion, lang=lang, forget=forget)
