"""A study that was stopped goes on: nothing finished is lost or done again, and nothing foreign is taken up."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import pytest

from nnhistory.core.errors import Cancelled
from nnhistory.engine import study_store
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.perform import row_json
from nnhistory.engine.plan import parse_setting
from nnhistory.engine.study import Point, PointResult, StudyPlan, do_study, plan_study
from nnhistory.engine.study_store import StudyStore
from nnhistory.scenario.load import Loaded, loads
from tests.engine.stagehand import registry
from tests.engine.test_study import study, table


def plan(loaded: Loaded | None = None, *settings: str, scale: str = "lite") -> StudyPlan:
    loaded = loaded if loaded is not None else study()
    return plan_study(loaded, registry(), settings=[parse_setting(text) for text in settings], scale=scale)


def store(asked: StudyPlan, folder: Path) -> StudyStore:
    return StudyStore.of(asked.job, asked.points, "toy/x", folder)


def stopped(folder: Path, workers: int, after: int) -> int:
    """Stop a study after some results; how many were kept."""
    asked, count = plan(), 0
    kept = store(asked, folder)

    def stop(results: Sequence[PointResult]) -> None:
        nonlocal count
        count = len(results)
        if count >= after:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        do_study(asked, registry(), workers=workers, keep=kept.keep, seen=stop)
    kept.close()
    return count


@pytest.mark.parametrize("workers", [1, 2])
def test_it_goes_on_where_it_was_stopped(workers: int, tmp_path: Path) -> None:
    count = stopped(tmp_path, workers, 4)
    asked = plan()
    again = store(asked, tmp_path)
    found = again.found(asked.points)
    assert len(found) == again.kept == count
    new: list[PointResult] = []
    studied = do_study(asked, registry(), workers=1, found=found, keep=new.extend)
    done_before = {(one.point.row, one.point.number) for one in found}
    assert len(new) == len(asked.points) - count
    assert not done_before & {(one.point.row, one.point.number) for one in new}, "nothing is done twice"
    whole = do_study(plan(), registry(), workers=1)
    assert table(studied.rows) == table(whole.rows)
    assert studied.pictures.keys() == whole.pictures.keys()


def test_a_finished_study_is_read_and_not_computed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plan()
    kept = store(asked, tmp_path)
    first = do_study(asked, registry(), workers=1, keep=kept.keep)
    kept.close()
    monkeypatch.setattr("nnhistory.engine.study.make_crew", None)  # whoever computes now fails
    again = store(asked, tmp_path)
    second = do_study(asked, registry(), found=again.found(asked.points), keep=again.keep)
    assert [row_json(row) for row in second.rows] == [row_json(row) for row in first.rows]
    assert {row: picture.shape for row, picture in second.pictures.items()}
    assert second.shows == first.shows == ("the number", "")
    again.forget()
    assert not again.file.exists()


def test_every_number_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    asked = plan()
    kept = store(asked, tmp_path)
    tally = Tally(0.1 + 0.2, math.inf, -math.inf, 5e-324, {7: 1 / 3})
    outcome = RunOutcome("a", "toy_1900", 0, metrics={"x": tally, "nan": Tally.of(math.nan)}, config={"rate": 0.1})
    kept.keep([PointResult(asked.points[0], {"a": outcome})])
    kept.close()
    (found,) = store(asked, tmp_path).found(asked.points)
    assert found.outcomes["a"].metrics["x"] == tally
    assert math.isnan(found.outcomes["a"].metrics["nan"].final)
    assert found.point is asked.points[0]


def test_a_line_that_was_cut_short_costs_one_run(tmp_path: Path) -> None:
    count = stopped(tmp_path, 1, 4)
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole[:-40])
    asked = plan()
    again = store(asked, tmp_path)
    found = again.found(asked.points)
    assert len(found) == count - 1
    do_study(asked, registry(), workers=1, found=found, keep=again.keep)
    again.close()
    assert len(store(asked, tmp_path).found(asked.points)) == len(asked.points), "the lines after it are whole"
    file.write_bytes(b"\x00\xff not ours\n[]\n{}\nnull\n" + whole)
    assert len(store(asked, tmp_path).found(asked.points)) == count


def test_runs_that_failed_are_tried_again(tmp_path: Path) -> None:
    asked = plan(study("steps = 25, fail_at = 7"))
    kept = store(asked, tmp_path)
    do_study(asked, registry(), workers=1, keep=kept.keep)
    assert kept.kept == 0
    assert not kept.file.exists()


def test_more_seeds_take_up_those_there_are(tmp_path: Path) -> None:
    few = plan()
    kept = store(few, tmp_path)
    do_study(few, registry(), workers=1, keep=kept.keep)
    text = study()
    more = plan(loads(_source(text).replace("seeds = 3", "seeds = 4"), Path("toy.toml")))
    assert (len(few.points), len(more.points)) == (9, 12)
    assert len(store(more, tmp_path).found(more.points)) == 9


def _source(loaded: Loaded) -> str:
    assert loaded.source
    return loaded.source


CHANGED = {
    "the scenario": lambda: plan(study("steps = 26")),
    "what is remembered": lambda: plan(loads(_source(study()) + '[[expect]]\nmetric = "distance"\nof = "at"\nat = 3\n'
                                             "value = 1\n", Path("toy.toml"))),
    "a setting": lambda: plan(None, "a.steps=24"),
    "the scale": lambda: plan(scale="full"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGED)
def test_another_study_is_not_continued(what: str, tmp_path: Path) -> None:
    assert stopped(tmp_path, 1, 4) == 4
    same = plan()
    assert len(store(same, tmp_path).found(same.points)) == 4
    other = CHANGED[what]()
    assert store(other, tmp_path).found(other.points) == []


def test_another_seed_has_other_points(tmp_path: Path) -> None:
    stopped(tmp_path, 1, 9)
    other = plan_study(study(), registry(), seed=100)
    assert store(other, tmp_path).found(other.points) == []


def test_another_program_or_library_is_another_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = plan()
    before = study_store.fingerprint(asked.job, asked.points)
    assert study_store.fingerprint(asked.job, asked.points) == before
    monkeypatch.setattr("nnhistory.engine.study_store.metadata.version", lambda name: "99")
    assert study_store.fingerprint(asked.job, asked.points) != before
    monkeypatch.undo()
    (tmp_path / "later.py").write_text("x = 1\n")
    monkeypatch.setattr("nnhistory.engine.study_store._PACKAGE", tmp_path)
    monkeypatch.setattr("nnhistory.engine.study_store._DECIDE", (".",))
    first = study_store.program()
    (tmp_path / "later.py").write_text("x = 2\n")
    assert study_store.program() != first


def test_points_of_ones_own_that_changed_are_another_study(tmp_path: Path) -> None:
    text = """
title = "T"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = { file = "points.csv" }
[study]
seeds = 2
"""
    points = tmp_path / "points.csv"
    points.write_text("x,y,label\n0,0,a\n1,1,b\n")
    asked = plan_study(loads(text, tmp_path / "x.toml"), registry())
    before = study_store.fingerprint(asked.job, asked.points)
    points.write_text("x,y,label\n0,0,a\n1,2,b\n")
    assert study_store.fingerprint(asked.job, asked.points) != before


def test_a_place_that_cannot_be_written_to_is_noted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    asked = plan()
    kept = StudyStore.of(asked.job, asked.points, "toy/x", tmp_path / "file" / "studies")
    point = Point(0, 0, {}, 0)
    kept.keep([PointResult(point), PointResult(point)])
    assert kept.kept == 0
    assert kept.note.startswith(f"finished runs are not kept: {tmp_path / 'file' / 'studies'} cannot be written (")
