"""The loop: derivatives, determinism, nets side by side, noise, dead units, and what cannot be used."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layer, Layers
from nnhistory.core.moment import Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.load import load
from nnhistory.engine.detectors_layers import dead_units
from nnhistory.eras.on_torch import devices
from tests.eras.deep_2010.helpers import REGISTRY, config, run

SMALL = {"name": "digits8", "train": 200}
MOONS = {"name": "moons", "points": 60, "noise": 0.1}


@pytest.mark.parametrize(
    "changes",
    [
        {"unit": "relu"}, {"unit": "prelu"}, {"unit": "elu"}, {"unit": "maxout"}, {"unit": "tanh", "batchnorm": True},
        {"unit": "relu", "residual": True, "layers": 5}, {"unit": "sigmoid", "output": "sigmoid", "judge": "tolerance"},
        {"unit": "tanh", "output": "linear", "loss": "squared"},
    ],
    ids=lambda changes: "-".join(str(value) for value in changes.values()),
)  # fmt: skip
def test_the_gradient_is_the_slope_of_the_error(changes: dict[str, object]) -> None:
    # One step of plain descent with a tiny rate lowers the batch's error by rate |g|^2, over everything learned.
    moments = run(MOONS, units=6, batch=0, order="cyclic", steps=2, rate=1e-6, precision="double",
                  **{"layers": 2, **changes})  # fmt: skip
    losses = [scalars["batch_loss"] for _, _, scalars, _ in moments if "batch_loss" in scalars]
    first = next(arrays for _, phase, _, arrays in moments if phase == "backward")
    after = next(arrays for _, phase, _, arrays in moments if phase == "update")
    weights = sum(float((array**2).sum()) for name, array in first.items() if name.startswith("grad/"))
    assert losses[0] > losses[1]
    assert losses[0] - losses[1] >= 0.999e-6 * weights  # biases, gamma and beta, slopes come on top
    for name, array in first.items():
        if name.startswith("grad/"):
            np.testing.assert_allclose(after[name.replace("grad", "state")], -1e-6 * array, rtol=1e-12)


def test_two_runs_are_equal_and_another_seed_is_not() -> None:
    changes = {"layers": 2, "units": 16, "steps": 12, "dropout": 0.3, "shift": 0.2, "batchnorm": True}
    one, two, other = (run(SMALL, seed=seed, **changes)[-1] for seed in (1, 1, 2))
    assert one[2] == two[2]
    assert all((one[3][name] == two[3][name]).all() for name in one[3])
    assert one[2] != other[2]


@pytest.mark.parametrize("changes", [{}, {"batchnorm": True, "unit": "prelu"}, {"optimiser": "adam", "rate": 0.01}])
def test_the_first_of_many_nets_is_the_net_alone(changes: dict[str, object]) -> None:
    shape = {"layers": 3, "units": 12, "steps": 15, "precision": "double", **changes}
    alone, many = run(SMALL, **shape)[-1], run(SMALL, nets=4, **shape)[-1]
    for name, array in alone[3].items():
        np.testing.assert_allclose(many[3][name], array, rtol=1e-9, atol=1e-12, err_msg=name)
    assert many[2]["test_accuracy"] == alone[2]["test_accuracy"]
    assert many[2]["test_accuracy_least"] <= many[2]["test_accuracy_mean"]


def test_the_second_of_two_nets_is_a_net_of_its_own() -> None:
    from nnhistory.eras.deep_2010.inits import first_weights

    shape = config(layers=1, units=8, steps=10, precision="double", nets=2)
    rng = Streams(0)["init"]
    _, second = (first_weights(shape, [(64, 8), (8, 10)], rng) for _ in range(2))
    start = Layers(tuple(Layer(W, b) for W, b in zip(*second, strict=True)))
    accuracy = []
    for resolved, given in ((shape, None), ({**shape, "nets": 1}, start)):
        streams = Streams(0)
        last = list(REGISTRY.run("deep_2010")(resolved, load(SMALL, streams), streams, Knobs(resolved), given, "cpu"))[
            -1
        ]
        accuracy.append(last.scalars)
    both, alone = accuracy
    assert 2 * both["test_accuracy_mean"] - both["test_accuracy"] == pytest.approx(alone["test_accuracy"])


def test_dropout_and_shift_act_in_training_alone() -> None:
    quiet, noisy = (run(SMALL, layers=2, units=16, steps=0, dropout=d, shift=d)[0] for d in (0.0, 0.5))
    assert quiet[2] == pytest.approx(noisy[2], rel=1e-12)  # one goes back by hand, the other by autograd
    quiet, noisy = (run(SMALL, layers=2, units=16, steps=3, dropout=d)[-1] for d in (0.0, 0.5))
    assert quiet[2] != noisy[2]


def test_l2_adds_its_slope() -> None:
    shape = {"layers": 1, "units": 6, "steps": 1, "rate": 0.5, "precision": "double"}
    plain, kept = (run(SMALL, l2=l2, **shape)[-1][3] for l2 in (0.0, 0.1))
    first = run(SMALL, **shape)[0][3]
    for layer in (0, 1):
        expected = plain[f"weights/{layer}"] - 0.5 * 0.1 * first[f"weights/{layer}"]
        np.testing.assert_allclose(kept[f"weights/{layer}"], expected, rtol=1e-12)


def test_zero_weights_stay_twins() -> None:
    last = run(SMALL, layers=2, units=8, unit="tanh", init="zero", steps=30)[-1][3]
    assert not last["weights/0"].any()
    assert not last["weights/1"].any()
    assert last["bias/2"].any()  # X23: only the output bias moves
    constant = run(SMALL, layers=2, units=8, init="constant", init_scale=0.05, steps=30)[-1][3]
    assert float(np.ptp(constant["weights/0"], axis=1).max()) < 1e-6


def test_dead_means_zero_for_every_training_pattern() -> None:
    _, _, scalars, arrays = run(SMALL, hidden=[20, 20], steps=0, bias_init="constant", bias_scale=-3.0)[0]
    x = load(SMALL, Streams(0)).train_x
    first = np.maximum(x @ arrays["weights/0"] + arrays["bias/0"], 0.0)
    second = np.maximum(first @ arrays["weights/1"] + arrays["bias/1"], 0.0)
    for layer, y in enumerate((first, second)):
        assert scalars[f"dead/{layer}"] == pytest.approx(float((y == 0).all(axis=0).mean()))
    assert scalars["dead/1"] > 0.0
    assert "dead/0" not in run(SMALL, hidden=[20], unit="tanh", steps=0)[0][2]


def test_the_detector_tells_of_death_and_of_being_born_dead() -> None:
    weights = {"bias/0": np.zeros(40), "bias/1": np.zeros(40)}

    def moment(step: int, first: float, second: float) -> Moment:
        return Moment(step, "eval", {"dead/0": first, "dead/1": second, "train_loss": 1.0}, weights)

    state, found = dead_units(None, moment(0, 0.3, 0.5))
    assert [evidence for _, evidence in found] == [{"layer": 2, "count": 20, "units": 40, "share": 0.5, "born": 0.5}]
    state, found = dead_units(state, moment(9, 0.5, 0.9))
    assert not found
    state, found = dead_units(state, moment(10, 0.55, 0.9))
    assert [evidence["layer"] for _, evidence in found] == [1]
    assert not dead_units(state, moment(11, 1.0, 1.0))[1]


def test_a_number_out_of_range_ends_the_run() -> None:
    moments = run(SMALL, layers=2, units=8, unit="linear", output="linear", loss="squared", rate=1e6, steps=500)
    assert moments[-1][0] < 500
    assert not np.isfinite(moments[-1][2]["train_loss"])
    assert moments[-1][1] == "done"


def test_batches_of_two_have_two_different_modes() -> None:
    shape = {"layers": 2, "units": 30, "unit": "sigmoid", "batchnorm": True, "steps": 60, "rate": 0.5}
    small = run(SMALL, batch=2, **shape)[-1][2]
    large = run(SMALL, batch=100, **shape)[-1][2]
    assert abs(large["test_accuracy"] - large["test_accuracy_batch"]) < 0.06
    assert small["test_accuracy_batch"] < large["test_accuracy_batch"] - 0.1


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"device": "cuda"}, "there is no cuda device here"),
        ({"output": "linear"}, "cross-entropy needs outputs between 0 and 1"),
        ({"loss": "squared"}, "softmax goes with cross-entropy here"),
        ({"residual": True, "hidden": [4, 5]}, "residual links add layers up"),
        ({"residual": True, "unit": "maxout"}, "residual links and maxout do not go together"),
    ],
)
def test_what_cannot_be_is_said(changes: dict[str, object], text: str) -> None:
    if changes.get("device") == "cuda" and "cuda" in devices():
        pytest.skip("this machine has a GPU")
    with pytest.raises(BadInput, match=text):
        run(SMALL, **{"layers": 2, "units": 4, **changes})  # type: ignore[arg-type]
