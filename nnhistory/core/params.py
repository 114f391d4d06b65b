"""What can be set: a knob of an era or a parameter of a data set, with its range, unit and year."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal

import msgspec

from nnhistory.core.errors import BadInput, did_you_mean
from nnhistory.core.numbers import plain

__all__ = ["TOO_LARGE", "Param", "parse_value", "too_large"]

TOO_LARGE = "this number is too large (64 bits are the most)"

_LONG = 40
"""Signs of a value that an error quotes."""


class Param(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A knob.

    Attributes
    ----------
    kind : `number`, `integer`, `choice`, `flag`, `text`, `picture` (array of fixed shape, values 0..1),
        `points` (list of [x, y, label]), `list` (integers).
    on_gpu : the default where the run is computed on another device than the processor; None: the same.
    live : True if it may be turned while the run goes on; False: a change restarts the run.
    year : when it was invented (0: not a dated idea).
    years : of a choice, when each of its values was; those that are left out are not dated ideas.
    help : one sentence: what it does and what changing it would do.
    """

    kind: Literal["number", "integer", "choice", "flag", "text", "picture", "points", "list"]
    default: Any = None
    on_gpu: Any = None
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    shape: tuple[int, ...] = ()
    unit: str = ""
    year: int = 0
    years: dict[str, int] = {}
    live: bool = False

    def check(self, value: Any, name: str) -> Any:
        """The value, converted to this knob's type. Raises BadInput that says what would be right."""
        match self.kind:
            case "flag":
                if not isinstance(value, bool):
                    raise BadInput(f"{name} is a switch, got {_said(value)}", remedy="Write true or false")
                return value
            case "choice":
                if value not in self.choices:
                    raise BadInput(
                        f"{name} cannot be {_said(value)}", remedy=did_you_mean(str(value), self.choices, noun="choice")
                    )
                return value
            case "text":
                if not isinstance(value, str):
                    raise BadInput(f"{name} is a text, got {_said(value)}", remedy=f'Write {name} = "..."')
                return value
            case "number" | "integer":
                return self._check_number(value, name)
            case "picture":
                return self._check_picture(value, name)
            case "points":
                return self._check_points(value, name)
            case "list":
                if not isinstance(value, list | tuple) or any(not _is_integer(item) for item in value):
                    raise BadInput(
                        f"{name} is a list of whole numbers, got {_said(value)}", remedy=f"Write {name} = [1, 2]"
                    )
                return [int(self._check_number(item, name, whole=True)) for item in value]

    def _check_number(self, value: Any, name: str, *, whole: bool | None = None) -> float | int:
        whole = self.kind == "integer" if whole is None else whole
        if isinstance(value, bool) or not isinstance(value, int | float) or (whole and not _is_integer(value)):
            kind = "a whole number" if whole else "a number"
            raise BadInput(f"{name} is {kind}, got {_said(value)}", remedy=f"Write {name} = {self.default}")
        if not math.isfinite(value):
            raise BadInput(f"{name} must be finite, got {_said(value)}", remedy=f"Write {name} = {self.default}")
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            raise BadInput(f"{name} = {value} is out of range", remedy=f"It goes {self.range_text()}")
        return int(value) if whole else float(value)

    def range_text(self) -> str:
        """`from 0 to 10`, in words."""
        unit = f" {self.unit}" if self.unit else ""
        if self.low is not None and self.high is not None:
            return f"from {plain(self.low, 6)} to {plain(self.high, 6)}{unit}"
        if self.low is not None:
            return f"from {plain(self.low, 6)} upward{unit}"
        if self.high is not None:
            return f"up to {plain(self.high, 6)}{unit}"
        return f"over all numbers{unit}"

    def _check_picture(self, value: Any, name: str) -> Any:
        rows, columns = self.shape if len(self.shape) == 2 else (0, 0)
        good = isinstance(value, list | tuple) and len(value) == rows
        good = good and all(isinstance(row, list | tuple) and len(row) == columns for row in value)
        if value is not None and not good:
            raise BadInput(
                f"{name} is a picture of {rows} x {columns} numbers from 0 to 1", remedy="Write one list for each row"
            )
        return value

    def _check_points(self, value: Any, name: str) -> Any:
        if value is None:
            return None
        rows = value if isinstance(value, list | tuple) else None
        if rows is None or any(
            not isinstance(row, list | tuple)
            or len(row) != 3
            or any(
                isinstance(cell, bool) or not isinstance(cell, int | float) or not math.isfinite(cell) for cell in row
            )
            for row in rows
        ):
            raise BadInput(
                f"{name} is a list of points", remedy=f"Write {name} = [[0.5, -1.0, 1], [0.2, 0.3, -1]]: x, y, label"
            )
        return [[float(x), float(y), int(label)] for x, y, label in rows]


def _said(value: Any) -> str:
    """A value as TOML writes it, no longer than a line has room for."""
    said = str(value).lower() if isinstance(value, bool) else repr(value) if isinstance(value, str) else str(value)
    return said if len(said) <= _LONG else f"{said[:_LONG]}..."


def _is_integer(value: Any) -> bool:
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


def too_large(value: Any, path: str = "") -> Iterator[str]:
    """Where in a decoded TOML value there are whole numbers beyond 64 bits, as dotted paths."""
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        yield path
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from too_large(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from too_large(item, f"{path}[{place}]")


def parse_value(text: str) -> Any:
    """A value as typed after `--set KEY=`: a TOML value where it parses as one, else the bare text."""
    import tomllib

    try:
        value = tomllib.loads(f"value = {text}")["value"]
        if next(too_large(value), None) is not None:
            raise BadInput(TOO_LARGE, remedy="Write a smaller one")
        return value
    except RecursionError:
        raise BadInput("this value is nested too deeply", remedy="Write it flatter") from None
    except ValueError as error:
        if not isinstance(error, tomllib.TOMLDecodeError):  # so many digits that Python does not even read them
            raise BadInput(TOO_LARGE, remedy="Write a smaller one") from None
        if text and all(character.isalnum() or character in "-_./" for character in text):
            return text
        raise BadInput(
            f"cannot read the value {text!r}", remedy='Write a number, true, false, "text" or [1, 2]'
        ) from None
