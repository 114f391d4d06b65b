"""A shipped lesson's run, recorded as on a screen, for tests of what its pictures say."""

from __future__ import annotations

from functools import cache

from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

__all__ = ["recorded"]


@cache
def recorded(lesson: str, run: str, moments: int | None = None) -> MemoryRecording:
    """The whole run, or its first moments. Of a long one the frames are thinned, as they are on a screen."""
    loaded = load(find(lesson))
    plan = next(one for one in make_plans(loaded.scenario, Registry(), source=loaded.source) if one.id == run)
    drive = Drive(plan, Registry())
    recording = MemoryRecording(drive.header)
    while not drive.done and (moments is None or drive.tick + 1 < moments):
        batch = drive.advance(10**9 if moments is None else moments)
        recording.take(batch.frames, batch.points)
    if drive.done:
        recording.finish()
    return recording
