"""Data for ADALINE, made here: a Gaussian bowl, letters on a switch board, mains hum. Draws come from the stream given."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.datasets.dataset import Dataset

__all__ = ["gaussian_bowl", "hum", "letters4"]

_TWO = ("−1", "+1")

_LETTERS = {
    "T": ("###", ".#.", ".#."),
    "C": ("###", "#..", "###"),
    "X": ("#.#", ".#.", "#.#"),
    "J": ("..#", "..#", "###"),
}

SAMPLING = 500.0
"""Samples a second of the hum data."""
MAINS = 50.0
"""Hertz."""


def letters4(positive: str) -> Dataset:
    """T, C, X and J, 3 x 3, in the four places of a 4 x 4 board: 16 patterns, switches up +1 and down −1.

    positive : the letter that is to be answered +1; the three others −1. Shapes: x (16, 16).
    """
    rows, names = [], []
    for down, right in itertools.product((0, 1), repeat=2):
        for name, lines in _LETTERS.items():
            board = -np.ones((4, 4))
            board[down : down + 3, right : right + 3] = [[1.0 if cell == "#" else -1.0 for cell in row] for row in lines]
            rows.append(board.ravel())
            names.append(name)
    answers = np.array([name == positive for name in names], dtype=np.int64)
    return Dataset("letters4", np.array(rows), answers, (f"not {positive}", positive), image_shape=(4, 4))


def gaussian_bowl(
    points: int, inputs: int, spread: float, power: float, noise: float, rng: np.random.Generator
) -> Dataset:
    """Gaussian inputs, wanted numbers d = w*.x + noise. The bowl of the mean square is known exactly.

    The eigenvalues of the inputs' mean products R run geometrically from the smallest to `spread` times it and add up
    to `power`. The sample is corrected so that its own R, and the noise's mean square and lack of correlation, are
    exactly what was asked for. With two inputs the bowl's axes are turned by 30 degrees. w* is 1, −1, 1, −1, ...
    Shapes: x (points, inputs), targets and truth (points,).
    """
    eigenvalues = spread ** (-np.arange(inputs) / max(1, inputs - 1))
    eigenvalues *= power / eigenvalues.sum()
    turn = np.eye(inputs)
    if inputs == 2:
        cos, sin = np.cos(np.pi / 6), np.sin(np.pi / 6)
        turn = np.array([[cos, -sin], [sin, cos]])
    drawn = rng.standard_normal((points, inputs))
    white = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / points)).T
    x = (white * np.sqrt(eigenvalues)) @ turn.T
    disturbance = rng.standard_normal(points)
    disturbance -= white @ (white.T @ disturbance) / points
    disturbance *= noise / np.sqrt((disturbance * disturbance).mean())
    truth = x @ np.where(np.arange(inputs) % 2 == 0, 1.0, -1.0)
    targets = truth + disturbance
    return Dataset(
        "gaussian_bowl", x, (targets > 0).astype(np.int64), _TWO, targets=targets, truth=truth,
        note="corrected so that its mean products are exactly those asked for",
    )  # fmt: skip


def hum(points: int, taps: int, size: float, change: bool, reference: str, rng: np.random.Generator) -> Dataset:
    """A synthetic signal like a heartbeat with mains hum upon it, and a second wire that carries only the hum.

    The inputs are the newest `taps` samples of the second wire (newest first), 500 a second; what is wanted is the
    disturbed signal, `truth` is the signal without hum. So a filter can predict the hum and nothing else, and the error
    that remains is the clean signal. change : half way through, hum comes by another way: other size, other phase.
    reference : "mains", or "unrelated", a noise that has nothing to do with the hum. Shapes: x (points, taps).
    """
    time = np.arange(points + taps - 1) / SAMPLING
    beat = time * 1.2 % 1.0
    clean = np.exp(-(((beat - 0.40) / 0.012) ** 2)) - 0.25 * np.exp(-(((beat - 0.44) / 0.016) ** 2))
    clean += 0.12 * np.exp(-(((beat - 0.25) / 0.035) ** 2)) + 0.22 * np.exp(-(((beat - 0.65) / 0.05) ** 2))
    clean = clean - clean.mean() + 0.01 * rng.standard_normal(len(time))
    phases = 2 * np.pi * rng.random(4)
    wire = np.sin(2 * np.pi * MAINS * time + phases[0]) + 0.3 * np.sin(2 * np.pi * 3 * MAINS * time + phases[1])
    moved = (np.arange(len(time)) >= len(time) // 2) & change
    lag, gain = np.where(moved, 1.9, 0.0), size * np.where(moved, 0.6, 1.0)
    heard = gain * np.sin(2 * np.pi * MAINS * time + phases[2] + lag)
    heard += 0.2 * gain * np.sin(2 * np.pi * 3 * MAINS * time + phases[3] - lag)
    if reference == "unrelated":
        wire = rng.standard_normal(len(time))
    x = np.lib.stride_tricks.sliding_window_view(wire, taps)[:, ::-1]
    targets, truth = (clean + heard)[taps - 1 :], clean[taps - 1 :]
    return Dataset(
        "hum", x, (targets > 0).astype(np.int64), _TWO, targets=targets, truth=truth,
        features=tuple(f"{k} ms ago" if k else "now" for k in range(0, 2 * taps, 2)), note="synthetic signal and hum",
    )  # fmt: skip
