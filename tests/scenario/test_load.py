"""Loading: what is good is decoded, and what an era or own data refuses is located in the scenario."""

from __future__ import annotations

from pathlib import Path

import pytest

from nnhistory.core.errors import BadInput
from nnhistory.engine.names import check_names
from nnhistory.engine.perform import perform
from nnhistory.engine.registry import Registry
from nnhistory.scenario.library import heads, search
from nnhistory.scenario.load import at_key, load, loads
from tests.cli.helpers import GOOD


def own(folder: Path, text: str, points: str | None) -> str:
    """What is said about a scenario with own data, in another folder than the working directory."""
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "deep" / "x.toml").write_text(text)
    if points is not None:
        (folder / "deep" / "points.csv").write_text(points)
    registry = Registry()
    try:
        loaded = load(folder / "deep" / "x.toml")
        check_names(loaded, registry)
        perform(loaded, registry)
    except BadInput as error:
        return str(error).replace(f"{folder}/", "")
    return "good"


FILE = GOOD.replace('"or"', '{ file = "points.csv" }')


def test_own_data_is_relative_to_the_scenario(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert own(tmp_path, FILE, "0,0,a\n1,1,b\n") == "good"


def test_a_missing_table_is_said_with_the_line_of_its_key(tmp_path: Path) -> None:
    assert own(tmp_path, FILE, None) == (
        'deep/x.toml:5: run 1.dataset.file: there is no "points.csv" in '
        f"{tmp_path}/deep. The path is relative to the scenario's folder".replace(f"{tmp_path}/", "")
    )


def test_a_missing_folder_of_pictures_likewise(tmp_path: Path) -> None:
    said = own(tmp_path, GOOD.replace('"or"', '{ images = "shapes" }'), None)
    assert said.startswith('deep/x.toml:5: run 1.dataset.images: there is no "shapes" in deep.')


def test_a_bad_row_is_said_with_the_line_of_the_table(tmp_path: Path) -> None:
    assert own(tmp_path, FILE, "0,0,a\n1,one,b\n") == (
        'deep/points.csv:2: "one" in column 2 is not a number. Write a number, or label = 2 if this column is the label'
    )


def test_a_byte_order_mark_and_windows_line_ends_are_read(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert load(tmp_path / "x.toml").scenario.run[0].id == "a"


def test_the_id_of_a_file_is_its_folder_and_name(tmp_path: Path) -> None:
    (tmp_path / "topic").mkdir()
    (tmp_path / "topic" / "name.toml").write_text(GOOD)
    assert load(tmp_path / "topic" / "name.toml").id == "topic/name"


def test_a_second_run_that_does_not_fit_is_named(tmp_path: Path) -> None:
    text = (
        GOOD + '[[run]]\nid = "b"\nera = "perceptron_1957"\ndataset = { name = "or", inputs = 3 }\nstart.from = "a"\n'
    )
    loaded = loads(text, tmp_path / "x.toml")
    with pytest.raises(BadInput) as error:
        perform(loaded, Registry())
    assert str(error.value) == (
        f"{tmp_path}/x.toml:6: run 2: this perceptron has weights (3, 1), the run it starts from (2, 1)"
    )


def test_a_comment_for_editors_is_a_comment() -> None:
    assert loads("#:schema ./scenario.schema.json\n" + GOOD, Path("x.toml")).scenario.title == "T"


def test_every_missing_key_names_an_example() -> None:
    for key in ("id", "era", "dataset"):
        text = "\n".join(line for line in GOOD.splitlines() if not line.startswith(key))
        with pytest.raises(BadInput, match=rf'^x.toml:2: run 1: the key "{key}" is missing. Add {key} = "'):
            loads(text, Path("x.toml"))


def test_a_search_puts_first_what_has_the_words_in_its_name() -> None:
    assert next(head.id for head in search(heads(), "Four")) == "deep/four-switches"
    assert [head.id for head in search(heads(), "four switches")] == ["deep/four-switches"]
    assert {head.id for head in search(heads(), "2006")} >= {"rbm/digits", "dbn/digits"}
    assert search(heads(), "no-such-word") == []
    assert search(heads(), "") == heads()


def test_an_option_of_the_command_line_is_not_looked_for_in_the_file() -> None:
    loaded = loads(GOOD, Path("x.toml"))
    assert (
        str(at_key(loaded, "run[0]", BadInput("no such device", key="--device cuda")))
        == "--device cuda: no such device"
    )
    assert str(at_key(loaded, "run[0]", BadInput("bad", key="seed"))) == "x.toml:2: run 1.seed: bad"
