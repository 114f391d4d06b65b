"""A study's points on an existing Dask cluster (`--cluster tcp://host:port`; extra `cluster`)."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Sequence
from typing import Any

from nnhistory.core.errors import BadInput
from nnhistory.engine.points import Job, Point, PointResult, run_group
from nnhistory.engine.registry import Registry
from nnhistory.engine.study_store import program

__all__ = ["PATIENCE", "ClusterCrew"]

PATIENCE = 10.0
"""Seconds a scheduler may take to answer, and a first worker to be there."""

_ONE_AT_A_TIME = threading.Lock()
"""A worker with several threads still drives one run at a time: linear algebra's settings are the process's."""


class ClusterCrew:
    """Points on a cluster's workers; results as they finish.

    The points of a worker that dies go to another one; of those that it did beside each other, each by itself if that
    does not help. When the scheduler is gone, `poll` refuses to wait for ever.
    """

    def __init__(self, job: Job, groups: Sequence[Sequence[Point]], address: str) -> None:
        try:
            from distributed import Client, as_completed
        except ImportError:
            raise BadInput(
                "a cluster needs the package distributed", key="--cluster", remedy="pip install 'nnhistory[cluster]'"
            ) from None
        _quiet()
        self._address = address
        try:
            self._client: Any = Client(address, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise BadInput(
                f"no cluster answers at {address}", why=str(error), key="--cluster", remedy="Start dask scheduler there"
            ) from None
        try:
            self._meet_workers(job)
            self._job = job
            self._groups: dict[str, Sequence[Point]] = {}
            futures = [self._submit(group) for group in groups]
        except BaseException:
            self._client.close()
            raise
        self._futures: Any = as_completed(futures, with_results=True, raise_errors=False)
        self._last_worker = self._look_again = time.monotonic()

    def _submit(self, group: Sequence[Point]) -> Any:
        future = self._client.submit(_do, self._job, group, pure=False, retries=2)
        self._groups[future.key] = group
        return future

    def _meet_workers(self, job: Job) -> None:
        """Is there a worker, and do all of them run the program that we are?"""
        try:
            self._client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise BadInput(
                f"the cluster at {self._address} has no workers", key="--cluster",
                remedy=f"Start some: dask worker {self._address} --nthreads 1",
            ) from None  # fmt: skip
        ours = program(job.extra)
        for worker, theirs in self._client.run(_program, job.extra, on_error="return").items():
            if theirs == ours:
                continue
            why = f"{type(theirs).__name__}: {theirs}" if isinstance(theirs, Exception) else "its results would differ"
            raise BadInput(
                f"the worker at {worker} has not the same nnhistory, numpy and torch as this machine", why=why,
                key="--cluster", remedy="Install the same versions there, and start the worker again",
            )  # fmt: skip

    def poll(self) -> list[PointResult]:
        results: list[PointResult] = []
        while self._futures.has_ready():
            future, said = next(self._futures)
            group = self._groups[future.key]
            if isinstance(said, list):
                results += said
            elif isinstance(said, tuple) and len(group) > 1:
                for point in group:
                    self._futures.add(self._submit([point]))
            elif isinstance(said, tuple):
                results.append(PointResult(group[0], failure=_in_words(said[1])))
            # else it was cancelled: the connection is lost, which is said below
        if not results:
            self._refuse_to_wait_for_ever()
        return results

    def _refuse_to_wait_for_ever(self) -> None:
        """BadInput once the scheduler is gone, or no worker has been there for a while."""
        if self._client.status != "running":
            raise BadInput(
                f"the cluster at {self._address} does not answer any more", why="its scheduler has gone",
                key="--cluster", remedy="Start it again, or leave --cluster out",
            )  # fmt: skip
        now = time.monotonic()
        if now < self._look_again:
            return
        self._look_again = now + 1.0
        with contextlib.suppress(OSError, TimeoutError):
            if self._client.scheduler_info()["workers"]:
                self._last_worker = now
        if now - self._last_worker > PATIENCE:
            raise BadInput(
                f"the cluster at {self._address} has no workers any more", why="the last of them has gone",
                key="--cluster", remedy=f"Start some: dask worker {self._address} --nthreads 1",
            )  # fmt: skip

    def close(self) -> None:
        """Stop all work. Nobody waits for a scheduler that is gone."""
        with contextlib.suppress(Exception):
            self._client.close(timeout=2)


def _quiet() -> None:
    """What distributed logs of a lost connection is a traceback; we say it in a sentence.

    Its own settings give some of its modules a level, so that of the whole is not enough.
    """
    for name in ("distributed", *logging.root.manager.loggerDict):
        if name.partition(".")[0] == "distributed":
            logging.getLogger(name).setLevel(logging.CRITICAL)


def _program(extra: tuple[str, ...]) -> str:
    return program(extra)


def _do(job: Job, group: Sequence[Point]) -> list[PointResult]:
    with _ONE_AT_A_TIME:
        return [result for result in run_group(job, group, Registry(job.extra)) if result is not None]


def _in_words(error: BaseException) -> str:
    """A worker that dies again and again is not the run's own failure, and the cluster's words for it are many."""
    if type(error).__name__ == "KilledWorker":
        return "every worker that computed it ended unexpectedly"
    return f"{type(error).__name__}: {error}"
