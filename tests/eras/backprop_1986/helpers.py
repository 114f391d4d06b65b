"""Drive the era's generator by hand, without runner and recording; random nets for the checks of the gradient."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.knobs import Knobs
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array, Moment
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.datasets.load import load
from nnhistory.engine.registry import Registry, resolve_config
from nnhistory.eras.backprop_1986.model import run
from nnhistory.eras.backprop_1986.net import Net, Pass, backward, error_of, forward

ERA = "backprop_1986"
MANIFEST = Registry().manifest(ERA)
XOR = {"name": "xor", "coding": "binary"}

Seen = tuple[int, str, dict[str, float], dict[str, Array]]
"""Step, phase, scalars, copies of the arrays."""


def config(**knobs: Any) -> dict[str, Any]:
    """Every knob of the era; the given ones changed, checked as a scenario's are."""
    return resolve_config(MANIFEST, knobs)


def moments(
    spec: Mapping[str, Any] | Dataset,
    seed: int = 0,
    start: Layers | None = None,
    knobs: Knobs | None = None,
    **settings: Any,
) -> Iterator[Moment]:
    """The run itself. Data and run draw from streams of the same seed, as the runner has it."""
    streams = Streams(seed)
    data = spec if isinstance(spec, Dataset) else load(spec, streams)
    chosen = config(**settings)
    return run(chosen, data, streams, knobs if knobs is not None else Knobs(chosen), start, "cpu")


def seen(*args: Any, **kwargs: Any) -> list[Seen]:
    """Every moment, with its arrays copied at that instant."""
    return [
        (m.step, m.phase, dict(m.scalars), {name: np.array(m.array(name)) for name in m.arrays})
        for m in moments(*args, **kwargs)
    ]


def last(*args: Any, **kwargs: Any) -> Moment:
    """The last moment."""
    moment = deque(moments(*args, **kwargs), maxlen=1)[0]
    assert moment.phase == "done"
    return moment


def random_net(seed: int) -> tuple[Net, Array, Array, bool]:
    """A net of random shape and kind, patterns, wanted outputs, and whether a batch is averaged."""
    rng = np.random.default_rng(seed)
    sizes = [int(n) for n in rng.integers(1, 7, int(rng.integers(2, 6)))]
    unit = str(rng.choice(["sigmoid", "tanh", "linear"]))
    loss = str(rng.choice(["squared", "cross_entropy"]))
    output = str(rng.choice(["sigmoid", "softmax"] if loss == "cross_entropy" else ["sigmoid", "tanh", "linear"]))
    direct = bool(rng.integers(2)) and len(sizes) > 2
    net = Net([], [], unit, output, loss, direct)
    for layer in range(len(sizes) - 1):
        n_in = sizes[layer] + (sizes[0] if direct and layer == len(sizes) - 2 else 0)
        net.W.append(rng.standard_normal((n_in, sizes[layer + 1])) / np.sqrt(n_in))
        net.b.append(rng.standard_normal(sizes[layer + 1]))
    batch = int(rng.integers(1, 8))
    d = rng.random((batch, sizes[-1]))
    if output == "softmax":
        d /= d.sum(axis=1, keepdims=True)
    return net, rng.standard_normal((batch, sizes[0])), d, bool(rng.integers(2))


def gradient(net: Net, x: Array, d: Array, mean: bool) -> Pass:
    p = forward(net, x)
    return backward(net, p, error_of(net, p.act[-1], d)[1], mean)


def error(net: Net, x: Array, d: Array, mean: bool) -> float:
    each = error_of(net, forward(net, x).act[-1], d)[0]
    return float(each.mean() if mean else each.sum())
