"""Data: logic tables, planar sets, patterns, digits, own files. `catalogue` needs no NumPy, `load` does."""
