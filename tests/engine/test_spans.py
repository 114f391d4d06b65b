"""How far numbers went over a stretch is what meters that see each of them find."""

from __future__ import annotations

import numpy as np

from nnhistory.core.moment import Instant
from nnhistory.engine.spans import Spans


def instants(values: np.ndarray, name: str = "loss") -> list[Instant]:
    return [Instant(step, "update", (0, 1, 2), {name: row, "sweep": float(step)}, [{}] * 3)
            for step, row in enumerate(values)]  # fmt: skip


def test_two_stretches_are_told_as_one() -> None:
    values = np.random.default_rng(0).standard_normal((9, 3))
    before, after = instants(values)[:4], instants(values)[4:]
    spans = Spans.over(before, 3).then(Spans.over(after, 3)).each()
    for run, span in enumerate(spans):
        own = values[:, run].tolist()
        assert span == {"loss": (own[0], own[-1], min(own), max(own)), "sweep": (0.0, 8.0, 0.0, 8.0)}
    assert Spans.over([], 3).then(Spans.over(after, 3)).each() == Spans.over(after, 3).each()
    assert Spans.over(before, 3).then(Spans.over(instants(values, "other"), 3)).each()[0].keys() == {
        "loss", "sweep", "other",
    }  # fmt: skip


def test_which_runs_stay_in_range() -> None:
    values = np.ones((4, 3))
    values[1, 0], values[2, 2] = np.nan, np.inf
    assert Spans.over(instants(values), 3).finite.tolist() == [False, True, False]


def test_an_instant_is_a_moment_of_each() -> None:
    one = instants(np.array([[1.0, 2.0, 3.0]]))[0]
    assert one.moments() == [one.of(place) for place in range(3)]
    assert one.of(1).scalars == {"loss": 2.0, "sweep": 0.0}
    assert all(type(value) is float for moment in one.moments() for value in moment.scalars.values())
