"""The doctor on stage: asked at any moment, its cure applied from the start, the untreated run kept as ghost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from nnhistory.engine.doctor_cures import Cure
from nnhistory.engine.doctor_panel import Consultation
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import loads
from tests.engine.stagehand import Clock

ILL = """
title = "Twins"
[play]
speed = 4096.0
[[run]]
id = "a"
era = "backprop_1986"
dataset = {{ name = "digits8", train = 60, labels = "{labels}" }}
config = {{ units = 8, init = "constant", init_scale = {scale}, bias_init = "zero", output = "softmax", loss = "cross_entropy", reduce = "mean", judge = "largest", batch = 0, momentum = 0.0, rate = 0.5, steps = 150 }}
[[turn]]
run = "a"
step = 1
knob = "rate"
value = 0.4
"""  # noqa: E501


@pytest.fixture
def ill() -> Iterator[Stage]:
    stage = Stage.open(loads(ILL.format(labels="true", scale=0.1), Path("ill.toml")), inline=True)
    yield stage
    stage.close()


def to_the_end(stage: Stage) -> None:
    clock = Clock(stage)
    clock.until(lambda: stage.lane.started)
    stage.act("last")
    clock.until(lambda: stage.lane.outcome is not None)


def test_the_cure_begins_the_run_again_and_helps(ill: Stage) -> None:
    to_the_end(ill)
    leader = ill.diagnosis.findings[0]
    assert (leader.kind, leader.cure.knob, leader.cure.value) == ("symmetric_units", "init", "uniform")  # type: ignore[union-attr]
    before, untreated = ill.lane.outcome, ill.lane.recording
    assert leader.cure is not None
    said = ill.prescribe(leader.cure)
    assert said == "init is uniform (1986) from the start; the earlier run is the ghost"
    assert ill.lane.ghost is untreated
    to_the_end(ill)
    after = ill.lane.outcome
    assert before is not None
    assert after is not None
    assert after.metrics["train_loss"].final < before.metrics["train_loss"].final
    assert "symmetric_units" not in [finding.kind for finding in ill.diagnosis.findings]


def test_a_cure_takes_the_place_of_turns_of_its_knob_and_leaves_the_others(ill: Stage) -> None:
    Clock(ill).until(lambda: ill.lane.started)
    ill.prescribe(Cure("init", "uniform", ""))
    assert [turn.knob for turn in ill.lane.plan.turns] == ["rate"]
    ill.prescribe(Cure("rate", 0.05, ""))
    assert ill.lane.plan.turns == ()
    assert ill.lane.plan.config["rate"] == 0.05


def test_a_cure_may_be_in_the_data(ill: Stage) -> None:
    Clock(ill).until(lambda: ill.lane.started)
    said = ill.prescribe(Cure("train", 200, "", dataset=True))
    assert said == "the data's train is 200 from the start; the earlier run is the ghost"
    assert ill.lane.plan.dataset["train"] == 200
    Clock(ill).until(lambda: ill.lane.started)
    assert ill.lane.recording.header.dataset["train"] == 200


def test_the_panel_says_what_it_read_and_why(ill: Stage) -> None:
    to_the_end(ill)
    panel = Consultation(ill.diagnosis, replayed=False)
    text = "\n".join(line.text for line in panel.lines())
    assert "8 of 8 units of hidden layer 1 have the same weights" in text
    assert "Read: step" in text
    assert "Cure: init = uniform (first weights drawn at random (uniform), 1986)" in text
    assert "apply" in panel.keys
    assert "apply" not in Consultation(ill.diagnosis, replayed=True).keys
    panel.why = True
    text = "\n".join(line.text for line in panel.lines())
    assert "Equal units get equal errors" in text
    assert "backprop/zero-init" in text


def test_a_healthy_run_says_what_was_looked_at(ill: Stage) -> None:
    ill.prescribe(Cure("init", "fan_uniform", ""))
    to_the_end(ill)
    ill.prescribe(Cure("init_scale", 1.0, ""))
    to_the_end(ill)
    panel = Consultation(ill.diagnosis, replayed=False)
    if ill.diagnosis.healthy:
        text = "\n".join(line.text for line in panel.lines())
        assert "Looked at: training loss" in text
    else:
        # Sixty digits are few: what can be wrong with this net is that it learned them by heart.
        assert [finding.kind for finding in ill.diagnosis.findings] == ["overfitting"]


def test_what_was_changed_is_said_and_taken_back(ill: Stage) -> None:
    Clock(ill).until(lambda: ill.lane.started)
    own, title = ill.lane.plan, ill.lane.title
    assert ill.act("undo") == "nothing is changed here: this is the run as the lesson has it"
    ill.prescribe(Cure("init", "uniform", ""))
    ill.prescribe(Cure("train", 200, "", dataset=True))
    Clock(ill).until(lambda: ill.lane.started)
    assert ill.lane.title == f"{title}, init = uniform, train = 200"
    assert ill.story.text.startswith("Changed here: init = uniform, train = 200 (u takes it back).")
    cured = ill.lane.recording
    assert ill.act("undo") == "the run as the lesson has it, from the start; the changed one is the ghost"
    assert (ill.lane.plan.config, ill.lane.plan.dataset, ill.lane.plan.turns) == (own.config, own.dataset, own.turns)
    assert (ill.lane.title, ill.lane.ghost) == (title, cured)
    Clock(ill).until(lambda: ill.lane.started)
    assert "Changed here" not in ill.story.text
