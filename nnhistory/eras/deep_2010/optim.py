"""How a step is made out of a gradient g: the rules of those years, each in its own lines, and the rate over time.

sgd       dw = -r g
momentum  dw = m dw_before - r g                                    Polyak 1964; 1986
nesterov  v <- m v - r g,  dw = m v - r g                           Nesterov 1983; Sutskever et al. 2013
adagrad   s <- s + g^2,  dw = -r g / (sqrt(s) + eps)                Duchi, Hazan and Singer 2011
rmsprop   s <- b2 s + (1 - b2) g^2,  dw = -r g / (sqrt(s) + eps)    Tieleman and Hinton 2012, a lecture
adam      v <- b1 v + (1 - b1) g,  s as rmsprop, both divided by 1 - b^t,
          dw = -r v^ / (sqrt(s^) + eps)                             Kingma and Ba 2015, algorithm 1
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from nnhistory.eras.deep_2010.bowl import RULES

if TYPE_CHECKING:
    from nnhistory.eras.deep_2010.nets import Net

__all__ = ["Descent", "Number", "Optimiser", "Race", "change", "rate_at"]

Number = float | Tensor
"""One for all nets, or (N,): one for each."""

_NUMBERS = tuple(enumerate(("momentum", "beta1", "beta2", "epsilon"), start=1))

_ALL = slice(None)
_OWN_RATE = ("adagrad", "rmsprop", "adam")
"""Rules with a rate for every weight: the length of a step hardly depends on the slope."""


def rate_at(knobs: Mapping[str, Any], step: int, steps: int) -> float:
    """The learning rate of step 1, 2, ...: constant, or falling by `fall` every `fall_every` steps."""
    rate, share, t = float(knobs["rate"]), float(knobs["fall"]), float(step - 1) / int(knobs["fall_every"])
    match knobs["schedule"]:
        case "step":
            rate *= math.pow(share, math.floor(t))
        case "exponential":
            rate *= math.pow(share, t)
        case "inverse":
            rate /= 1.0 + t
        case "cosine":
            rate *= 0.5 * (1.0 + math.cos(math.pi * (step - 1) / max(1, steps)))
    return rate


class Optimiser:
    """Changes tensors in place.

    All of them are moved into one long row of numbers first, so that a rule is a few operations, however many layers
    there are; the tensors stay what they were, and look into that row. `slots` are where gradients may be put at once:
    what lies there already is not copied.
    """

    def __init__(self, rule: str, values: Sequence[Tensor]) -> None:
        self.rule, self.values = rule, list(values)
        self._w = values[0].new_empty(sum(w.numel() for w in values), requires_grad=False)
        self._g, self._dw = self._w.new_zeros(self._w.shape), self._w.new_zeros(self._w.shape)
        self._v = self._w.new_zeros(self._w.shape if rule in ("nesterov", "adam") else 0)
        self._s = self._w.new_zeros(self._w.shape if rule in ("adagrad", "rmsprop", "adam") else 0)
        self._moved = self._views(self._dw)
        self.slots = self._views(self._g)
        self._other, self._others = self._g, list[Tensor]()
        """Where gradients that lie elsewhere are copied to: what lies in the slots is still shown."""
        self._wide: dict[int, tuple[Tensor, Tensor]] = {}
        for w, view in zip(values, self._views(self._w), strict=True):
            view.copy_(w.detach())
            w.data = view
        self.t = 0

    def dw(self, place: int, which: int | slice = _ALL) -> Tensor:
        """The newest change of the tensor at this place: of these nets."""
        return self._moved[place][which]

    def _views(self, row: Tensor) -> list[Tensor]:
        return _views(row, self.values)

    def _each(self, place: int, number: Number, times: float = 1.0) -> Number:
        """A number of its own for each net, (N,), as one for every value in the row. place : among its like."""
        if not isinstance(number, Tensor):
            return times * number
        known, wide = self._wide.get(place, (None, self._w))
        if known is not number:
            wide = torch.cat([times * number.repeat_interleave(w.numel() // len(number)) for w in self.values])
            self._wide[place] = number, wide
        return wide

    def step(self, grads: Sequence[Tensor], rate: Number, knobs: Mapping[str, Any]) -> None:
        """One change of every tensor. knobs : momentum, beta1, beta2, epsilon.

        Where the tensors' first axis counts nets, each number may be a tensor (N,), one for each of them.
        """
        self.t += 1
        g, dw, v, s, down = self._g, self._dw, self._v, self._s, self._each(0, rate, -1.0)
        if grads[0] is self.slots[0]:
            for slot, grad in zip(self.slots, grads, strict=True):
                if grad is not slot:
                    slot.copy_(grad)
        else:
            if not self._others:
                self._other = torch.empty_like(g)
                self._others = self._views(self._other)
            torch._foreach_copy_(self._others, list(grads))
            g = self._other
        m, b1, b2, eps = (self._each(place, knobs[name]) for place, name in _NUMBERS)
        match self.rule:
            case "momentum":
                _add(dw.mul_(m), g, down)
            case "nesterov":
                _add(v.mul_(m), g, down)
                _add(dw.copy_(v).mul_(m), g, down)
            case "adagrad":
                s.addcmul_(g, g)
                dw.copy_(g).mul_(down).div_(s.sqrt().add_(eps))
            case "rmsprop":
                _add_square(s.mul_(b2), g, 1.0 - b2)
                dw.copy_(g).mul_(down).div_(s.sqrt().add_(eps))
            case "adam":
                _add(v.mul_(b1), g, 1.0 - b1)
                _add_square(s.mul_(b2), g, 1.0 - b2)
                size = (s / (1.0 - b2**self.t)).sqrt_().add_(eps)
                dw.copy_(v).mul_(down / (1.0 - b1**self.t)).div_(size)
            case _:
                torch.mul(g, down, out=dw)
        self._w.add_(dw)


def _add(into: Tensor, what: Tensor, times: Number) -> None:
    if isinstance(times, Tensor):
        into.addcmul_(what, times)
    else:
        into.add_(what, alpha=times)


def _add_square(into: Tensor, what: Tensor, times: Number) -> None:
    if isinstance(times, Tensor):
        into.addcmul_(what * times, what)
    else:
        into.addcmul_(what, what, value=times)


class Descent:
    """The rule sgd for nets beside each other, to the last bit as `Optimiser` has it.

    The weights of many nets fill more than the near caches, so what counts is how often a step goes over them. Here it
    goes once, tensor by tensor, and writes dw down nowhere: what is shown of it is made out of the slopes again. So
    that they are there when the next ones come, there are two sets of `slots`, which take turns.
    """

    def __init__(self, values: Sequence[Tensor]) -> None:
        self.values, self.t = [w.detach() for w in values], 0
        size = sum(w.numel() for w in self.values)
        self.slots, self._spare = (_views(self.values[0].new_zeros(size), self.values) for _ in range(2))
        room = self.values[0].new_empty(max(w.numel() for w in self.values))
        self._room = [room[: w.numel()].view(w.shape) for w in self.values]
        self._g, self._down = list(self._spare), self._each(0.0)

    def _each(self, rate: Number) -> Number:
        return -rate[:, None, None] if isinstance(rate, Tensor) else -rate

    def step(self, grads: Sequence[Tensor], rate: Number, knobs: Mapping[str, Any]) -> None:
        """As `Optimiser.step`. Gradients that are not in the slots must not be written into again."""
        del knobs  # there are none but the rate
        self.t += 1
        self._g, down = list(grads), self._each(rate)
        self._down = down
        for w, g, dw in zip(self.values, grads, self._room, strict=True):
            torch.mul(g, down, out=dw)
            w.add_(dw)
        if grads[0] is self.slots[0]:
            self.slots[:], self._spare = self._spare, list(self.slots)

    def dw(self, place: int, which: int | slice = _ALL) -> Tensor:
        """As `Optimiser.dw`."""
        down = self._down[which] if isinstance(self._down, Tensor) else self._down
        return self._g[place][which] * down


def _views(row: Tensor, like: Sequence[Tensor]) -> list[Tensor]:
    """Parts of a row of numbers, one behind another, of these shapes."""
    found, begin = [], 0
    for w in like:
        found.append(row[begin : begin + w.numel()].view(w.shape))
        begin += w.numel()
    return found


class Race:
    """All rules at once, net k by rule k, where nets lie beside each other: values (6, ...)."""

    def __init__(self, values: Sequence[Tensor]) -> None:
        self.values, self.t = list(values), 0
        self._moved = [w.new_zeros(w.shape, requires_grad=False) for w in values]
        self._each = [Optimiser(rule, [w.detach()[k : k + 1].clone() for w in values]) for k, rule in enumerate(RULES)]

    def step(self, grads: Sequence[Tensor], rate: Number, knobs: Mapping[str, Any]) -> None:
        """One change of every net. knobs : as for each rule; race_rate is to rate what it is to the rate as set."""
        self.t += 1
        share = knobs["race_rate"] / knobs["rate"] if knobs["rate"] else 0.0
        for k, own in enumerate(self._each):
            for w, mine in zip(self.values, own.values, strict=True):
                mine.copy_(w.detach()[k : k + 1])
            own.step([grad[k : k + 1] for grad in grads], rate * (share if own.rule in _OWN_RATE else 1.0), knobs)
            for place, (w, moved, mine) in enumerate(zip(self.values, self._moved, own.values, strict=True)):
                w.detach()[k : k + 1] = mine
                moved[k : k + 1] = own.dw(place)

    def dw(self, place: int, which: int | slice = _ALL) -> Tensor:
        """As `Optimiser.dw`."""
        return self._moved[place][which]


def change(
    net: Net, optimiser: Optimiser | Descent | Race, slopes: Sequence[Tensor], rate: Number, knobs: Mapping[str, Any]
) -> None:
    """One step. L2 adds its own slope, l2 w, to that of the error; decay takes a share of the weights afterwards.

    slopes : dE of every parameter. A number of its own for each net is (N,), as in `Optimiser`.
    """
    slopes, l2, decay = list(slopes), knobs["l2"], knobs["decay"]
    penalty, shrinks = isinstance(l2, Tensor) or l2, isinstance(decay, Tensor) or decay
    weights = [w.detach() for w in optimiser.values[: net.depth]] if penalty or shrinks else []
    if net.config["frozen"]:
        slopes = [torch.zeros_like(g) if still else g for g, still in zip(slopes, net.frozen(), strict=True)]
    if penalty:
        l2 = l2[:, None, None] if isinstance(l2, Tensor) else l2
        slopes = [g + l2 * w for g, w in zip(slopes, weights, strict=False)] + slopes[net.depth :]
    optimiser.step(slopes, rate, knobs)
    if shrinks:
        kept = 1.0 - (decay[:, None, None] if isinstance(decay, Tensor) else decay)
        for w in weights:
            w.mul_(kept)
