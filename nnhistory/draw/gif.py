"""Moving pictures: which moments of a recording to show, and how they become a GIF."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image

from nnhistory.core.errors import BadInput
from nnhistory.core.recording import Recording

__all__ = ["LARGEST", "MOST", "check_size", "holds", "sample", "to_gif"]

MOST = 90
"""Pictures in one GIF."""

LARGEST = 180_000_000
"""Pixels of all its pictures together: more would take minutes to make and hundreds of MB to hold."""

_END, _EVENT = 2.0, 1.6
"""Seconds for which the ends and the events are held."""


def sample(recording: Recording, most: int = MOST) -> list[int]:
    """Moments (ticks) to show: the first, the last, those with an event, and others spread evenly over the frames."""
    frames = recording.frames
    if len(frames) <= most:
        return [frame.tick for frame in frames]
    kept = {frames[0].tick, frames[-1].tick}
    for event in recording.events:
        if len(kept) < max(2, most // 2):
            kept.add(recording.at(event.tick).tick)
    for index in np.linspace(0, len(frames) - 1, max(2, most - len(kept) + 2)).round().astype(int):
        if len(kept) < most:
            kept.add(frames[int(index)].tick)
    return sorted(kept)


def holds(recording: Recording, ticks: Sequence[int], seconds: float = 0.0) -> list[float]:
    """How long each picture stands, in seconds: the ends and the events longer, so that they can be read.

    seconds : for the others; 0 lets the whole take about 15 seconds.
    """
    usual = seconds if seconds > 0 else min(0.6, max(0.08, 12.0 / max(1, len(ticks))))
    shown = {recording.at(event.tick).tick for event in recording.events}
    result = [max(usual, _EVENT) if tick in shown and len(shown) <= 8 else usual for tick in ticks]
    if result:
        result[0] = max(result[0], _END * 0.6)
        result[-1] = max(result[-1], _END)
    return result


def check_size(count: int, width: int, height: int) -> None:
    """BadInput if so many pictures of this size are too much for a GIF."""
    if count * width * height > LARGEST:
        side = (LARGEST / count / (width * height)) ** 0.5
        raise BadInput(
            f"{count} pictures of {width}x{height} are too much for a GIF",
            why=f"the limit is {LARGEST // 1_000_000} million pixels",
            remedy=f"Write --size {int(width * side) // 10 * 10}x{int(height * side) // 10 * 10}",
        )


def to_gif(
    pictures: Sequence[Image.Image], seconds: Sequence[float], progress: Callable[[int, int], None] | None = None
) -> bytes:
    """An endless GIF. All pictures share one table of 256 colours, so that nothing flickers.

    seconds : how long each stands (n,). Raises ValueError if there are no pictures.
    """
    if not pictures or len(pictures) != len(seconds):
        raise ValueError("as many durations as pictures, at least one")
    table = _table(pictures)
    frames = []
    for number, picture in enumerate(pictures):
        frames.append(picture.quantize(palette=table, dither=Image.Dither.NONE))
        if progress is not None:
            progress(number + 1, len(pictures))
    file = io.BytesIO()
    frames[0].save(
        file, "gif", save_all=True, append_images=frames[1:], loop=0, optimize=False,
        duration=[max(20, round(second * 100) * 10) for second in seconds],
    )  # fmt: skip
    return file.getvalue()


def _table(pictures: Sequence[Image.Image]) -> Image.Image:
    """The colours of some of the pictures together. Nearest neighbour keeps the true colours."""
    chosen = [pictures[int(i)] for i in np.unique(np.linspace(0, len(pictures) - 1, 6).round().astype(int))]
    width, height = chosen[0].size
    sheet = Image.new("RGB", (width, height * len(chosen)))
    for number, picture in enumerate(chosen):
        sheet.paste(picture, (0, number * height))
    return sheet.quantize(256, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
