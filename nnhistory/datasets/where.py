"""Where data sets lie: made when asked for, on board, fetched, or in the folder that NNHISTORY_DATA names. No NumPy."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, NamedTuple

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.resources import assets
from nnhistory.datasets.catalogue import Entry, catalogue

__all__ = ["VARIABLE", "Place", "entry_of", "folder_of", "locate", "parts_of", "store"]

VARIABLE = "NNHISTORY_DATA"
"""The environment variable that names a folder with full data sets."""


class Place(NamedTuple):
    """One place of a data set.

    how : `made` (by this program, each time), `board`, `fetched`, `named` (by NNHISTORY_DATA), or `absent` (the full
        set could be fetched and is not here).
    path : the file or the folder; None for `made` and `absent`.
    size : bytes on disk.
    """

    how: Literal["made", "board", "fetched", "named", "absent"]
    path: Path | None = None
    size: int = 0


def entry_of(name: str) -> Entry:
    """The catalogue's entry. BadInput with the nearest name if there is none."""
    if name not in catalogue():
        raise BadInput(f'there is no data set "{name}"', remedy=did_you_mean(name, catalogue(), noun="data set"))
    return catalogue()[name]


def store() -> Path:
    """Where fetched data sets lie: the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("nnhistory", appauthor=False)) / "data"


def locate(name: str) -> tuple[Place, ...]:
    """Every place of a data set: what is on board first, then the full set if there is one to fetch."""
    entry = entry_of(name)
    places = []
    if entry.asset:
        file = assets() / entry.asset
        places.append(Place("board", file, file.stat().st_size if file.is_file() else 0))
    elif not entry.files:
        places.append(Place("made"))
    if entry.files:
        folder = folder_of(name)
        if folder is None:
            places.append(Place("absent"))
        else:
            size = sum(file.stat().st_size for file in parts_of(name, folder))
            places.append(Place("fetched" if folder == store() / name else "named", folder, size))
    return tuple(places)


def folder_of(name: str) -> Path | None:
    """The folder that holds every file of the full set: in `NNHISTORY_DATA`, or where it was fetched to. Else None."""
    named = os.environ.get(VARIABLE)
    places = [Path(named) / name, Path(named)] if named else []
    for place in [*places, store() / name]:
        try:
            if parts_of(name, place):
                return place
        except OSError:
            continue
    return None


def parts_of(name: str, folder: Path) -> list[Path]:
    """The set's files in this folder, packed or not, in the catalogue's order. Empty if one is missing."""
    found = []
    for remote in entry_of(name).files:
        plain = remote.name.removesuffix(".gz")
        # Some copies of MNIST are named train-images.idx3-ubyte.
        names = (remote.name, plain, plain.replace("-idx", ".idx"), plain.replace("-idx", ".idx") + ".gz")
        here = next((folder / each for each in names if (folder / each).is_file()), None)
        if here is None:
            return []
        found.append(here)
    return found
