"""A recording on its way to the disk: written as it grows into `FILE.part/`, packed at the end. See storage.py."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec
import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.files import refuse_special
from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import FORMAT, Header
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.storage import MAIN, ZIP, dumps, frame_line, load, save

__all__ = ["RecordingWriter"]


class RecordingWriter:
    """Write recordings as they grow. A context manager: `finish` packs; leaving early keeps the `.part` folder."""

    def __init__(self, file: str | Path, *, id: str, scenario: str) -> None:
        self.file = Path(file)
        if self.file.is_dir():  # asked first: "." has no name that .part could be added to
            raise BadInput("a recording cannot be written over a folder", file=self.file, remedy="Name a file")
        refuse_special(self.file, "Choose another name for --record")
        self.part = self.file.with_name(self.file.name + ".part")
        for place, ours in ((self.file, _begins_as_ours), (self.part, _is_part)):
            if place.exists() and not ours(place):
                raise BadInput(
                    "there is something else of this name already, and a recording would replace it",
                    file=place,
                    remedy="Choose another name for --record",
                )
        self._main: dict[str, Any] = {"format": FORMAT, "id": id, "scenario": scenario, "runs": []}
        self._runs: dict[str, _RunFolder] = {}
        try:
            if self.part.exists():
                shutil.rmtree(self.part)
            self.part.mkdir(parents=True)
            self._write_main()
        except OSError as error:
            shutil.rmtree(self.part, ignore_errors=True)  # nothing is in it yet
            raise BadInput(
                f"cannot write here: {error.strerror}", file=self.file, remedy="Choose another place for --record"
            ) from None

    def __enter__(self) -> RecordingWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for run in self._runs.values():
            with contextlib.suppress(OSError):  # what cannot be written any more was said when it was to be
                run.close()

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """A disk that is full, or gone, is said of the file that was asked for."""
        try:
            yield
        except OSError as error:
            raise BadInput(
                f"nothing more can be written here: {error.strerror}", file=self.file,
                remedy=f"Make room, or choose another place for --record. What was written lies in {self.part}",
            ) from None  # fmt: skip

    def begin(self, header: Header) -> None:
        """A run starts."""
        with self._writing():
            self._runs[header.run] = _RunFolder(self.part / header.run, header)
            self._main["runs"].append(header.run)
            self._write_main()

    def append(self, run: str, frames: Iterable[Frame], points: Iterable[tuple[str, int, int, float]]) -> None:
        """Frames of the tail are not written."""
        with self._writing():
            self._runs[run].append(frames, points)

    def end(self, run: str, outcome: RunOutcome) -> None:
        """A run has ended."""
        folder = self._runs[run]
        with self._writing():
            (folder.folder / "outcome.json").write_bytes(dumps(msgspec.to_builtins(outcome, str_keys=True)))
            folder.close()

    def finish(self) -> Path:
        """Pack everything into the one file and remove the folder."""
        packing = self.file.with_name(self.file.name + ".packing")
        with self._writing():
            for run in self._runs.values():
                run.close()
            loaded = load(self.part)
            try:
                save(packing, loaded)
                packing.replace(self.file)
            finally:
                packing.unlink(missing_ok=True)
            shutil.rmtree(self.part)
        return self.file

    def _write_main(self) -> None:
        draft = self.part / f"{MAIN}.new"  # the runs before this one stay readable if it cannot be written
        draft.write_bytes(dumps(self._main))
        draft.replace(self.part / MAIN)


def _begins_as_ours(file: Path) -> bool:
    """Is it a recording, whole, cut short or empty? A zip's first member has its name at byte 30."""
    try:
        with file.open("rb") as opened:
            head = opened.read(30 + len(MAIN))
    except OSError:
        return True  # opening it for writing will say what is wrong
    return ZIP.startswith(head[:4]) and MAIN.encode().startswith(head[30:])


def _is_part(folder: Path) -> bool:
    return (folder / MAIN).is_file() or (folder.is_dir() and not any(folder.iterdir()))


class _RunFolder:
    """One run inside a `.part` folder: arrays are appended to one file, frames point into it by offset."""

    def __init__(self, folder: Path, header: Header) -> None:
        folder.mkdir()
        self.folder = folder
        (folder / "header.json").write_bytes(dumps(msgspec.to_builtins(header)))
        self._frames = (folder / "frames.jsonl").open("wb")
        self._series = (folder / "series.jsonl").open("wb")
        self._arrays = (folder / "arrays.bin").open("wb")
        self._last: dict[str, tuple[Array, list[Any]]] = {}

    def append(self, frames: Iterable[Frame], points: Iterable[tuple[str, int, int, float]]) -> None:
        for frame in frames:
            if not frame.kept:
                continue
            places: dict[str, list[Any]] = {}
            for name, array in frame.arrays.items():
                before = self._last.get(name)
                if before is not None and before[0].shape == array.shape and np.array_equal(before[0], array):
                    places[name] = before[1]
                    continue
                places[name] = [self._arrays.tell(), array.dtype.str, list(array.shape)]
                self._arrays.write(array.tobytes())
                self._last[name] = (array, places[name])
            # Arrays first: a frame line never points at bytes that are not there yet.
            self._arrays.flush()
            self._frames.write(dumps(frame_line(frame, places)) + b"\n")
        self._frames.flush()
        for point in points:
            self._series.write(dumps(list(point)) + b"\n")

    def close(self) -> None:
        with contextlib.ExitStack() as all_of_them:  # the others, too, where one cannot write its rest
            for file in (self._arrays, self._frames, self._series):
                all_of_them.callback(file.close)
