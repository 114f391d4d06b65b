"""What every era on torch asks before it computes: is the device there, what can it do, what if its memory runs out."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import torch

from nnhistory.core.errors import BadInput

__all__ = ["devices", "memory_said", "place_of"]


def devices() -> list[str]:
    """What this machine can compute on."""
    found = ["cpu"]
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return found


def place_of(device: str, kind: torch.dtype, single: str) -> torch.device:
    """The device, for numbers of this kind. BadInput if it is not there, or cannot compute with them.

    single : what the era's knob `precision` calls single precision.
    """
    if device not in devices():
        raise BadInput(
            f"there is no {device} device here", key=f"--device {device}",
            why=f"torch {torch.__version__} finds {' and '.join(devices())}",
            remedy="Leave --device out, or write --device cpu",
        )  # fmt: skip
    if device == "mps" and kind == torch.float64:
        raise BadInput(
            "mps has no double precision", key="precision",
            remedy=f'Write precision = "{single}", or use --device cpu',
        )  # fmt: skip
    if device != "cpu":
        _repeatably()
    return torch.device(device)


def _repeatably() -> None:
    """The same sums in the same order every time, where torch can do that; where it cannot, it goes on all the same."""
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")  # read when the first product is computed there
    torch.backends.cudnn.benchmark = False
    warnings.filterwarnings("ignore", message=".*does not have a deterministic implementation")
    torch.use_deterministic_algorithms(True, warn_only=True)


@contextmanager
def memory_said(device: str, remedy: str) -> Iterator[None]:
    """Turns an out-of-memory error, from wherever it comes, into one that says what to do."""
    try:
        yield
    except (MemoryError, RuntimeError) as error:
        text = str(error)
        if isinstance(error, MemoryError) or "out of memory" in text or "can't allocate memory" in text:
            raise BadInput(
                f"the memory of {device} is used up", key=f"--device {device}", why=text.split(".")[0], remedy=remedy
            ) from None
        raise
