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
from typing import Any

import torch
from torch import Tensor

from nnhistory.eras.deep_2010.bowl import RULES

__all__ = ["Optimiser", "Race", "rate_at"]

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
    """Changes tensors in place. `moved` are the newest changes dw, one for each tensor.

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
        self.moved = self._views(self._dw)
        self.slots = self._views(self._g)
        self._other, self._others = self._g, list[Tensor]()
        """Where gradients that lie elsewhere are copied to: what lies in the slots is still shown."""
        for w, view in zip(values, self._views(self._w), strict=True):
            view.copy_(w.detach())
            w.data = view
        self.t = 0

    def _views(self, row: Tensor) -> list[Tensor]:
        found, begin = [], 0
        for w in self.values:
            found.append(row[begin : begin + w.numel()].view(w.shape))
            begin += w.numel()
        return found

    def step(self, grads: Sequence[Tensor], rate: float, knobs: Mapping[str, Any]) -> None:
        """One change of every tensor. knobs : momentum, beta1, beta2, epsilon."""
        self.t += 1
        g, dw, v, s = self._g, self._dw, self._v, self._s
        if grads[0] is not self.slots[0]:
            if not self._others:
                self._other = torch.empty_like(g)
                self._others = self._views(self._other)
            torch._foreach_copy_(self._others, list(grads))
            g = self._other
        m, b1, b2, eps = knobs["momentum"], knobs["beta1"], knobs["beta2"], knobs["epsilon"]
        match self.rule:
            case "momentum":
                dw.mul_(m).add_(g, alpha=-rate)
            case "nesterov":
                v.mul_(m).add_(g, alpha=-rate)
                dw.copy_(v).mul_(m).add_(g, alpha=-rate)
            case "adagrad":
                s.addcmul_(g, g)
                dw.copy_(g).mul_(-rate).div_(s.sqrt().add_(eps))
            case "rmsprop":
                s.mul_(b2).addcmul_(g, g, value=1.0 - b2)
                dw.copy_(g).mul_(-rate).div_(s.sqrt().add_(eps))
            case "adam":
                v.mul_(b1).add_(g, alpha=1.0 - b1)
                s.mul_(b2).addcmul_(g, g, value=1.0 - b2)
                size = (s / (1.0 - b2**self.t)).sqrt_().add_(eps)
                dw.copy_(v).mul_(-rate / (1.0 - b1**self.t)).div_(size)
            case _:
                torch.mul(g, -rate, out=dw)
        self._w.add_(dw)


class Race:
    """All rules at once, net k by rule k, where nets lie beside each other: values (6, ...)."""

    def __init__(self, values: Sequence[Tensor]) -> None:
        self.values, self.t = list(values), 0
        self.moved = [w.new_zeros(w.shape, requires_grad=False) for w in values]
        self._each = [Optimiser(rule, [w.detach()[k : k + 1].clone() for w in values]) for k, rule in enumerate(RULES)]

    def step(self, grads: Sequence[Tensor], rate: float, knobs: Mapping[str, Any]) -> None:
        """One change of every net. knobs : as for each rule; race_rate is to rate what it is to the rate as set."""
        self.t += 1
        share = knobs["race_rate"] / knobs["rate"] if knobs["rate"] else 0.0
        for k, own in enumerate(self._each):
            for w, mine in zip(self.values, own.values, strict=True):
                mine.copy_(w.detach()[k : k + 1])
            own.step([grad[k : k + 1] for grad in grads], rate * (share if own.rule in _OWN_RATE else 1.0), knobs)
            for w, moved, mine, change in zip(self.values, self.moved, own.values, own.moved, strict=True):
                w.detach()[k : k + 1] = mine
                moved[k : k + 1] = change
