"""First checks, reading curves, preprocessing: what must fail when altered; bands over fresh seeds (slow)."""

from __future__ import annotations

import pytest

from tests.scenarios.controls import altered, must_fail, must_hold

FRESH = range(500, 505)
CHECKS = ("twenty.steps=1", "crawl.steps=1", "blast.steps=1")
CURVES = ("low.steps=60", "good.steps=60", *(f"{run}.steps=1" for run in ("high", "few", "late", "early", "hard")))
SCALES = ("raw.steps=200", "centred.steps=50", "standard.steps=60", "white.steps=10")
ALTERED = [
    # One setting altered, and an expectation fails. The other runs are cut short: they are not looked at here.
    ("first-checks", [*CHECKS, "start.init=he", "start.init_scale=1"], "start: train_loss within 0.001 of 2.3"),
    ("first-checks", [*CHECKS, "penalty.l2=0.5"], "penalty: cost within 0.02 of 2.49"),
    ("first-checks", [*CHECKS, "twenty.steps=500", "twenty.rate=0.001"], "twenty: train_loss < 0.01"),
    ("first-checks", [*CHECKS, "crawl.steps=100", "crawl.rate=1e-3"],
     "crawl: train_loss within 0.001 of crawl: train_loss (first)"),
    ("first-checks", [*CHECKS, "blast.steps=200", "blast.rate=0.1"], "blast: non_finite happens"),
    ("reading-curves", [*CURVES, "good.rate=0.0003"],
     "good: update_ratio/0 (at step 60) between 5e-4 and 0.01"),
    ("reading-curves", [*CURVES, "high.steps=300", "high.rate=0.05"], "high: test_accuracy <= 0.5"),
    ("reading-curves", [*CURVES, "few.steps=300", "few.dataset.train=1200"], "few: test_accuracy <= 0.9"),
    ("reading-curves", [*CURVES, "late.steps=300", "late.init=fitting"], "late: leaves_chance: round between 4 and 8"),
    ("reading-curves", [*CURVES, "early.steps=300", "early.init=fan_uniform"], "early: leaves_chance: round <= 2"),
    ("preprocessing", [*SCALES, "centred.dataset.scaling=unit", "centred.rate=0.086"],
     "centred: train_loss (at step 40) <= 1.1 times centred: least_loss"),
    ("preprocessing", [*SCALES, "raw.dataset.scaling=standard"],
     "raw: train_loss (at step 200) > 1.1 times raw: least_loss"),
    ("preprocessing", [*SCALES, "white.dataset.scaling=standard", "white.rate=0.13"],
     "white: train_loss (at step 1) <= 1.02 times white: least_loss"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "settings", "expected"), altered("workshop", ALTERED))
def test_negative_control(name: str, settings: list[str], expected: str) -> None:
    must_fail(f"workshop/{name}", settings, expected)


@pytest.mark.cost(30)
@pytest.mark.slow
@pytest.mark.parametrize("name", ["first-checks", "reading-curves", "preprocessing"])
def test_it_holds_over_seeds(name: str) -> None:
    must_hold(f"workshop/{name}", FRESH)
