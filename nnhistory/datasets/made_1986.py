"""The tasks of 1986, made here: encoder, mirror symmetry, binary addition, two family trees."""

from __future__ import annotations

import itertools

import numpy as np

from nnhistory.core.moment import Array
from nnhistory.datasets.dataset import Dataset

__all__ = ["addition", "encoder", "facts", "family_trees", "symmetry"]


def encoder(size: int) -> Dataset:
    """One input of `size` is on, and the same output is wanted. Shapes: x (size, size)."""
    return Dataset("encoder", np.eye(size), np.arange(size), tuple(str(k + 1) for k in range(size)))


def symmetry(inputs: int) -> Dataset:
    """All rows of 0 and 1, in counting order; yes if a row reads the same from both ends."""
    x = _rows(inputs)
    same = (x == x[:, ::-1]).all(axis=1)
    return Dataset("symmetry", x, same.astype(np.int64), ("no", "yes"), features=_names("x", inputs))


def addition(bits: int) -> Dataset:
    """Two numbers of so many bits, and their sum with one bit more, highest bit first.

    Shapes: x (4^bits, 2 bits), outputs (4^bits, bits + 1). The class is the sum.
    """
    x = _rows(2 * bits)
    place = 2 ** np.arange(bits - 1, -1, -1)
    total = (x[:, :bits] @ place + x[:, bits:] @ place).astype(np.int64)
    outputs = (total[:, None] >> np.arange(bits, -1, -1)) & 1
    names = (*_names("a", bits), *_names("b", bits))
    classes = tuple(str(k) for k in range(2 ** (bits + 1) - 1))
    return Dataset("addition", x, total, classes, features=names, train_t=outputs.astype(np.float64))


def _rows(inputs: int) -> Array:
    return np.array(list(itertools.product((0, 1), repeat=inputs)), dtype=np.float64)


def _names(letter: str, count: int) -> tuple[str, ...]:
    return tuple(f"{letter}{k + 1}" for k in range(count))


_ENGLISH = (
    "Christopher", "Penelope", "Andrew", "Christine", "Margaret", "Arthur", "Victoria", "James", "Jennifer", "Charles",
    "Colin", "Charlotte",
)  # fmt: skip
_ITALIAN = (
    "Roberto", "Maria", "Pierro", "Francesca", "Gina", "Emilio", "Lucia", "Marco", "Angela", "Tomaso", "Alfonso",
    "Sophia",
)  # fmt: skip
_COUPLES = ((0, 1), (2, 3), (5, 4), (7, 6), (9, 8))
"""Husband and wife, by place in the lists above."""
_CHILDREN = {(0, 1): (5, 6), (2, 3): (7, 8), (7, 6): (10, 11)}
_WOMEN = {1, 3, 4, 6, 8, 11}
_RELATIONS = (
    "father", "mother", "husband", "wife", "son", "daughter", "uncle", "aunt", "brother", "sister", "nephew", "niece",
)  # fmt: skip
_PEOPLE = (*_ENGLISH, *_ITALIAN)


def facts() -> list[tuple[int, int, tuple[int, ...]]]:
    """Every (person, relation, the people that stand in it), of both families: 104 facts about 24 people.

    Uncles and aunts by marriage count, as in the paper. Source: Hinton's two trees as printed in Rumelhart, Hinton
    and Williams 1986, Nature 323, Fig. 2.
    """
    found: dict[tuple[int, int], set[int]] = {}

    def add(person: int, relation: str, other: int) -> None:
        found.setdefault((person, _RELATIONS.index(relation)), set()).add(other)

    def spouse(person: int) -> int | None:
        return next((sum(couple) - person for couple in _COUPLES if person in couple), None)

    for man, woman in _COUPLES:
        add(man, "wife", woman)
        add(woman, "husband", man)
    for (man, woman), children in _CHILDREN.items():
        for child in children:
            add(child, "father", man)
            add(child, "mother", woman)
            for parent in (man, woman):
                add(parent, "daughter" if child in _WOMEN else "son", child)
            for sibling in set(children) - {child}:
                add(child, "sister" if sibling in _WOMEN else "brother", sibling)
    siblings = {child: set(children) - {child} for children in _CHILDREN.values() for child in children}
    for parents, children in _CHILDREN.items():
        elders = {elder for parent in parents for elder in siblings.get(parent, set())}
        elders |= {other for elder in elders if (other := spouse(elder)) is not None}
        for child in children:
            for elder in elders:
                add(child, "aunt" if elder in _WOMEN else "uncle", elder)
                add(elder, "niece" if child in _WOMEN else "nephew", child)
    one = [(person, relation, tuple(sorted(others))) for (person, relation), others in sorted(found.items())]
    return one + [(p + 12, r, tuple(o + 12 for o in others)) for p, r, others in one]


def family_trees(test: int, rng: np.random.Generator) -> Dataset:
    """Person and relation in, people out. Shapes: x (104 - test, 24 + 12), outputs (104 - test, 24).

    Facts that are kept back are drawn from the stream. The class of a row is its relation.
    """
    every = facts()
    x, outputs = np.zeros((len(every), 36)), np.zeros((len(every), 24))
    for row, (person, relation, others) in enumerate(every):
        x[row, person] = x[row, 24 + relation] = 1.0
        outputs[row, list(others)] = 1.0
    relations = np.array([relation for _, relation, _ in every])
    order = rng.permutation(len(every))
    held, used = np.sort(order[:test]), np.sort(order[test:])
    return Dataset(
        "family_trees", x[used], relations[used], tuple(_RELATIONS), x[held], relations[held],
        features=(*_PEOPLE, *_RELATIONS), train_t=outputs[used], test_t=outputs[held],
    )  # fmt: skip
