"""What is measured now and then, without learning from it: likelihood, free energy, reconstruction, fantasies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nnhistory.core.moment import Array
from nnhistory.eras.rbm_2006 import ais, exact
from nnhistory.eras.rbm_2006.machine import Machine, sample
from nnhistory.eras.rbm_2006.task import Task

__all__ = ["FELL", "Measure", "numpy"]

_PROBE = 500
"""Rows on which free energy and reconstruction are measured: the first ones, always the same."""
_ROW = 10
"""Pictures in a row: data, reconstructions, fantasies."""
FELL = 0.3
"""Nats by which the mean log-likelihood must lie below its peak before it is said to have fallen."""


def numpy(tensor: Tensor) -> Array:
    return np.asarray(tensor.detach().cpu().numpy())


class Measure:
    """Looks at a machine without changing it. It draws from a generator of its own: looking changes nothing."""

    def __init__(self, config: Mapping[str, Any], task: Task, machine: Machine, rng: torch.Generator) -> None:
        self.config, self.task, self.machine, self.rng = config, task, machine, rng
        self.train = machine.W.new_tensor(task.x[:_PROBE])
        self.test = machine.W.new_tensor(task.test_x[:_PROBE])
        self.whole = machine.W.new_tensor(task.x) if config["exact"] else self.train
        d = machine.sizes[0]
        self.fantasy = sample(torch.full((_ROW, d), 0.5, dtype=machine.W.dtype, device=machine.W.device), rng)
        self.base = ais.base_biases(machine.W.new_tensor(task.x)) if config["ais"] else None
        self.best = task.best() if config["exact"] else 0.0
        self.peak: tuple[float, int, float] | None = None
        self.told = False

    def everything(self, live: dict[str, Any], step: int) -> tuple[dict[str, float], list[tuple[str, dict[str, Any]]]]:
        """The numbers, and the event `likelihood_falls` if it has just come true; `live` gets the rows of pictures."""
        machine, config = self.machine, self.config
        mean_field = machine.reconstruct(self.train)
        found = {
            "recon_error": float(((self.train - mean_field) ** 2).mean()),
            "free_energy": float(machine.free_energy(self.train).mean()),
            "weight_rms": float(machine.W.square().mean().sqrt()),
            "hidden_mean": float(machine.hidden(self.train).mean()),
        }
        if len(self.test):
            found["recon_test"] = float(((self.test - machine.reconstruct(self.test)) ** 2).mean())
            found["free_energy_test"] = float(machine.free_energy(self.test).mean())
            found["free_energy_gap"] = found["free_energy_test"] - found["free_energy"]
        events: list[tuple[str, dict[str, Any]]] = []
        if config["exact"]:
            z = exact.log_z(machine)
            value = exact.log_likelihood(machine, self.whole, z)
            found |= {"log_z": z, "log_likelihood": value, "best_possible": self.best}
            found |= self._follow(value, found["recon_error"], step, events)
        if config["check"]:
            found |= self._check()
        if self.base is not None:
            found |= self._ais(found)
        self._rows(live, mean_field)
        return found, events

    def _follow(
        self, value: float, error: float, step: int, events: list[tuple[str, dict[str, Any]]]
    ) -> dict[str, float]:
        """The peak so far, how far below it we are, and what the reconstruction error did meanwhile."""
        if self.peak is None or value > self.peak[0]:
            self.peak = (value, step, error)
        peak, at, error_then = self.peak
        if peak - value > FELL and not self.told:
            self.told = True
            evidence = {
                "peak": peak, "peak_step": at, "now": value, "drop": peak - value, "recon_peak": error_then,
                "recon_now": error,
            }  # fmt: skip
            events.append(("likelihood_falls", evidence))
        return {
            "peak_likelihood": peak, "peak_step": float(at), "ll_drop": peak - value,
            "recon_share": error / error_then if error_then else 1.0,
        }  # fmt: skip

    def _check(self) -> dict[str, float]:
        """Z summed both ways, and the exact gradient beside finite differences."""
        machine = self.machine
        both = exact.log_z(machine, "visible"), exact.log_z(machine, "hidden")
        slopes = exact.gradient(machine, self.whole)
        measured = exact.finite_differences(machine, self.whole)
        off = max(float((a - b).abs().max()) for a, b in zip(slopes, measured, strict=True))
        return {"log_z_difference": abs(both[0] - both[1]), "gradient_difference": off}

    def _ais(self, found: dict[str, float]) -> dict[str, float]:
        assert self.base is not None
        z, error = ais.log_z(self.machine, self.base, self.config["ais"], self.config["ais_chains"], self.rng)
        numbers = {"ais_log_z": z, "ais_error": error, "ais_likelihood": -found["free_energy"] - z}
        if "free_energy_test" in found:
            numbers["ais_test"] = -found["free_energy_test"] - z
        if "log_z" in found:
            numbers["ais_off"] = z - found["log_z"]
        return numbers

    def _rows(self, live: dict[str, Any], mean_field: Tensor) -> None:
        """Ten pictures, their reconstructions, and ten of the machine's own, which go on from count to count."""
        self.fantasy = self.machine.gibbs(self.fantasy, self.config["fantasy_sweeps"], self.rng)
        some = torch.linspace(0, len(self.train) - 1, min(_ROW, len(self.train))).long()
        live["state/seen"], live["state/again"] = numpy(self.train[some]), numpy(mean_field[some])
        live["state/fantasy"] = numpy(self.machine.reconstruct(self.fantasy))
