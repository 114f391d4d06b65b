"""How this terminal shows things: its colours, and Textual's themes in the palette's roles."""

from __future__ import annotations

import os

from textual.theme import Theme

from nnhistory.draw.palette import Look, Mode, palette, to_hex

__all__ = ["colour_mode", "look_of", "theme_of"]


def colour_mode(color_system: str | None) -> Mode:
    """`mono` where NO_COLOR is set or there is none, `ansi16` on sixteen colours, else `truecolor`.

    Terminals with 256 colours get the nearest of them: Rich sees to that.
    """
    if os.environ.get("NO_COLOR") or color_system is None:
        return "mono"
    return "ansi16" if color_system in ("standard", "windows") else "truecolor"


def look_of(name: str, dark: bool, mode: Mode, motion: bool) -> Look:
    """A palette on one ground, in as many colours as there are."""
    return Look(palette(name, dark), mode, motion)


def theme_of(name: str, dark: bool) -> Theme:
    """The same colours for Textual's own widgets."""
    colours = palette(name, dark)

    def text(role: str) -> str:
        return to_hex(colours.text(role))  # type: ignore[arg-type]

    paper, neutral = to_hex(colours.colour("paper")), to_hex(colours.colour("neutral"))
    return Theme(
        name=f"nnhistory-{'dark' if dark else 'light'}",
        primary=text("positive"), secondary=text("gradient"), warning=text("attention"), error=text("error"),
        success=text("good"), accent=text("attention"), foreground=text("ink"), background=paper, surface=paper,
        panel=neutral, dark=dark,
    )  # fmt: skip
