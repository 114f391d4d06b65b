"""Numbers and names of numbers, as they are shown."""

from __future__ import annotations

import pytest

from nnhistory.core.numbers import in_words
from nnhistory.engine.registry import Registry


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("test_loss", "test loss"),
        ("train_error_mean", "training error mean"),
        ("mse", "mean square error"),
        ("ll_drop", "log-likelihood drop"),
        ("act_sd/9", "activation spread, layer 10"),
        ("rule_accuracy/sgd", "rule accuracy, sgd"),
        ("", ""),
    ],
)
def test_a_metric_in_words_counts_layers_from_one(metric: str, said: str) -> None:
    assert in_words(metric) == said


def test_no_metric_of_an_era_is_told_in_abbreviations() -> None:
    registry = Registry()
    said = {
        word for era in registry.ids() for name in registry.manifest(era).metrics for word in in_words(name).split()
    }
    assert not said & {"train", "act", "grad", "rms", "recon", "mse", "ll", "sd", "snr", "ais", "pca"}
