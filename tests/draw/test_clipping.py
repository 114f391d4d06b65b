"""Segments cut off at the unit square."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.draw.braille import dots_of
from nnhistory.draw.clipping import clip

A = np.array([[0.1, 0.2], [0.4, 0.5], [0.6, 0.6]])
"""All of it within the square; a hole is made in it below."""


def test_what_lies_inside_comes_back_as_it_is() -> None:
    seen = clip(A[:-1], A[1:])
    assert seen.keep.all()
    np.testing.assert_array_equal(seen.b, A[1:])


@pytest.mark.parametrize("hole", [0, 1, 2])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_point_that_is_not_known_takes_only_its_own_segments_away(hole: int, value: float, axis: int) -> None:
    line = A.copy()
    line[hole, axis] = value
    seen = clip(line[:-1], line[1:])
    assert seen.keep.tolist() == [hole not in (0, 1), hole not in (1, 2)]
    assert dots_of(line[:-1], line[1:], 10, 10).any() == (hole != 1)


def test_a_segment_through_the_square_is_cut_at_both_sides() -> None:
    seen = clip([[-1.0, 0.5]], [[3.0, 0.5]])
    np.testing.assert_allclose([*seen.a, *seen.b], [[0.0, 0.5], [1.0, 0.5]])
    np.testing.assert_allclose([*seen.start, *seen.end], [0.25, 0.5])
