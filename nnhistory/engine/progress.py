"""What the user has seen, remembered from visit to visit. Losing it never stops the start."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Progress", "default_file"]

_FORMAT = 1


def default_file() -> Path:
    """Where progress is kept: the user's own state folder."""
    import platformdirs

    return Path(platformdirs.user_state_dir("nnhistory", appauthor=False)) / "progress.json"


@dataclass
class Progress:
    """Lessons seen to their end, lessons whose wager was settled, and where the user was last.

    `note` says why nothing is remembered, if that is so. A file that is not ours (damaged, or of another version) is
    kept beside the new one.
    """

    file: Path | None = None
    last: str = ""
    seen: set[str] = field(default_factory=set)
    understood: set[str] = field(default_factory=set)
    note: str = ""
    foreign: bool = False

    @classmethod
    def load(cls, file: Path | None = None) -> Progress:
        """What was remembered; nothing, if there is nothing or it cannot be read."""
        progress = cls(file if file is not None else default_file())
        assert progress.file is not None
        try:
            stored = json.loads(progress.file.read_text(encoding="utf-8"))
            if stored["format"] != _FORMAT:
                raise ValueError("another format")
            seen, understood = ({str(name) for name in stored[key]} for key in ("seen", "understood"))
            progress.last, progress.seen, progress.understood = str(stored["last"]), seen, understood
        except FileNotFoundError:
            pass
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            progress.foreign = True
            progress.note = f"what you did before could not be read: {progress.file}. It starts afresh"
        return progress

    @property
    def first_visit(self) -> bool:
        """Nothing is remembered."""
        return not self.last

    def at(self, scenario: str) -> None:
        """The user is at this lesson now."""
        if scenario != self.last:
            self.last = scenario
            self.save()

    def saw(self, scenario: str) -> None:
        """This lesson was played to its end."""
        if scenario not in self.seen:
            self.seen.add(scenario)
            self.save()

    def understood_break(self, scenario: str) -> None:
        """The wager of this lesson was made and settled."""
        if scenario not in self.understood:
            self.understood.add(scenario)
            self.save()

    def forget(self) -> None:
        """Back to the first visit."""
        self.last, self.seen, self.understood = "", set(), set()
        if self.file is not None:
            with contextlib.suppress(OSError):
                self.file.unlink(missing_ok=True)

    def save(self) -> None:
        """Write it down, all or nothing. A place that cannot be written to is noted, not an error."""
        if self.file is None:
            return
        stored = {
            "format": _FORMAT, "last": self.last, "seen": sorted(self.seen), "understood": sorted(self.understood),
        }  # fmt: skip
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            if self.foreign and self.file.is_file():
                self.file.replace(self.file.with_suffix(".unread"))
            self.foreign = False
            draft = self.file.with_suffix(f".{os.getpid()}.tmp")
            draft.write_text(json.dumps(stored, indent=1), encoding="utf-8")
            draft.replace(self.file)
        except OSError as error:
            self.note = f"your progress is not kept: {self.file.parent} cannot be written ({error.strerror})"
