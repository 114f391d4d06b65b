"""What the pixel lowerings of all marks share: sizes, colours, measured text, places of unit coordinates."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nnhistory.core.scene import Rect, Role
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import RGB, Palette, mix
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Measure, Polygon, RectLine, Stroke, TextShape
from nnhistory.draw.words import shorten, wrap

__all__ = ["ASCENT", "DESCENT", "Canvas", "Ruler", "meet", "ruler"]

Floats = NDArray[np.float64]

ASCENT, DESCENT = 0.76, 0.21
"""How far DejaVu's letters reach above and below the baseline, in text sizes (capitals reach 0.73)."""

_WAYS = (
    *((turn, 0) for turn in (0.0, 0.8, -0.8, 1.6, -1.6, 2.4, -2.4, 3.14)),
    *((0.0, lines) for lines in (1, -1, 2, -2, 3, -3)),
)
"""Where a label may stand: turned so far round what it names, or so many lines below (above) its first place."""
_NEAREST = 12
"""Places right under or above other labels that are tried."""
_MOST = 20_000


class Ruler:
    """A measure that remembers: the same few hundred texts are measured in every frame."""

    def __init__(self, measure: Measure) -> None:
        self._measure = measure
        self._widths: dict[tuple[str, float, bool, bool], float] = {}
        self._wrapped: dict[tuple[str, float, float, bool, bool, int], tuple[str, ...]] = {}
        self._short: dict[tuple[str, float, float, bool, bool], str] = {}

    def width(self, text: str, size: float, bold: bool = False, mono: bool = False) -> float:
        """Width in pixels."""
        key = (text, size, bold, mono)
        found = self._widths.get(key)
        if found is None:
            if len(self._widths) > _MOST:
                self._widths.clear()
            found = self._widths[key] = self._measure(text, size, bold, mono)
        return found

    def shorten(self, text: str, room: float, size: float, bold: bool = False, mono: bool = False) -> str:
        """The text, or what fits of it with an ellipsis."""
        if self.width(text, size, bold, mono) <= room:
            return text
        key = (text, round(room, 1), size, bold, mono)
        found = self._short.get(key)
        if found is None:
            if len(self._short) > _MOST:
                self._short.clear()
            found = self._short[key] = shorten(text, room, partial(self._plain, size, bold, mono))
        return found

    def wrap(
        self, text: str, room: float, size: float, bold: bool = False, mono: bool = False, hang: int = 0
    ) -> tuple[str, ...]:
        """Lines no wider than `room`."""
        key = (text, round(room, 1), size, bold, mono, hang)
        found = self._wrapped.get(key)
        if found is None:
            if len(self._wrapped) > _MOST:
                self._wrapped.clear()
            found = tuple(wrap(text, room, partial(self._plain, size, bold, mono), hang))
            self._wrapped[key] = found
        return found

    def _plain(self, size: float, bold: bool, mono: bool, text: str) -> float:
        return self.width(text, size, bold, mono)


@lru_cache(maxsize=8)
def ruler(measure: Measure) -> Ruler:
    """The ruler of a measure, one for all frames."""
    return Ruler(measure)


class Canvas:
    """A drawing to put shapes on.

    Attributes
    ----------
    scale : 1 for a picture of 1280 x 720; all lengths and text sizes are multiples of it.
    bounds : the panel's content box: labels stay inside it.
    columns : how many characters a line should hold (the panel's wish), 0: any.
    """

    def __init__(
        self, drawing: Drawing, palette: Palette, measure: Measure, bounds: Box, scale: float, columns: int = 0
    ) -> None:
        self.drawing = drawing
        self.palette = palette
        self.ruler: Ruler = ruler(measure)  # type: ignore[arg-type] # functions and methods are hashable
        self.bounds = bounds
        self.scale = scale
        self.columns = columns
        self.body = 15.0 * scale
        """Text size of what is read."""
        self.small = 13.0 * scale
        """Text size of ticks and labels."""
        self.paper: RGB = palette.colour("paper")
        self.pictured: list[Box] = []
        """Where pictures lie, so that what is drawn on them can set itself apart."""
        self.under_points: frozenset[Rect] = frozenset()
        """Rooms in which points lie on the picture."""
        self.taken: list[Box] = []
        """Where labels and stations stand."""
        self._later: list[tuple[tuple[float, float], tuple[float, float], str, float, Role]] = []

    # -- colours ------------------------------------------------------------------------------------------------

    def hairline(self) -> RGB:
        """Grid lines, rules: seen only when looked for."""
        return mix(self.paper, self.palette.colour("muted"), 0.35)

    # -- shapes -------------------------------------------------------------------------------------------------

    def rect(self, box: Box, fill: RGB, radius: float = 0.0) -> None:
        if box.width > 0 and box.height > 0:
            self.drawing.shapes.append(FillRect(box, fill, min(radius, box.width / 2, box.height / 2)))

    def outline(self, box: Box, colour: RGB, width: float = 1.0, radius: float = 0.0) -> None:
        if box.width > 0 and box.height > 0:
            self.drawing.shapes.append(RectLine(box, colour, width, min(radius, box.width / 2, box.height / 2)))

    def stroke(self, xy: ArrayLike, colour: RGB, width: float = 1.0, dash: tuple[float, ...] = ()) -> None:
        line = np.asarray(xy, dtype=np.float64)
        if len(line) >= 2:
            self.drawing.shapes.append(Stroke(line, colour, width, dash))

    def polygon(self, xy: ArrayLike, fill: RGB) -> None:
        self.drawing.shapes.append(Polygon(np.asarray(xy, dtype=np.float64), fill))

    def circle(
        self, x: float, y: float, radius: float, fill: RGB | None = None, line: RGB | None = None, width: float = 1.0
    ) -> None:
        self.drawing.shapes.append(Circle(float(x), float(y), float(radius), fill, line, width))

    def image(self, box: Box, rgb: NDArray[np.uint8]) -> None:
        self.pictured.append(box)
        self.drawing.shapes.append(ImageShape(box, rgb))

    # -- text ---------------------------------------------------------------------------------------------------

    def width(self, text: str, size: float, bold: bool = False, mono: bool = False) -> float:
        return self.ruler.width(text, size, bold, mono)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        role: Role = "ink",
        *,
        anchor: Literal["l", "m", "r"] = "l",
        bold: bool = False,
        mono: bool = False,
        on: RGB | None = None,
        room: float | None = None,
    ) -> float:
        """One line on the baseline y, shortened to `room`. Returns its width."""
        if room is not None:
            text = self.ruler.shorten(text, room, size, bold, mono)
        if not text.strip():
            return 0.0
        colour = self.palette.text(role, on)
        self.drawing.shapes.append(TextShape(float(x), float(y), text, size, colour, anchor, bold, mono))
        return self.width(text, size, bold, mono)

    def turned(self, x: float, y: float, text: str, size: float, role: Role, room: float) -> None:
        """Text that reads upwards, centred at y, its baseline at x."""
        text = self.ruler.shorten(text, room, size)
        if text.strip():
            colour = self.palette.text(role)
            self.drawing.shapes.append(TextShape(float(x), float(y), text, size, colour, "m", turned=True))

    def label(
        self, x: float, y: float, text: str, size: float, role: Role = "ink", *, bold: bool = False, badge: bool = True,
        on: RGB | None = None,
    ) -> None:  # fmt: skip
        """A short text centred at (x, y), moved into the bounds, on a small piece of paper if it lies on a picture.

        on : the colour of what it lies on, if that is not paper.
        """
        text = self.ruler.shorten(text, self.bounds.width, size, bold)
        if not text.strip():
            return
        wide, high = self.width(text, size, bold), size * (ASCENT + DESCENT)
        box = self.kept(Box(x - wide / 2, y - high / 2, wide, high))
        self.taken.append(box)
        if badge and any(meet(box, picture) for picture in self.pictured):
            pad = 2.5 * self.scale
            self.rect(Box(box.x - pad, box.y - pad / 2, box.width + 2 * pad, box.height + pad), self.paper, pad)
        self.text(box.x + wide / 2, box.y + size * ASCENT, text, size, role, anchor="m", bold=bold, on=on)

    def label_later(
        self, here: tuple[float, float], away: tuple[float, float], text: str, size: float, role: Role
    ) -> None:
        """A bold label beside `here`, towards `away` (a unit vector) if that is free. Put down by `settle`."""
        self._later.append((here, away, text, size, role))

    def settle(self) -> None:
        """Put the waiting labels down where they cover no other label and no station.

        Where there is no room beside what they name they turn round it, stand some lines above or below, or right under
        or above another label. Names of what lies one above the other keep that order: of two lines that end together
        the upper has the upper one.
        """
        labels = sorted(self._later, key=lambda label: label[0][1])  # the upper ones first
        taken = np.empty((len(self.taken) + len(labels), 4))
        taken[: len(self.taken)] = [(box.x, box.y, box.right, box.bottom) for box in self.taken] or np.empty((0, 4))
        put = np.empty((len(labels), 2))
        for number, (here, away, text, size, role) in enumerate(labels):
            x, y = self._free_place(here, away, (self.width(text, size, True), size * (ASCENT + DESCENT)), size,
                                    taken[: len(self.taken)], put[:number])  # fmt: skip
            before = len(self.taken)
            self.label(x, y, text, size, role, bold=True)
            for place, box in enumerate(self.taken[before:], start=before):
                taken[place] = box.x, box.y, box.right, box.bottom
            put[number] = here[0], y
        self._later.clear()

    def _free_place(
        self, here: tuple[float, float], away: tuple[float, float], extent: tuple[float, float], size: float,
        taken: Floats, put: Floats,
    ) -> tuple[float, float]:  # fmt: skip
        """The middle of a label of this extent where it covers least.

        taken : left, top, right and bottom of what is there (n, 4). put : of the labels put down so far, where what
        they name is across, and where they are in height (m, 2).
        """
        (wide, high), b = extent, self.bounds
        far = size * 0.62 + 3 * self.scale
        above = put[np.abs(put[:, 0] - here[0]) < 1.0, 1].max(initial=-np.inf)
        # Most labels are free where they are wanted, and the search below takes ten times as long.
        reach = far + max(0.0, wide - size) / 2
        box = Box(here[0] + away[0] * reach - wide / 2, here[1] + away[1] * far - high / 2, wide, high)
        free = box == self.kept(box) and not box.holds(*here) and box.y + high / 2 >= above
        covers = (taken[:, 0] < box.right) & (box.x < taken[:, 2]) & (taken[:, 1] < box.bottom) & (box.y < taken[:, 3])
        if free and not covers.any():
            return box.x + wide / 2, box.y + high / 2
        turn, lines = np.array([*_WAYS, *self._right_under(here[1] + away[1] * far, high, put[:, 1])]).T
        dx = away[0] * np.cos(turn) - away[1] * np.sin(turn)
        dy = away[0] * np.sin(turn) + away[1] * np.cos(turn)
        raw_x = here[0] + dx * reach - wide / 2
        raw_y = here[1] + dy * far + lines * high - high / 2
        x, y = np.maximum(b.x, np.minimum(raw_x, b.right - wide)), np.maximum(b.y, np.minimum(raw_y, b.bottom - high))
        moved = np.abs(x - raw_x) + np.abs(y - raw_y)
        cost = high * (0.15 * wide * np.abs(turn) + 0.08 * moved + 0.08 * wide * np.abs(lines))
        across = np.minimum(x[:, None] + wide, taken[:, 2]) - np.maximum(x[:, None], taken[:, 0])
        down = np.minimum(y[:, None] + high, taken[:, 3]) - np.maximum(y[:, None], taken[:, 1])
        cost += (np.maximum(across, 0.0) * np.maximum(down, 0.0)).sum(axis=1)
        # pushed back over what it names
        cost += 0.5 * wide * high * ((x <= here[0]) & (here[0] <= x + wide) & (y <= here[1]) & (here[1] <= y + high))
        cost += wide * high * (y + high / 2 < above)
        best = int(np.flatnonzero(cost <= cost.min() + 1e-9)[0])
        return float(x[best] + wide / 2), float(y[best] + high / 2)

    def _right_under(self, y: float, high: float, put: Floats) -> list[tuple[float, float]]:
        """Ways to stand right under or above the labels that are put down already: between whole lines is room, too.

        put : where their middles are. Of many only the nearest are tried.
        """
        apart = high + self.scale
        ways = np.concatenate([put + apart, put - apart]) - y
        return [(0.0, lines / high) for lines in ways[np.argsort(np.abs(ways), kind="stable")[:_NEAREST]].tolist()]

    def kept(self, box: Box) -> Box:
        """A box moved into the bounds (as far as it fits)."""
        b = self.bounds
        x = max(b.x, min(box.x, b.right - box.width))
        y = max(b.y, min(box.y, b.bottom - box.height))
        return Box(x, y, box.width, box.height)

    # -- places -------------------------------------------------------------------------------------------------

    @staticmethod
    def place(room: Box, xy: ArrayLike) -> Floats:
        """Unit coordinates (n, 2), y upwards, in pixels."""
        unit = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        pixels: Floats = unit * np.array([room.width, -room.height]) + np.array([room.x, room.bottom])
        return pixels


def meet(a: Box, b: Box) -> bool:
    """Do two boxes share some area?"""
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom
