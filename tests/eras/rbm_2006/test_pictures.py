"""What the pictures of a machine say holds for the run they are of."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from nnhistory.core.scene import ImageGrid, Size
from nnhistory.engine.recording import MemoryRecording
from nnhistory.eras.rbm_2006 import pictures, view
from tests.eras.recorded import recorded


@pytest.mark.parametrize(("name", "run", "title"), [
    ("energy", "exact", "one exact step"), ("energy", "cd", "one step of CD"), ("pcd", "fast", "one step of PCD"),
])  # fmt: skip
def test_the_step_names_its_rule(name: str, run: str, title: str) -> None:
    recording = recorded(f"rbm/{name}", run, 4)
    assert view.scene(recording.frames[0], recording, Size(120, 40)).panel("step").title == title


def test_the_film_is_the_same_however_much_of_the_tail_is_there() -> None:
    whole = recorded("rbm/digits", "untaught", 300)
    frames = [msgspec.structs.replace(one, kept=one.tick % 5 == 0 or one is whole.frames[-1]) for one in whole.frames]
    films = []
    for tail in (1000, 40, 0):
        recording = MemoryRecording(whole.header)
        recording.take([one for one in frames if one.kept or one.tick > len(frames) - tail], [])
        (film,) = pictures.film(recording.frames[-1], recording).marks
        assert isinstance(film, ImageGrid)
        films.append(film)
    steps = [int(label) for label in films[0].labels]
    assert len(steps) == 16
    assert max(np.diff(steps)) - min(np.diff(steps)) <= 5, "evenly spaced, as far as moments are kept"
    for other in films[1:]:
        assert other.labels == films[0].labels
        np.testing.assert_array_equal(other.images, films[0].images)
