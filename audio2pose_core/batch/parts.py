"""How a song's render is cut: in one go, or motion, chunks of frames and their join.

Each part is one run of the render command in the song's work folder, which keeps what
is finished: a part that is started again makes only what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..audio.load import song_seconds
from ..errors import DataError, OutputError
from ..files import missing_frames
from ..json_fields import Fields
from ..json_file import read_json
from .options import Options, as_words
from .songs import Song

DEFAULT_FPS = 30.0
MOST_FRAMES = 10_000_000


@dataclass(frozen=True)
class Part:
    """What one run of the render command does; ``frames``, both included, of a chunk."""

    name: str
    frames: tuple[int, int] | None = None

    @property
    def is_chunk(self) -> bool:
        """Whether it may run beside others of the same song."""
        return self.frames is not None

    def words(self, song: Path, work: Path, options: Options) -> list[str]:
        """The options of the render for this part; its outputs lie where ``Job.made`` says."""
        video = "video" if options.get("transparent") else "video.mp4"
        words = [
            # Blender changes folders now and then: the paths are whole.
            *("--audio", str(song.resolve())),
            *("--output", str((work / video).resolve())),
            *("--work", str(work.resolve())),
        ]
        if self is not WHOLE:
            words += ["--part", self.name]
        if options.get("save-blend") and self in (WHOLE, MOTION):
            words += ["--save-blend", str((work / "video.blend").resolve())]
        return [*words, *as_words(options)]


WHOLE, MOTION, JOIN = Part("whole"), Part("motion"), Part("join")


def cut(runs: Iterable[tuple[int, int]], size: int) -> list[Part]:
    """Chunks of at most ``size`` frames that cover the runs of frames, in their order."""
    return [
        Part(f"{begin}-{min(begin + size - 1, last)}", (begin, min(begin + size - 1, last)))
        for first, last in runs
        for begin in range(first, last + 1, size)
    ]


def expected_frames(song: Song, options: Options) -> int | None:
    """How many frames the video will have at most; None where the song's length cannot be read.

    A bound, since a motion file or a duration may end it earlier.
    """
    seconds = song_seconds(song.path)
    if seconds is None:
        return None
    try:
        seconds = min(seconds, float(options.get("duration", seconds)))
        fps = float(options.get("fps", DEFAULT_FPS))
    except ValueError:
        # The render itself refuses such a number.
        return None
    return max(1, round(seconds * fps))


def dance_frames(work: Path) -> tuple[int, int]:
    """First and last frame of the video, as the render noted them with the motion."""
    path = work / "dance.json"
    try:
        facts = Fields(read_json(path), str(path))
        first = int(facts.number("first", 1, MOST_FRAMES, whole=True))
        return first, int(facts.number("last", first, MOST_FRAMES, whole=True))
    except DataError as error:
        raise OutputError(f"{path}: the render has not noted the frames: {error}") from error


def missing_chunks(work: Path, size: int) -> list[Part]:
    """The chunks of what is not rendered yet."""
    return cut(missing_frames(work / "frames", *dance_frames(work)), size)
