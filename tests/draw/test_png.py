"""Pillow: sizes, colours where they belong, every mark drawable."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.draw.boxes import Box
from nnhistory.draw.palette import palette
from nnhistory.draw.pixels import draw_scene
from nnhistory.draw.png import font_file, measure, to_image
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Stroke, TextShape
from tests.draw.scenes import MARKS, scene


@pytest.mark.parametrize("name", MARKS)
def test_every_mark_can_be_drawn(name: str) -> None:
    image = to_image(draw_scene(scene(name), 400, 300, palette(dark=False), measure), 400, 300)
    assert image.size == (400, 300)
    assert image.mode == "RGB"
    assert image.getpixel((0, 0)) == palette(dark=False).colour("paper")


def test_the_fonts_are_on_board() -> None:
    for bold in (False, True):
        for mono in (False, True):
            assert font_file(bold, mono).is_file()


def test_measure_grows_with_the_size_and_bold_is_wider() -> None:
    assert measure("the weights", 30) == pytest.approx(2 * measure("the weights", 15), rel=0.03)
    assert measure("the weights", 15, True) > measure("the weights", 15)
    assert measure("iiii", 15, mono=True) == pytest.approx(measure("mmmm", 15, mono=True))
    assert measure("", 15) == 0


def test_what_is_measured_is_what_is_drawn() -> None:
    for size in (12.0, 13.0, 15.5, 22.0):
        text = "who gets which side"
        image = to_image(Drawing([TextShape(10, 40, text, size, (255, 255, 255))]), 500, 60)
        columns = np.flatnonzero(np.asarray(image).max(axis=(0, 2)) > 60)
        assert columns[0] >= 9
        assert columns[-1] - 10 == pytest.approx(measure(text, size), abs=2.5)


def test_shapes_land_where_they_say() -> None:
    white, red = (255, 255, 255), (255, 0, 0)
    drawing = Drawing([
        FillRect(Box(0, 0, 100, 100), white),
        FillRect(Box(10, 10, 10, 10), red),
        RectLine(Box(30, 10, 20, 20), red, 2.0),
        Stroke(np.array([[10.0, 60.0], [90.0, 60.0]]), red, 4.0, (10.0, 10.0)),
        Circle(70, 20, 8, red),
        Polygon(np.array([[60.0, 80.0], [80.0, 80.0], [80.0, 95.0], [60.0, 95.0]]), red),
        ImageShape(Box(10, 80, 20, 10), np.array([[[255, 0, 0], [0, 0, 255]]], dtype=np.uint8)),
    ])  # fmt: skip
    image = to_image(drawing, 100, 100)
    at = image.getpixel
    assert at((15, 15)) == red
    assert at((25, 15)) == white
    assert at((30, 20)) == red
    assert at((40, 20)) == white
    assert at((15, 60)) == red
    assert at((25, 60)) == white
    assert at((35, 60)) == red
    assert at((70, 20)) == red
    assert at((70, 30)) == white
    assert at((70, 88)) == red
    assert at((12, 85)) == red
    assert at((28, 85)) == (0, 0, 255)


def test_turned_text_reads_upwards() -> None:
    image = to_image(Drawing([TextShape(50, 50, "mmmmmm", 16, (255, 255, 255), "m", turned=True)]), 100, 100)
    rows, columns = np.nonzero(np.asarray(image).max(axis=2) > 60)
    assert np.ptp(rows) > 3 * np.ptp(columns)
    assert rows.mean() == pytest.approx(50, abs=2)
    assert columns.max() <= 52


def test_slanted_lines_are_smooth_and_keep_their_thickness() -> None:
    for end in ((90.0, 10.0), (90.0, 50.0), (50.0, 90.0)):
        image = to_image(Drawing([Stroke(np.array([[10.0, 10.0], end]), (255, 255, 255), 4.0)]), 100, 100)
        ink = np.asarray(image)[:, :, 0] / 255
        length = np.hypot(end[0] - 10, end[1] - 10)
        assert ink.sum() == pytest.approx(4.0 * length, rel=0.15)
    assert len(np.unique(ink)) > 2
