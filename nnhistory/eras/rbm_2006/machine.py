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

from dataclasses import dataclass, field

import torch
from torch import Tensor

__all__ = ["Machine", "Trainer", "sample"]

_BLOCK = 1 << 16
"""Random numbers drawn at once, where one throw of coins needs fewer."""


def sample(p: Tensor, rng: torch.Generator) -> Tensor:
    """1 with probability p, else 0."""
    return (torch.rand(p.shape, generator=rng, dtype=p.dtype, device=p.device) < p).to(p.dtype)


@dataclass
class Machine:
    """Weights and biases. Shapes: W (d, h), b (d,) of the visible units, c (h,) of the hidden ones."""

    W: Tensor
    b: Tensor
    c: Tensor
    linear: bool = False
    """Hidden units are numbers, N(c + v'W, 1), instead of 0 and 1; E gains h'h / 2. For the code of an autoencoder."""

    @property
    def sizes(self) -> tuple[int, int]:
        return self.W.shape[0], self.W.shape[1]

    def hidden(self, v: Tensor) -> Tensor:
        """p(h = 1 | v), of linear units their mean. v (n, d) -> (n, h)."""
        sums = torch.addmm(self.c, v, self.W)
        return sums if self.linear else sums.sigmoid_()

    def throw(self, p: Tensor, rng: torch.Generator) -> Tensor:
        """A sample of the hidden units, from what `hidden` says. (n, h) -> (n, h)."""
        if self.linear:
            return p + torch.randn(p.shape, generator=rng, dtype=p.dtype, device=p.device)
        return sample(p, rng)

    def visible(self, h: Tensor) -> Tensor:
        """p(v = 1 | h). h (n, h) -> (n, d)."""
        return torch.addmm(self.b, h, self.W.T).sigmoid_()

    def energy(self, v: Tensor, h: Tensor) -> Tensor:
        """E(v, h) of each row. (n, d), (n, h) -> (n,)."""
        return -(v @ self.b) - h @ self.c - ((v @ self.W) * h).sum(1)

    def free_energy(self, v: Tensor) -> Tensor:
        """F(v) of each row: the hidden units are summed out. (n, d) -> (n,)."""
        sums = torch.addmm(self.c, v, self.W)
        each = 0.5 * sums * sums if self.linear else torch.nn.functional.softplus(sums)
        return -(v @ self.b) - each.sum(1)

    def reconstruct(self, v: Tensor) -> Tensor:
        """Up and down with probabilities in place of samples (mean field). (n, d) -> (n, d)."""
        return self.visible(self.hidden(v))

    def gibbs(self, v: Tensor, sweeps: int, rng: torch.Generator) -> Tensor:
        """So many sweeps up and down, everything sampled. (n, d) -> (n, d)."""
        for _ in range(sweeps):
            v = sample(self.visible(self.throw(self.hidden(v), rng)), rng)
        return v


def _aligned(like: Tensor, rows: int, columns: int, *, whole: bool = False) -> Tensor:
    """Zeros (rows, columns) whose rows begin at whole cache lines: a product is up to 15 % faster for it."""
    line = 64 // like.element_size()
    room = like.new_zeros(rows, -(-columns // line) * line)
    return room if whole else room[:, :columns]


@dataclass
class _Batch:
    """What is needed for one size of batch, allocated once. Data and model stand below each other in one array, so
    that the slope is one product: [v0; v1]' [p0; -p1] = v0'p0 - v1'p1. A unit that is always on, in the last column
    of either layer, makes the biases one more row and one more column of the same product."""

    both_v: Tensor  # (2n, d + 1)
    both_h: Tensor  # (2n, h + 1)
    coins: Tensor  # (n, h + 1): the sample of the hidden units
    negated: bool = field(default=False, init=False)
    """p1 stands there as -p1, as the product wants it."""

    def __post_init__(self) -> None:
        n = len(self.coins)
        self.both_v[:, -1] = self.both_h[:n, -1] = self.coins[:, -1] = 1.0
        self.both_h[n:, -1] = -1.0  # with the model's probabilities, which are negated for the product
        # Views made once: on a small machine a slice costs as much as the product.
        self.v0_on, self.v1_on, self.both_v_t = self.both_v[:n], self.both_v[n:], self.both_v.T
        self.v0, self.v1 = self.v0_on[:, :-1], self.v1_on[:, :-1]
        self.p0, self.p1, self.h0 = self.both_h[:n, :-1], self.both_h[n:, :-1], self.coins[:, :-1]


class Trainer:
    """Changes a machine's weights, in place, with buffers that are allocated once for each size of batch.

    The machine's W, b and c become views of one array, [W b; c 0]. After `positive` and `negative` the fields say what
    happened, for whoever wants to look: v0 (n, d), p0 h0 (n, h): the data's side; v1 (n, d), p1 (n, h): the model's.
    """

    def __init__(
        self, machine: Machine, rng: torch.Generator, *, mean_field: bool, chain: Tensor | None = None
    ) -> None:
        self.machine, self.rng, self.mean_field, self.chain = machine, rng, mean_field, chain
        d, h = machine.sizes
        # Whole rows, room behind them included, so that a sum over all weights is one pass over one piece of memory.
        self._whole, self._whole_moved = (_aligned(machine.W, d + 1, h + 1, whole=True) for _ in range(2))
        self._all, self._moved = self._whole[:, : h + 1], self._whole_moved[:, : h + 1]
        self._decays = machine.W.new_zeros(self._whole.shape[1])
        self._decays[:h] = 1.0
        self._all[:d, :h], self._all[:d, h], self._all[d, :h] = machine.W, machine.b, machine.c
        machine.W, machine.b, machine.c = self._all[:d, :h], self._all[:d, h], self._all[d, :h]
        self.moved = self._moved[:d, :h], self._moved[:d, h], self._moved[d, :h]
        self._up, self._down = self._all[:, :h], self._all[:d].T
        self._batches: dict[int, _Batch] = {}
        self._noise = machine.W.new_empty(0)
        self._drawn = 0
        self.v0 = self.v1 = machine.b[None]
        self.p0 = self.h0 = machine.c[None]

    @property
    def p1(self) -> Tensor:
        """p(h | v1) of the batch at hand. (n, h)."""
        return self._batch.p1.neg() if self._batch.negated else self._batch.p1

    def positive(self, v: Tensor, rows: Tensor | None = None) -> None:
        """<v h'>_data: the hidden probabilities of the data, and a sample of them. v (n, d), or those rows of v."""
        n, (d, h) = len(v if rows is None else rows), self.machine.sizes
        batch = self._batches.get(n)
        if batch is None:
            shapes = (2 * n, d + 1), (2 * n, h + 1), (n, h + 1)
            batch = self._batches[n] = _Batch(*(_aligned(v, *shape) for shape in shapes))
        self._batch = batch
        self.v0, self.v1, self.p0, self.h0 = batch.v0, batch.v1, batch.p0, batch.h0
        if rows is None:
            batch.v0.copy_(v)
        else:
            torch.index_select(v, 0, rows, out=batch.v0)
        batch.negated = False
        self._hidden(batch.v0_on, batch.p0, batch.h0)

    def negative(self, k: int) -> None:
        """The model's side: k Gibbs steps, from the data (CD-k) or from the persistent chain (PCD-k)."""
        batch = self._batch
        if self.chain is not None:
            batch.v1.copy_(self.chain[: len(batch.v1)])
            self._hidden(batch.v1_on, batch.p1, batch.h0)
        for step in range(k):
            torch.mm(batch.coins, self._down, out=batch.v1).sigmoid_()
            if self.chain is not None or not self.mean_field:
                self._throw(batch.v1, batch.v1)
            self._hidden(batch.v1_on, batch.p1, batch.h0 if step + 1 < k else None)
        if self.chain is not None:
            self.chain[: len(batch.v1)] = batch.v1

    def _hidden(self, v_on: Tensor, p: Tensor, coins: Tensor | None) -> None:
        """Up: what the hidden units' probabilities are, and a sample of them if one is wanted."""
        torch.mm(v_on, self._up, out=p)
        if self.machine.linear:
            if coins is not None:
                coins.normal_(generator=self.rng).add_(p)
            return
        p.sigmoid_()
        if coins is not None:
            self._throw(p, coins)

    def _throw(self, p: Tensor, out: Tensor) -> None:
        """Coins: 1 with probability p, else 0. Random numbers are drawn for many small throws at once."""
        count = p.numel()
        if self._drawn + count > self._noise.shape[0]:
            self._noise = p.new_empty(max(count, _BLOCK)).uniform_(generator=self.rng)
            self._drawn = 0
        noise = self._noise[self._drawn : self._drawn + count].view(p.shape)
        self._drawn += count
        torch.lt(noise, p, out=out)

    def update(self, rate: float, momentum: float, decay: float) -> None:
        """dW <- momentum dW + rate ((<v h'>_data - <v h'>_model) - decay W); W <- W + dW. Biases do not decay."""
        batch = self._batch
        batch.p1.neg_()
        batch.negated = True
        self._moved.addmm_(batch.both_v_t, batch.both_h, beta=momentum, alpha=rate / len(batch.coins))
        if decay:
            self._whole_moved[:-1].addcmul_(self._whole[:-1], self._decays, value=-rate * decay)
        self._whole.add_(self._whole_moved)

    def follow(self, gradient: tuple[Tensor, Tensor, Tensor], rate: float, momentum: float, decay: float) -> None:
        """The same change with a gradient (of W, b, c) from elsewhere: the exact one."""
        for moved, slope in zip(self.moved, gradient, strict=True):
            moved.mul_(momentum).add_(slope, alpha=rate)
        self.moved[0].add_(self.machine.W, alpha=-rate * decay)
        self._all.add_(self._moved)
