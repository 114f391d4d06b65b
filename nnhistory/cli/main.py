"""The entry point: which sub-commands there are, and what becomes of errors.

Help texts are static, so that `--help` and `list` start in a blink: no NumPy, no toolkit is imported for them.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import sys
import traceback
import warnings
from pathlib import Path
from typing import Any

import click

from nnhistory.core.errors import Cancelled, NNHistoryError

__all__ = ["cli", "main"]

_COMMANDS: dict[str, str] = {
    "visual": "Open the window (pygame).",
    "run": "Run a scenario without pictures and judge its expectations.",
    "replay": "Watch a recording.",
    "list": "List the scenarios.",
    "show": "Show an era, a scenario, or the JSON Schema of scenarios.",
    "check": "Validate scenarios, run them, report every expectation.",
    "new": "Write a scenario to begin with.",
    "export": "Save a picture, a moving picture or a report.",
    "study": "Run a scenario many times: a grid, random draws, seeds.",
    "data": "Which data sets there are; fetch one.",
}

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where no more can be written."""

INTERNAL_ERROR = 70
"""Exit status of a mistake of ours (sysexits.h calls it EX_SOFTWARE)."""


class _ReaderGone(Exception):
    """Whoever read our output has gone (head, less)."""


class _Group(click.Group):
    """Knows its commands' names and help lines, and imports a command only to call it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"nnhistory.cli.{cmd_name}_command").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        if args and args[0] not in _COMMANDS:
            from nnhistory.core.errors import did_you_mean

            remedy = did_you_mean(args[0], _COMMANDS, noun="command")
            if "/" in args[0] or args[0].endswith(".toml"):
                remedy = f"A scenario is opened with nnhistory visual {args[0]} or nnhistory run {args[0]}."
            raise click.UsageError(f'There is no command "{args[0]}". {remedy}', ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        # Caught here, before click turns the one into an empty line and the other into exit status 1.
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            raise Cancelled("cancelled") from None
        except BrokenPipeError as error:
            raise _ReaderGone from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_Group,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Without a command the walkthrough opens in the terminal.",
)
@click.option("--forget", is_flag=True, help="Forget which lessons were seen, and where you were.")
@click.option("--palette", default="okabe-ito", show_default=True, help="Colours: okabe-ito, tol-bright, monochrome.")
@click.option("--plain", is_flag=True, help="Sentences instead of pictures.")
@click.option("--no-motion", is_flag=True, help="Nothing moves by itself: you step.")
@click.option("--lang", default="en", show_default=True, help="Language of the texts.")
@click.option("--debug", is_flag=True, help="Show the traceback of a mistake in the program.")
@click.version_option(package_name="nnhistory", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, forget: bool, palette: str, plain: bool, no_motion: bool, lang: str, debug: bool) -> None:
    """A playable history of how neural networks learn, 1957 to 2015."""
    if not debug:  # what runs away is told as an event, with its evidence
        warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"nnhistory\.eras\.")
    if ctx.invoked_subcommand is not None:
        _refuse_what_is_not_heard(ctx)
    else:
        from nnhistory.cli.walk import walk

        ctx.exit(walk(forget=forget, palette=palette, plain=plain, no_motion=no_motion, lang=lang))


def _refuse_what_is_not_heard(ctx: click.Context) -> None:
    """Options before a command are the walkthrough's: the command would not hear them."""
    for name in ("forget", "palette", "plain", "no_motion", "lang"):
        if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            option, command = f"--{name.replace('_', '-')}", ctx.invoked_subcommand
            raise NNHistoryError(
                f"before {command} this is not heard", key=option,
                remedy=f"Write it after {command}, if nnhistory {command} --help has it",
            )  # fmt: skip


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit: 0 good, 1 an expectation does not hold, 2 bad input, 130 cancelled."""
    arguments = sys.argv[1:] if arguments is None else arguments
    _print_what_can_be_printed()
    try:
        status = cli.main(args=arguments, prog_name="nnhistory", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        click.echo(f"nnhistory: {_usage(error)}", err=True)
        status = 2
    except Cancelled as error:
        click.echo(f"nnhistory: {error}", err=True)
        status = error.exit_code
    except NNHistoryError as error:
        click.echo(f"nnhistory: {error}", err=True)
        status = error.exit_code
    except (KeyboardInterrupt, click.Abort):
        click.echo("nnhistory: cancelled", err=True)
        status = 130
    except (_ReaderGone, BrokenPipeError):
        # Keep the interpreter's own last flush quiet, too.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except OSError as error:
        if error.errno not in _NO_ROOM:
            status = _own_mistake(error, debug="--debug" in arguments)
        else:
            where = f"{error.filename}: " if error.filename else ""
            click.echo(f"nnhistory: {where}nothing more can be written: {error.strerror}. Make room there", err=True)
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = 2
    except Exception as error:
        status = _own_mistake(error, debug="--debug" in arguments)
    sys.exit(status if isinstance(status, int) else 0)


def _usage(error: click.ClickException) -> str:
    """click's message in one line, with where help is."""
    text = " ".join(error.format_message().split()).replace("a valid integer range", "a whole number")
    if text and text[-1] not in ".?!":
        text += "."
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"{text} See {context.command_path} --help" if context is not None else text


def _print_what_can_be_printed() -> None:
    """A terminal or pipe that cannot show a sign (legacy code pages) gets a question mark, not a failure.

    A stream that was closed before we began takes everything, and keeps nothing.
    """
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 (open as long as we are)
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")


def _own_mistake(error: Exception, *, debug: bool) -> int:
    """Say that it is our fault and where the details lie."""
    details = traceback.format_exc()
    if debug:
        click.echo(details, err=True)
        return INTERNAL_ERROR
    place = "run it again with nnhistory --debug ... to see where"
    try:
        import platformdirs

        log = Path(platformdirs.user_log_dir("nnhistory", appauthor=False)) / "error.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(details, encoding="utf-8")
        place = f"details are in {log}"
    except OSError:
        pass
    text = " ".join(str(error).split())
    click.echo(
        f"nnhistory: a mistake in the program, not in your input: {type(error).__name__}: {text} ({place})", err=True
    )
    return INTERNAL_ERROR


if __name__ == "__main__":
    main()
