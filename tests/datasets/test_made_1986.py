"""The tasks of 1986: what is asked, counted by hand."""

from __future__ import annotations

import numpy as np

from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.datasets.made_1986 import facts


def test_the_encoder_repeats_its_input() -> None:
    data = load({"name": "encoder", "size": 4}, Streams(0))
    assert np.array_equal(data.train_x, np.eye(4))
    assert data.train_y.tolist() == [0, 1, 2, 3]


def test_mirror_symmetry() -> None:
    data = load({"name": "symmetry"}, Streams(0))
    assert data.train_x.shape == (64, 6)
    assert data.train_y.sum() == 8
    assert all(row.tolist() == row[::-1].tolist() for row in data.train_x[data.train_y == 1])


def test_sums_bit_by_bit() -> None:
    data = load({"name": "addition"}, Streams(0))
    row = data.train_x.tolist().index([1.0, 1.0, 1.0, 0.0])  # 3 + 2 = 5
    assert data.train_t is not None
    assert data.train_t[row].tolist() == [1.0, 0.0, 1.0]
    assert data.train_y[row] == 5
    assert data.train_t.shape == (16, 3)


def test_the_family_trees_have_104_facts() -> None:
    # B08: 104 facts, 112 triples.
    found = facts()
    assert len(found) == 104
    assert sum(len(others) for _, _, others in found) == 112


def test_some_facts_by_name() -> None:
    data = load({"name": "family_trees", "test": 0}, Streams(0))
    assert data.train_t is not None

    def who(person: str, relation: str) -> set[str]:
        names = data.features
        on = data.train_x[:, names.index(person)] * data.train_x[:, names.index(relation)]
        return {names[k] for k in np.flatnonzero(data.train_t[int(on.argmax())])}

    assert who("Colin", "aunt") == {"Jennifer", "Margaret"}
    assert who("Charlotte", "brother") == {"Colin"}
    assert who("Arthur", "niece") == {"Charlotte"}
    assert who("Sophia", "uncle") == {"Emilio", "Tomaso"}


def test_facts_kept_back_are_not_learned() -> None:
    data = load({"name": "family_trees", "test": 4}, Streams(5))
    train = {row.tobytes() for row in data.train_x}
    assert len(data.train_x) == 100
    assert len(data.test_x) == 4
    assert not any(row.tobytes() in train for row in data.test_x)
