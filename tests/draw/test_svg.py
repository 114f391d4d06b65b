"""SVG: well-formed, text as text, nothing fetched."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pixels import draw_scene
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, RectLine, Stroke, TextShape
from nnhistory.draw.svg import to_svg
from tests.draw.scenes import MARKS, scene

SVG = "{http://www.w3.org/2000/svg}"


@pytest.mark.parametrize("name", MARKS)
def test_every_mark_is_well_formed(name: str) -> None:
    drawing = draw_scene(scene(name), 640, 480, palette(), measure)
    text = to_svg(drawing, 640, 480, "a <title> & more", 'what "is" seen')
    root = ET.fromstring(text)
    assert root.tag == f"{SVG}svg"
    assert root.findtext(f"{SVG}title") == "a <title> & more"
    assert root.findtext(f"{SVG}desc") == 'what "is" seen'
    assert "nan" not in re.sub(r">[^<]*<", "><", text).lower().replace("data-", "")
    assert re.findall(r"https?://[^\"'\s]*", text) == ["http://www.w3.org/2000/svg"]


def test_text_stays_text_with_its_spaces() -> None:
    drawing = Drawing([TextShape(10, 20, "2 sum     w·x & <b>", 14, (1, 2, 3), "r", bold=True, mono=True, turned=True)])
    element = ET.fromstring(to_svg(drawing, 100, 50)).find(f".//{SVG}text")
    assert element is not None
    assert element.text == "2 sum     w·x & <b>"
    assert element.get("text-anchor") == "end"
    assert element.get("transform") == "rotate(-90 10 20)"
    assert float(element.get("textLength", "0")) == pytest.approx(
        measure("2 sum     w·x & <b>", 14, True, True), abs=0.01
    )


def test_a_control_character_does_not_break_the_file() -> None:
    ET.fromstring(to_svg(Drawing([TextShape(0, 0, "a\x00b\x1b", 10, (0, 0, 0))]), 10, 10, "t\x07", "d\x00"))


def test_shapes_become_elements() -> None:
    drawing = Drawing([
        FillRect(Box(1, 2, 3, 4), (255, 0, 0), 1.5),
        RectLine(Box(0, 0, 10, 10), (0, 255, 0), 2.0),
        Stroke(np.array([[0.0, 0.0], [5.0, 5.0]]), (0, 0, 255), 1.0, (3.0, 2.0)),
        Circle(5, 5, 4, None, (9, 9, 9), 2.0),
        ImageShape(Box(0, 0, 8, 8), np.arange(12, dtype=np.uint8).reshape(2, 2, 3)),
        ImageShape(Box(0, 0, 8, 8), np.full((4, 4, 3), 7, dtype=np.uint8)),
    ])  # fmt: skip
    group = ET.fromstring(to_svg(drawing, 10, 10)).find(f"{SVG}g")
    assert group is not None
    fill, line, stroke, circle, image, flat = list(group)
    assert (fill.get("fill"), fill.get("rx")) == ("#ff0000", "1.5")
    assert (line.get("x"), line.get("width"), line.get("fill")) == ("1", "8", "none")
    assert stroke.get("stroke-dasharray") == "3 2"
    assert (circle.get("r"), circle.get("fill")) == ("3", "none")
    assert (image.get("href") or "").startswith("data:image/png;base64,")
    assert (flat.tag, flat.get("fill")) == (f"{SVG}rect", "#070707")


def test_inline_has_no_size_of_its_own_and_no_address() -> None:
    text = to_svg(Drawing(), 100, 50, "t", "d", inline=True)
    assert text.startswith('<svg viewBox="0 0 100 50" role="img" aria-label="t. d">')
    assert "http" not in text
