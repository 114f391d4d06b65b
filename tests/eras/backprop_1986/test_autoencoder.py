"""A net that is to give back what it was given: linear code, principal components beside it, and its pictures."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.scene import ImageGrid, Size
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import drive_plans
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.eras.backprop_1986.copying import components
from nnhistory.eras.backprop_1986.net import Net, backward, error_of, forward
from nnhistory.scenario.load import loads

TEXT = """
title = "t"
[[run]]
id = "a"
era = "backprop_1986"
dataset = {{ name = "digits8"{scaling}, train = 120 }}
config = {{ hidden = [12, 3, 12], code = {code}, wanted = "inputs", bias_init = "zero", init = "glorot", init_scale = 1.0, output = "{output}", rate = 0.01, batch = 20, steps = {steps}, eval_every = 50 }}
"""  # noqa: E501


def copied(
    steps: int = 50, code: int = 2, output: str = "sigmoid", scaling: str = ', scaling = "unit"'
) -> tuple[RunOutcome, MemoryRecording]:
    text, registry = TEXT.format(steps=steps, code=code, output=output, scaling=scaling), Registry()
    plans = make_plans(loads(text, Path("t.toml")).scenario, registry)
    outcomes, recordings = drive_plans(plans, registry, keep=True)
    return outcomes["a"], recordings["a"]


def test_the_slope_through_a_linear_code_is_that_of_finite_differences() -> None:
    rng = np.random.default_rng(0)
    sizes = (5, 4, 2, 4, 5)
    W = [rng.normal(size=shape) for shape in pairwise(sizes)]
    net = Net(W, [rng.normal(size=k) for k in sizes[1:]], code=2)
    x = rng.uniform(size=(3, 5))
    p = forward(net, x)
    np.testing.assert_array_equal(p.act[1], p.pre[1])
    assert (p.act[0] != p.pre[0]).all()
    backward(net, p, error_of(net, p.act[-1], x)[1])
    for layer, place in ((0, (1, 2)), (1, (0, 1)), (2, (1, 3))):
        found = []
        for move in (1e-6, -1e-6):
            net.W[layer][place] += move
            found.append(error_of(net, forward(net, x).act[-1], x)[0].sum())
            net.W[layer][place] -= move
        assert p.grad[layer][place] == pytest.approx((found[0] - found[1]) / 2e-6, rel=1e-6)


def test_components_of_points_on_a_plane_give_them_back() -> None:
    rng = np.random.default_rng(1)
    x = 2.0 + rng.normal(size=(40, 2)) @ rng.normal(size=(2, 6))
    mean, V = components(x, 2)
    np.testing.assert_allclose(mean + (x - mean) @ V @ V.T, x, atol=1e-12)
    mean, V = components(x, 1)
    assert np.abs(mean + (x - mean) @ V @ V.T - x).max() > 0.1, "one number is too few"


def test_what_is_wanted_is_what_goes_in() -> None:
    outcome, recording = copied()
    first = recording.frames[0].arrays
    np.testing.assert_array_equal(first["target"], first["input"])
    m = outcome.metrics
    assert m["pca_loss"].final < m["mean_loss"].final
    assert m["test_loss"].final < m["test_loss"].first
    assert first["state/code"].shape[1] == 3
    assert first["state/code"].max() > 1.0 or first["state/code"].min() < 0.0, "linear, not sigmoid"


def test_pictures_of_the_code_and_of_what_comes_back() -> None:
    _, recording = copied()
    scene = Registry().view("backprop_1986").scene(recording.frames[-1], recording, Size(100, 30))
    panels = {panel.id: panel for panel in scene.panels}
    assert "answer" not in panels
    grids = [mark for mark in panels["copies"].marks if isinstance(mark, ImageGrid)]
    assert [grid.images.shape for grid in grids] == [(5, 8, 8)] * 3
    numerals = sum(label != "" for mark in panels["codes"].marks for label in getattr(mark, "labels", ()))
    assert numerals == 2 * len(recording.frames[0].arrays["state/code"])
    assert "wrong" not in panels["curve"].sentence, "no picture ever comes back right to the last pixel"


def test_a_code_that_is_not_there_and_inputs_that_cannot_be_put_out_are_refused() -> None:
    with pytest.raises(BadInput, match=r"code = 4, but there are 3 hidden layers"):
        copied(code=4)
    with pytest.raises(BadInput, match=r'For digits8 write scaling = "unit", or take output = "linear"'):
        copied(scaling="")
