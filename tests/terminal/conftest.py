"""An app without a terminal: Textual's pilot presses its keys."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from nnhistory.engine.progress import Progress
from nnhistory.engine.runner import prepare_processes
from nnhistory.engine.stage import Stage
from nnhistory.terminal.app import WalkthroughApp
from tests.terminal.visitor import Visitor

Visit = Callable[..., AbstractAsyncContextManager[Visitor]]


@pytest.fixture(scope="session", autouse=True)
def _processes() -> None:
    prepare_processes()


@pytest.fixture
def visit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Visit:
    """Opens the walkthrough in an empty folder; the lesson computes in this process unless `process` is asked for."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")
    opened = Stage.open

    @asynccontextmanager
    async def come_in(
        scenario: Any = "perceptron/or", *, size: tuple[int, int] = (100, 30), process: bool = False, **looks: Any
    ) -> AsyncIterator[Visitor]:
        def inline(*args: Any, **named: Any) -> Stage:
            return opened(*args, **{"inline": not process, **named})

        monkeypatch.setattr(Stage, "open", inline)
        progress = looks.pop("progress", None) or Progress.load(tmp_path / "state" / "progress.json")
        app = WalkthroughApp(scenario, progress=progress, **looks)
        async with app.run_test(size=size) as pilot:
            visitor = Visitor(app, pilot)
            if not looks.get("replay") and scenario != "nowhere":
                await visitor.until(lambda: visitor.theatre.painted is not None)
            yield visitor

    return come_in
