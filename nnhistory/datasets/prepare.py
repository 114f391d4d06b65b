"""Ways to prepare inputs: what is taken from the training part alone, and done to both parts.

    centred        x - m                        m the mean of each input
    normalised     (x - m) / s                  s the deviation of each input
    decorrelated   (x - m) U                    U the principal axes, by falling variance (PCA)
    whitened       (x - m) U / sqrt(l)          l the variances along them

Source: LeCun, Bottou, Orr and Mueller 1998, section 4.3; pictures turned back after whitening (ZCA): Bell and
Sejnowski 1997.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nnhistory.core.moment import Array

__all__ = ["KEPT", "cloud_ways", "digit_ways", "patch_ways", "principal", "scaled"]

KEPT = 16
"""Principal axes that are kept where a picture is drawn from the first of them alone."""
_FLAT = 1e-3
"""Share of the largest variance below which an axis is left out of whitening: it would blow noise up."""


def principal(centred: Array) -> tuple[Array, Array]:
    """(variances (d,), axes (d, d) as columns), the largest variance first; an axis' largest part is positive."""
    variances, axes = np.linalg.eigh(centred.T @ centred / len(centred))
    variances, axes = variances[::-1], axes[:, ::-1]
    return variances, axes * np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(len(axes))])


def scaled(x: Array, test_x: Array, how: str) -> tuple[Array, Array]:
    """Pictures, prepared by what the training part says: x (n, d), test_x (m, d), shapes stay.

    unit : as they are. centred : each pixel minus its mean, all over one deviation. standard : each pixel over its own
    deviation (a pixel that never changes stays 0). pca : as centred, the first `KEPT` axes alone, turned back.
    whitened : turned onto the principal axes, each of them over its own deviation, and turned back, so that they are
    still pictures; axes whose variance is below a thousandth of the largest stay 0.
    """
    if how == "unit":
        return x, test_x
    mean = x.mean(axis=0)
    centred = x - mean
    if how == "standard":
        each = centred.std(axis=0)
        each = np.where(each > 0.0, each, 1.0)
        return centred / each, (test_x - mean) / each
    if how == "whitened":
        variances, axes = np.linalg.eigh(centred.T @ centred / len(x))
        kept = variances > _FLAT * variances.max()
        whiten = (axes[:, kept] / np.sqrt(variances[kept])) @ axes[:, kept].T
        return centred @ whiten, (test_x - mean) @ whiten
    spread = centred.std()
    if how == "pca":
        axes = principal(centred)[1][:, :KEPT]
        return centred @ axes @ axes.T / spread, (test_x - mean) @ axes @ axes.T / spread
    return centred / spread, (test_x - mean) / spread


def cloud_ways(x: Array) -> dict[str, Array]:
    """A cloud (n, d) raw, and after each of the four ways at the head of this file."""
    centred = x - x.mean(axis=0)
    variances, axes = principal(centred)
    turned = centred @ axes
    return {
        "raw": x,
        "centred": centred,
        "normalised": centred / centred.std(axis=0),
        "decorrelated": turned,
        "whitened": turned / np.sqrt(variances),
    }


def digit_ways(x: Array, labels: Array, count: int) -> dict[str, Array]:
    """The first picture of each of `count` classes (count, d), raw and after each way that leaves a picture."""
    rows = np.unique(labels, return_index=True)[1][:count]
    return {how: scaled(x, x[:0], how)[0][rows] for how in ("unit", "centred", "pca", "whitened")}


def patch_ways(x: Array, labels: Array, channels: int) -> dict[str, Array]:
    """Colour pictures (n, d), the colour of a place changing fastest: one of each class raw and after each way, and
    what is taken away. mean_image (1, d); channel_mean (1, channels)."""
    rows = np.unique(labels, return_index=True)[1]
    taken = means(x, channels)
    return {
        "unit": x[rows],
        "minus_mean_image": x[rows] - taken["mean_image"],
        "minus_channel_mean": x[rows] - np.tile(taken["channel_mean"], x.shape[1] // channels),
        **{name: mean[None] for name, mean in taken.items()},
    }


def means(x: Array, channels: int) -> Mapping[str, Array]:
    """mean_image (d,): a mean for every place and colour. channel_mean (channels,): one for every colour."""
    image = x.mean(axis=0)
    return {"mean_image": image, "channel_mean": image.reshape(-1, channels).mean(axis=0)}
