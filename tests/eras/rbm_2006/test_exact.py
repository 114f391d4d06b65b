"""Sums over every state: ln Z by either layer, the gradient against finite differences, and checks that can fail."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from nnhistory.core.errors import BadInput
from nnhistory.datasets.made_2006 import bars_and_stripes, three_pixels
from nnhistory.eras.rbm_2006 import ais, exact
from nnhistory.eras.rbm_2006.machine import Machine
from tests.eras.rbm_2006.helpers import machine, played, rng


def brute_force(m: Machine) -> float:
    """ln of the sum of exp(-E) over both layers, term by term, in plain Python."""
    W, b, c = m.W.tolist(), m.b.tolist(), m.c.tolist()
    total = 0.0
    for v in itertools.product((0, 1), repeat=len(b)):
        for h in itertools.product((0, 1), repeat=len(c)):
            minus_e = sum(b[i] * v[i] for i in range(len(b))) + sum(c[j] * h[j] for j in range(len(c)))
            minus_e += sum(v[i] * W[i][j] * h[j] for i in range(len(b)) for j in range(len(c)))
            total += math.exp(minus_e)
    return math.log(total)


@pytest.mark.parametrize(("d", "h"), [(3, 2), (2, 4), (1, 1)])
def test_ln_z_is_the_sum_over_all_states(d: int, h: int) -> None:
    m = machine(d, h)
    assert exact.log_z(m) == pytest.approx(brute_force(m), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_either_layer_gives_the_same(seed: int) -> None:
    m = machine(8, 8, seed=seed)
    assert abs(exact.log_z(m, "visible") - exact.log_z(m, "hidden")) < 1e-10  # R02


def test_energies_and_free_energies_agree() -> None:
    m = machine(4, 3)
    v, h = exact.states(4, m.W), exact.states(3, m.W)
    every = torch.stack([-m.energy(v, one.expand(len(v), -1)) for one in h])
    torch.testing.assert_close(torch.logsumexp(every, 0), -m.free_energy(v))
    p = torch.softmax(every, 0)
    torch.testing.assert_close((p.T @ h), m.hidden(v))


@pytest.mark.parametrize(("d", "h"), [(3, 2), (3, 5), (5, 4)])
def test_the_enumerated_gradient_is_the_slope(d: int, h: int) -> None:
    m = machine(d, h)
    v = (torch.rand((6, d), generator=rng(1), dtype=torch.float64) < 0.5).double()
    for slope, measured in zip(exact.gradient(m, v), exact.finite_differences(m, v), strict=True):
        assert float((slope - measured).abs().max()) < 1e-8


def test_the_gradient_check_can_fail() -> None:
    m, v = machine(3, 2), torch.eye(3, dtype=torch.float64)
    coarse = exact.finite_differences(m, v, step=0.5)
    assert float((exact.gradient(m, v)[0] - coarse[0]).abs().max()) > 1e-4
    only_data = v.T @ m.hidden(v) / 3
    assert float((only_data - exact.finite_differences(m, v)[0]).abs().max()) > 1e-2, "without the model's side"


def test_probabilities_add_up_to_one() -> None:
    m = machine(6, 3, scale=2.0)
    v = exact.states(6, m.W)
    assert float(torch.exp(-m.free_energy(v) - exact.log_z(m)).sum()) == pytest.approx(1.0, abs=1e-12)


def test_bars_and_stripes_and_their_best_likelihood() -> None:
    # R01: 30 distinct patterns; 32 rows with doubles.
    plain, doubles = bars_and_stripes(4, False), bars_and_stripes(4, True)
    assert (len(plain.train_x), len(np.unique(plain.train_x, axis=0))) == (30, 30)
    assert (len(doubles.train_x), len(np.unique(doubles.train_x, axis=0))) == (32, 30)
    assert len(three_pixels().train_x) == 4
    one, _ = played("hidden = 2, steps = 1, exact = true", '"bars_and_stripes"')["a"]
    assert one.metrics["best_possible"].final == pytest.approx(-math.log(30), abs=1e-12)
    two, _ = played("hidden = 2, steps = 1, exact = true", '{ name = "bars_and_stripes", doubles = true }')["a"]
    assert 32 * two.metrics["best_possible"].final == pytest.approx(-108.13, abs=0.005)


def test_too_many_states_are_refused() -> None:
    with pytest.raises(BadInput, match=r"exact = true would sum over 2\^36 states"):
        played(
            "hidden = 36, steps = 1, exact = true",
            '"digits8"'.replace('"digits8"', '{ name = "digits8", scaling = "unit" }'),
        )


def test_inputs_that_are_no_probabilities_are_refused() -> None:
    with pytest.raises(BadInput, match=r'For digits8 write scaling = "unit"'):
        played("hidden = 4, steps = 1", '"digits8"')


def trained() -> Machine:
    """Bars and stripes, learned for a while: an uneven distribution."""
    _, recording = played("hidden = 12, rate = 0.1, steps = 1500, eval_every = 1500", '"bars_and_stripes"')["a"]
    arrays = recording.frames[-1].arrays
    return Machine(*(torch.tensor(arrays[name]).double() for name in ("weights/0", "bias/visible", "bias/0")))


def test_ais_against_the_exact_sum() -> None:
    m, v = trained(), torch.tensor(bars_and_stripes(4, False).train_x)
    base, z = ais.base_biases(v), exact.log_z(m)
    found = {t: [ais.log_z(m, base, t, 100, rng(seed))[0] - z for seed in range(6)] for t in (10, 1000)}
    assert abs(np.mean(found[1000])) < 0.05  # R09
    assert np.std(found[1000]) < 0.5 * np.std(found[10]), "more temperatures, less spread"


def test_ais_notices_another_machine() -> None:
    m, v = trained(), torch.tensor(bars_and_stripes(4, False).train_x)
    other = Machine(m.W * 1.1, m.b, m.c)
    assert abs(ais.log_z(other, ais.base_biases(v), 1000, 100, rng())[0] - exact.log_z(m)) > 0.5
