"""What a net is given: patterns, the outputs that are wanted, how answers are judged, and the first weights."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from nnhistory.core.errors import BadInput
from nnhistory.core.layers import Layers
from nnhistory.core.moment import Array
from nnhistory.core.streams import Streams
from nnhistory.datasets.dataset import Dataset
from nnhistory.eras.backprop_1986.meanfield import STEEPEST
from nnhistory.eras.backprop_1986.net import Net, error_of

__all__ = ["Task", "first_weights"]


class Task:
    """Patterns x (n, d), wanted outputs t (n, k), and how well a net does."""

    def __init__(self, config: Mapping[str, Any], data: Dataset) -> None:
        self.config, self.data = config, data
        if config["loss"] == "cross_entropy" and config["output"] not in ("sigmoid", "softmax"):
            raise BadInput(
                f"cross-entropy needs outputs between 0 and 1, {config['output']} units are not", key="output",
                remedy='Write output = "sigmoid" or "softmax", or loss = "squared"',
            )  # fmt: skip
        if config["loss"] == "squared" and config["output"] == "softmax":
            raise BadInput("softmax goes with cross-entropy here", key="loss", remedy='Write loss = "cross_entropy"')
        self.x, self.test_x = data.train_x, data.test_x
        if config["wanted"] == "inputs":
            _check_copying(config, self.x)
            self.t, self.test_t = self.x, self.test_x
        else:
            self.t, self.test_t = self._wanted(data.train_y, data.train_t), self._wanted(data.test_y, data.test_t)
        self.k = self.t.shape[1]
        self.batch = min(config["batch"] or len(self.x), len(self.x))
        self.sweep_steps = -(-len(self.x) // self.batch)

    def _wanted(self, labels: Array, outputs: Array | None) -> Array:
        """0 and 1 for each output: of the data itself, one for two classes, else one for each class."""
        if outputs is not None:
            on = np.array(outputs)
        elif self.data.n_classes == 2 and self.config["output"] != "softmax":
            on = labels[:, None].astype(np.float64)
        else:
            on = (labels[:, None] == np.arange(self.data.n_classes)).astype(np.float64)
        low = -1.0 if self.config["output"] == "tanh" else 0.0
        margin = self.config["target_margin"] * (1.0 - low)
        wanted: Array = low + margin + on * (1.0 - low - 2 * margin)
        return wanted

    def replace_points(self, points: list[list[float]]) -> bool:
        """Train on points the user drew, from here on."""
        if self.data.n_inputs != 2 or self.k != 1 or not points:
            return False
        drawn = np.array(points, dtype=np.float64)
        self.x, self.t = drawn[:, :2], self._wanted((drawn[:, 2] > 0).astype(np.int64), None)
        self.batch = min(self.config["batch"] or len(self.x), len(self.x))
        self.sweep_steps = -(-len(self.x) // self.batch)
        return True

    def sweep(self, streams: Streams) -> Iterator[Array]:
        """Row numbers of each batch of one sweep: as the data stand, or mixed anew; the last may be shorter."""
        count = len(self.x)
        order = streams["order"].permutation(count) if self.config["order"] == "random" else np.arange(count)
        for begin in range(0, count, self.batch):
            yield order[begin : begin + self.batch]

    def error(self, net: Net, y: Array, t: Array) -> tuple[Array, Array]:
        """As `error_of`; with a dead band, an output beyond its target is as good as right."""
        if self.config["dead_band"]:
            middle = 0.0 if self.config["output"] == "tanh" else 0.5
            beyond = np.where(t > middle, y >= t, y <= t)
            t = np.where(beyond, y, t)
        return error_of(net, y, t)

    def right(self, y: Array, t: Array) -> Array:
        """Which patterns count as right, (B,): all outputs near enough, or the largest output in its place."""
        if self.config["judge"] == "largest" and self.k > 1:
            found: Array = y.argmax(axis=-1) == t.argmax(axis=-1)
            return found
        low = -1.0 if self.config["output"] == "tanh" else 0.0
        ends = np.where(t > (1.0 + low) / 2, 1.0, low)  # a wanted .8 means on: the tolerance counts from the end
        near: Array = (np.abs(y - ends) < self.config["tolerance"] * (1.0 - low)).all(axis=-1)
        return near

    def statics(self) -> dict[str, Array]:
        """What stays the same, for the pictures; of a large set, only the first patterns."""
        rows = max(1, min(len(self.x), 20_000 // self.data.n_inputs))
        return {"data/x": np.array(self.x[:rows]), "data/t": np.array(self.t[:rows])}


def first_weights(config: Mapping[str, Any], data: Dataset, k: int, streams: Streams, start: Layers | None) -> Net:
    """A net with the first weights: drawn layer by layer, W before b, or taken from an earlier run."""
    hidden = config["hidden"] or [config["units"]] * config["layers"]
    sizes = [data.n_inputs, *hidden, k]
    direct = config["direct"] and len(sizes) > 2
    if config["code"] > len(hidden):
        raise BadInput(
            f"code = {config['code']}, but there are {len(hidden)} hidden layers", key="code",
            why="the code is the hidden layer of this number, counted from the inputs",
            remedy="Write the number of the narrowest hidden layer, or 0 for none",
        )  # fmt: skip
    net = Net([], [], config["unit"], config["output"], config["loss"], direct, code=config["code"])
    how, s, rng = config["init"], config["init_scale"], streams["init"]
    if how == "fitting":
        how, s = "glorot", s / STEEPEST[config["unit"]]
    for layer in range(len(sizes) - 1):
        n_in = sizes[layer] + (sizes[0] if direct and layer == len(sizes) - 2 else 0)
        shape = (n_in, sizes[layer + 1])
        net.mask.append(_blocks(config["blocks"], shape) if layer == 0 and config["blocks"] else None)
        net.W.append(_draw(how, s, shape, shape, rng))
        match config["bias_init"]:
            case "zero":
                b = np.zeros(shape[1])
            case "normal":
                b = config["bias_scale"] * rng.standard_normal(shape[1])
            case _:
                b = _draw(how, s, (shape[1],), shape, rng)
        net.b.append(b)
        mask = net.mask[-1]
        if mask is not None:
            net.W[-1] *= mask
    for layer, given in enumerate(start or (), start.into if start is not None else 0):
        if layer >= net.depth or given.W.shape != net.W[layer].shape:
            here = net.W[layer].shape if layer < net.depth else "none"
            raise BadInput(f"layer {layer} of this net has weights {here}, the run it starts from {given.W.shape}")
        net.W[layer], net.b[layer] = np.array(given.W, dtype=np.float64), np.array(given.b, dtype=np.float64)
    return net


def _check_copying(config: Mapping[str, Any], x: Array) -> None:
    low, high = float(x.min()), float(x.max())
    if config["output"] != "linear" and (low < 0.0 or high > 1.0):
        raise BadInput(
            f"the inputs go from {low:.3g} to {high:.3g}, and the net is to put them out again", key="wanted",
            why=f"{config['output']} units put out 0 to 1",
            remedy='For digits8 write scaling = "unit", or take output = "linear"',
        )  # fmt: skip


def _draw(how: str, s: float, shape: tuple[int, ...], fans: tuple[int, int], rng: np.random.Generator) -> Array:
    n_in, n_out = fans
    match how:
        case "normal":
            drawn = s * rng.standard_normal(shape)
        case "fan_uniform":
            drawn = s / np.sqrt(n_in) * rng.uniform(-1.0, 1.0, shape)
        case "fan_normal":
            drawn = s / np.sqrt(n_in) * rng.standard_normal(shape)
        case "glorot":
            drawn = s * np.sqrt(6.0 / (n_in + n_out)) * rng.uniform(-1.0, 1.0, shape)
        case "constant":
            drawn = np.full(shape, s)
        case _:
            drawn = s * rng.uniform(-1.0, 1.0, shape)
    return drawn


def _blocks(sizes: list[int], shape: tuple[int, int]) -> Array:
    """Which inputs reach which units of the first layer: pairs of (inputs, units), block by block."""
    pairs = list(zip(sizes[::2], sizes[1::2], strict=False))
    if len(sizes) % 2 or (sum(i for i, _ in pairs), sum(u for _, u in pairs)) != shape:
        raise BadInput(
            f"blocks = {sizes} does not cut {shape[0]} inputs and {shape[1]} units", key="blocks",
            remedy="Write inputs and units of each block in turn, as in [24, 6, 12, 6]",
        )  # fmt: skip
    mask = np.zeros(shape)
    row = column = 0
    for inputs, units in pairs:
        mask[row : row + inputs, column : column + units] = 1.0
        row, column = row + inputs, column + units
    return mask
