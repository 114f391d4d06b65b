"""What a study is saved as: its table, its picture, its report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nnhistory.cli.export_command import TABLES, check_place, save_scene, write_file
from nnhistory.engine.perform import Outcome
from nnhistory.engine.registry import Registry
from nnhistory.engine.study import Studied
from nnhistory.scenario.load import Loaded

__all__ = ["check_outs", "save_study"]

_KINDS = (*TABLES, "png", "svg", "html")


def check_outs(outs: Sequence[str], *, force: bool) -> None:
    """BadInput, before anything is computed, if one of these files could not be written."""
    for out in outs:
        check_place(out, force=force, kinds=_KINDS)


def save_study(out: str, loaded: Loaded, registry: Registry, studied: Studied, outcome: Outcome, again: str) -> None:
    """Write one file, of the kind that its name says. again : the command that does the same study."""
    kind = check_place(out, force=True, kinds=_KINDS)
    if kind in TABLES:
        from nnhistory.cli.study_table import to_csv, to_json

        write_file(Path(out), (to_csv(studied.rows) if kind == "csv" else to_json(outcome)).encode())
        return
    if kind == "html":
        from nnhistory.cli.export_report import make_report
        from nnhistory.cli.export_show import Show
        from nnhistory.draw.report import to_html

        show = Show.of_study(loaded, registry, studied, outcome.verdicts)
        report = make_report(show, (1120, 630), name="okabe-ito", again=again)
        write_file(Path(out), to_html(report).encode("utf-8"))
        return
    from nnhistory.engine.study_scene import study_scene

    study, count = loaded.scenario.study, len(studied.points)
    assert study is not None
    scene = study_scene(loaded.scenario, study, studied.rows, studied.pictured, count, count, shows=studied.shows)
    save_scene(scene, out)
