"""Own data: tables and pictures, relative to the scenario; every refusal names the file and the line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from nnhistory.core.errors import BadInput
from nnhistory.core.streams import Streams
from nnhistory.datasets import own
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load

ROWS = "1,2,a\n3,4,b\n"
LEFT_OPEN = "a quote opens in this line and is not closed in it. Close it, or take it out"


def table(folder: Path, text: str | bytes, **keys: Any) -> Dataset:
    (folder / "p.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return load({"file": "p.csv", **keys}, Streams(0), folder)


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        (ROWS, {}),
        ("x,y,kind\n" + ROWS, {}),
        ("\ufeffx,y,kind\r\n1,2,a\r\n\r\n3,4,b\r\n", {}),
        ("x;y;kind\n1,0;2,0;a\n3,0;4,0;b\n", {}),
        ("1\t2\ta\n3\t4\tb\n", {}),
        ("a,1,2\nb,3,4\n", {"label": 1}),
        ("kind,x,y\na,1,2\nb,3,4\n", {"label": "kind"}),
        ("1,2,3\n" + ROWS, {"header": "yes"}),
        ('1,2,"a"\n3,4,"b"\n', {"header": "no"}),
        ('1,2,"a"\n3,4,"b"', {}),
        ('"width\nin cm",y,"kind"\n' + ROWS, {}),
    ],
)
def test_ways_to_write_the_same_table(text: str, keys: dict[str, Any], tmp_path: Path) -> None:
    data = table(tmp_path, text, **keys)
    np.testing.assert_array_equal(data.train_x, [[1, 2], [3, 4]])
    np.testing.assert_array_equal(data.train_y, [0, 1])
    assert data.classes == ("a", "b")
    assert data.name == "p"


def test_headings_name_the_inputs(tmp_path: Path) -> None:
    assert table(tmp_path, "x,kind,y\n1,a,2\n3,b,4\n", label="kind").features == ("x", "y")


def test_numbers_as_labels_are_sorted_as_numbers(tmp_path: Path) -> None:
    assert table(tmp_path, "1,10\n2,9\n3,-1\n").classes == ("-1", "9", "10")


def test_each_class_keeps_its_share(tmp_path: Path) -> None:
    text = "".join(f"{n},{n},{'a' if n < 40 else 'b'}\n" for n in range(50))
    data = table(tmp_path, text, test=0.2)
    assert np.bincount(data.train_y).tolist() == [32, 8]
    assert np.bincount(data.test_y).tolist() == [8, 2]
    assert sorted([*data.train_x[:, 0], *data.test_x[:, 0]]) == list(range(50)), "every row once"
    rare = table(tmp_path, "1,1,a\n2,2,b\n3,3,b\n", test=0.9)
    assert set(rare.train_y) == {0, 1}, "one of each stays to train on"


def test_standard_scaling_knows_only_the_training_part(tmp_path: Path) -> None:
    text = "".join(f"{n},{n * n},{'ab'[n % 2]}\n" for n in range(40))
    data = table(tmp_path, text, test=0.25, scaling="standard")
    np.testing.assert_allclose(data.train_x.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(data.train_x.std(axis=0), 1, atol=1e-12)
    assert np.abs(data.test_x.mean(axis=0)).max() > 1e-6
    assert table(tmp_path, "1,5,a\n1,6,b\n", scaling="standard").train_x[:, 0].tolist() == [0, 0], "a constant column"


BAD = {
    "text in a number column": (
        "x,y,k\n1,2,a\n3,four,b\n", {},
        'p.csv:3: "four" in column 2 is not a number. Write a number, or label = 2 if this column is the label',
    ),
    "a hole": ("1,2,a\n3,,b\n", {}, "p.csv:2: column 2 is empty in this row. Write a number"),
    "a heading with a number in it": (
        "x,1,k\n1,2,a\n", {},
        'p.csv:1: "x" in column 1 is not a number. Write a number, or header = "yes" if this line is a heading',
    ),
    "ragged, short": (
        "1,2,a\n\n3,b\n", {}, "p.csv:3: this row has 2 columns, the first has 3. Give every row the same columns",
    ),
    "ragged, long": (
        "x,y,k\n1,2,3,a\n", {}, "p.csv:2: this row has 4 columns, the first has 3. Give every row the same columns",
    ),
    "no label": ("1,2,a\n3,4,\n", {}, "p.csv:2: column 3, the label, is empty in this row. Write a label"),
    "not finite": ("1,2,a\n3,1e999,b\n", {}, "p.csv:2: a number in this row is not finite. Leave the row out"),
    "not a number": ("1,2,a\nnan,1,b\n", {}, "p.csv:2: a number in this row is not finite. Leave the row out"),
    "only a heading": (
        "x,y,k\n", {}, "p.csv:1: this table has a heading and no rows. Give one line for each point: x, y, label",
    ),
    "empty": ("", {}, "p.csv: this table is empty. Give one line for each point: x, y, label"),
    "blank": (" \n,,\n", {}, "p.csv: this table is empty. Give one line for each point: x, y, label"),
    "one column": (
        "1\n2\n", {},
        "p.csv:1: a row needs at least one number and a label. Part the columns by commas, semicolons or tabs",
    ),
    "one class": (
        "1,a\n2,a\n", {},
        'p.csv: every row has the label "a" (there is nothing to tell apart). Choose another label column: label = ...',
    ),
    "a measurement as label": (
        "".join(f"1,{n}.5\n" for n in range(60)), {},
        "p.csv: column 2 has 60 different labels (it looks like a measurement)."
        " Choose another label column: label = ...",
    ),
    "no such label": ("x,y,k\n" + ROWS, {"label": "kind"}, 'p.csv: label: there is no column "kind". Columns: x, y, k'),
    "no such column": (ROWS, {"label": 4}, 'p.csv: label: there is no column "4". Columns: 1 to 3'),
    "a quote that is never closed": (ROWS + '5,6,"a\n' + ROWS * 20, {}, f"p.csv:3: {LEFT_OPEN}"),
    "a quote that swallows too much": (ROWS + '5,6,"a\n' + ROWS * 20_000, {}, f"p.csv:3: {LEFT_OPEN}"),
    "a quote that a later one closes": (ROWS + '5,6,"a\n7,8,"b"\n' + ROWS, {}, f"p.csv:3: {LEFT_OPEN}"),
    "an open quote in the last line": (ROWS + '\n5,6,"a\n\n', {}, f"p.csv:4: {LEFT_OPEN}"),
    "an open quote at the very end": (ROWS + '5,6,"a', {}, f"p.csv:3: {LEFT_OPEN}"),
    "an open quote in the heading": ('x,y,"kind\n1,2,"a"\n' + ROWS, {}, f"p.csv:1: {LEFT_OPEN}"),
    "an endless line": (
        '1,2,"' + "x" * 200_000, {},
        "p.csv:1: this row cannot be read: field larger than field limit (131072). Look at its quotes",
    ),
    "binary": (
        b"\0\1\2", {}, "p.csv: this is not a text file (it holds zero bytes). Save the table as CSV",
    ),
    "another encoding": (
        "1,2,a\n3,4,é\n".encode("latin-1"), {},
        "p.csv:2: this is not a text file (it is not UTF-8). Save the table as CSV in UTF-8",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "keys", "said"), BAD.values(), ids=BAD.keys())
def test_a_bad_table(text: str | bytes, keys: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as error:
        table(tmp_path, text, **keys)
    assert str(error.value) == f"{tmp_path}/{said}"


def test_a_huge_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_BYTES", 1_000_000)
    with pytest.raises(BadInput) as error:
        table(tmp_path, ROWS * 100_000)
    assert str(error.value) == f"{tmp_path}/p.csv: this table is too large (the limit is 1 MB). Take a part of it"


def test_too_many_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_ROWS", 3)
    with pytest.raises(BadInput) as error:
        table(tmp_path, ROWS * 2)
    assert str(error.value) == f"{tmp_path}/p.csv: this table has 4 rows (the limit is 3). Take a part of it"


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("q.csv", "q.csv: there is no such file. The path is relative to the scenario's folder"),
        (".", ": this is a folder, not a table. Name a .csv file"),
        ("p.csv/x", "p.csv/x: this table cannot be read (Not a directory). Give yourself the right to read it"),
    ],
)
def test_a_table_that_is_not_there(file: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(ROWS)
    with pytest.raises(BadInput) as error:
        load({"file": file}, Streams(0), tmp_path)
    assert str(error.value) == f"{tmp_path}{'' if said.startswith(':') else '/'}{said}"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Five dark and three light pictures."""
    folder = tmp_path / "shapes"
    for name, count, grey in (("dark", 5, 0), ("light", 3, 255)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            Image.new("RGB", (30, 10), (grey, grey, grey)).save(folder / name / f"{number}.png")
    (folder / "dark" / "notes.txt").write_text("not a picture, and left out")
    return folder


def test_pictures(pictures: Path) -> None:
    data = load({"images": "shapes", "size": 8, "test": 0.4}, Streams(0), pictures.parent)
    assert (data.name, data.classes, data.image_shape) == ("shapes", ("dark", "light"), (8, 8))
    assert np.bincount(data.train_y).tolist() == [3, 2]
    assert np.bincount(data.test_y).tolist() == [2, 1]
    np.testing.assert_array_equal(data.train_x.mean(axis=1), data.train_y.astype(float))


def bad_pictures(pictures: Path) -> str:
    with pytest.raises(BadInput) as error:
        load({"images": "shapes"}, Streams(0), pictures.parent)
    return str(error.value).removeprefix(f"{pictures}")


def test_a_broken_picture(pictures: Path) -> None:
    (pictures / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"x" * 50)
    said = "/dark/broken.png: this picture cannot be read (it is damaged, or no picture). Save it anew, or leave it out"
    assert bad_pictures(pictures) == said
    (pictures / "dark" / "broken.png").write_bytes(b"")
    assert "cannot be read (it is empty). Save" in bad_pictures(pictures)
    whole = (pictures / "dark" / "0.png").read_bytes()
    (pictures / "dark" / "broken.png").write_bytes(whole[: len(whole) // 2])
    said = bad_pictures(pictures)
    assert said.startswith("/dark/broken.png: this picture cannot be read (")
    assert said.endswith("). Save it anew, or leave it out")


def test_a_class_without_pictures(pictures: Path) -> None:
    (pictures / "empty").mkdir()
    assert bad_pictures(pictures) == "/empty: this class has no pictures. Use .png, .jpg, .jpeg, .bmp, .gif files"


def test_one_folder_is_no_choice(tmp_path: Path) -> None:
    (tmp_path / "shapes" / "one").mkdir(parents=True)
    said = bad_pictures(tmp_path / "shapes")
    assert said == ": this folder of pictures has 1 folder in it. Make one folder for each class, at least two"


def test_no_folder(tmp_path: Path) -> None:
    said = bad_pictures(tmp_path / "shapes")
    assert said == ": there is no such folder of pictures. The path is relative to the scenario's folder"
