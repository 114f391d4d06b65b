"""`nnhistory export`: what it writes, and how it refuses."""

from __future__ import annotations

import os
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image

from nnhistory.cli.export_command import save_scene
from nnhistory.cli.export_show import Show
from nnhistory.core.errors import BadInput
from nnhistory.core.scene import Scores
from nnhistory.draw.palette import palette
from tests.cli.helpers import call
from tests.draw.scenes import scene
from tests.draw.test_report import Balanced
from tests.engine.relays import written


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line of a refusal."""
    said = call(capsys, "export", *arguments)
    assert said.status == 2
    assert said.out == ""
    assert said.err.count("\n") == 1
    return said.err.rstrip("\n").removeprefix("nnhistory: ")


def test_png_has_the_size_and_says_what_it_shows(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "loop.png"
    said = call(capsys, "export", "perceptron/xor", "--at", "limit_cycle", "-o", str(out))
    assert (said.status, said.out) == (0, f"saved as {out}\n")
    with Image.open(out) as image:
        assert image.size == (1280, 720)
        assert image.getpixel((2, 2)) == palette(dark=True).colour("paper")
        assert "1957 Perceptron" in image.text["Title"]  # type: ignore[attr-defined]
        # A break is framed in the error colour.
        assert palette(dark=True).colour("error") in {colour for _, colour in image.getcolors(10**6) or []}


def test_light_small_and_another_moment(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "first.png"
    call(capsys, "export", "perceptron/xor", "--at", "0", "--light", "--size", "800x600", "-o", str(out))
    with Image.open(out) as image:
        assert image.size == (800, 600)
        assert image.getpixel((2, 2)) == palette(dark=False).colour("paper")


def test_svg_holds_the_arithmetic_of_the_step_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "step.svg"
    assert call(capsys, "export", "perceptron/or", "--at", "2", "-o", str(out)).status == 0
    texts = [element.text or "" for element in ET.parse(out).iter("{http://www.w3.org/2000/svg}text")]
    # The hand calculation: after (-1, -1), w = (1, 1), b = -1; then x = (-1, +1) sums to -1, is wrong, and w = (0, 2).
    assert any("w·x + b = −1 +1 −1 = −1" in text for text in texts)
    assert any("(0, 2)" in text for text in texts)


def test_gif_moves_and_holds_its_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "or.gif"
    assert call(capsys, "export", "perceptron/or", "--size", "400x300", "-o", str(out)).status == 0
    with Image.open(out) as image:
        assert image.size == (400, 300)
        assert image.n_frames >= 8
        image.seek(image.n_frames - 1)
        assert image.info["duration"] >= 2000


def test_html_is_whole_and_stands_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "xor.html"
    assert call(capsys, "export", "perceptron/xor", "-o", str(out)).status == 0
    text = out.read_text(encoding="utf-8")
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    assert not re.search(r"https?://", text)
    assert not re.search(r'(src|href)="(?!data:)', text)
    said = " ".join(" ".join(parser.words).split())
    assert "The weights return to where they were" in said
    assert "✓ The weights return to where they were" in said
    assert "✓ It finds a line" not in said
    assert "a loop of 4 presentations" in said
    assert "period = 4" in said
    assert "Minsky, M., Papert, S. (1969)" in said
    assert "expectations hold." in said


def test_the_report_of_a_recording_is_that_of_its_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record, out = tmp_path / "xor.nnh", tmp_path / "out.html"
    assert call(capsys, "run", "perceptron/xor", "--record", str(record)).status == 0
    assert call(capsys, "export", str(record), "-o", str(out)).status == 0
    text = out.read_text(encoding="utf-8")
    assert "7 of 7 expectations hold." in text
    assert "✓ The weights return to where they were" in text


def test_another_seed_and_setting_are_what_is_drawn() -> None:
    from nnhistory.engine.plan import parse_setting

    show = Show.of_scenario("perceptron/or", settings=[parse_setting("rate=0.5")])
    show.go("end")
    assert show.stage.lane.frame.arrays["weights/0"].ravel().tolist() == [0.5, 0.5]


def test_a_step_is_shown_with_its_change_made() -> None:
    show = Show.of_scenario("perceptron/or")
    show.go("2")
    assert (show.stage.lane.frame.step, show.stage.lane.frame.phase) == (2, "update")
    show.go("0")
    assert show.moment == "before the first step"
    show.go("converged")
    assert show.stage.lane.playhead.tick == next(
        e.tick for e in show.stage.lane.recording.events if e.kind == "converged"
    )


def test_the_break_is_the_caption() -> None:
    show = Show.of_scenario("perceptron/xor")
    show.go("limit_cycle")
    shown = show.scene(1280, 720)
    assert shown.caption.startswith("Step 5, the change. ◆ The weights of step")
    assert show.drawing(1280, 720, palette(), story=True).shapes


def test_a_relay_is_its_board_unless_a_run_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file, board, run = str(written(tmp_path)), tmp_path / "board.txt", tmp_path / "run.txt"
    assert call(capsys, "export", file, "-o", str(board)).status == 0
    assert board.read_text().splitlines()[:2] == ["Two nets", "Which corners? 2 nets, each at the end."]
    assert "1957 or 0 (solved); 1957 xor 1 (one plane)." in board.read_text()
    assert call(capsys, "export", file, "--run", "xor", "--at", "3", "-o", str(run)).status == 0
    assert run.read_text().splitlines()[0] == "1957 Perceptron · Two nets"
    assert "The net of xor, step 3, the change." in run.read_text()
    assert refused(capsys, file, "--at", "3", "-o", str(tmp_path / "x.png")) == (
        "--at: a relay's board has no steps. Add --run RUN, or leave --at out"
    )


def test_a_board_moves_as_its_nets_learn(tmp_path: Path) -> None:
    show = Show.of_scenario(str(written(tmp_path)))
    recording = show.stage.lanes[0].recording
    words, values = [], []
    for moment in show.moments(5):
        show.turn_to(moment)
        [scores] = show.scene(960, 540).panel("board").marks
        assert isinstance(scores, Scores)
        words.append(scores.rows[0].word)
        values.append(scores.rows[0].value)
    assert words == ["waiting", "learning 25 %", "learning 50 %", "learning 75 %", "✓ solved"]
    ticks = [recording.at(round(share * recording.frames[-1].tick)).tick for share in (0.25, 0.5, 0.75)]
    assert values[1:4] == [recording.scalar("train_error", tick) for tick in ticks]
    assert len(set(values[1:])) > 1, "it does change"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["perceptron/xor", "-o", "x.pdf"],
         'x.pdf: there is no picture format ".pdf". Let it end in .png, .svg, .gif, .html or .txt'),
        (["perceptron/xor", "-o", "x.htm"], 'x.htm: there is no picture format ".htm". Did you mean "html"?'),
        (["perceptron/xor", "-o", "x"],
         "x: the file's name does not say what to write. Let it end in .png, .svg, .gif, .html or .txt"),
        (["perceptron/xor", "-o", "no/x.png"], "no: there is no such folder. Make it first, or choose another"),
        (["perceptron/xor", "-o", "x.png", "--at", "25"],
         '--at: step 25 is never reached: run "xor" ends at step 24. Write --at 24 or an earlier step, or --at end'),
        (["perceptron/xor", "-o", "x.png", "--at", "limit_cycl"],
         '--at: "limit_cycl" is neither a step nor an event. Did you mean "limit_cycle"?'),
        (["perceptron/xor", "-o", "x.png", "--at", "converged"],
         '--at: "converged" never happens in run "xor". What does happen: limit_cycle (step 5)'),
        (["perceptron/xor", "-o", "x.gif", "--at", "3"],
         "--at: a gif shows the whole run. Leave --at out, or write a .png or .svg"),
        (["perceptron/xor", "-o", "x.png", "--size", "big"],
         '--size: cannot read the size "big". Write WxH, as in --size 1280x720'),
        (["perceptron/xor", "-o", "x.png", "--size", "10x700"],
         "--size: a width of 10 pixels is out of range. From 320 to 7680 pixels"),
        (["perceptron/xor", "-o", "x.png", "--plain"],
         "--plain: a .png is no sentences. Let OUT end in .txt, or leave --plain out"),
        (["perceptron/xor", "-o", "x.gif", "--no-motion"],
         "--no-motion: a .gif moves. Write a .png, or leave --no-motion out"),
        (["perceptron/xor", "-o", "x.png", "--palette", "okabe"],
         '--palette: there is no palette "okabe". Did you mean "okabe-ito"?'),
        (["perceptron/xor", "-o", "x.png", "--run", "xo"], '--run: there is no run "xo". Did you mean "xor"?'),
        (["perceptron/xorr", "-o", "x.png"], 'there is no scenario "perceptron/xorr". Did you mean "perceptron/xor"?'),
    ],
)  # fmt: skip
def test_refusals(
    arguments: list[str], line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refused(capsys, *arguments) == line
    assert list(tmp_path.iterdir()) == []


def test_sentences_instead_of_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.txt"
    arguments = ("perceptron/xor", "--at", "limit_cycle", "--plain", "--story", "-o", str(out))
    assert call(capsys, "export", *arguments).status == 0
    lines = out.read_text(encoding="utf-8").splitlines()
    assert lines[0] == "1957 Perceptron · XOR: is there a line?"
    assert lines[1].startswith("Step 5, the change. ◆ The weights of step")
    assert {"who gets which side", "this step", "story"} <= {line.partition(":")[0] for line in lines[3:]}


def test_what_is_there_stays_unless_forced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "x.svg"
    out.write_text("mine", encoding="utf-8")
    line = refused(capsys, "perceptron/or", "-o", str(out))
    assert line == f"{out}: there is a file of this name already. Choose another, or add --force"
    assert out.read_text(encoding="utf-8") == "mine"
    assert call(capsys, "export", "perceptron/or", "-o", str(out), "--force").status == 0
    assert out.read_text(encoding="utf-8").startswith("<?xml")


def test_a_folder_is_not_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "x.png"
    folder.mkdir()
    assert (
        refused(capsys, "perceptron/or", "-o", str(folder), "--force")
        == f"{folder}: this is a folder. Name a file in it"
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tmp_path.chmod(0o500)
    out = tmp_path / "x.png"
    assert refused(capsys, "perceptron/or", "-o", str(out)) == (
        f"{out}: cannot write here: Permission denied. Choose another place"
    )


def test_a_recording_cannot_be_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = tmp_path / "or.nnh"
    assert call(capsys, "run", "perceptron/or", "--record", str(record)).status == 0
    out = str(tmp_path / "x.png")
    line = refused(capsys, str(record), "--seed", "3", "-o", out)
    assert line == f"{record}: --seed: a recording cannot be changed. Export its scenario instead"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_recording_cut_short_is_refused_in_one_line(
    share: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = tmp_path / "or.nnh"
    assert call(capsys, "run", "perceptron/or", "--record", str(record)).status == 0
    data = record.read_bytes()
    record.write_bytes(data[: int(len(data) * share)])
    assert refused(capsys, str(record), "-o", str(tmp_path / "x.png")).startswith(f"{record}: ")


def test_a_study_is_drawn_as_its_chart_and_has_no_steps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "s.toml"
    file.write_text(
        'title = "S"\n[[run]]\nid = "a"\nera = "perceptron_1957"\ndataset = "or"\n'
        '[study]\nover = { rate = [0.5, 1.0] }\ny = "mistakes"\n',
        encoding="utf-8",
    )
    for suffix in ("png", "html"):
        assert call(capsys, "export", str(file), "-o", str(tmp_path / f"s.{suffix}")).status == 0
    monkeypatch.setattr("nnhistory.cli.export_show.Show._of_study", None)  # refused before anything is computed
    assert refused(capsys, str(file), "--at", "3", "-o", str(tmp_path / "t.png")) == (
        "--at: a study has no steps. Leave --at out: the whole study is shown"
    )
    assert (
        refused(capsys, str(file), "-o", str(tmp_path / "t.gif"))
        == f"{file}: a study does not move. Write a .png, .svg or .html"
    )


def test_save_scene(tmp_path: Path) -> None:
    save_scene(scene("axes", "table"), tmp_path / "board.png", size=(640, 480))
    with Image.open(tmp_path / "board.png") as image:
        assert image.size == (640, 480)
    save_scene(scene("axes"), tmp_path / "board.svg", palette=palette(dark=False))
    ET.parse(tmp_path / "board.svg")
    with pytest.raises(BadInput, match=r"board.gif: a .gif cannot be made here. Write .png or .svg"):
        save_scene(scene("axes"), tmp_path / "board.gif")
    with pytest.raises(BadInput, match="there is a file of this name already"):
        save_scene(scene("axes"), tmp_path / "board.png", force=False)
