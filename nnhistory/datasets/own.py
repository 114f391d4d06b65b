"""The user's own data: a CSV table, or a folder of pictures. Every refusal names the file and the line."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.made import split

__all__ = ["images", "table"]

_BYTES, _ROWS = 50_000_000, 1_000_000


def _read(file: Path) -> str:
    try:
        if file.is_dir():
            raise BadInput("this is a folder, not a table", file=file, remedy="Name a .csv file")
        if file.stat().st_size > _BYTES:
            raise BadInput("this table is too large", why="the limit is 50 MB", file=file)
        data = file.read_bytes()
    except FileNotFoundError:
        raise BadInput(
            "there is no such file", file=file, remedy="The path is relative to the scenario's folder"
        ) from None
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror}", file=file) from None
    if b"\0" in data[:4096]:
        raise BadInput("this is not a text file", why="it holds zero bytes", file=file, remedy="Save the table as CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput("this is not a text file", why="it is not UTF-8", file=file, line=line) from None


def table(spec: dict[str, Any], base: Path, rng: np.random.Generator) -> Dataset:
    """Numbers in all columns but the label's. Labels are numbers or words; classes are in sorted order."""
    file = base / spec["file"]
    text = _read(file)
    if not text.strip():
        raise BadInput("this table is empty", file=file, remedy="Give one line for each point: x, y, label")
    dialect: type[csv.Dialect] | str = "excel"
    first = text.splitlines()[0]
    if ";" in first and "," not in first:
        text = text.replace(",", ".").replace(";", ",")
    elif "\t" in first:
        dialect = "excel-tab"
    lines = [(number, row) for number, row in enumerate(csv.reader(text.splitlines(), dialect), start=1) if any(row)]
    if len(lines) > _ROWS:
        raise BadInput(f"this table has {len(lines)} rows", why=f"the limit is {_ROWS}", file=file)
    heading = spec["header"] == "yes" or (spec["header"] == "auto" and not any(_number(cell) for cell in lines[0][1]))
    names = [cell.strip() for cell in lines[0][1]] if heading else []
    lines = lines[1:] if heading else lines
    if not lines:
        raise BadInput("this table has a heading and no rows", file=file)
    width = len(lines[0][1])
    if width < 2:
        raise BadInput("a row needs at least one number and a label", file=file, line=lines[0][0])
    column = _label_column(spec["label"], names, width, file)
    rows, labels = [], []
    for number, row in lines:
        if len(row) != width:
            raise BadInput(f"this row has {len(row)} columns, the first has {width}", file=file, line=number)
        values = []
        for place, cell in enumerate(row):
            if place == column:
                continue
            if not _number(cell):
                raise BadInput(f'"{cell.strip()}" in column {place + 1} is not a number', file=file, line=number)
            values.append(float(cell))
        if not all(map(math.isfinite, values)):
            raise BadInput("a number in this row is not finite", file=file, line=number)
        rows.append(values)
        labels.append(row[column].strip())
    classes = sorted(set(labels), key=lambda word: (0, float(word), "") if _number(word) else (1, 0.0, word))
    if len(classes) < 2:
        raise BadInput(
            f'every row has the label "{classes[0]}"', why="there is nothing to tell apart", file=file,
            remedy="Choose another label column: label = ...",
        )  # fmt: skip
    if len(classes) > 50:
        raise BadInput(
            f"column {column + 1} has {len(classes)} different labels", file=file,
            why="it looks like a measurement", remedy="Choose another label column: label = ...",
        )  # fmt: skip
    x, y = np.array(rows), np.array([classes.index(label) for label in labels])
    if spec["scaling"] == "standard":
        spread = x.std(axis=0)
        x = (x - x.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    data = Dataset(file.stem, x, y, tuple(classes))
    return split(data, spec["test"], rng) if spec["test"] else data


def _number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _label_column(label: str, names: list[str], width: int, file: Path) -> int:
    if not label:
        return width - 1
    if label in names:
        return names.index(label)
    if label.isdigit() and 1 <= int(label) <= width:
        return int(label) - 1
    there = ", ".join(names) if names else f"1 to {width}"
    raise BadInput(f'there is no column "{label}"', key="label", file=file, remedy=f"Columns: {there}")


def images(spec: dict[str, Any], base: Path, rng: np.random.Generator) -> Dataset:
    """Pictures as grey values 0..1, scaled to size x size; the folder's name is the class."""
    from PIL import Image, UnidentifiedImageError

    folder, size = base / spec["images"], spec["size"]
    if not folder.is_dir():
        raise BadInput(
            "there is no such folder of pictures", file=folder, remedy="The path is relative to the scenario's folder"
        )
    classes = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
    if len(classes) < 2:
        raise BadInput("this needs one folder for each class, at least two", file=folder)
    pictures, labels = [], []
    for number, name in enumerate(classes):
        for file in sorted((folder / name).iterdir()):
            if file.suffix.lower() not in (".png", ".jpg", ".jpeg", ".bmp", ".gif"):
                continue
            try:
                with Image.open(file) as picture:
                    grey = picture.convert("L").resize((size, size))
            except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
                raise BadInput(f"this picture cannot be read: {type(error).__name__}", file=file) from None
            pictures.append(np.asarray(grey, dtype=np.float64).ravel() / 255.0)
            labels.append(number)
    if not pictures or len(set(labels)) < len(classes):
        raise BadInput("a class has no pictures", file=folder, remedy="Use png, jpg, bmp or gif files")
    data = Dataset(folder.name, np.array(pictures), np.array(labels), tuple(classes), image_shape=(size, size))
    return split(data, spec["test"], rng)
