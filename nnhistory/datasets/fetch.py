"""Bring a public data set: resume, verify, never leave half a file. Nothing is fetched unless the user asks."""

from __future__ import annotations

import errno
import hashlib
import http.client
import re
import shutil
import urllib.error
import urllib.parse
import urllib.request
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path

from nnhistory.core.errors import BadInput, Cancelled
from nnhistory.datasets.catalogue import RemoteFile
from nnhistory.datasets.where import VARIABLE, entry_of, store

__all__ = ["Progress", "fetch"]

Progress = Callable[[str, int, int], None]
"""(file name, bytes so far, bytes in all or 0). May raise `Cancelled`."""

_CHUNK = 1 << 16
_PATIENCE = 20.0
"""Seconds without a byte after which a mirror is given up."""
_SLACK = 1 << 20
"""A packed file is never longer than its content by more than this: a server that sends more is not a mirror."""


class _Trouble(Exception):
    """This mirror did not give the file; another one may."""


def fetch(
    name: str,
    *,
    into: Path | None = None,
    mirrors: Iterable[str] | None = None,
    progress: Progress | None = None,
    cancel: Callable[[], bool] | None = None,
    patience: float = _PATIENCE,
) -> Path:
    """Fetch a set's files, each from the first mirror that has it whole. Returns the folder.

    A file appears under its name only after the SHA-256 of its unpacked content was right. Until then it is
    `NAME.partial`, which a later call goes on with.

    into : the folder; None: the user's data folder.
    mirrors : folders on the web to try in order; None: the catalogue's.
    progress : called after every chunk.
    cancel : asked after every chunk; True stops with `Cancelled` and keeps what has come.
    patience : seconds without a byte after which a mirror is given up.

    Raises BadInput if no mirror gives a good file or the folder cannot be written, Cancelled.
    """
    entry = entry_of(name)
    if not entry.files:
        raise BadInput(f"{name} needs no fetching", why="it is on board" if entry.asset else "this program makes it")
    folder = into if into is not None else store() / name
    mirrors = tuple(entry.mirrors if mirrors is None else mirrors)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for remote in entry.files:
            target = folder / remote.name
            if _checksum(target, remote.size) != remote.sha256:
                _from_any(mirrors, target, remote, progress, cancel, patience)
    except OSError as error:
        raise BadInput(
            f"cannot write here: {error.strerror or error}", file=folder,
            remedy=f"Make room or give the right to write, or set {VARIABLE} to a folder that holds the files",
        ) from None  # fmt: skip
    return folder


def _from_any(
    mirrors: tuple[str, ...],
    target: Path,
    remote: RemoteFile,
    progress: Progress | None,
    cancel: Callable[[], bool] | None,
    patience: float,
) -> None:
    troubles: dict[str, str] = {}
    for mirror in mirrors:
        # A second attempt goes on after a connection that broke, or begins anew after a wrong checksum.
        for _ in range(2):
            try:
                _download(mirror.rstrip("/") + "/" + remote.name, target, remote, progress, cancel, patience)
                return
            except _Trouble as trouble:
                troubles[urllib.parse.urlsplit(mirror).netloc or mirror] = str(trouble)
                if not _partial(target).exists():
                    continue
            if _partial(target).stat().st_size == 0:
                break
    raise BadInput(
        f"{remote.name} could not be fetched",
        why="; ".join(f"{host}: {what}" for host, what in troubles.items()) or "no mirror is known",
        remedy=f"Try again later: what has come is gone on with. Or set {VARIABLE} to a folder with the files",
    )


def _partial(target: Path) -> Path:
    return target.with_name(target.name + ".partial")


def _download(
    url: str,
    target: Path,
    remote: RemoteFile,
    progress: Progress | None,
    cancel: Callable[[], bool] | None,
    patience: float,
) -> None:
    """Fetch one file from one address, going on with what is there. `_Trouble` for whatever the server does wrong."""
    partial = _partial(target)
    have = partial.stat().st_size if partial.exists() else 0
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        reply = urllib.request.urlopen(request, timeout=patience)
    except urllib.error.HTTPError as error:
        error.close()
        if error.code == 416:  # nothing is left to send: what is here is whole, or wrong
            _accept(partial, target, remote)
            return
        raise _Trouble(f"the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _Trouble(_reason(error)) from None
    with reply:
        have = have if reply.status == 206 and _begins_at(reply, have) else 0
        total = have + int(reply.headers.get("Content-Length") or 0)
        total = total if total > have else 0
        with partial.open("ab" if have else "wb") as file:
            while chunk := _read(reply):
                file.write(chunk)
                have += len(chunk)
                if progress is not None:
                    progress(remote.name, have, total)
                if cancel is not None and cancel():
                    raise Cancelled(f"stopped after {have} bytes of {remote.name}", remedy="The next fetch goes on")
                if have > remote.size + _SLACK:
                    break
    if have > remote.size + _SLACK:
        partial.unlink()
        raise _Trouble("it sends more than the file can be")
    if total and have < total:
        raise _Trouble(f"the connection ended after {have} of {total} bytes")
    _accept(partial, target, remote)


def _begins_at(reply: http.client.HTTPResponse, start: int) -> bool:
    """Does the part begin where ours ends? A server that sends another part would spoil the file."""
    found = re.match(r"bytes (\d+)-", reply.headers.get("Content-Range") or "")
    return found is not None and int(found.group(1)) == start


def _read(reply: http.client.HTTPResponse) -> bytes:
    try:
        return reply.read(_CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _Trouble(_reason(error)) from None


def _reason(error: Exception) -> str:
    inner = getattr(error, "reason", error)
    if isinstance(inner, TimeoutError):
        return "it does not answer"
    if isinstance(inner, OSError) and inner.errno == errno.ECONNREFUSED:
        return "nobody answers at that address"
    return str(getattr(inner, "strerror", None) or inner) or type(inner).__name__


def _accept(partial: Path, target: Path, remote: RemoteFile) -> None:
    if _checksum(partial, remote.size) != remote.sha256:
        partial.unlink(missing_ok=True)
        raise _Trouble("its checksum is wrong, so it was thrown away")
    shutil.move(partial, target)


def _checksum(file: Path, size: int) -> str:
    """SHA-256 of the unpacked content, "" if there is none or it is not a whole gzip file of `size` bytes."""
    if not file.is_file():
        return ""
    digest, count = hashlib.sha256(), 0
    unpack = zlib.decompressobj(wbits=31)
    try:
        with file.open("rb") as packed:
            while chunk := packed.read(_CHUNK):
                while chunk and not unpack.eof:
                    plain = unpack.decompress(chunk, _CHUNK)
                    count += len(plain)
                    if count > size:
                        return ""
                    digest.update(plain)
                    chunk = unpack.unconsumed_tail
    except zlib.error:
        return ""
    return digest.hexdigest() if unpack.eof and count == size else ""
