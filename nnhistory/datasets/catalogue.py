"""What data sets there are and what can be set, decoded from `catalogue.toml`. No NumPy."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.params import Param

__all__ = ["FILE", "Entry", "RemoteFile", "catalogue", "check_spec"]


class RemoteFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a data set that can be fetched. `sha256` is of its unpacked content."""

    name: str
    sha256: str


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set. `mirrors` are folders from which its `files` can be fetched."""

    title: str
    params: dict[str, Param] = {}
    origin: str = "made by this program"
    licence: str = "MIT, as this program"
    mirrors: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()


FILE = Entry(
    "Your own table (CSV)",
    {
        "file": Param("text", help="the CSV file, relative to the scenario"),
        "label": Param("text", default="", help="name or number (from 1) of the label column; else the last"),
        "header": Param("choice", default="auto", choices=("auto", "yes", "no"), help="is the first line a heading?"),
        "test": Param("number", default=0.0, low=0.0, high=0.9, help="share of the rows kept for testing"),
        "scaling": Param(
            "choice", default="none", choices=("none", "standard"),
            help="standard: each column minus its mean, over its standard deviation",
        ),
    },
    origin="yours",
    licence="yours",
)  # fmt: skip
"""`dataset = { file = "points.csv" }`."""

_IMAGES = Entry(
    "Your own pictures (a folder with one folder for each class)",
    {
        "images": Param("text", help="the folder, relative to the scenario"),
        "size": Param("integer", default=20, low=4, high=64, help="side to which pictures are scaled"),
        "test": Param("number", default=0.0, low=0.0, high=0.9, help="share of the pictures kept for testing"),
    },
    origin="yours",
    licence="yours",
)


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every data set by name."""
    file = Path(__file__).with_name("catalogue.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, Entry])


def check_spec(spec: Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's data set table, checked, with defaults filled in. BadInput that names the key."""
    if "file" in spec or "images" in spec:
        entry = FILE if "file" in spec else _IMAGES
        resolved: dict[str, Any] = {}
        given = dict(spec)
    else:
        given = dict(spec)
        name = given.pop("name", None)
        if not isinstance(name, str):
            raise BadInput(
                "a data set has a name, or a file of its own",
                remedy='Write dataset = "or" or dataset = { file = "points.csv" }',
            )
        if name not in catalogue():
            raise BadInput(f'there is no data set "{name}"', remedy=did_you_mean(name, catalogue(), noun="data set"))
        entry, resolved = catalogue()[name], {"name": name}
    for key, value in given.items():
        if key not in entry.params:
            raise BadInput(
                f'this data set has no parameter "{key}"', key=key,
                remedy=did_you_mean(key, entry.params, noun="parameter"),
            )  # fmt: skip
        try:
            entry.params[key].check(value, key)
        except BadInput as error:
            raise error.located(key=key) from None
    for key, param in entry.params.items():
        resolved[key] = given.get(key, param.default)
    return resolved
