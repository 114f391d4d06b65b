"""Numbers and names of numbers, as they are shown."""

from __future__ import annotations

import pytest

from nnhistory.core.numbers import in_words


@pytest.mark.parametrize(
    ("metric", "said"),
    [
        ("test_loss", "test loss"),
        ("act_sd/9", "act sd, layer 10"),
        ("rule_accuracy/sgd", "rule accuracy, sgd"),
        ("", ""),
    ],
)
def test_a_metric_in_words_counts_layers_from_one(metric: str, said: str) -> None:
    assert in_words(metric) == said
