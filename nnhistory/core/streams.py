"""Named random streams from one seed. There is no global generator anywhere."""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["STREAMS", "Streams"]

STREAMS = ("data", "init", "order", "sampling")


class Streams:
    """`streams["order"]` is this run's own generator for the order of presentation, and so on.

    Streams are keyed by (seed, name): two runs with one seed see the same data in the same order, whatever
    else each of them draws.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._generators: dict[str, np.random.Generator] = {}

    def __getitem__(self, name: str) -> np.random.Generator:
        if name not in STREAMS:
            raise KeyError(f"no random stream {name!r}: there are {', '.join(STREAMS)}")
        if name not in self._generators:
            self._generators[name] = self._fresh(name)
        return self._generators[name]

    def _fresh(self, name: str) -> np.random.Generator:
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, zlib.crc32(name.encode())])))

    def fingerprint(self) -> str:
        """Eight hex digits of what the streams would draw first (the streams themselves are not moved)."""
        draws = b"".join(self._fresh(name).standard_normal(4).tobytes() for name in STREAMS)
        return f"{zlib.crc32(draws):08x}"
