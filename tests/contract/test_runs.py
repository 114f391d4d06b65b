"""What an era's runs give: frames that are values, in order, declared; the same every time; scenes at every size."""

from __future__ import annotations

import random
import re
from fnmatch import fnmatch

import msgspec
import numpy as np
import pytest

from nnhistory.core.moment import PHASES, Frame
from nnhistory.core.scene import Mark, Panel, Scene, Size
from nnhistory.engine.names import check_names
from nnhistory.engine.recording import BUDGET
from nnhistory.engine.registry import Registry
from tests.contract.drawers import DRAWERS
from tests.contract.runs import MOMENTS, Case, Driven, drive, driven
from tests.engine.stagehand import assert_same_frames
from tests.scenarios.controls import QUICK

SIZES = (Size(76, 20), Size(116, 36), Size(28, 8))
_ARRAYS = re.compile(r"(weights|bias|pre|act|grad|delta|hidden|state)/[a-z0-9_]+|data/[a-z0-9_]+|input|target|answer")
_EVERYWHERE = {"turned": {"knob", "value", "before", "after"}, "non_finite": {"metric", "value", "array", "step"}}


def frames_of(case: Case) -> list[tuple[Driven, Frame]]:
    return [(one, frame) for one in driven(case).values() for frame in one.recording.frames]


def test_every_name_means_something_and_something_must_hold(case: Case, registry: Registry) -> None:
    loaded = case.load()
    check_names(loaded, registry)
    assert loaded.scenario.expect, "a scenario without an expectation is no test"


def test_it_begins_at_step_0_and_ends_with_done(case: Case) -> None:
    for one in driven(case).values():
        first, last = one.recording.frames[0], one.recording.frames[-1]
        assert (first.tick, first.step, first.phase) == (0, 0, "eval")
        assert one.done == (last.phase == "done")
        assert one.done or one.outcome.moments == MOMENTS
        assert [frame.phase for frame in one.recording.frames].count("done") == int(one.done)


def test_phases_come_in_order(case: Case) -> None:
    order = {phase: number for number, phase in enumerate(PHASES)}
    for one in driven(case).values():
        before: Frame | None = None
        for frame in one.recording.frames:
            assert frame.phase in order
            if before is not None:
                assert frame.tick > before.tick
                assert frame.step >= before.step
                if frame.step == before.step and frame.tick == before.tick + 1:
                    assert order[frame.phase] >= order[before.phase], f"{before.phase} then {frame.phase}"
            before = frame


def test_frames_are_read_only_and_finite(case: Case, registry: Registry) -> None:
    for one, frame in frames_of(case):
        # An era that means to show numbers running away declares that event, and says what it means.
        allowed = "non_finite" in registry.manifest(one.outcome.era).events
        broken = allowed and any(event.kind == "non_finite" for event in one.recording.events)
        for name, array in frame.arrays.items():
            assert not array.flags.writeable, name
            assert not array.dtype.hasobject, name
            if array.dtype.kind == "f" and not broken:
                assert np.isfinite(array).all(), f"{name} at step {frame.step}"
        for name, value in frame.scalars.items():
            assert type(value) is float, f"{name} is a {type(value).__name__}"  # NumPy's own is not written as JSON
            assert np.isfinite(value) or broken, f"{name} at step {frame.step}"


def test_arrays_have_conventional_names_and_shapes(case: Case) -> None:
    for _, frame in frames_of(case):
        for name in frame.arrays:
            assert _ARRAYS.fullmatch(name), f"{name} is no conventional name"
        for name, weights in frame.arrays.items():
            kind, _, layer = name.partition("/")
            if kind == "weights" and f"bias/{layer}" in frame.arrays:
                assert weights.ndim == 2
                assert frame.arrays[f"bias/{layer}"].shape == (weights.shape[1],)


def test_scalars_and_events_are_declared(case: Case, registry: Registry) -> None:
    for one in driven(case).values():
        manifest = registry.manifest(one.outcome.era)
        for name in one.outcome.metrics:
            assert any(fnmatch(name, declared) for declared in manifest.metrics), f"{name} is not declared"
        for event in one.outcome.events:
            declared = manifest.events.get(event.kind)
            keys = {"step", *declared.evidence} if declared is not None else _EVERYWHERE[event.kind]
            assert event.evidence.keys() <= keys, event.kind
            assert msgspec.to_builtins(event.evidence) == event.evidence, "plain numbers and strings"
        kept = {event for frame in one.recording.frames for event in map(_key, frame.events)}
        assert kept == set(map(_key, one.outcome.events)), "every event's moment is kept"


def _key(event: object) -> str:
    return repr(event)


def timeless(frame: Frame) -> Frame:
    """Without what was read off a clock: only that may differ between two runs."""
    scalars = {name: value for name, value in frame.scalars.items() if not name.startswith("clock/")}
    return msgspec.structs.replace(frame, scalars=scalars)


def test_two_runs_are_equal_frame_by_frame(case: Case) -> None:
    numpy_state, python_state = np.random.get_state()[1].copy(), random.getstate()  # noqa: NPY002
    again = drive(case, moments=MOMENTS // (10 if case.load().scenario.seconds > QUICK else 4))
    assert (np.random.get_state()[1] == numpy_state).all(), "no global generator is touched"  # noqa: NPY002
    assert random.getstate() == python_state
    for run, one in again.items():
        before = {frame.tick: frame for frame in driven(case)[run].recording.frames if frame.kept}
        compared = 0
        for frame in one.recording.frames:
            if frame.tick in before:
                assert_same_frames(timeless(before[frame.tick]), timeless(frame))
                compared += 1
        # Large nets fill the recording's room early, and what is thinned depends on how far the run went.
        assert compared >= min(len(before), 100 if one.recording.nbytes < BUDGET // 4 else 1)


def test_arrays_that_stay_the_same_are_offered_once(case: Case) -> None:
    """`data/...` in every frame would fill the recording with copies."""
    for one in driven(case).values():
        offers = [frame for frame in one.recording.frames if any(name.startswith("data/") for name in frame.arrays)]
        assert len(offers) <= 1 + len([event for event in one.recording.events if event.kind == "turned"])


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(size, id=f"{size.columns}x{size.rows}", marks=[pytest.mark.slow] if size != SIZES[0] else [])
        for size in SIZES
    ],
)
def test_scenes_can_be_drawn(case: Case, size: Size, registry: Registry) -> None:
    for one in driven(case).values():
        manifest, view = registry.manifest(one.outcome.era), registry.view(one.outcome.era)
        for frame in chosen_frames(one):
            for ghost in (None, one.recording):
                scene = view.scene(frame, one.recording, size, ghost)
                check_scene(scene, set(manifest.panels))
            for drawer in DRAWERS:
                drawer(scene, size)
            small = view.thumbnail(frame, one.recording)
            assert isinstance(small, Mark)
            assert small.name, "a board says what its small pictures show"
            assert len(small.name) <= 24
            explain = registry.xray(one.outcome.era)
            panel = explain(frame, one.recording) if explain is not None else None
            if panel is not None:
                assert isinstance(panel, Panel)
                assert panel.sentence.strip()


def chosen_frames(one: Driven) -> list[Frame]:
    """The first moments, some of the middle, all phases, every kind of event, the last."""
    frames = one.recording.frames
    places = {*range(min(6, len(frames))), len(frames) // 2, len(frames) - 2, len(frames) - 1}
    kinds: set[str] = set()
    for place, frame in enumerate(frames):
        new = {event.kind for event in frame.events} - kinds
        if new:
            kinds |= new
            places.add(place)
    return [frames[place] for place in sorted(places) if 0 <= place < len(frames)]


def check_scene(scene: Scene, declared: set[str]) -> None:
    assert isinstance(scene, Scene)
    assert scene.panels
    assert scene.title.strip()
    ids = [panel.id for panel in scene.panels]
    assert len(ids) == len(set(ids)), "no panel twice"
    for panel in scene.panels:
        assert panel.id in declared, f"the panel {panel.id} is not declared in era.toml"
        assert panel.title.strip(), panel.id
        assert panel.sentence.strip(), panel.id
        assert panel.sentence.rstrip()[-1] in ".!?", f"{panel.id}: {panel.sentence!r} is no sentence"
        assert panel.marks, panel.id
        for mark in panel.marks:
            x0, y0, x1, y1 = mark.rect
            assert 0 <= x0 < x1 <= 1, panel.id
            assert 0 <= y0 < y1 <= 1, panel.id
