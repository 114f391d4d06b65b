"""What an era says about itself: papers, history, knobs, metrics, events, pictures, texts."""

from __future__ import annotations

import re
import tomllib

import pytest

from nnhistory.core.manifest import Manifest
from nnhistory.engine.detectors import DETECTORS
from nnhistory.engine.registry import Registry
from tests.contract.runs import Case


@pytest.fixture
def manifest(registry: Registry, era: str) -> Manifest:
    return registry.manifest(era)


def test_it_has_a_name_and_a_story(manifest: Manifest) -> None:
    assert manifest.id.endswith(str(manifest.year)), "the folder's name ends with the year"
    for text in (manifest.title, manifest.believed, manifest.broke):
        assert text.strip()


def test_every_paper_has_author_year_and_venue(manifest: Manifest) -> None:
    assert manifest.papers
    for key, paper in manifest.papers.items():
        assert paper.author.strip(), key
        assert paper.title.strip(), key
        assert paper.venue.strip(), key
        assert 1800 <= paper.year <= 2030, key
        assert paper.read in ("original", "secondary", "unverified"), key


def test_every_statement_rests_on_sources_that_exist(manifest: Manifest) -> None:
    assert manifest.history
    for statement in manifest.history:
        assert statement.text.strip()
        assert statement.sources, statement.text
        assert set(statement.sources) <= manifest.papers.keys(), statement.text


def test_every_knob_is_explained_and_its_default_is_allowed(manifest: Manifest) -> None:
    for name, knob in manifest.knobs.items():
        assert knob.help.strip(), name
        if knob.default is not None:
            assert knob.check(knob.default, name) == knob.default
        else:
            assert knob.kind in ("picture", "points", "list", "text"), f"{name} needs a default"
        if knob.kind == "choice":
            assert knob.choices, name
        if knob.kind == "picture":
            assert len(knob.shape) == 2, name
    assert not manifest.steps_knob or manifest.steps_knob in manifest.knobs
    assert set(manifest.accepts) <= {"start", "freeze", "input"}


def test_every_metric_is_explained(manifest: Manifest) -> None:
    assert manifest.metrics
    for name, metric in manifest.metrics.items():
        assert metric.help.strip(), name
        # Whoever asks for one of them is not shown the one before it.
        assert not re.match(r"(The same|Its |The step of that|Mean of that|After minus)", metric.help), name
        assert "that estimate" not in metric.help, name
        assert re.fullmatch(r"[a-z][a-z0-9_]*(/[a-z0-9_*]+)?", name), name


def test_every_event_says_what_happened_with_its_evidence(manifest: Manifest) -> None:
    for kind, event in manifest.events.items():
        holes = set(re.findall(r"\{([a-z_0-9]+)\}", event.text))
        assert holes <= {"step", *event.evidence}, kind
        assert all(text.strip() for text in event.evidence.values()), kind
        assert event.text.strip(), kind


def test_detectors_exist_and_report_what_is_declared(manifest: Manifest) -> None:
    for name in manifest.detectors:
        assert name in DETECTORS
        assert DETECTORS[name].kinds <= manifest.events.keys(), name


def test_every_picture_has_a_title(manifest: Manifest) -> None:
    assert manifest.panels
    for name, title in manifest.panels.items():
        assert re.fullmatch(r"[a-z][a-z0-9_]*", name)
        assert title.strip(), name


def test_the_folder_holds_what_a_reader_looks_for(registry: Registry, era: str) -> None:
    folder = registry.folder(era)
    for name in ("era.toml", "model.py", "view.py", "text/en.toml", "README.md"):
        assert (folder / name).is_file(), f"{era} has no {name}"
    english = tomllib.loads((folder / "text" / "en.toml").read_text(encoding="utf-8"))
    for file in (folder / "text").glob("*.toml"):
        other = tomllib.loads(file.read_text(encoding="utf-8"))
        assert _ids(other) <= _ids(english), f"{file.name} has texts that en.toml has not"


def _ids(table: dict[str, object], prefix: str = "") -> set[str]:
    ids: set[str] = set()
    for key, value in table.items():
        ids |= _ids(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}"}
    return ids


def test_every_era_has_a_scenario(era: str, cases: list[Case]) -> None:
    assert any(run.era == era for case in cases for run in case.load().scenario.run)
