"""Messages of the process that computes: small enough to be taken between two pictures, nothing lost."""

from __future__ import annotations

from nnhistory.engine.company import UNLIMITED, Broke, Company, Ended, News, pieces
from nnhistory.engine.plan import make_plans
from nnhistory.engine.recording import MemoryRecording
from tests.engine.relays import toy_relay
from tests.engine.stagehand import registry, toy


def test_a_long_stretch_comes_in_pieces_that_make_the_same_recording() -> None:
    plan = make_plans(toy("steps = 1000").scenario, registry())[0]
    company = Company(registry())
    company.take(1, plan)
    company.grant(plan.id, UNLIMITED)
    whole, parts = [], []
    while not any(isinstance(what, Ended | Broke) for _, _, what in whole):
        sent = company.work(10.0)
        whole += sent
        parts += [piece for message in sent for piece in pieces(message)]
    stretches = [what.batch for _, _, what in whole if isinstance(what, News)]
    assert max(len(batch.frames) for batch in stretches) > 100, "the run has no long stretch: nothing is tested"
    news = [what.batch for _, _, what in parts if isinstance(what, News)]
    assert max(len(batch.frames) for batch in news) <= 50
    assert [type(what) for _, _, what in parts if not isinstance(what, News)] == [
        type(what) for _, _, what in whole if not isinstance(what, News)
    ]
    one, other = (recorded(company, plan.id, batches) for batches in (stretches, news))
    assert [frame.tick for frame in one.frames] == [frame.tick for frame in other.frames]
    assert one.events == other.events
    assert one.metrics
    for name in one.metrics:
        assert [one.scalar(name, tick) for tick in range(200)] == [other.scalar(name, tick) for tick in range(200)]


def recorded(company: Company, run: str, batches: list) -> MemoryRecording:  # type: ignore[type-arg]
    drive = company._members[run].drive
    assert drive is not None
    recording = MemoryRecording(drive.header)
    for batch in batches:
        for frame in batch.frames:
            recording.append(frame)
        recording.add_points(batch.points)
    return recording


def test_unwatched_runs_go_one_after_another_as_they_were_granted() -> None:
    company = Company(registry(), watched=False)
    scenario = toy_relay(a="steps = 30, sleep = 0.001", p="steps = 30, sleep = 0.001").scenario
    plans = {plan.id: plan for plan in make_plans(scenario, registry())}
    for plan in plans.values():
        company.take(1, plan)
    for run in ("p", "a", "b"):
        company.grant(run, UNLIMITED)
    heard: list[str] = []
    while company.busy:
        heard += [run for _, run, _ in company.work(0.005)]
    assert list(dict.fromkeys(heard)) == ["p", "a", "b"]
    assert heard == sorted(heard, key="pab".index)
