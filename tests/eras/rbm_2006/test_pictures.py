"""What the pictures of a machine say holds for the run they are of."""

from __future__ import annotations

import pytest

from nnhistory.core.scene import Size
from nnhistory.eras.rbm_2006 import view
from tests.eras.recorded import recorded


@pytest.mark.parametrize(("name", "run", "title"), [
    ("energy", "exact", "one exact step"), ("energy", "cd", "one step of CD"), ("pcd", "fast", "one step of PCD"),
])  # fmt: skip
def test_the_step_names_its_rule(name: str, run: str, title: str) -> None:
    recording = recorded(f"rbm/{name}", run, 4)
    assert view.scene(recording.frames[0], recording, Size(120, 40)).panel("step").title == title
