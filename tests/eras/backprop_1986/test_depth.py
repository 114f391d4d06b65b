"""What is measured beside theory, and the pictures of depth, read as numbers."""

from __future__ import annotations

import functools
import math
from typing import TypeVar

import numpy as np
import pytest

from nnhistory.core.moment import Array
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Bars, HeatMap, ImageGrid, Panel, Polyline, Size, TextBlock
from nnhistory.engine.perform import perform
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.registry import Registry
from nnhistory.eras.backprop_1986 import depth
from nnhistory.eras.backprop_1986.beside import one_sign
from nnhistory.eras.backprop_1986.view import scene
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load

from .deep import MODERN, first, moments

Kind = TypeVar("Kind")


@functools.cache
def recordings(name: str, *settings: str) -> dict[str, Recording]:
    chosen = [parse_setting(text) for text in settings]
    return dict(perform(load(find(f"backprop/{name}")), Registry(), settings=chosen, keep=True).recordings)


def panels(recording: Recording, *, first_frame: bool = False) -> dict[str, Panel]:
    frame = recording.frames[0 if first_frame else -1]
    return {panel.id: panel for panel in scene(frame, recording, Size(160, 48)).panels}


def mark(panel: Panel, kind: type[Kind], number: int = 0) -> Kind:
    return [one for one in panel.marks if isinstance(one, kind)][number]


def short_vanishing() -> dict[str, Recording]:
    return recordings("vanishing", "sigmoid.steps=60", "tanh.steps=20", "wider.steps=20")


def test_bars_are_the_error_signal_and_ticks_are_theory() -> None:
    recording = short_vanishing()["sigmoid"]
    start = recording.frames[0].scalars
    signal = panels(recording, first_frame=True)["signal"]
    bars = mark(signal, Bars)
    assert bars.log
    assert bars.labels == ("output", *(f"hidden {k}" for k in range(10, 0, -1)))
    assert bars.values == pytest.approx([start[f"delta_rms/{k}"] for k in range(10, -1, -1)])
    # No theory of the output layer; the last hidden layer is where it begins; then sqrt(chi1) for each layer down.
    ticks = np.asarray(bars.ticks)
    assert math.isnan(ticks[0])
    assert ticks[1] == pytest.approx(bars.values[1])
    assert ticks[2:] / ticks[1:-1] == pytest.approx(start["sqrt_chi1"])
    # Measured and theory together on a scale of powers of ten: never further apart than a factor of 1.5.
    assert np.abs(np.log10(bars.values[1:] / ticks[1:])).max() < math.log10(1.5)


def test_layers_without_a_gradient_are_pale_and_the_sentence_counts_them() -> None:
    recording = short_vanishing()["sigmoid"]
    start = recording.frames[0].scalars
    faint = [start[f"grad_rms/{k}"] < 1e-4 * start["grad_rms/10"] for k in range(11)]
    assert depth.pale(recording, recording.frames[0]) == faint
    shown = panels(recording, first_frame=True)
    for name in ("signal", "gradient"):
        roles = mark(shown[name], Bars).roles
        assert [role == "muted" for role in roles] == faint[::-1]
        assert f"{sum(faint)} layers get less than a ten-thousandth" in shown[name].sentence
    assert shown["signal"].broken
    # The control: with tanh no layer is pale, and nothing is broken.
    shown = panels(short_vanishing()["tanh"], first_frame=True)
    assert set(mark(shown["gradient"], Bars).roles) == {"gradient"}
    assert "Pale" not in shown["signal"].sentence
    assert not shown["signal"].broken


def test_the_numbers_under_the_bars() -> None:
    recording = short_vanishing()["sigmoid"]
    start = recording.frames[0].scalars
    lines = [line.text for line in mark(panels(recording, first_frame=True)["signal"], TextBlock).lines]
    assert lines[0] == f"each layer passes on {start['backward_factor']:.4g}"
    assert "theory 0.1414, at most 0.1443" in lines[1]
    product = start["backward_factor"] ** 9
    assert start["delta_rms/0"] / start["delta_rms/9"] == pytest.approx(product)


def test_tanh_shrinks_the_signal_and_not_the_gradient() -> None:
    # D07 in small: dE/dx falls by two orders of magnitude, dE/dw does not fall by one from layer 2 to the last.
    start = short_vanishing()["tanh"].frames[0].scalars
    assert start["delta_rms/0"] / start["delta_rms/9"] < 0.02
    assert 0.2 < start["grad_rms/1"] / start["grad_rms/9"] < 5


def test_the_plateau_ends_where_chance_is_left() -> None:
    recording = recordings("depth-cliff", "three.steps=60", "four.steps=60", "one.steps=60", "two.steps=600")["two"]
    [left] = [event for event in recording.events if event.kind == "leaves_chance"]
    assert left.evidence["round"] == math.ceil(left.step / 60)
    assert left.evidence["loss"] < 0.9 * left.evidence["chance"]
    before = [v for s, v in zip(*_series(recording), strict=True) if s < left.step]
    assert min(before) >= 0.9 * left.evidence["chance"]
    panel = panels(recording)["plateau"]
    named = {one.name.split(":")[0]: one for one in panel.marks if isinstance(one, Polyline)}
    assert float(np.asarray(named["plateau"].xy)[-1, 0]) == pytest.approx(left.step / 600)
    assert f"until round {left.evidence['round']}" in panel.sentence
    assert not panel.broken


def _series(recording: Recording) -> tuple[list[int], list[float]]:
    series = recording.series("train_loss")
    return list(series.steps), list(series.values)


def test_the_error_of_guessing() -> None:
    # The mean of what is wanted: for classes as frequent as they are, their entropy; just below ln 10 here.
    start = first("digits8", layers=1, units=4, **MODERN)
    assert 2.30 < start["chance_loss"] <= math.log(10)
    # Squared error of one output wanted half of the time: 1/2 (1/2)^2.
    assert first("xor", theory=True)["chance_loss"] == pytest.approx(0.125)


def test_slopes_and_drift() -> None:
    recording = recordings("saturation", "four.steps=600", "five.steps=120")["four"]
    shown = panels(recording)
    image = np.asarray(mark(shown["slopes"], HeatMap).values)
    assert image.shape == (4, 100)
    last = recording.frames[-1]
    y = last.arrays["act/3"].astype(float)
    assert image[0] == pytest.approx(4 * (y * (1 - y)).mean(axis=0), rel=1e-5)
    named = "mean output of hidden layer "
    lines = [one for one in shown["drift"].marks if isinstance(one, Polyline) and named in one.name]
    assert [one.name for one in lines] == [*(f"layers below: {named}{k}" for k in (1, 2, 3)), f"{named}4"]
    assert float(np.asarray(lines[3].xy)[-1, 1]) == pytest.approx(last.scalars["act_mean/3"])
    # It sinks: the last hidden layer, and no other.
    assert last.scalars["act_mean/3"] < 0.35
    assert min(last.scalars[f"act_mean/{k}"] for k in range(3)) > 0.45


def test_slope_left_by_hand() -> None:
    # tanh at 0 has all of its slope; a sigmoid y has 4 y (1 - y) of its own.
    recording = recordings("zero-init", "alike.steps=20", "zeros.steps=20", "random.steps=20")["zeros"]
    assert recording.frames[0].scalars["slope_left/0"] == 1.0
    for moment in moments("digits8", 0, steps=1, layers=2, units=5, **MODERN):
        if moment.phase == "eval":
            y = np.array(moment.array("act/0"))
            assert moment.scalars["slope_left/0"] == pytest.approx(4 * float((y * (1 - y)).mean()))


@pytest.mark.parametrize("unit", ["sigmoid", "tanh"])
@pytest.mark.parametrize("scale", [0.0, 0.05, 0.3])
def test_equal_weights_stay_equal(unit: str, scale: float) -> None:
    # X23: no column spread, rank 1 (or 0); with tanh and zeros only the output's thresholds move. Some processors take
    # the sums of a product's last columns in another order, and that difference may grow: here up to 2e-10.
    settings = {**MODERN, "unit": unit, "layers": 2, "units": 12, "init": "constant", "init_scale": scale,
                "bias_init": "zero", "rate": 0.5, "steps": 200}  # fmt: skip
    weights = {}
    for moment in moments("digits8", 0, **settings):
        if moment.phase == "done":
            weights = {name: np.array(moment.array(name)) for name in moment.arrays if name.startswith("weights/")}
            thresholds = np.array(moment.array("bias/2"))
    for layer in (0, 1):
        assert float(np.ptp(weights[f"weights/{layer}"], axis=1).max()) <= 1e-8
        assert np.linalg.matrix_rank(weights[f"weights/{layer}"], tol=1e-6) <= 1
    assert np.abs(thresholds).max() > 0
    if unit == "tanh" and scale == 0.0:
        assert not any(array.any() for array in weights.values())


def test_one_weight_off_by_a_hair_breaks_the_symmetry() -> None:
    # The negative control: the spread can be something else than 0.
    settings = {**MODERN, "layers": 2, "units": 12, "init": "fan_uniform", "init_scale": 1e-3, "steps": 60}
    *_, last = moments("digits8", 0, **settings)
    assert float(np.ptp(np.array(last.array("weights/0")), axis=1).max()) > 1e-4


def test_twins_are_shown_as_one_picture() -> None:
    runs = recordings("zero-init", "alike.steps=60", "zeros.steps=20", "random.steps=60")
    images = np.asarray(mark(panels(runs["alike"])["twins"], ImageGrid).images)
    assert images.shape == (12, 8, 8)
    assert (images == images[0]).all()
    assert "12 units, one picture: the largest difference between two of them is 0." in (
        panels(runs["alike"])["twins"].sentence
    )
    assert "12 different pictures" in panels(runs["random"])["twins"].sentence
    assert "All weights of the 12 units are 0" in panels(runs["zeros"])["twins"].sentence


def test_one_sign_by_hand() -> None:
    # Error +1: changes have the signs of the inputs. Error −1: all turned. A 0 has no sign.
    seen = np.array([[1.0, 2.0], [1.0, -2.0], [-1.0, -2.0], [1.0, 0.0]])
    assert one_sign(seen, np.ones((4, 3))) == 0.5
    assert one_sign(seen, -np.ones((4, 3))) == 0.5
    assert one_sign(np.abs(seen[:3]), np.array([[1.0], [-1.0], [0.5]])) == 1.0


@pytest.mark.parametrize("inputs", [2, 3, 5, 8])
def test_positive_inputs_move_all_weights_together(inputs: int) -> None:
    # D08: 1 with positive inputs, 2^(1-d) with independent signs; 2000 draws, +- .02 (at d = 2 four standard errors).
    rng = np.random.default_rng(inputs)
    x, delta = rng.standard_normal((2000, inputs)), rng.standard_normal((2000, 1))
    assert one_sign(np.abs(x), delta) == 1.0
    assert one_sign(x, delta) == pytest.approx(2.0 ** (1 - inputs), abs=0.02 if inputs > 3 else 0.045)


def test_zigzag_counts_its_steps() -> None:
    runs = recordings("not-zero-centred")
    zigzag = panels(runs["positive"])["zigzag"]
    assert "48 of 48 steps moved both weights the same way" in zigzag.sentence
    path = _path(zigzag)
    assert path.shape == (49, 2)
    moves = np.diff(path, axis=0)
    assert (moves[:, 0] * moves[:, 1] > 0).all()
    # The control: centred inputs part the weights, and the way is shorter.
    path = _path(panels(runs["centred"])["zigzag"])
    moves = np.diff(path, axis=0)
    assert (moves[:, 0] * moves[:, 1] < 0).sum() > 20
    detours = [runs[name].frames[-1].scalars["detour"] for name in ("positive", "centred")]
    assert detours[0] > 2 * detours[1]
    end = runs["positive"].frames[-1].arrays["weights/0"][:, 0].astype(float)
    ways = sum(float(np.linalg.norm(np.subtract(b, a))) for a, b in zip(*_steps(runs["positive"]), strict=True))
    assert detours[0] == pytest.approx(ways / float(np.linalg.norm(end)), rel=1e-4)


def _path(panel: Panel) -> Array:
    return np.asarray(next(one.xy for one in panel.marks if isinstance(one, Polyline) and one.name == "the path"))


def _steps(recording: Recording) -> tuple[list[list[float]], list[list[float]]]:
    """Weights before and after each step."""
    states = {
        frame.step: frame.arrays["weights/0"][:, 0].tolist() for frame in recording.frames if frame.phase == "eval"
    }
    path = [states[step] for step in sorted(states)]
    return path[:-1], path[1:]


def test_without_the_knob_nothing_is_added() -> None:
    shown = first("digits8", layers=3, units=8, output="softmax", loss="cross_entropy")
    assert not {"sqrt_chi1", "chance_loss", "one_sign/0", "detour"} & shown.keys()
