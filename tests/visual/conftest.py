"""A window without a display: SDL draws into memory. Its progress is forgotten."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

import pygame

from nnhistory.engine.progress import Progress
from nnhistory.engine.stage import Stage
from nnhistory.visual.app import open_window
from tests.visual.helpers import Hand

Open = Callable[..., Hand]


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Opens a window on a scenario; in a folder of its own, so that what it saves lies there."""
    monkeypatch.chdir(tmp_path)
    hands: list[Hand] = []

    def open_one(scenario: object = "perceptron/or", size: tuple[int, int] = (1280, 720), **looks: object) -> Hand:
        stage = scenario if isinstance(scenario, Stage) else Stage.open(scenario, inline=True)  # type: ignore[arg-type]
        hands.append(Hand(open_window(size), stage, Progress(tmp_path / "progress.json"), looks))
        return hands[-1]

    yield open_one
    for hand in hands:
        hand.window.stage.close()
    pygame.quit()
