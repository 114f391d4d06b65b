"""The card of early parts, the hardware ladder, room in memory, and nets that are born dead."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.eras.deep_2010.early import early_parts
from nnhistory.eras.deep_2010.ladder import numpy_step, python_step
from nnhistory.eras.deep_2010.room import check_room
from nnhistory.eras.on_torch import memory_said
from tests.eras.deep_2010.helpers import MANIFEST, config, run

OLD = {"unit": "sigmoid", "output": "sigmoid", "loss": "squared", "init": "uniform"}


def test_nothing_in_a_net_of_1986_is_early() -> None:
    assert early_parts(config(**OLD), 1986) == []


@pytest.mark.parametrize("knob", [name for name, param in MANIFEST.knobs.items() if param.year > 1986])
def test_every_knob_with_a_year_is_counted(knob: str) -> None:
    param = MANIFEST.knobs[knob]
    if param.kind == "choice":
        return
    value = {"flag": True, "list": [4]}.get(param.kind, 5 if param.kind == "integer" else 0.3)
    parts = early_parts(config(**{**OLD, knob: value}), 1986)
    assert [when for _, when in parts] == [param.year]


def test_every_choice_with_a_year_is_counted() -> None:
    for knob, param in MANIFEST.knobs.items():
        for choice, year in param.years.items():
            assert choice in param.choices
            found = dict(early_parts(config(**{**OLD, knob: choice}), year - 1))
            assert found[f"{knob} {choice}".replace("_", " ")] == year
            assert f"{knob} {choice}".replace("_", " ") not in dict(early_parts(config(**{**OLD, knob: choice}), year))


def test_the_loop_is_the_product() -> None:
    rng = np.random.default_rng(1)
    x, t = rng.standard_normal((2, 5, 7))
    W, V = rng.standard_normal((2, 7, 7))
    for one, other in zip(python_step(x, t, W, V), numpy_step(x, t, W, V), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12)

    def error(W: np.ndarray, V: np.ndarray) -> float:
        return float(0.5 * ((np.maximum(0.0, x @ W) @ V - t) ** 2).sum() / len(x))

    tiny = np.zeros_like(W)
    tiny[2, 3] = 1e-6
    slope = (error(W + tiny, V) - error(W - tiny, V)) / 2e-6
    assert (W - numpy_step(x, t, W, V)[0])[2, 3] == pytest.approx(0.1 * slope, rel=1e-5)


def test_all_rungs_agree() -> None:
    last = run("or", ladder=[16, 128], batch=8, steps=2)[-1][2]
    assert last["agree"] == 1
    assert "clock/python" not in last  # too wide for a loop
    assert {"clock/numpy", "clock/torch_one", "clock/torch_all", "clock/each_sigmoid"} <= set(last)


def test_a_net_that_does_not_fit_is_refused_before_it_is_made() -> None:
    with pytest.raises(BadInput, match="this net does not fit: its weights need about") as caught:
        run("or", hidden=[4000] * 40, nets=512, steps=1)
    assert caught.value.remedy.startswith("Lower nets, hidden or units")
    check_room(config(hidden=[10]), [(2, 10), (10, 1)], 10_000)
    check_room(config(hidden=[10]), [(2, 10), (10, 1)], 0)  # a system that does not say what is free


@pytest.mark.parametrize("error", [MemoryError("x"), RuntimeError("CUDA out of memory. Tried to allocate 2 GiB")])
def test_memory_that_runs_out_is_said(error: Exception) -> None:
    with pytest.raises(BadInput, match="the memory of cuda is used up"), memory_said("cuda", "Take less"):
        raise error
    with pytest.raises(RuntimeError, match="something else"), memory_said("cuda", "Take less"):
        raise RuntimeError("something else")


@pytest.mark.parametrize(
    ("width", "depth", "share"), [(2, 5, 0.7627), (2, 10, 0.9437), (4, 10, 0.4755), (8, 20, 0.0753)]
)
def test_born_dead(width: int, depth: int, share: float) -> None:
    # X16, one input of 0 spread: 1 - (1 - 2^-N)^L. 1,536 nets: four standard errors.
    data = {"name": "points", "points": [[1.0, 0.0, 1], [1.0, 0.0, 0]]}
    found = [
        run(data, layers=depth, units=width, nets=512, steps=0, seed=seed)[0][2]["dead_nets"] for seed in (1, 2, 3)
    ]
    assert 1 - (1 - 2.0**-width) ** depth == pytest.approx(share, abs=6e-4)
    assert float(np.mean(found)) == pytest.approx(share, abs=4 * np.sqrt(share * (1 - share) / 1536))


@pytest.mark.slow
@pytest.mark.parametrize(("unit", "leak"), [("relu", 0.01), ("leaky_relu", 0.01), ("leaky_relu", 0.25)])
def test_the_gain_of_leaky_units(unit: str, leak: float) -> None:
    # X19: E[signal of layer 20 / signal of layer 1] = 1; a single net says nothing, so a mean over 20 nets.
    ratios = []
    for seed in range(20):
        data = {"name": "gaussian", "points": 64, "inputs": 200}
        scalars = run(data, layers=20, units=200, unit=unit, leak=leak, steps=0, seed=seed)[0][2]
        squares = [scalars[f"act_sd/{k}"] ** 2 + scalars[f"act_mean/{k}"] ** 2 for k in (0, 19)]
        ratios.append(squares[1] / squares[0])
    error = float(np.std(ratios, ddof=1) / np.sqrt(len(ratios)))
    assert abs(float(np.mean(ratios)) - 1.0) < 3.5 * error
