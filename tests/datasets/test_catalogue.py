"""Every data set of the catalogue: as promised, the same for one seed, and refused where it cannot be."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.streams import Streams
from nnhistory.datasets.catalogue import catalogue, check_spec
from nnhistory.datasets.load import load

RANDOM = ("blobs", "circles", "moons", "spiral", "stripes", "xor_clouds", "dichotomy", "random_signs", "bars", "mnist")


@pytest.mark.parametrize("name", catalogue())
def test_it_loads_as_it_is(name: str) -> None:
    data = load(name, Streams(0))
    assert data.name
    assert data.n_classes >= 2
    assert set(np.unique(data.train_y)) <= set(range(data.n_classes))
    again = load(name, Streams(0))
    np.testing.assert_array_equal(data.train_x, again.train_x)
    np.testing.assert_array_equal(data.train_y, again.train_y)
    assert not data.train_x.flags.writeable


@pytest.mark.parametrize("name", RANDOM)
def test_another_seed_is_another_draw(name: str) -> None:
    one, two = load(name, Streams(0)), load(name, Streams(1))
    assert not np.array_equal(one.train_x, two.train_x)


@pytest.mark.parametrize("name", catalogue())
def test_a_checked_spec_passes_again_unchanged(name: str) -> None:
    once = check_spec(name)
    assert check_spec(once) == once
    assert set(once) == {"name", *catalogue()[name].params}


@pytest.mark.parametrize("name", ["digits8", "mnist"])
def test_shuffled_labels_keep_their_counts(name: str) -> None:
    true, shuffled = load(name, Streams(0)), load({"name": name, "labels": "shuffled"}, Streams(0))
    np.testing.assert_array_equal(true.train_x, shuffled.train_x)
    assert np.mean(true.train_y == shuffled.train_y) < 0.2
    np.testing.assert_array_equal(np.bincount(true.train_y), np.bincount(shuffled.train_y))
    np.testing.assert_array_equal(true.test_y, shuffled.test_y)


SPECS: dict[str, tuple[Any, str]] = {
    "no name": (
        {"inputs": 2},
        'a data set has a name, or a file of its own. Write dataset = "or" or dataset = { file = "points.csv" }',
    ),
    "two places": (
        {"file": "a.csv", "images": "b"}, "images: file and images exclude each other. Keep one of file, images",
    ),
    "empty file": ({"file": " "}, 'file: file is empty. Write file = "..."'),
    "a number as file": ({"file": 3}, 'file: file is a text, got 3. Write file = "..."'),
    "more than is on board": (
        {"name": "mnist", "train": 13000},
        "train: train = 13000 is more than is on board (12000 are)."
        ' Write train = 12000, or add source = "full" (nnhistory data fetch mnist brings it)',
    ),
    "a table of three": (
        {"name": "truth_table", "outputs": [0, 1, 1]},
        "outputs: outputs has 3 answers (a table of n inputs has 2 to the power n rows, n from 1 to 12)."
        " Write 2, 4, 8, ... of them",
    ),
    "points of one class": (
        {"name": "points", "points": [[0, 0, 1]]},
        "points: points needs at least one point of each class."
        " Write points = [[0.5, -1.0, 1], [0.2, 0.3, -1]]: x, y, label",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spec", "said"), SPECS.values(), ids=SPECS.keys())
def test_a_spec_that_cannot_be(spec: Any, said: str) -> None:
    with pytest.raises(BadInput) as error:
        check_spec(spec)
    assert str(error.value) == said


def idx(values: np.ndarray[Any, Any]) -> bytes:
    """The idx form of an array of bytes."""
    head = bytes([0, 0, 8, values.ndim]) + b"".join(size.to_bytes(4, "big") for size in values.shape)
    return head + values.astype(np.uint8).tobytes()


@pytest.mark.parametrize("spelling", ["{}.gz", "{}", "dotted", "dotted.gz"])
def test_the_full_set_is_read_from_a_folder_however_it_is_spelled(
    spelling: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    for part, count in (("train", 30), ("t10k", 20)):
        for kind, values in (
            ("images-idx3", rng.integers(0, 256, (count, 28, 28))),
            ("labels-idx1", np.arange(count) % 10),
        ):
            name = f"{part}-{kind}-ubyte"
            name = spelling.replace("{}", name).replace("dotted", name.replace("-idx", ".idx"))
            content = idx(values)
            (tmp_path / name).write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
    monkeypatch.setenv("NNHISTORY_DATA", str(tmp_path))
    data = load({"name": "mnist", "source": "full", "train": 30, "test": 20}, Streams(0))
    assert (data.train_x.shape, data.test_x.shape) == ((30, 784), (20, 784))
    assert sorted(data.test_y) == sorted([*range(10)] * 2)


def test_a_full_set_that_is_cut_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in catalogue()["mnist"].files:
        (tmp_path / file.name).write_bytes(gzip.compress(b"\0\0\x08\x03" + b"\0" * 3)[:-3])
    monkeypatch.setenv("NNHISTORY_DATA", str(tmp_path))
    with pytest.raises(BadInput) as error:
        load({"name": "mnist", "source": "full"}, Streams(0))
    assert str(error.value).startswith(f"{tmp_path}/train-images-idx3-ubyte.gz: this is not a whole idx file: ")
    assert str(error.value).endswith(". Fetch it again")


def test_a_full_set_that_is_not_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NNHISTORY_DATA", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(BadInput) as error:
        load({"name": "mnist", "source": "full"}, Streams(0))
    assert str(error.value) == (
        "source: the full MNIST set is not here."
        " nnhistory data fetch mnist brings it, or set NNHISTORY_DATA to a folder that has it"
    )
