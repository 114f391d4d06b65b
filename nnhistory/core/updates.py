"""Which update an X-ray can take apart: late in a long run not every moment is recorded."""

from __future__ import annotations

from bisect import bisect_right

from nnhistory.core.moment import Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording

__all__ = ["how_far_back", "steps_back", "whole_update"]


def whole_update(recording: Recording, tick: int, begins: str = "") -> tuple[Frame, Frame] | None:
    """The newest update at or before this moment that is recorded whole: the frame it begins with, and the update.

    begins : the phase of the same step with which an update begins; "" if that is the moment before it.
    """
    frames = recording.frames
    for here in range(bisect_right(frames, tick, key=lambda frame: frame.tick) - 1, 0, -1):
        update = frames[here]
        if update.phase != "update":
            continue
        if not begins and frames[here - 1].tick == update.tick - 1:
            return frames[here - 1], update
        for place in range(here - 1, -1, -1) if begins else ():
            before = frames[place]
            if before.step != update.step:
                break
            if before.phase == begins:
                return before, update
    return None


def steps_back(shown: Frame, frame: Frame) -> str:
    """Behind the number of the step that is shown: ", 3850 steps back" from the moment one looks at; "" if it is near.

    At the beginning of a step the update before it is the newest there can be.
    """
    away = frame.step - shown.step
    return f", {plain(away)} steps back" if away > 1 else ""


def how_far_back(shown: Frame, frame: Frame) -> str:
    """The same as a sentence of its own, with the reason, before what is said of the step."""
    if frame.step - shown.step <= 1:
        return ""
    return (
        f"Not every step of a long run is recorded: step {plain(shown.step)} is the newest whole one at step "
        f"{plain(frame.step)}. "
    )
