"""The knobs of a run as its era sees them: read at every step, turned only by the runner between steps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["Knobs"]


class Knobs(Mapping[str, Any]):
    """A read-only mapping for the era. `version` grows with every turn, so a loop can notice one cheaply."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self.version = 0

    def __getitem__(self, name: str) -> Any:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def _turn(self, name: str, value: Any) -> None:
        """For runners alone."""
        self._values[name] = value
        self.version += 1
