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
    """An ordered stack of layers, input side first. `into` is the layer at which the first of them is to go."""

    stack: tuple[Layer, ...] = field(default_factory=tuple)
    into: int = 0

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
                raise BadInput(
                    f"there is no layer {index} to start from", why=f"the earlier run has {len(self.stack)}",
                    key="start.layers", remedy="Layers are counted from 0",
                )  # fmt: skip
        return Layers(tuple(self.stack[index] for index in indices), self.into)

    def placed(self, into: int) -> Layers:
        """The same layers, to go at this place."""
        return Layers(self.stack, into)

    def above(self, below: Layers) -> Layers:
        """These layers on top of others."""
        return Layers((*below.stack, *self.stack), below.into)

    def unrolled(self) -> Layers:
        """The stack, and then the same stack backwards: W transposed, the visible biases as biases.

        Source: Hinton and Salakhutdinov 2006, Science 313, Fig. 1. BadInput where a layer has no visible biases.
        """
        back: list[Layer] = []
        for number, layer in reversed(list(enumerate(self.stack))):
            if layer.b_visible is None:
                raise BadInput(
                    f"layer {number} cannot be unrolled", key="start.unroll",
                    why="it has no biases for its inputs", remedy="Start from runs of rbm_2006, or leave unroll out",
                )  # fmt: skip
            back.append(Layer(layer.W.T.copy(), layer.b_visible, layer.b, f"{layer.name}, backwards"))
        return Layers((*self.stack, *back), self.into)
