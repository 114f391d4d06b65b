"""Runs on torch keep to their device. There may be no GPU here, so what refuses the same stands in for it.

What this cannot show: a GPU's own arithmetic, its speed and its memory.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
import torch

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Frame
from nnhistory.engine.drive import Drive
from nnhistory.engine.handover import feed_of, start_of
from nnhistory.engine.plan import RunPlan, make_plans, parse_setting
from nnhistory.engine.recording import COUNTED
from nnhistory.engine.registry import Registry
from nnhistory.engine.stacks import drive_together, kind_of
from nnhistory.eras import on_torch
from nnhistory.scenario.library import find
from nnhistory.scenario.load import load
from tests.eras.elsewhere import NAME, Elsewhere, elsewhere
from tests.scenarios.controls import lessons

__all__ = ["elsewhere"]

REGISTRY = Registry()
MOMENTS = 60


@pytest.fixture
def away(elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The device, which the eras find, too."""
    here = on_torch.devices()
    monkeypatch.setattr(on_torch, "devices", lambda: [*here, elsewhere])
    monkeypatch.setattr(on_torch, "_repeatably", lambda: None)  # a setting of the whole process
    return elsewhere


def torch_plans(lesson: str) -> list[RunPlan]:
    loaded = load(find(lesson))
    plans = make_plans(loaded.scenario, REGISTRY, source=loaded.source, base=loaded.path.parent)
    return [plan for plan in plans if plan.era in ("deep_2010", "rbm_2006") and not plan.config.get("ladder")]


def driven(plans: list[RunPlan], device: str) -> Iterator[tuple[str, list[Frame]]]:
    """The first moments of each run. Those that build on others begin where these stand after as many."""
    earlier: dict[str, Drive] = {}
    for plan in (msgspec.structs.replace(plan, device=device) for plan in plans):
        earlier[plan.id] = Drive(plan, REGISTRY, start_of(plan, earlier), feed=feed_of(plan, earlier))
        yield plan.id, earlier[plan.id].advance(MOMENTS).frames


def test_it_refuses_what_a_gpu_refuses(elsewhere: str) -> None:
    here, there = torch.ones(3), torch.ones(3, device=elsewhere)
    assert there.device.type == (there + 1).device.type == torch.empty_like(there).device.type == NAME
    assert here.to(elsewhere).device.type == NAME
    with pytest.raises(RuntimeError, match="same device"):
        here + there
    with pytest.raises(RuntimeError, match="same device"):
        torch.add(there, there, out=here)
    with pytest.raises(RuntimeError, match="same device"):
        there.index_select(0, torch.tensor([0]))
    with pytest.raises(TypeError, match="to numpy"):
        there.numpy()
    with pytest.raises(TypeError, match="to numpy"):
        np.asarray(there)
    with pytest.raises(RuntimeError, match="generator"):
        torch.rand(3, device=elsewhere, generator=torch.Generator())
    assert torch.rand(3, device=elsewhere, generator=torch.Generator(elsewhere)).device.type == NAME
    assert (there.cpu() + here).numpy().tolist() == [2.0] * 3
    assert not isinstance(there.cpu(), Elsewhere)


def test_it_can_be_without_double_precision(elsewhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Elsewhere, "double", False)
    torch.ones(3, device=elsewhere)
    with pytest.raises(TypeError, match="float64"):
        torch.ones(3, device=elsewhere, dtype=torch.float64)


@pytest.mark.parametrize("lesson", lessons())
def test_every_run_keeps_to_its_device_and_is_the_same_there(
    lesson: str, away: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = torch_plans(lesson)
    if not plans:
        pytest.skip("nothing here is on torch")
    single = all(plan.config["precision"] in ("single", "float32") for plan in plans)
    monkeypatch.setattr(Elsewhere, "double", not single)
    for (run, frames), (_, others) in zip(driven(plans, "cpu"), driven(plans, away), strict=True):
        assert [frame.tick for frame in frames] == [frame.tick for frame in others], run
        for frame, other in zip(frames, others, strict=True):
            assert frame.arrays.keys() == other.arrays.keys(), run
            for name, array in frame.arrays.items():
                assert np.array_equal(array, other.arrays[name], equal_nan=array.dtype.kind == "f"), (run, name)


@pytest.mark.parametrize(("lesson", "run"), [("deep/batchnorm", "norm"), ("relay/two-digits", "d2010")])
def test_runs_beside_each_other_keep_to_their_device(lesson: str, run: str, away: str) -> None:
    [plan] = [plan for plan in torch_plans(lesson) if plan.id == run]
    assert kind_of(plan, REGISTRY.manifest(plan.era)) is not None
    found = []
    for device in ("cpu", away):
        config = {**plan.config, "steps": 12}
        some = [msgspec.structs.replace(plan, device=device, seed=k, config=config, planned=12) for k in (0, 1, 2)]
        ended = [one for one in drive_together(some, REGISTRY, schedule=COUNTED) if one is not None]
        found.append({one.number: one.drive.outcome.metrics for one in ended})
    assert len(found[0]) == 3
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("lesson", "device"), [(a, b) for a in ("rbm/energy", "deep/init-lab") for b in ("cuda", "mps")]
)
def test_a_device_that_is_not_there_is_said(lesson: str, device: str) -> None:
    if device in on_torch.devices():
        pytest.skip(f"there is {device} here")
    plan = msgspec.structs.replace(torch_plans(lesson)[0], device=device)
    with pytest.raises(BadInput, match=f"there is no {device} device here"):
        Drive(plan, REGISTRY).advance(1)


@pytest.mark.parametrize(("lesson", "single"), [("rbm/energy", "float32"), ("deep/batchnorm", "single")])
def test_a_device_without_double_precision_says_so(lesson: str, single: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(on_torch, "devices", lambda: ["cpu", "mps"])
    plan = torch_plans(lesson)[0]
    double = {**plan.config, "precision": "float64" if single == "float32" else "double"}
    with pytest.raises(BadInput, match="mps has no double precision") as caught:
        Drive(msgspec.structs.replace(plan, device="mps", config=double), REGISTRY).advance(1)
    assert single in (caught.value.remedy or "")


@pytest.mark.parametrize("lesson", ["rbm/pcd", "deep/batchnorm", "relay/two-digits"])
def test_on_a_gpu_nets_are_in_single_precision_unless_told_otherwise(lesson: str) -> None:
    loaded = load(find(lesson))
    plans = make_plans(loaded.scenario, REGISTRY, source=loaded.source, device="cuda")
    for plan in plans:
        if plan.era in ("deep_2010", "rbm_2006"):
            assert plan.config["precision"] in ("single", "float32")
            assert plan.device == "cuda"
    run = next(plan for plan in plans if plan.era in ("deep_2010", "rbm_2006"))
    double = "double" if run.era == "deep_2010" else "float64"
    told = [parse_setting(f"{run.id}.precision={double}")]
    plans = make_plans(loaded.scenario, REGISTRY, source=loaded.source, device="cuda", settings=told)
    assert {plan.id: plan for plan in plans}[run.id].config["precision"] == double


def test_sums_are_repeatable_on_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(on_torch, "devices", lambda: ["cpu", "cuda"])
    monkeypatch.setattr(torch, "use_deterministic_algorithms", lambda mode, *, warn_only: asked.append(mode))
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    on_torch.place_of("cpu", torch.float32, "single")
    assert not asked
    on_torch.place_of("cuda", torch.float32, "single")
    assert asked == [True]
    assert os.environ.pop("CUBLAS_WORKSPACE_CONFIG")
