"""Data to be prepared: each way does what its name says, by what the training part says alone."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.datasets.prepare import KEPT, principal


def cloud(scaling: str) -> np.ndarray:
    return load({"name": "cloud", "scaling": scaling}, Streams(3)).train_x


def test_a_cloud_after_each_way() -> None:
    raw, centred, normal, turned, white = map(cloud, ("raw", "centred", "normalised", "decorrelated", "whitened"))
    assert np.abs(raw.mean(axis=0)).min() > 1.0
    np.testing.assert_allclose(centred, raw - raw.mean(axis=0))
    np.testing.assert_allclose(normal.std(axis=0), 1.0)
    assert np.corrcoef(normal.T)[0, 1] == pytest.approx(np.corrcoef(raw.T)[0, 1])
    np.testing.assert_allclose(np.cov(turned.T, bias=True)[0, 1], 0.0, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), np.linalg.norm(centred, axis=1))  # a turn
    assert turned[:, 0].std() > turned[:, 1].std()
    np.testing.assert_allclose(np.cov(white.T, bias=True), np.eye(2), atol=1e-12)


def test_the_same_points_and_numbers_are_wanted_in_every_way() -> None:
    one, two = (load({"name": "cloud", "scaling": how}, Streams(3)) for how in ("raw", "whitened"))
    assert one.targets is not None
    np.testing.assert_array_equal(one.targets, two.targets)


def test_two_means_of_colour_patches() -> None:
    raw, image, channel = (
        load({"name": "patches", "scaling": how}, Streams(3)) for how in ("unit", "mean_image", "channel_mean")
    )
    assert 0.0 <= raw.train_x.min() <= raw.train_x.max() <= 1.0
    np.testing.assert_allclose(image.train_x.mean(axis=0), 0.0, atol=1e-12)
    by_colour = channel.train_x.reshape(-1, 3)
    np.testing.assert_allclose(by_colour.mean(axis=0), 0.0, atol=1e-12)
    assert np.abs(channel.train_x.mean(axis=0)).max() > 0.1  # the light from above is still in it
    # The test part loses what the training part says, and no more.
    np.testing.assert_allclose(raw.test_x - image.test_x, np.tile(raw.train_x.mean(axis=0), (200, 1)))
    top, bottom = raw.train_x.reshape(-1, 8, 8, 3)[:, 0].mean(), raw.train_x.reshape(-1, 8, 8, 3)[:, 7].mean()
    assert top > bottom + 0.15
    assert raw.ways is not None
    ways = raw.ways()
    assert ways["mean_image"].shape == (1, 192)
    assert ways["channel_mean"].shape == (1, 3)
    np.testing.assert_allclose(ways["minus_mean_image"], ways["unit"] - ways["mean_image"])


def test_digits_from_a_few_axes_lie_on_them() -> None:
    few = load({"name": "digits8", "scaling": "pca"}, Streams(3)).train_x
    variances, _ = principal(few - few.mean(axis=0))
    assert (variances[:KEPT] > 1e-3).all()
    np.testing.assert_allclose(variances[KEPT:], 0.0, atol=1e-12)
