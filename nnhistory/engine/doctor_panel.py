"""The doctor's panel, as both front ends show it: the findings, the chosen one's numbers, its why, its cure."""

from __future__ import annotations

from nnhistory.core.numbers import as_text, plain
from nnhistory.core.scene import Line, Panel, TextBlock
from nnhistory.engine.aside import shown_value
from nnhistory.engine.doctor import Diagnosis, Finding

__all__ = ["Consultation", "cure_line"]


class Consultation:
    """What is open in the panel: which finding, and whether its why is shown."""

    def __init__(self, diagnosis: Diagnosis, *, replayed: bool, lesson: str = "") -> None:
        """lesson : the one that is open; it is not recommended to whoever is in it."""
        self.diagnosis, self.replayed, self.lesson = diagnosis, replayed, lesson
        self.chosen, self.why = 0, False

    @property
    def finding(self) -> Finding | None:
        """The chosen finding, None if nothing is wrong."""
        found = self.diagnosis.findings
        return found[self.chosen] if found else None

    def choose(self, step: int) -> None:
        """The next finding, or the one before."""
        count = len(self.diagnosis.findings)
        self.chosen = (self.chosen + step) % count if count else 0

    @property
    def keys(self) -> str:
        """What can be pressed now."""
        finding = self.finding
        if finding is None:
            return "esc back"
        apply = "   ⏎ apply" if finding.cure is not None and not self.replayed else ""
        return f"↑↓ choose   w {'numbers' if self.why else 'why'}{apply}   esc back"

    @property
    def title(self) -> str:
        """The panel's heading."""
        return f"the doctor, at step {plain(self.diagnosis.step)}"

    def lines(self) -> list[Line]:
        """The panel's text."""
        diagnosis, finding = self.diagnosis, self.finding
        if finding is None:
            found = "Nothing wrong is found." if diagnosis.looked_at else "There is nothing here to read."
            found = f"No cause is found, {diagnosis.yet_wrong}." if diagnosis.wrong else found
            read = f"Looked at: {', '.join(diagnosis.looked_at_in_words) or 'no curves'}, and the events."
            later = Line("What shows only later cannot be seen yet: ask again at the end.", "muted")
            return [Line(found, bold=True), Line(read), *(() if diagnosis.complete else (later,))]
        lines = []
        for number, one in enumerate(diagnosis.findings):
            here = number == self.chosen
            sign = "▸" if here else " "
            lines.append(Line(f"{sign} {one.role:<8} {one.name}", "error" if one.role == "cause" else "ink", bold=here))
        lines += [Line(""), Line(finding.text, bold=True)]
        if self.why:
            lines.append(Line(finding.why))
            if finding.lesson != self.lesson:
                lines.append(Line(f"The lesson {finding.lesson} shows it (/ finds it).", "muted"))
        else:
            numbers = ", ".join(f"{name} {as_text(value)}" for name, value in finding.evidence.items())
            lines.append(Line(f"Read: {numbers}", "muted"))
        lines.append(Line(f"Cure: {cure_line(finding)}", "good" if finding.cure is not None else "muted"))
        return lines

    def panel(self) -> Panel:
        """All of it as one panel."""
        lines = (*self.lines(), Line(""), Line(self.keys, "muted"))
        return Panel("doctor", self.title, self.diagnosis.summary, (TextBlock(lines=lines, monospace=False),))


def cure_line(finding: Finding) -> str:
    """What would help, with the year; or that no single change is known to."""
    cure = finding.cure
    if cure is None:
        return "see the cause" if finding.role == "symptom" else "no single change of a knob here is known to help"
    year = f", {cure.year}" if cure.year else ""
    where = "the data's " if cure.dataset else ""
    return f"{where}{cure.knob} = {shown_value(cure.value)} ({cure.text}{year})"
