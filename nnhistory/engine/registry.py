"""Which eras there are. Manifests are read without NumPy; an era's code is imported when it is asked for."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, cast

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.manifest import Manifest

if TYPE_CHECKING:
    from nnhistory.core.moment import Moment

__all__ = ["Registry", "resolve_config"]

_BUILT_IN = Path(__file__).resolve().parent.parent / "eras"
_EXTRA_PACKAGE = "nnhistory_extra_eras"


class Registry:
    """The built-in eras, and those in `extra` folders (each holding era folders).

    A new era is one new folder with `era.toml`, `model.py`, `view.py`, `text/en.toml`, `README.md`.
    """

    def __init__(self, extra: Sequence[Path | str] = ()) -> None:
        self.extra = tuple(Path(folder) for folder in extra)
        self._folders: dict[str, Path] = {}
        for parent in (_BUILT_IN, *self.extra):
            if not parent.is_dir():
                raise BadInput(f"there is no folder of eras at {parent}", remedy="Give a folder that holds era folders")
            for folder in sorted(parent.iterdir()):
                if (folder / "era.toml").is_file():
                    self._folders[folder.name] = folder
        self._manifests: dict[str, Manifest] = {}

    def ids(self) -> list[str]:
        """Era ids, oldest first."""
        return sorted(self._folders, key=lambda name: (self.manifest(name).year, name))

    def folder(self, era: str) -> Path:
        """The era's folder. BadInput for an unknown id."""
        try:
            return self._folders[era]
        except KeyError:
            raise BadInput(f'there is no era "{era}"', remedy=did_you_mean(era, self._folders, noun="era")) from None

    def manifest(self, era: str) -> Manifest:
        """The decoded `era.toml`."""
        if era not in self._manifests:
            file = self.folder(era) / "era.toml"
            try:
                self._manifests[era] = msgspec.convert(
                    {"id": era, **tomllib.loads(file.read_text(encoding="utf-8"))}, Manifest
                )
            except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
                raise BadInput(f"this era's manifest cannot be read: {error}", file=file) from None
        return self._manifests[era]

    def texts(self, era: str, lang: str = "en") -> Mapping[str, Any]:
        """The era's texts in `lang`, filled up from English."""
        folder = self.folder(era) / "text"
        texts: dict[str, Any] = {}
        for name in ("en", lang):
            file = folder / f"{name}.toml"
            if file.is_file():
                texts.update(tomllib.loads(file.read_text(encoding="utf-8")))
        return texts

    def run(self, era: str) -> Callable[..., Iterator[Moment]]:
        """The era's algorithm: `run(config, data, streams, knobs, start, device)`."""
        return cast("Callable[..., Iterator[Moment]]", self._module(era, "model").run)

    def stacked(self, era: str) -> ModuleType:
        """The algorithm for several runs beside each other, of eras whose manifest says `stacks`.

        A module with `run_stacked(configs, data, streams, knobs, device)`, which yields lists of moments, and
        `at_once(config, data)`: how many runs of this kind are worth having in one stack.
        """
        return self._module(era, "stacked")

    def view(self, era: str) -> ModuleType:
        """The era's pictures: a module with `scene` and `thumbnail`."""
        return self._module(era, "view")

    def xray(self, era: str) -> Callable[..., Any] | None:
        """The era's arithmetic of one step, if it has any."""
        if not (self.folder(era) / "xray.py").is_file():
            return None
        return cast("Callable[..., Any]", self._module(era, "xray").xray)

    def _module(self, era: str, name: str) -> ModuleType:
        folder = self.folder(era)
        if folder.parent == _BUILT_IN:
            return importlib.import_module(f"nnhistory.eras.{era}.{name}")
        package = f"{_EXTRA_PACKAGE}.{era}"
        if _EXTRA_PACKAGE not in sys.modules:
            parent = ModuleType(_EXTRA_PACKAGE)
            parent.__path__ = []
            sys.modules[_EXTRA_PACKAGE] = parent
        if package not in sys.modules or str(folder) not in sys.modules[package].__path__:
            for stale in [key for key in sys.modules if key == package or key.startswith(package + ".")]:
                del sys.modules[stale]
            module = ModuleType(package)
            module.__path__ = [str(folder)]
            sys.modules[package] = module
        return importlib.import_module(f"{package}.{name}")


def resolve_config(manifest: Manifest, config: Mapping[str, Any]) -> dict[str, Any]:
    """Every knob of the era with its value: what the scenario says, checked, else the default."""
    values = {name: knob.default for name, knob in manifest.knobs.items()}
    for name, value in config.items():
        if name not in manifest.knobs:
            raise BadInput(
                f'{manifest.title} has no knob "{name}"',
                key=name,
                remedy=did_you_mean(name, manifest.knobs, noun="knob"),
            )
        try:
            values[name] = manifest.knobs[name].check(value, name)
        except BadInput as error:
            raise error.located(key=name) from None
    return values
