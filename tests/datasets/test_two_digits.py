"""The relay's task: two digits side by side."""

from __future__ import annotations

import numpy as np

from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load


def test_pairs_are_balanced_repeatable_and_share_no_digit_between_the_parts() -> None:
    data, again = (load("two_digits", Streams(3)) for _ in range(2))
    assert data.train_x.shape == (3000, 128)
    assert data.test_x.shape == (800, 128)
    assert np.array_equal(data.train_x, again.train_x)
    assert np.array_equal(data.test_y, again.test_y)
    assert 0.44 < data.train_y.mean() < 0.56
    assert 0.44 < data.test_y.mean() < 0.56
    parts = (x.reshape(-1, 8, 2, 8).transpose(0, 2, 1, 3).reshape(-1, 64) for x in (data.train_x, data.test_x))
    used, held = ({digit.tobytes() for digit in part} for part in parts)
    assert not used & held
