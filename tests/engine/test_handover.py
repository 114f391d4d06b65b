"""What runs hand to each other: weights, unrolled or not, and outputs to feed on; on the stage, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnhistory.cli.common import say_outcome
from nnhistory.core.errors import BadInput
from nnhistory.core.layers import Layer, Layers
from nnhistory.engine.company import UNLIMITED, Company, Ended
from nnhistory.engine.drive import Drive
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.names import check_names
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.perform import Outcome, perform
from nnhistory.engine.plan import make_plans
from nnhistory.engine.registry import Registry
from nnhistory.engine.stage import Stage
from nnhistory.scenario.load import Loaded, load, loads
from tests.engine.stagehand import Clock, registry, toy

SECOND = '[[run]]\nid = "b"\nera = "toy_1900"\ndataset = {data}\nconfig = {{ steps = 4 }}\n{link}\n'


def two(link: str, data: str = '"or"') -> Loaded:
    return toy("steps = 6", runs=SECOND.format(link=link, data=data))


def driven(loaded: Loaded) -> dict[str, Drive]:
    runs: dict[str, Drive] = {}
    for plan in make_plans(loaded.scenario, registry()):
        runs[plan.id] = Drive(plan, registry(), start_of(plan, runs), feed=feed_of(plan, runs))
        runs[plan.id].frames = runs[plan.id].advance(10**6).frames  # type: ignore[attr-defined]
    return runs


def test_a_run_feeds_on_what_another_put_out_at_its_end() -> None:
    runs = driven(two('input = { from = "a", array = "out/x" }'))
    w = runs["a"].layers()[0].W[0, 0]
    first, before = runs["b"].frames[0], runs["a"].frames[0]  # type: ignore[attr-defined]
    np.testing.assert_array_equal(first.arrays["data/x"], (before.arrays["data/x"] + w).astype(np.float32))
    assert not any(name.startswith("out/") for frame in runs["a"].frames for name in frame.arrays)  # type: ignore[attr-defined]
    assert len(runs["b"].layers()) == 2, "a run that feeds on another stands on its layers"
    assert runs["b"].layers()[0].W[0, 0] == w


def test_an_array_that_is_not_there_is_named() -> None:
    with pytest.raises(BadInput, match=r'run "a" offers no array "out/y"\. Did you mean "out/x"\?'):
        driven(two('input = { from = "a", array = "out/y" }'))


def test_rows_must_fit() -> None:
    with pytest.raises(BadInput, match="one row for each training row"):
        driven(two('input = { from = "a", array = "out/x" }', '{ name = "parity", inputs = 3 }'))


def test_an_era_that_cannot_feed_says_so_with_its_line() -> None:
    text = """
title = "t"
[[run]]
id = "a"
era = "toy_1900"
dataset = "or"
[[run]]
id = "b"
era = "perceptron_1957"
dataset = "or"
input = { from = "a", array = "out/x" }
"""
    with pytest.raises(BadInput, match=r'x\.toml:11: run 2\.input: Perceptron takes no "input"'):
        check_names(loads(text, Path("x.toml")), registry())


def test_layers_are_picked_placed_and_unrolled() -> None:
    rng = np.random.default_rng(1)
    stack = Layers(
        tuple(Layer(rng.normal(size=s), rng.normal(size=s[1]), rng.normal(size=s[0])) for s in ((5, 4), (4, 2)))
    )
    back = stack.unrolled()
    assert [layer.W.shape for layer in back] == [(5, 4), (4, 2), (2, 4), (4, 5)]
    np.testing.assert_array_equal(back[2].W, stack[1].W.T)
    np.testing.assert_array_equal(back[2].b, stack[1].b_visible)
    np.testing.assert_array_equal(back[3].b, stack[0].b_visible)
    assert stack.only([1]).placed(2).into == 2
    with pytest.raises(BadInput, match="layer 0 cannot be unrolled"):
        Layers((Layer(np.ones((2, 1)), np.ones(1)),)).unrolled()


def test_the_plan_says_where_layers_go() -> None:
    runs = driven(two(""))
    loaded = two('start = { from = "a", layers = [0], into = 3, unroll = true }')
    start = start_of(make_plans(loaded.scenario, registry())[1], runs)
    assert start is not None
    assert (len(start), start.into) == (2, 3)


@pytest.mark.parametrize("link", ['start = { from = "a" }', 'input = { from = "a", array = "out/x" }'])
def test_with_and_without_a_stage_it_is_the_same(link: str) -> None:
    loaded = two(link)
    alone = perform(loaded, registry()).runs
    company = Company(registry())
    for plan in make_plans(loaded.scenario, registry()):
        company.take(0, plan)
    company.grant("b", UNLIMITED)
    ended = {}
    while company.busy:
        for _, run, what in company.work(0.05):
            if isinstance(what, Ended):
                ended[run] = what.outcome
    assert list(ended) == ["a", "b"], "the earlier run is driven to its end first"
    assert ended["b"].metrics == alone["b"].metrics


@pytest.mark.parametrize("inline", [True, False])
def test_on_the_stage_the_second_run_waits_for_the_first(inline: bool) -> None:
    stage = Stage.open(two('input = { from = "a", array = "out/x" }'), registry=registry(), inline=inline)
    try:
        clock = Clock(stage)
        stage.act("next_lane")
        clock.until(lambda: all(lane.started for lane in stage.lanes))
        first, second = (lane.recording for lane in stage.lanes)
        assert first.complete, "the first run is driven to its end"
        w = first.frames[-1].arrays["weights/0"][0, 0]
        seen = second.frames[0].arrays["data/x"]
        np.testing.assert_allclose(seen, first.frames[0].arrays["data/x"] + w, rtol=1e-6)
    finally:
        stage.close()


def test_the_full_scale_may_be_another_era_with_all_its_knobs() -> None:
    loaded = two('full = { era = "perceptron_1957", config = { steps = 9 }, dataset = "xor" }')
    assert [plan.era for plan in make_plans(loaded.scenario, registry())] == ["toy_1900", "toy_1900"]
    check_names(loaded, registry())
    full = make_plans(loaded.scenario, registry(), scale="full")[1]
    assert (full.era, full.config["steps"], full.dataset["name"]) == ("perceptron_1957", 9, "xor")


def test_the_full_scale_is_checked_before_anything_runs() -> None:
    with pytest.raises(BadInput, match=r"toy\.toml:\d+: run 2\.full\.stepz: "):
        check_names(two('full = { era = "perceptron_1957", config = { stepz = 9 } }'), registry())


def test_beside_torch_runs_on_a_gpu_the_numpy_runs_stay_on_the_cpu(capsys: pytest.CaptureFixture[str]) -> None:
    plans = make_plans(load("relay/two-digits").scenario, Registry(), device="cuda")
    where = {plan.id: (plan.era, plan.device) for plan in plans}
    assert where["p1957"] == ("perceptron_1957", "cpu")
    assert {device for era, device in where.values() if era == "deep_2010"} == {"cuda"}
    runs = {name: RunOutcome(id=name, era=era, seed=0, device=on) for name, (era, on) in where.items()}
    say_outcome(Outcome("t/t", "T", 0.0, runs, []), Registry())
    said = capsys.readouterr().out.splitlines()[1]
    assert said.startswith("  computed on cpu: p1957, ")
    assert "; on cuda: " in said
