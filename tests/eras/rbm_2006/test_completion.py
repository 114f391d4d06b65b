"""Gibbs completion: held pixels stay as they are, free ones do not; masks and pictures of the user's, live."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import HeatMap, Size
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.rbm_2006.task import held_mask
from tests.eras.rbm_2006.helpers import played

MNIST = '{ name = "mnist", train = 50, test = 20 }'
CONFIG = 'mode = "gibbs", hidden = 20, steps = 12, init_scale = 0.3'


def gibbs(config: str = "", more: str = "") -> MemoryRecording:
    return played(f"{CONFIG}{', ' if config else ''}{config}", MNIST, runs=more)["a"][1]


def test_what_is_held_stays() -> None:
    recording = gibbs()
    first = recording.frames[0].arrays
    held = first["state/held"] > 0.5
    assert held.sum() == 392
    for frame in recording.frames:
        np.testing.assert_array_equal(frame.arrays["input"][held], first["target"][held])
        np.testing.assert_array_equal(frame.arrays["target"], first["target"])
    later = [frame.arrays["input"][~held] for frame in recording.frames if frame.phase == "update"]
    assert all((one != two).any() for one, two in pairwise(later)), "the others move"
    assert set(np.unique(later[-1])) <= {0.0, 1.0}


def test_nothing_erased_and_everything_erased() -> None:
    whole = gibbs('erase = "nothing"').frames[-1].arrays
    np.testing.assert_array_equal(whole["input"], whole["target"])
    assert gibbs('erase = "all"').frames[0].arrays["state/held"].sum() == 0


@pytest.mark.parametrize(
    ("erase", "free"),
    [("lower", np.s_[2:, :]), ("upper", np.s_[:2, :]), ("left", np.s_[:, :2]), ("right", np.s_[:, 2:])],
)
def test_which_half(erase: str, free: tuple[slice, slice]) -> None:
    mask = held_mask(4, erase, None)
    assert mask[free].sum() == 0
    assert mask.sum() == 8


def test_a_drawn_mask_and_a_drawn_picture_take_their_places_while_it_runs() -> None:
    mask = [[1.0 if column < 7 else 0.0 for column in range(28)] for _ in range(28)]
    picture = [[1.0 if row == column else 0.0 for column in range(28)] for row in range(28)]
    turns = f"""
[[turn]]
run = "a"
step = 4
knob = "clamp"
value = {mask}
[[turn]]
run = "a"
step = 8
knob = "picture"
value = {picture}
"""
    recording = gibbs(more=turns)
    sums = {frame.step: frame.arrays["state/held"].sum() for frame in recording.frames if frame.phase == "update"}
    assert (sums[4], sums[5], sums[12]) == (392, 28 * 7, 28 * 7)
    last = recording.frames[-1].arrays
    np.testing.assert_array_equal(last["target"].reshape(28, 28), np.eye(28))
    np.testing.assert_array_equal(last["input"].reshape(28, 28)[:, :7], np.eye(28)[:, :7])


def test_only_pictures_of_the_right_size() -> None:
    with pytest.raises(BadInput, match="only pictures can be completed"):
        played('mode = "gibbs", hidden = 2, steps = 1', '"three_pixels"')


def test_both_pictures_can_be_drawn_on() -> None:
    recording = gibbs()
    scene = Registry().view("rbm_2006").scene(recording.frames[-1], recording, Size(100, 30))
    knobs = {
        mark.edit.knob for panel in scene.panels for mark in panel.marks if isinstance(mark, HeatMap) and mark.edit
    }
    assert knobs == {"picture", "clamp"}


def test_no_weight_changes() -> None:
    recording = gibbs()
    np.testing.assert_array_equal(recording.frames[0].arrays["weights/0"], recording.frames[-1].arrays["weights/0"])
