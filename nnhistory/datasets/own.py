"""The user's own data: a CSV table, or a folder of pictures. Every refusal names the file and the line."""

from __future__ import annotations

import csv
import io
import itertools
import math
import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.files import refuse_special
from nnhistory.core.moment import Array
from nnhistory.datasets.dataset import Dataset

__all__ = ["images", "table"]

_BYTES, _ROWS = 50_000_000, 1_000_000
_KINDS = (".png", ".jpg", ".jpeg", ".bmp", ".gif")


def _read(file: Path) -> str:
    try:
        if file.is_dir():
            raise BadInput("this is a folder, not a table", file=file, remedy="Name a .csv file")
        refuse_special(file, "Save the table as a .csv file, and name that")
        with file.open("rb") as opened:
            data = opened.read(_BYTES + 1)
    except FileNotFoundError:
        raise BadInput(
            "there is no such file", file=file, remedy="The path is relative to the scenario's folder"
        ) from None
    except OSError as error:
        raise BadInput(
            "this table cannot be read", why=error.strerror or str(error), file=file,
            remedy="Give yourself the right to read it",
        ) from None  # fmt: skip
    if len(data) > _BYTES:
        raise BadInput(
            "this table is too large", why=f"the limit is {_BYTES / 1e6:g} MB", file=file, remedy="Take a part of it"
        )
    if b"\0" in data[:4096]:
        raise BadInput("this is not a text file", why="it holds zero bytes", file=file, remedy="Save the table as CSV")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise BadInput(
            "this is not a text file", why="it is not UTF-8", file=file, line=line,
            remedy="Save the table as CSV in UTF-8",
        ) from None  # fmt: skip


def table(spec: dict[str, Any], base: Path, rng: np.random.Generator) -> Dataset:
    """Numbers in all columns but the label's. Labels are numbers or words; classes are in sorted order.

    Commas, semicolons (then with decimal commas) or tabs part the columns. Blank lines are left out.
    """
    file = base / spec["file"]
    lines = _rows(_read(file), file)
    if not lines:
        raise BadInput("this table is empty", file=file, remedy="Give one line for each point: x, y, label")
    if len(lines) > _ROWS:
        raise BadInput(
            f"this table has {len(lines)} rows", why=f"the limit is {_ROWS}", file=file, remedy="Take a part of it"
        )
    first, top = lines[0]
    heading = spec["header"] == "yes" or (spec["header"] == "auto" and not any(_number(cell) for cell in top))
    names = [cell.strip() for cell in top] if heading else []
    lines = lines[1:] if heading else lines
    if not lines:
        raise BadInput(
            "this table has a heading and no rows", file=file, line=first,
            remedy="Give one line for each point: x, y, label",
        )  # fmt: skip
    width = len(names) if heading else len(top)
    if width < 2:
        raise BadInput(
            "a row needs at least one number and a label", file=file, line=first,
            remedy="Part the columns by commas, semicolons or tabs",
        )  # fmt: skip
    column = _label_column(spec["label"], names, width, file)
    rows: list[list[float]] = []
    labels: list[str] = []
    for number, row in lines:
        values, label = _row(row, column, width, file, number, guess=not heading and number == first)
        rows.append(values)
        labels.append(label)
    classes = sorted(set(labels), key=lambda word: (0, float(word), word) if _number(word) else (1, 0.0, word))
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
    data = Dataset(file.stem, np.array(rows), np.array([classes.index(label) for label in labels]), tuple(classes))
    data = _hold_back(data, spec["test"], rng) if spec["test"] else data
    if spec["scaling"] == "standard":
        mean, spread = data.train_x.mean(axis=0), data.train_x.std(axis=0)
        spread = np.where(spread > 0, spread, 1.0)
        data = replace(data, train_x=(data.train_x - mean) / spread, test_x=(data.test_x - mean) / spread)
    return replace(data, features=tuple(name for place, name in enumerate(names) if place != column))


def _rows(text: str, file: Path) -> list[tuple[int, list[str]]]:
    """Every row that holds something, with the number of its last line."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = "\t" if "\t" in first else ","
    if delimiter == "," and ";" in first and all(cell.count(",") <= 1 for cell in first.split(";")):
        delimiter, text = ";", text.replace(",", ".")  # a spreadsheet that writes semicolons writes decimal commas
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    newest = 1
    while True:
        begins = reader.line_num + 1
        try:
            row = next(reader, None)
        except csv.Error as error:
            if reader.line_num > begins:  # so much was swallowed that it is too large for a cell
                raise _left_open(file, begins) from None
            raise BadInput(
                f"this row cannot be read: {error}", file=file, line=reader.line_num, remedy="Look at its quotes"
            ) from None
        if row is None:
            if rows and "end of data" in _ill_quoted(text, newest, reader.line_num, delimiter):
                raise _left_open(file, newest)
            return rows
        # A heading may be broken into lines; what goes on in the next line anywhere else is a quote left open.
        if reader.line_num > begins and (rows or _ill_quoted(text, begins, reader.line_num, delimiter)):
            raise _left_open(file, begins)
        if any(cell.strip() for cell in row):
            newest = begins
            rows.append((reader.line_num, row))


def _ill_quoted(text: str, first: int, last: int, delimiter: str) -> str:
    """What is wrong with the quotes of the row that begins in line `first`; "" if nothing is."""
    row = itertools.islice(io.StringIO(text, newline=""), first - 1, last)
    try:
        next(csv.reader(row, delimiter=delimiter, strict=True), None)
    except csv.Error as error:
        return str(error)
    return ""


def _left_open(file: Path, line: int) -> BadInput:
    return BadInput(
        "a quote opens in this line and is not closed in it", file=file, line=line, remedy="Close it, or take it out"
    )


def _row(row: list[str], column: int, width: int, file: Path, line: int, *, guess: bool) -> tuple[list[float], str]:
    """The numbers and the label of one row."""
    if len(row) != width:
        raise BadInput(
            f"this row has {len(row)} columns, the first has {width}", file=file, line=line,
            remedy="Give every row the same columns",
        )  # fmt: skip
    values = []
    for place, cell in enumerate(row):
        if place == column:
            continue
        if not _number(cell):
            remedy = "Write a number"
            if guess:
                remedy += ', or header = "yes" if this line is a heading'
            elif cell.strip():
                remedy += f", or label = {place + 1} if this column is the label"
            what = (
                f'"{cell.strip()}" in column {place + 1} is not a number'
                if cell.strip()
                else (f"column {place + 1} is empty in this row")
            )
            raise BadInput(what, file=file, line=line, remedy=remedy)
        values.append(float(cell))
    if not all(map(math.isfinite, values)):
        raise BadInput("a number in this row is not finite", file=file, line=line, remedy="Leave the row out")
    label = row[column].strip()
    if not label:
        raise BadInput(
            f"column {column + 1}, the label, is empty in this row", file=file, line=line, remedy="Write a label"
        )
    return values, label


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
    folder, size = base / spec["images"], spec["size"]
    if not folder.is_dir():
        raise BadInput(
            "there is no such folder of pictures", file=folder, remedy="The path is relative to the scenario's folder"
        )
    try:
        classes = sorted(path.name for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))
        files = {name: sorted(f for f in (folder / name).iterdir() if f.suffix.lower() in _KINDS) for name in classes}
    except OSError as error:
        raise BadInput(
            "this folder cannot be read", why=error.strerror or str(error), file=error.filename or folder,
            remedy="Give yourself the right to read it",
        ) from None  # fmt: skip
    if len(classes) < 2:
        raise BadInput(
            f"this folder of pictures has {len(classes)} folder{'s' if len(classes) != 1 else ''} in it", file=folder,
            remedy="Make one folder for each class, at least two",
        )  # fmt: skip
    for name in classes:
        if not files[name]:
            raise BadInput("this class has no pictures", file=folder / name, remedy=f"Use {', '.join(_KINDS)} files")
    pictures = np.array([_picture(file, size) for name in classes for file in files[name]])
    labels = np.repeat(np.arange(len(classes)), [len(files[name]) for name in classes])
    data = Dataset(folder.name, pictures, labels, tuple(classes), image_shape=(size, size))
    return _hold_back(data, spec["test"], rng)


def _hold_back(data: Dataset, share: float, rng: np.random.Generator) -> Dataset:
    """Shuffle, and keep a share of each class for testing; at least one of each stays to train on."""
    order = rng.permutation(len(data.train_x))
    labels = data.train_y[order]
    held = np.zeros(len(order), dtype=bool)
    for number in range(data.n_classes):
        [places] = np.nonzero(labels == number)
        held[places[: min(round(share * len(places)), len(places) - 1)]] = True
    x, y = data.train_x[order], labels
    return replace(data, train_x=x[~held], train_y=y[~held], test_x=x[held], test_y=y[held])


def _why_not(file: Path, error: Exception) -> str:
    """What keeps a picture from being read, in words."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if type(error).__name__.startswith("DecompressionBomb"):
        return "it has too many pixels"
    return "it is damaged, or no picture" if file.stat().st_size else "it is empty"


def _picture(file: Path, size: int) -> Array:
    """Grey values 0..1, row by row, (size * size,)."""
    from PIL import Image

    refuse_special(file, "Take it out of the folder")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # a picture of absurd size is refused, not only warned of
            with Image.open(file) as picture:
                grey = picture.convert("L").resize((size, size))
    # Whatever a broken file does to Pillow (it raises a dozen kinds) is a fact about the file.
    except Exception as error:
        raise BadInput(
            "this picture cannot be read", why=_why_not(file, error), file=file, remedy="Save it anew, or leave it out"
        ) from None
    return np.asarray(grey, dtype=np.float64).ravel() / 255.0
