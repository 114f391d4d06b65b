"""What every lesson costs at the lite scale, in processor time, against what its file says and the bound. Prints.

pytest -m bench -n 0 -s tests/bench/test_lessons_bench.py
"""

from __future__ import annotations

import time

import pytest

from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import heads
from nnhistory.scenario.load import load

pytestmark = pytest.mark.bench

BOUND = 30.0
"""Seconds that a lesson may take. The relay's rows run in two processes, two at a time: 20 s on two cores."""


def test_every_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    registry = Registry()
    with capsys.disabled():
        print(f"\n{'lesson':32}{'measured':>10}{'said':>8}{'of the bound':>14}")
        for head in heads("en"):
            began = time.process_time()
            perform(load(head.path), registry, workers=1)
            seconds = time.process_time() - began
            print(f"{head.id:32}{seconds:10.1f}{head.seconds:8.1f}{seconds / BOUND:14.2f}")
