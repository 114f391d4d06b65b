"""Handwritten digits: the 8 x 8 set of 1998 and MNIST, from the files on board or from the full set."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array
from nnhistory.core.resources import assets
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.prepare import digit_ways, scaled
from nnhistory.datasets.where import folder_of, parts_of

__all__ = ["digits8", "digits_placed", "mnist", "read_idx", "two_digits"]

_DIGITS = tuple(str(digit) for digit in range(10))


def digits8(train: int, scaling: str, labels: str, rng: np.random.Generator, classes: str = "0-9") -> Dataset:
    """1,797 digits, 64 pixels. Split and scale: the mean and the deviation are those of the training part alone.

    scaling : as `prepare.scaled` has it. classes : "0-9", or the half "0-4" or "5-9", about 900 digits, whose labels
        count from 0 again.
    """
    with np.load(assets() / "data" / "digits8.npz", allow_pickle=False) as file:
        x = file["images"].reshape(-1, 64).astype(np.float64) / 16.0
        y = file["labels"].astype(np.int64)
    low, high = int(classes[0]), int(classes[-1])
    half = (y >= low) & (y <= high)
    x, y = x[half], y[half] - low
    if train > len(x):
        raise BadInput(
            f"train = {train} is more than there are", key="train", why=f"{len(x)} digits are {low} to {high}",
            remedy=f"Write {len(x)} or less, and leave some to test with",
        )  # fmt: skip
    order = rng.permutation(len(x))
    used, held = order[:train], order[train:]
    train_x, test_x = scaled(x[used], x[held], scaling)
    return Dataset(
        "digits8", train_x, _labels(y[used], labels, rng), _DIGITS[low : high + 1], test_x, y[held], (8, 8),
        ways=lambda: digit_ways(x[used], y[used], 2),
    )  # fmt: skip


def digits_placed(
    train: int, field: int, labels: str, rng: np.random.Generator, classes: str = "0-9", noise: float = 0.0
) -> Dataset:
    """Each digit once, at a place of its own on a dark field.

    classes : "0-9", or the half "0-4" or "5-9". noise : standard deviation of what is added to every pixel, which goes
    from 0 to 1. Shapes: x (n, field^2), scaled by the mean and the deviation of all training pixels together.
    """
    flat = digits8(train, "unit", labels, rng, classes)

    def placed(images: Array) -> Array:
        corners = rng.integers(0, field - 8 + 1, (len(images), 2))
        fields = np.zeros((len(images), field, field))
        for canvas, image, (row, column) in zip(fields, images.reshape(-1, 8, 8), corners, strict=True):
            canvas[row : row + 8, column : column + 8] = image
        if noise:
            fields += rng.normal(0.0, noise, fields.shape)
        return fields.reshape(len(images), field * field)

    x, test_x = placed(flat.train_x), placed(flat.test_x)
    mean, spread = x.mean(), x.std()
    return Dataset(
        "digits_placed", (x - mean) / spread, flat.train_y, flat.classes, (test_x - mean) / spread, flat.test_y,
        (field, field),
    )  # fmt: skip


def two_digits(train: int, test: int, scaling: str, labels: str, rng: np.random.Generator) -> Dataset:
    """Two 8 x 8 digits side by side: is exactly one of them 5 or more?

    1,400 digits make the training pairs, the other 397 the test pairs, so no digit is in both. Either digit alone says
    nothing about the answer, and no weighted sum of pixels does: XOR on handwriting. Shapes: x (n, 128), rows of 16.
    """
    flat = digits8(1400, scaling, "true", rng)

    def pairs(x: Array, y: Array, count: int) -> tuple[Array, Array]:
        left, right = rng.integers(0, len(x), (2, count))
        pictures = np.concatenate([x[left].reshape(-1, 8, 8), x[right].reshape(-1, 8, 8)], axis=2)
        return pictures.reshape(count, 128), ((y[left] >= 5) != (y[right] >= 5)).astype(np.int64)

    x, y = pairs(flat.train_x, flat.train_y, train)
    test_x, test_y = pairs(flat.test_x, flat.test_y, test)
    return Dataset("two_digits", x, _labels(y, labels, rng), ("no", "yes"), test_x, test_y, (8, 16))


def mnist(
    train: int, test: int, crop: int, binary: bool, labels: str, source: str, rng: np.random.Generator
) -> Dataset:
    """The first `train` and `test` digits in an order drawn from the stream; pixels 0..1."""
    if source == "full":
        train_x, train_y, test_x, test_y = _full()
    else:
        with np.load(assets() / "data" / "mnist_subset.npz", allow_pickle=False) as file:
            train_x, train_y, test_x, test_y = (
                file[name] for name in ("train_images", "train_labels", "test_images", "test_labels")
            )
    if train > len(train_x) or test > len(test_x):
        raise BadInput(
            f"there are {len(train_x)} training and {len(test_x)} test digits, not {train} and {test}",
            key="train" if train > len(train_x) else "test",
            remedy='source = "full" has 60,000 and 10,000 (nnhistory data fetch mnist)',
        )
    used = rng.permutation(len(train_x))[:train]
    held = rng.permutation(len(test_x))[:test]
    edge = (28 - crop) // 2

    def pixels(images: Array) -> Array:
        inner = images[:, edge : edge + crop, edge : edge + crop].reshape(len(images), crop * crop)
        return (inner > 127).astype(np.float64) if binary else inner.astype(np.float64) / 255.0

    y = train_y[used].astype(np.int64)
    return Dataset(
        "mnist", pixels(train_x[used]), _labels(y, labels, rng), _DIGITS, pixels(test_x[held]),
        test_y[held].astype(np.int64), (crop, crop),
    )  # fmt: skip


def _labels(labels: Array, how: str, rng: np.random.Generator) -> Array:
    return rng.permutation(labels) if how == "shuffled" else labels


def _full() -> tuple[Array, Array, Array, Array]:
    folder = folder_of("mnist")
    if folder is None:
        raise BadInput(
            "the full MNIST set is not here",
            key="source",
            remedy="nnhistory data fetch mnist brings it, or set NNHISTORY_DATA to a folder that has it",
        )
    parts = tuple(read_idx(file) for file in parts_of("mnist", folder))
    return parts[0], parts[1], parts[2], parts[3]


def read_idx(file: Path) -> Array:
    """An idx file (gz or not): a magic number with the count of dimensions, the sizes, then bytes."""
    try:
        data = file.read_bytes()
        data = gzip.decompress(data) if file.suffix == ".gz" else data
        if data[:3] != b"\0\0\x08":
            raise ValueError("it does not begin as an idx file of bytes does")
        shape = tuple(int.from_bytes(data[4 + 4 * i : 8 + 4 * i], "big") for i in range(data[3]))
        return np.frombuffer(data, dtype=np.uint8, offset=4 + 4 * len(shape)).reshape(shape)
    except (OSError, EOFError, ValueError, IndexError) as error:
        raise BadInput(f"this is not a whole idx file: {error}", file=file, remedy="Fetch it again") from None
