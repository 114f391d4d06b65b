"""Data that is made: logic tables, Gaussian points, planar sets, bars. Draws come from the stream handed in."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.datasets.dataset import Dataset

__all__ = [
    "bars",
    "basis",
    "dichotomy",
    "gaussian",
    "gaussian_margin",
    "logic",
    "planar",
    "points",
    "random_signs",
    "truth_table",
]

_TWO = ("−1", "+1")


def logic(op: str, inputs: int, coding: str) -> Dataset:
    """A truth table, rows in counting order. Shapes: x (2^inputs, inputs), values −1/+1 or 0/1."""
    bits = _rows(inputs)
    ones = bits.sum(axis=1)
    odd, every, some = ones % 2 == 1, ones == inputs, ones > 0
    answers = {"or": some, "nor": ~some, "and": every, "nand": ~every, "xor": odd, "parity": odd}[op]
    return _table(op, bits, answers.astype(np.int64), coding)


def truth_table(outputs: list[int], coding: str) -> Dataset:
    """The function whose answers, 0 or 1, are `outputs` (2^inputs of them), rows in counting order."""
    return _table("truth_table", _rows(len(outputs).bit_length() - 1), np.array(outputs), coding)


def _rows(inputs: int) -> Array:
    """All rows of 0 and 1, (2^inputs, inputs), the last input changing fastest."""
    return np.array(list(itertools.product((0, 1), repeat=inputs)), dtype=np.float64)


def _table(name: str, bits: Array, answers: Array, coding: str) -> Dataset:
    x = 2 * bits - 1 if coding == "signed" else bits
    return Dataset(name, x, answers, ("no", "yes"), features=tuple(f"x{i + 1}" for i in range(bits.shape[1])))


def points(rows: list[list[float]]) -> Dataset:
    """Points set by hand, each x, y, label; labels above 0 are class 1."""
    table = np.array(rows, dtype=np.float64)
    return Dataset("points", table[:, :2], (table[:, 2] > 0).astype(np.int64), _TWO)


def basis(points: int, rng: np.random.Generator) -> Dataset:
    """x_i is the i-th unit vector, labels are random: attains Novikoff's bound (R = 1, gamma = 1/sqrt N)."""
    labels = rng.integers(0, 2, points)
    separator = Dataset.signs(labels) / np.sqrt(points)
    return Dataset("basis", np.eye(points), labels, _TWO, separator=separator)


def gaussian_margin(points: int, inputs: int, margin: float, rng: np.random.Generator) -> Dataset:
    """Gaussian points with |w* x| >= margin for a random unit w*, labelled by its sign."""
    w = rng.standard_normal(inputs)
    w /= np.linalg.norm(w)
    kept = np.empty((0, inputs))
    while len(kept) < points:
        drawn = rng.standard_normal((2 * points, inputs))
        kept = np.concatenate([kept, drawn[np.abs(drawn @ w) >= margin]])
    x = kept[:points]
    return Dataset("gaussian_margin", x, (x @ w > 0).astype(np.int64), _TWO, separator=w)


def dichotomy(points: int, inputs: int, rng: np.random.Generator) -> Dataset:
    """Gaussian points in general position, labels by coin."""
    return Dataset("dichotomy", rng.standard_normal((points, inputs)), rng.integers(0, 2, points), _TWO)


def gaussian(points: int, inputs: int, test_points: int, rng: np.random.Generator) -> Dataset:
    """Inputs N(0, 1), the class is the side of a plane through 0 whose direction is drawn evenly."""
    x, normal = rng.standard_normal((points + test_points, inputs)), rng.standard_normal(inputs)
    sides, normal = (x @ normal > 0).astype(np.int64), normal / np.linalg.norm(normal)
    return Dataset("gaussian", x[:points], sides[:points], _TWO, x[points:], sides[points:], separator=normal)


def random_signs(points: int, inputs: int, rng: np.random.Generator) -> Dataset:
    """−1/+1 inputs and labels by coin."""
    x = rng.choice((-1.0, 1.0), (points, inputs))
    return Dataset("random_signs", x, rng.integers(0, 2, points), _TWO)


def planar(kind: str, points: int, amount: float, test: float, rng: np.random.Generator) -> Dataset:
    """Two classes in the plane. `amount` is the gap of `blobs`, the noise of all others."""
    labels = np.arange(points) % 2
    signs = Dataset.signs(labels)
    t = rng.random(points)
    match kind:
        case "blobs":
            x = rng.standard_normal((points, 2)) + np.outer(signs * amount / 2, [np.sqrt(0.5), np.sqrt(0.5)])
        case "circles":
            radius = np.where(labels > 0, 0.6 * np.sqrt(t), 1.0) + amount * rng.standard_normal(points)
            angle = 2 * np.pi * rng.random(points)
            x = np.column_stack([radius * np.cos(angle), radius * np.sin(angle)])
        case "moons":
            angle = np.pi * t
            upper = np.column_stack([np.cos(angle) - 0.5, np.sin(angle) - 0.25])
            x = np.where(labels[:, None] > 0, upper, -upper) + amount * rng.standard_normal((points, 2))
        case "spiral":
            angle = 3.0 * np.pi * np.sqrt(t)
            arm = np.column_stack([np.cos(angle), np.sin(angle)]) * (angle / (3.0 * np.pi))[:, None]
            x = signs[:, None] * arm + amount * rng.standard_normal((points, 2))
        case "stripes":
            band = 2 * rng.integers(0, 2, points) + labels
            across = (band + t) / 2 - 1 + amount * rng.standard_normal(points)
            x = np.column_stack([across, rng.uniform(-1.0, 1.0, points)])
        case _:
            corner = rng.choice((-1.0, 1.0), points)
            x = np.column_stack([corner, -corner * signs]) + amount * rng.standard_normal((points, 2))
    return split(Dataset(kind, x, labels, _TWO), test, rng)


def split(data: Dataset, test: float, rng: np.random.Generator) -> Dataset:
    """Shuffle, and keep a share for testing."""
    order = rng.permutation(len(data.train_x))
    count = min(round(test * len(order)), len(order) - 1)
    held, used = order[:count], order[count:]
    return Dataset(
        data.name, data.train_x[used], data.train_y[used], data.classes, data.train_x[held], data.train_y[held],
        data.image_shape,
    )  # fmt: skip


def bars(points: int, test_points: int, labels: str, rng: np.random.Generator) -> Dataset:
    """4 x 20 bars on a 20 x 20 retina whose edges meet: upright (class 1) or lying (class 0), in any place."""

    def draw(count: int) -> tuple[Array, Array]:
        upright = rng.integers(0, 2, count)
        place = rng.integers(0, 20, count)
        x = np.zeros((count, 20, 20))
        for index in range(count):
            lines = (place[index] + np.arange(4)) % 20
            if upright[index]:
                x[index][:, lines] = 1.0
            else:
                x[index][lines, :] = 1.0
        answers = rng.integers(0, 2, count) if labels == "shuffled" else upright
        return x.reshape(count, 400), answers

    train_x, train_y = draw(points)
    test_x, test_y = draw(test_points)
    return Dataset("bars", train_x, train_y, ("lying", "upright"), test_x, test_y, (20, 20))
