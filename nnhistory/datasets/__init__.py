"""Data: logic tables, planar sets, patterns, digits, own files.

`catalogue`, `fetch` and `locate` need no NumPy; `dataset` and `load` do.
"""
