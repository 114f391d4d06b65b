"""Studies whose runs are computed beside each other: the same table, resumed, stopped, broken, on every crew."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from msgspec.structs import replace

from nnhistory.core.errors import Cancelled
from nnhistory.core.moment import Frame
from nnhistory.engine import points as points_of_a_study
from nnhistory.engine.drive import Drive
from nnhistory.engine.plan import make_plans
from nnhistory.engine.points import divide, run_group
from nnhistory.engine.recording import MemoryRecording
from nnhistory.engine.registry import Registry
from nnhistory.engine.stacks import drive_together, kind_of, side_by_side
from nnhistory.engine.study import LocalCrew, PointResult, StudyPlan, collect, do_study, plan_study
from nnhistory.engine.study_store import StudyStore
from nnhistory.scenario.load import Loaded, loads
from tests.engine.dask_cluster import DaskCluster
from tests.engine.stagehand import LIMIT, TOYS
from tests.engine.test_study import table

BESIDE = '''
"""Toys beside each other: here each walks by itself; what is tried is the engine."""

from nnhistory_extra_eras.beside_1900.model import run


def at_once(config, data):
    return 12


def run_stacked(configs, data, streams, knobs, device):
    if any(one["refused"] for one in configs):
        raise ValueError("these cannot be computed beside each other")
    runs = [run(*own, None, device) for own in zip(configs, data, streams, knobs, strict=True)]
    while any(moments := [next(one, None) for one in runs]):
        last = [one if one is not None and one.phase == "done" else None for one in moments]
        if any(last):
            yield last
        yield [None if over else one for one, over in zip(moments, last, strict=True)]
'''
STACKS = """
[knobs.refused]
kind = "flag"
help = "Is not computed beside others."
default = false

[stacks]
differ = ["rate", "steps", "fail_at", "exit_at", "refused"]
only = { sleep = [0.0] }
"""
STUDY = """
title = "Toys"
[[run]]
id = "a"
era = "beside_1900"
dataset = "or"
config = {{ {config} }}
[study]
over = {{ {over} }}
seeds = 3
"""


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The built-in eras and a toy whose runs can be computed beside each other."""
    folder = tmp_path_factory.mktemp("eras")
    shutil.copytree(TOYS / "toy_1900", folder / "beside_1900")
    (folder / "beside_1900" / "stacked.py").write_text(BESIDE)
    manifest = folder / "beside_1900" / "era.toml"
    manifest.write_text(manifest.read_text() + STACKS)
    return Registry([folder])


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many runs were begun beside each other, each time."""
    seen: list[int] = []

    def counted(plans: Sequence[Any], *given: Any, **named: Any) -> Any:
        seen.append(len(plans))
        return drive_together(plans, *given, **named)

    monkeypatch.setattr(points_of_a_study, "drive_together", counted)
    return seen


def toys(config: str = "steps = 25", over: str = "rate = [0.1, 0.3, 0.5]") -> Loaded:
    return loads(STUDY.format(config=config, over=over), Path("toys.toml"))


def plan(registry: Registry, loaded: Loaded | None = None) -> StudyPlan:
    return plan_study(toys() if loaded is None else loaded, registry)


def test_runs_of_one_kind_go_together_in_parts_of_one_size() -> None:
    assert side_by_side(["a", "b", "a", None, None, "b", "a"], 64) == [[0, 2, 6], [1, 5], [3], [4]]
    assert side_by_side(["a"] * 7, 3) == [[0, 1], [2, 3], [4, 5, 6]]
    assert side_by_side(["a"] * 3, 1) == [[0], [1], [2]]
    assert max(len(group) for group in side_by_side(["a"] * 200, 1000)) <= 64


def test_what_is_computed_beside_each_other(registry: Registry) -> None:
    def sizes(config: str, over: str) -> list[int]:
        asked = plan(registry, toys(config, over))
        return [len(group) for group in divide(asked.job, asked.points, registry, 64)]

    assert sizes("steps = 25", "rate = [0.1, 0.3]") == [6]
    assert sizes("steps = 25", '"dataset.coding" = ["signed", "binary"]') == [3, 3], "one kind of data"
    assert sizes("steps = 25, sleep = 0.001", "rate = [0.1, 0.3]") == [1] * 6, "the manifest says only sleep = 0"
    assert sizes("steps = 25", "rate = [0.1, 7.0]") == [3, 1, 1, 1], "what is refused is refused by itself"
    turned = loads(
        STUDY.format(config="steps = 25", over="rate = [0.1]")
        + '[[turn]]\nrun = "a"\nstep = 3\nknob = "rate"\nvalue = 1.0\n',
        Path("toys.toml"),
    )
    assert len(divide(plan(registry, turned).job, plan(registry, turned).points, registry, 64)) == 3, "a knob is turned"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_table_is_the_same(workers: int, registry: Registry, stacks: list[int]) -> None:
    by_themselves = do_study(plan(registry), registry, workers=1, stack=False)
    assert stacks == []
    told: list[tuple[str, int, int]] = []
    beside = do_study(plan(registry), registry, workers=workers, progress=lambda *one: told.append(one))
    assert stacks == ([9] if workers == 1 else []), "on processes of their own it is not seen"
    assert table(beside.rows) == table(by_themselves.rows)
    assert {done for _, done, _ in told} <= set(range(10))
    assert told[-1] == ("study", 9, 9)
    assert beside.pictures.keys() == by_themselves.pictures.keys() == {0, 1, 2}
    for row, picture in beside.pictures.items():
        np.testing.assert_array_equal(picture, by_themselves.pictures[row])


def test_a_drive_in_a_stack_is_a_drive(registry: Registry) -> None:
    """Every metric, event, kept frame and point of its curves, also where the runs are of other lengths."""
    loaded = toys("steps = 400")
    plans = [make_plans(loaded.scenario, registry, seed=seed, settings=())[0] for seed in (0, 1, 2)]
    plans[1].config["steps"], plans[2].config["rate"] = 150, 1.9
    ended = {}
    for one in drive_together(plans, registry, keep=[True, True, False], schedule=(48, 1.1)):
        if one is not None:
            ended[one.number] = one
    assert list(ended) == [1, 0, 2], "the shortest is over first"
    for number, mine in enumerate(plans):
        drive, recording = Drive(mine, registry, schedule=(48, 1.1)), MemoryRecording(ended[number].drive.header)
        frames: list[Frame] = []
        while not drive.done:
            batch = drive.advance(1_000_000, flat_out=True)
            frames += batch.frames
            recording.add_points(batch.points)
        theirs, ours = ended[number].drive.outcome, drive.outcome
        assert (theirs.metrics, theirs.events) == (ours.metrics, ours.events)
        assert (theirs.steps, theirs.moments) == (ours.steps, ours.moments)
        kept = ended[number].recording
        assert (kept is None) == (number == 2)
        if kept is not None:
            assert [frame.tick for frame in kept.frames] == [frame.tick for frame in frames]
            for here, there in zip(kept.frames, frames, strict=True):
                assert here.scalars == there.scalars
                assert all(np.array_equal(here.arrays[name], there.arrays[name]) for name in there.arrays)
            np.testing.assert_array_equal(kept.series("distance").values, recording.series("distance").values)


TURNED = """
title = "Nets of 1986, turned on the way"
[[run]]
id = "net"
era = "backprop_1986"
dataset = { name = "xor", coding = "binary" }
config = { units = 2, unit = "tanh", output = "linear", rate = 0.1, eval_every = 3, steps = 150 }
[[turn]]
run = "net"
step = 20
knob = "rate"
value = 0.2
"""


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid")
def test_nets_of_1986_in_a_stack_are_drives() -> None:
    """Of those that only count, that are kept, that are asked for a step, that are solved and that run away."""
    known, loaded = Registry(), loads(TURNED, Path("turned.toml"))
    plans = [make_plans(loaded.scenario, known, seed=seed)[0] for seed in range(5)]
    plans[1] = replace(plans[1], marks=(("batch_loss", 31), ("train_loss", 30)))
    plans[3].config["init_scale"] = 1e200
    plans[4].config["stop_when_solved"] = False
    assert len({kind_of(plan, known.manifest("backprop_1986")) for plan in plans}) == 1
    ended = {
        one.number: one for one in drive_together(plans, known, keep=[True] + 4 * [False], schedule=(8, 1.5)) if one
    }
    kinds = set()
    for number, mine in enumerate(plans):
        drive, frames, points = Drive(mine, known, schedule=(8, 1.5)), [], []
        while not drive.done:
            batch = drive.advance(1_000_000, flat_out=True)
            frames += batch.frames
            points += batch.points
        theirs, ours = ended[number].drive.outcome, drive.outcome
        events = [(one.kind, one.step, one.tick) for one in theirs.events]
        assert events == [(one.kind, one.step, one.tick) for one in ours.events]
        assert (theirs.steps, theirs.moments, list(theirs.metrics)) == (ours.steps, ours.moments, list(ours.metrics))
        for name, tally in ours.metrics.items():
            other = theirs.metrics[name]
            assert other.at.keys() == tally.at.keys()
            here, there = ([one.first, one.final, one.min, one.max, *one.at.values()] for one in (other, tally))
            np.testing.assert_allclose(here, there, rtol=1e-9, atol=1e-12, equal_nan=True)
        kept = ended[number].recording
        assert (kept is None) == (number != 0)
        if kept is not None:
            assert [frame.tick for frame in kept.frames] == [frame.tick for frame in frames]
            loss = [value for name, _, _, value in points if name == "train_loss"]
            np.testing.assert_allclose(kept.series("train_loss").values, loss, rtol=1e-9)
        kinds |= {one.kind for one in ours.events}
    assert {"turned", "converged", "non_finite"} <= kinds
    assert len({one.drive.outcome.steps for one in ended.values()}) > 1


@pytest.mark.parametrize("refused", ["refused = true", "fail_at = 7"])
def test_one_that_breaks_does_not_take_the_others_with_it(refused: str, registry: Registry, stacks: list[int]) -> None:
    name, _, value = refused.partition(" = ")
    calm = {"true": "false"}.get(value, "-1")
    asked = plan(registry, toys("steps = 25", f"{name} = [{calm}, {value}]"))
    studied = do_study(asked, registry, workers=1)
    assert stacks == [6], "they were tried together"
    broken = [result.point.row for result in studied.results if result.failure]
    assert broken == ([] if name == "refused" else [1, 1, 1])
    if broken:
        assert {result.failure for result in studied.results} == {"", "RuntimeError: it broke on purpose"}
    by_themselves = do_study(asked, registry, workers=1, stack=False)
    assert table(studied.rows) == table(by_themselves.rows)


def test_it_goes_on_in_the_middle_of_a_group(registry: Registry, stacks: list[int], tmp_path: Path) -> None:
    loaded = toys(over="rate = [0.1, 0.3], steps = [20, 40]")
    asked = plan(registry, loaded)

    def store() -> StudyStore:
        return StudyStore.of(asked.job, asked.points, "toys", tmp_path)

    def stop(results: Sequence[PointResult]) -> None:
        if len(results) == 7:
            raise Cancelled("stopped")

    kept = store()
    with pytest.raises(Cancelled):
        do_study(asked, registry, workers=1, keep=kept.keep, seen=stop)
    kept.close()
    found = store().found(asked.points)
    assert len(found) == 7
    new: list[PointResult] = []
    studied = do_study(asked, registry, workers=1, found=found, keep=new.extend)
    assert stacks == [12, 5], "what is finished is not done again"
    assert not {result.point.row for result in new} & {0, 2}, "the short ones were over"
    assert table(studied.rows) == table(do_study(asked, registry, workers=1, stack=False).rows)


@pytest.mark.slow
def test_a_worker_that_dies_at_a_group_fails_where_it_must(registry: Registry) -> None:
    asked = plan(registry, toys("steps = 8", "exit_at = [-1, 3]"))
    crew = LocalCrew(asked.job, divide(asked.job, asked.points, registry, 64), 1)
    results: list[PointResult] = []
    end = time.monotonic() + LIMIT
    while len(results) < len(asked.points) and time.monotonic() < end:
        results += crew.poll()
        time.sleep(0.005)
    crew.close()
    assert {(one.point.row, bool(one.failure)) for one in results} == {(0, False), (1, True)}
    assert len(results) == 6


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_groups_on_a_cluster(registry: Registry, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    asked = plan(registry, toys("steps = 25", "fail_at = [-1, 7]"))
    with DaskCluster(tmp_path / "cluster") as cluster:
        cluster.wait_for_workers(2)
        studied = do_study(asked, registry, cluster=cluster.address)
    assert [result.failure for result in studied.results].count("RuntimeError: it broke on purpose") == 3
    assert table(studied.rows) == table(do_study(asked, registry, workers=1, stack=False).rows)


def test_whoever_waits_is_given_a_sign(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nnhistory.engine.stacks._PULSE", 0.0)
    asked = plan(registry)
    came = list(run_group(asked.job, asked.points, registry))
    assert came.count(None) > 9
    assert len([one for one in came if one is not None]) == 9


SWITCHES = """
title = "Four switches, cut down"
[[run]]
id = "net"
era = "deep_2010"
dataset = { name = "digits8", train = 100 }
config = { layers = 4, units = 16, unit = "sigmoid", init = "fan_uniform", batch = 20, steps = 8, eval_every = 10000 }
[study]
over = { init = ["fan_uniform", "fitting"], unit = ["sigmoid", "relu"], rate = [0.1, 1e6], "dataset.train" = [40, 100] }
seeds = 2
"""


def close(rows: list[dict[str, Any]], others: list[dict[str, Any]]) -> bool:
    """Do two tables agree, to twelve digits where a run stays in range? One that runs away doubles every rounding."""
    for row, other in zip(rows, others, strict=True):
        assert row["settings"] == other["settings"]
        for run, same in zip(row["runs"], other["runs"], strict=True):
            if (run["events"], list(run["metrics"])) != (same["events"], list(same["metrics"])):
                return False
            rtol = 1e-12 if row["settings"]["rate"] < 1.0 else 1e-3
            for name, value in run["metrics"].items():
                if isinstance(value, str) or isinstance(same["metrics"][name], str):
                    if value != same["metrics"][name]:
                        return False
                elif not np.isclose(value, same["metrics"][name], rtol=rtol, atol=1e-12):
                    return False
    return True


@pytest.mark.filterwarnings("ignore:overflow", "ignore:invalid", "ignore:divide")
@pytest.mark.slow
def test_four_switches_beside_each_other(stacks: list[int]) -> None:
    known = Registry()
    asked = plan_study(loads(SWITCHES, Path("switches.toml")), known)
    by_themselves = table(do_study(asked, known, workers=1, stack=False).rows)
    beside = do_study(asked, known, workers=1)
    assert stacks == [8, 8, 8, 8]
    assert close(table(beside.rows), by_themselves)
    assert any("non_finite" in run["events"] for row in by_themselves for run in row["runs"]), "some run away"
    half = [result for result in beside.results if result.point.number == 1]
    again = do_study(StudyPlan(asked.job, asked.points[::-1]), known, workers=1, found=half)
    assert stacks[4:] == [4, 4, 4, 4], "the other half of each"
    assert close(table(collect(asked.points, again.results)), by_themselves)
    by_themselves[0]["runs"][0]["metrics"]["train_loss"] *= 1.0 + 1e-9
    assert not close(table(beside.rows), by_themselves)
