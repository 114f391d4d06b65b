"""From a scenario's data set table to a `Dataset`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nnhistory.core.streams import Streams
from nnhistory.datasets import digits, made, made_1960, made_1962, made_1964, made_1986, made_1998, made_2006, own
from nnhistory.datasets.catalogue import check_spec
from nnhistory.datasets.dataset import Dataset

__all__ = ["load"]


def load(spec: str | Mapping[str, Any], streams: Streams, base: Path | None = None) -> Dataset:
    """Load or make a data set.

    spec : a name, {name = ..., parameters}, {file = "points.csv", ...} or {images = "folder", ...}.
    streams : only `data` is drawn from, so that one seed means the same data to every era.
    base : the folder own files are relative to (the scenario's); None: the working directory.

    Raises BadInput: an unknown name or parameter, a file that cannot be used.
    """
    s = check_spec(spec)
    rng = streams["data"]
    if "file" in s:
        return own.table(s, base or Path(), rng)
    if "images" in s:
        return own.images(s, base or Path(), rng)
    match s["name"]:
        case "or" | "and" | "nand" | "nor" | "xor" | "parity" as op:
            return made.logic(op, s.get("inputs", 2), s["coding"])
        case "truth_table":
            return made.truth_table(s["outputs"], s["coding"])
        case "points":
            return made.points(s["points"])
        case "basis":
            return made.basis(s["points"], rng)
        case "gaussian_margin":
            return made.gaussian_margin(s["points"], s["inputs"], s["margin"], rng)
        case "dichotomy":
            return made.dichotomy(s["points"], s["inputs"], rng)
        case "gaussian":
            return made.gaussian(s["points"], s["inputs"], s["test_points"], rng)
        case "random_signs":
            return made.random_signs(s["points"], s["inputs"], rng)
        case "bars":
            return made.bars(s["points"], s["test_points"], s["labels"], rng)
        case "gaussian_bowl":
            return made_1960.gaussian_bowl(s["points"], s["inputs"], s["spread"], s["power"], s["noise"], rng)
        case "bowl":
            return made_1964.bowl(s["ratio"], s["steep"], s["turn"], s["far"])
        case "letters4":
            return made_1960.letters4(s["positive"])
        case "hum":
            return made_1960.hum(s["points"], s["taps"], s["size"], s["change"], s["reference"], rng)
        case "encoder":
            return made_1986.encoder(s["size"])
        case "symmetry":
            return made_1986.symmetry(s["inputs"])
        case "addition":
            return made_1986.addition(s["bits"])
        case "family_trees":
            return made_1986.family_trees(s["test"], rng)
        case "signum_teacher":
            return made_1962.signum_teacher(s["points"], s["inputs"], s["hidden"], s["outputs"], rng)
        case "cloud":
            return made_1998.cloud(s["points"], s["scaling"], rng)
        case "patches":
            return made_1998.patches(s["train"], s["test"], s["scaling"], rng)
        case "bars_and_stripes":
            return made_2006.bars_and_stripes(s["size"], s["doubles"])
        case "three_pixels":
            return made_2006.three_pixels()
        case "digits8":
            return digits.digits8(s["train"], s["scaling"], s["labels"], rng)
        case "digits_placed":
            return digits.digits_placed(s["train"], s["field"], s["labels"], rng, s["classes"], s["noise"])
        case "two_digits":
            return digits.two_digits(s["train"], s["test"], s["scaling"], s["labels"], rng)
        case "mnist":
            return digits.mnist(s["train"], s["test"], s["crop"], s["binary"], s["labels"], s["source"], rng)
        case kind:
            return made.planar(kind, s["points"], s.get("gap", s.get("noise", 0.0)), s["test"], rng)
