"""Colours by role, the same everywhere. NumPy-free; `ramps.py` has the vectorised form of the ramps.

The default is the Okabe-Ito set (Okabe and Ito 2002, "Color Universal Design"), safe for colour-blind eyes. The
second is Paul Tol's "bright" scheme (SRON technical note EPS/TN/09-002). `monochrome` tells roles apart by
brightness alone. Shape doubles colour in every drawer, so that no palette carries the meaning by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.scene import Role

__all__ = [
    "ANSI_RGB", "CENTRE", "LUT_SIZE", "MODES", "NAMES", "RGB", "ROLES", "Look", "Mode", "Palette", "Scale", "contrast",
    "from_hex", "mix", "palette", "to_hex",
]  # fmt: skip

RGB = tuple[int, int, int]
"""Red, green, blue, each 0..255, sRGB."""

Scale = Literal["diverging", "sequential", "sides", "error"]
Mode = Literal["truecolor", "ansi16", "mono"]

ROLES: tuple[Role, ...] = get_args(Role)
MODES: tuple[Mode, ...] = get_args(Mode)
NAMES = ("okabe-ito", "tol-bright", "monochrome")
"""Palettes that `--palette` knows, the default first."""

CENTRE = 128
LUT_SIZE = 2 * CENTRE + 2
"""A ramp is a table: entries 0..256 cover the range (128 is exactly its middle), 257 is for what is not finite."""

_SEEN = 2.0
"""Least contrast of a line with paper: yellow on light paper is not seen."""
_READABLE = 4.5
"""Contrast of text with its ground (WCAG 2.1, success criterion 1.4.3)."""


def from_hex(text: str) -> RGB:
    """`#E69F00` as numbers."""
    digits = text.removeprefix("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def to_hex(colour: RGB) -> str:
    """Numbers as `#e69f00`."""
    return "#{:02x}{:02x}{:02x}".format(*colour)


def mix(a: RGB, b: RGB, share: float) -> RGB:
    """`share` of b in a, 0..1."""
    share = min(1.0, max(0.0, share))
    return (
        round(a[0] + (b[0] - a[0]) * share),
        round(a[1] + (b[1] - a[1]) * share),
        round(a[2] + (b[2] - a[2]) * share),
    )


def _luminance(colour: RGB) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(a: RGB, b: RGB) -> float:
    """Contrast ratio of WCAG 2.1: 1 (none) to 21 (black on white). Dimensionless."""
    light, dark = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@dataclass(frozen=True, eq=False)
class Palette:
    """One set of colours on one ground.

    Attributes
    ----------
    name, dark : which palette, and whether its paper is dark.
    colours : role -> colour.
    ansi : role -> index 0..15 of the terminal's own sixteen colours.
    """

    name: str
    dark: bool
    colours: dict[Role, RGB]
    ansi: dict[Role, int]
    _tables: dict[str, tuple[RGB, ...]] = field(default_factory=dict, repr=False)
    _texts: dict[tuple[Role, RGB], RGB] = field(default_factory=dict, repr=False)

    def colour(self, role: Role) -> RGB:
        """The colour of a role, for areas and lines."""
        return self.colours[role]

    def text(self, role: Role, on: RGB | None = None) -> RGB:
        """The colour of a role for text: moved towards ink until it can be read on `on` (paper if None)."""
        ground = self.colours["paper"] if on is None else on
        key = (role, ground)
        if key not in self._texts:
            self._texts[key] = self._legible(self.colours[role], ground)
        return self._texts[key]

    def line(self, role: Role) -> RGB:
        """The colour of a role for a line on paper: as for areas, moved towards ink until the line is seen.

        Neutral lines are meant to be faint.
        """
        if role in ("paper", "neutral"):
            return self.colours[role]
        return self._legible(self.colours[role], self.colours["paper"], _SEEN)

    def _legible(self, colour: RGB, ground: RGB, least: float = _READABLE) -> RGB:
        ink, paper = self.colours["ink"], self.colours["paper"]
        goal = ink if contrast(ink, ground) >= contrast(paper, ground) else paper
        for step in range(21):
            candidate = mix(colour, goal, step / 20)
            if contrast(candidate, ground) >= least:
                return candidate
        return goal

    def tint(self, role: Role, share: float = 0.4) -> RGB:
        """A role's colour thinned with paper: a ground on which the role itself can still be seen."""
        return mix(self.colours["paper"], self.colours[role], share)

    def ramp(self, scale: Scale) -> tuple[RGB, ...]:
        """The scale's table of `LUT_SIZE` colours. The last one, for NaN and infinities, is the error colour."""
        if scale not in self._tables:
            entries = [self._entry(scale, index / CENTRE - 1.0) for index in range(LUT_SIZE - 1)]
            self._tables[scale] = (*entries, self.colours["error"])
        return self._tables[scale]

    def _entry(self, scale: Scale, place: float) -> RGB:
        c = self.colours
        side: Role = "positive" if place > 0 else "negative"
        if scale == "diverging":
            return mix(c["neutral"], c[side], abs(place))
        if scale == "sides":
            return c["neutral"] if place == 0 else self.tint(side)
        return mix(c["paper"], c["ink" if scale == "sequential" else "error"], (place + 1) / 2)

    def shade(self, scale: Scale, value: float, lo: float, hi: float) -> RGB:
        """The colour of one value; lo..hi is the range covered (`diverging` and `sides`: symmetric about 0)."""
        return self.ramp(scale)[ramp_index(scale, value, lo, hi)]


def ramp_index(scale: Scale, value: float, lo: float, hi: float) -> int:
    """Where in the table a value lies."""
    if value != value or value in (float("inf"), float("-inf")):
        return LUT_SIZE - 1
    if scale == "sides":
        return CENTRE if value == 0 else (2 * CENTRE if value > 0 else 0)
    if scale == "diverging":
        reach = max(abs(lo), abs(hi)) or 1.0
        place = value / reach
    else:
        span = hi - lo
        place = 2 * (value - lo) / span - 1 if span else (1.0 if value > lo else -1.0)
    return round((min(1.0, max(-1.0, place)) + 1.0) * CENTRE)


@dataclass(frozen=True)
class Look:
    """How a terminal shows things: which palette, and how many colours it has.

    mode : `truecolor`; `ansi16` (the terminal's own sixteen colours); `mono` (NO_COLOR: characters carry it all).
    motion : False asks the front end to show states without animating between them.
    """

    palette: Palette
    mode: Mode = "truecolor"
    motion: bool = True


_DARK: dict[Role, str] = {"paper": "#14171C", "ink": "#E8E6E1", "muted": "#8F959E", "neutral": "#2B3038"}
_LIGHT: dict[Role, str] = {"paper": "#FBFAF7", "ink": "#1E2126", "muted": "#6A6F77", "neutral": "#E6E3DC"}

_SETS: dict[tuple[str, bool], dict[Role, str]] = {
    ("okabe-ito", True): {
        **_DARK, "negative": "#E69F00", "positive": "#56B4E9", "error": "#D55E00", "gradient": "#CC79A7",
        "good": "#009E73", "attention": "#F0E442",
    },
    ("okabe-ito", False): {
        **_LIGHT, "negative": "#E69F00", "positive": "#0072B2", "error": "#D55E00", "gradient": "#CC79A7",
        "good": "#009E73", "attention": "#F0E442",
    },
    ("tol-bright", True): {
        **_DARK, "negative": "#CCBB44", "positive": "#6699CC", "error": "#EE6677", "gradient": "#BB5599",
        "good": "#339944", "attention": "#66CCEE",
    },
    ("tol-bright", False): {
        **_LIGHT, "negative": "#CCBB44", "positive": "#4477AA", "error": "#EE6677", "gradient": "#AA3377",
        "good": "#228833", "attention": "#66CCEE",
    },
    ("monochrome", True): {
        "paper": "#101010", "ink": "#F0F0F0", "muted": "#909090", "neutral": "#707070", "negative": "#404040",
        "positive": "#E8E8E8", "error": "#FFFFFF", "gradient": "#B0B0B0", "good": "#D0D0D0", "attention": "#FFFFFF",
    },
    ("monochrome", False): {
        "paper": "#FFFFFF", "ink": "#101010", "muted": "#686868", "neutral": "#A8A8A8", "negative": "#E0E0E0",
        "positive": "#303030", "error": "#000000", "gradient": "#606060", "good": "#404040", "attention": "#000000",
    },
}  # fmt: skip

_ANSI_DARK: dict[Role, int] = {
    "positive": 12, "negative": 3, "neutral": 8, "ink": 15, "paper": 0, "muted": 7, "error": 9, "gradient": 13,
    "good": 10, "attention": 11,
}  # fmt: skip
_ANSI_LIGHT: dict[Role, int] = {
    "positive": 4, "negative": 3, "neutral": 7, "ink": 0, "paper": 15, "muted": 8, "error": 1, "gradient": 5,
    "good": 2, "attention": 11,
}  # fmt: skip

ANSI_RGB: tuple[RGB, ...] = tuple(
    from_hex(text)
    for text in (
        "#000000", "#AA0000", "#00AA00", "#AA5500", "#0000AA", "#AA00AA", "#00AAAA", "#AAAAAA",
        "#555555", "#FF5555", "#55FF55", "#FFFF55", "#5555FF", "#FF55FF", "#55FFFF", "#FFFFFF",
    )
)  # fmt: skip
"""The sixteen colours as the VGA text mode had them: only for tests and pictures; a terminal uses its own."""


@cache
def palette(name: str = NAMES[0], dark: bool = True) -> Palette:
    """The palette of this name. BadInput if there is none."""
    if name not in NAMES:
        raise BadInput(
            f'there is no palette "{name}"', remedy=did_you_mean(name, NAMES, noun="palette"), key="--palette"
        )
    colours: dict[Role, RGB] = {role: from_hex(text) for role, text in _SETS[name, dark].items()}
    return Palette(name, dark, colours, dict(_ANSI_DARK if dark else _ANSI_LIGHT))
