"""Runs of one shape beside each other: each net with first weights, an order, data and numbers of its own.

The loop is that of model.py, and forward, backward and the change are the same code: arrays have an axis of nets before
all others. Nets of 1986 are small, so that a step is mostly the calls it is made of: here all nets share them. What a
net learns agrees with what it learns by itself to rounding, since sums are taken in another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.moment import Array, Instant, Moment, Offer
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.backprop_1986.beside import Beside, known_before
from nnhistory.eras.backprop_1986.measure import Measure
from nnhistory.eras.backprop_1986.model import move
from nnhistory.eras.backprop_1986.net import Net, backward, forward, in_one_row, parts
from nnhistory.eras.backprop_1986.numbers import Number, mean
from nnhistory.eras.backprop_1986.patterns import Patterns
from nnhistory.eras.backprop_1986.task import Task, first_weights

__all__ = ["at_once", "run_stacked"]

_CACHE = 2 * 2**20
"""Bytes of weights in one stack: with their slopes and changes three times as much has to be near at hand."""
_NET, _DATA = 2**19, 2**24
"""Bytes of one net's weights and of its data from which on a step is mostly products, and nothing is gained."""
_LARGE = 1024
"""Weights of a layer from which on the slopes of one pattern are computed net by net."""
_NOTHING: Mapping[str, float] = {}


def at_once(config: Mapping[str, Any], data: Dataset) -> int:
    """How many nets of this kind are worth having beside each other: small ones, whose steps are mostly calls."""
    hidden = config["hidden"] or [config["units"]] * config["layers"]
    sizes = [data.n_inputs, *hidden, Task(config, data).k]
    weights: int = sum((n_in + 1) * n_out for n_in, n_out in pairwise(sizes))
    if 8 * weights > _NET or data.train_x.nbytes + data.test_x.nbytes > _DATA:
        return 1
    return _CACHE // (8 * weights)


def run_stacked(
    configs: Sequence[Mapping[str, Any]], data: Sequence[Dataset], streams: Sequence[Streams], knobs: Sequence[Knobs],
    device: str,
) -> Iterator[Instant | list[Moment | None]]:  # fmt: skip
    """At every instant the moment of each net, as `model.run` would yield it; None for those that have ended.

    Their arrays hold until the next instant. configs : alike but for the knobs that era.toml lists under `stacks`.
    BadInput if the nets are not of one shape.
    """
    del device  # NumPy only
    shared, count = configs[0], len(configs)
    tasks = [Task(config, own) for config, own in zip(configs, data, strict=True)]
    patterns = Patterns(tasks)
    first = [first_weights(*own, None) for own in zip(configs, data, [one.k for one in tasks], streams, strict=True)]
    fixed = [known_before(*own) for own in zip(configs, tasks, first, strict=True)] if shared["theory"] else []
    nets = _Nets(first)
    measure = Measure(shared, patterns, nets.net, *nets.arrays, Beside(_columns(fixed), nets.net) if fixed else None)
    shown = [_Shown(measure, place) for place in range(count)]
    going, live = list(range(count)), [one.live for one in shown]
    """Which nets are not over, as they stand beside each other; what a moment of each offers."""
    numbers = _Numbers(knobs)
    by_mean = shared["reduce"] == "mean"
    step, every = 0, shared["eval_every"] or patterns.sweep_steps

    def instant(phase: str, scalars: Mapping[str, float | Array] = _NOTHING) -> Instant:
        return Instant(step, phase, going, scalars, live)

    def told(phase: str, places: Iterable[int]) -> list[Moment | None]:
        """What was counted, of the nets at these places."""
        found: list[Moment | None] = [None] * count
        for place in places:
            found[going[place]] = Moment(step, phase, _row(counted, place), live[place])
        return found

    def over() -> list[int]:
        """Where those stand whose run ends here."""
        if step >= shared["steps"]:
            return list(range(len(going)))
        solved = np.flatnonzero(counted["train_error"] == 0.0).tolist()
        return [place for place in solved if configs[going[place]]["stop_when_solved"]]

    def drop(places: Sequence[int]) -> None:
        """Those that are over are carried no further."""
        nonlocal going, live
        if not places:
            return
        stay = np.delete(np.arange(len(going)), places)
        going, live = [going[place] for place in stay], [live[place] for place in stay]
        for place, number in enumerate(going):
            shown[number].place = place
        nets.keep(stay)
        patterns.keep(stay)
        numbers.keep(stay)
        measure.keep(nets.net, *nets.arrays, stay)
        if measure.beside is not None:
            measure.beside.keep(_columns([fixed[number] for number in going]), stay)

    counted = _counted(measure.everything(moving=False))
    yield [
        Moment(0, "eval", _row(counted, place), {**live[place], **task.statics()}) for place, task in enumerate(tasks)
    ]
    ended = over()
    yield told("done", ended)
    drop(ended)
    while going:
        for begin in patterns.begin([streams[number] for number in going]):
            numbers.refresh()
            step += 1
            x, t = patterns.pick(begin)
            measure.input, measure.target = x, t
            yield instant("present")

            p = forward(nets.net, x)
            measure.forth = p
            yield instant("forward")

            error, dE_dy = patterns.error(nets.net, p.act[-1], t)
            yield instant("forward", {"batch_loss": mean(error)})

            backward(nets.net, p, dE_dy, by_mean, nets.slopes)
            measure.back = p
            yield instant("backward")

            move(nets.row, nets.change, nets.slope, numbers.rate, numbers.momentum)
            if numbers.decays:
                for W in nets.net.W:
                    W *= numbers.left
            yield instant("update", {"sweep": (step - 1) // patterns.sweep_steps + 1.0})
            if step % every == 0 or step >= shared["steps"]:
                counted = _counted(measure.everything())
                some = any(isinstance(column, list) for column in counted.values())
                yield told("eval", range(len(going))) if some else instant("eval", counted)
                ended = over()
                yield told("done", ended)
                drop(ended)
                if not going:
                    break


class _Nets:
    """Nets of one shape as one. All weights, slopes and last changes: a row for each net."""

    def __init__(self, nets: Sequence[Net]) -> None:
        self._shapes = [array.shape for array in (*nets[0].W, *nets[0].b)]
        self._like = replace(nets[0], times=_times)
        self.row = np.stack([in_one_row([*net.W, *net.b])[0] for net in nets])
        self.slope, self.change = np.zeros_like(self.row), np.zeros_like(self.row)
        self._cut()

    def _cut(self) -> None:
        self.learned, self.slopes, self.moved = (
            parts(row, self._shapes) for row in (self.row, self.slope, self.change)
        )
        depth = self._like.depth
        self.net = replace(self._like, W=self.learned[:depth], b=[b[:, None] for b in self.learned[depth:]])

    @property
    def arrays(self) -> tuple[list[Array], list[Array], list[Array]]:
        return self.learned, self.slopes, self.moved

    def keep(self, which: Array) -> None:
        """Only these, from here on."""
        self.row, self.slope, self.change = self.row[which], self.slope[which], self.change[which]
        self._cut()


class _Numbers:
    """The numbers of a step, of each net: one for all where they are the same, else (N, 1)."""

    def __init__(self, knobs: Sequence[Knobs]) -> None:
        self._knobs = list(knobs)
        self._read()

    def _read(self) -> None:
        self._version = sum(one.version for one in self._knobs)
        self.rate, self.momentum = self._of("rate"), self._of("momentum")
        decay = self._of("decay")
        self.decays = bool(np.any(decay))
        self.left = (1.0 - decay) if isinstance(decay, float) else (1.0 - decay)[..., None]

    def _of(self, name: str) -> Number:
        values = [float(one[name]) for one in self._knobs]
        return values[0] if len(set(values)) == 1 else np.array(values)[:, None]

    def refresh(self) -> None:
        """Read them again, if one has been turned."""
        if sum(one.version for one in self._knobs) != self._version:
            self._read()

    def keep(self, which: Array) -> None:
        """Of these nets only, from here on."""
        self._knobs = [self._knobs[place] for place in which]
        self._read()


class _Shown:
    """What a moment of one net offers: of what is offered of all, the part at its place."""

    def __init__(self, measure: Measure, place: int) -> None:
        self.measure, self.place = measure, place
        self.live: dict[str, Offer] = {name: partial(self._part, name) for name in measure.live}

    def _part(self, name: str) -> Array:
        offer = self.measure.live[name]
        array: Array = (offer() if callable(offer) else offer)[self.place]
        return array


def _times(a: Array, b: Array, out: Array | None = None) -> Array:
    """The product of every net. NumPy walks faster along the longer side: that one is laid down in memory as rows."""
    if out is None:
        found: Array = np.matmul(b.mT, a.mT).mT if b.shape[-1] < a.shape[-2] else np.matmul(a, b)
        return found
    if a.shape[-1] > 1 or out[0].size < _LARGE:
        return np.matmul(a, b, out=out)
    for column, line, into in zip(a, b, out, strict=True):  # NumPy is slow at columns times lines in a stack
        np.dot(column, line, into)
    return out


def _columns(rows: Sequence[Mapping[str, float]]) -> dict[str, Number]:
    """Numbers by name, of each net; None where it has none."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def _counted(columns: Mapping[str, Number]) -> dict[str, Number]:
    """Numbers of all nets, (N,); a list where not every net has one."""
    return {
        name: column if isinstance(column, list) and None in column else np.asarray(column, dtype=np.float64)
        for name, column in columns.items()
    }


def _row(counted: Mapping[str, Number], place: int) -> dict[str, float]:
    """Those of one net."""
    row = {name: column[place] for name, column in counted.items()}
    return {name: float(value) for name, value in row.items() if value is not None}
