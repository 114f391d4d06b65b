"""From a scenario's data set to arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnhistory.core.streams import Streams
from nnhistory.datasets import digits, made, own
from nnhistory.datasets.catalogue import check_spec
from nnhistory.datasets.dataset import Dataset

__all__ = ["load"]


def load(spec: str | Mapping[str, Any], streams: Streams, base: Path | None = None) -> Dataset:
    """The data set a scenario asks for.

    spec : a name, {name = ..., parameters}, {file = "points.csv", ...} or {images = "folder", ...}.
    streams : only `data` is drawn from, so that one seed means the same data for every era.
    base : the folder that relative files are looked up in, the scenario's own; None: the working directory.

    Raises BadInput: an unknown name or parameter, a file that cannot be used.
    """
    given = check_spec({"name": spec} if isinstance(spec, str) else spec)
    rng = streams["data"]
    base = base if base is not None else Path()
    if "file" in given:
        return own.table(given, base, rng)
    if "images" in given:
        return own.images(given, base, rng)
    name = given.pop("name")
    match name:
        case "or" | "and" | "xor" | "parity":
            return made.logic(name, given.get("inputs", 2), given["coding"])
        case "blobs" | "circles" | "moons" | "spiral" | "xor_clouds":
            amount = given["gap"] if name == "blobs" else given["noise"]
            return made.planar(name, given["points"], amount, given["test"], rng)
        case "digits8":
            return digits.digits8(**given, rng=rng)
        case "mnist":
            return digits.mnist(**given, rng=rng)
        case "bars":
            return made.bars(**given, rng=rng)
        case "basis":
            return made.basis(**given, rng=rng)
        case "gaussian_margin":
            return made.gaussian_margin(**given, rng=rng)
        case "dichotomy":
            return made.dichotomy(**given, rng=rng)
    return made.random_signs(**given, rng=rng)
