"""`nnhistory visual`: opens the window, or says why it cannot."""

from __future__ import annotations

import contextlib
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nnhistory.core.errors import BadInput
from nnhistory.draw.palette import palette as palette_of
from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage

if TYPE_CHECKING:
    import pygame

__all__ = ["FIRST_LESSON", "SIZE", "open_window", "run_window"]

FIRST_LESSON = "relay/two-digits"
SIZE = (1280, 720)


def run_window(
    scenario: str | Path | None = None,
    *,
    replay: str | None = None,
    palette: str = "okabe-ito",
    plain: bool = False,
    no_motion: bool = False,
    lang: str = "en",
) -> int:
    """Open the window and stay until the user leaves. Returns the exit status. BadInput if there is no display."""
    palette_of(palette)
    progress = Progress.load()
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    # The stage first: what is wrong with a scenario is said before a window flashes up.
    if replay is not None:
        stage = Stage.replay(replay, lang=lang)
    else:
        chosen = scenario if scenario is not None else progress.last or FIRST_LESSON
        stage = _open(chosen, scenario is None, lang)
        progress.at(str(chosen))
    try:
        surface = open_window()
        import pygame

        from nnhistory.visual.window import Window

        window = Window(surface, stage, progress=progress, palette_name=palette, plain=plain, motion=not no_motion)
        try:
            return window.run()
        finally:
            stage = window.stage
            pygame.quit()
    finally:
        stage.close()


def _open(chosen: str | Path, remembered: bool, lang: str) -> Stage:
    try:
        return Stage.open(chosen, lang=lang)
    except BadInput:
        if not remembered:
            raise
        return Stage.open(FIRST_LESSON, lang=lang)


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """SDL's drivers complain on standard error of what they do not find; we say it ourselves, in one line."""
    try:
        kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    except OSError:
        yield
        return
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def open_window(size: tuple[int, int] = SIZE) -> pygame.Surface:
    """A resizable window's surface. Sound is not opened: there is none."""
    import pygame

    try:
        with _silence():
            pygame.display.init()
        # Without a display SDL draws into memory and says nothing. Nobody would ever see it, unless they asked for it.
        if pygame.display.get_driver() in ("offscreen", "dummy") and not os.environ.get("SDL_VIDEODRIVER"):
            raise pygame.error("no screen was found")
        pygame.font.init()
        from nnhistory.visual.painter import forget_fonts

        forget_fonts()
        pygame.display.set_caption("nnhistory")
        surface = pygame.display.set_mode(size, pygame.RESIZABLE)
    except pygame.error as error:
        raise BadInput(
            f"the window cannot open: {error}",
            why="there is no display here",
            remedy="Use the terminal (nnhistory), run without pictures (nnhistory run SCENARIO), or save pictures"
            " (nnhistory export SCENARIO -o OUT.png)",
        ) from None
    with contextlib.suppress(AttributeError, pygame.error), warnings.catch_warnings():
        from nnhistory.visual.picture import LEAST

        warnings.simplefilter("ignore", DeprecationWarning)  # pygame.display has no other way to say this
        pygame.Window.from_display_module().minimum_size = LEAST
    pygame.key.set_repeat(350, 60)
    return surface
