"""Convolutions, against torch's own, and digits at random places."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnhistory.core.errors import BadInput
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.eras.deep_2010.inits import shapes_of
from nnhistory.eras.deep_2010.nets import build, forward
from tests.eras.deep_2010.helpers import config, run

F = torch.nn.functional


@pytest.mark.parametrize("nets", [1, 3])
def test_it_is_the_convolution_of_torch(nets: int) -> None:
    chosen = config(conv=[3, 5], kernel=3, hidden=[7], nets=nets, bias_init="normal", bias_scale=0.3)
    net = build(chosen, (10 * 9, 4, (10, 9)), np.random.default_rng(1), None, lambda a: torch.tensor(a))
    x = torch.randn(6, 90, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    mine = forward(net, x, train=False)
    for number in range(nets):
        y = x.reshape(6, 1, 10, 9)
        for layer, (seen, channels) in enumerate(((1, 3), (3, 5))):
            kernel = net.W[layer][number].T.reshape(channels, seen, 3, 3)
            y = F.max_pool2d(F.conv2d(y, kernel, net.b[layer][number, 0], padding=1).relu(), 2)
        full = y.permute(0, 2, 3, 1).reshape(6, -1)
        for layer in (2, 3):
            full = full @ net.W[layer][number] + net.b[layer][number]
            full = full.relu() if layer == 2 else full
        torch.testing.assert_close(mine.last[number], full)


def test_shapes() -> None:
    chosen = config(conv=[3, 5], kernel=5, hidden=[7])
    assert shapes_of(chosen, 256, 10, (16, 16)) == [(25, 3), (75, 5), (4 * 4 * 5, 7), (7, 10)]


@pytest.mark.parametrize("changes", [{"batchnorm": True}, {"unit": "maxout"}, {"unit": "prelu"}, {"dropout": 0.3}])
def test_it_learns_with_every_part(changes: dict[str, object]) -> None:
    moments = run(
        {"name": "digits8", "train": 200}, conv=[4], hidden=[16], steps=40, eval_every=40, rate=0.2, **changes
    )
    assert moments[-1][2]["train_loss"] < moments[0][2]["train_loss"]
    assert moments[-1][3]["weights/0"].shape[0] == 9


@pytest.mark.parametrize(
    ("dataset", "changes", "text"),
    [
        ({"name": "moons", "points": 40}, {}, "a convolution needs a picture"),
        ("digits8", {"kernel": 4}, "a kernel needs a middle, 4 has none"),
        ("digits8", {"conv": [2, 2, 2, 2]}, "4 poolings leave nothing of 8 x 8 pixels"),
    ],
)
def test_what_cannot_be_is_said(dataset: object, changes: dict[str, object], text: str) -> None:
    with pytest.raises(BadInput, match=text):
        run(dataset, **{"conv": [2], "hidden": [4], "steps": 0, **changes})  # type: ignore[arg-type]


def test_every_digit_is_there_at_a_place_of_its_own() -> None:
    data = load({"name": "digits_placed", "train": 300, "field": 14}, Streams(3))
    flat = load({"name": "digits8", "train": 300, "scaling": "unit"}, Streams(3))
    assert data.image_shape == (14, 14)
    assert (data.train_y == flat.train_y).all()
    fields = data.train_x.reshape(-1, 14, 14)
    ink = (fields - fields.min()).sum(axis=(1, 2))
    np.testing.assert_allclose(ink / ink.mean(), flat.train_x.sum(axis=1) / flat.train_x.sum(axis=1).mean())
    rows = [int(np.nonzero((field > field.min()).any(axis=1))[0][0]) for field in fields]
    assert len(set(rows)) > 4
    assert (data.train_x.mean(), data.train_x.std()) == pytest.approx((0.0, 1.0))


def test_gaussian_points_are_told_apart_by_their_plane() -> None:
    data = load({"name": "gaussian", "points": 500, "inputs": 20, "test_points": 100}, Streams(1))
    assert data.separator is not None
    assert ((data.train_x @ data.separator > 0) == (data.train_y == 1)).all()
    assert ((data.test_x @ data.separator > 0) == (data.test_y == 1)).all()
    assert (data.train_x.mean(), data.train_x.std()) == pytest.approx((0.0, 1.0), abs=0.05)
