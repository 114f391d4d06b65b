"""What in a net is younger than the year it is set in: the card of an anachronism. The years stand in era.toml."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Line, Panel, Role, Size, Table, TextBlock

__all__ = ["early", "early_parts"]


@cache
def _knobs() -> dict[str, dict[str, Any]]:
    manifest = tomllib.loads(Path(__file__).with_name("era.toml").read_text(encoding="utf-8"))
    knobs: dict[str, dict[str, Any]] = manifest["knobs"]
    return knobs


def early_parts(config: Mapping[str, Any], year: int) -> list[tuple[str, int]]:
    """What this net uses that was new after `year`, and when it was; the youngest first.

    A choice is used as it stands; any other knob is used where it is not as it is by default.
    """
    found = []
    for name, knob in _knobs().items():
        value = config[name]
        if knob["kind"] == "choice":
            when, what = knob.get("years", {}).get(value, 0), f"{name} {value}".replace("_", " ")
        else:
            used = bool(value) and value != knob["default"]
            when = knob.get("year", 0) if used else 0
            what = name if knob["kind"] == "flag" else f"{name} {value}"
        if when > year:
            found.append((what, int(when)))
    return sorted(found, key=lambda part: (-part[1], part[0]))


def early(frame: Frame, recording: Recording) -> Panel:
    """Every part of this net that is younger than the year it is set in."""
    config, title = recording.header.config, "what comes too early"
    year = int(config["set_in"])
    parts = early_parts(config, year)
    if not parts:
        note = f"Nothing in this net is younger than {year}."
        return Panel("early", title, note, (TextBlock(lines=(Line(note),)),), least=Size(30, 3))
    rows = tuple((what, str(when), f"{when - year} years early") for what, when in parts)
    what, when = parts[0]
    sentence = f"A net of {year} with {what}: {when - year} years early."
    if len(parts) > 1:
        sentence += f" {len(parts) - 1} more of its parts {'are' if len(parts) > 2 else 'is'} younger than {year}."
    role: Role = "attention"
    head = TextBlock(rect=(0.0, 0.72, 1.0, 1.0), lines=(Line(f"{when - year} years early: {what}", role),))
    table = Table(rect=(0.0, 0.0, 1.0, 0.7), columns=("part", "year", f"in {year}"), rows=rows[:6])
    return Panel("early", title, sentence, (head, table), least=Size(36, 6))
