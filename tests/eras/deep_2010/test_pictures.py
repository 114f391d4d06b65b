"""What the pictures of a deep net say holds for the run they are of."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Header
from nnhistory.core.scene import Bars, HeatMap, Panel, Points, Polyline, Scene, Size, Table, TextBlock
from nnhistory.engine.recording import MemoryRecording
from nnhistory.eras.deep_2010 import view
from nnhistory.scenario.load import load
from tests.eras.deep_2010 import helpers
from tests.eras.recorded import recorded


def scene(recording: MemoryRecording, place: int) -> Scene:
    return view.scene(recording.frames[place], recording, Size(120, 40))


def lines(panel: Panel, name: str) -> list[Polyline]:
    return [mark for mark in panel.marks if isinstance(mark, Polyline) and mark.name == name]


def test_updates_are_shown_from_the_first_that_is_measured() -> None:
    recording = recorded("deep/dead-relu", "calm")
    for place, frame in enumerate(recording.frames[:40]):
        shown = {panel.id for panel in scene(recording, place).panels}
        assert ("updates" in shown) == (recording.scalar("update_ratio/0", frame.tick) is not None), frame.step
    assert "updates" in {panel.id for panel in scene(recording, -1).panels}
    assert "updates" not in {panel.id for panel in scene(recorded("deep/init-lab", "wide"), -1).panels}, (
        "it makes no step"
    )


def test_two_pictures_of_one_moment_give_one_number() -> None:
    recording = recorded("deep/init-lab", "small")
    shown = scene(recording, -1)
    spread = recording.scalar("act_sd/0", recording.frames[-1].tick)
    assert spread is not None
    assert f"spread by {spread:.3g} in the first" in shown.panel("layers").sentence
    assert f"spread by {spread:.3g} in hidden layer 1" in shown.panel("spread").sentence


def test_what_the_signal_loses_or_gains_is_from_the_last_hidden_layer_on() -> None:
    for run, words in (("small", " of what"), ("wide", " times what")):
        recording = recorded("deep/init-lab", run)
        tick = recording.frames[-1].tick
        low, high = (recording.scalar(f"delta_rms/{layer}", tick) for layer in (0, 9))
        assert low is not None
        assert high is not None
        said = scene(recording, -1).panel("signal").sentence
        assert words in said
        assert (low > high) == (run == "wide")
        assert said.endswith("what hidden layer 10 gets.")


def test_a_net_that_learns_nothing_has_its_error_in_the_picture() -> None:
    recording = recorded("deep/init-lab", "wide")
    error = recording.scalar("train_loss", recording.frames[-1].tick)
    assert error is not None
    [drawn] = scene(recording, -1).panel("curve").marks
    assert isinstance(drawn, Bars)
    assert error > 8
    assert drawn.labels == ("error E", "guessing")
    assert np.asarray(drawn.values).tolist() == [error, recording.scalar("chance_loss", recording.frames[-1].tick)]
    assert drawn.lo == 0 < error < drawn.hi


def test_a_penalty_has_a_bar_of_its_own_before_any_step() -> None:
    [drawn] = scene(recorded("workshop/first-checks", "penalty"), -1).panel("curve").marks
    assert isinstance(drawn, Bars)
    assert drawn.labels == ("error E", "with the penalty", "guessing")


def test_a_net_that_makes_no_step_has_none_to_take_apart() -> None:
    shown = {panel.id for panel in scene(recorded("deep/init-lab", "wide"), -1).panels}
    assert not shown & {"step", "updates"}
    assert not {panel.id for panel in scene(recorded("workshop/first-checks", "he"), -1).panels} & {"accuracy", "gap"}
    assert {"layers", "signal", "spread", "function", "weights"} <= shown
    assert {"curve", "step"} <= {panel.id for panel in scene(recorded("deep/dead-relu", "calm"), -1).panels}


def test_the_ladder_says_in_one_word_that_there_is_no_gpu() -> None:
    recording = recorded("deep/gpu", "here")
    if not recording.scalar("gpu_measured", 0):
        [table] = scene(recording, 0).panel("ladder").marks
        assert isinstance(table, Table)
        assert table.rows[-1] == ("GPU", "none", "", "", "")


@pytest.mark.parametrize("place", [0, -1])
def test_arrows_of_the_lines_lie_beside_the_points(place: int) -> None:
    panel = scene(recorded("deep/dead-relu", "calm"), place).panel("halfplanes")
    [points] = [mark for mark in panel.marks if isinstance(mark, Points)]
    arrows = lines(panel, "on beyond it")
    assert len(arrows) >= 12
    free = 0
    for arrow in arrows:
        tip = np.asarray(arrow.xy)[-1]
        free += float(np.hypot(*(np.asarray(points.xy) - tip).T).min()) > 0.05
    assert free == len(arrows)


@pytest.mark.parametrize(("run", "name"), [("relu", "ReLU: "), ("leaky", "Leaky ReLU: "), ("elu", "ELU: ")])
def test_units_are_called_by_their_names(run: str, name: str) -> None:
    assert scene(recorded("deep/activations", run), 0).panel("function").sentence.startswith(name)


def test_the_mean_output_is_told_only_by_pictures_that_the_wager_on_it_hides() -> None:
    [question] = [chapter.question for chapter in load("deep/activations").scenario.chapter if chapter.question]
    for place in (0, -1):
        shown = scene(recorded("deep/activations", "elu"), place).panels
        assert {panel.id for panel in shown if "mean" in panel.sentence} == set(question.hides)


def test_a_long_title_has_a_short_form() -> None:
    panel = scene(recorded("deep/dead-relu", "digits"), -1).panel("layers")
    assert panel.title.partition(":")[0] == "what each layer puts out"
    assert not isinstance(panel.marks[0], TextBlock)


def test_a_unit_that_is_pointed_at_tells_its_true_share() -> None:
    recording = recorded("deep/dead-relu", "fast")
    on = np.sort(recording.frames[-1].arrays["hidden/0"].astype(float))[::-1]
    [mark] = [mark for mark in scene(recording, -1).panel("units").marks if isinstance(mark, HeatMap)]
    assert np.asarray(mark.told)[0] == pytest.approx(on)
    assert np.asarray(mark.values)[0].min() == -1.0, "dead units are drawn as what they are not: less than nothing"


@pytest.mark.parametrize("unit", ["sigmoid", "tanh", "relu"])
def test_the_small_picture_tells_a_signal_that_dies_from_one_that_saturates(unit: str) -> None:
    pictures = []
    for scale in (1e-3, 20.0):
        changes = {"hidden": [12, 12], "unit": unit, "init": "normal", "init_scale": scale, "steps": 0}
        step, phase, scalars, arrays = helpers.run("xor", **changes)[0]
        recording = MemoryRecording(Header("a", "deep_2010", 0, helpers.config(**changes), {"name": "xor"}))
        recording.append(Frame(0, step, phase, scalars, arrays))
        mark = view.thumbnail(recording.frames[0], recording)
        assert isinstance(mark, HeatMap)
        pictures.append(np.asarray(mark.values))
    dies, saturates = pictures
    assert dies.shape == saturates.shape == (2, 12)
    assert np.abs(dies).max() < 0.05, "nothing is put out"
    assert np.abs(saturates).mean() > 0.4
    assert np.ptp(saturates) > 0.9, "and not all in one colour"
