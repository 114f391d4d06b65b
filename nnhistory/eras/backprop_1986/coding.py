"""The pictures of an autoencoder: the plane of its codes beside that of principal components, and what comes back."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Array, Frame
from nnhistory.core.numbers import plain
from nnhistory.core.recording import Recording
from nnhistory.core.scene import ImageGrid, Line, Mark, Panel, Polyline, Rect, Role, Size, TextBlock
from nnhistory.eras.backprop_1986.frames import side

__all__ = ["codes", "copies", "panels"]

_ROLES: tuple[Role, ...] = ("ink", "positive", "negative", "gradient", "good")


def panels(frame: Frame, recording: Recording) -> list[Panel]:
    """Both, where there are test patterns to show; nothing before the first count."""
    if _newest(frame, recording, "state/code") is None:
        return []
    found = [codes(frame, recording)]
    return [*found, copies(frame, recording)] if side(frame, recording) else found


def _newest(frame: Frame, recording: Recording, name: str) -> Array | None:
    found = frame.arrays.get(name)
    return found if found is not None else recording.array(name, frame.tick)


def codes(frame: Frame, recording: Recording) -> Panel:
    """Each test picture as its numeral, at its place in the code (left) and in principal components (right)."""
    code, flat, kind = (_newest(frame, recording, name) for name in ("state/code", "data/flat", "data/kind"))
    assert code is not None
    assert flat is not None
    assert kind is not None
    names = ("the net's code", "PCA")
    marks: list[Mark] = []
    for x0, values, name in ((0.0, code, names[0]), (0.52, flat, names[1])):
        marks += _plane((x0, 0.0, x0 + 0.48, 0.8), values.astype(float), kind, name)
        marks.append(TextBlock(rect=(x0, 0.91, x0 + 0.48, 1.0), lines=(Line(name, bold=True),)))
    own, other = _near(code, kind), _near(flat, kind)
    sentence = (
        f"Each numeral is a test picture. Its nearest neighbour is of the same class in {100 * own:.0f} % of cases "
        f"in the code, and in {100 * other:.0f} % in as many principal components."
    )
    return Panel("codes", "where each picture lies in the code", sentence, tuple(marks), least=Size(40, 10), weight=1.6)


def _plane(rect: Rect, values: Array, kind: Array, name: str) -> list[Mark]:
    """Numerals at the first two numbers of each code, class by class. The middle 98 % fill the square."""
    two = values[:, :2] if values.shape[1] > 1 else np.column_stack([values, np.zeros(len(values))])
    low, high = np.quantile(two, 0.01, axis=0), np.quantile(two, 0.99, axis=0)
    unit = np.clip(0.05 + 0.9 * (two - low) / np.maximum(high - low, 1e-9), 0.0, 1.0)
    marks: list[Mark] = []
    for one in np.unique(kind):
        here = unit[kind == one]
        xy = np.full((2 * len(here), 2), np.nan)  # a gap after each: numerals, not a line
        xy[::2] = here
        labels = tuple(str(int(one)) if k % 2 == 0 else "" for k in range(len(xy)))
        role = _ROLES[int(one) % len(_ROLES)]
        marks.append(Polyline(rect=rect, xy=xy, role=role, labels=labels, name=f"{name}: {int(one)}"))
    return marks


def _near(values: Array, kind: Array) -> float:
    """Share of pictures whose nearest neighbour is of their own class."""
    square = (values.astype(float) ** 2).sum(axis=1)
    distance = square[:, None] + square[None, :] - 2.0 * values.astype(float) @ values.astype(float).T
    np.fill_diagonal(distance, np.inf)
    return float((kind[distance.argmin(axis=1)] == kind).mean())


def copies(frame: Frame, recording: Recording) -> Panel:
    """Test pictures, what the net makes of them, and what principal components make of them."""
    edge = side(frame, recording)
    rows = (("data/test", "data"), ("state/again", "the net"), ("data/flat_again", "PCA"))
    marks: list[Mark] = []
    for place, (array, name) in enumerate(rows):
        values = _newest(frame, recording, array)
        assert values is not None
        high, low = 1.0 - place / 3, 1.0 - (place + 1) / 3 + 0.02
        images = np.clip(values.astype(float), 0.0, 1.0).reshape(-1, edge, edge)
        marks.append(TextBlock(rect=(0.0, low, 0.17, high - 0.08), lines=(Line(name, bold=True),), name=name))
        marks.append(ImageGrid(rect=(0.18, low, 1.0, high), images=images, columns=len(images), name=name))
    net, linear = (recording.scalar(name, frame.tick) or 0.0 for name in ("test_loss", "pca_loss"))
    sentence = (
        f"Test pictures, then what comes back: the net is off by {plain(net)}, principal components by {plain(linear)} "
        "(half the squared distance)."
    )
    return Panel("copies", "what comes back", sentence, tuple(marks), least=Size(44, 9), weight=1.3)
