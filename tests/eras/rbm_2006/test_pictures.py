"""What the pictures of a machine say holds for the run they are of."""

from __future__ import annotations

import pytest

from nnhistory.core.scene import Size
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.rbm_2006 import view
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load


def begun(name: str, run: str) -> MemoryRecording:
    """The first moments of a lesson's run."""
    loaded = load(find(f"rbm/{name}"))
    plan = next(one for one in make_plans(loaded.scenario, Registry(), source=loaded.source) if one.id == run)
    drive = Drive(plan, Registry())
    recording = MemoryRecording(drive.header)
    batch = drive.advance(4)
    for frame in batch.frames:
        recording.append(frame)
    recording.add_points(batch.points)
    return recording


@pytest.mark.parametrize(("name", "run", "title"), [
    ("energy", "exact", "one exact step"), ("energy", "cd", "one step of CD"), ("pcd", "fast", "one step of PCD"),
])  # fmt: skip
def test_the_step_names_its_rule(name: str, run: str, title: str) -> None:
    recording = begun(name, run)
    assert view.scene(recording.frames[0], recording, Size(120, 40)).panel("step").title == title
