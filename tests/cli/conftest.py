"""Studies that are under way are kept in a folder of the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def studies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where they are kept."""
    folder = tmp_path / "studies-of-this-test"
    monkeypatch.setattr("nnhistory.engine.study_store.default_folder", lambda: folder)
    return folder
