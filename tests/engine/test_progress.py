"""What is remembered from visit to visit: written whole or not at all, and losing it never stops anybody."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnhistory.engine.progress import Progress, default_file


def test_what_was_done_is_there_next_time(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "progress.json"
    progress = Progress.load(file)
    assert progress.first_visit
    assert progress.note == ""
    progress.at("perceptron/xor")
    progress.saw("perceptron/or")
    progress.understood_break("perceptron/xor")
    again = Progress.load(file)
    assert not again.first_visit
    assert (again.last, again.seen, again.understood) == ("perceptron/xor", {"perceptron/or"}, {"perceptron/xor"})
    assert [path.name for path in file.parent.iterdir()] == ["progress.json"]


def test_nothing_is_written_where_nothing_changed(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    progress = Progress.load(file)
    progress.at("a/b")
    file.unlink()
    progress.at("a/b")
    assert not file.exists()


def test_forgetting_is_the_first_visit_again(tmp_path: Path) -> None:
    file = tmp_path / "progress.json"
    progress = Progress.load(file)
    progress.forget()
    progress.at("a/b")
    progress.forget()
    assert progress.first_visit
    assert not file.exists()
    assert Progress.load(file).first_visit


BAD = {
    "empty": b"", "cut": b'{"format": 1, "last": "a', "binary": bytes(range(256)), "list": b"[1, 2]", "null": b"null",
    "keys missing": b'{"format": 1}', "other version": b'{"format": 2, "last": "x", "seen": [], "understood": []}',
    "wrong types": b'{"format": 1, "last": "x", "seen": 7, "understood": []}', "deep": b"[" * 100_000,
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD)
def test_a_file_that_is_not_ours_is_no_obstacle_and_is_kept(tmp_path: Path, kind: str) -> None:
    file = tmp_path / "progress.json"
    file.write_bytes(BAD[kind])
    progress = Progress.load(file)
    assert progress.first_visit
    assert not progress.seen
    assert progress.note == f"what you did before could not be read: {file}. It starts afresh"
    assert file.read_bytes() == BAD[kind]
    progress.at("a/b")
    assert Progress.load(file).last == "a/b"
    assert file.with_suffix(".unread").read_bytes() == BAD[kind]


def test_a_place_that_cannot_be_written_to_is_noted_once_and_no_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    progress = Progress.load(blocked / "progress.json")
    progress.at("a/b")
    assert progress.last == "a/b"
    assert progress.note.startswith(f"your progress is not kept: {blocked} cannot be written (")
    folder = tmp_path / "progress.json"
    folder.mkdir()
    progress = Progress.load(folder)
    progress.saw("a/b")
    assert progress.note.startswith("your progress is not kept")


def test_a_write_that_fails_half_way_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "progress.json"
    progress = Progress.load(file)
    progress.at("a/b")
    old = file.read_text()

    def torn(self: Path, text: str, **_: object) -> int:
        with self.open("w") as draft:
            draft.write(text[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", torn)
    progress.saw("c/d")
    assert file.read_text() == old
    assert json.loads(old)["last"] == "a/b"
    assert "No space left on device" in progress.note


def test_the_users_own_state_folder_is_the_default(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert default_file().name == "progress.json"
    assert "nnhistory" in default_file().parts
