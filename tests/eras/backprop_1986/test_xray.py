"""The X-ray computes from a frame alone, apart from the era's net: both must agree with what was recorded."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnhistory.core.recording import Recording
from nnhistory.core.scene import Graph, Panel, Size
from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.eras.backprop_1986 import view
from nnhistory.eras.backprop_1986.frames import weight_at
from nnhistory.eras.backprop_1986.xray import derivative, difference, xray
from nnhistory.scenario.load import load

SETTINGS = (
    'config = { steps = 6, units = 3 }',
    'config = { steps = 6, hidden = [3, 2, 3], batch = 1, init_scale = 1.0 }',
    'config = { steps = 6, units = 1, direct = true, reduce = "mean" }',
    'config = { steps = 6, units = 2, unit = "tanh", output = "softmax", loss = "cross_entropy" }',
    'config = { steps = 6, layers = 0 }',
    'config = { steps = 6, units = 2, loss = "cross_entropy" }',
    'config = { steps = 6, units = 2, target_margin = 0.2, dead_band = true, output = "tanh" }',
)  # fmt: skip


def recorded(folder: Path, settings: str) -> Recording:
    file = folder / "one.toml"
    file.write_text(
        f'title = "one"\n[[run]]\nid = "one"\nera = "backprop_1986"\ndataset = {{ name = "xor", coding = "binary" }}\n'
        f'{settings}\n[[expect]]\nmetric = "train_loss"\nop = ">"\nvalue = 0\n',
        encoding="utf-8",
    )
    return perform(load(file), Registry(), keep=True).recordings["one"]


@pytest.mark.parametrize("settings", SETTINGS)
def test_path_difference_and_recording_agree(tmp_path: Path, settings: str) -> None:
    recording = recorded(tmp_path, settings)
    backs = [frame for frame in recording.frames if frame.phase == "backward"]
    assert backs
    for frame in backs:
        grad = frame.arrays["grad/0"]
        for i, j in np.ndindex(grad.shape):
            exact = derivative(frame, recording, i, j)
            assert np.isclose(exact, grad[i, j], rtol=1e-4, atol=1e-7)  # frames are float32
            assert np.isclose(difference(frame, recording, i, j), exact, rtol=1e-6, atol=1e-9)


def test_a_coarse_difference_does_not_agree(tmp_path: Path) -> None:
    recording = recorded(tmp_path, SETTINGS[0])
    frame = [frame for frame in recording.frames if frame.phase == "backward"][-1]
    grad = frame.arrays["grad/0"]
    i, j = (int(k) for k in np.unravel_index(int(np.abs(grad).argmax()), grad.shape))
    exact, coarse = derivative(frame, recording, i, j), difference(frame, recording, i, j, step=2.0)
    assert not np.isclose(coarse, exact, rtol=1e-3)


@pytest.mark.parametrize("settings", SETTINGS)
def test_the_panel_says_that_they_agree(tmp_path: Path, settings: str) -> None:
    recording = recorded(tmp_path, settings)
    panel = xray(recording.frames[-1], recording)
    assert panel is not None
    lines = panel.marks[0].lines  # type: ignore[attr-defined]
    told = {line.text.split(":")[0]: line for line in lines}
    assert told["finite difference"].role == "good"
    assert told["in the recording"].role == "good"


def test_before_the_first_step_there_is_nothing_to_take_apart(tmp_path: Path) -> None:
    recording = recorded(tmp_path, SETTINGS[0])
    assert xray(recording.frames[0], recording) is None


@pytest.mark.parametrize("settings", SETTINGS)
def test_any_weight_can_be_pointed_at(tmp_path: Path, settings: str) -> None:
    recording = recorded(tmp_path, settings)
    now = recording.frames[-1]
    below = next(f for f in reversed(recording.frames) if f.phase == "backward")
    names = [name for panel in view.scene(now, recording, Size(120, 36)).panels for name in links(panel)]
    assert len(set(names)) == len(names) > 0
    for name in names:
        layer, i, j = weight_at(name, below) or (9, 9, 9)
        panel = xray(now, recording, name)
        assert panel is not None
        assert panel.marks[0].lines[0].text.startswith(f"weight {name}, step ")
        exact = derivative(below, recording, i, j, layer)
        assert np.isclose(difference(below, recording, i, j, layer=layer), exact, rtol=1e-6, atol=1e-9)
        assert np.isclose(below.arrays[f"grad/{layer}"][i, j], exact, rtol=1e-4, atol=1e-7)


def test_a_weight_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    recording = recorded(tmp_path, SETTINGS[0])
    assert weight_at("x9 → h1", recording.frames[-1]) is None
    panel, largest = xray(recording.frames[-1], recording, "x9 → h1"), xray(recording.frames[-1], recording)
    assert panel == largest


def links(panel: Panel) -> tuple[str, ...]:
    return tuple(name for mark in panel.marks if isinstance(mark, Graph) for name in mark.links)
