"""Marks of every kind, in good and in bad shape, for the tests of drawers."""

from __future__ import annotations

import numpy as np

from nnhistory.core.scene import (
    Axes,
    Bars,
    Dial,
    Edit,
    Graph,
    HeatMap,
    Histogram,
    ImageGrid,
    Lamps,
    Line,
    Mark,
    Panel,
    Points,
    Polyline,
    Scene,
    Score,
    Scores,
    Size,
    Table,
    TextBlock,
)

LONG = "a label that is much longer than any room there could be for it, " * 3
NAN = float("nan")
PLOT = (0.1, 0.15, 0.97, 0.95)
EMPTY = np.empty(0)


def _wave() -> np.ndarray:
    x = np.linspace(-0.5, 1.5, 80)
    return np.column_stack([x, 0.5 + 0.9 * np.sin(9 * x)])


MARKS: dict[str, tuple[Mark, ...]] = {
    "axes": (Axes(rect=PLOT, xlabel="steps", ylabel="error", xticks=((0, "0"), (1, "1000")), yticks=((0, "0"), (1,
     "1")),
                  zero_x=0.5, zero_y=0.5),),
    "axes crowded": (Axes(rect=PLOT, xlabel=LONG, ylabel=LONG, xticks=tuple((k / 40,
     f"{k} thousand") for k in range(41)),
                          yticks=tuple((k / 90, str(k)) for k in range(91))),),
    "axes bare": (Axes(),),
    "heat map": (HeatMap(values=np.linspace(-1, 1, 12).reshape(3, 4), square=True, name="picture"),),
    "heat map NaN": (HeatMap(values=np.array([[NAN, np.inf], [0.0, -np.inf]])),),
    "heat map empty": (HeatMap(values=np.empty((0, 3))), HeatMap(values=EMPTY)),
    "heat map one": (HeatMap(values=np.array([[0.3]]), square=True, scale="sequential", lo=0.0),),
    "heat map flat range": (HeatMap(values=np.ones((2, 2)), lo=1.0, hi=1.0, scale="error"),),
    "points": (Points(xy=np.array([[0.2, 0.2], [0.8, 0.8], [0.0, 1.0], [1.0, 0.0]]), labels=np.array([1, -1, 1, -1]),
                      ring=(0,), wrong=(1, 2), edit=Edit("points", "points")),),
    "points outside": (Points(xy=np.array([[NAN, 0.5], [5.0, 5.0], [-1.0, 0.5]]), labels=np.array([1, 1, -1])),),
    "points empty": (Points(xy=np.empty((0, 2)), labels=EMPTY),),
    "points many": (Points(xy=np.random.default_rng(0).random((500, 2)), labels=np.ones(500)),),
    "polyline": (Polyline(xy=_wave(), name="wave", arrow=True),),
    "polyline NaN": (Polyline(xy=np.array([[0.1, 0.1], [NAN, 0.5], [0.5, 0.5], [0.9, 0.9]]), style="dashed",
     name="x"),),
    "polyline empty": (Polyline(xy=np.empty((0, 2))), Polyline(xy=np.array([[0.5, 0.5]]), dots=True, arrow=True)),
    "polyline still": (Polyline(xy=np.full((3, 2), 0.5), arrow=True, dots=True, style="dotted", name="x"),),
    "polyline loop": (Polyline(xy=np.array([[0, 0], [1, 0], [1, 1], [0, 0]]), dots=True, labels=("1", "2", "3", "")),),
    "polyline labels": (Polyline(xy=np.array([[0.0, 1.0], [1.0, 1.0]]), labels=(LONG, "◆"), dots=True),),
    "graph": (Graph(xy=np.array([[0, 0], [0, 1], [1, 0.5]]), edges=np.array([[0, 2], [1, 2]]), weights=np.array([2.0,
     -1.0]),
                    values=np.array([1.0, -1.0, NAN]), labels=("a", LONG, "y"), flow="gradient", name="net"),),
    "graph pictures": (Graph(xy=np.array([[0.5, 0.5], [0.9, 0.1]]), edges=np.empty((0, 2)), weights=EMPTY,
                             pictures=(np.eye(4), None), labels=("unit", "")),),
    "graph NaN": (Graph(xy=np.array([[NAN, 0.5], [0.5, 0.5], [1, 1]]), edges=np.array([[0, 1], [1, 2]]),
                        weights=np.array([1.0, NAN])),),
    "graph empty": (Graph(xy=np.empty((0, 2)), edges=np.empty((0, 2)), weights=EMPTY),),
    "bars": (Bars(values=np.array([0.5, -1.0, 0.0, NAN, np.inf]), labels=("a", LONG, "c", "d", "e"), lo=-1, hi=1),),
    "bars log": (Bars(values=np.array([1e-8, 0.0, 1.0]), labels=("1", "2", LONG), lo=1e-9, hi=1, log=True,
     horizontal=True,
                      ticks=np.array([1e-4, NAN, 1.0]), roles=("gradient", "gradient", "gradient")),),
    "bars many": (Bars(values=np.sin(np.arange(300.0)), lo=-1, hi=1, labels=tuple(map(str, range(300)))),),
    "bars empty": (Bars(values=EMPTY), Bars(values=np.array([1.0]), lo=0.0, hi=0.0)),
    "histogram": (Histogram(counts=np.array([1, 5, 2]), edges=np.array([-1.0, 0.0, 1.0, 2.0]), name="acts"),),
    "histogram bad": (Histogram(counts=EMPTY, edges=np.array([0.0])), Histogram(counts=[NAN, 0], edges=[0, 0, 0]),
                      Histogram(counts=[1], edges=[0, np.inf])),
    "wall": (ImageGrid(images=np.random.default_rng(1).random((10, 8, 8)), labels=tuple("0123456789"), ring=(3,),
     wrong=(4,)),),
    "wall NaN": (ImageGrid(images=np.full((3, 2, 5), NAN), columns=2, labels=(LONG, LONG, LONG)),),
    "wall empty": (ImageGrid(images=np.empty((0, 8, 8))),),
    "wall large": (ImageGrid(images=np.zeros((400, 2, 2)), labels=tuple(map(str, range(400)))),),
    "lamps": (Lamps(states=np.array([0, 1, 0.5, NAN]), labels=("0", "1", LONG, "3"), want=2),),
    "lamps square": (Lamps(states=np.eye(20), want=5, name="retina"),),
    "lamps empty": (Lamps(states=EMPTY),),
    "dial": (Dial(value=3.0, lo=0.0, hi=9.0, limit=9.0, label="mistakes", unit="V"),),
    "dial odd": (Dial(value=NAN, lo=0.0, hi=1.0, limit=NAN, label=LONG), Dial(value=5.0, lo=1.0, hi=1.0, rect=(0, 0,
     1, 0.3))),
    "table": (Table(columns=("run", "accuracy"), rows=(("a", "0.5"), (LONG, "0.7")), align="lr", ring=(1,)),),
    "scores": (Scores(rows=(
        Score(head="1957", name="perceptron", word="◆ a coin", role="error", value=0.47, picture=np.eye(4),
              curve=np.array([[0, 0.5], [1, 0.47]])),
        Score(head="2015", name=LONG, word=LONG, role="good", value=0.94, muted=True),
        Score(head="", name="", word="waiting")), line=0.5, ring=(1,), name="board"),),
    "scores odd": (Scores(rows=()), Scores(rows=(Score(head="a", name="b", word="c", value=NAN),) * 40, ring=(35,),
                                           line=7.0, lo=1.0, hi=1.0)),
    "table long": (Table(columns=("n", "square"), rows=tuple((str(k), str(k * k)) for k in range(200)), ring=(150,)),),
    "table empty": (Table(columns=(), rows=()), Table(columns=("a",), rows=()), Table(columns=("a", "b"), rows=((),))),
    "text": (TextBlock(lines=(Line("1 present x = (+1, −1)"), Line("2 sum     w·x + b = 0", lit=True), Line("",
     "muted"),
                              Line("3 compare", "error", lit=True), Line(LONG, indent=3, bold=True))),),
    "text long": (TextBlock(lines=tuple(Line(f"{k} {LONG}", lit=k % 3 == 0) for k in range(60)), monospace=False),),
    "text one word": (TextBlock(lines=(Line("x" * 900),)), TextBlock(lines=())),
}  # fmt: skip


def panel(name: str, *, broken: bool = False, square: bool = False) -> Panel:
    """A panel with one of `MARKS`."""
    return Panel(name, name, f"A sentence about {name}.", MARKS[name], broken=broken, least=Size(12, 4), square=square)


def scene(*names: str) -> Scene:
    """A scene of such panels."""
    return Scene("A title", tuple(panel(name) for name in names), "What is to be seen.")
