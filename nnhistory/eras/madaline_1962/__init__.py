"""1962: MADALINE. Step units in layers, no gradient. Where it breaks: a step has no slope to follow."""
