"""Recordings on disk come back as they were; anything else is refused in one clear line."""

from __future__ import annotations

import io
import json
import random
import zipfile
from pathlib import Path

import msgspec
import numpy as np
import pytest

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.engine.outcome import RunOutcome, Tally
from nnhistory.engine.storage import load
from nnhistory.engine.writer import RecordingWriter
from tests.engine.helpers import frame, header


def write(file: Path, *, count: int = 20, finish: bool = True) -> Path:
    outcome = RunOutcome(
        "a", "toy_1900", 0, steps=7, moments=count, metrics={"mistakes": Tally(0, 19, 0, 19, {3: 9.0})}
    )
    outcome.events.append(Event(2, 6, "limit_cycle", {"period": 4, "max_norm": 2.5}))
    with RecordingWriter(file, id="toy/one", scenario='title = "toy"') as writer:
        writer.begin(header())
        for tick in range(count):
            events = (outcome.events[0],) if tick == 6 else ()
            one = frame(tick, events=events, data=tick == 0)
            writer.append("a", [one], [("mistakes", tick, tick // 3, float(tick))])
        writer.append("a", [frame(count, kept=False)], [])
        if finish:
            writer.end("a", outcome)
            writer.finish()
    return file


def test_what_is_loaded_is_what_was_recorded(tmp_path: Path) -> None:
    loaded = load(write(tmp_path / "one.nnh"))
    recording, outcome = loaded.recordings["a"], loaded.outcomes["a"]
    assert (loaded.id, loaded.scenario) == ("toy/one", 'title = "toy"')
    assert recording.header == header()
    assert [one.tick for one in recording.frames] == list(range(20)), "the tail is not saved"
    for tick, one in enumerate(recording.frames):
        np.testing.assert_array_equal(one.arrays["weights/0"], np.full(3, tick, dtype=np.float32))
        assert one.scalars == {"mistakes": float(tick)}
        assert not one.arrays["weights/0"].flags.writeable
    assert recording.events == outcome.events
    assert outcome.metrics["mistakes"].at == {3: 9.0}
    assert recording.complete
    assert recording.series("mistakes").values[-1] == 19.0
    assert not (tmp_path / "one.nnh.part").exists()


def test_a_second_run_that_cannot_begin_costs_the_first_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = Path.write_bytes

    def full(self: Path, data: bytes) -> int:
        if b'"b"' not in data:
            return plain(self, data)
        plain(self, b"")
        raise OSError(28, "No space left on device")

    with RecordingWriter(tmp_path / "two.nnh", id="toy/two", scenario="") as writer:
        writer.begin(header())
        writer.append("a", [frame(0)], [])
        monkeypatch.setattr(Path, "write_bytes", full)
        with pytest.raises(BadInput, match=r"two\.nnh: nothing more can be written here: No space left on device"):
            writer.begin(msgspec.structs.replace(header(), run="b"))
    assert list(load(tmp_path / "two.nnh").recordings) == ["a"]


def test_numpy_can_read_the_arrays(tmp_path: Path) -> None:
    with np.load(write(tmp_path / "one.nnh"), allow_pickle=False) as arrays:
        assert arrays["a/arrays/weights/0"].shape == (20, 3)
        assert arrays["a/arrays/data/x"].shape == (1, 4)


def test_a_run_that_was_cut_off_can_be_opened(tmp_path: Path) -> None:
    write(tmp_path / "one.nnh", finish=False)
    assert not (tmp_path / "one.nnh").exists()
    for name in ("one.nnh", "one.nnh.part"):
        recording = load(tmp_path / name).recordings["a"]
        assert len(recording.frames) == 20


def test_a_part_folder_cut_in_mid_line_gives_the_whole_lines(tmp_path: Path) -> None:
    write(tmp_path / "one.nnh", finish=False)
    lines = tmp_path / "one.nnh.part" / "a" / "frames.jsonl"
    lines.write_bytes(lines.read_bytes()[:-9])
    assert len(load(tmp_path / "one.nnh").recordings["a"].frames) == 19


def test_cut_short_at_any_byte_is_refused_in_one_line(tmp_path: Path) -> None:
    whole = write(tmp_path / "one.nnh", count=4).read_bytes()
    cut = tmp_path / "cut.nnh"
    for length in range(len(whole)):
        cut.write_bytes(whole[:length])
        with pytest.raises(BadInput) as error:
            load(cut)
        assert "\n" not in str(error.value)
        assert str(error.value).startswith(str(cut))


def test_damage_anywhere_is_refused_or_harmless_but_never_a_traceback(tmp_path: Path) -> None:
    whole = bytearray(write(tmp_path / "one.nnh", count=4).read_bytes())
    rng, hurt, refused = random.Random(0), tmp_path / "hurt.nnh", 0
    for _ in range(400):
        copy = bytearray(whole)
        for _ in range(3):
            copy[rng.randrange(len(copy))] ^= 1 << rng.randrange(8)
        hurt.write_bytes(copy)
        try:
            load(hurt)
        except BadInput:
            refused += 1
    assert refused > 300, "checksums notice most of it"


def test_a_pickle_inside_is_never_opened(tmp_path: Path) -> None:
    file = write(tmp_path / "one.nnh")
    with zipfile.ZipFile(file) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, np.array([{"evil": 1}] * 20, dtype=object), allow_pickle=True)
    members["a/arrays/weights/0.npy"] = buffer.getvalue()
    with zipfile.ZipFile(file, "w") as zipped:
        for name, data in members.items():
            zipped.writestr(name, data)
    with pytest.raises(BadInput, match=r"damaged \(ValueError: Object arrays cannot be loaded"):
        load(file)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "not a whole nnhistory recording"),
        (b"hello", "not a whole nnhistory recording"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "not a whole nnhistory recording"),
    ],
)
def test_foreign_files_are_refused(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "x.nnh"
    file.write_bytes(content)
    with pytest.raises(BadInput, match=said):
        load(file)


def test_a_foreign_zip_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.nnh"
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("readme.txt", "hello")
    with pytest.raises(BadInput, match=r"this zip is not an nnhistory recording \(it holds no nnhistory.json\)"):
        load(file)


def test_a_later_format_says_update(tmp_path: Path) -> None:
    file = tmp_path / "x.nnh"
    with zipfile.ZipFile(file, "w") as zipped:
        zipped.writestr("nnhistory.json", json.dumps({"format": 99, "runs": ["a"]}))
    with pytest.raises(BadInput, match=r"format 99, this program reads up to 1\. Update nnhistory"):
        load(file)


def test_a_missing_file_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no such recording"):
        load(tmp_path / "none.nnh")


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(BadInput, match="cannot write here"):
        RecordingWriter(tmp_path / "file" / "one.nnh", id="x", scenario="")


@pytest.mark.parametrize(
    "held",
    [b'title = "mine"\n', b"PK\x03\x04" + bytes(26) + b"word/document.xml", bytes(99)],
    ids=["text", "zip", "zeros"],
)
def test_a_recording_replaces_nothing_but_a_recording(tmp_path: Path, held: bytes) -> None:
    file = tmp_path / "mine.toml"
    file.write_bytes(held)
    with pytest.raises(BadInput, match=r"mine\.toml: there is something else of this name already"):
        write(file)
    assert file.read_bytes() == held
    assert [one.name for one in tmp_path.iterdir()] == ["mine.toml"]


def test_a_folder_that_only_looks_like_an_unfinished_recording_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "one.nnh.part").mkdir()
    (tmp_path / "one.nnh.part" / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match=r"one\.nnh\.part: there is something else"):
        write(tmp_path / "one.nnh")
    assert (tmp_path / "one.nnh.part" / "thesis.txt").exists()


def test_recording_again_replaces_a_whole_a_cut_and_an_unfinished_recording(tmp_path: Path) -> None:
    file = write(tmp_path / "one.nnh")
    whole = file.read_bytes()
    for kept in (len(whole), len(whole) // 2, 40, 10, 2, 0):
        file.write_bytes(whole[:kept])
        write(file, finish=False)
        write(file)
        assert not (tmp_path / "one.nnh.part").exists()
        assert len(load(file).recordings["a"].frames) == 20
