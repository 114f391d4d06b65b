"""One search on two of its axes, the best that each found as distributions, which knobs matter. Frames only."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, Bars, HeatMap, Line, Mark, Panel, Points, Polyline, Rect, Role, Size, TextBlock
from nnhistory.eras.search_2012.space import AXES, SEARCHERS

__all__ = ["best", "matters", "profile", "search", "standing", "trials"]

_ROLES: dict[str, Role] = {
    "grid": "negative",
    "random": "positive",
    "spent": "good",
    "fine": "gradient",
    "linear": "muted",
}
_SAID = {
    "grid": "grid over all",
    "random": "random",
    "spent": "one-knob grid",
    "fine": "coarse to fine",
    "linear": "linear rate",
}

_SHORT = {"grid": "grid", "random": "random", "spent": "one knob", "fine": "fine", "linear": "linear"}


def _searchers(frame: Frame) -> list[str]:
    return [name for name in SEARCHERS if f"state/{name}" in frame.arrays]


def _quiet(frame: Frame, panel: str, title: str) -> Panel | None:
    """Before the first search there is nothing to see."""
    if len(frame.arrays["state/random"]):
        return None
    note = "No search has been done yet."
    return Panel(panel, title, note, (TextBlock(lines=(Line(note),)),), least=Size(28, 6))


def _what(recording: Recording) -> str:
    return "height" if recording.header.config["objective"] == "landscape" else "test digits right"


def _marks_of(k: int) -> tuple[tuple[float, str], ...]:
    """Where an axis says what it means: its ends, in the knob's own values."""
    axis = AXES[k]
    if axis.kind == "choice":
        return ((0.0, axis.names[0]), (1.0, axis.names[-1]))
    return ((0.0, plain(axis.low)), (1.0, plain(axis.high)))


def search(frame: Frame, recording: Recording) -> Panel:
    """This repetition: the grid (o) and the random trials (+) on the first two axes, and their shadows on the first."""
    title = "one search: where the trials lie"
    none = _quiet(frame, "search", title)
    if none is not None:
        return none
    made_up = recording.header.config["objective"] == "landscape"
    places = {name: frame.arrays[f"state/{name}"].astype(float) for name in _searchers(frame)}
    dims = places["random"].shape[1] - 1
    second = 1 if dims > 1 else 0
    main: Rect = (0.2, 0.34, 0.98, 0.97)
    names = [f"axis {k + 1}" if made_up else AXES[k].name for k in (0, second)]
    marks: list[Mark] = [
        Axes(rect=main, ylabel=names[1], yticks=() if made_up else _marks_of(second)),
    ]
    shown = [name for name in ("grid", "random") if name in places]
    at = np.vstack([places[name][:, [0, second]] for name in shown])
    signs = np.concatenate([np.full(len(places[name]), 1.0 if name == "grid" else -1.0) for name in shown])
    score = np.concatenate([places[name][:, dims] for name in shown])
    told = tuple(f"{what} trial: {plain(value)}" for what, value in zip(
        [name for name in shown for _ in places[name]], score, strict=True))  # fmt: skip
    marks.append(Points(rect=main, xy=at, labels=-signs, names=told))
    row = 0.26
    for name in shown:
        rect: Rect = (0.2, row - 0.06, 0.98, row)
        for x in np.unique(places[name][:, 0].round(6)):
            marks.append(Polyline(rect=rect, xy=np.array([[x, 0.0], [x, 1.0]]), role=_ROLES[name], width=2,
                                  name=f"{_SAID[name]} on {names[0]}"))  # fmt: skip
        marks.append(TextBlock(rect=(0.0, row - 0.07, 0.19, row + 0.01), lines=(Line(name, _ROLES[name]),)))
        row -= 0.09
    marks.append(Axes(rect=(0.2, 0.1, 0.98, 0.28), xlabel=names[0], xticks=() if made_up else _marks_of(0)))
    counts = {name: len(np.unique(places[name][:, 0].round(6))) for name in shown}
    sentence = f"{names[0].capitalize()} across: {len(places['random'])} random trials (+) try"
    sentence += f" {counts['random']} values of it"
    if "grid" in counts:
        sentence += f", {len(places['grid'])} of the grid (o) only {counts['grid']}"
    return Panel("search", title, sentence + ".", tuple(marks), least=Size(32, 11), weight=1.4)


def best(frame: Frame, recording: Recording) -> Panel:
    """A row of dots for each kind of search: what the trial it chose was worth, in every repetition so far."""
    title = "the best that each search found"
    none = _quiet(frame, "best", title)
    if none is not None:
        return none
    names = _searchers(frame)
    marks: list[Mark] = []
    every = {name: _so_far(recording, f"best/{name}", frame) for name in names}
    low = min(0.0 if float(v.min()) < 0.5 else 0.5 for v in every.values())
    high = 1.0

    def unit(values: Array) -> Array:
        places: Array = np.clip((values - low) / (high - low), 0.0, 1.0)
        return places

    tall = 0.8 / len(names)
    for k, name in enumerate(names):
        top = 0.97 - k * tall
        rect: Rect = (0.3, top - 0.86 * tall, 0.97, top)
        counts, edges = np.histogram(unit(every[name]), bins=24, range=(0.0, 1.0))
        heights = counts / max(1, counts.max())
        steps = np.column_stack([np.repeat(edges, 2), np.concatenate([[0.0], np.repeat(0.9 * heights, 2), [0.0]])])
        marks.append(Polyline(rect=rect, xy=steps, role=_ROLES[name], width=2, name=_SAID[name]))
        mean = float(unit(every[name]).mean())
        marks.append(Polyline(rect=rect, xy=np.array([[mean, 0.0], [mean, 1.0]]), role="ink", style="dashed",
                              name="mean"))  # fmt: skip
        marks.append(TextBlock(rect=(0.0, top - 0.8 * tall, 0.29, top), lines=(
            Line(_SHORT[name], _ROLES[name]), Line(plain(float(every[name].mean()), 2), "muted"))))  # fmt: skip
    ticks = ((0.0, plain(low)), (0.5, plain((low + high) / 2)), (1.0, plain(high)))
    marks.append(Axes(rect=(0.3, 0.15, 0.97, 0.97), xlabel=_what(recording), xticks=ticks))
    means = {name: float(every[name].mean()) for name in names}
    order = sorted(names, key=lambda name: -means[name])
    sentence = f"{len(every['random'])} searches of each kind: on average {_SAID[order[0]]} ends at"
    sentence += f" {plain(means[order[0]])}, {_SAID[order[-1]]} at {plain(means[order[-1]])}."
    return Panel("best", title, sentence, tuple(marks), least=Size(36, 2 * len(names) + 3), weight=1.4)


def _so_far(recording: Recording, name: str, frame: Frame) -> Array:
    series = recording.series(name)
    shown: Array = series.values[series.ticks <= frame.tick]
    steps = series.steps[series.ticks <= frame.tick]
    found: Array = shown[np.unique(steps, return_index=True)[1]]
    return found


def standing(frame: Frame, recording: Recording) -> Panel:
    """Means as bars, with how often random search is ahead."""
    title = "how good they are on average"
    none = _quiet(frame, "standing", title)
    if none is not None:
        return none
    names = _searchers(frame)
    means = [recording.scalar(f"best_mean/{name}", frame.tick) or 0.0 for name in names]
    spreads = [recording.scalar(f"best_sd/{name}", frame.tick) or 0.0 for name in names]
    texts = tuple(f"{plain(mean)} ± {plain(sd, 2)}" for mean, sd in zip(means, spreads, strict=True))
    bars = Bars(values=means, labels=tuple(_SAID[name] for name in names), lo=0.0, hi=1.5, horizontal=True,
                roles=tuple(_ROLES[name] for name in names), texts=texts, name=_what(recording))  # fmt: skip
    ahead = recording.scalar("wins/grid", frame.tick)
    sentence = f"Mean of what each search chose, {_what(recording)}, and its spread from search to search."
    if ahead is not None:
        sentence += f" Random is ahead of the grid in {plain(100 * ahead)} % of them."
    return Panel("standing", title, sentence, (bars,), least=Size(34, len(names) + 2))


def matters(frame: Frame, recording: Recording) -> Panel:
    """Which share of what happened each knob explains by itself."""
    title = "which knobs matter"
    none = _quiet(frame, "matters", title)
    if none is not None:
        return none
    known = [(axis.name, recording.scalar(f"matters/{axis.name}", frame.tick)) for axis in AXES]
    shares = [(name, value) for name, value in known if value is not None]
    if not any(value for _, value in shares):
        note = "Too few trials yet to say."
        return Panel("matters", title, note, (TextBlock(lines=(Line(note),)),), least=Size(28, 6))
    made_up = recording.header.config["objective"] == "landscape"
    labels = tuple(f"axis {k + 1}" if made_up else name for k, (name, _) in enumerate(shares))
    bars = Bars(values=[value for _, value in shares], labels=labels, lo=0.0, hi=1.0, horizontal=True,
                name="share of the variance explained")  # fmt: skip
    first = max(range(len(shares)), key=lambda k: shares[k][1])
    sentence = (
        f"{labels[first].capitalize()} alone explains {plain(100 * shares[first][1], 2)} % of how the trials differ"
    )
    sentence += (
        f"; all others by themselves {plain(100 * sum(v for k, (_, v) in enumerate(shares) if k != first), 2)} %."
    )
    return Panel("matters", title, sentence, (bars,), least=Size(30, len(shares) + 2))


def trials(frame: Frame, recording: Recording) -> Panel:
    """Every trial of this repetition against each knob: its score over the knob's value, a small plot for each."""
    title = "this search: score against each knob"
    none = _quiet(frame, "trials", title)
    if none is not None:
        return none
    rows = frame.arrays["state/fine" if "state/fine" in frame.arrays else "state/random"].astype(float)
    dims = rows.shape[1] - 1
    across = min(dims, 4)
    down = -(-dims // across)
    marks: list[Mark] = []
    chosen = int(rows[:, dims].argmax())
    for k in range(dims):
        column, row = k % across, k // across
        x0, y1 = column / across + 0.02, 1.0 - row / down - 0.02
        rect: Rect = (x0, y1 - 1.0 / down + 0.2, x0 + 1.0 / across - 0.03, y1)
        xy = np.column_stack([rows[:, k], np.clip(rows[:, dims], 0.0, 1.0)])
        marks.append(Axes(rect=rect, xlabel=AXES[k].name))
        marks.append(
            Points(rect=rect, xy=xy, labels=np.ones(len(rows)), names=tuple(plain(v, 3) for v in rows[:, dims]))
        )
        up = np.array([[rows[chosen, k], 0.0], [rows[chosen, k], 1.0]])
        marks.append(Polyline(rect=rect, xy=up, role="attention", width=2, name="the chosen trial"))
    said = ", ".join(f"{AXES[k].name} {_value(k, recording, frame)}" for k in range(dims))
    sentence = f"Up: digits right that the choice is made by. The best of {len(rows)} trials has {said}."
    return Panel("trials", title, sentence, tuple(marks), least=Size(44, 6 * down), weight=1.6)


def _value(k: int, recording: Recording, frame: Frame) -> str:
    value = recording.scalar(f"chosen/{AXES[k].name}", frame.tick) or 0.0
    return AXES[k].names[int(value)] if AXES[k].kind == "choice" else plain(value, 2)


def profile(rows: Array) -> HeatMap:
    """Scores of the random trials on a small square of the first two axes, for boards."""
    square = np.zeros((12, 12))
    for row in rows:
        square[11 - int(min(11, row[1 % (len(row) - 1)] * 12)), int(min(11, row[0] * 12))] = max(0.05, row[-1])
    return HeatMap(values=square, lo=0.0, hi=1.0, scale="sequential", name="its random trials",
                   hint="over the first two axes, the better the stronger")  # fmt: skip
