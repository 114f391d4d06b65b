"""Drawings as pictures with Pillow: no window, no display. The fonts travel with the package."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nnhistory.core.resources import assets
from nnhistory.draw.boxes import Box
from nnhistory.draw.pixel_lines import dashes
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape

__all__ = ["SMOOTH", "font_file", "measure", "to_image"]


SMOOTH = 3
"""How many times as large a still picture is drawn before it is averaged."""


def font_file(bold: bool = False, mono: bool = False) -> Path:
    """The shipped font (DejaVu): all front ends that draw in pixels use it."""
    return assets() / "fonts" / f"DejaVuSans{'Mono' if mono else ''}{'-Bold' if bold else ''}.ttf"


@lru_cache(maxsize=256)
def _font(size: float, bold: bool, mono: bool) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(font_file(bold, mono)), size, layout_engine=ImageFont.Layout.BASIC)


def measure(text: str, size: float, bold: bool = False, mono: bool = False) -> float:
    """Width of `text` at `size` pixels: see `shapes.Measure`."""
    # As large as it is drawn for a still picture: FreeType rounds the advance of each letter to whole pixels.
    return _font(round(size * SMOOTH, 2), bold, mono).getlength(text) / SMOOTH


def to_image(drawing: Drawing, width: int, height: int, *, smooth: int = SMOOTH) -> Image.Image:
    """An RGB picture. Drawn `smooth` times as large and averaged, so that slanted lines have no stairs."""
    picture = Image.new("RGB", (width * smooth, height * smooth))
    painter = _Painter(picture, smooth)
    for shape in drawing.shapes:
        painter.paint(shape)
    return picture.reduce(smooth) if smooth > 1 else picture


_EDGE = 0.9
"""Pillow fills a polygon with the pixels on its edge: that much thicker it comes out."""


class _Painter:
    """Paints shapes on a picture that is `k` times as large as they say."""

    def __init__(self, picture: Image.Image, k: int) -> None:
        self.picture, self.k = picture, k
        self.draw = ImageDraw.Draw(picture)

    def paint(self, shape: Shape) -> None:
        match shape:
            case FillRect(box, fill, radius):
                if radius > 0.5:
                    self.draw.rounded_rectangle(self._corners(box), radius * self.k, fill=fill)
                else:
                    self.draw.rectangle(self._corners(box), fill=fill)
            case RectLine(box, colour, width, radius):
                self.draw.rounded_rectangle(
                    self._corners(box), radius * self.k, outline=colour, width=max(1, round(width * self.k))
                )
            case Stroke(xy, colour, width, dash):
                for piece in dashes(xy, dash) if dash else [xy]:
                    self._line(piece, colour, width)
            case Polygon(xy, fill):
                self.draw.polygon([(x, y) for x, y in (xy * self.k).tolist()], fill=fill)
            case Circle():
                self._circle(shape)
            case TextShape():
                self._text(shape)
            case ImageShape(box, rgb):
                self._image(box, rgb)

    def _corners(self, box: Box) -> tuple[float, float, float, float]:
        x, y = round(box.x * self.k), round(box.y * self.k)
        return x, y, max(x, round(box.right * self.k) - 1), max(y, round(box.bottom * self.k) - 1)

    def _line(self, xy: np.ndarray, colour: tuple[int, int, int], width: float) -> None:
        thick = width * self.k
        line = xy * self.k - 0.5
        if thick < 2.0:
            self.draw.line([(x, y) for x, y in line.tolist()], fill=colour, width=max(1, round(thick)))
            return
        # Pillow's own thick lines change their thickness with the angle: quadrilaterals and round joints do not.
        d = np.diff(line, axis=0)
        length = np.hypot(d[:, 0], d[:, 1])
        long = length > 1e-9
        side = np.column_stack([-d[:, 1], d[:, 0]])[long] / length[long, None] * (thick - _EDGE) / 2
        a, b = line[:-1][long], line[1:][long]
        for quad in np.stack([a + side, b + side, b - side, a - side], axis=1).tolist():
            self.draw.polygon([(x, y) for x, y in quad], fill=colour)
        if len(line) > 2:
            r = (thick - _EDGE) / 2
            for x, y in line[1:-1].tolist():
                self.draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def _circle(self, c: Circle) -> None:
        k = self.k
        box = ((c.x - c.radius) * k, (c.y - c.radius) * k, (c.x + c.radius) * k - 1, (c.y + c.radius) * k - 1)
        if box[2] < box[0]:
            return
        width = max(1, round(c.width * k)) if c.line is not None else 0
        self.draw.ellipse(box, fill=c.fill, outline=c.line, width=width)

    def _text(self, t: TextShape) -> None:
        k = self.k
        font = _font(round(t.size * k, 2), t.bold, t.mono)
        if not t.turned:
            self.draw.text((t.x * k, t.y * k), t.text, fill=t.colour, font=font, anchor=f"{t.anchor}s")
            return
        left, top, right, bottom = font.getbbox(t.text, anchor="ls")
        mask = Image.new("L", (int(right - left) + 2, int(bottom - top) + 2))
        ImageDraw.Draw(mask).text((-left, -top), t.text, fill=255, font=font, anchor="ls")
        mask = mask.rotate(90, expand=True)
        share = {"l": 0.0, "m": 0.5, "r": 1.0}[t.anchor]
        x, y = t.x * k + top, t.y * k + share * (right - left) - (right - left)
        self.picture.paste(t.colour, (round(x), round(y)), mask)

    def _image(self, box: Box, rgb: np.ndarray) -> None:
        x0, y0, x1, y1 = self._corners(box)
        if not rgb.size:
            return
        size = (int(x1 - x0) + 1, int(y1 - y0) + 1)
        small = Image.fromarray(np.ascontiguousarray(rgb))
        self.picture.paste(small.resize(size, Image.Resampling.NEAREST), (int(x0), int(y0)))
