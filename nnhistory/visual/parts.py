"""Pictures in parts: what has not changed since the last frame is neither lowered to shapes nor painted again.

Where time is short, the parts take turns: those that have waited longest are drawn, the others stay as they are for
a frame or two. Sixty frames a second, most pictures new in each, move more smoothly than forty with all of them new.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import msgspec
import numpy as np

from nnhistory.core.scene import Panel
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import Palette
from nnhistory.draw.shapes import Drawing

__all__ = ["Kept", "Part", "same"]


class Part(NamedTuple):
    """One region of the window and what is drawn in it. The same `drawing` object means: nothing has changed here."""

    box: Box
    drawing: Drawing


@dataclass
class _Memory:
    panel: Panel
    box: Box
    palette: Palette
    scale: float
    drawing: Drawing
    lowering: float = 0.0
    painting: float = 0.0
    """Seconds that it took to look at it and lower it, and to paint it, when it last had its turn."""
    waited: int = 0
    """Frames since it had a turn."""
    ready: Drawing | None = None
    """Lowered already, to be painted in its next turn."""


@dataclass
class Kept:
    """The panels of the last frame, by name."""

    late: bool = False
    """Has a part had no turn in this frame? It may show an earlier moment than the others."""
    longest: int = 0
    """The most frames that any part has ever waited for its turn."""
    spent: float = 0.0
    """Seconds that this frame's parts took."""
    _memory: dict[str, _Memory] = field(default_factory=dict)
    _waiting: set[str] = field(default_factory=set)
    _lowered: set[str] = field(default_factory=set)
    _shown: set[str] = field(default_factory=set)
    _short: bool = False
    """Is time short?"""

    def begin(self, seconds: float = math.inf) -> None:
        """A new frame, with so much time for its parts.

        What has waited longest comes first; what is too much for one frame is lowered in one and painted in the next.
        """
        self._memory = {name: memory for name, memory in self._memory.items() if name in self._shown}
        self.late, self.spent = False, 0.0
        for names in (self._waiting, self._lowered, self._shown):
            names.clear()
        self._short = not math.isinf(seconds)
        if not self._short:
            return
        room = seconds
        for name, memory in sorted(self._memory.items(), key=lambda item: -item[1].waited):
            first, lowering = room == seconds, memory.lowering if memory.ready is None else 0.0
            if lowering + memory.painting <= room or (first and not lowering):
                room -= lowering + memory.painting
            elif lowering and (lowering <= room or first):
                self._lowered.add(name)
                room -= lowering
            else:
                self._waiting.add(name)

    def painted(self, seconds: Mapping[Box, float]) -> None:
        """What painting each region took: it counts where the parts take turns."""
        for name in self._shown - self._waiting - self._lowered:
            memory = self._memory[name]
            memory.painting = seconds.get(memory.box, 0.0)
            self.spent += memory.painting

    def draw(
        self, name: str, panel: Panel, box: Box, palette: Palette, scale: float, draw: Callable[[], Drawing]
    ) -> Part:
        """The panel's part: the old one if it would come out the same, or has no turn in this frame."""
        began = time.perf_counter()
        self._shown.add(name)
        old = self._memory.get(name)
        if old is not None and ((old.box, old.scale) != (box, scale) or old.palette is not palette):
            old = None  # it stands elsewhere, or looks different: it cannot wait
        if old is not None and name in self._waiting:
            self._wait(old)
            return Part(box, old.drawing)
        if old is not None and ((self._short and old.ready is not None) or same(old.panel, panel)):
            if old.ready is not None:
                old.drawing, old.ready = old.ready, None
                self.late |= self._short  # there may be news since it was lowered
            else:
                self._lowered.discard(name)
                old.lowering = time.perf_counter() - began
            old.waited = 0
            return Part(box, old.drawing)
        drawing = draw()
        new = self._memory[name] = _Memory(panel, box, palette, scale, drawing, time.perf_counter() - began)
        self.spent += new.lowering
        if name in self._lowered and old is not None:
            new.drawing, new.ready, new.painting, new.waited = old.drawing, drawing, old.painting, old.waited
            self._wait(new)
        else:
            self._lowered.discard(name)
        self._waiting.discard(name)
        return Part(box, new.drawing)

    def _wait(self, memory: _Memory) -> None:
        memory.waited += 1
        self.late, self.longest = True, max(self.longest, memory.waited)


def same(a: Any, b: Any) -> bool:
    """Are two panels (or what they are made of) equal, number by number? NaN equals NaN."""
    if a is b:
        return True
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if type(a) is not type(b) or a.shape != b.shape or a.dtype != b.dtype:
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind == "f"))
    if type(a) is not type(b):
        return False
    if isinstance(a, msgspec.Struct):
        return all(same(getattr(a, name), getattr(b, name)) for name in a.__struct_fields__)
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)
