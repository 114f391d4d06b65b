"""Recordings on disk: written as they grow into `FILE.part/`, packed at the end into one zip.

The zip holds JSON lines and `.npy` members, so `numpy.load(FILE)` reads its arrays; nothing in it is ever executed
(no pickle). Members, for every run R:

    nnhistory.json           format number, the scenario's text and id, the runs in order
    R/header.json            core.recording.Header
    R/frames.jsonl           one frame a line; `arrays` maps a name to [member, row]
    R/series.jsonl           one metric point a line: [name, tick, step, value]
    R/outcome.json           engine.outcome.RunOutcome, once the run has ended
    R/arrays/NAME.npy        all values of one array, stacked: (rows, ...)
"""

from __future__ import annotations

import io
import json
import math
import zipfile
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.events import Event
from nnhistory.core.files import refuse_special
from nnhistory.core.moment import Array, Frame
from nnhistory.core.recording import FORMAT, Header
from nnhistory.engine.outcome import RunOutcome
from nnhistory.engine.recording import MemoryRecording

__all__ = ["MAIN", "ZIP", "LoadedFile", "dumps", "frame_line", "is_recording", "load", "save"]

MAIN = "nnhistory.json"
ZIP = b"PK\x03\x04"
_LIMIT = 512 * 2**20
"""Unpacked size above which a file is refused: ours stay under 64 MB a run."""


class LoadedFile(msgspec.Struct):
    """What a file holds: the scenario's id and text, and a recording and an outcome for each run, in order."""

    path: Path
    id: str
    scenario: str
    recordings: dict[str, MemoryRecording]
    outcomes: dict[str, RunOutcome]


def frame_line(frame: Frame, places: dict[str, list[Any]]) -> dict[str, Any]:
    return {
        "tick": frame.tick,
        "step": frame.step,
        "phase": frame.phase,
        "scalars": frame.scalars,
        "events": msgspec.to_builtins(frame.events),
        "arrays": places,
    }


def save(file: Path, loaded: LoadedFile) -> None:
    """Pack recordings into one zip."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as zipped:
        main = {"format": FORMAT, "id": loaded.id, "scenario": loaded.scenario, "runs": list(loaded.recordings)}
        zipped.writestr(MAIN, dumps(main))
        for run, recording in loaded.recordings.items():
            zipped.writestr(f"{run}/header.json", dumps(msgspec.to_builtins(recording.header)))
            lines, stacks = _stack([frame for frame in recording.frames if frame.kept])
            zipped.writestr(f"{run}/frames.jsonl", b"\n".join(lines))
            points = (dumps([name, *point]) for name in recording.metrics for point in recording._series[name].points)
            zipped.writestr(f"{run}/series.jsonl", b"\n".join(points))
            if run in loaded.outcomes:
                outcome = msgspec.to_builtins(loaded.outcomes[run], str_keys=True)
                zipped.writestr(f"{run}/outcome.json", dumps(outcome))
            for member, rows in stacks.items():
                buffer = io.BytesIO()
                np.lib.format.write_array(buffer, np.stack(rows), allow_pickle=False)
                zipped.writestr(f"{run}/arrays/{member}.npy", buffer.getvalue())


def _stack(frames: list[Frame]) -> tuple[list[bytes], dict[str, list[Array]]]:
    """Frame lines, and equal-shaped arrays of one name stacked; an unchanged array is stored once."""
    stacks: dict[str, list[Array]] = {}
    members: dict[tuple[Any, ...], str] = {}
    shapes: dict[str, int] = {}
    last: dict[str, tuple[Array, list[Any]]] = {}
    lines = []
    for frame in frames:
        places: dict[str, list[Any]] = {}
        for name, array in frame.arrays.items():
            if name in last and last[name][0] is array:
                places[name] = last[name][1]
                continue
            key = (name, array.shape, array.dtype.str)
            if key not in members:
                number = shapes.get(name, 0)
                shapes[name] = number + 1
                members[key] = name if number == 0 else f"{name}~{number}"
            rows = stacks.setdefault(members[key], [])
            places[name] = [members[key], len(rows)]
            rows.append(array)
            last[name] = (array, places[name])
        lines.append(dumps(frame_line(frame, places)))
    return lines, stacks


def is_recording(source: str | Path) -> bool:
    """Is this a file written by `run --record` (finished or not), rather than a scenario?"""
    path = Path(source)
    if path.is_dir():
        return (path / MAIN).is_file()
    if not path.is_file() or path.suffix == ".toml":
        return False
    with path.open("rb") as file:
        return file.read(4) == ZIP or path.suffix != ""


def load(file: str | Path) -> LoadedFile:
    """Open a packed recording, or a `.part` folder of a run that was cut off.

    Raises BadInput, whatever the file holds: foreign, cut short, damaged, or of a later format.
    """
    path = Path(file)
    try:
        if path.is_dir():
            return _load_part(path)
        if not path.exists() and path.with_name(path.name + ".part").is_dir():
            return _load_part(path.with_name(path.name + ".part"))
        refuse_special(path, "Save the recording as a file, and name that")
        return _load_zip(path)
    except FileNotFoundError:
        raise BadInput(
            "there is no such recording", file=path, remedy="Make one with nnhistory run ID --record FILE"
        ) from None
    except OSError as error:
        raise BadInput(f"cannot be read: {error.strerror or error}", file=path) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, MemoryError) as error:
        raise BadInput(
            "this is not a whole nnhistory recording",
            why=f"it is cut short, damaged or another kind of file: {error}",
            file=path,
            remedy="Record it again",
        ) from None
    except (KeyError, ValueError, TypeError, IndexError, AttributeError, msgspec.MsgspecError, OverflowError) as error:
        raise BadInput(
            "this recording is damaged", why=f"{type(error).__name__}: {error}", file=path, remedy="Record it again"
        ) from None


def _load_zip(path: Path) -> LoadedFile:
    if path.stat().st_size == 0:
        raise zipfile.BadZipFile("the file is empty")
    with zipfile.ZipFile(path) as zipped:
        if sum(info.file_size for info in zipped.infolist()) > _LIMIT:
            raise BadInput("this file unpacks to more than 512 MB", why="a recording of ours never does", file=path)
        names = set(zipped.namelist())
        if MAIN not in names:
            raise BadInput("this zip is not an nnhistory recording", why=f"it holds no {MAIN}", file=path)
        main = _check_main(_loads(zipped.read(MAIN)), path)
        loaded = LoadedFile(path, main["id"], main["scenario"], {}, {})
        for run in main["runs"]:
            header = msgspec.convert(_loads(zipped.read(f"{run}/header.json")), Header)
            stacks: dict[str, Array] = {}

            def array(place: list[Any], run: str = run, stacks: dict[str, Array] = stacks) -> Array:
                member, row = place
                if member not in stacks:
                    buffer = io.BytesIO(zipped.read(f"{run}/arrays/{member}.npy"))
                    stacks[member] = np.lib.format.read_array(buffer, allow_pickle=False)
                    stacks[member].flags.writeable = False
                return stacks[member][row]  # type: ignore[no-any-return]

            outcome = zipped.read(f"{run}/outcome.json") if f"{run}/outcome.json" in names else None
            _read_run(
                loaded,
                header,
                zipped.read(f"{run}/frames.jsonl").splitlines(),
                zipped.read(f"{run}/series.jsonl").splitlines(),
                outcome,
                array,
            )
        return loaded


def _load_part(path: Path) -> LoadedFile:
    """A run that was cut off: everything up to the last whole line."""
    main = _check_main(_loads((path / MAIN).read_bytes()), path)
    loaded = LoadedFile(path, main["id"], main["scenario"], {}, {})
    for run in main["runs"]:
        folder = path / run
        header = msgspec.convert(_loads((folder / "header.json").read_bytes()), Header)
        blob = (folder / "arrays.bin").read_bytes()

        def array(place: list[Any], blob: bytes = blob) -> Array:
            offset, dtype, shape = place
            kind = np.dtype(dtype)
            if kind.hasobject:
                raise ValueError("an array of Python objects")
            count = math.prod(shape)
            return np.frombuffer(blob, dtype=kind, count=count, offset=offset).reshape(shape)

        outcome = folder / "outcome.json"
        _read_run(
            loaded,
            header,
            _whole_lines(folder / "frames.jsonl"),
            _whole_lines(folder / "series.jsonl"),
            outcome.read_bytes() if outcome.exists() else None,
            array,
        )
    return loaded


def _read_run(
    loaded: LoadedFile,
    header: Header,
    frames: list[bytes],
    series: list[bytes],
    outcome: bytes | None,
    array: Any,
) -> None:
    recording = MemoryRecording(header)
    cache: dict[tuple[Any, ...], Array] = {}
    for line in frames:
        entry = _loads(line)
        arrays = {}
        for name, place in entry.pop("arrays").items():
            key = (place[0], place[1]) if isinstance(place[1], int) else (place[0], "")
            if key not in cache:
                cache[key] = array(place)
            arrays[name] = cache[key]
        recording.append(
            Frame(
                int(entry["tick"]),
                int(entry["step"]),
                str(entry["phase"]),
                msgspec.convert(entry["scalars"], dict[str, float]),
                arrays,
                msgspec.convert(entry["events"], tuple[Event, ...]),
            )
        )
    recording.add_points(tuple(_loads(line)) for line in series)
    if outcome is not None:
        loaded.outcomes[header.run] = msgspec.convert(_loads(outcome), RunOutcome, strict=False)
    recording.finish()
    if not recording.frames:
        raise BadInput(f'run "{header.run}" has no frames', why="it was cut off before the first", file=loaded.path)
    loaded.recordings[header.run] = recording


def _check_main(main: Any, path: Path) -> dict[str, Any]:
    if not isinstance(main, dict) or not isinstance(main.get("format"), int):
        raise BadInput("this is not an nnhistory recording", why="it has no format number", file=path)
    if main["format"] > FORMAT:
        raise BadInput(
            f"this recording has format {main['format']}, this program reads up to {FORMAT}",
            file=path,
            remedy="Update nnhistory",
        )
    runs = main.get("runs")
    if not isinstance(runs, list) or not runs:
        raise BadInput("this recording holds no run", file=path, remedy="Record it again")
    return main


def _whole_lines(file: Path) -> list[bytes]:
    data = file.read_bytes()
    return data[: data.rfind(b"\n") + 1].splitlines()


def dumps(value: Any) -> bytes:
    # Python's own encoder: NaN and infinity survive, which they would not in msgspec's strict JSON.
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _loads(data: bytes) -> Any:
    return json.loads(data)
