"""Where something happened, on a curve over the steps."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import numpy as np

from nnhistory.core.events import BREAKS, Event
from nnhistory.core.scene import Polyline, Rect

__all__ = ["event_lines"]


def event_lines(
    events: Iterable[Event],
    tick: int,
    top: float,
    rect: Rect,
    *,
    good: Collection[str] = ("converged",),
    breaks: Collection[str] = BREAKS,
) -> list[Polyline]:
    """Upright lines at the events up to a moment: ✓ over what went well, ◆ over what broke.

    tick : the moment. top : the step at the right end of the plot. rect : the plot. good, breaks : the kinds shown.
    """
    return [
        Polyline(
            rect=rect, xy=np.array([[event.step / top, 0.0], [event.step / top, 1.0]]),
            role="good" if event.kind in good else "error", style="dotted",
            labels=("", "✓" if event.kind in good else "◆"), name=event.kind,
        )
        for event in events
        if event.tick <= tick and (event.kind in good or event.kind in breaks)
    ]  # fmt: skip
