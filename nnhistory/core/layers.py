"""How weights pass between runs: as data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from nnhistory.core.errors import BadInput
from nnhistory.core.moment import Array

__all__ = ["Layer", "Layers"]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of weights. Shapes: W (n_in, n_out), b (n_out,), b_visible (n_in,) or None."""

    W: Array
    b: Array
    b_visible: Array | None = None
    name: str = ""

    def __post_init__(self) -> None:
        if self.W.ndim != 2 or self.b.shape != (self.W.shape[1],):
            raise BadInput(
                f"a layer needs W (n_in, n_out) and b (n_out,), got W {self.W.shape} and b {self.b.shape}",
                why="the bias has one number for each output unit",
            )
        if self.b_visible is not None and self.b_visible.shape != (self.W.shape[0],):
            raise BadInput(
                f"b_visible has one number for each input: expected ({self.W.shape[0]},), got {self.b_visible.shape}"
            )


@dataclass(frozen=True, slots=True)
class Layers:
    """An ordered stack of layers, input side first."""

    stack: tuple[Layer, ...] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.stack)

    def __iter__(self) -> Iterator[Layer]:
        return iter(self.stack)

    def __getitem__(self, index: int) -> Layer:
        return self.stack[index]

    def only(self, indices: Sequence[int] | None) -> Layers:
        """The layers with these indices, or all of them."""
        if indices is None:
            return self
        for index in indices:
            if not 0 <= index < len(self.stack):
                raise BadInput(f"there is no layer {index} to start from", why=f"the earlier run has {len(self.stack)}")
        return Layers(tuple(self.stack[index] for index in indices))
