"""What the mouse draws, kept until it is let go: shown at once, given to the run in one turn of the knob."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain, signed
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Edit, HeatMap, Mark, Panel, Points

__all__ = ["Drawn", "with_drawn"]

_PATIENCE = 40
"""Moments that a held run is let go on, at most, until it has looked at what was drawn."""


class Drawn:
    """A knob's value as the hand has left it. The run hears of it when the hand lets go."""

    def __init__(self) -> None:
        self.knob = ""
        self.value: Any = None
        self.given = False
        """The run has been told; what is drawn is shown until the run shows it itself."""
        self._left = 0
        self._after = -1

    def set(self, knob: str, value: Any) -> str:
        """One more change of the same stroke."""
        self.knob, self.value, self.given = knob, value, False
        return "let go, and the machine takes it"

    def give(self, tick: int = -1) -> tuple[str, Any] | None:
        """The hand let go at this moment: what the knob is to be turned to, None if nothing was drawn."""
        if not self.knob or self.given:
            return None
        self.given, self._left, self._after = True, _PATIENCE, tick
        return self.knob, self.value

    def clear(self) -> None:
        self.knob, self.value, self.given, self._left = "", None, False, 0

    def step_on(self, frame: Frame, recording: Recording) -> bool:
        """Should a held run take one more step, so that one sees what came of it? Forgets what the run shows itself."""
        if not self.given:
            return False
        self._left -= 1
        if self._left < 0 or self._shown(frame, recording):
            self.clear()
            return False
        return True

    def _shown(self, frame: Frame, recording: Recording) -> bool:
        """Does the run show it itself: has it answered to the picture, does it train on the points?"""
        wanted = np.array(self.value, dtype=float)
        if frame.scalars.get("by_hand"):
            # The same picture may be given twice, the second time with its answer: only what came after counts.
            return frame.tick > self._after and bool(np.array_equal(frame.arrays["input"], wanted.reshape(-1)))
        points = recording.array("data/x", frame.tick)
        return points is not None and wanted.shape == (len(points), 3) and np.allclose(points, wanted[:, :2])


def with_drawn(panel: Panel, drawn: Drawn) -> Panel:
    """The panel as it will be once the run has taken what is drawn."""
    if not any(mark.edit is not None and mark.edit.knob == drawn.knob for mark in panel.marks):
        return panel
    return msgspec.structs.replace(panel, marks=tuple(_replaced(mark, drawn) for mark in panel.marks))


def _replaced(mark: Mark, drawn: Drawn) -> Mark:
    if mark.edit is None or mark.edit.knob != drawn.knob:
        return mark
    if isinstance(mark, HeatMap):
        return msgspec.structs.replace(mark, values=np.array(drawn.value, dtype=float))
    if isinstance(mark, Points):
        points = np.array(drawn.value, dtype=float).reshape(-1, 3)
        xy = np.column_stack([_unit(mark.edit, points[:, 0], 0), _unit(mark.edit, points[:, 1], 1)])
        # A point that is dragged is called by where it is now, as it was before.
        names = tuple(f"({plain(x)}, {plain(y)}) wants {signed(label)}" for x, y, label in points) if mark.names else ()
        return msgspec.structs.replace(mark, xy=xy, labels=points[:, 2], ring=(), wrong=(), names=names)
    return mark


def _unit(edit: Edit, values: np.ndarray, axis: int) -> np.ndarray:
    low, high = (edit.xlim, edit.ylim)[axis]
    unit: np.ndarray = (values - low) / ((high - low) or 1.0)
    return unit
