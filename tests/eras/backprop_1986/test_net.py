"""The derivatives: against torch, and against central differences that are shown to be able to fail."""

from __future__ import annotations

import numpy as np
import pytest

from nnhistory.core.moment import Array
from nnhistory.eras.backprop_1986.net import Net, activate, forward, slope
from tests.eras.backprop_1986.helpers import error, gradient, random_net

NETS = range(40)


def torch_gradient(net: Net, x: Array, d: Array, mean: bool) -> list[Array]:
    """The same net written for torch, and torch's own derivatives of all W and b."""
    torch = pytest.importorskip("torch")
    functions = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "linear": lambda s: s}
    functions["softmax"] = lambda s: torch.softmax(s, 1)
    W = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in net.W]
    b = [torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in net.b]
    inputs, wanted = torch.tensor(x), torch.tensor(d)
    y = inputs
    for layer in range(len(W)):
        final = layer == len(W) - 1
        if net.direct and final:
            y = torch.cat([y, inputs], dim=1)
        s = y @ W[layer] + b[layer]
        y = (
            torch.softmax(s, 1)
            if final and net.output == "softmax"
            else functions[net.output if final else net.unit](s)
        )
    if net.loss == "squared":
        E = 0.5 * ((y - wanted) ** 2).sum(1)
    elif net.output == "softmax":
        E = -(wanted * torch.log(y)).sum(1)
    else:
        E = torch.nn.functional.binary_cross_entropy_with_logits(s, wanted, reduction="none").sum(1)
    (E.mean() if mean else E.sum()).backward()
    return [t.grad.numpy() for pair in zip(W, b, strict=True) for t in pair]


@pytest.mark.parametrize("seed", NETS)
def test_torch_finds_the_same_derivatives(seed: int) -> None:
    # B10.
    net, x, d, mean = random_net(seed)
    p = gradient(net, x, d, mean)
    ours = [array for pair in zip(p.grad, p.grad_b, strict=True) for array in pair]
    for mine, theirs in zip(ours, torch_gradient(net, x, d, mean), strict=True):
        assert np.abs(mine - theirs).max() <= 1e-12 * max(1.0, float(np.abs(theirs).max()))


def worst_difference(net: Net, x: Array, d: Array, mean: bool, step: float, flip: bool = False) -> float:
    """The largest difference between backpropagation and central differences, over the largest derivative."""
    p = gradient(net, x, d, mean)
    if flip:
        layer = len(p.grad) - 1
        place = np.unravel_index(int(np.abs(p.grad[layer]).argmax()), p.grad[layer].shape)
        p.grad[layer][place] *= -1
    worst, largest = 0.0, 0.0
    for weights, slopes in zip([*net.W, *net.b], [*p.grad, *p.grad_b], strict=True):
        for place in np.ndindex(weights.shape):
            old = weights[place]
            weights[place] = old + step
            above = error(net, x, d, mean)
            weights[place] = old - step
            below = error(net, x, d, mean)
            weights[place] = old
            worst = max(worst, abs((above - below) / (2 * step) - slopes[place]))
            largest = max(largest, abs(slopes[place]))
    return worst / max(largest, 1e-12)


@pytest.mark.parametrize("seed", NETS)
def test_central_differences_agree(seed: int) -> None:
    assert worst_difference(*random_net(seed), step=1e-5) < 1e-6


def test_a_coarse_step_fails_the_check() -> None:
    # A check that accepts everything is none. A net of linear units under squared error has no third derivative of its
    # own in the last layer only, so a coarse step is not wrong for each of them: it must be for nearly all.
    failed = [worst_difference(*random_net(seed), step=0.5) >= 1e-6 for seed in NETS]
    assert sum(failed) >= 36


def test_one_flipped_sign_fails_the_check() -> None:
    # A softmax of one output is always 1: there every derivative is 0, and no sign can be wrong.
    nets = [random_net(seed) for seed in NETS]
    sloped = [net for net in nets if max(np.abs(g).max() for g in gradient(*net).grad) > 1e-9]
    assert len(sloped) >= 36
    assert all(worst_difference(*net, step=1e-5, flip=True) > 0.1 for net in sloped)


def test_direct_links_reach_the_output_and_only_it() -> None:
    net = Net([np.zeros((2, 3)), np.zeros((5, 1))], [np.zeros(3), np.zeros(1)], direct=True)
    net.W[1][3:, 0] = [2.0, -1.0]  # the last two rows are the inputs'
    assert forward(net, np.array([[1.0, 3.0]])).pre[1].item() == -1.0
    p = gradient(net, np.array([[1.0, 3.0]]), np.array([[1.0]]), False)
    y = 1 / (1 + np.e)
    assert np.allclose(p.grad[1][3:, 0], (y - 1) * y * (1 - y) * np.array([1.0, 3.0]), rtol=1e-12)


def test_the_sigmoid_and_its_slope() -> None:
    # D01: sigma'(0) = 1/4, sigma'(10) = 4.54e-5; tanh'(10) = 8.24e-9.
    x = np.array([0.0, 10.0, -800.0, 800.0])
    y = activate("sigmoid", x)
    assert np.isfinite(y).all()
    assert np.allclose(slope("sigmoid", y)[:2], [0.25, 4.5395807735951673e-05], rtol=1e-9)
    assert np.isclose(slope("tanh", activate("tanh", np.array([10.0])))[0], 8.2446e-9, rtol=1e-3)


def test_a_softmax_of_large_sums_is_finite() -> None:
    y = activate("softmax", np.array([[1000.0, 0.0, -1000.0]]))
    assert y.tolist() == [[1.0, 0.0, 0.0]]
