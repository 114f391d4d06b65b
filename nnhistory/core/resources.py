"""Where the shipped scenarios and assets lie: in the wheel, else in the checkout that holds the package."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nnhistory.core.errors import BadInput

__all__ = ["assets", "scenarios"]

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def _folder(name: str) -> Path:
    shipped = _PACKAGE / "_shipped" / name
    if shipped.is_dir():
        return shipped
    checkout = _PACKAGE.parent
    project = checkout / "pyproject.toml"
    if project.is_file() and 'name = "nnhistory"' in project.read_text(encoding="utf-8"):
        return checkout / name
    raise BadInput(
        f"the {name} folder is missing from this installation",
        why=f"neither {shipped} nor a checkout around {_PACKAGE} has it",
        remedy="Install nnhistory again",
    )


def scenarios() -> Path:
    """The folder of shipped scenarios (`<topic>/<name>.toml` and `walkthrough.toml`)."""
    return _folder("scenarios")


def assets() -> Path:
    """The folder of shipped assets (data, fonts, palettes; origins in `SOURCES.md`)."""
    return _folder("assets")
