"""What is to be seen, before any toolkit: panels made of marks, colours by role, one plain sentence each.

Coordinates are unit coordinates of the panel: (0, 0) bottom left, (1, 1) top right. Pictures (`HeatMap`,
`ImageGrid`, `Lamps` with a 2-D state) have row 0 at the top. Values are true values with their range beside
them; the drawer maps them to colours or lengths, so that a test can read a scene as numbers.

NumPy arrays are `Any` here because this module is imported where NumPy is not.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

__all__ = [
    "Axes", "Bars", "Dial", "Edit", "Graph", "HeatMap", "Histogram", "ImageGrid", "Lamps", "Line", "Mark", "Panel",
    "Points", "Polyline", "Rect", "Role", "Scene", "Score", "Scores", "Size", "Table", "TextBlock",
]  # fmt: skip

Role = Literal["positive", "negative", "neutral", "ink", "paper", "muted", "error", "gradient", "good", "attention"]
"""What a colour means. Palettes (`draw/palette.py`) say which colour that is."""

Rect = tuple[float, float, float, float]
"""x0, y0, x1, y1 in unit coordinates."""

_WHOLE: Rect = (0.0, 0.0, 1.0, 1.0)


class Size(msgspec.Struct, frozen=True):
    """The room there is, in terminal cells (a window counts 9 x 18 pixels as one)."""

    columns: int
    rows: int


class Edit(msgspec.Struct, frozen=True):
    """This mark can be turned or drawn on. `knob` is the era's knob it sets.

    how : `turn` (a number), `draw` (a picture, cell by cell), `points` (add, drag, delete).
    xlim, ylim : data range that the unit square stands for (`points`).
    labels : labels a point or picture may be given.
    """

    knob: str
    how: Literal["turn", "draw", "points"]
    xlim: tuple[float, float] = (0.0, 1.0)
    ylim: tuple[float, float] = (0.0, 1.0)
    labels: tuple[int, ...] = (1, -1)


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What every mark has: a place, a name to show when pointed at, and perhaps an edit target."""

    rect: Rect = _WHOLE
    name: str = ""
    hint: str = ""
    """What it is, its value, what changing it would do: shown by hover and by `?`."""
    edit: Edit | None = None


class Axes(Mark, frozen=True, kw_only=True):
    """A frame with ticks. Ticks are (unit position, label). Marks in the same `rect` are drawn inside it."""

    xlabel: str = ""
    ylabel: str = ""
    xticks: tuple[tuple[float, str], ...] = ()
    yticks: tuple[tuple[float, str], ...] = ()
    zero_x: float | None = None
    """Unit position of x = 0, drawn as a thin line if inside."""
    zero_y: float | None = None


class HeatMap(Mark, frozen=True, kw_only=True):
    """A picture of numbers. values (rows, columns); lo..hi is the range that the colours cover.

    scale : `diverging` (negative - neutral - positive, symmetric about 0), `sequential` (paper - ink),
        `sides` (only the sign matters: which side of a decision), `error` (paper - error).
    """

    values: Any
    lo: float = -1.0
    hi: float = 1.0
    scale: Literal["diverging", "sequential", "sides", "error"] = "diverging"
    square: bool = False
    """Keep cells square (pictures of retinas and digits)."""
    told: Any = None
    """(rows, columns) what is said when a cell is pointed at, where that is not its value; NaN: nothing is there."""


class Points(Mark, frozen=True, kw_only=True):
    """Data points. xy (n, 2); labels (n,): > 0 drawn as `+` in positive, <= 0 as `o` in negative.

    ring : index of points to circle (the one presented); wrong : index of points now on the wrong side.
    names : one per point, shown when pointed at."""

    xy: Any
    labels: Any
    ring: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()
    names: tuple[str, ...] = ()


class Polyline(Mark, frozen=True, kw_only=True):
    """A line through xy (n, 2). Points outside the unit square are clipped. NaN breaks the line."""

    xy: Any
    role: Role = "ink"
    style: Literal["solid", "dashed", "dotted"] = "solid"
    width: int = 1
    arrow: bool = False
    dots: bool = False
    labels: tuple[str, ...] = ()
    """A short text at each vertex ("" for none)."""


class Graph(Mark, frozen=True, kw_only=True):
    """A network. xy (n, 2) node places; values (n,) in -1..1 node colours (None: neutral).

    edges (m, 2) node indices; weights (m,) signed: colour by sign, thickness by size relative to `weight_scale`.
    pictures : None or one small 2-D array for each node (what the unit computes), or None in its place.
    """

    xy: Any
    edges: Any
    weights: Any
    values: Any = None
    labels: tuple[str, ...] = ()
    pictures: tuple[Any, ...] = ()
    links: tuple[str, ...] = ()
    """A name for each edge, shown when pointed at; the era's X-ray takes it to know which weight is meant."""
    weight_scale: float = 1.0
    flow: Role | None = None
    """Light the links in this role (`positive`: signal forward, `gradient`: error back)."""
    node_hint: str = ""
    """The hint of a node; `hint` is then that of a link."""
    node_names: tuple[str, ...] = ()
    """What nodes are called when pointed at, where that is more than their labels."""
    node_values: tuple[str, ...] = ()
    link_values: Any = None
    """What is said of nodes and links when pointed at, where it is not what is drawn."""


class Bars(Mark, frozen=True, kw_only=True):
    """Bars. values (n,); lo..hi the range; `ticks` a theory value beside each bar (NaN: none); log: log-scale axis."""

    values: Any
    labels: tuple[str, ...] = ()
    lo: float = 0.0
    hi: float = 1.0
    roles: tuple[Role, ...] = ()
    """One for each bar; empty: positive and negative by sign."""
    ticks: Any = None
    tick_name: str = ""
    """What the ticks stand for, in a word or two: said in the legend."""
    log: bool = False
    horizontal: bool = False
    texts: tuple[str, ...] = ()
    """What to print at each bar; empty: its value."""


class Histogram(Mark, frozen=True, kw_only=True):
    """counts (n,), edges (n + 1,)."""

    counts: Any
    edges: Any
    role: Role = "positive"


class ImageGrid(Mark, frozen=True, kw_only=True):
    """A wall of small pictures. images (k, h, w); labels under each; `ring` marks some.

    colours (k, h, w, 3) : red, green, blue, 0..1, drawn as they are in place of the palette's. `images` then holds the
        brightness: what is drawn where there is no colour, and said when pointed at.
    """

    images: Any
    colours: Any = None
    columns: int = 0
    """0: as square as the room allows."""
    lo: float = 0.0
    hi: float = 1.0
    scale: Literal["diverging", "sequential"] = "sequential"
    labels: tuple[str, ...] = ()
    ring: tuple[int, ...] = ()
    wrong: tuple[int, ...] = ()


class Lamps(Mark, frozen=True, kw_only=True):
    """Lamps, lit or dark. states (n,) or (rows, columns), 0..1; `want` the index that should be lit."""

    states: Any
    labels: tuple[str, ...] = ()
    want: int | None = None


class Dial(Mark, frozen=True, kw_only=True):
    """A knob or meter with one value on a scale lo..hi. `limit`: a mark on the scale (a bound)."""

    value: float
    lo: float
    hi: float
    label: str = ""
    unit: str = ""
    limit: float | None = None
    role: Role = "ink"


class Table(Mark, frozen=True, kw_only=True):
    """Rows of text under headings. `ring` marks rows. Numeric columns are right-aligned (`align` of "l" and "r")."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    align: str = ""
    ring: tuple[int, ...] = ()


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a board of scores.

    head, name : a short and a longer name. value : None before there is one. curve (n, 2) or None: how the value came
    about, as unit coordinates. picture : a small 2-D array, or None. word : how it stands, in `role`.
    muted : it stands apart from the others (a control).
    """

    head: str
    name: str
    word: str
    role: Role = "ink"
    value: float | None = None
    text: str = ""
    """What is printed for the value; empty: the value with two digits."""
    curve: Any = None
    picture: Any = None
    muted: bool = False


class Scores(Mark, frozen=True, kw_only=True):
    """A board of scores: a bar for each row on one scale lo..hi, a `line` across them all, ▸ before `ring`'s rows."""

    rows: tuple[Score, ...]
    lo: float = 0.0
    hi: float = 1.0
    line: float | None = None
    line_name: str = ""
    ring: tuple[int, ...] = ()


class Line(msgspec.Struct, frozen=True):
    """One line of a text block. `lit`: the phase that is happening now."""

    text: str
    role: Role = "ink"
    bold: bool = False
    lit: bool = False
    indent: int = 0


class TextBlock(Mark, frozen=True, kw_only=True):
    """Lines of text, wrapped by the drawer."""

    lines: tuple[Line, ...]
    monospace: bool = True
    cuts: bool = False
    """A caption: what finds no room may end with an ellipsis, for it stands elsewhere in full. One size for all."""


class Panel(msgspec.Struct, frozen=True):
    """One picture.

    Attributes
    ----------
    id : as in the era's manifest (`plane`, `weights`, `curve`, ...).
    title : a few words: what is shown, and the question it answers.
    sentence : one plain sentence saying what is to be seen *now*: screen readers, `--plain`, alt text.
    broken : the era broke here: the frame turns vermilion.
    least : the smallest room in which it can be read (columns, rows), without its frame.
    square : wants equal units on both axes.
    weight : how much of the room it asks for.
    about : how to read it, for `?`, if no era's texts say it: what belongs to no era, or depends on what is drawn.
    """

    id: str
    title: str
    sentence: str
    marks: tuple[Mark, ...]
    broken: bool = False
    least: Size = Size(24, 6)
    square: bool = False
    weight: float = 1.0
    about: str = ""


class Scene(msgspec.Struct, frozen=True):
    """Panels in order of importance; `caption` is the one sentence if there is room for only one."""

    title: str
    panels: tuple[Panel, ...]
    caption: str = ""

    def panel(self, id: str) -> Panel:
        """The panel with this id. KeyError if the scene has none."""
        for panel in self.panels:
            if panel.id == id:
                return panel
        raise KeyError(id)
