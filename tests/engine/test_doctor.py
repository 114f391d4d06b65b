"""The doctor's rules on charts made by hand, each in both directions, and the five cases in which others are wrong."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nnhistory.core.events import Event
from nnhistory.core.moment import Frame
from nnhistory.core.recording import Header
from nnhistory.engine.doctor import Diagnosis, examine
from nnhistory.engine.doctor_rules import RULES
from nnhistory.engine.doctor_words import WORDS
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.scenario.library import ids
from tests.engine.doctor_study import DIGITS, PATIENTS, Patient, _1986, diagnose, score, treated

REGISTRY = Registry()
TEN = np.eye(10)[np.arange(200) % 10]
LN10 = float(np.log(10))
FALLING = [2.3 * 0.8**n for n in range(21)]
LEVEL = [2.3 - 0.001 * n for n in range(21)]
SPIKES = [2.3 + (n % 2) * 1.5 for n in range(21)]
VANISHES = {"first": 1.2e-5, "last": 9e-2, "ratio": 1.3e-4, "factor": 0.2, "layers": 6, "when": "start"}
FLAT = {"loss": 0.25, "fell": 0.001, "flat_for": 2000, "wrong": 0.25}
DEAD = {"layer": 1, "count": 6, "units": 8, "share": 0.75, "born": 0.0}
TWINS = {"layer": 1, "units": 8, "of": 8, "spread": 0.0}
GROWS = {"first": 90.0, "last": 1e-3, "ratio": 9e4, "factor": 8.0, "layers": 6}


def said(
    loss: list[float],
    events: dict[str, dict[str, Any]] | None = None,
    curves: dict[str, float | list[float]] | None = None,
    *,
    error: float = 0.5,
    era: str = "deep_2010",
    config: dict[str, Any] | None = None,
    x: Any = None,
    t: Any = TEN,
    dataset: dict[str, Any] | None = None,
    at: int = 0,
) -> Diagnosis:
    """What the doctor says of a run with these curves and events (at step `at`)."""
    manifest = REGISTRY.manifest(era)
    full = resolve_config(manifest, config or {})
    recording = MemoryRecording(Header("r", era, 0, full, dataset or {"name": "digits8"}))
    series: dict[str, list[float]] = {"train_loss": loss, "train_error": [error] * len(loss)}
    for name, value in (curves or {}).items():
        series[name] = value if isinstance(value, list) else [value] * len(loss)
    inputs = np.random.default_rng(0).standard_normal((200, 4)) if x is None else x
    found = tuple(Event(at, 0, kind, evidence) for kind, evidence in (events or {}).items())
    recording.append(Frame(0, 0, "eval", {}, {"data/x": np.array(inputs, float), "data/t": np.array(t, float)}, found))
    if loss:
        recording.add_points(
            (name, n, 50 * n, float(values[n])) for n in range(len(loss)) for name, values in series.items()
        )
        recording.append(Frame(len(loss) - 1, 50 * (len(loss) - 1), "done", {}, {}))
    recording.finish()
    return examine(recording, manifest)


def kinds(diagnosis: Diagnosis) -> list[str]:
    return [finding.kind for finding in diagnosis.findings]


MIXED = {"name": "digits8", "labels": "shuffled"}

WELL = {"update_ratio/0": 2e-3, "update_ratio/1": 2e-3, "grad_rms/0": 1e-2, "grad_rms/1": 2e-2}

ONE_LAYER = {"update_ratio/0": 2e-3, "grad_rms/0": [1e-2] + [1e-4] * 20}

SICK: dict[str, tuple[str, dict[str, Any]]] = {
    "vanishing": ("vanishing", {"loss": LEVEL, "events": {"vanishing": VANISHES}, "curves": WELL}),
    "exploding from the start": ("exploding", {"loss": SPIKES, "events": {"exploding": GROWS}}),
    "saturated from the start": ("saturated", {
        "loss": LEVEL, "curves": {"saturated/0": 0.9, "saturated/1": 0.95, "saturated/2": 0.5}}),
    "saturated, so the gradient vanishes": ("saturated", {
        "loss": LEVEL, "events": {"vanishing": VANISHES}, "curves": {"saturated/0": 0.9, "saturated/1": 0.1}}),
    "twins": ("symmetric_units", {"loss": LEVEL, "events": {"symmetric_units": TWINS, "vanishing": VANISHES}}),
    "dead where the signal has shrunk, the steps tiny": ("dead_units", {
        "loss": LEVEL, "events": {"dead_units": DEAD},
        "curves": {"dead/0": [0.3] + [0.6] * 20, "update_ratio/0": 2e-4, "update_ratio/1": 2e-4}}),
    "step functions": ("vanishing", {
        "loss": [2.3 * 0.97**n for n in range(21)], "config": {"unit": "step"}, "error": 0.6,
        "curves": {"grad_rms/0": 0.0, "grad_rms/1": 0.02, "update_ratio/0": 0.0, "update_ratio/1": 2e-3}}),
    "born dead": ("dead_units", {"loss": LEVEL, "events": {"dead_units": {**DEAD, "born": 0.7}}}),
    "born dead, and slowly coming to life": ("dead_units", {
        "loss": [2.3 * 0.93**n for n in range(21)], "events": {"dead_units": {**DEAD, "born": 0.7}}, "error": 0.4}),
    "died on the way": ("rate_too_high", {
        "loss": LEVEL, "events": {"dead_units": DEAD}, "curves": {"dead/0": [0.0] + [0.75] * 20}}),
    "ran away": ("rate_too_high", {"loss": [2.3, *[90.0] * 20], "events": {"divergence": {}}}),
    "out of range": ("rate_too_high", {"loss": [2.3, float("nan")], "events": {"non_finite": {}}}),
    "thrashes": ("rate_too_high", {"loss": SPIKES, "curves": {"update_ratio/0": 0.2}}),
    "crawls": ("rate_too_low", {"loss": LEVEL, "curves": {"update_ratio/0": 1e-6, "update_ratio/1": 2e-6}}),
    "labels do not fit": ("labels_shuffled", {
        "loss": LEVEL, "curves": {**WELL, "test_accuracy": 0.1}, "error": 0.88, "dataset": MIXED}),
    "labels learned by heart": ("labels_shuffled", {
        "loss": FALLING, "curves": {**WELL, "test_accuracy": 0.11}, "error": 0.0, "dataset": MIXED}),
    "overfitting": ("overfitting", {"loss": FALLING, "curves": {**WELL, "test_accuracy": 0.7}, "error": 0.0}),
    "too few means": ("underfitting", {
        "loss": [2.3, 1.6, *[1.2 - 0.001 * n for n in range(20)]], "curves": {**WELL, "test_accuracy": 0.5}}),
    "stuck on XOR": ("local_minimum", {
        "loss": [0.5, *[0.25] * 30], "events": {"local_minimum": {**FLAT, "patterns": 4, "wrong": 1}}, "error": 0.25}),
    "BatchNorm in test mode": ("batchnorm_gap", {
        "loss": LEVEL, "curves": {**WELL, "test_accuracy": 0.3, "test_accuracy_batch": 0.8}}),
    "BatchNorm on batches of two": ("batchnorm_gap", {
        "loss": [2.3, 2.1, *[2.0] * 19], "config": {"batchnorm": True, "batch": 2}, "error": 0.78,
        "curves": {**WELL, "test_accuracy": 0.22, "test_accuracy_batch": 0.23}}),
    "large inputs": ("bad_scale", {
        "loss": SPIKES, "curves": {"saturated/0": 0.99, "saturated/1": 0.1, "update_ratio/0": 0.3},
        "x": 100.0 * np.random.default_rng(0).standard_normal((200, 4))}),
    "one layer, flat, and its slope still there": ("plateau", {
        "loss": LEVEL, "events": {"plateau": FLAT},
        "curves": {"update_ratio/0": 2e-3, "grad_rms/0": [1e-2] + [8e-3] * 20}}),
    "a bowl, flat far above its bottom": ("plateau", {
        "loss": LEVEL, "events": {"plateau": FLAT}, "curves": {**ONE_LAYER, "least_loss": 1.5}}),
    "two layers, flat, slopes gone": ("plateau", {
        "loss": LEVEL, "events": {"plateau": FLAT},
        "curves": {**WELL, "grad_rms/0": [1e-2] + [1e-5] * 20, "grad_rms/1": [1e-2] + [1e-5] * 20}}),
    "a flat stretch without a cause": ("plateau", {"loss": LEVEL, "events": {"plateau": FLAT}, "curves": WELL}),
}  # fmt: skip
"""Name -> (what must lead, the run)."""

HEALTHY: dict[str, dict[str, Any]] = {
    "learned": {"loss": FALLING, "curves": {**WELL, "test_accuracy": 0.97}, "error": 0.01},
    "vanishing at first, and learned": {"loss": FALLING, "events": {"vanishing": VANISHES}, "error": 0.01},
    "saturated at the end, having decided": {
        "loss": FALLING, "curves": {"saturated/0": [0.1] * 5 + [0.97] * 16, "saturated/1": 0.1}, "error": 0.0},
    "dead units, and learned": {"loss": FALLING, "events": {"dead_units": DEAD}, "error": 0.02},
    "a bowl, and at its bottom": {
        "loss": [0.45, *[0.15] * 20], "events": {"plateau": FLAT}, "curves": {**ONE_LAYER, "least_loss": 0.1495},
        "error": 0.06},
    "one layer at its least error": {
        "loss": [2.3, *[0.3] * 20], "events": {"plateau": FLAT}, "curves": ONE_LAYER, "error": 0.08},
    "a plateau that was left": {"loss": FALLING, "events": {"plateau": FLAT}, "error": 0.0},
    "small steps at the end": {"loss": FALLING, "curves": {"update_ratio/0": 1e-6}, "error": 0.0},
    "still getting better": {"loss": [2.3 * 0.93**n for n in range(21)], "curves": WELL, "error": 0.3},
    "a small gap": {"loss": FALLING, "curves": {**WELL, "test_accuracy": 0.93}, "error": 0.0},
    "BatchNorm, both modes alike": {
        "loss": FALLING, "curves": {**WELL, "test_accuracy": 0.95, "test_accuracy_batch": 0.93}, "error": 0.03},
    "large inputs, and learned": {
        "loss": FALLING, "x": 100.0 * np.random.default_rng(0).standard_normal((200, 4)), "error": 0.0},
    "twins, and learned": {"loss": FALLING, "events": {"symmetric_units": TWINS}, "error": 0.0},
    "a gradient that grew, and learned": {"loss": FALLING, "events": {"exploding": GROWS}, "error": 0.0},
}  # fmt: skip


@pytest.mark.parametrize("name", SICK)
def test_what_is_wrong_leads(name: str) -> None:
    wanted, run = SICK[name]
    diagnosis = said(**run)
    assert kinds(diagnosis)[:1] == [wanted], diagnosis
    leader = diagnosis.findings[0]
    assert leader.role == "cause"
    assert "…" not in leader.text, leader.text
    assert "step" in leader.evidence


@pytest.mark.parametrize("name", HEALTHY)
def test_a_healthy_run_is_not_called_sick(name: str) -> None:
    diagnosis = said(**HEALTHY[name])
    assert kinds(diagnosis) == []
    assert "train_loss" in diagnosis.looked_at
    assert "nothing wrong up to step" in diagnosis.summary


def test_true_labels_are_not_doubted_and_what_is_wrong_is_not_hidden() -> None:
    stuck = {"loss": LEVEL, "curves": {**WELL, "test_accuracy": 0.1}, "error": 0.88}
    diagnosis = said(**stuck, dataset={"name": "digits8"})
    assert kinds(diagnosis) == [], "the digits on board have their own labels, unless they are shuffled"
    assert diagnosis.summary.startswith("no cause found, though 88 % of the training patterns are wrong, up to step")
    assert kinds(said(**stuck, dataset={"name": "digits8", "labels": "shuffled"}))[:1] == ["labels_shuffled"]
    assert said([2.3], error=0.9).summary.startswith("nothing wrong"), "no step was made yet"


@pytest.mark.parametrize("kind", sorted({kind for kind, _ in SICK.values()} - {"plateau"}))
def test_no_rule_speaks_for_another_ailment(kind: str) -> None:
    """Each rule is silent, or calls itself a symptom, on every run whose cause is another."""
    for name, (wanted, run) in SICK.items():
        if wanted != kind:
            causes = [finding.kind for finding in said(**run).findings if finding.role == "cause"]
            assert kind not in causes, name


def test_a_loop_is_told_of_only_where_there_was_one() -> None:
    exact = said([], era="perceptron_1957", curves={}, events={})
    assert exact.findings == ()
    asked = said([1.0], {}, {"separable": 0.0}, era="perceptron_1957").findings[0]
    assert (asked.kind, asked.evidence) == ("not_separable", {"step": 0, "separable": 0})
    went_round = said([1.0], {"limit_cycle": {"period": 4}}, era="perceptron_1957").findings[0]
    assert went_round.evidence == {"step": 0, "period": 4}
    assert "…" not in asked.text + asked.why + went_round.text + went_round.why
    assert "presentations" not in asked.text


def test_causes_stand_before_symptoms() -> None:
    for name, (_, run) in SICK.items():
        roles = [finding.role for finding in said(**run).findings]
        assert roles == sorted(roles), name


def test_every_rule_has_words_and_a_lesson_that_exists() -> None:
    assert {kind for kind, _ in RULES} == set(WORDS)
    for kind, words in WORDS.items():
        assert words.lesson in ids(), kind


def test_a_symptom_has_no_cure_of_its_own() -> None:
    for _, run in SICK.values():
        assert all(finding.cure is None for finding in said(**run).findings if finding.role == "symptom")


def test_the_same_recording_gives_the_same_diagnosis() -> None:
    wanted = SICK["vanishing"][1]
    assert said(**wanted) == said(**wanted)


def test_a_run_that_has_only_begun_is_not_judged() -> None:
    assert said([]).healthy
    assert said([2.3]).healthy


def test_the_cure_fits_the_net() -> None:
    """One change, with a value in range: another for another net with the same ailment."""
    loss, events = LEVEL, {"vanishing": VANISHES}
    sigmoid = (
        said(loss, events, era="backprop_1986", config={"init": "fan_uniform", "init_scale": 1.0}).findings[0].cure
    )
    assert sigmoid is not None
    assert (sigmoid.knob, sigmoid.value, sigmoid.year) == ("unit", "tanh", 1989)
    relu = said(loss, events, config={"init": "xavier"}).findings[0].cure
    assert relu is not None
    assert (relu.knob, relu.value, relu.year) == ("init", "he", 2015)
    best = said(loss, events, config={"unit": "relu", "init": "he"}).findings[0]
    assert best.cure is None  # nothing left that one change is known to better
    data = said(**SICK["labels learned by heart"][1]).findings[0].cure
    assert data is not None
    assert (data.dataset, data.knob, data.value) == (True, "labels", "true")
    assert data.to_json()["set"] == "dataset.labels"


# -- where other programs are wrong ------------------------------------------------------------------------------------

PLANE = {"name": "circles", "points": 60}
_ONE: dict[str, Any] = {
    "unit": "sigmoid", "output": "sigmoid", "loss": "cross_entropy", "init": "fan_uniform", "init_scale": 1.0,
    "rate": 0.3, "momentum": 0.0, "batch": 10, "reduce": "mean", "order": "random",
}  # fmt: skip


def of(era: str, dataset: dict[str, Any], config: dict[str, Any], seed: int) -> Diagnosis:
    return diagnose(Patient("", (), era, dataset, config), seed)[0]


def test_peers_5x32_sigmoid_is_vanishing_and_neither_exploding_nor_a_matter_of_the_rate() -> None:
    found = of("backprop_1986", DIGITS, {**_1986, "layers": 5}, 0)
    assert kinds(found)[0] == "vanishing"
    assert not {"exploding", "rate_too_high", "rate_too_low"} & set(kinds(found))
    evidence = found.findings[0].evidence
    assert evidence["first"] < 1e-3 * evidence["last"]
    assert evidence["factor"] < 0.5


def test_peers_5x32_sigmoid_is_not_treated_by_the_rate() -> None:
    found = of("backprop_1986", DIGITS, {**_1986, "layers": 5}, 1)
    cures = [finding.cure for finding in found.findings if finding.cure is not None]
    assert [cure.knob for cure in cures] == ["unit"]


def test_peers_4x8_sigmoid_stalled_at_ln_2_is_still_vanishing() -> None:
    found = of("backprop_1986", PLANE, {**_ONE, "layers": 4, "units": 8, "steps": 1200, "eval_every": 15}, 0)
    assert kinds(found) == ["vanishing", "plateau"]
    assert found.findings[1].evidence["loss"] == pytest.approx(np.log(2), abs=0.01)
    assert found.findings[1].role == "symptom"


def test_peers_xor_at_three_in_four_is_not_solved() -> None:
    binary = {"name": "xor", "coding": "binary"}
    sigmoid = of("backprop_1986", binary, {"units": 2, "rate": 0.5, "init_scale": 0.3, "eval_every": 5}, 4)
    assert kinds(sigmoid)[0] == "local_minimum"
    assert sigmoid.findings[0].evidence["wrong"] >= 1
    relu = {"layers": 1, "units": 2, "rate": 0.3, "output": "sigmoid", "judge": "tolerance", "batch": 0, "steps": 600,
            "eval_every": 10}  # fmt: skip
    found = of("deep_2010", {"name": "xor"}, relu, 0)
    assert kinds(found)[0] in ("local_minimum", "dead_units")


def test_peers_2x8_relu_at_rate_3_is_the_rate_and_its_dead_units_are_counted() -> None:
    config = {"layers": 2, "units": 8, "rate": 3.0, "output": "sigmoid", "judge": "tolerance", "batch": 10,
              "steps": 300, "eval_every": 10}  # fmt: skip
    found = of("deep_2010", PLANE, config, 0)
    assert kinds(found)[0] == "rate_too_high"
    dead = next(finding for finding in found.findings if finding.kind == "dead_units")
    assert dead.evidence["count"] >= 2
    assert dead.role == "symptom"


# -- the study ------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_known_ailments_lead_and_cures_do_no_harm() -> None:
    """One unseen seed of each: the whole table is `python -m tests.engine.doctor_study --cures`.

    At least 95 % of the leading causes are right, no healthy net is called sick, no cure makes a net worse.
    """
    missed, harmed = [], []
    for patient in PATIENTS:
        diagnosis, untreated = diagnose(patient, 50)
        leader = diagnosis.findings[0].kind if diagnosis.findings else "healthy"
        if leader not in patient.right:
            missed.append((patient.name, leader))
        cure = diagnosis.findings[0].cure if diagnosis.findings else None
        if cure is not None:
            before, after = score(untreated)[1], score(diagnose(treated(patient, cure), 50)[1])[1]
            if np.isfinite(before) and not after <= before + 0.02:
                harmed.append((patient.name, cure))
    assert len(missed) <= 0.05 * len(PATIENTS), missed
    assert not [name for name, _ in missed if ("healthy",) in [p.right for p in PATIENTS if p.name == name]]
    assert harmed == []
