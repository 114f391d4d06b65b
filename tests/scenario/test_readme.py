"""Every example of the README "Writing a scenario" works as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import nnhistory.scenario
from nnhistory.core.params import Param
from nnhistory.datasets.catalogue import FILE, IMAGES
from nnhistory.scenario import schema
from nnhistory.scenario.load import loads
from nnhistory.scenario.write import dumps
from tests.cli.helpers import call

README = (Path(nnhistory.scenario.__file__).parent / "README.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"^```toml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
TABLE = re.findall(r"^```csv\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)[0]
COMMANDS = [line.strip().split(" #")[0] for line in README.splitlines() if line.startswith("    nnhistory ")]


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 5
    assert len(COMMANDS) >= 8


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The README's files, with the names it gives them."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clouds.toml").write_text(EXAMPLES[0], encoding="utf-8")
    (tmp_path / "points.csv").write_text(TABLE, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("text", EXAMPLES, ids=[re.findall('title = "(.*)"', text)[0] for text in EXAMPLES])
def test_an_example_passes(text: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "x.toml").write_text(text, encoding="utf-8")
    got = call(capsys, "run", "x.toml")
    assert "nnhistory:" not in got.err
    assert got.status == 0, got.out
    assert "✗" not in got.out
    loaded = loads(text, folder / "x.toml")
    assert loads(dumps(loaded.scenario), folder / "x.toml").scenario == loaded.scenario


def test_every_command_works(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in COMMANDS:
        for command in line.split(" && "):
            words = shlex.split(command.split(" > ")[0])
            got = call(capsys, *words[1:])
            # A study from the command line, or other knobs, may fail an expectation; nothing may be refused.
            assert got.status in (0, 1), (command, got.err)
            # A slow machine sees lines of progress; what is refused would begin with the program's name.
            assert "nnhistory:" not in got.err, command


def test_every_key_of_the_schema_is_explained() -> None:
    kinds = (
        schema.Scenario, schema.Run, schema.Turn, schema.Chapter, schema.Expect, schema.Study, schema.Play,
        schema.Question, schema.Option, schema.Start, schema.InputFrom, schema.Scale,
    )  # fmt: skip
    for kind in kinds:
        for key in kind.__struct_encode_fields__:
            assert re.search(rf"[`.\[ ]{key}[`\] =,]", README), f"{kind.__name__}.{key}"


def test_every_parameter_of_own_data_is_explained() -> None:
    params: dict[str, Param] = {**FILE.params, **IMAGES.params}
    for key in params:
        assert f"| `{key}` |" in README, key


def test_every_operator_is_explained() -> None:
    for op in ("<", "<=", "==", "!=", ">=", ">", "between", "within", "happens", "never"):
        assert f'`"{op}"`' in README, op
