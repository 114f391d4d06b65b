"""Shared by all tests. Importing nnhistory first pins BLAS to one thread before NumPy is loaded."""

import nnhistory

assert nnhistory.__version__
