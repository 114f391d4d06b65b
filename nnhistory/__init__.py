"""A playable history of how neural networks learn, 1957 to 2015.

One thread for BLAS, wherever a run is driven: two threads sum in another order and give other bits, and
small nets run many times faster on one thread when both cores are busy. The libraries read these variables
once, when NumPy is first imported, so they are set here, before anything of this package can import it.
"""

import os as _os

__version__ = "0.1.0"
__all__ = ["__version__"]

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    _os.environ[_name] = "1"
del _name
