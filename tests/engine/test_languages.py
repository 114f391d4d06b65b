"""A language is there if anything is written in it: by an era, by a lesson that ships, by the user."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nnhistory.cli.common import check_lang
from nnhistory.core.errors import BadInput
from nnhistory.engine.languages import check_language, languages
from nnhistory.engine.registry import Registry
from nnhistory.scenario.load import Loaded, loads

TOY = Path(__file__).parent.parent / "toys" / "toy_1900"
OWN = """\
title = "T"
[[run]]
id = "a"
era = "perceptron_1957"
dataset = "or"
[[chapter]]
title = "C"
text = "One."
[chapter.question]
ask = "Which?"
[[chapter.question.options]]
text = { en = "yes", ko = "예" }
expect = { event = "converged", op = "happens" }
[[chapter.question.options]]
text = "no"
expect = { event = "converged", op = "never" }
"""


@pytest.fixture
def own(tmp_path: Path) -> Loaded:
    (tmp_path / "x.toml").write_text(OWN, encoding="utf-8")
    return loads(OWN, tmp_path / "x.toml")


def test_the_users_own_lesson_brings_its_languages_however_deep_they_stand(own: Loaded) -> None:
    assert "ko" not in languages()
    assert set(languages(own.scenario)) == {*languages(), "ko"}
    check_language("ko", own.scenario)
    with pytest.raises(BadInput, match=r"Languages there are: en, ko$"):
        check_language("kr", own.scenario)


def test_an_era_of_ones_own_brings_its_languages(tmp_path: Path) -> None:
    shutil.copytree(TOY, tmp_path / "toy_1900")
    (tmp_path / "toy_1900" / "text" / "ko.toml").write_text("")
    assert "ko" in languages(registry=Registry([tmp_path]))


def test_the_command_line_knows_the_file_it_is_given(own: Loaded) -> None:
    check_lang("ko", str(own.path))
    with pytest.raises(BadInput, match='there is no language "ko"'):
        check_lang("ko", "perceptron/or")
    with pytest.raises(BadInput, match='there is no scenario "perceptron/xro"'):
        check_lang("ko", "perceptron/xro")
