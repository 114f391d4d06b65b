"""The doctor's study: seeded nets whose ailment is known because it was built in, and what the doctor says of them.

    python -m tests.engine.doctor_study                 every ailment, 20 seeds each: the confusion table
    python -m tests.engine.doctor_study --seeds 3       fewer
    python -m tests.engine.doctor_study --cures         also applies every cure offered, and says what came of it

The rules were shaped on these kinds of nets with a few low seeds; the seeds 100, 101, ... are new to them.
"""

from __future__ import annotations

import argparse
import math
from collections import Counter
from typing import Any, NamedTuple

from nnhistory.engine.doctor import Diagnosis, examine
from nnhistory.engine.doctor_cures import Cure
from nnhistory.engine.drive import Drive
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.plan import RunPlan
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry, resolve_config

REGISTRY = Registry()


class Patient(NamedTuple):
    """A net with a known ailment. `right`: leading findings that count as right, `healthy` for none."""

    name: str
    right: tuple[str, ...]
    era: str
    dataset: dict[str, Any]
    config: dict[str, Any]


def observe(era: str, dataset: dict[str, Any], seed: int, config: dict[str, Any]) -> tuple[MemoryRecording, RunOutcome]:
    """Train, and keep the whole recording."""
    manifest = REGISTRY.manifest(era)
    full = resolve_config(manifest, config)
    drive = Drive(RunPlan("patient", era, full, dataset, seed, planned=int(full[manifest.steps_knob])), REGISTRY)
    recording = MemoryRecording(drive.header)
    while not drive.done:
        batch = drive.advance(1_000_000, flat_out=True)
        recording.add_points(batch.points)
        for frame in batch.frames:
            recording.append(frame)
    recording.finish()
    return recording, drive.outcome


def diagnose(patient: Patient, seed: int) -> tuple[Diagnosis, RunOutcome]:
    recording, outcome = observe(patient.era, patient.dataset, seed, patient.config)
    return examine(recording, REGISTRY.manifest(patient.era)), outcome


def treated(patient: Patient, cure: Cure) -> Patient:
    """The same net with that one change."""
    if cure.dataset:
        return patient._replace(dataset={**patient.dataset, cure.knob: cure.value})
    return patient._replace(config={**patient.config, cure.knob: cure.value})


DIGITS = {"name": "digits8"}
_1986: dict[str, Any] = {
    "layers": 1, "units": 32, "output": "softmax", "loss": "cross_entropy", "init": "fan_uniform", "init_scale": 1.0,
    "rate": 0.3, "momentum": 0.0, "batch": 20, "reduce": "mean", "judge": "largest", "order": "random", "steps": 480,
    "eval_every": 20,
}  # fmt: skip
_XOR: dict[str, Any] = {"layers": 1, "units": 2, "init": "uniform", "init_scale": 0.5, "steps": 4000}
_2010: dict[str, Any] = {"layers": 3, "units": 32, "rate": 0.05, "steps": 300, "eval_every": 20}


def _old(name: str, right: str, dataset: dict[str, Any] = DIGITS, **config: Any) -> Patient:
    return Patient(name, tuple(right.split("|")), "backprop_1986", dataset, {**_1986, **config})


def _new(name: str, right: str, dataset: dict[str, Any] = DIGITS, **config: Any) -> Patient:
    return Patient(name, tuple(right.split("|")), "deep_2010", dataset, {**_2010, **config})


PATIENTS: tuple[Patient, ...] = (
    _old("healthy sigmoid, 1 layer", "healthy"),
    _old("healthy tanh, 3 layers", "healthy", layers=3, unit="tanh", rate=0.1),
    _new("healthy ReLU, 3 layers", "healthy"),
    _new("healthy BatchNorm sigmoid, 3 layers", "healthy", unit="sigmoid", init="xavier", batchnorm=True, rate=0.3),
    Patient("healthy XOR, 8 units", ("healthy",), "backprop_1986", {"name": "xor"}, {**_XOR, "units": 8}),
    Patient("healthy perceptron on OR", ("healthy",), "perceptron_1957", {"name": "or"}, {}),
    _old("vanishing: 5 sigmoid layers", "vanishing", layers=5),
    _new("vanishing: 10 tanh layers, sd .01", "vanishing", layers=10, unit="tanh", init="normal", init_scale=0.01),
    _new("exploding: ReLU, weights x 4", "exploding", layers=8, init_scale=4.0),
    _old("saturated: tanh, sd 3", "saturated", layers=3, unit="tanh", init="normal", init_scale=3.0, rate=0.1),
    _new("born dead: bias -4", "dead_units", bias_init="constant", bias_scale=-4.0),
    _new("dying ReLUs: rate 3", "rate_too_high", rate=3.0),
    _old("rate 100", "rate_too_high", rate=100.0),
    _old("rate 1e-4", "rate_too_low", rate=1e-4),
    _new("rate 1e-5", "rate_too_low", rate=1e-5),
    _old("all weights equal", "symmetric_units", init="constant", init_scale=0.1, bias_init="zero"),
    _new("all weights zero", "symmetric_units", init="zero"),
    _old("40 training digits", "overfitting", {"name": "digits8", "train": 40}),
    _old("2 hidden units", "underfitting", units=2, steps=2400, eval_every=60),
    _old("shuffled labels", "labels_shuffled", {"name": "digits8", "labels": "shuffled"}),
    _new("shuffled labels, learned by heart", "labels_shuffled",
         {"name": "digits8", "labels": "shuffled", "train": 100}, steps=900, units=64),
    _new("BatchNorm, batches of 3", "batchnorm_gap", batchnorm=True, rate=0.1, batch=3),
    _new("BatchNorm, shifted after the norm", "batchnorm_gap", batchnorm=True, rate=0.1, shift=2.0),
    Patient("perceptron on XOR", ("not_separable",), "perceptron_1957", {"name": "xor"}, {}),
    Patient("perceptron on random signs", ("not_separable",), "perceptron_1957",
            {"name": "random_signs", "points": 30, "inputs": 3}, {"steps": 20_000}),
    Patient("ADALINE, mu x 10", ("rate_too_high",), "adaline_1960", {"name": "gaussian_margin"}, {"mu": 3.0}),
    Patient("inputs of size 100", ("bad_scale",), "backprop_1986", {"name": "points", "points": [
        [100.0 * math.cos(n / 3) * (1 + n % 2), 100.0 * math.sin(n / 3) * (1 + n % 2), 1 if n % 2 else -1]
        for n in range(40)]}, {"layers": 2, "units": 8, "init": "fan_uniform", "init_scale": 1.0, "rate": 0.5,
                               "momentum": 0.0, "reduce": "mean", "steps": 1000, "eval_every": 20}),
    Patient("CD-1 on bars and stripes", ("likelihood_falls",), "rbm_2006", {"name": "bars_and_stripes"},
            {"exact": True, "hidden": 16, "rate": 0.1, "steps": 12_000, "eval_every": 400}),
)  # fmt: skip


def leading(diagnosis: Diagnosis) -> str:
    return diagnosis.findings[0].kind if diagnosis.findings else "healthy"


def score(outcome: RunOutcome) -> tuple[str, float]:
    """The number by which better and worse is told: (metric, value), less is better."""
    for name in ("train_error", "mse"):
        if name in outcome.metrics and "test_accuracy" not in outcome.metrics:
            return name, outcome.metrics[name].final
    if "test_accuracy" in outcome.metrics:
        return "test error", 1.0 - outcome.metrics["test_accuracy"].final
    return "likelihood lost", -outcome.metrics["log_likelihood"].final


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--first", type=int, default=100)
    parser.add_argument("--cures", action="store_true")
    parser.add_argument("--only", default="")
    chosen = parser.parse_args()
    patients = tuple(patient for patient in PATIENTS if chosen.only in patient.name)
    right = total = sick = well = worse = tried = better = 0
    for patient in patients:
        said: Counter[str] = Counter()
        treatment: Counter[str] = Counter()
        for seed in range(chosen.first, chosen.first + chosen.seeds):
            diagnosis, outcome = diagnose(patient, seed)
            said[leading(diagnosis)] += 1
            total += 1
            right += leading(diagnosis) in patient.right
            if patient.right == ("healthy",):
                well += 1
                sick += not diagnosis.healthy
            cure = diagnosis.findings[0].cure if diagnosis.findings else None
            if chosen.cures and cure is not None:
                before = score(outcome)[1]
                after = score(diagnose(treated(patient, cure), seed)[1])[1]
                tried += 1
                harmed = not after <= before + 0.02 and math.isfinite(before)
                helped = not math.isfinite(before) or after < before - 0.02
                worse += harmed
                better += helped
                came = "worse" if harmed else "better" if helped else "no change"
                treatment[f"{cure.knob} = {cure.value}: {came}"] += 1
        table = ", ".join(f"{kind} {count}" for kind, count in said.most_common())
        print(f"{patient.name:<38} wanted {'|'.join(patient.right):<18} said {table}", flush=True)
        for line, count in treatment.items():
            print(f"    {line} ({count})", flush=True)
    print(f"leading cause right: {right} of {total} ({right / total:.1%}); healthy called sick: {sick} of {well}")
    if chosen.cures:
        print(f"cures tried: {tried}, better {better}, worse {worse}")


if __name__ == "__main__":
    main()
