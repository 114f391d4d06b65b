"""The finished runs of a study on disk, one line each, so that a study that was stopped goes on where it was.

A run counts as finished once its line is written: with one call to the system, before anybody hears of the result.
So neither Ctrl-C nor the sudden end of the program loses one, and a line that was cut short is passed over.

The file belongs to everything that decides the numbers (`fingerprint`): the scenario's runs, the settings, the data
files, the program itself and the libraries that compute. If any of it changes, the old runs are not taken up.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

import nnhistory
from nnhistory.core.files import special
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.points import Job, Point, PointResult

__all__ = ["StudyStore", "default_folder", "fingerprint", "program"]

_FORMAT = 1
_LIBRARIES = ("numpy", "scipy", "torch")
_PACKAGE = Path(nnhistory.__file__).resolve().parent
_DECIDE = ("core", "datasets", "engine", "eras", "scenario")
"""The folders of the program whose text decides what comes out of a run."""


def default_folder() -> Path:
    """Where studies that are under way are kept: the user's own state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("nnhistory", appauthor=False)) / "studies"


def program(extra: Iterable[str] = ()) -> str:
    """A digest of this program and of the libraries it computes with; `extra`: folders of further eras."""
    digest = hashlib.sha256(nnhistory.__version__.encode())
    for library in _LIBRARIES:
        with contextlib.suppress(metadata.PackageNotFoundError):
            digest.update(f"{library} {metadata.version(library)}\n".encode())
    for folder in (*(_PACKAGE / name for name in _DECIDE), *(Path(one) for one in extra)):
        for file in sorted(file for kind in ("*.py", "*.toml") for file in folder.rglob(kind)):
            digest.update(f"{file.relative_to(folder.parent).as_posix()}\n".encode())
            digest.update(file.read_bytes())
    return digest.hexdigest()


def fingerprint(job: Job, points: Sequence[Point]) -> str:
    """A digest of everything that decides the numbers, but for the settings and the seed of each run."""
    scenario = job.scenario
    decides = [scenario.run, scenario.turn, scenario.expect, job.settings, job.device, job.scale]
    digest = hashlib.sha256(program(job.extra).encode())
    digest.update(platform.machine().encode())
    digest.update(json.dumps(msgspec.to_builtins(decides), sort_keys=True).encode())
    for name in sorted(_own_data(job, points)):
        digest.update(f"\n{name}\n".encode())
        place = Path(job.base) / name
        for file in sorted(place.rglob("*")) if place.is_dir() else [place]:
            if file.is_file():
                digest.update(f"{file.relative_to(place).as_posix()}\n".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()


def _own_data(job: Job, points: Sequence[Point]) -> set[str]:
    """The user's own tables and folders of pictures, wherever the scenario, a setting or the study names them."""
    named: list[Any] = []
    for run in job.scenario.run:
        for dataset in (run.dataset, run.full.dataset if run.full is not None else None):
            if isinstance(dataset, Mapping):
                named += [dataset.get("file"), dataset.get("images")]
    named += [setting.value for setting in job.settings if setting.dataset and setting.name in ("file", "images")]
    for point in points:
        named += [value for key, value in point.settings.items() if key.endswith(("dataset.file", "dataset.images"))]
    return {name for name in named if isinstance(name, str)}


class StudyStore:
    """The finished runs of one study. Nothing is written before the first of them.

    `kept`: how many are known to be there. `note` says why nothing can be kept, if that is so: a study never fails
    for it.
    """

    def __init__(self, file: Path, mark: str) -> None:
        self.file, self._mark = file, mark
        self._descriptor: int | None = None
        self.kept = 0
        self.note = ""

    @classmethod
    def of(cls, job: Job, points: Sequence[Point], name: str, folder: Path | None = None) -> StudyStore:
        """The store that belongs to this study. name : of the scenario, for whoever looks into the folder."""
        mark = fingerprint(job, points)
        folder = folder if folder is not None else default_folder()
        readable = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name)[-60:]
        return cls(folder / f"{readable}-{mark[:16]}.jsonl", mark)

    def found(self, points: Sequence[Point]) -> list[PointResult]:
        """The results of those of the points that were finished before."""
        wanted = {_key(point.settings, point.seed): point for point in points}
        results: list[PointResult] = []
        kind = special(self.file)
        if kind:  # opening it would wait for ever
            self.note = f"finished runs are not kept: {self.file} is no regular file ({kind})"
            return []
        try:
            lines = self.file.read_bytes().split(b"\n")
        except OSError:
            return []
        for line in lines:
            try:
                entry = json.loads(line)
                if (entry["format"], entry["study"]) != (_FORMAT, self._mark):
                    continue
                point = wanted.pop(_key(entry["settings"], entry["seed"]), None)
                if point is None:
                    continue
                outcomes = msgspec.convert(entry["outcomes"], dict[str, RunOutcome], strict=False)
                picture = None if entry["picture"] is None else np.asarray(entry["picture"], dtype=float)
                results.append(PointResult(point, outcomes, picture, tuple(entry.get("shows", ("", "")))))
            except (ValueError, KeyError, TypeError, RecursionError):
                continue  # cut short, or not ours: that run is done again
        self.kept = len(results)
        return results

    def keep(self, results: Iterable[PointResult]) -> None:
        """Write results down, but for those that failed: they are to be tried again."""
        for result in results:
            if not result.failure and not self.note:
                line = _line(result, self._mark)
                self.kept += 1  # before it is written: right behind that an interrupt strikes
                try:
                    self._write(line)
                except OSError as error:
                    self.kept -= 1
                    place = self.file.parent
                    self.note = f"finished runs are not kept: {place} cannot be written ({error.strerror})"

    def _write(self, line: bytes) -> None:
        if self._descriptor is None:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
            self._descriptor = os.open(self.file, flags, 0o644)
        os.write(self._descriptor, line)

    def close(self) -> None:
        """Leave the file as it is."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def forget(self) -> None:
        """The study is over, or begins anew: its runs are not needed any more."""
        self.close()
        self.kept = 0
        with contextlib.suppress(OSError):
            self.file.unlink(missing_ok=True)


def _key(settings: Mapping[str, Any], seed: int) -> str:
    return json.dumps([settings, seed], sort_keys=True)


def _line(result: PointResult, mark: str) -> bytes:
    entry = {
        "format": _FORMAT,
        "study": mark,
        "settings": result.point.settings,
        "seed": result.point.seed,
        "outcomes": msgspec.to_builtins(result.outcomes, str_keys=True),
        "picture": None if result.picture is None else np.asarray(result.picture).tolist(),
        "shows": result.shows,
    }
    # Python's own encoder: NaN and infinity survive, and every number comes back to the last bit.
    # It begins with a new line, whatever a line before it that was cut short ends in.
    return b"\n" + json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
