"""The net of 2010 held to the knobs of 1986 is the net of 1986: the same steps, from the same start, in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config

DATA = {"name": "digits8", "train": 300}
NET = {"hidden": [20, 15], "order": "random", "batch": 7, "rate": 0.5, "steps": 100, "stop_when_solved": False}
CASES: dict[str, dict[str, Any]] = {
    "as in 1986": {
        "unit": "sigmoid", "output": "sigmoid", "loss": "squared", "init": "uniform", "init_scale": 0.3,
        "reduce": "sum", "rate": 0.05, "bias_init": "as_weights", "judge": "tolerance",
    },
    "decay, targets and a mean": {
        "unit": "sigmoid", "output": "sigmoid", "loss": "squared", "init": "normal", "init_scale": 0.5,
        "reduce": "mean", "decay": 1e-3, "target_margin": 0.1, "bias_init": "normal", "bias_scale": 0.2,
        "judge": "largest",
    },
    "tanh and softmax": {
        "unit": "tanh", "output": "softmax", "loss": "cross_entropy", "init": "fan_uniform", "init_scale": 1.0,
        "reduce": "mean", "rate": 0.1, "bias_init": "zero", "judge": "largest",
    },
    "crossed sigmoids": {
        "unit": "sigmoid", "output": "sigmoid", "loss": "cross_entropy", "init": "glorot", "init_scale": 4.0,
        "reduce": "mean", "rate": 0.1, "bias_init": "zero", "judge": "largest",
    },
}  # fmt: skip


def weights(era: str, config: dict[str, Any]) -> list[tuple[dict[str, Array], dict[str, float]]]:
    """All weights after every step, and the numbers of every count."""
    registry, streams = Registry(), Streams(4)
    resolved = resolve_config(registry.manifest(era), config)
    moments = registry.run(era)(resolved, load(DATA, streams), streams, Knobs(resolved), None, "cpu")
    found = []
    for moment in moments:
        if moment.phase in ("update", "eval"):
            names = [n for n in moment.arrays if n.startswith(("weights/", "bias/", "grad/", "delta/", "state/"))]
            arrays = {name: np.array(moment.array(name)) for name in names}
            found.append((arrays, dict(moment.scalars) if moment.phase == "eval" else {}))
    return found


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_same_steps(kind: str, momentum: float) -> None:
    config = {**NET, **CASES[kind], "momentum": momentum}
    old = weights("backprop_1986", config)
    new = weights("deep_2010", {**config, "optimiser": "momentum", "precision": "double"})
    assert len(old) == len(new) > 100
    for (before, counted), (now, measured) in zip(old, new, strict=True):
        assert before.keys() == now.keys()
        for name, array in before.items():
            # What adds up to nothing within rounding has no digits to compare: the size of the array is the scale.
            scale, rows = float(np.abs(array).max()), len(array)
            if name.startswith("delta/"):  # of how many patterns it is shown differs
                rows = min(rows, len(now[name]))
            np.testing.assert_allclose(now[name][:rows], array[:rows], rtol=1e-9, atol=1e-12 * scale, err_msg=name)
        for name in counted.keys() & measured.keys():
            assert measured[name] == pytest.approx(counted[name], rel=1e-9, abs=1e-12), name


@pytest.mark.parametrize("change", [{"momentum": 0.8999}, {"precision": "single"}, {"unit": "tanh"}, {"batch": 8}])
def test_another_net_is_found_out(change: dict[str, Any]) -> None:
    config = {**NET, **CASES["as in 1986"]}
    old = weights("backprop_1986", config)[-1][0]["weights/0"]
    new = weights("deep_2010", {**config, "optimiser": "momentum", "precision": "double", **change})[-1][0]["weights/0"]
    assert not np.allclose(new, old, rtol=1e-9, atol=1e-12)
