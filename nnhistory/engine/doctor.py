"""The doctor: reads a recording and says what is wrong with it, by which numbers, and what would cure it.

Rules over curves and events, each a function of the chart; no model is ever run. Causes are named before symptoms. A
run that has learned what it was given is not sick, whatever its first gradients were. Where no single change has been
seen to help, no cure is offered.
"""

from __future__ import annotations

from typing import Any

import msgspec

from nnhistory.core.manifest import Manifest
from nnhistory.core.numbers import as_text, in_words, plain
from nnhistory.core.recording import Recording
from nnhistory.engine.doctor_chart import Chart
from nnhistory.engine.doctor_cures import Cure, cure_of
from nnhistory.engine.doctor_rules import RULES
from nnhistory.engine.doctor_words import WORDS
from nnhistory.engine.outcome import finite
from nnhistory.scenario.schema import HOLE

__all__ = ["Cure", "Diagnosis", "Finding", "examine"]


_MANY_WRONG = 0.2
"""Share of the training patterns beyond which a net that seems in order is not said to be."""


class Finding(msgspec.Struct, frozen=True):
    """One thing that is wrong.

    Attributes
    ----------
    kind : a key of `WORDS`; `name` is it in words.
    text : what is wrong, one sentence, with numbers. why : what that does to learning.
    evidence : the numbers that were read, with their `step`.
    role : `cause`, or `symptom` of a cause that stands before it.
    lesson : id of the scenario that shows it.
    cure : one change, None where none is known to help.
    """

    kind: str
    name: str
    text: str
    why: str
    evidence: dict[str, Any]
    role: str
    lesson: str
    cure: Cure | None = None

    def to_json(self) -> dict[str, Any]:
        """As it stands in `run --json`."""
        return {
            "kind": self.kind,
            "role": self.role,
            "text": self.text,
            "evidence": {key: finite(value) for key, value in self.evidence.items()},
            "why": self.why,
            "lesson": self.lesson,
            "cure": None if self.cure is None else self.cure.to_json(),
        }


class Diagnosis(msgspec.Struct, frozen=True):
    """What was found, causes first, and the names of the curves that were looked at.

    complete : the run is over, nothing more will come.
    wrong : share of the training patterns that are wrong at the end of a run in which nothing was found; 0 if few are.
    """

    findings: tuple[Finding, ...]
    looked_at: tuple[str, ...]
    step: int
    complete: bool = False
    wrong: float = 0.0

    @property
    def healthy(self) -> bool:
        return not self.findings

    @property
    def summary(self) -> str:
        """One sentence: the leading finding, or that nothing was found and what was looked at."""
        if self.findings:
            return self.findings[0].text
        if not self.looked_at:
            return "nothing here that the doctor can read"
        found = f"no cause found, {self.yet_wrong}," if self.wrong else "nothing wrong"
        return f"{found} up to step {plain(self.step)}; looked at {', '.join(self.looked_at_in_words)} and the events"

    @property
    def looked_at_in_words(self) -> tuple[str, ...]:
        """The curves that were read, those of all layers as one."""
        return tuple(dict.fromkeys(in_words(name.partition("/")[0]) for name in self.looked_at))

    @property
    def yet_wrong(self) -> str:
        """What is not right all the same, in words."""
        return f"though {plain(100 * self.wrong, 2)} % of the training patterns are wrong"


def examine(recording: Recording, manifest: Manifest) -> Diagnosis:
    """Read a recording, complete or growing. Pure: the same recording gives the same diagnosis."""
    chart = Chart(recording, manifest)
    found: dict[str, dict[str, Any]] = {}
    symptoms: set[str] = set()
    for kind, rule in RULES:
        evidence = rule(chart, found)
        if evidence is None:
            continue
        if evidence.pop("symptom", False):
            symptoms.add(kind)
        found[kind] = {"step": chart.step, **evidence}
    ordered = sorted(found, key=lambda kind: kind in symptoms)  # stable: the rules' own order otherwise
    findings = tuple(_finding(kind, found[kind], "symptom" if kind in symptoms else "cause", chart) for kind in ordered)
    error = chart.last("train_error") or 0.0
    ended = recording.complete and chart.step > 0 and not findings and not chart.good and not chart.under_way
    wrong = error if ended and error > _MANY_WRONG else 0.0
    return Diagnosis(findings, chart.looked_at, chart.step, recording.complete, wrong)


def _finding(kind: str, evidence: dict[str, Any], role: str, chart: Chart) -> Finding:
    words = WORDS[kind]
    # Only a cause is worth treating: what cures it takes its symptoms away.
    cure = cure_of(kind, chart, evidence) if role == "cause" else None
    text, why = (HOLE.sub(lambda match: as_text(evidence.get(match.group(1), "…")), said)
                 for said in (words.wrong, words.why))  # fmt: skip
    return Finding(kind, words.name, text, why, evidence, role, words.lesson, cure)
