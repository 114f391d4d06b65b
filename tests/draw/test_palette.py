"""Colours that can be seen on their paper."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.scene import Axes, Panel, Polyline
from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import NAMES, ROLES, contrast, palette
from nnhistory.draw.pixels import draw_panel
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Stroke


@pytest.mark.parametrize("dark", [True, False], ids=["dark", "light"])
@pytest.mark.parametrize("name", NAMES)
def test_every_line_is_seen_on_its_paper(name: str, dark: bool) -> None:
    colours = palette(name, dark)
    paper = colours.colour("paper")
    for role in set(ROLES) - {"paper", "neutral"}:
        assert contrast(colours.line(role), paper) >= 2.0, role


def test_yellow_on_light_paper_is_what_changes() -> None:
    light = palette(dark=False)
    assert contrast(light.colour("attention"), light.colour("paper")) < 1.5, "seen as an area, not as a line"
    changed = {role for role in ROLES if light.line(role) != light.colour(role)}
    assert changed == {"attention"}
    assert all(palette().line(role) == palette().colour(role) for role in ROLES)


def test_a_curve_and_its_sign_in_the_legend_have_one_colour() -> None:
    xy = np.array([[0.0, 0.2], [1.0, 0.8]])
    panel = Panel("p", "t", "s", (Axes(), Polyline(xy=xy, role="attention", name="theory")))
    light = palette(dark=False)
    drawing = draw_panel(panel, Box(0, 0, 300, 200), light, measure)
    strokes = [shape for shape in drawing.shapes if isinstance(shape, Stroke)]
    assert sum(shape.colour == light.line("attention") for shape in strokes) == 2
