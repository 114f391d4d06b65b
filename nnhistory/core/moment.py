"""One simulated instant: live (`Moment`, owned by the era) and frozen (`Frame`, owned by nobody)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from nnhistory.core.events import Event

__all__ = ["PHASES", "STEP_ENDS", "Array", "Frame", "Instant", "Moment", "Offer", "Phase", "freeze"]

Array = NDArray[Any]
Offer = Array | Callable[[], Array]
Phase = Literal["present", "forward", "backward", "update", "eval", "done"]

PHASES: tuple[Phase, ...] = ("present", "forward", "backward", "update", "eval", "done")
"""In the order in which they occur inside one step."""

STEP_ENDS = frozenset({"update", "eval", "done"})
"""Phases after which a step is complete: live knobs take effect here."""


_FLOAT32 = np.dtype(np.float32)


class Moment(msgspec.Struct, frozen=True, gc=False):
    """What an era yields where there is something to see.

    Attributes
    ----------
    step : steps begun so far (0 before the first).
    phase : one of `PHASES`.
    scalars : numbers known at this instant; names as declared in the era's manifest.
    arrays : offered, not copied: live arrays (copied by whoever wants them, at once) or functions that
        compute one. Conventional names: `weights/l bias/l pre/l act/l grad/l delta/l input target`;
        `data/...` is what stays the same (offered once, and again only when it changes); `out/...` is for other
        runs to feed on, and is in no frame.
    events : what the era itself noticed, as (kind, evidence) pairs.
    """

    step: int
    phase: str
    scalars: Mapping[str, float]
    arrays: Mapping[str, Offer] = {}
    events: tuple[tuple[str, dict[str, Any]], ...] = ()

    def array(self, name: str) -> Array:
        """The live array `name` (not a copy). KeyError if the era does not offer it now."""
        offer = self.arrays[name]
        return offer() if callable(offer) else offer


class Instant(msgspec.Struct, frozen=True, gc=False):
    """One instant of several runs beside each other that tells nothing but numbers: cheaper than a moment of each.

    Attributes
    ----------
    step, phase : as in a moment, the same for all.
    runs : which runs these are. The other attributes follow their order.
    scalars : by name, a number for each run (not changed later), or one float for all.
    arrays : what the moment of each run offers.
    """

    step: int
    phase: str
    runs: Sequence[int]
    scalars: Mapping[str, float | Array]
    arrays: Sequence[Mapping[str, Offer]]

    def of(self, place: int) -> Moment:
        """The moment of the run at this place in `runs`."""
        scalars = {
            name: value if isinstance(value, float) else float(value[place]) for name, value in self.scalars.items()
        }
        return Moment(self.step, self.phase, scalars, self.arrays[place])

    def moments(self) -> list[Moment]:
        """The moments of all of them."""
        count = len(self.runs)
        columns = [[one] * count if isinstance(one, float) else one.tolist() for one in self.scalars.values()]
        rows = zip(*columns, strict=True) if columns else [()] * count
        return [
            Moment(self.step, self.phase, dict(zip(self.scalars, row, strict=True)), arrays)
            for row, arrays in zip(rows, self.arrays, strict=True)
        ]


class Frame(msgspec.Struct, frozen=True):
    """A moment, frozen: read-only values, enough to draw from without the model.

    Attributes
    ----------
    tick : the moment's number in the run, from 0. Frames are ordered by it.
    step, phase, scalars : as in the moment.
    events : events seen in this moment, by the era or by a detector.
    arrays : read-only copies; floating-point ones in float32 (kept for drawing).
    kept : False for a frame of the rolling tail, which is not saved.
    """

    tick: int
    step: int
    phase: str
    scalars: dict[str, float]
    arrays: dict[str, Array]
    events: tuple[Event, ...] = ()
    kept: bool = True

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays.values()) + self.head_bytes

    @property
    def head_bytes(self) -> int:
        """What a frame takes without its arrays, roughly."""
        return 64 * (len(self.scalars) + 4)


def freeze(
    tick: int,
    moment: Moment,
    events: Iterable[Event] = (),
    *,
    kept: bool = True,
) -> Frame:
    """Copy a moment into a frame."""
    arrays: dict[str, Array] = {}
    with np.errstate(over="ignore"):  # what float32 cannot hold becomes infinite, and that is noticed as an event
        for name, offer in moment.arrays.items():
            if name[:4] == "out/":
                continue
            live = offer() if callable(offer) else offer
            kind = live.dtype
            copy = live.astype(_FLOAT32 if kind.kind == "f" else kind, "C")
            copy.setflags(write=False)
            arrays[name] = copy
    return Frame(tick, moment.step, moment.phase, dict(moment.scalars), arrays, tuple(events), kept)
