"""Pictures in parts: what has not changed since the last frame is neither lowered to shapes nor painted again."""

from __future__ import annotations

from collections.abc import Callable
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


@dataclass
class Kept:
    """The panels of the last frame, by name."""

    _memory: dict[str, _Memory] = field(default_factory=dict)

    def draw(
        self, name: str, panel: Panel, box: Box, palette: Palette, scale: float, draw: Callable[[], Drawing]
    ) -> Part:
        """The panel's part: the old one if it would come out the same."""
        old = self._memory.get(name)
        here = old is not None and (old.box, old.scale) == (box, scale) and old.palette is palette
        if old is not None and here and same(old.panel, panel):
            return Part(box, old.drawing)
        drawing = draw()
        self._memory[name] = _Memory(panel, box, palette, scale, drawing)
        return Part(box, drawing)


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
