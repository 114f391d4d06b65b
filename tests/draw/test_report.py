"""The report: one page that needs nothing else and says everything without pictures and without script."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from nnhistory.draw.report import (
    Citation,
    Happening,
    History,
    Picture,
    Quiz,
    Report,
    RunTable,
    Section,
    Statement,
    VerdictRow,
    to_html,
)

VOID = {"meta", "input", "br", "link", "img"}


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "script" not in self.open and "style" not in self.open:
            self.words.append(data)


def picture(number: int) -> Picture:
    svg = f"<svg viewBox='0 0 1 1'><title>{number}</title></svg>"
    return Picture(svg, svg, (("the plane", f"Sentence {number} & more."),), f"step {number}")


def page(**changes: object) -> Report:
    parts: dict[str, object] = {
        "title": "XOR <script>", "summary": "A loop & a proof.", "kicker": "1957 Perceptron", "lang": "en",
        "sections": (
            Section("One", "First.\n\nSecond.", "Step 1", picture(1),
                    Quiz("What?", ("this", "that"), (1,), ("", "Because."), "So it is."), "It came back.",
                     "They knew."),
            Section("Two", "Never.", "It never gets here.", None, Quiz("And?", ("a", "b"), ())),
            Section("Three", "", "", None, Quiz("When?", ("a", "b"), None)),
        ),
        "film": tuple(picture(k) for k in range(3)),
        "runs": (RunTable("The run xor", "24 steps.", (("train error", "1", "0.5", "0.25", "1", "share (1)"),),
                          (Happening("Step 5", "Back.", (("period", "4", "presentations"),), True),), 3),),
        "verdicts": (VerdictRow("a happens", True, "yes", "P05"), VerdictRow("b < 1", False, "2")),
        "histories": (History("1957", "All.", "XOR.", (Statement("True.", (Citation("M. (1969). P.", "original"),),
         "False."),)),),
        "again": "nnhistory run perceptron/xor",
    }  # fmt: skip
    return Report(**{**parts, **changes})  # type: ignore[arg-type]


def test_balanced_and_escaped() -> None:
    text = to_html(page())
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert "<script>" in text
    assert text.count("<script") == 1
    assert "XOR &lt;script&gt;" in text


def test_refers_to_nothing_outside() -> None:
    text = to_html(page())
    assert not re.search(r"https?:|//[a-z]|src=|href=|@import|url\(", text)
    assert "default-src 'none'" in text


def test_everything_is_said_in_words() -> None:
    parser = Balanced()
    parser.feed(to_html(page()))
    said = " ".join(" ".join(parser.words).split())
    for part in (
        "First.", "Second.", "Sentence 1 & more.", "What?", "✓ that", "Because.", "So it is.",
         "◆ It broke here. It came back.",
        "They knew.", "None of these came true.", "The runs that settle this have not ended.", "train error",
        "period = 4", "and 3 more events", "1 of 2 expectations hold.", "✗ does not hold", "M. (1969). P.",
         "[original]",
        "Often told otherwise: “False.”", "nnhistory run perceptron/xor",
    ):  # fmt: skip
        assert part in said, part


def test_light_and_dark_without_script() -> None:
    text = to_html(page())
    assert text.count('class="on-light"') == text.count('class="on-dark"') == 4
    assert "prefers-color-scheme:dark" in text
    without = re.sub(r"<script>.*?</script>", "", text, flags=re.DOTALL)
    # Without script the slider stays hidden and its first picture is shown.
    assert '<p class="control" hidden>' in without
    assert without.count('<div class="frame" hidden') == 2
    assert without.count('<div class="frame" data-when') == 1


def test_no_film_no_script() -> None:
    text = to_html(page(film=()))
    assert "<script" not in text
