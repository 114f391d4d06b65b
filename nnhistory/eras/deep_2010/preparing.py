"""Data before and after each way of preparing them: clouds of points, digits, colour patches. Frames only."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Axes, ImageGrid, Line, Mark, Panel, Polyline, Rect, Size, TextBlock
from nnhistory.eras.deep_2010.frames import short

__all__ = ["prepared"]

_CLOUDS = {
    "raw": "raw", "centred": "centred", "normalised": "over sd", "decorrelated": "PCA", "whitened": "whitened",
}  # fmt: skip
_DIGITS = {"unit": "raw", "centred": "centred", "pca": "16 axes", "whitened": "whitened"}
_PATCHES = {"unit": "raw", "mean_image": "− mean image", "channel_mean": "− channel mean"}


def prepared(frame: Frame, recording: Recording) -> Panel:
    """The same data in every way, side by side on one scale; ▸ is the way of this run."""
    kind, here = recording.header.dataset["name"], str(recording.header.dataset["scaling"])
    mean, spread, together = (
        recording.scalar(f"input_{name}", frame.tick) or 0.0 for name in ("mean", "spread", "together")
    )
    said = f"Means up to {_small(mean)}, deviations up to {plain(spread, 2)} : 1"
    said += f", correlations up to {_small(together)}."
    match kind:
        case "cloud":
            marks = _clouds(frame, recording, here)
            return Panel("prepared", "the cloud before and after, all on one scale", f"{here.capitalize()}: {said}",
                         marks, least=Size(52, 8), weight=1.6)  # fmt: skip
        case "digits8":
            marks = _digits(frame, recording, here)
            name = _DIGITS.get(here, "each over its deviation").capitalize()
            return Panel("prepared", "digits before and after", f"{name}: {said}", marks, least=Size(44, 16),
                         weight=1.6)  # fmt: skip
        case _:
            marks = _patches(frame, recording, here)
            name = {"unit": "Raw", "mean_image": "Mean image taken away"}.get(here, "Channel means taken away")
            return Panel("prepared", "colour patches before and after", f"{name}: pixels keep means up to"
                         f" {_small(mean)}.", marks, least=Size(44, 15), weight=1.6)  # fmt: skip


def _small(value: float) -> str:
    """Two digits; what only rounding has left is 0."""
    return plain(value, 2) if value > 1e-9 else "0"


def _way(recording: Recording, frame: Frame, name: str) -> Array:
    rows = recording.array(f"data/way_{name}", frame.tick)
    assert rows is not None
    return rows.astype(float)


def _head(text: str, chosen: bool) -> Line:
    return Line(f"▸{text}" if chosen else text, "attention" if chosen else "ink", bold=chosen)


def _clouds(frame: Frame, recording: Recording, here: str) -> tuple[Mark, ...]:
    """Five clouds in a row; thin lines are where an input is 0, thick ones the principal axes, two deviations long."""
    ways = {name: _way(recording, frame, name) for name in _CLOUDS}
    half = 1.05 * max(float(np.abs(rows).max()) for rows in ways.values())
    tick = float(np.floor(half))
    ticks = tuple((0.5 + at / (2 * half), plain(at) if at else "0") for at in (-tick, 0.0, tick))
    marks: list[Mark] = []
    for k, (name, rows) in enumerate(ways.items()):
        left, right = k / 5 + (0.045 if k == 0 else 0.03), (k + 1) / 5 - 0.005
        rect: Rect = (left, 0.12, right, 0.88)
        marks.append(TextBlock(rect=(left, 0.9, right, 1.0), lines=(_head(_CLOUDS[name], name == here),)))
        marks.append(Axes(rect=rect, xticks=ticks, yticks=ticks if k == 0 else (), zero_x=0.5, zero_y=0.5,
                          name=name))  # fmt: skip
        places = 0.5 + rows / (2 * half)
        dots = np.stack([places, places + np.array([0.03, 0.0]), np.full_like(places, np.nan)], axis=1).reshape(-1, 2)
        marks.append(Polyline(rect=rect, xy=dots, role="positive", width=3, name="a point each"))
        middle = rows.mean(axis=0)
        variances, axes = np.linalg.eigh(np.cov(rows.T, bias=True))
        for variance, axis in zip(variances, axes.T, strict=True):
            arm = 2.0 * float(np.sqrt(max(variance, 0.0))) * axis
            ends = 0.5 + np.array([middle - arm, middle + arm]) / (2 * half)
            marks.append(Polyline(rect=rect, xy=ends, role="attention", width=2, name="principal axes, two deviations"))
    return tuple(marks)


def _digits(frame: Frame, recording: Recording, here: str) -> tuple[Mark, ...]:
    """Four blocks of digits, one for each way. Raw: light is ink. Others: blue is above 0, orange below."""
    marks: list[Mark] = []
    for k, (name, text) in enumerate(_DIGITS.items()):
        rows = _way(recording, frame, name)
        images = rows.reshape(len(rows), 8, 8)
        left, top = 0.5 * (k % 2), 1.0 - 0.5 * (k // 2)
        marks.append(TextBlock(rect=(left, top - 0.1, left + 0.5, top), lines=(_head(text, name == here),)))
        scale = float(np.abs(images).max()) or 1.0
        raw = name == "unit"
        marks.append(ImageGrid(rect=(left, top - 0.45, left + 0.48, top - 0.1), images=images, columns=len(images),
                               lo=0.0 if raw else -scale, hi=scale, scale="sequential" if raw else "diverging",
                               name=f"{text}: digit"))  # fmt: skip
    return tuple(marks)


def _patches(frame: Frame, recording: Recording, here: str) -> tuple[Mark, ...]:
    """Three rows: patches raw; the mean image and what is left; the channel means and what is left (grey: 0)."""
    marks: list[Mark] = []
    for k, (name, text) in enumerate(_PATCHES.items()):
        top = 1.0 - k / 3
        rows = _way(recording, frame, "unit" if name == "unit" else f"minus_{name}")
        side = round(float(np.sqrt(rows.shape[1] / 3)))
        pictures = rows.reshape(len(rows), side, side, 3)
        said: tuple[str, ...] = ("taken away, and left",)
        if name != "unit":
            taken = _way(recording, frame, name)[0].reshape(-1, 3)
            if name == "channel_mean":
                said = tuple(f"{colour} {short(float(mean))}" for colour, mean in
                             zip(("red", "green", "blue"), taken[0], strict=True))  # fmt: skip
            else:
                said = ("grey: 0",)
            taken = np.tile(taken, (side * side // len(taken), 1)).reshape(1, side, side, 3)
            marks.append(_wall(taken, (0.23, top - 0.31, 0.41, top), f"taken away: {text[2:]}"))
            pictures = pictures + 0.5
        lines = (_head(text, name == here), *(Line(one, "muted") for one in said))
        marks.append(TextBlock(rect=(0.0, top - 0.33, 0.23, top), lines=lines))
        marks.append(_wall(pictures, (0.43, top - 0.31, 1.0, top), text if name == "unit" else f"less the {text[2:]}"))
    return tuple(marks)


def _wall(pictures: Array, rect: Rect, name: str) -> ImageGrid:
    """Pictures (k, h, w, 3) in their own colours."""
    return ImageGrid(rect=rect, images=np.clip(pictures.mean(axis=-1), 0.0, 1.0), colours=np.clip(pictures, 0.0, 1.0),
                     columns=len(pictures), name=name)  # fmt: skip
