"""A real cluster on the loopback for the tests: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
LIMIT = 120.0
"""Seconds after which a process that does not come is given up. Nothing is measured by it."""


class DaskCluster:
    """A context manager. `kill_worker` and `kill_scheduler` end them as a power cut would."""

    def __init__(self, folder: Path, workers: int = 2, path: Path = REPOSITORY) -> None:
        self._folder, self._path = folder, path
        folder.mkdir(parents=True, exist_ok=True)
        told = folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-jupyter",
            "--scheduler-file", str(told),
        )  # fmt: skip
        self.address = self._wait_for(told)
        self.workers = [self.add_worker() for _ in range(workers)]

    def _start(self, what: str, *arguments: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "PYTHONPATH": str(self._path), "PYTHONWARNINGS": "ignore"}
        with (self._folder / f"{what}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.dask_{what}", *arguments],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment, cwd=self._folder,
            )  # fmt: skip

    def _wait_for(self, file: Path) -> str:
        end = time.monotonic() + LIMIT
        while time.monotonic() < end and self.scheduler.poll() is None:
            with contextlib.suppress(OSError, ValueError, KeyError):
                return str(json.loads(file.read_text())["address"])
            time.sleep(0.05)
        pytest.fail(f"no scheduler: {(self._folder / 'scheduler.log').read_text()}")

    def add_worker(self) -> subprocess.Popen[bytes]:
        """One more. It need not have come yet when this returns."""
        return self._start(
            "worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
            "--local-directory", str(self._folder),
        )  # fmt: skip

    def wait_for_workers(self, count: int) -> None:
        """Until so many are there."""
        from distributed import Client

        with Client(self.address, timeout=LIMIT, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=LIMIT)

    def kill_scheduler(self) -> None:
        """It is gone, without a word."""
        self.scheduler.kill()
        self.scheduler.wait()

    def kill_worker(self) -> None:
        """One of them is gone, without a word."""
        worker = self.workers.pop()
        worker.kill()
        worker.wait()

    def __enter__(self) -> DaskCluster:
        return self

    def __exit__(self, *_: object) -> None:
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()
