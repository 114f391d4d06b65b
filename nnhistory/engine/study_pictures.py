"""A study's board: a small picture of each setting."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nnhistory.core.numbers import as_text
from nnhistory.core.scene import ImageGrid, Panel, Size
from nnhistory.engine.expect import StudyRow
from nnhistory.engine.study_numbers import in_short, said_of, summarise
from nnhistory.scenario.schema import Study

__all__ = ["MANY", "pictures_panel"]

MANY = 3
"""Keys beyond which there is no room for all settings: what came out stands in their place, or before them."""
_LEAST = 6
"""Cells on a side below which a small picture is drawn larger."""


def pictures_panel(
    study: Study, pictured: Sequence[tuple[StudyRow, Any]], x_key: str, metric: str, shows: tuple[str, str]
) -> Panel:
    """A picture of each setting. Of draws, and of many keys, settings are too long for a label: there it is what came
    out, highest first.

    shows : what these pictures are, in two or three words, and how to read them.
    """
    keys = len(pictured[0][0].settings)
    drawn = bool(study.random) or keys > MANY
    listed = [(row, picture, summarise(row, metric, study.stat)[0]) for row, picture in pictured]
    if drawn:
        listed.sort(key=lambda one: -np.nan_to_num(one[2], nan=-np.inf))
    images = _of_one_size([np.asarray(picture, dtype=float) for _, picture, _ in listed])
    scale = float(np.abs(images).max()) or 1.0
    labels = [in_short(value) for _, _, value in listed] if drawn else _settings([row for row, _, _ in listed])
    of = "each draw" if study.random else f"each setting of {keys} keys" if drawn else f"each setting of {_last(x_key)}"
    what, reading = shows
    sentence = f"One small picture for {of}: its first run, at its end"
    sentence += f", with its {said_of([metric])}, the highest first." if drawn else "."
    sentence += f" It shows {what}." if what else ""
    title = ("one run of each" if keys else "the first run") + (f", with its {said_of([metric])}" if drawn else "")
    about = f"{what.capitalize()}{f': {reading}' if reading else ''}. " if what else ""
    about += "All pictures have one scale. "
    about += f"The number with each is its {said_of([metric])}" if drawn else "The words with each are its setting"
    about += "; what several in a row have in common is said once." if not drawn and keys > 1 else "."
    grid = ImageGrid(
        images=images, lo=-scale, hi=scale, scale="diverging", labels=tuple(labels), name=what,
        columns=0 if drawn else _in_a_row(study, len(listed)),
    )  # fmt: skip
    return Panel("board", f"{what}: {title}" if what else title, sentence, (grid,), least=Size(24, 6), about=about)


def _of_one_size(pictures: Sequence[Any]) -> Any:
    """(n, height, width). A picture of one or two cells would leave no room for its label: each is drawn several
    times.
    """
    height, width = (max(picture.shape[axis] for picture in pictures) for axis in (0, 1))
    images = np.zeros((len(pictures), height, width))
    for place, picture in enumerate(pictures):
        images[place, : picture.shape[0], : picture.shape[1]] = picture
    return images.repeat(max(1, _LEAST // height), axis=1).repeat(max(1, _LEAST // width), axis=2)


def _settings(rows: Sequence[StudyRow]) -> list[str]:
    """The settings in words. What the picture before it says as well is not said again: there is room for one word."""
    labels: list[str] = []
    before: list[str] = []
    for row in rows:
        seed = next(iter(row.outcomes[0].values())).seed
        here = [as_text(value) for value in row.settings.values()] or [f"seed {seed}"]
        between = " " if any(isinstance(value, str) for value in row.settings.values()) else " · "
        labels.append(here[-1] if len(here) > 1 and here[:-1] == before[:-1] else between.join(here))
        before = here
    return labels


def _in_a_row(study: Study, count: int) -> int:
    """Of a whole grid, one line of pictures for each setting of the other keys; 0: as the room has it."""
    values = [len(each) for each in study.over.values()]
    return values[-1] if len(values) > 1 and not study.random and count == math.prod(values) else 0


def _last(key: str) -> str:
    return key.rsplit(".", 1)[-1] or "the study"
