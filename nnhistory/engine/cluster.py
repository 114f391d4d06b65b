"""A study's points on an existing Dask cluster (`--cluster tcp://host:port`; extra `cluster`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnhistory.core.errors import BadInput
from nnhistory.engine.registry import Registry
from nnhistory.engine.study import Job, Point, PointResult, run_point

__all__ = ["PATIENCE", "ClusterCrew"]

PATIENCE = 10.0
"""Seconds a scheduler may take to answer."""


class ClusterCrew:
    """Points on a cluster's workers, with retries when one dies; results as they finish."""

    def __init__(self, job: Job, points: Sequence[Point], address: str) -> None:
        try:
            from distributed import Client, as_completed
        except ImportError:
            raise BadInput(
                "a cluster needs the package distributed", key="--cluster", remedy="pip install 'nnhistory[cluster]'"
            ) from None
        try:
            self._client: Any = Client(address, timeout=PATIENCE)
        except (OSError, ValueError, TimeoutError) as error:
            raise BadInput(
                f"no cluster answers at {address}", why=str(error), key="--cluster", remedy="Start dask scheduler there"
            ) from None
        futures = [self._client.submit(_do, job, point, pure=False, retries=2) for point in points]
        self._points = dict(zip((future.key for future in futures), points, strict=True))
        self._futures: Any = as_completed(futures)

    def poll(self) -> list[PointResult]:
        results = []
        while self._futures.has_ready():
            future = next(self._futures)
            if future.status == "finished":
                results.append(future.result())
            else:
                results.append(PointResult(self._points[future.key], failure=str(future.exception())))
        return results

    def close(self) -> None:
        self._client.close()


def _do(job: Job, point: Point) -> PointResult:
    return run_point(job, point, Registry(job.extra))
