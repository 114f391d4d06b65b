"""Every drawer of scenes. A new one is one more row; the contract calls it with every scene at every size."""

from __future__ import annotations

from collections.abc import Callable

from nnhistory.core.scene import Scene, Size
from nnhistory.draw import cells, pixels
from nnhistory.draw.palette import MODES, Look, palette
from nnhistory.draw.png import measure
from nnhistory.draw.svg import to_svg


def in_cells(scene: Scene, size: Size) -> None:
    """In a terminal with many, sixteen and no colours, and as sentences."""
    for mode in MODES:
        grid, layout = cells.draw_scene(scene, size.columns, size.rows, Look(palette(), mode))
        assert (grid.rows, grid.columns) == (size.rows, size.columns)
        assert len(layout.placed) + len(layout.folded) == len(scene.panels), "no panel is lost"
    cells.draw_scene(scene, size.columns, size.rows, Look(palette()), plain=True)


def in_pixels(scene: Scene, size: Size) -> None:
    """As shapes, and those as SVG; a cell counts 9 x 18 pixels."""
    width, height = 9.0 * size.columns, 18.0 * size.rows
    drawing = pixels.draw_scene(scene, width, height, palette(dark=False), measure)
    assert to_svg(drawing, width, height, scene.title, scene.caption).rstrip().endswith("</svg>")


DRAWERS: list[Callable[[Scene, Size], object]] = [in_cells, in_pixels]
"""Called as `drawer(scene, size)`; anything it raises is a failure."""
