"""What a manifest says of a metric."""

from __future__ import annotations

from nnhistory.engine.registry import Registry


def test_a_layers_metric_is_explained_as_that_of_all_layers() -> None:
    era = Registry().manifest("deep_2010")
    layer = era.explained("act_sd/3")
    assert layer is not None
    assert layer is era.metrics["act_sd/*"]
    assert era.explained("test_accuracy") is era.metrics["test_accuracy"]
    assert era.explained("act_sd") is None
