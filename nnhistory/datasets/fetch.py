"""Bring a public data set: resume, verify, never leave half a file. Nothing is fetched unless the user asks."""

from __future__ import annotations

import gzip
import hashlib
import os
import urllib.error
import urllib.request
import zlib
from collections.abc import Callable
from pathlib import Path

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.datasets.catalogue import Entry, RemoteFile, catalogue

__all__ = ["fetch", "folder_of", "store"]

Progress = Callable[[str, int, int], None]
"""(file name, bytes so far, bytes in all or 0). May raise `Cancelled`."""

_CHUNK = 1 << 16
_PATIENCE = 20.0
"""Seconds without a byte after which a mirror is given up."""


def store() -> Path:
    """Where fetched data sets lie: the user's data folder."""
    import platformdirs

    return Path(platformdirs.user_data_dir("nnhistory", appauthor=False)) / "data"


def folder_of(name: str) -> Path | None:
    """The folder that holds every file of a fetchable set: `NNHISTORY_DATA`, or where it was fetched to. Else None."""
    wanted = [remote.name for remote in catalogue()[name].files]
    places = [store() / name]
    named = os.environ.get("NNHISTORY_DATA")
    if named:
        places = [Path(named) / name, Path(named), *places]
    for place in places:
        if wanted and all((place / file).is_file() or (place / file.removesuffix(".gz")).is_file() for file in wanted):
            return place
    return None


def fetch(
    name: str, *, into: Path | None = None, mirrors: tuple[str, ...] | None = None, progress: Progress | None = None,
    patience: float = _PATIENCE,
) -> Path:  # fmt: skip
    """Fetch a set's files, each from the first mirror that has it whole. Returns the folder.

    A file appears under its name only after its SHA-256 was right; until then it is `NAME.partial`, which a later
    call goes on with. BadInput if no mirror gives a good file.
    """
    entries = catalogue()
    if name not in entries:
        raise BadInput(f'there is no data set "{name}"', remedy=did_you_mean(name, entries, noun="data set"))
    entry: Entry = entries[name]
    if not entry.files:
        raise BadInput(f"{name} is on board already", remedy="It needs no fetching")
    folder = into if into is not None else store() / name
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"cannot write here: {error.strerror}", file=folder, remedy="Set NNHISTORY_DATA") from None
    for remote in entry.files:
        target = folder / remote.name
        if target.exists() and _checksum(target) == remote.sha256:
            continue
        troubles = []
        for mirror in mirrors if mirrors is not None else entry.mirrors:
            try:
                _fetch_file(mirror + remote.name, target, remote, progress, patience)
                break
            except (OSError, ValueError) as error:
                troubles.append(f"{_host(mirror)}: {error}")
        else:
            raise BadInput(
                f"{remote.name} could not be fetched", why="; ".join(troubles),
                remedy="Try again later: what has come stays and is gone on with",
            )  # fmt: skip
    return folder


def _fetch_file(url: str, target: Path, remote: RemoteFile, progress: Progress | None, patience: float) -> None:
    partial = target.with_name(target.name + ".partial")
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        reply = urllib.request.urlopen(request, timeout=patience)
    except urllib.error.HTTPError as error:
        if error.code == 416:  # nothing is left to send: what we have is whole, or wrong
            _accept(partial, target, remote)
            return
        raise ValueError(f"the server says {error.code} {error.reason}") from None
    with reply:
        if have and reply.status != 206:
            have = 0
        length = int(reply.headers.get("Content-Length") or 0)
        total = have + length if length else 0
        with partial.open("ab" if have else "wb") as file:
            while chunk := reply.read(_CHUNK):
                file.write(chunk)
                have += len(chunk)
                if progress is not None:
                    progress(remote.name, have, total)
    if total and have < total:
        raise ValueError(f"the connection ended after {have} of {total} bytes")
    _accept(partial, target, remote)


def _accept(partial: Path, target: Path, remote: RemoteFile) -> None:
    if _checksum(partial) != remote.sha256:
        partial.unlink(missing_ok=True)
        raise ValueError("its checksum is wrong, so it was thrown away")
    partial.replace(target)


def _checksum(file: Path) -> str:
    """SHA-256 of the unpacked content; "" if it cannot be unpacked."""
    try:
        data = file.read_bytes()
        return hashlib.sha256(gzip.decompress(data) if ".gz" in file.name else data).hexdigest()
    except (OSError, EOFError, zlib.error):
        return ""


def _host(mirror: str) -> str:
    return mirror.split("/")[2] if "//" in mirror else mirror
