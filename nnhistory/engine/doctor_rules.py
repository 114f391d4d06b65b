"""The doctor's rules, in the order in which they are asked: what causes comes before what it causes.

A rule is a function (chart, found so far) -> evidence, or None if it does not hold. `found` maps the kinds that hold
already to their evidence, so that a later rule knows what an earlier one explains. Evidence with `symptom` set is
listed after the causes. Thresholds were set on seeded nets (tests/engine/doctor_study.py) and checked on other seeds.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping
from typing import Any

from nnhistory.datasets.catalogue import catalogue
from nnhistory.engine.doctor_chart import Chart, Curve

__all__ = ["RULES", "Rule"]

Evidence = dict[str, Any] | None
Found = Mapping[str, dict[str, Any]]
Rule = Callable[[Chart, Found], Evidence]

LARGE_INPUTS = 5.0
"""Root mean square of the inputs above which sums are too large for first weights that count on about 1."""
UNEVEN_INPUTS = 50.0
"""How many times the spread of one input may be that of another."""
FULL = 0.5
"""Share of a hidden layer's outputs at an end of the range before the first step: the first weights are too large."""
CRAWLS, THRASHES = 3e-4, 0.05
"""Change per step as a share of the weights: below, a run crawls; above, it throws them about. About 1e-3 is usual."""
RESTLESS = 0.35
"""Share of a curve's way that goes up, from which on it does not settle."""
GAP = 0.1
"""Training patterns right minus test patterns right."""
MODES = 0.08
"""Share of test patterns by which train mode and test mode may differ."""
SLACK = 0.07
"""How far above naming the commonest class a test set of some hundred patterns may come by chance."""
ARRIVED = 1.05
"""Error over the least there can be, up to which a net has arrived and does not stand on a plateau."""
USUAL = 1e-3
"""Share of a layer's weights that a step usually moves (record X27)."""
SLOPE_GONE = 0.05
"""Of a net with one layer: share of its first slope below which a flat error is its least."""
_SICK_FIRST = (
    "bad_scale", "batchnorm_gap", "exploding", "saturated", "symmetric_units", "vanishing", "rate_too_high",
    "dead_units", "divergence",
)  # fmt: skip


def _event(kind: str) -> Rule:
    """What the detector saw is what is wrong."""

    def rule(chart: Chart, found: Found) -> Evidence:
        event = chart.event(kind)
        return None if event is None else {**event.evidence, "step": event.step}

    return rule


def _bad_scale(chart: Chart, found: Found) -> Evidence:
    """Inputs far from size 1, or of very different sizes, in a net that does not learn well."""
    if chart.loss is None or chart.good or chart.inputs is None or chart.under_way:
        return None
    rms, least, most = chart.inputs
    if rms < LARGE_INPUTS and most < UNEVEN_INPUTS * least:
        return None
    if rms < LARGE_INPUTS and not 0.2 < most < LARGE_INPUTS:
        return None
    if most >= UNEVEN_INPUTS * least and rms < LARGE_INPUTS and len(chart.recording.array("data/x", 0)[0]) > 20:  # type: ignore[index]
        return None  # pixels at the edge of pictures are hardly ever on: uneven by nature
    return {"rms": rms, "least_spread": least, "largest_spread": most, "ratio": most / least, "step": 0}


def _batchnorm_gap(chart: Chart, found: Found) -> Evidence:
    """Answers differ much between a batch's own statistics and the running ones, either way, and the net is no good.

    Of a batch of two there is nothing to measure: normalised, two sums are +1 and −1, whatever they were.
    """
    curves = chart.curve("test_accuracy_batch"), chart.curve("test_accuracy")
    if curves[0] is None or curves[1] is None or chart.good:
        return None
    # On average over the later part: at a single count the two may happen to meet.
    batch, running = (statistics.fmean(curve.half(0.5).values) for curve in curves if curve is not None)
    if abs(batch - running) < MODES and not 0 < chart.config.get("batch", 0) <= 2:
        return None
    return {"batch": batch, "running": running, "gap": batch - running, "size": chart.config.get("batch", 0)}


def _exploding(chart: Chart, found: Found) -> Evidence:
    event = chart.event("exploding")
    if event is None or chart.good or chart.under_way or "bad_scale" in found:
        return None
    # Seen only later, the steps have made the weights so.
    return {**event.evidence, "step": event.step, "symptom": event.step > 0}


def _saturated(chart: Chart, found: Found) -> Evidence:
    first = chart.saturated_first
    if first is None or chart.good or chart.under_way or first[1] < FULL:
        return None
    return {"layer": first[0], "share": first[1], "step": 0, "symptom": "bad_scale" in found}


def _symmetric(chart: Chart, found: Found) -> Evidence:
    event = chart.event("symmetric_units")
    # Units that all sit at their ends, or that nothing reaches, may look alike: the first weights tell them apart.
    if event is None or chart.good or chart.broke:
        return None
    return {**event.evidence, "step": event.step}


def _vanishing(chart: Chart, found: Found) -> Evidence:
    """The detector's event; or, where the signal forward shrinks with the one back, the error signal's own curve.

    With small first weights both shrink alike: the weights' gradients, products of the two, are then level from layer
    to layer, and all of them next to nothing. A step function has no slope at all: its layers get nothing, ever.
    """
    grads = chart.layers("grad_rms")
    if chart.config.get("unit") == "step" and not chart.good and len(grads) > 1 and max(grads[0].values) == 0.0:
        return {"first": 0.0, "last": grads[-1].first, "ratio": 0.0, "factor": 0.0, "step": grads[0].steps[0]}
    if chart.good or chart.under_way or "symmetric_units" in found or "batchnorm_gap" in found:
        return None
    events = [event for event in chart.recording.events if event.kind == "vanishing"]
    evidence = {**events[-1].evidence, "step": events[-1].step} if events else _shrinks(chart)
    if evidence is None:
        return None
    born_dead = any(curve.first >= 0.45 for curve in chart.layers("dead"))
    return {**evidence, "symptom": "saturated" in found or born_dead}


def _shrinks(chart: Chart) -> Evidence:
    deltas, grads = chart.layers("delta_rms"), chart.layers("grad_rms")
    if len(deltas) < 3 or not chart.stuck or not 0.0 < deltas[0].first < 1e-3 * deltas[-1].first:
        return None
    factor = (deltas[0].first / deltas[-1].first) ** (1.0 / (len(deltas) - 1))
    if factor >= 0.5:
        return None
    first, last = grads[0].first, grads[-1].first
    return {"first": first, "last": last, "ratio": first / last if last else 0.0, "factor": factor,
            "layers": len(deltas), "when": "start", "step": 0}  # fmt: skip


def _rate_too_high(chart: Chart, found: Found) -> Evidence:
    """The error runs away, or swings without getting anywhere while the steps are a large share of the weights."""
    loss, moves = chart.loss, chart.moves
    rate = next((chart.config[name] for name in ("rate", "mu", "alpha") if name in chart.config), None)
    if rate is None or chart.good or "batchnorm_gap" in found:
        return None
    if loss is None:
        mse = chart.curve("mse")
        if mse is None or not chart.broke:
            return None
        limit = chart.last("mu_max")
        beyond = {} if limit is None else {"limit": limit}
        return {"rate": rate, "first": mse.first, "last": mse.last, **beyond}
    if "symmetric_units" in found or ("vanishing" in found and not chart.broke):
        return None
    settled = loss.half(0.3)
    restless = len(settled) > 4 and settled.back_and_forth > RESTLESS and settled.swing > 0.1
    thrashes = moves is not None and moves > THRASHES
    ratios = [value for curve in chart.layers("update_ratio") for value in curve.values if math.isfinite(value)]
    # Units that were alive can only have been put out by a step, and by one that is large for them.
    died = _died(chart) is not None and max(ratios, default=math.inf) >= USUAL
    if not (chart.broke or died or (thrashes and restless and not chart.under_way)):
        return None
    by = {"rate": rate, "moves": max(ratios, default=0.0), "first": loss.first, "last": loss.last}
    from_the_start = found.get("exploding", {}).get("step") == 0
    return {**by, "symptom": from_the_start or "bad_scale" in found or "saturated" in found}


def _divergence(chart: Chart, found: Found) -> Evidence:
    if not chart.broke:
        return None
    curve = chart.loss or chart.curve("mse")
    event = chart.event("divergence", "non_finite")
    step = event.step if event is not None else chart.step
    if curve is None:
        return {"last": "not a number", "least": "…", "step": step}
    return {"last": curve.last, "least": curve.least()[1], "step": step, "symptom": bool(found)}


def _died(chart: Chart) -> tuple[int, Curve] | None:
    """The hidden layer most of whose ReLUs have died since the start: (layer from 1, its curve)."""
    curves = [(n + 1, curve) for n, curve in enumerate(chart.layers("dead"))]
    worst = max(curves, key=lambda one: one[1].last - one[1].first, default=None)
    return worst if worst is not None and worst[1].last - worst[1].first >= 0.25 else None


def _dead(chart: Chart, found: Found) -> Evidence:
    event = chart.event("dead_units")
    if event is None or (chart.good and not chart.broke):
        return None
    born_dead = event.evidence.get("born", 0.0) >= 0.45
    if (chart.under_way and not born_dead) or "symmetric_units" in found:
        return None
    symptom = any(kind in found for kind in ("rate_too_high", "bad_scale", "exploding", "vanishing"))
    return {**event.evidence, "step": event.step, "symptom": symptom and not born_dead}


def _labels(chart: Chart, found: Found) -> Evidence:
    """Nothing is wrong with net, scale or rate, and what it learns holds for no other pattern."""
    test, base = chart.curve("test_accuracy"), chart.base_rate
    if test is None or base is None or chart.loss is None or any(kind in found for kind in _SICK_FIRST):
        return None
    if (chart.moves is not None and chart.moves < CRAWLS) or chart.config.get("frozen"):
        return None
    entry = catalogue().get(str(chart.dataset.get("name")))
    labels = entry.params.get("labels") if entry is not None else None
    if labels is not None and chart.dataset.get("labels", labels.default) == "true":
        return None  # a set on board whose labels nobody has mixed
    if chart.loss.step == 0:
        return None  # only looked at: no step was made from which anything could have been learned
    if max(test.half(0.3).values) > base + SLACK:
        return None
    error = chart.last("train_error") or 0.0
    memorised = (1.0 - error) - test.last > 0.15
    if not memorised and not (chart.share is not None and chart.share > 0.85):
        return None
    gradients = [curve.middle for curve in chart.layers("grad_rms")]
    return {
        "test": test.last, "base": base, "train": 1.0 - error, "loss": chart.loss.last, "chance": chart.chance,
        "gradient": gradients[0] if gradients else "…",
    }  # fmt: skip


def _rate_too_low(chart: Chart, found: Found) -> Evidence:
    loss, moves = chart.loss, chart.moves
    if loss is None or moves is None or chart.good or found or "rate" not in chart.config:
        return None
    # Steps that have become small say that the slope has: only such as always were speak of the rate.
    if max(max(curve.values) for curve in chart.layers("update_ratio")) >= CRAWLS:
        return None
    if chart.share is not None and chart.share < 0.5:
        return None
    return {"rate": chart.config["rate"], "moves": moves, "fell": loss.fell, "steps": chart.step, "last": loss.last}


def _local_minimum(chart: Chart, found: Found) -> Evidence:
    """Some patterns learned, some not, and flat. The detector's claim; without one, the plateau's, on a small set."""
    event = chart.event("local_minimum")
    if chart.good or any(kind in found for kind in ("symmetric_units", "vanishing", "divergence", "rate_too_high")):
        return None
    if event is not None:
        return {**event.evidence, "step": event.step, "symptom": "dead_units" in found or "saturated" in found}
    flat = chart.event("plateau")
    small = chart.wanted is not None and len(chart.wanted) <= 16
    if flat is None or not small or chart.share is None or not 0.05 < chart.share < 0.9 or not _flat(chart):
        return None
    wrong = chart.last("train_error") or 0.0
    count = len(chart.wanted)
    told = {"loss": flat.evidence["loss"], "flat_for": flat.evidence["flat_for"]}
    return {**told, "wrong": round(wrong * count), "patterns": count, "step": flat.step, "symptom": bool(found)}


def _overfitting(chart: Chart, found: Found) -> Evidence:
    error, test = chart.last("train_error"), chart.last("test_accuracy")
    if error is None or test is None or chart.loss is None or "batchnorm_gap" in found:
        return None
    train = 1.0 - error
    if train < 0.9 or train - test < GAP:
        return None
    evidence: dict[str, Any] = {"train": train, "test": test, "gap": train - test}
    test_loss = chart.curve("test_loss")
    if test_loss is not None:
        step, least = test_loss.least()
        evidence |= {"test_loss": test_loss.last, "least_test_loss": least, "least_at": step}
    return {**evidence, "symptom": "labels_shuffled" in found}


def _flat(chart: Chart) -> bool:
    late = chart.loss.half(0.6) if chart.loss is not None else None
    return late is not None and len(late) > 3 and abs(late.fell) < 0.03 and late.swing < 0.15


def _underfitting(chart: Chart, found: Found) -> Evidence:
    error = chart.last("train_error")
    if error is None or chart.loss is None or chart.good or found or chart.share is None:
        return None
    late = chart.loss.half(0.6)
    slow = len(late) > 3 and 0.0 <= late.fell < 0.1 and late.back_and_forth < RESTLESS
    if error < 0.2 or chart.share < 0.15 or not (slow or _flat(chart)):
        return None
    if chart.share > 0.97:
        return None  # as good as guessing: no sign that it learns anything
    return {"loss": chart.loss.last, "share": chart.share, "error": error}


def _arrived(chart: Chart) -> bool:
    """Flat because it is done: the least error there can be is known and reached; or there is but one layer, whose
    error has no other flat place than its least one, and its slope is next to nothing beside what it was."""
    least = chart.last("least_loss")
    if least is not None and chart.loss is not None:
        return chart.loss.last <= ARRIVED * least
    slopes = chart.layers("grad_rms")
    return len(slopes) == 1 and bool(slopes[0].first) and slopes[0].last < SLOPE_GONE * slopes[0].first


def _plateau(chart: Chart, found: Found) -> Evidence:
    event = chart.event("plateau")
    if event is None or chart.good or chart.under_way or not _flat(chart) or _arrived(chart):
        return None
    return {**event.evidence, "step": event.step, "symptom": bool(found)}


def _not_separable(chart: Chart, found: Found) -> Evidence:
    """A state that came back, or an exact test that says so."""
    cycle, separable = chart.event("limit_cycle"), chart.last("separable")
    if cycle is not None:
        return {"period": cycle.evidence["period"], "step": cycle.step}
    if separable == 0.0 and chart.last("train_error"):
        return {"separable": 0, "step": 0}
    return None


def _limit_cycle(chart: Chart, found: Found) -> Evidence:
    event = chart.event("limit_cycle")
    return None if event is None else {**event.evidence, "step": event.step, "symptom": True}


def _finite(rule: Rule) -> Rule:
    """Evidence that is not a number is said as words."""

    def asked(chart: Chart, found: Found) -> Evidence:
        evidence = rule(chart, found)
        if evidence is None:
            return None
        odd = {k: "out of range" for k, v in evidence.items() if isinstance(v, float) and not math.isfinite(v)}
        return {**evidence, **odd}

    return asked


RULES: tuple[tuple[str, Rule], ...] = tuple(
    (kind, _finite(rule))
    for kind, rule in (
        ("bad_scale", _bad_scale),
        ("batchnorm_gap", _batchnorm_gap),
        ("symmetric_units", _symmetric),
        ("exploding", _exploding),
        ("saturated", _saturated),
        ("vanishing", _vanishing),
        ("rate_too_high", _rate_too_high),
        ("dead_units", _dead),
        ("divergence", _divergence),
        ("not_separable", _not_separable),
        ("limit_cycle", _limit_cycle),
        ("misclassifies_separable", _event("misclassifies_separable")),
        ("hang_up", _event("hang_up")),
        ("likelihood_falls", _event("likelihood_falls")),
        ("labels_shuffled", _labels),
        ("rate_too_low", _rate_too_low),
        ("local_minimum", _local_minimum),
        ("overfitting", _overfitting),
        ("underfitting", _underfitting),
        ("plateau", _plateau),
    )
)
"""(kind, rule), causes first."""
