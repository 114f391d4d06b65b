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

__all__ = ["FILE", "IMAGES", "Entry", "RemoteFile", "catalogue", "check_spec"]

BOARD = {"train": 12_000, "test": 2_000}
"""How many MNIST digits are on board."""


class RemoteFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a data set that can be fetched. `sha256` and `size` (bytes) are of its unpacked content."""

    name: str
    sha256: str
    size: int


class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A data set.

    help : one sentence: what it is good for.
    asset : its file under `assets/`, or empty: it is made when it is asked for.
    mirrors : folders from which its `files` can be fetched. Empty: nothing to fetch.
    """

    title: str
    help: str = ""
    params: dict[str, Param] = {}
    origin: str = "made by this program"
    licence: str = "MIT, as this program"
    asset: str = ""
    mirrors: tuple[str, ...] = ()
    files: tuple[RemoteFile, ...] = ()


FILE = Entry(
    "Your own table (CSV)",
    "One row for each example: numbers, and a label that is a number or a word.",
    {
        "file": Param("text", help="the CSV file, relative to the scenario"),
        "label": Param("text", default="", help="name or number (from 1) of the label column; else the last"),
        "header": Param("choice", default="auto", choices=("auto", "yes", "no"), help="is the first line a heading?"),
        "test": Param("number", default=0.0, low=0.0, high=0.9, help="share of each class kept for testing"),
        "scaling": Param(
            "choice", default="none", choices=("none", "standard"),
            help="standard: each column minus its training mean, over its standard deviation",
        ),
    },
    origin="yours",
    licence="yours",
)  # fmt: skip
"""`dataset = { file = "points.csv" }`."""

IMAGES = Entry(
    "Your own pictures (a folder with one folder for each class)",
    "Grey values from 0 to 1; the name of the folder is the class.",
    {
        "images": Param("text", help="the folder, relative to the scenario"),
        "size": Param("integer", default=20, low=4, high=64, help="side to which pictures are scaled"),
        "test": Param("number", default=0.0, low=0.0, high=0.9, help="share of each class kept for testing"),
    },
    origin="yours",
    licence="yours",
)
"""`dataset = { images = "shapes" }`."""


@cache
def catalogue() -> Mapping[str, Entry]:
    """Every data set by name."""
    file = Path(__file__).with_name("catalogue.toml")
    return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), dict[str, Entry])


def check_spec(spec: str | Mapping[str, Any]) -> dict[str, Any]:
    """A scenario's data set, checked, with defaults filled in; what comes out passes again unchanged.

    Nothing is opened: that a file is missing shows when it is loaded. Raises BadInput that names the key.
    """
    given = {"name": spec} if isinstance(spec, str) else dict(spec)
    own = [key for key in ("file", "images") if key in given]
    if own:
        entry, resolved = (FILE if own[0] == "file" else IMAGES), {}
        _check_own(given, own)
    else:
        name = given.pop("name", None)
        if not isinstance(name, str):
            raise BadInput(
                "a data set has a name, or a file of its own",
                remedy='Write dataset = "or" or dataset = { file = "points.csv" }',
            )
        if name not in catalogue():
            raise BadInput(f'there is no data set "{name}"', remedy=_other(name))
        entry, resolved = catalogue()[name], {"name": name}
    for key in given:
        if key not in entry.params:
            remedy = did_you_mean(key, entry.params, noun="parameter")
            raise BadInput(f'this data set has no parameter "{key}"', key=key, remedy=remedy)
    for key, param in entry.params.items():
        if key not in given:
            resolved[key] = param.default
            continue
        try:
            resolved[key] = param.check(given[key], key)
        except BadInput as error:
            raise error.located(key=key) from None
    _check_together(resolved)
    return resolved


def _other(name: str) -> str:
    if Path(name).suffix.lower() in (".csv", ".tsv", ".txt"):
        return f'For a file of your own write dataset = {{ file = "{name}" }}'
    return did_you_mean(name, catalogue(), noun="data set")


def _check_own(given: dict[str, Any], own: list[str]) -> None:
    """Own data: one place, and the natural ways to write a column number and a switch."""
    others = [key for key in ("name", "file", "images") if key in given and key != own[0]]
    if others:
        raise BadInput(
            f"{own[0]} and {others[0]} exclude each other", key=others[0], remedy=f"Keep one of {own[0]}, {others[0]}"
        )
    if isinstance(given[own[0]], str) and not given[own[0]].strip():
        raise BadInput(f"{own[0]} is empty", key=own[0], remedy=f'Write {own[0]} = "..."')
    label, header = given.get("label"), given.get("header")
    if isinstance(label, int) and not isinstance(label, bool):
        given["label"] = str(label)
    if isinstance(header, bool):
        given["header"] = "yes" if header else "no"


def _check_together(spec: dict[str, Any]) -> None:
    """What one parameter alone does not show."""
    match spec.get("name"):
        case "mnist" if spec["source"] == "board":
            for key, most in BOARD.items():
                if spec[key] > most:
                    raise BadInput(
                        f"{key} = {spec[key]} is more than is on board", key=key, why=f"{most} are",
                        remedy=f'Write {key} = {most}, or add source = "full" (nnhistory data fetch mnist brings it)',
                    )  # fmt: skip
        case "truth_table":
            rows = len(spec["outputs"])
            if rows not in [2**inputs for inputs in range(1, 13)]:
                raise BadInput(
                    f"outputs has {rows} answers", key="outputs",
                    why="a table of n inputs has 2 to the power n rows, n from 1 to 12",
                    remedy="Write 2, 4, 8, ... of them",
                )  # fmt: skip
        case "points":
            classes = {label > 0 for _, _, label in spec["points"] or []}
            if len(classes) < 2:
                raise BadInput(
                    "points needs at least one point of each class", key="points",
                    remedy="Write points = [[0.5, -1.0, 1], [0.2, 0.3, -1]]: x, y, label",
                )  # fmt: skip
