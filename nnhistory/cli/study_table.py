"""A study's table as a file: CSV with one line for each run, or JSON as `study --json` prints it."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from nnhistory.engine.expect import StudyRow
from nnhistory.engine.perform import Outcome

__all__ = ["to_csv", "to_json"]


def to_csv(rows: Sequence[StudyRow]) -> str:
    """Settings, run, seed, the final value of every metric, and the kinds of event: one line for each run.

    A metric that a run has not is empty. Numbers are written in full, so that they come back to the last bit.
    """
    keys = list(dict.fromkeys(key for row in rows for key in row.settings))
    runs = [(row, run) for row in rows for outcomes in row.outcomes for run in outcomes.values()]
    metrics = list(dict.fromkeys(name for _, run in runs for name in run.metrics))
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow([*keys, "run", "seed", *metrics, "events"])
    for row, run in runs:
        settings = [_cell(row.settings.get(key, "")) for key in keys]
        numbers = [repr(run.metrics[name].final) if name in run.metrics else "" for name in metrics]
        events = " ".join(sorted({event.kind for event in run.events}))
        writer.writerow([*settings, run.id, run.seed, *numbers, events])
    return file.getvalue()


def _cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def to_json(outcome: Outcome) -> str:
    """The object that `--json` prints."""
    return json.dumps(outcome.to_json(), ensure_ascii=False, indent=1) + "\n"
