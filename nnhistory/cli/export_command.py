"""`nnhistory export SCENARIO|FILE -o OUT`: a picture (png, svg), a moving one (gif), a report (html), a table (csv)."""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nnhistory.cli.common import Reporter, check_lang, run_options
from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.files import refuse_special

if TYPE_CHECKING:
    from nnhistory.cli.export_show import Show
    from nnhistory.core.scene import Scene
    from nnhistory.draw.palette import Palette

__all__ = ["KINDS", "TABLES", "check_place", "command", "save_scene", "write_file"]

KINDS = ("png", "svg", "gif", "html", "txt")
TABLES = ("csv", "json")
"""What a study's table can be written as."""
_SIZES = {"png": (1280, 720), "svg": (1280, 720), "gif": (960, 540), "html": (1120, 630), "txt": (1280, 720)}
_SIZE = re.compile(r"(\d{1,6})\s*[xX×]\s*(\d{1,6})")
_LEAST, _MOST = (320, 240), (7680, 4320)


@click.command(name="export")
@click.argument("source", metavar="SCENARIO|FILE")
@click.option(
    "-o",
    "--output",
    "out",
    required=True,
    metavar="OUT",
    help="What to write: .png, .svg, .gif or .html; .txt for sentences; a study's table: .csv or .json.",
)
@click.option("--at", default=None, metavar="STEP|EVENT", help="Which moment: a step, an event's first time, or end.")
@click.option(
    "--run", default=None, metavar="RUN", help="Which run, if there are several; else the first, or a relay's board."
)
@click.option("--size", default=None, metavar="WxH", help="In pixels; png and svg 1280x720, gif 960x540.")
@click.option("--light/--dark", "light", default=None, help="Paper; dark if not said. A report has both.")
@click.option("--palette", default="okabe-ito", show_default=True, help="Colours: okabe-ito, tol-bright, monochrome.")
@click.option("--story", is_flag=True, help="The chapter's text beside the pictures (png, svg, gif).")
@click.option("--plain", is_flag=True, help="Sentences instead of pictures (a .txt).")
@click.option("--no-motion", is_flag=True, help="Nothing that moves: refuses a .gif.")
@click.option("--force", is_flag=True, help="Overwrite OUT if it is there.")
@run_options
@click.option("--lang", default="en", show_default=True, help="Language of the texts.")
def command(
    source: str, out: str, at: str | None, run: str | None, size: str | None, light: bool | None, palette: str,
    story: bool, plain: bool, no_motion: bool, force: bool, seed: int | None, settings: tuple[str, ...], device: str,
    scale: str, lang: str,
) -> None:  # fmt: skip
    """Save pictures of SCENARIO (an id or a TOML file), or of a recording FILE.

    Example: nnhistory export perceptron/xor --at limit_cycle -o loop.png
    """
    from nnhistory.draw.palette import palette as find_palette

    kind = check_place(out, force=force, kinds=TABLES if Path(out).suffix.lower()[1:] in TABLES else KINDS)
    colours = find_palette(palette, dark=not light)
    width, height = _parse_size(size, kind)
    if plain and kind != "txt":
        raise BadInput(f"a .{kind} is no sentences", key="--plain", remedy="Let OUT end in .txt, or leave --plain out")
    if no_motion and kind == "gif":
        raise BadInput("a .gif moves", key="--no-motion", remedy="Write a .png, or leave --no-motion out")
    if at is not None and kind not in ("png", "svg", "txt"):
        raise BadInput(f"a {kind} shows the whole run", key="--at", remedy="Leave --at out, or write a .png or .svg")
    if kind in TABLES or kind == "gif" or at is not None:
        _refuse_unfit(source, kind, at, run)
    check_lang(lang, source)
    show = _open(source, seed, settings, device, scale, lang)
    show.choose(run)
    reporter = Reporter()
    try:
        if kind in TABLES:
            data = show.table(kind).encode()
        elif kind == "html":
            data = _report(show, (width, height), palette, _again(source, seed, settings), reporter)
        elif kind == "gif":
            data = _moving(show, (width, height), colours, story, reporter)
        else:
            show.go(at)
            data = _still(show, (width, height), colours, story, kind)
    finally:
        reporter.done()
    write_file(Path(out), data)
    if show.remark:
        click.echo(f"nnhistory: {show.remark}", err=True)
    click.echo(f"saved as {out}")


def save_scene(
    scene: Scene, path: str | Path, *, size: tuple[int, int] = (1280, 720), palette: Palette | None = None,
    force: bool = True,
) -> None:  # fmt: skip
    """Save one scene as .png or .svg. BadInput if the place or the suffix is no good.

    force : overwrite what is there.
    """
    from nnhistory.draw.palette import palette as find_palette
    from nnhistory.draw.pixels import draw_scene
    from nnhistory.draw.png import measure

    kind = check_place(path, force=force, kinds=("png", "svg"))
    drawing = draw_scene(scene, *size, find_palette() if palette is None else palette, measure)
    said = " ".join(panel.sentence for panel in scene.panels)
    write_file(Path(path), _picture_bytes(drawing, size, kind, scene.title, said))


def check_place(path: str | Path, *, force: bool = False, kinds: tuple[str, ...] = KINDS) -> str:
    """The kind of file, by its suffix. BadInput, before anything is computed, if it could not be written."""
    file = Path(path)
    kind = file.suffix.lower().removeprefix(".")
    listed = ", ".join(f".{one}" for one in kinds[:-1]) + f" or .{kinds[-1]}"
    if kind not in kinds:
        if kind in KINDS:
            what, remedy = f"a .{kind} cannot be made here", f"Write {listed}"
        elif not kind:
            what, remedy = "the file's name does not say what to write", f"Let it end in {listed}"
        else:
            what = f'there is no picture format ".{kind}"'
            near = did_you_mean(kind, kinds, noun="format")
            remedy = near if near.startswith("Did") else f"Let it end in {listed}"
        raise BadInput(what, file=file, remedy=remedy)
    if file.is_dir():
        raise BadInput("this is a folder", file=file, remedy="Name a file in it")
    refuse_special(file, "Choose another name")
    if file.exists() and not force:
        raise BadInput("there is a file of this name already", file=file, remedy="Choose another, or add --force")
    if not file.parent.is_dir():
        raise BadInput("there is no such folder", file=file.parent, remedy="Make it first, or choose another")
    if not os.access(file.parent, os.W_OK) or (file.exists() and not os.access(file, os.W_OK)):
        raise BadInput("cannot write here: Permission denied", file=file, remedy="Choose another place")
    return kind


def _parse_size(text: str | None, kind: str) -> tuple[int, int]:
    if kind in TABLES:
        if text is not None:
            raise BadInput("a table has no size in pixels", key="--size", remedy="Leave --size out")
        return 0, 0
    if text is None:
        return _SIZES[kind]
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise BadInput(f'cannot read the size "{text}"', key="--size", remedy="Write WxH, as in --size 1280x720")
    width, height = int(found.group(1)), int(found.group(2))
    for value, least, most, name in ((width, _LEAST[0], _MOST[0], "width"), (height, _LEAST[1], _MOST[1], "height")):
        if not least <= value <= most:
            raise BadInput(
                f"a {name} of {value} pixels is out of range", key="--size", remedy=f"From {least} to {most} pixels"
            )
    return width, height


def _open(source: str, seed: int | None, settings: tuple[str, ...], device: str, scale: str, lang: str) -> Show:
    from nnhistory.engine.plan import parse_setting

    chosen = [parse_setting(text) for text in settings]
    from nnhistory.cli.export_show import Show
    from nnhistory.engine.storage import is_recording

    if is_recording(source):
        if seed is not None or settings:
            raise BadInput(
                "a recording cannot be changed", file=source, key="--seed" if seed is not None else "--set",
                remedy="Export its scenario instead",
            )  # fmt: skip
        return Show.of_recording(source, lang=lang)
    reporter = Reporter()
    try:
        return Show.of_scenario(
            source, seed=seed, settings=chosen, device=device, scale=scale, lang=lang, progress=reporter
        )
    finally:
        reporter.done()


def _refuse_unfit(source: str, kind: str, at: str | None, run: str | None) -> None:
    """BadInput, before anything is computed, if there is no table to write, or nothing that has steps."""
    from nnhistory.cli.export_show import BOARD_HAS_NO_STEPS, NAME_A_RUN
    from nnhistory.engine.storage import is_recording
    from nnhistory.scenario.load import load

    scenario = None if is_recording(source) else load(source).scenario
    study = scenario is not None and scenario.study is not None
    if scenario is not None and scenario.relay is not None and run is None and at not in (None, "end"):
        raise BadInput(BOARD_HAS_NO_STEPS, key="--at", remedy=NAME_A_RUN)
    if study and at is not None:
        raise BadInput("a study has no steps", key="--at", remedy="Leave --at out: the whole study is shown")
    if study and kind == "gif":
        raise BadInput("a study does not move", file=source, remedy="Write a .png, .svg or .html")
    if kind in TABLES and not study:
        remedy = (
            "Write a .png, .svg, .gif or .html, or make many runs of it: nnhistory study SCENARIO --seeds 10 -o OUT"
        )
        raise BadInput(f"only a study has a table, which is what a .{kind} holds", file=source, remedy=remedy)


def _again(source: str, seed: int | None, settings: tuple[str, ...]) -> str:
    """The command that computes the same numbers."""
    words = ["nnhistory", "run", source]
    if source.endswith(".toml") or "/" not in source or Path(source).exists():
        words[2] = Path(source).name
    words += ["--seed", str(seed)] if seed is not None else []
    for setting in settings:
        words += ["--set", setting]
    return shlex.join(words)


def _still(show: Show, size: tuple[int, int], colours: Palette, story: bool, kind: str) -> bytes:
    scene = show.scene(*size)
    if kind == "txt":
        panels = (*scene.panels, *((show.story_panel(),) if story else ()))
        told = [f"{panel.title}: {' '.join(panel.sentence.split())}" for panel in panels]
        return ("\n".join([scene.title, scene.caption, "", *told]) + "\n").encode()
    said = " ".join(panel.sentence for panel in scene.panels)
    return _picture_bytes(show.drawing(*size, colours, story=story), size, kind, scene.title, said)


def _picture_bytes(drawing: object, size: tuple[int, int], kind: str, title: str, said: str) -> bytes:
    from nnhistory.draw.shapes import Drawing

    assert isinstance(drawing, Drawing)
    if kind == "svg":
        from nnhistory.draw.svg import to_svg

        return to_svg(drawing, *size, title, said).encode("utf-8")
    import io

    from PIL.PngImagePlugin import PngInfo

    from nnhistory.draw.png import SMOOTH, to_image

    notes = PngInfo()
    notes.add_itxt("Title", title)
    notes.add_itxt("Description", said)
    file = io.BytesIO()
    # Very large pictures have no need of it, and three times their size would take gigabytes.
    smooth = SMOOTH if size[0] * size[1] <= 4_000_000 else 1
    to_image(drawing, *size, smooth=smooth).save(file, "png", optimize=True, pnginfo=notes)
    return file.getvalue()


def _moving(show: Show, size: tuple[int, int], colours: Palette, story: bool, reporter: Reporter) -> bytes:
    from nnhistory.draw.gif import MOST, check_size, to_gif
    from nnhistory.draw.png import to_image

    moments = show.moments(MOST)
    check_size(len(moments), *size)
    pictures = []
    for number, moment in enumerate(moments):
        show.turn_to(moment)
        pictures.append(to_image(show.drawing(*size, colours, story=story), *size, smooth=2))
        reporter("pictures", number + 1, len(moments))
    return to_gif(pictures, show.holds(moments))


def _report(show: Show, size: tuple[int, int], palette: str, again: str, reporter: Reporter) -> bytes:
    from nnhistory.cli.export_report import make_report
    from nnhistory.draw.report import to_html

    return to_html(make_report(show, size, name=palette, again=again, progress=reporter)).encode("utf-8")


def write_file(path: Path, data: bytes) -> None:
    """All or nothing: what was there stays until the new file is complete."""
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            os.chmod(name, 0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise BadInput(f"cannot write here: {error.strerror}", file=path, remedy="Choose another place") from None
