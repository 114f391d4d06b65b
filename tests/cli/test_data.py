"""`nnhistory data` and `data fetch`, against a small server of our own: nothing leaves this machine."""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.datasets import fetch as fetching
from nnhistory.datasets.catalogue import Entry, RemoteFile, catalogue
from tests.cli.helpers import call

Capsys = pytest.CaptureFixture[str]

PLAIN = bytes(range(256)) * 4000
PACKED = gzip.compress(PLAIN, compresslevel=0, mtime=0)
FILE = RemoteFile("one.gz", hashlib.sha256(PLAIN).hexdigest(), len(PLAIN))


class Server(ThreadingHTTPServer):
    """Serves `content` under any name. `cut`: end each answer after so many bytes; `pause`: seconds to wait halfway."""

    daemon_threads = True
    content = PACKED
    cut: int | None = None
    pause = 0.0
    status = 200
    ranges = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []
        self.woken = Event()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.server.asked.append(wanted)
        if self.server.status != 200:
            self.send_error(self.server.status)
            return
        start = int(re.findall(r"\d+", wanted)[0]) if wanted and self.server.ranges else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if start:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(self.server.content) - 1}/{len(self.server.content)}"
            )
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        body = body[: self.server.cut]
        half = len(body) // 2
        self.wfile.write(body[:half])
        if self.server.pause:
            self.wfile.flush()
            self.server.woken.wait(self.server.pause)
        with contextlib.suppress(ConnectionError):
            self.wfile.write(body[half:])

    def log_message(self, *arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def folder(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `data fetch mnist` puts things here; the set has one file, and the server is its only mirror."""
    entry = Entry("Small", mirrors=(server.address,), files=(FILE,))
    monkeypatch.setattr(fetching, "entry_of", lambda name: entry)
    monkeypatch.setattr(fetching, "store", lambda: tmp_path)
    return tmp_path / "mnist"


def host(server: Server) -> str:
    return server.address.removeprefix("http://").rstrip("/")


def refused(why: str) -> str:
    return (
        f"nnhistory: one.gz could not be fetched ({why}). Try again later: what has come is gone on with."
        " Or set NNHISTORY_DATA to a folder with the files\n"
    )


def test_fetch_verifies_and_says_where(server: Server, folder: Path, capsys: Capsys) -> None:
    got = call(capsys, "data", "fetch", "mnist")
    assert (got.status, got.out, got.err) == (0, f"mnist is in {folder}\n", "")
    assert [file.name for file in folder.iterdir()] == ["one.gz"]
    assert gzip.decompress((folder / "one.gz").read_bytes()) == PLAIN


def test_what_is_there_is_not_fetched_again(server: Server, folder: Path, capsys: Capsys) -> None:
    assert call(capsys, "data", "fetch", "mnist").status == 0
    assert call(capsys, "data", "fetch", "mnist").status == 0
    assert server.asked == [None]


def test_what_is_there_and_damaged_is_fetched_again(server: Server, folder: Path, capsys: Capsys) -> None:
    folder.mkdir()
    (folder / "one.gz").write_bytes(PACKED[:-20])
    assert call(capsys, "data", "fetch", "mnist").status == 0
    assert (folder / "one.gz").read_bytes() == PACKED


def test_a_wrong_checksum_is_refused(server: Server, folder: Path, capsys: Capsys) -> None:
    server.content = gzip.compress(PLAIN[:-1] + b"!", mtime=0)
    got = call(capsys, "data", "fetch", "mnist")
    assert got.status == 2
    assert got.err == refused(f"{host(server)}: its checksum is wrong, so it was thrown away")
    assert list(folder.iterdir()) == []


def test_a_cut_download_is_kept_and_gone_on_with(server: Server, folder: Path, capsys: Capsys) -> None:
    server.cut, server.ranges = 1000, False
    got = call(capsys, "data", "fetch", "mnist")
    assert got.status == 2
    assert got.err == refused(f"{host(server)}: the connection ended after 1000 of {len(PACKED)} bytes")
    assert (folder / "one.gz.partial").read_bytes() == PACKED[:1000]
    server.cut, server.ranges = None, True
    server.asked.clear()
    assert call(capsys, "data", "fetch", "mnist").status == 0
    assert server.asked == ["bytes=1000-"]
    assert (folder / "one.gz").read_bytes() == PACKED
    assert not (folder / "one.gz.partial").exists()


def test_a_part_of_something_else_does_not_pass(server: Server, folder: Path, capsys: Capsys) -> None:
    folder.mkdir()
    (folder / "one.gz.partial").write_bytes(b"x" * 500)
    assert call(capsys, "data", "fetch", "mnist").status == 0, "thrown away, and fetched from the beginning"
    assert server.asked == ["bytes=500-", None]
    assert (folder / "one.gz").read_bytes() == PACKED


def test_a_server_that_sends_too_much_is_given_up(server: Server, folder: Path, capsys: Capsys) -> None:
    server.content = b"\0" * (len(PLAIN) + (2 << 20))
    got = call(capsys, "data", "fetch", "mnist")
    assert got.err == refused(f"{host(server)}: it sends more than the file can be")
    assert list(folder.iterdir()) == []


def test_a_server_that_has_it_not(server: Server, folder: Path, capsys: Capsys) -> None:
    server.status = 404
    got = call(capsys, "data", "fetch", "mnist")
    assert (got.status, got.err) == (2, refused(f"{host(server)}: the server says 404 Not Found"))


def test_a_slow_server_is_waited_for(server: Server, folder: Path) -> None:
    server.pause = 0.3
    fetching.fetch("mnist", patience=20.0)
    assert (folder / "one.gz").read_bytes() == PACKED


def test_a_server_that_falls_silent_is_given_up_and_what_came_is_kept(server: Server, folder: Path) -> None:
    server.pause = 60.0
    with pytest.raises(BadInput, match="it does not answer"):
        fetching.fetch("mnist", patience=0.2)
    server.woken.set()
    kept = (folder / "one.gz.partial").read_bytes()
    assert kept
    assert kept == PACKED[: len(kept)]
    assert not (folder / "one.gz").exists()
    server.pause = 0.0
    fetching.fetch("mnist")
    assert (folder / "one.gz").read_bytes() == PACKED


def test_without_a_network_it_says_so(server: Server, folder: Path, capsys: Capsys) -> None:
    server.shutdown()
    server.server_close()
    got = call(capsys, "data", "fetch", "mnist")
    assert (got.status, got.err) == (2, refused(f"{host(server)}: nobody answers at that address"))


def test_the_second_mirror_helps(server: Server, folder: Path, capsys: Capsys, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = Server()
    closed.server_close()
    entry = Entry("Small", mirrors=(closed.address, server.address), files=(FILE,))
    monkeypatch.setattr(fetching, "entry_of", lambda name: entry)
    assert call(capsys, "data", "fetch", "mnist").status == 0


def test_data_lists_every_set(capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NNHISTORY_DATA", raising=False)
    got = call(capsys, "data")
    assert (got.status, got.err) == (0, "")
    names = [line.split()[0] for line in got.out.splitlines() if not line.startswith((" ", "your own", "A folder"))]
    assert names == list(catalogue())
    assert "the full set is not here: nnhistory data fetch mnist" in got.out
    boards = re.findall(r"on board: (.*)", got.out)
    assert len(boards) == sum(bool(one.asset) for one in catalogue().values())
    assert all(Path(board).is_file() for board in boards)
    assert 'dataset = { file = "points.csv" }' in got.out


def test_data_finds_a_folder_that_is_named(capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in catalogue()["mnist"].files:
        (tmp_path / file.name).write_bytes(b"x" * 500_000)
    monkeypatch.setenv("NNHISTORY_DATA", str(tmp_path))
    assert f"the full set: {tmp_path} (2.0 MB)" in call(capsys, "data").out
