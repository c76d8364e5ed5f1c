"""One song of a batch: its options, state and results."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .options import Options
from .songs import Song

DONE, SKIPPED, FAILED, STOPPED, WAITING = "done", "skipped", "failed", "stopped", "waiting"


@dataclass
class Job:
    """A song, its options, its state and its figures."""

    song: Song
    options: Options
    state: str = WAITING
    reason: str = ""
    seconds: float = 0.0
    """From its first part's start to its last one's end."""
    frames: tuple[int, int] = (0, 0)
    """Done so far, kept ones counted, and all."""
    kept: int = 0
    """Frames that an earlier, stopped batch had made."""
    changes: int = 0
    """How often a file that it is made from was replaced meanwhile."""
    expected: int | None = None
    """Frames by the song's length, before the render tells."""
    sources: dict[str, Any] = field(default_factory=dict)
    parts: list[dict[str, Any]] = field(default_factory=list)
    """What was run: part, seconds and log of each."""

    @property
    def fraction(self) -> float:
        """How far it is, 0..1."""
        if self.state in (DONE, SKIPPED, FAILED):
            return 1.0
        return self.frames[0] / self.frames[1] if self.frames[1] else 0.0

    def begin_again(self) -> None:
        """Forget what was made: a file that it is made from has changed."""
        self.changes += 1
        self.state, self.frames, self.kept = WAITING, (0, 0), 0
        self.sources = {}

    def suffixes(self) -> list[str]:
        """Of its outputs; the video comes last, since it is what people wait for.

        A transparent one is a folder of pictures: an .mp4 has no alpha.
        """
        last = ".frames" if self.options.get("transparent") else ".mp4"
        return [*([".blend"] if self.options.get("save-blend") else []), last]

    def made(self, work: Path) -> list[Path]:
        """Where the render leaves them in a work folder, in the same order."""
        # The render knows a folder by its name, which has no ending.
        return [work / f"video{'' if s == '.frames' else s}" for s in self.suffixes()]
