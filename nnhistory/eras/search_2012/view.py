"""What there is to see of searches: where they look, what they find, what mattered."""

from __future__ import annotations

from nnhistory.core.moment import Frame
from nnhistory.core.recording import Recording
from nnhistory.core.scene import Mark, Scene, Size
from nnhistory.eras.search_2012 import pictures

__all__ = ["scene", "thumbnail"]


def scene(frame: Frame, recording: Recording, size: Size, ghost: Recording | None = None) -> Scene:
    """The scene of one frame. A ghost is not drawn: other draws are no other future."""
    panels = [pictures.search(frame, recording), pictures.best(frame, recording)]
    if recording.header.config["axes"] > 1:
        panels.append(pictures.matters(frame, recording))
    panels.append(pictures.standing(frame, recording))
    if recording.header.config["objective"] == "digits":
        panels.append(pictures.trials(frame, recording))
    return Scene("Random search", tuple(panels), panels[0].sentence)


def thumbnail(frame: Frame, recording: Recording) -> Mark:
    """The random trials on their first two axes, dark where they are good."""
    return pictures.profile(frame.arrays["state/random"].astype(float))
