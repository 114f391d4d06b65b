"""Searches: where they look, how the nets learn against slopes by differences, and what the sums add up to."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.eras.search_2012.nets import Nets, rates_at
from nnhistory.eras.search_2012.space import AXES, draw, near, values
from nnhistory.eras.search_2012.tally import Shares

REGISTRY = Registry()


def run(dataset: Any = "or", seed: int = 0, **changes: Any) -> list[dict[str, float]]:
    config, streams = resolve_config(REGISTRY.manifest("search_2012"), changes), Streams(seed)
    moments = REGISTRY.run("search_2012")(config, load(dataset, streams), streams, Knobs(config), None, "cpu")
    return [dict(moment.scalars) for moment in moments]


def test_a_grid_has_its_values_on_every_axis_and_random_has_as_many_as_trials() -> None:
    rng = np.random.default_rng(0)
    grid, drawn, spent = (draw(name, 16, 4, 2, rng) for name in ("grid", "random", "spent"))
    assert grid.shape == drawn.shape == spent.shape == (16, 4)
    for k in range(4):
        assert len(np.unique(grid[:, k].round(12))) == 2
        assert len(np.unique(drawn[:, k])) == 16
        assert abs(grid[:, k].max() - grid[:, k].min()) == pytest.approx(0.5)
    assert len(np.unique(spent[:, 0])) == 16
    assert len(np.unique(spent[:, 1:], axis=0)) == 1
    fine = near(np.array([0.02, 0.5]), 50, rng)
    assert fine.min() >= 0.0
    assert np.ptp(fine, axis=0) == pytest.approx([0.25, 0.25], abs=0.03)


def test_axes_mean_what_they_say() -> None:
    ends = values(np.array([[0.0] * 7, [1.0 - 1e-12] * 7]), np.zeros(2, dtype=bool))
    for axis in AXES[:4]:
        assert ends[axis.name] == pytest.approx([axis.low, axis.high]), axis.name
    assert list(ends["depth"]) == [1, 2]
    assert list(ends["update"]) == [0, 2]
    usual = values(np.array([[0.5], [0.5]]), np.array([False, True]))
    assert usual["rate"] == pytest.approx([0.1, 5.0005])
    assert usual["depth"] == pytest.approx([1, 1])


def test_slopes_are_those_of_differences() -> None:
    rng = np.random.default_rng(1)
    u = rng.random((3, 7))
    u[:, 6] = [0.0, 0.9, 0.9]  # one net with one layer, two with two
    nets = Nets(values(u, np.zeros(3, dtype=bool)), 5, rng)
    x, wanted = rng.standard_normal((4, 5)), np.eye(10)[[1, 2, 3, 4]]
    dropped = np.ones((3, 4, nets.mask.shape[2]))

    def loss() -> Any:
        last = nets._hidden(x, dropped, slice(None))[1]
        z = last @ nets.learned[2] + nets.learned[3]
        z = z - z.max(axis=2, keepdims=True)
        return -((z - np.log(np.exp(z).sum(axis=2, keepdims=True))) * wanted).sum(axis=2).mean(axis=1)

    slopes = nets._slopes(x, wanted, dropped)
    for part, slope in zip(nets.learned, slopes, strict=True):
        place = tuple(int(rng.integers(n)) for n in part.shape[1:])
        for net in range(3):
            at = (net, *place)
            kept = part[at]
            part[at] = kept + 1e-6
            above = loss()[net]
            part[at] = kept - 1e-6
            below = loss()[net]
            part[at] = kept
            if nets.mask[net, 0, place[1] if part.shape[2] == nets.mask.shape[2] else 0]:
                assert slope[at] == pytest.approx((above - below) / 2e-6, abs=1e-6)


def test_a_net_beside_others_is_the_net_alone() -> None:
    data = load({"name": "digits8", "train": 200}, Streams(0))
    u = np.array([[0.6, 0.4, 0.0, 0.9, 0.1, 0.1, 0.0], [0.4, 0.2, 0.3, 0.9, 0.9, 0.9, 0.9]])

    def trained(rows: list[int]) -> Any:
        nets = Nets(values(u[rows], np.zeros(len(rows), dtype=bool)), 64, np.random.default_rng(0))
        nets.train(data.train_x, data.train_y, 30, 20, np.random.default_rng(1), np.random.default_rng(2))
        return nets.right(data.test_x, data.test_y)

    both = trained([0, 1])
    assert both[0] > 0.5
    assert both[0] == trained([0])[0]
    assert both[1] == trained([1])[0]


def test_schedules() -> None:
    at = [rates_at(np.ones(4), np.arange(4.0), t, 30) for t in (0, 15, 29)]
    assert at[0] == pytest.approx([1, 1, 1, 1])
    assert at[1] == pytest.approx([1, 1, 1 / 6, 0.5])
    assert at[2] == pytest.approx([1, 0.1, 1 / (1 + 290 / 30), 0.5 * (1 + np.cos(np.pi * 29 / 30))])


def test_shares_of_the_variance() -> None:
    rng = np.random.default_rng(3)
    u = rng.random((20_000, 3))
    shares = Shares(3)
    shares.add(u, u[:, 0] + 0.5 * u[:, 1])
    assert shares.found() == pytest.approx([0.8 * 35 / 36, 0.2 * 35 / 36, 0.0], abs=0.01)  # bins leave 1/36 inside
    noise = Shares(3)
    noise.add(u[:200], rng.standard_normal(200))
    assert noise.found().max() < 0.1


def test_budgets_agree_and_too_large_a_grid_is_refused() -> None:
    end = run(repeats=2, fine=True)[-1]
    assert end["budget"] == 16
    assert end["trials"] == 2 * 4 * 16
    with pytest.raises(BadInput, match="a grid of 4 values on 6 axes has 4096 points"):
        run(axes=6, levels=4)
    with pytest.raises(BadInput, match="ten outputs"):
        run(objective="digits")


def test_the_top_is_elsewhere_each_time_and_its_best_twentieth_is_known() -> None:
    end = run(axes=3, matter=2, levels=0, budget=1 + 1, repeats=2000)[-1]
    assert end["top/random"] == pytest.approx(1 - 0.95**2, abs=0.02)
