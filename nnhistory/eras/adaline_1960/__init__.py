"""1960: Widrow and Hoff's ADALINE. The error, measured before the step, has a slope. It breaks at AND of four."""
