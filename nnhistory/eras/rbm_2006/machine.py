"""The machine: two layers of units that are 0 or 1, links between the layers and none within.

    E(v, h)    = - b'v - c'h - v'Wh                      p(v, h) = exp(-E(v, h)) / Z
    p(h_j = 1 | v) = sigma(c_j + v'W_j)                  p(v_i = 1 | h) = sigma(b_i + W_i h)
    F(v)       = - b'v - sum_j ln(1 + exp(c_j + v'W_j))  p(v)    = exp(-F(v)) / Z
    d ln p(v) / dW = <v h'>_data - <v h'>_model          CD-k: k Gibbs steps from the data in the model's place

Source: Smolensky 1986 (the harmonium); Hinton 2002, Neural Computation 14, 1771-1800 (contrastive divergence);
Tieleman 2008 (persistent chains); momentum, weight decay, sampled hidden and mean-field visible units as in Hinton's
practical guide of 2010. Modern here: torch, and a whole batch as one matrix product.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

__all__ = ["Machine", "Trainer", "sample"]


def sample(p: Tensor, rng: torch.Generator) -> Tensor:
    """1 with probability p, else 0."""
    return (torch.rand(p.shape, generator=rng, dtype=p.dtype, device=p.device) < p).to(p.dtype)


@dataclass
class Machine:
    """Weights and biases. Shapes: W (d, h), b (d,) of the visible units, c (h,) of the hidden ones."""

    W: Tensor
    b: Tensor
    c: Tensor

    @property
    def sizes(self) -> tuple[int, int]:
        return self.W.shape[0], self.W.shape[1]

    def hidden(self, v: Tensor) -> Tensor:
        """p(h = 1 | v). v (n, d) -> (n, h)."""
        return torch.addmm(self.c, v, self.W).sigmoid_()

    def visible(self, h: Tensor) -> Tensor:
        """p(v = 1 | h). h (n, h) -> (n, d)."""
        return torch.addmm(self.b, h, self.W.T).sigmoid_()

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """E(v, h) of each row. (n, d), (n, h) -> (n,)."""
        return -(v @ self.b) - h @ self.c - ((v @ self.W) * h).sum(1)

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) of each row: the hidden units are summed out. (n, d) -> (n,)."""
        return -(v @ self.b) - torch.nn.functional.softplus(torch.addmm(self.c, v, self.W)).sum(1)

    def reconstruct(self, v: Tensor) -> Tensor:
        """Up and down with probabilities in place of samples (mean field). (n, d) -> (n, d)."""
        return self.visible(self.hidden(v))

    def gibbs(self, v: Tensor, sweeps: int, rng: torch.Generator) -> Tensor:
        """So many sweeps up and down, everything sampled. (n, d) -> (n, d)."""
        for _ in range(sweeps):
            v = sample(self.visible(sample(self.hidden(v), rng)), rng)
        return v


class Trainer:
    """Changes a machine's weights, in place, with buffers that are allocated once for each size of batch.

    After `positive` and `negative` the fields say what happened, for whoever wants to look:
    v0 (n, d), p0 h0 (n, h): the data's side; v1 (m, d), p1 (m, h): the model's side.
    """

    def __init__(
        self, machine: Machine, rng: torch.Generator, *, mean_field: bool, chain: Tensor | None = None
    ) -> None:
        self.machine, self.rng, self.mean_field, self.chain = machine, rng, mean_field, chain
        self.moved = (torch.zeros_like(machine.W), torch.zeros_like(machine.b), torch.zeros_like(machine.c))
        self._buffers: dict[int, tuple[Tensor, ...]] = {}
        self.v0 = self.v1 = machine.b[None]
        self.p0 = self.h0 = self.p1 = machine.c[None]

    def positive(self, v: Tensor) -> None:
        """<v h'>_data: the hidden probabilities of the data, and a sample of them. v (n, d)."""
        n, (d, h), W = len(v), self.machine.sizes, self.machine.W
        if n not in self._buffers:
            self._buffers[n] = (W.new_empty(2 * n, d), W.new_empty(2 * n, h), W.new_empty(n, h), W.new_empty(n, h))
        # Data and model stand below each other in one buffer, so that their difference is one product: with the
        # model's hidden probabilities negated, [v0; v1]' [p0; -p1] = v0'p0 - v1'p1.
        both_v, both_h, noise, self.h0 = self._buffers[n]
        self.v0, self.v1, self.p0, self.p1 = both_v[:n], both_v[n:], both_h[:n], both_h[n:]
        self.v0.copy_(v)
        torch.addmm(self.machine.c, self.v0, W, out=self.p0).sigmoid_()
        noise.uniform_(generator=self.rng)
        torch.lt(noise, self.p0, out=self.h0)

    def negative(self, k: int) -> None:
        """The model's side: k Gibbs steps, from the data (CD-k) or from the persistent chain (PCD-k)."""
        machine, n = self.machine, len(self.v0)
        noise = self._buffers[n][2]
        if self.chain is not None:
            chain = machine.gibbs(self.chain[:n], k - 1, self.rng)
            h = sample(machine.hidden(chain), self.rng)
            self.v1.copy_(sample(machine.visible(h), self.rng))
            self.chain[:n] = self.v1
            torch.addmm(machine.c, self.v1, machine.W, out=self.p1).sigmoid_()
            return
        h = self.h0
        for step in range(k):
            torch.addmm(machine.b, h, machine.W.T, out=self.v1).sigmoid_()
            if not self.mean_field:
                self.v1.copy_(sample(self.v1, self.rng))
            torch.addmm(machine.c, self.v1, machine.W, out=self.p1).sigmoid_()
            if step + 1 < k:
                noise.uniform_(generator=self.rng)
                h = torch.lt(noise, self.p1).to(h.dtype)

    def update(self, rate: float, momentum: float, decay: float) -> None:
        """dW <- momentum dW + rate ((<v h'>_data - <v h'>_model) - decay W); W <- W + dW. Biases do not decay."""
        n, machine = len(self.v0), self.machine
        both_v, both_h = self._buffers[n][:2]
        dW, db, dc = self.moved
        self.p1.neg_()
        dW.addmm_(both_v.T, both_h, beta=momentum, alpha=rate / n)
        dc.mul_(momentum).add_(both_h.sum(0), alpha=rate / n)
        self.p1.neg_()
        db.mul_(momentum).add_(self.v0.sum(0) - self.v1.sum(0), alpha=rate / n)
        if decay:
            dW.add_(machine.W, alpha=-rate * decay)
        self._add()

    def follow(self, gradient: tuple[Tensor, Tensor, Tensor], rate: float, momentum: float, decay: float) -> None:
        """The same change with a gradient (of W, b, c) from elsewhere: the exact one."""
        for moved, slope in zip(self.moved, gradient, strict=True):
            moved.mul_(momentum).add_(slope, alpha=rate)
        self.moved[0].add_(self.machine.W, alpha=-rate * decay)
        self._add()

    def _add(self) -> None:
        for weights, moved in zip(self._weights(), self.moved, strict=True):
            weights.add_(moved)

    def _weights(self) -> tuple[Any, ...]:
        return self.machine.W, self.machine.b, self.machine.c
