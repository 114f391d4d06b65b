"""What is measured and shown: errors on all patterns, and for every layer its signal, its slope and its change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnhistory.core.moment import Array, Offer
from nnhistory.eras.deep_2010.bowl import NEAR, RULES, Bowl
from nnhistory.eras.deep_2010.nets import Net, Pass, error_of, forward
from nnhistory.eras.deep_2010.task import Task
from nnhistory.eras.deep_2010.theory import constants, spread

if TYPE_CHECKING:
    from torch import Tensor

    from nnhistory.eras.deep_2010.chain import Learner
    from nnhistory.eras.deep_2010.optim import Descent, Optimiser, Race

__all__ = [
    "ANSWERS", "PROBE", "Measure", "Now", "Shown", "by_batches", "count_in_blocks", "dead_of", "known_before",
    "one_sign", "saturated", "way_back",
]  # fmt: skip

_BLOCK = 1024
"""Patterns that go forward at once where all of them are counted: what lies between two layers stays near at hand."""
PROBE = 256
"""Patterns on which the layers are measured: the first ones, always the same."""
_SHOWN = 4096
"""Numbers of a batch that are shown for one layer."""
_LARGE = 8_000
"""Weights from which on a net is large: frames of a thousand kilobytes would fill the memory."""
_DEEP = 12
"""Layers of weights from which on a net is very deep: its moments are many arrays, however narrow it is."""
ANSWERS = 64
"""Patterns whose outputs are shown."""
_NOTHING = 1e-9
"""Of a bowl: a share of the first distance, or of the rate, that counts as 0."""
_GROUPS = 32
"""Batches of the test set that are answered by their own statistics."""
_EDGE = 0.01
"""A unit within this share of an end of its range is saturated."""


def numpy(tensor: Tensor, which: int = 0) -> Array:
    """One net's part, in main memory: shared where it lies there already."""
    array: Array = tensor.numpy(force=True)[which]
    return array


@dataclass
class Now:
    """What is at hand of all nets.

    patterns : row numbers of the batch, (B,) for each net that has data of its own.
    slopes : dE/dz of every layer, then dE of every parameter. answer (N, n, k). on (N, units) of every hidden layer.
    """

    patterns: Sequence[Array] = ()
    p: Pass | None = None
    slopes: list[Tensor] = field(default_factory=list)
    answer: Array = field(default_factory=lambda: np.empty((1, 0, 0)))
    on: list[Array] = field(default_factory=list)


class Shown:
    """Everything a moment may offer of one net. Copied only by whoever wants it: a step costs nothing more.

    Of a batch as many rows as are worth looking at.
    """

    def __init__(self, net: Net, task: Task, optimiser: Optimiser | Descent | Race, now: Now, which: int = 0) -> None:
        self.net, self.optimiser, self.now, self.which = net, optimiser, now, which
        self.task = task
        widths = [W.shape[2] for W in net.W]
        self.rows = max(4, min(_SHOWN // max(widths), 2 * _SHOWN // sum(widths)))
        L = net.depth
        self.arrays: dict[str, Offer] = {
            "input": lambda: self.task.x[self.now.patterns[which][: self.rows]],
            "target": lambda: self.task.t[self.now.patterns[which][: self.rows]],
            "answer": lambda: self.now.answer[which],
        }
        for layer in range(L):
            self.arrays[f"weights/{layer}"] = partial(numpy, net.W[layer], which)
            self.arrays[f"bias/{layer}"] = partial(self._flat, net.b[layer])
            self.arrays[f"pre/{layer}"] = partial(self._of_pass, "pre", layer)
            self.arrays[f"act/{layer}"] = partial(self._of_pass, "act", layer)
            self.arrays[f"delta/{layer}"] = partial(self._slope, layer, self.rows)
            self.arrays[f"grad/{layer}"] = partial(self._slope, L + layer, None)
            self.arrays[f"state/{layer}"] = partial(self._change, layer)
            if layer < L - 1:
                self.arrays[f"hidden/{layer}"] = partial(self._on, layer)
        if net.config["race"] and L == 1 and net.W[0].shape[1] == 2:
            self.arrays["state/race"] = lambda: net.W[0].numpy(force=True)[..., 0]
        large = sum(W.shape[1] * W.shape[2] for W in net.W) > _LARGE
        inner = {f"{kind}/{k}" for kind in ("weights", "grad", "state") for k in range(1, L - 1)} if large else set()
        if L > _DEEP:
            some = set(range(L)) - {0, (L - 2) // 2, L - 2, L - 1}
            kinds = ("pre", "delta", "state/gamma", "state/beta", "state/mean", "state/var")
            inner |= {f"{kind}{'_' if '/' in kind else '/'}{k}" for kind in kinds for k in some}
        for layer, norm in enumerate(net.norm):
            for name in ("gamma", "beta", "mean", "var"):
                self.arrays[f"state/{name}_{layer}"] = partial(self._flat, getattr(norm, name))
        for layer, slope in enumerate(net.slope):
            self.arrays[f"state/slope_{layer}"] = partial(self._flat, slope)

        self.every_step = {name: offer for name, offer in self.arrays.items() if name not in inner}
        """What all moments offer. Of large nets the inner matrices come at the start and the end alone; of very deep
        ones so do the sums, the error signals and the norms of most layers."""

    def _row(self, tensor: Tensor, rows: int | None) -> Array:
        """The first rows of this net's part."""
        found: Array = numpy(tensor, self.which)[:rows]
        return found

    def _change(self, layer: int) -> Array:
        found: Array = self.optimiser.dw(layer, self.which).numpy(force=True)
        return found

    def _flat(self, tensor: Tensor) -> Array:
        row: Array = numpy(tensor, self.which)[0]
        return row

    def _of_pass(self, kind: str, layer: int) -> Array:
        p = self.now.p
        return np.empty((0, 0)) if p is None else self._row(getattr(p, kind)[layer], self.rows)

    def _slope(self, place: int, rows: int | None) -> Array:
        return self._row(self.now.slopes[place], rows)

    def _on(self, layer: int) -> Array:
        share: Array = self.now.on[layer][self.which]
        return share


class Measure:
    """Looks at a net without changing it."""

    def __init__(
        self,
        config: Mapping[str, Any],
        task: Task,
        net: Net,
        shown: Shown,
        tensor: Callable[[Array], Tensor],
        learner: Learner,
    ) -> None:
        """tensor : to the device."""
        self.config, self.task, self.net, self.shown, self.learner = config, task, net, shown, learner
        self.still = net.still()
        self.x, self.t = tensor(task.x), tensor(task.t)
        self.test_x = tensor(task.test_x)
        self.probe = self.x[:PROBE]
        self.fixed = known_before(config, task, net)
        self.bowl: Bowl | None = None
        self.late: list[float] = []
        """Excess errors of the second half of the run."""
        self.arrived: int = config["steps"]
        """The first step counted at the bottom."""
        if Bowl.known(config, net.depth):
            self.bowl = Bowl(task, *(one.numpy(force=True) for one in (self.still.W[0], self.still.b[0])))
            self.fixed |= self.bowl.theory(config)

    def everything(self, l2: float) -> dict[str, float]:
        """As `_everything`, and what the penalty adds to the error. Numbers may have run out of range: that is for the
        detectors to say, not for NumPy.

        l2 : the weight of the penalty just now.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            found = self._everything()
            if l2:
                squares = sum(float(W.detach()[0].square().sum()) for W in self.net.W)
                found["cost"] = found["train_loss"] + 0.5 * l2 * squares
            return found

    def _everything(self) -> dict[str, float]:
        """All patterns forward (test mode), the first ones also back (train mode). Nothing is learned from it."""
        net, task, now = self.net, self.task, self.shown.now
        p, wanted = self.learner.forward(self.probe, learns=False), self.t[: len(self.probe)]
        now.slopes = self.learner.slopes(p, wanted)
        now.p, now.patterns = p, (np.arange(len(self.probe)),)

        y, error, above = self._count(self.x, self.t)
        now.answer = y[:1, :ANSWERS]
        scalars = {"train_loss": float(error[0].mean())}
        if not task.numbers:
            right = task.right(y, task.t)
            scalars |= {"train_error": float(1.0 - right[0].mean()), "solved": float(right[0].all())}
            if len(right) > 1:
                scalars["train_error_mean"] = float(1.0 - right.mean())
        if self.config["race"] and self.bowl is None:
            scalars |= {f"rule_loss/{rule}": float(error[k].mean()) for k, rule in enumerate(RULES)}
        if self.bowl is not None:
            scalars |= self._of_bowl(self.bowl, scalars["train_loss"])
        if len(task.test_x):
            y = self._count(self.test_x)[0]
            correct = task.right(y, task.test_t)
            scalars["test_accuracy"] = float(correct[0].mean())
            scalars["test_error"] = 1.0 - scalars["test_accuracy"]
            if self.config["race"]:
                scalars |= {f"rule_accuracy/{rule}": float(correct[k].mean()) for k, rule in enumerate(RULES)}
            if len(y) > 1:
                scalars["test_accuracy_mean"] = float(correct.mean())
                scalars["test_accuracy_least"] = float(correct.mean(axis=1).min())
            if net.norm:
                scalars["test_accuracy_batch"] = by_batches(task, self.still, self.test_x)
        now.on = above
        for layer in range(net.depth):
            scalars |= self._layer(p, layer)
        if self.config["unit"] == "relu":
            scalars |= dead_of(above)
        return scalars | way_back(scalars, net.depth) | self.fixed

    def _count(self, x: Tensor, t: Tensor | None = None) -> tuple[Array, Array, list[Array]]:
        """All of x forward: see `count_in_blocks`."""
        places = (slice(begin, begin + _BLOCK) for begin in range(0, len(x), _BLOCK))
        return count_in_blocks(self.still, ((x[at], None if t is None else t[at]) for at in places), len(x))

    def _of_bowl(self, bowl: Bowl, loss: float) -> dict[str, float]:
        """How far from the bottom: over the weights, and in height. `moved/i` is the last change of weight i."""
        distances = bowl.distances(*(one.numpy(force=True) for one in (self.still.W[0], self.still.b[0])))
        excess, t = max(0.0, loss - bowl.least), self.shown.optimiser.t
        distances[distances < _NOTHING] = 0.0  # where rounding decides
        found = {"distance": float(distances[0]), "excess": excess, "least_loss": bowl.least}
        if 2 * t > self.config["steps"]:
            self.late.append(excess)
            found["excess_late"] = float(np.mean(self.late))
        if found["distance"] <= NEAR:
            self.arrived = min(self.arrived, t)
            found["bottom_step"] = float(self.arrived)
        if self.config["race"]:
            found |= {f"rule_distance/{rule}": float(distances[k]) for k, rule in enumerate(RULES)}
        if t:
            changes = numpy(self.shown.optimiser.dw(0))[:2, 0]
            lengths = np.where(np.abs(changes) < _NOTHING * self.config["rate"], 0.0, np.abs(changes))
            found |= {f"moved/{k}": float(length) for k, length in enumerate(lengths)}
        return found

    def _layer(self, p: Pass, layer: int) -> dict[str, float]:
        y, L = p.act[layer].detach()[0], self.net.depth
        delta, grad = self.shown.now.slopes[layer][0], self.shown.now.slopes[L + layer][0]
        mean = float(y.mean())
        sd = _rms(y - mean)  # in two passes: torch's own takes ten times as long
        found = {
            f"grad_rms/{layer}": _rms(grad),
            f"delta_rms/{layer}": _rms(delta),
            f"act_mean/{layer}": mean if abs(mean) > 1e-12 * sd else 0.0,
            f"act_sd/{layer}": sd,
            f"saturated/{layer}": float(saturated(self.net.function(layer), y[None])[0]),
        }
        if layer and len(p.act[layer - 1][0]) == len(delta):  # not where a pooling lies between
            found[f"one_sign/{layer}"] = float(one_sign(p.act[layer - 1].detach()[0], delta))
        if self.shown.optimiser.t:
            size = _rms(self.net.W[layer].detach()[0])
            moved = _rms(self.shown.optimiser.dw(layer, 0))
            found[f"update_ratio/{layer}"] = moved / size if size else 0.0
        return found


def count_in_blocks(
    net: Net, blocks: Iterable[tuple[Tensor, Tensor | None]], count: int
) -> tuple[Array, Array, list[Array]]:
    """Patterns forward, block by block: outputs (N, n, k); errors (N, n); for every hidden layer the share of patterns
    on which each unit is above 0, (N, units).

    blocks : inputs (B, d) or (N, B, d), and what is wanted, or None: then outputs alone. count : patterns in all.
    """
    outputs, errors, above = [], [], []
    for x, t in blocks:
        p = forward(net, x, train=False)
        outputs.append(p.act[-1].cpu().numpy())
        if t is not None:
            errors.append(error_of(net, p, t).cpu().numpy())
            weight = x.shape[-2] / count
            above.append([weight * y.gt_(0.0).mean(dim=-2).cpu().numpy() for y in p.act[:-1]])  # the last use of y
    shares = [np.sum(layer, axis=0) for layer in zip(*above, strict=True)]
    known = np.concatenate(errors, axis=1) if errors else np.empty((len(net.W[0]), 0))
    return np.concatenate(outputs, axis=1), known, shares


def way_back(scalars: Mapping[str, float], depth: int) -> dict[str, float]:
    """What is left of the error on its way from the last hidden layer to the first: in all, and for each layer."""
    hidden = depth - 2
    low, high = scalars["delta_rms/0"], scalars[f"delta_rms/{max(0, hidden)}"]
    if hidden < 1 or not (low > 0.0 and high > 0.0):
        return {}
    return {"backward_factor": (low / high) ** (1.0 / hidden), "backward_ratio": low / high}


def known_before(config: Mapping[str, Any], task: Task, net: Net) -> dict[str, float]:
    """What is known before a net learns, and stays the same."""
    fixed = {"chance_loss": _chance(config, task), "round_steps": float(task.sweep_steps)} | constants(config)
    if config["prepared"]:
        fixed |= task.inputs()
    return fixed | spread(config, task.x, net.depth, [W.shape[2] for W in net.W])


def _chance(config: Mapping[str, Any], task: Task) -> float:
    """The error of the best answer that never looks: the mean of what is wanted."""
    if task.numbers:
        return float(0.5 * task.t.var())
    mean = np.clip(task.t.mean(axis=0), 1e-12, 1.0)
    if config["loss"] == "squared":
        return float((0.5 * (task.t - mean) ** 2).sum(axis=1).mean())
    each = -task.t * np.log(mean)
    if config["output"] == "sigmoid":
        each = each - (1.0 - task.t) * np.log(np.maximum(1.0 - mean, 1e-12))
    return float(each.sum(axis=1).mean())


def by_batches(task: Task, still: Net, test_x: Tensor, which: int = 0) -> float:
    """Share of test patterns right if each batch is normalised by itself (train mode at the test).

    One net; its batches are answered side by side, as if they were nets.
    """
    size = min(max(2, task.batch), len(test_x))
    count = min(len(test_x) // size, _GROUPS)
    used = count * size
    x = test_x[:used].reshape(count, size, -1)
    y = forward(still.copies(count, which), x, train=True).act[-1].cpu().numpy()
    return float(task.right(y.reshape(used, -1), task.test_t[:used]).mean())


def dead_of(above: list[Array]) -> dict[str, float]:
    """Of ReLUs: how many are 0 for every training pattern, and in how many nets a whole layer is.

    above : for every hidden layer (N, units), how often each is on.
    """
    found: dict[str, float] = {}
    whole = np.zeros(len(above[0]) if above else 0, dtype=bool)
    for layer, shares in enumerate(above):
        dead = shares == 0
        found[f"dead/{layer}"] = float(dead[0].mean())
        if len(shares) > 1:
            found[f"dead_mean/{layer}"] = float(dead.mean())
        whole |= dead.all(axis=1)
    if len(whole) > 1:
        found["dead_nets"] = float(whole.mean())
    return found


def _rms(tensor: Tensor) -> float:
    """Root of the mean square."""
    return float(tensor.square().mean().sqrt())


def one_sign(seen: Tensor, delta: Tensor) -> Tensor:
    """Share of patterns for which every weight into the first unit of a layer would move the same way, (...).

    seen (..., B, n_in) : what the layer sees; delta (..., B, n_out). dE/dw_ij = delta_j seen_i, pattern by pattern.
    """
    each = seen * delta[..., :1]
    same = (each.amin(dim=-1) > 0) | (each.amax(dim=-1) < 0)
    return same.to(delta.dtype).mean(dim=-1)


def saturated(function: str, y: Tensor) -> Tensor:
    """Share of outputs that lie at an end of the range, where the slope is next to nothing. A ReLU has no such ends.

    y (N, ...) : of N nets. Returns (N,).
    """
    if function not in ("sigmoid", "tanh", "softmax"):
        return y.new_zeros(len(y))
    if function == "tanh":
        y = 0.5 + 0.5 * y
    return ((y < _EDGE) | (y > 1.0 - _EDGE)).to(y.dtype).flatten(1).mean(dim=1)
