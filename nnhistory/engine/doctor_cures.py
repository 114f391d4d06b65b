"""Cures: one change of one knob (or of the data set) that has been seen to help, and when it was invented.

A cure is offered only where the study (tests/engine/doctor_study.py) has tried it on nets with that ailment.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec

from nnhistory.core.errors import BadInput
from nnhistory.core.numbers import plain
from nnhistory.datasets.catalogue import catalogue
from nnhistory.engine.doctor_chart import Chart

__all__ = ["Cure", "cure_of"]


class Cure(msgspec.Struct, frozen=True):
    """`knob` to `value`; `dataset`: it is a parameter of the data set. `year` of invention, 0 if not a dated idea."""

    knob: str
    value: Any
    text: str
    year: int = 0
    dataset: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it stands in `run --json`."""
        key = f"dataset.{self.knob}" if self.dataset else self.knob
        return {"set": key, "value": self.value, "year": self.year or None, "text": self.text}


def cure_of(kind: str, chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    """What to change for this finding, None if nothing is known to help (or this era has no such knob)."""
    make = _CURES.get(kind)
    cure = make(chart, evidence) if make is not None else None
    if cure is None or cure.dataset:
        return cure
    param = chart.manifest.knobs.get(cure.knob)
    if param is None or chart.config.get(cure.knob) == cure.value:
        return None
    try:
        return msgspec.structs.replace(cure, value=param.check(cure.value, cure.knob))
    except BadInput:
        return None


def _one_digit(value: float) -> float:
    return float(f"{value:.1g}")


def _slower(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    for name in ("rate", "mu"):
        if name in chart.config and name in chart.manifest.knobs:
            limit = evidence.get("limit")
            value = _one_digit(0.1 * limit if limit else 0.1 * chart.config[name])
            return Cure(name, value, f"shorter steps: {name} {plain(value)} instead of {plain(chart.config[name])}")
    return None


def _faster(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    moves = evidence["moves"]
    if not moves:
        return None
    # Towards a thousandth of the weights per step, in powers of ten, and not by more than two of them at once.
    factor = 10.0 ** min(2, max(1, round(math.log10(1e-3 / moves))))
    value = _one_digit(factor * chart.config["rate"])
    return Cure("rate", value, f"longer steps: rate {plain(value)} instead of {plain(chart.config['rate'])}")


def _other_units(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    """Against a vanishing gradient: a norm where there is one, else first weights for the unit at hand, else tanh."""
    knobs, config = chart.manifest.knobs, chart.config
    unit = config.get("unit")
    if unit in ("relu", "leaky_relu", "prelu", "elu", "tanh"):
        return _first_weights(chart, evidence)
    if unit == "step" and "unit" in knobs:
        smooth = "relu" if "relu" in knobs["unit"].choices else "sigmoid"
        return Cure("unit", smooth, f"{smooth} units: they have a slope", 2010 if smooth == "relu" else 1986)
    if "batchnorm" in knobs:
        return Cure("batchnorm", True, "normalise the sums of every layer (Ioffe and Szegedy)", 2015)
    if unit == "sigmoid" and config.get("init") in ("fan_uniform", "fan_normal", "glorot"):
        return Cure("unit", "tanh", "tanh units: four times a sigmoid's slope, centred on 0", 1989)
    return None


_MANY_LAYERS = 10
"""Hidden layers from which on first weights decide whether the last ones are alive."""
_GAIN = {"relu": 2.0, "leaky_relu": 2.0, "prelu": 2.0, "elu": 1.5}
_BY_FAN = ("fan_uniform", "fan_normal", "xavier", "glorot", "he", "orthogonal")


def _first_weights(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    """First weights of a size that keeps the signal: by formula where one is chosen, else the same size as a number."""
    config, knobs = chart.config, chart.manifest.knobs
    init, scale, unit = config.get("init"), config.get("init_scale"), config.get("unit")
    if init is None or "init" not in knobs or scale is None:
        return None
    he = unit in _GAIN
    right = "he" if he and "he" in knobs["init"].choices else "glorot"
    year = 2015 if right == "he" else 2010
    if init in _BY_FAN:
        if scale != 1.0:
            return Cure("init_scale", 1.0, f"first weights of the size that the formula {init} has it")
        if init == right or (he and right == "glorot"):
            return None
        return Cure("init", right, f"first weights by {right}: the signal keeps its size from layer to layer", year)
    widths = chart.widths()
    if not widths or init in ("zero", "constant"):
        return None
    spread = math.sqrt((2.0 if right == "he" else 1.0) / (sum(widths) / len(widths)))
    value = float(f"{spread * (math.sqrt(3.0) if init == 'uniform' else 1.0):.2g}")
    return Cure("init_scale", value, f"first weights of size {plain(value)}, by the number of inputs ({right})", year)


def _apart(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    """Against twins: first weights that differ."""
    choices = chart.manifest.knobs["init"].choices if "init" in chart.manifest.knobs else ()
    init, scale = chart.config.get("init"), chart.config.get("init_scale")
    if init == "constant" and scale == 0.0:
        return None  # another way of drawing would draw zeros, too: two knobs would have to be turned
    if init in ("zero", "constant"):
        wanted = "he" if chart.config.get("unit") in _GAIN and "he" in choices else "glorot"
        if scale != 1.0:
            wanted = "uniform"
        years = {"he": 2015, "glorot": 2010, "uniform": 1986}
        return Cure("init", wanted, f"first weights drawn at random ({wanted})", years[wanted])
    if scale == 0.0:
        value = 0.5 if init in ("uniform", "normal") else 1.0
        return Cure("init_scale", value, "small random first weights", 1986)
    return None


def _alive(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    if chart.config.get("bias_init") == "constant" and chart.config.get("bias_scale", 0.0) < 0.0:
        return Cure("bias_init", "zero", "biases that begin at 0, so that units begin on for half of the patterns")
    widths = chart.widths()
    if widths and max(widths) <= 4 and not chart.config.get("hidden"):
        return _wider(chart, evidence)
    # Many layers up the signal has shrunk until a unit says the same to all: on for every pattern, or for none.
    return _first_weights(chart, evidence) if len(widths) >= _MANY_LAYERS else None


def _wider(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    """More units in each hidden layer. Nothing if there is no hidden layer to widen."""
    widths = chart.widths()
    if not widths or "hidden" not in chart.manifest.knobs:
        return None
    if chart.config.get("hidden"):
        return Cure("hidden", [max(8, 4 * width) for width in widths], "more units in every hidden layer")
    return Cure("units", max(8, 4 * widths[0]), "more hidden units: more ways round, and more room")


def _more_data(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    entry = catalogue().get(str(chart.dataset.get("name")))
    train = entry.params.get("train") if entry is not None else None
    have = chart.dataset.get("train")
    if train is not None and isinstance(have, int) and chart.dataset.get("name") == "digits8" and have < 800:
        return Cure("train", min(1200, 8 * have), "more training patterns of the same kind", dataset=True)
    return None


def _true_labels(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    if chart.dataset.get("labels") == "shuffled":
        return Cure("labels", "true", "the labels that belong to the pictures", dataset=True)
    return None


def _larger_batches(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    size = chart.config.get("batch", 0)
    return Cure("batch", 50, "batches large enough to stand for the data") if 0 < size < 20 else None


def _longer_chains(chart: Chart, evidence: dict[str, Any]) -> Cure | None:
    if chart.config.get("rule") == "cd" and chart.config.get("k", 1) < 10:
        return Cure("k", 10, "ten steps of the chain instead of one: closer to the likelihood's slope", 2002)
    return None


_CURES = {
    "batchnorm_gap": _larger_batches,
    "exploding": _first_weights,
    "saturated": _first_weights,
    "vanishing": _other_units,
    "symmetric_units": _apart,
    "rate_too_high": _slower,
    "dead_units": _alive,
    "labels_shuffled": _true_labels,
    "rate_too_low": _faster,
    "local_minimum": _wider,
    "underfitting": _wider,
    "overfitting": _more_data,
    "likelihood_falls": _longer_chains,
}
