"""`nnhistory`, and `python -m nnhistory`, which is the same. It imports little: Ctrl-C is heard from the start."""

from __future__ import annotations

import sys

__all__ = ["main"]


def main() -> None:
    """The command line as a process of its own. See `nnhistory.cli.main`."""
    try:
        from nnhistory.cli import interrupts

        interrupts.wait_for_imports()
        from nnhistory.cli.main import main as run

        run()
    except KeyboardInterrupt:  # before the command line was there, or on its way out
        sys.stderr.write("nnhistory: cancelled\n")
        sys.exit(130)
    finally:
        from nnhistory.cli import interrupts

        interrupts.ignore()  # nothing is left to be stopped but the interpreter's own end
        # Python remembers an interrupt that ended a text it was executing, and would die of that signal in the end,
        # caught or not. A text that ends well clears it.
        exec("")


if __name__ == "__main__":
    main()
