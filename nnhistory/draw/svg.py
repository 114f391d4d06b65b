"""Drawings as SVG: text stays text, pictures travel inside, nothing is fetched from anywhere."""

from __future__ import annotations

import base64
import io
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from PIL import Image

from nnhistory.draw.palette import RGB, to_hex
from nnhistory.draw.png import measure
from nnhistory.draw.shapes import Circle, Drawing, FillRect, ImageShape, Polygon, RectLine, Shape, Stroke, TextShape

__all__ = ["to_svg"]

_SANS = "'DejaVu Sans', Verdana, 'Segoe UI', sans-serif"
_MONO = "'DejaVu Sans Mono', Menlo, Consolas, monospace"


def to_svg(
    drawing: Drawing, width: float, height: float, title: str = "", description: str = "", *, inline: bool = False
) -> str:
    """An SVG document. `title` and `description` are what screen readers say.

    inline : for a page of HTML: no XML declaration, and it grows and shrinks with the page.
    """
    w, h = _n(width), _n(height)
    size = "" if inline else f' xmlns="http://www.w3.org/2000/svg" width="{w}" height="{h}"'
    said = ". ".join(part.rstrip(".") for part in (title, description) if part)
    name = f" aria-label={quoteattr(_plain(said))}" if said else ""
    parts = [] if inline else ['<?xml version="1.0" encoding="UTF-8"?>']
    parts.append(f'<svg{size} viewBox="0 0 {w} {h}" role="img"{name}>')
    if title:
        parts.append(f"<title>{_clean(title)}</title>")
    if description:
        parts.append(f"<desc>{_clean(description)}</desc>")
    parts.append(f'<g font-family="{_SANS}">')
    parts += [_element(shape) for shape in drawing.shapes]
    parts.append("</g></svg>")
    return "\n".join(parts) + "\n"


def _element(shape: Shape) -> str:
    match shape:
        case FillRect(box, fill, radius):
            return f"<rect {_box(box)}{_radius(radius)} {_paint('fill', fill)}/>"
        case RectLine(box, colour, width, radius):
            # The line lies inside the box; SVG centres it on the edge.
            inner = box.inset(width / 2, width / 2, width / 2, width / 2)
            line = f'{_paint("stroke", colour)} stroke-width="{_n(width)}"'
            return f'<rect {_box(inner)}{_radius(max(0.0, radius - width / 2))} fill="none" {line}/>'
        case Stroke(xy, colour, width, dash):
            dashed = f' stroke-dasharray="{" ".join(map(_n, dash))}"' if dash else ""
            line = f'{_paint("stroke", colour)} stroke-width="{_n(width)}" stroke-linejoin="round"'
            return f'<polyline points="{_points(xy)}" fill="none" {line}{dashed}/>'
        case Polygon(xy, fill):
            return f'<polygon points="{_points(xy)}" {_paint("fill", fill)}/>'
        case Circle():
            return _circle(shape)
        case TextShape():
            return _text(shape)
        case ImageShape(box, rgb):
            return _image(box, rgb)


def _circle(c: Circle) -> str:
    fill = _paint("fill", c.fill) if c.fill is not None else 'fill="none"'
    radius, line = c.radius, ""
    if c.line is not None:
        radius = max(0.0, c.radius - c.width / 2)
        line = f' {_paint("stroke", c.line)} stroke-width="{_n(c.width)}"'
    return f'<circle cx="{_n(c.x)}" cy="{_n(c.y)}" r="{_n(radius)}" {fill}{line}/>'


def _text(t: TextShape) -> str:
    anchor = {"l": "", "m": ' text-anchor="middle"', "r": ' text-anchor="end"'}[t.anchor]
    weight = ' font-weight="bold"' if t.bold else ""
    family = f' font-family="{_MONO}"' if t.mono else ""
    turn = f' transform="rotate(-90 {_n(t.x)} {_n(t.y)})"' if t.turned else ""
    # Where DejaVu is missing another font is squeezed to the width that was measured, so that nothing overlaps.
    wide = measure(t.text, t.size, t.bold, t.mono)
    length = f' textLength="{_n(wide)}" lengthAdjust="spacingAndGlyphs"' if len(t.text) > 1 else ""
    space = ' style="white-space:pre" xml:space="preserve"' if "  " in t.text else ""
    return (
        f'<text x="{_n(t.x)}" y="{_n(t.y)}" font-size="{_n(t.size)}" {_paint("fill", t.colour)}'
        f"{anchor}{weight}{family}{length}{turn}{space}>{_clean(t.text)}</text>"
    )


def _image(box: tuple[float, float, float, float], rgb: np.ndarray) -> str:
    if not rgb.size:
        return ""
    if (rgb == rgb[0, 0]).all():
        return f"<rect {_box(box)} {_paint('fill', (int(rgb[0, 0, 0]), int(rgb[0, 0, 1]), int(rgb[0, 0, 2])))}/>"
    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(rgb)).save(file, "png", optimize=True)
    data = base64.b64encode(file.getvalue()).decode("ascii")
    return (
        f'<image {_box(box)} preserveAspectRatio="none" style="image-rendering:pixelated" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _box(box: tuple[float, float, float, float]) -> str:
    x, y, width, height = box
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'


def _radius(radius: float) -> str:
    return f' rx="{_n(radius)}"' if radius > 0 else ""


def _points(xy: np.ndarray) -> str:
    return " ".join(f"{_n(x)},{_n(y)}" for x, y in xy.tolist())


def _paint(what: str, colour: RGB) -> str:
    return f'{what}="{to_hex(colour)}"'


def _n(value: float) -> str:
    """A length to a hundredth of a pixel."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value else "0"


def _clean(text: str) -> str:
    """Escaped, without the control characters that XML cannot hold."""
    return escape(_plain(text))


def _plain(text: str) -> str:
    return "".join(char if char >= " " or char in "\t\n" else " " for char in text)
