"""A device that is none: tensors in main memory that refuse what tensors on a GPU refuse.

Mixing them with tensors of the CPU, reading them as NumPy arrays without `.cpu()`, a random generator of another
device: on a GPU each of these is an error, on a CPU none is noticed. What runs here through keeps them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch.overrides import TorchFunctionMode
from torch.utils import _pytree as pytree

__all__ = ["NAME", "Elsewhere", "elsewhere"]

NAME = "xla"
"""A name that torch knows and that needs nothing installed to be named."""
_DEVICE = torch.device(NAME)
_HOME = {torch.Tensor.cpu, torch.Tensor.item, torch.Tensor.tolist, torch.Tensor.__float__, torch.Tensor.__int__,
         torch.Tensor.__bool__, torch.Tensor.__index__}  # fmt: skip
"""What brings numbers back."""
_REFUSED = {torch.Tensor.numpy, torch.Tensor.__array__}
_ACROSS = {torch.Tensor.copy_, torch.Tensor.__setitem__, torch.Tensor.__getitem__}
"""What may have a part on the CPU: a source, the numbers of rows."""


class Elsewhere(torch.Tensor):
    """A tensor on that device."""

    double = True
    """Can the device compute in double precision? Not every one can."""

    @classmethod
    def __torch_function__(
        cls, func: Callable[..., Any], types: Iterable[type], args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        if func == torch.Tensor.device.__get__:  # type: ignore[attr-defined]
            return _DEVICE
        if func in _REFUSED and not kwargs.get("force"):
            raise TypeError(f"can't convert {NAME} device type tensor to numpy: use .cpu() first")
        there = _asked(func, args, kwargs)
        tensors = [one for one in pytree.tree_leaves((args, kwargs)) if isinstance(one, torch.Tensor)]
        plain = [one for one in tensors if not isinstance(one, Elsewhere)]
        if func not in _ACROSS and there is None and any(one.dim() > 0 for one in plain):
            raise RuntimeError(f"{func.__name__}: expected all tensors to be on the same device, found {NAME} and cpu")
        if func in _HOME or func in _REFUSED or (there is not None and there.type == "cpu"):
            with torch._C.DisableTorchFunctionSubclass():
                return _away(func, args, kwargs)
        found = super().__torch_function__(func, types, *_named_cpu(args, kwargs))
        return pytree.tree_map(_marked, found)


class _Mode(TorchFunctionMode):
    """Tensors that are made on that device, or sent there."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = dict(kwargs or {})
        there = _asked(func, args, kwargs)
        if there is None or there.type != NAME:
            return func(*args, **kwargs)
        generator = kwargs.get("generator")
        if generator is not None and not isinstance(generator, _Generator):
            raise RuntimeError(f"expected a {NAME} device type for generator but found cpu")
        found = func(*_named_cpu(args, kwargs)[0], **_named_cpu(args, kwargs)[1])
        return pytree.tree_map(_marked, found)


class _Generator(torch.Generator):
    """Of that device."""


class _AnyGenerator(torch.Generator):
    """In the place of torch's: it makes one of that device, too."""

    def __new__(cls, device: object = "cpu") -> torch.Generator:  # type: ignore[misc]
        return torch._C.Generator.__new__(_Generator if torch.device(str(device)).type == NAME else torch._C.Generator)


def _asked(func: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> torch.device | None:
    """The device that is named in a call."""
    given = (kwargs.get("device"), *(args[1:] if func is torch.Tensor.to else ()))
    return next((torch.device(one) for one in given if isinstance(one, torch.device | str)), None)


def _named_cpu(args: Any, kwargs: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The same call on the CPU."""

    def home(one: Any) -> Any:
        return torch.device("cpu") if isinstance(one, torch.device) or (isinstance(one, str) and one == NAME) else one

    return tuple(home(one) for one in args), {name: home(one) for name, one in kwargs.items()}


def _marked(one: Any) -> Any:
    if not isinstance(one, torch.Tensor):
        return one
    if not Elsewhere.double and one.dtype == torch.float64:
        raise TypeError(f"the {NAME} framework doesn't support float64")
    return one if isinstance(one, Elsewhere) else one.as_subclass(Elsewhere)  # type: ignore[arg-type]


def _away(func: Callable[..., Any], args: Any, kwargs: Mapping[str, Any]) -> Any:
    """Back in main memory: a copy, and of no other kind."""
    found = func(*args, **kwargs)
    if isinstance(found, torch.Tensor):
        return found.detach().clone().as_subclass(torch.Tensor)
    return found.copy() if isinstance(found, np.ndarray) else found


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The name of the device, while it is there."""
    monkeypatch.setattr(torch, "Generator", _AnyGenerator)
    with _Mode():
        yield NAME
